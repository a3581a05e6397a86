#!/usr/bin/env python3
"""The README's figures, produced again on this machine and compared.

    claims.py [CLAIM …] [--quick] [--write] [--bench RESULTS.json] [--methods RESULTS.json]
              [--systems RESULTS.json]

Without names, all of them. A claim that does not hold is told with both numbers, and the exit code is 1; one whose needs
are not met here (a machine, real texts) says what it needs. --write puts what was found into README.md.

--quick is what takes seconds, and some minutes for the speed of one row and for three methods; all of it takes about two
hours on two cores, most of it the speed and the methods. --bench takes what `make bench` has measured
(build/bench/results.json) instead of measuring, --methods and --systems what this has (build/claims/methods/results.json).
"""

import argparse
import os
import shlex
import sys
import traceback
from pathlib import Path

import demo
import methods
import parameters
import readme
import refusal
import seeds
import settings
import speed
import systems
from figure import CannotTell, equal, shown

# name: the module that writes the block of this name again
CLAIMS = {"demo": demo, "methods": methods, "parameters": parameters, "refusal": refusal, "seeds": seeds,
          "speed": speed, "systems": systems}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("claims", nargs="*", metavar="CLAIM", help=f"settings, {', '.join(CLAIMS)}")
    parser.add_argument("--quick", action="store_true", default=bool(os.environ.get("QUICK")))
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--bench", type=Path, metavar="RESULTS.json")
    parser.add_argument("--methods", type=Path, metavar="RESULTS.json")
    parser.add_argument("--systems", type=Path, metavar="RESULTS.json")
    # `make claims` has no other way to pass them on.
    options = parser.parse_args(sys.argv[1:] + shlex.split(os.environ.get("ARGS", "")))
    unknown = sorted(set(options.claims) - {"settings", *CLAIMS})
    if unknown:
        parser.error(f"no claim is called {', '.join(unknown)}; there are settings, {', '.join(CLAIMS)}")
    options.claims = options.claims or ["settings", *CLAIMS]
    options.build = Path(os.environ.get("PEFT_BUILD", readme.ROOT / "build"))
    return options


def show(figures):
    for one in figures:
        print(f"  {one.name:52}{shown(one.said):>21}{shown(one.found):>21}   {one.allowed}")
        if not one.holds:
            print(f"  NO LONGER HOLDS: the README says {one.said}, found {one.found}")
    return [one for one in figures if not one.holds]


def check_settings(text):
    return show([equal(name, number, settings.in_source(name)) for name, number in readme.settings(text)])


def check(name, options):
    """The figures that do not hold."""
    text = readme.README.read_text(encoding="utf-8")
    if name == "settings":
        return check_settings(text)
    said = readme.blocks(text)[name]
    if not said and not options.write:
        raise CannotTell("the README's block is empty, and claims nothing yet: --write fills it")
    found = CLAIMS[name].write_again(said, options)
    if options.write:
        readme.README.write_text(readme.with_block(text, name, found), encoding="utf-8")
        print(f"  written to README.md:\n\n{found}")
        return []
    return show(CLAIMS[name].figures(said, found))


def main():
    options = arguments()
    failed, untold = [], []
    print(f"{'':54}{'README':>21}{'found':>21}   allowed")
    for name in options.claims:
        print(name, flush=True)
        try:
            failed += check(name, options)
        except CannotTell as reason:
            untold.append(name)
            print(f"  not produced: {reason}")
        except Exception as problem:  # noqa: BLE001: whatever it is, the others are still worth a look
            failed.append(name)
            known = isinstance(problem, (RuntimeError, ValueError, OSError))
            print(f"  FAILED: {problem}" if known else traceback.format_exc())
    print(f"no longer hold: {len(failed) or 'none'}; not produced here: {', '.join(untold) or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
