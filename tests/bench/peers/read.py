"""read.py FILE COLUMN TOKENIZER PROCESSES CACHE: what read_bench does, by `datasets` and `tokenizers`.

The fast tokeniser, batched, in so many processes, each with a thread (`parallel`: or all threads in one process, which
PROCESSES = 0 chooses). Python's start and imports are not counted. Prints one JSON line, as read_bench does.
"""

import json
import os
import sys
import time
from pathlib import Path

file, column, folder, processes, cache = sys.argv[1:]
os.environ["TOKENIZERS_PARALLELISM"] = "true" if int(processes) == 0 else "false"
os.environ["HF_DATASETS_CACHE"] = cache
os.environ["HF_DATASETS_OFFLINE"] = "1"

import datasets  # noqa: E402
from transformers import GPT2TokenizerFast  # noqa: E402

datasets.disable_progress_bars()
started = time.perf_counter()
# A special token typed in a text is plain text, as in ours.
tokenizer = GPT2TokenizerFast(f"{folder}/vocab.json", f"{folder}/merges.txt", model_max_length=1 << 40,
                              split_special_tokens=True)
kind = {".jsonl": "json", ".csv": "csv", ".parquet": "parquet"}[Path(file).suffix]
data = datasets.load_dataset(kind, data_files=file, split="train", cache_dir=cache)


def encode(batch):
    ids = tokenizer(batch[column], return_attention_mask=False)["input_ids"]
    return {"input_ids": ids, "length": [len(each) for each in ids]}


encoded = data.map(encode, batched=True, num_proc=int(processes) or None, remove_columns=data.column_names)
tokens = sum(encoded["length"])
seconds = time.perf_counter() - started
print(json.dumps({"seconds": seconds, "rows": len(encoded), "tokens": tokens}))
