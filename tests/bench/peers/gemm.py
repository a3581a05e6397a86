"""How fast this machine multiplies matrices of the sizes that a training step consists of.

Of each size [rows, in] · [in, out], the faster of torch's own (MKL) and oneDNN's product, in GFLOP/s: what the best
library does, whichever a program uses. Median of several, after one that warms up.
"""

import statistics
import time

import torch
import work


def products():
    yield torch.nn.functional.linear
    pointwise = getattr(torch.ops.mkldnn, "_linear_pointwise", None)
    if pointwise is not None and torch.backends.mkldnn.is_available():
        yield lambda x, w: pointwise(x, w, None, "none", [], "")


def gflops(product, rows, inputs, outputs, dtype):
    x, w = torch.randn(rows, inputs, dtype=dtype), torch.randn(outputs, inputs, dtype=dtype)
    product(x, w)
    flops = 2 * rows * inputs * outputs
    seconds = []
    while len(seconds) < 3 or (sum(seconds) < 0.3 and len(seconds) < 50):
        started = time.perf_counter()
        product(x, w)
        seconds.append(time.perf_counter() - started)
    return flops / statistics.median(seconds) / 1e9


def main():
    spec = work.read()
    dtype = work.DTYPES[spec["dtype"]]
    with torch.inference_mode():
        speeds = [max(gflops(product, *shape, dtype) for product in products()) for shape in spec["shapes"]]
    work.answer({"gflops": speeds})


if __name__ == "__main__":
    main()
