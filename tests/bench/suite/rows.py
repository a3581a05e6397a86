"""What is measured: the work of each row, who does it, and what must be reached."""

from dataclasses import dataclass, field, replace

LORA = ("lora", {"rank": 8, "alpha": 16, "targets": ["attn.qkv"]})
PREFIX = ("prefix", {"tokens": 20})
PROMPT = ("prompt", {"tokens": 20})
# What PEFT takes of a Llama or a DistilBERT where nothing is said.
LORA_QV = ("lora", {"rank": 8, "alpha": 16, "targets": ["attn.q", "attn.v"]})

# As PEFT has it, for the decoder's two kinds of attention.
T5_PREFIX = ("prefix", {"tokens": 20, "peft_compat": True})

# Layers, width, heads, vocabulary of a GPT-2; another family's by name. llama-100m: SmolLM-135M's with 20 layers in place
# of 30, and GPT-2's vocabulary.
SIZES = {"tiny": (2, 64, 4, 50257), "small": (12, 768, 12, 50257), "medium": (24, 1024, 16, 50257),
         "llama-tiny": {"family": "llama", "layers": 2, "width": 64, "heads": 4, "shared": 2, "inner": 128, "vocabulary": 50257},
         "llama-100m": {"family": "llama", "layers": 20, "width": 576, "heads": 9, "shared": 3, "inner": 1536, "vocabulary": 50257},
         "distilbert-tiny": {"family": "distilbert", "layers": 2, "width": 64, "heads": 4, "inner": 128},
         "distilbert-base": {"family": "distilbert", "layers": 6, "width": 768, "heads": 12, "inner": 3072},
         "t5-tiny": {"family": "t5", "layers": 2, "width": 64, "heads": 4, "inner": 128},
         "t5-small": {"family": "t5", "layers": 6, "width": 512, "heads": 8, "inner": 2048}}

# How far ours and a peer's losses and gradients' norms may be apart, relative. In bfloat16 every product is rounded to 8
# bits, in another order on each side; over a step's eight labels that averages less than over its thousands of tokens.
LIMITS = {"float32": {"loss": 1e-4, "grad_norm": 1e-3}, "bfloat16": {"loss": 1e-3, "grad_norm": 3e-2}}
LIMITS_OF_LABELS = {**LIMITS, "bfloat16": {"loss": 1e-2, "grad_norm": 1e-1}}


def limits(work):
    return (LIMITS_OF_LABELS if work.task == "classification" else LIMITS)[work.dtype]


@dataclass(frozen=True)
class Work:
    """Optimiser steps on the same examples in the same order for everyone."""
    size: str | tuple = "small"
    methods: tuple = (LORA,)
    task: str = "causal_lm"  # its module in peers/
    texts: str = "conversations"  # `equal`: all as long as max_length, every token a target; `reviews`; `dialogues`
    batch_size: int = 8
    max_length: int = 512
    dtype: str = "float32"
    steps: int = 5
    warm: int = 1  # of them, not counted


@dataclass(frozen=True)
class Generation:
    size: str = "small"
    batch: int = 1
    new_tokens: int = 128
    repeats: int = 2
    dtype: str = "float32"


@dataclass(frozen=True)
class Peer:
    name: str
    script: str  # in peers/
    options: dict = field(default_factory=dict)
    methods: tuple | None = None  # where it does less than the row's work
    comparable: bool = True       # its losses must be ours: same batches, same work


@dataclass(frozen=True)
class Row:
    name: str
    title: str
    work: Work | Generation
    peers: tuple
    speed: float                   # ours / peer's, at least
    memory: float | None           # ours / peer's, at most
    whole_process: bool = False    # wall time from start to end, else the counted steps


PADDED = Peer("HF, padded", "train", {"collator": "padded", "order": "file"})
FLATTENED = Peer("HF, padding-free", "train", {"collator": "flattened", "order": "file"})
GROUPED = Peer("HF, grouped by length", "train", {"collator": "padded", "order": "grouped"}, comparable=False)
LORA_ALONE = replace(PADDED, name="HF, LoRA alone", methods=(LORA,), comparable=False)
# Five packed rows of 512 hold about the real tokens of eight conversations.
PACKED = Peer("TRL, packing", "sft", {"collator": "packed", "rows": 5}, comparable=False)
TRL_PADDED = Peer("TRL, padded", "sft", {"collator": "padded", "rows": 0})
TRL_FLATTENED = Peer("TRL, padding-free", "sft", {"collator": "flattened", "rows": 0})
GENERATE = Peer("HF generate", "generate", {"cache": "dynamic"})
GENERATE_STATIC = Peer("HF generate, static cache", "generate", {"cache": "static"})

SMALL = Work()
# In bfloat16 oneDNN compiles a product for each size that it meets, on every side: most of them in the first steps.
COMPILED = replace(SMALL, dtype="bfloat16", steps=16, warm=6)
LLAMA = replace(SMALL, size="llama-100m", methods=(LORA_QV,))
REVIEWS = Work(size="distilbert-base", methods=(LORA_QV,), task="classification", texts="reviews")
DIALOGUES = Work(size="t5-small", methods=(T5_PREFIX,), task="seq2seq_lm", texts="dialogues")
MEDIUM = Work(size="medium", methods=(LORA, PREFIX), steps=3)


def generation(batch, dtype):
    short = {"float32": "fp32", "bfloat16": "bf16"}[dtype]
    return Row(f"generation-{batch}-{short}", f"generation, batch {batch}, {short}", Generation(batch=batch, dtype=dtype),
               (GENERATE, GENERATE_STATIC), 2.0, None)


ROWS = [
    Row("lora-fp32", "LoRA, fp32", SMALL, (PADDED, FLATTENED), 3.4, 0.18),
    Row("lora-bf16", "LoRA, bf16", COMPILED, (PADDED, FLATTENED), 3.0, 0.20),
    Row("hybrid-medium", "medium, LoRA and prefix, fp32", MEDIUM, (LORA_ALONE, replace(PADDED, name="HF, hybrid")),
        3.2, 0.20),
    Row("llama-fp32", "100M Llama, LoRA, fp32", LLAMA, (PADDED, FLATTENED), 3.0, 0.25),
    Row("llama-bf16", "100M Llama, LoRA, bf16", replace(LLAMA, dtype="bfloat16", steps=16, warm=6),
        (PADDED, FLATTENED), 3.0, 0.25),
    Row("distilbert-fp32", "DistilBERT, LoRA on IMDb, fp32", REVIEWS, (PADDED, GROUPED), 3.0, 0.25),
    Row("distilbert-bf16", "DistilBERT, LoRA on IMDb, bf16", replace(REVIEWS, dtype="bfloat16", steps=16, warm=6),
        (PADDED,), 3.0, 0.25),
    Row("t5-fp32", "T5 small, prefix, fp32", DIALOGUES, (PADDED,), 3.0, 0.25),
    Row("prefix", "prefix, fp32", replace(SMALL, methods=(PREFIX,), steps=4), (PADDED,), 3.4, 0.18),
    Row("prompt", "prompt, fp32", replace(SMALL, methods=(PROMPT,), steps=4), (PADDED,), 3.4, 0.18),
    Row("full-batch", "full batch, all targets", replace(SMALL, texts="equal", steps=4), (PADDED,), 1.8, 0.35),
    Row("grouped", "against grouping by length", replace(SMALL, steps=6), (GROUPED,), 2.2, 0.25),
    Row("packing", "against TRL's packing", replace(SMALL, steps=6), (PACKED,), 2.2, 0.25),
    Row("whole-process", "start to saved adapter, 60 steps", replace(SMALL, steps=60, warm=0),
        (TRL_PADDED, TRL_FLATTENED), 4.0, 0.18, whole_process=True),
    generation(1, "float32"), generation(8, "float32"), generation(1, "bfloat16"), generation(8, "bfloat16"),
]


def chosen(words):
    """Rows whose names begin with one of the words; all of them where there are none."""
    unknown = [word for word in words if not any(row.name.startswith(word) for row in ROWS)]
    if unknown:
        raise SystemExit(f"error: no row is called {', '.join(unknown)}; there are {', '.join(row.name for row in ROWS)}")
    return [row for row in ROWS if not words or any(row.name.startswith(word) for word in words)]


def with_steps(row, steps):
    if isinstance(row.work, Generation):
        return row
    return replace(row, work=replace(row.work, steps=steps, warm=min(row.work.warm, steps - 1)))


def quick(row):
    """The same row at a size that takes a second: whether it runs, not how fast."""
    if isinstance(row.work, Generation):
        peers = row.peers if row.name == ROWS[-1].name else row.peers[:1]  # most of the time is importing
        return replace(row, work=replace(row.work, size="tiny", new_tokens=8, repeats=1), peers=peers)
    family = SIZES[row.work.size].get("family") if isinstance(SIZES[row.work.size], dict) else None
    size = f"{family}-tiny" if family else "tiny"
    work = replace(row.work, size=size, batch_size=4, max_length=64, steps=4, warm=min(row.work.warm, 1))
    peers = tuple(replace(peer, options={**peer.options, "rows": 2 if peer.options.get("rows") else 0})
                  if peer.script == "sft" else peer for peer in row.peers)
    return replace(row, work=work, peers=peers)
