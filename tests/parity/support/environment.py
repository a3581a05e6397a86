"""Where things are: the build, real texts and tokenisers, and a folder for what the scripts make.

Nothing here nor in host.py imports torch before it is needed: a process that measures its children must stay small.
"""

import atexit
import functools
import os
import sys
import tempfile
import warnings
from pathlib import Path

# transformers' own, about names that it calls itself.
warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")

ROOT = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("PEFT_BUILD", ROOT / "build"))
SHARED = Path(os.environ.get("PEFT_SHARED_DATA", ROOT.parent / "shared"))
QUICK = bool(os.environ.get("QUICK"))

NANO_GPT2 = SHARED / "weights" / "nano-gpt2"
CONVERSATIONS = SHARED / "data" / "openassistant" / "oasst1_en_validation.jsonl"


def need_shared_data():
    """Ends the script as skipped where real texts and weights are absent."""
    for path in (NANO_GPT2, CONVERSATIONS):
        if not path.exists():
            print(f"nothing to compare: {path} is not there")
            sys.exit(77)


@functools.cache
def scratch():
    """A folder that is removed with the script (PEFT_PARITY_KEEP names one that is kept)."""
    kept = os.environ.get("PEFT_PARITY_KEEP")
    if kept:
        Path(kept).mkdir(parents=True, exist_ok=True)
        return Path(kept)
    folder = tempfile.TemporaryDirectory(prefix="peft-parity-")
    atexit.register(folder.cleanup)
    return Path(folder.name)
