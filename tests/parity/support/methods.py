"""What tests/parity/methods/<method>.py says of a method, one file each, named as the plugin. It defines

  reference(model, options)  the same method on transformers' model, made by PEFT, or by hand where PEFT has it not: a
                             `Reference`, in most cases `Adapted`, whose `found` has the plugin's name as its only key
  CURVES                     [Case]: options, shapes, seeds and train settings whose loss curves are compared

and, where the method has them,

  FOLDERS                    [Folder]: adapters that go out to PEFT and come in
  MERGED                     [Folder]: merged models that transformers loads
  more(checks, weights, folder)   what no other method has; `weights` is a base of folders.SHAPE

Methods stand as (plugin, options). A case with `quick=True` is part of the short form: it may take a second or two.
"""

import importlib
import pkgutil
from dataclasses import dataclass
from pathlib import Path

from . import models
from .curves import compare
from .environment import QUICK
from .folders import merged_out, one_method_in, one_method_out, round_trip
from .reference import perturb


@dataclass
class Folder:
    name: str
    method: tuple
    quick: bool = False
    peft: bool = True  # `reference` is PEFT's, so that it can save a folder for us to read
    deviation: float = 0.1  # of the noise on that folder's tensors


def all_methods():
    return sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parents[1] / "methods")]))


def check_method(name, weights, folder, checks):
    module = importlib.import_module(f"methods.{name}")

    def cases(of):
        """Each with a title, and a folder of its own."""
        for number, case in enumerate(getattr(module, of, [])):
            if case.quick or not QUICK:
                own = folder / of.lower() / str(number)
                own.mkdir(parents=True)
                yield case, f"{name}, {case.name}", own

    def build(model, methods):
        (_, _, options), = methods
        return module.reference(model, options).train()

    for case, title, own in cases("CURVES"):
        compare(case, title, build, own / "run", checks)
    for case, title, own in cases("FOLDERS"):
        method = dict([case.method])
        one_method_out(checks, title, method, weights, own)
        round_trip(checks, title, method, weights, own)
        if case.peft:
            theirs = module.reference(models.load(weights), case.method[1])
            perturb(theirs, case.deviation)
            one_method_in(checks, title, method, theirs, weights, own)
    for case, title, own in cases("MERGED"):
        merged_out(checks, title, [dict([case.method])], weights, own)
    if hasattr(module, "more"):
        (folder / "more").mkdir(parents=True)
        module.more(checks, weights, folder / "more")
