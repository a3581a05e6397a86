"""Runs ours and the peers on a piece of work, each in a process of its own."""

import json
import os
import sys
import threading
from dataclasses import asdict, replace
from pathlib import Path

from support import environment, host

from . import machine, process
from .rows import SIZES, Generation, Work

PEERS = Path(__file__).resolve().parents[1] / "peers"
PARITY = Path(host.__file__).resolve().parents[1]
DECODE = environment.BUILD / "tests" / "bench" / "decode_bench"
# A rate at which a few steps move the loss by more than what curves may differ.
TRAIN = {"learning_rate": 1e-3, "schedule": "linear", "warmup": 1, "clip": 1.0}
LONG_TEXTS = {"count": 48, "tokens": 1024}
REVIEWS = 256
PROMPTS = {"count": 8, "tokens": 64}
DIALOGUES = environment.SHARED / "data" / "summarization" / "dialogsum.dev.jsonl"
MAX_TARGET_LENGTH = 128


def as_method_list(methods):
    return [{kind: options} for kind, options in methods]


class Contest:
    """`overrides`: KEY=VALUE of the recipes of ours."""

    def __init__(self, folder, threads, overrides=()):
        self.folder, self.threads, self.overrides = Path(folder), threads, list(overrides)
        self.tcmalloc = machine.tcmalloc()
        self.starts = {}
        self.starting = threading.Lock()
        self.texts, self.reviews = self.folder / "texts.jsonl", self.folder / "reviews.csv"
        self.prompts = []

    def prepare(self, sizes):
        """Weights of every size, texts, prompts."""
        models = [{"folder": str(self.weights(size)), "size": SIZES.get(size, size),
                   "tokenizer": "gpt2" if size in SIZES else "nano"} for size in sizes]
        for model in models:
            Path(model["folder"]).mkdir(parents=True, exist_ok=True)
        found = self.python("prepare", {"models": models, "texts": {"path": str(self.texts), **LONG_TEXTS},
                                        "reviews": {"path": str(self.reviews), "count": REVIEWS}, "prompts": PROMPTS},
                            "prepare")
        self.prompts = found["prompts"]

    def weights(self, size):
        return self.folder / ("model-" + (size if isinstance(size, str) else "-".join(map(str, size))))

    def ours(self, work, name):
        """{"steps": the lines of metrics.jsonl, "peak_bytes", "process_seconds"}, or of decoding {"seconds", "ids", …}."""
        if isinstance(work, Generation):
            return self.our_decoding(work, name)
        content = self.recipe(work, name)
        command = [host.PROGRAM, "run", host.write_recipe(content), *self.overrides]
        return self.measured(command, name, lambda _: {"steps": host.read_steps(content["output"])})

    def peer(self, peer, work, name):
        """The same of a peer."""
        if isinstance(work, Generation):
            prompts = self.prompts[:work.batch]
            return self.python(peer.script, {**asdict(work), **peer.options, "prompts": prompts,
                                             "weights": str(self.weights(work.size))}, name)
        train = {**TRAIN, "batch_size": work.batch_size}
        done = work if peer.methods is None else replace(work, methods=peer.methods)
        return self.python(peer.script, {**asdict(done), **peer.options, "weights": str(self.weights(work.size)),
                                         "data": self.data(work), "train": train, "start": str(self.start(work))}, name)

    def gemm_speeds(self, shapes, dtype, name):
        """GFLOP/s of each (rows, in, out)."""
        return self.python("gemm", {"shapes": shapes, "dtype": dtype}, name)["gflops"]

    def data(self, work):
        source = {
            "conversations": {"dataset": "openassistant", "source": str(environment.CONVERSATIONS)},
            "equal": {"dataset": "text", "source": str(self.texts)},
            "reviews": {"dataset": "labelled_text", "source": str(self.reviews)},
            "dialogues": {"dataset": "pairs", "source": str(DIALOGUES), "max_target_length": MAX_TARGET_LENGTH,
                          "columns": {"source": "dialogue", "target": "summary"}},
        }[work.texts]
        return {**source, "max_length": work.max_length}

    def recipe(self, work, name):
        content = host.recipe(self.weights(work.size), as_method_list(work.methods), self.folder / "runs" / name,
                              work.steps, self.data(work),
                              {**TRAIN, "batch_size": work.batch_size, "checkpoint_every": 0}, dtype=work.dtype)
        content["threads"] = self.threads
        content["task"] = work.task
        content["evaluate"] = {"metrics": []}
        return content

    def start(self, work):
        """A checkpoint with the tensors that every run of these methods begins with: the first step of warm-up has a
        rate of zero, so what there is after it was there before."""
        key = (work.size, repr(work.methods))
        with self.starting:
            if key not in self.starts:
                one = replace(work, batch_size=1, max_length=16, dtype="float32", steps=1, warm=0)
                name = f"start{len(self.starts)}"
                host.host("run", host.write_recipe(self.recipe(one, name)))
                self.starts[key] = self.folder / "runs" / name / "checkpoints" / "step-000001.h5"
        return self.starts[key]

    def our_decoding(self, work, name):
        prompts = self.folder / f"{name}.prompts.jsonl"
        prompts.write_text("".join(json.dumps(ids) + "\n" for ids in self.prompts[:work.batch]), encoding="utf-8")
        recipe = host.write_recipe(self.recipe(Work(work.size, dtype=work.dtype), name))
        return self.measured([DECODE, recipe, prompts, work.new_tokens, work.repeats], name, json.loads)

    def python(self, script, work, name):
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps({"threads": self.threads, "dtype": "float32", **work}), encoding="utf-8")
        command = [sys.executable, PEERS / f"{script}.py", path]
        return self.measured(command, name, lambda output: json.loads(output.splitlines()[-1]))

    def measured(self, command, name, read):
        done = process.run(command, self.child_environment(), self.folder / name)
        return {**read(done.output), "peak_bytes": done.peak_bytes, "process_seconds": done.seconds}

    def child_environment(self):
        """The same allocator and as many threads for everyone."""
        preload = {"LD_PRELOAD": self.tcmalloc} if self.tcmalloc else {}
        return {**host.environment(), **preload, "PYTHONPATH": str(PARITY), "OMP_NUM_THREADS": str(self.threads), "HF_HUB_OFFLINE": "1",
                "TOKENIZERS_PARALLELISM": "false", "TRANSFORMERS_VERBOSITY": "error"}
