#!/usr/bin/env python3
"""Reading and tokenising files: ours beside `datasets` and `tokenizers`, and beside itself on five times as much.

Real texts (OpenAssistant's, IMDb's) over and over, 100 MB as JSONL, CSV and Parquet, GPT-2's vocabulary. Each side in a
process of its own, in turn, without the process's start; both must give the same number of tokens. The peer's is the
better of two settings: a process a core, and one process with a thread a core. The second start finds the tokens in
either's cache. reading.json in the build folder's bench/. The limits are those that this project has set itself.
"""

import csv
import json
import multiprocessing
import os
import shutil
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "parity"))

from suite import machine, process  # noqa: E402
from support import environment, host  # noqa: E402

LEAST = 3.0             # times as fast
MOST_GROWTH = 1.25      # of the peak memory, where the file is several times as large
PEER = Path(__file__).resolve().parent / "peers" / "read.py"
BYTES = 1_000_000 if os.environ.get("QUICK") else 100_000_000
ROUNDS = 1 if os.environ.get("QUICK") else 3


def real_texts(data):
    with open(data / "openassistant/oasst1_en_train_texts_norole.jsonl", encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    csv.field_size_limit(1 << 30)
    with open(data / "imdb/imdb_train.csv", encoding="utf-8", newline="") as file:
        texts += [row["text"] for row in csv.DictReader(file)]
    return texts


def rows_of(texts, size):
    """Texts of so many bytes in all, each time around told apart by a number."""
    rows, taken, number = [], 0, 0
    while taken < size:
        for text in texts:
            rows.append({"id": number, "text": f"{number}. {text}"})
            taken += len(rows[-1]["text"].encode())
            number += 1
            if taken >= size:
                break
    return rows


def tokenizer_folder(shared, folder):
    """GPT-2's, under the names that both sides look for."""
    folder.mkdir()
    for name in ("vocab.json", "merges.txt"):
        shutil.copy(shared / f"gpt2_{name}", folder / name)
    return folder


def write(data, size, path):
    """A file of so many bytes of text."""
    rows = rows_of(real_texts(data), size)
    if path.suffix == ".jsonl":
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    elif path.suffix == ".csv":
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["id", "text"])
            writer.writeheader()
            writer.writerows(rows)
    else:
        import pyarrow
        import pyarrow.parquet
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path, compression="snappy")


def write_apart(data, size, path):
    """In a process of its own: the one that measures must stay small, see `process.run`."""
    child = multiprocessing.Process(target=write, args=(data, size, path))
    child.start()
    child.join()
    if child.exitcode:
        raise RuntimeError(f"{path.name} was not written")


class Reading:
    def __init__(self, folder, tokenizer, threads):
        self.folder, self.tokenizer, self.threads = folder, tokenizer, threads

    def measure(self, command, path, how, cache):
        finished = process.run([*command, path, "text", self.tokenizer, how, cache], host.environment(),
                               self.folder / "log")
        return {**json.loads(finished.output.splitlines()[-1]), "peak_bytes": finished.peak_bytes}

    def fresh_and_cached(self, command, path, how):
        cache = self.folder / "cache"
        shutil.rmtree(cache, ignore_errors=True)
        cache.mkdir()
        return [self.measure(command, path, how, cache) for _ in range(2)]

    def ours(self, path):
        return self.fresh_and_cached([environment.BUILD / "tests/bench/read_bench"], path, self.threads)

    def peers(self, path):
        both = [self.fresh_and_cached([sys.executable, PEER], path, how) for how in (self.threads, 0)]
        return min(both, key=lambda found: found[0]["seconds"])


def compare(reading, path):
    """The line of one format. Raises RuntimeError where the work was not the same."""
    ours, peers = [], []
    for _ in range(ROUNDS):
        ours.append(reading.ours(path))
        peers.append(reading.peers(path))
        if any(ours[-1][0][what] != peers[-1][0][what] for what in ("rows", "tokens")):
            raise RuntimeError(f"{path.name}: ours read {ours[-1][0]}, the peer {peers[-1][0]}")

    def median(side, start, what="seconds"):
        return statistics.median(found[start][what] for found in side)

    return {"format": path.suffix[1:], "rows": ours[0][0]["rows"], "tokens": ours[0][0]["tokens"],
            "megabytes": path.stat().st_size / 1e6,
            "ours": median(ours, 0), "peer": median(peers, 0), "ratio": median(peers, 0) / median(ours, 0),
            "ours_cached": median(ours, 1), "peer_cached": median(peers, 1),
            "ours_peak_bytes": median(ours, 0, "peak_bytes"), "peer_peak_bytes": median(peers, 0, "peak_bytes")}


def shown(line):
    verdict = "ran" if os.environ.get("QUICK") else "reached" if line["ratio"] >= LEAST else "NOT reached"
    return (f"{line['format']:8}{line['ours']:8.2f} s{line['peer']:8.2f} s{line['ratio']:7.1f} ×  ≥ {LEAST:.0f}  {verdict:12}"
            f"again:{line['ours_cached']:6.2f} s{line['peer_cached']:7.2f} s   peak:{line['ours_peak_bytes'] / 1e6:6.0f} MB"
            f"{line['peer_peak_bytes'] / 1e6:7.0f} MB")


def main():
    environment.need_shared_data()
    folder = environment.scratch()
    threads = machine.usable_processors()
    reading = Reading(folder, tokenizer_folder(environment.SHARED / "tokenizers", folder / "tokenizer"), threads)
    data = environment.SHARED / "data"
    print(f"{'':8}{'ours':>10}{'peer':>10}")
    lines = []
    for suffix in (".jsonl", ".csv", ".parquet"):
        path = folder / f"texts{suffix}"
        write_apart(data, BYTES, path)
        lines.append(compare(reading, path))
        print(shown(lines[-1]), flush=True)
    larger = folder / "larger.jsonl"
    write_apart(data, 5 * BYTES, larger)
    peak = reading.ours(larger)[0]["peak_bytes"]
    growth = peak / lines[0]["ours_peak_bytes"]
    print(f"five times as much: {peak / 1e6:.0f} MB at the most, {growth:.2f} × (≤ {MOST_GROWTH})")
    output = environment.BUILD / "bench"
    output.mkdir(parents=True, exist_ok=True)
    (output / "reading.json").write_text(json.dumps({"formats": lines, "growth": growth}, indent=1) + "\n",
                                         encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
