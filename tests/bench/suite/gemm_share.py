"""How much of a training step is matrix products at the speed of the same products alone: see README.md."""

import statistics

from .rows import SIZES

# Rows of the products ours makes: a micro-batch of tokens, a chunk of targets.
TOKEN_ROWS = 896
TARGET_ROWS = 256
SHARED_ROWS = ["lora-fp32", "lora-bf16", "llama-fp32", "llama-bf16", "hybrid-medium", "prefix", "prompt", "full-batch"]


def linears(size):
    """(layers, width, vocabulary, [(in, out)] of a block: what reads the block's input, and what comes after)."""
    shape = SIZES[size]
    if isinstance(shape, tuple):
        layers, d, _, vocabulary = shape
        return layers, d, vocabulary, [(d, 3 * d), (d, d), (d, 4 * d), (4 * d, d)]  # qkv, out, mlp.in, mlp.out
    d, inner, keys = shape["width"], shape["inner"], shape["width"] * shape["shared"] // shape["heads"]
    # q with k and v as one product, as wide as the three.
    return shape["layers"], d, shape["vocabulary"], [(d, d + 2 * keys), (d, d), (d, 2 * inner), (inner, d)]


def products(work, tokens, targets):
    """[((in, out), rows in all, of targets?)] of one optimiser step: forward, then gradients of inputs; weights are
    frozen, so theirs are not computed."""
    layers, d, vocabulary, blocks = linears(work.size)
    found = []
    for layer in range(layers):
        for number, (inputs, outputs) in enumerate(blocks):
            found.append(((inputs, outputs), tokens, False))
            # Below the first block's qkv there is nothing to train, unless virtual tokens stand there.
            if layer > 0 or number > 0 or any(kind == "prompt" for kind, _ in work.methods):
                found.append(((outputs, inputs), tokens, False))
    return found + [((d, vocabulary), targets, True), ((vocabulary, d), targets, True)]


def shapes(found, tokens):
    return {(sizes, head): [TARGET_ROWS if head else min(tokens, TOKEN_ROWS), *sizes] for sizes, _, head in found}


def share(row, found, contest):
    """{"share", "gemm_seconds", "gflops": {shape: GFLOP/s}} of ours, for the median round."""
    lines = next(rounds for who, rounds in found.items() if who != "ours")[0]["steps"][row.work.warm:]
    tokens = round(statistics.mean(line["tokens"] for line in lines))
    targets = round(statistics.mean(line["targets"] for line in lines))
    parts = products(row.work, tokens, targets)
    timed = shapes(parts, tokens)
    speeds = dict(zip(timed, contest.gemm_speeds(list(timed.values()), row.work.dtype, f"{row.name}-gemm")))
    gemm = sum(2 * rows * sizes[0] * sizes[1] / speeds[sizes, head] / 1e9 for sizes, rows, head in parts)
    measured = statistics.median(statistics.mean(line["seconds"] for line in one["steps"][row.work.warm:])
                                 for one in found["ours"])
    return {"share": gemm / measured, "gemm_seconds": gemm, "step_seconds": measured, "tokens": tokens,
            "targets": targets, "gflops": {"x".join(map(str, timed[key])): speed for key, speed in speeds.items()}}
