#!/usr/bin/env python3
"""Every method against PEFT, or against its paper's formula by hand: loss curves, PEFT's folders both ways, merged models.

methods_parity.py [METHOD…]: those, or all that have a file in methods/ (support/methods.py says what stands in one).
"""

import sys

from support import models
from support.checks import Checks
from support.curves import STEPS
from support.environment import need_shared_data, scratch
from support.folders import SHAPE
from support.methods import all_methods, check_method


def main():
    need_shared_data()
    checks = Checks(f"methods: loss curves of {STEPS} AdamW steps, adapters' folders, merged models")
    folder = scratch()
    weights = models.save(models.random_model(SHAPE, 3), folder / "weights")
    for name in sys.argv[1:] or all_methods():
        check_method(name, weights, folder / name, checks)
    checks.finish()


if __name__ == "__main__":
    main()
