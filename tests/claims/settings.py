"""Numbers of the README that stand in the source: where."""

import re

from readme import ROOT

# name: (file, pattern of a line, how the number becomes the README's)
SETTINGS = {
    "libtorch-minimum": ("cmake/libtorch.sh", r"^libtorch_minimum=(\S+)", str),
    "libtorch-fetched": ("cmake/libtorch.sh", r"^libtorch_pinned=(\S+)", str),
    "arrow-minimum": ("cmake/arrow.sh", r"^arrow_minimum=(\S+)", str),
    "arrow-fetched": ("cmake/arrow.sh", r"^arrow_pinned=(\S+)", str),
    "cache-limit": ("framework/data/token_cache.h", r"default_limit = uint64_t\{(\d+)\} << 30;", str),
    "microbatch": ("framework/engine/train_options.h", r"most_tokens_per_microbatch = (\d+);", str),
    "memory-share": ("framework/engine/memory_plan.cpp", r"default_share = ([\d.]+);",
                     lambda share: f"{100 * float(share):.0f}"),
}


def in_source(name):
    """The number as the README must write it. Raises LookupError where the source has moved."""
    file, pattern, written = SETTINGS[name]
    found = re.search(pattern, (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    if not found:
        raise LookupError(f"{name}: {file} has no line like {pattern}; correct tests/claims/settings.py")
    return written(found[1])
