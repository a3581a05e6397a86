#!/usr/bin/env python3
"""Every figure in README.md is covered by a claim, and those that stand in the source are the source's."""

import re
import unittest

import claims
import readme
import settings

README = readme.README.read_text(encoding="utf-8")


class FiguresOfTheReadme(unittest.TestCase):
    def test_every_number_is_covered_by_a_claim(self):
        found = [f"README.md:{line}: {text}" for line, text in readme.unclaimed(README)]
        self.assertEqual(found, [], "a figure that nothing produces again: see tests/claims/readme.py")

    def test_every_claim_can_be_produced_and_is_made(self):
        self.assertEqual(set(readme.blocks(README)), set(claims.CLAIMS))

    def test_numbers_of_the_source_are_the_source_s(self):
        found = readme.settings(README)
        self.assertEqual({name for name, _ in found}, set(settings.SETTINGS))
        for name, number in found:
            self.assertEqual(number, settings.in_source(name), name)


class WhatNoLongerHolds(unittest.TestCase):
    # What a block would be if its claim were no longer true.
    WORSE = {
        "demo": (r"[0-9a-f]{64}", "0" * 64),
        "methods": (r"\d\d\.\d\d", "99.99"),
        "parameters": (r"\d", "9"),
        "refusal": (r"Cannot", "Can"),
        "seeds": (r" and \d+ ±", " and 99 ±"),
        "speed": (r"\d+\.\d+ GB", "99.00 GB"),
        "systems": (r"(\d+\.\d+ \|) \d+\.\d+ ", r"\1 99999.99 "),
    }

    def test_a_block_compared_with_itself_holds_and_with_a_worse_one_does_not(self):
        for name, block in readme.blocks(README).items():
            self.assertEqual([one for one in claims.CLAIMS[name].figures(block, block) if not one.holds], [], name)
            pattern, worse = self.WORSE[name]
            found = claims.CLAIMS[name].figures(block, re.sub(pattern, worse, block, count=1))
            self.assertNotEqual([one for one in found if not one.holds], [], name)


class WhatCountsAsAFigure(unittest.TestCase):
    def test_numbers_in_prose_in_tables_in_captures_and_in_comments_of_code_do(self):
        for text in ["takes 3 minutes", "| LoRA | 599 |", "```text\nbase 27.1\n```", "```sh\nmake demo  # 3 minutes\n```",
                     "twice as fast: 2.1×"]:
            self.assertEqual(len(readme.unclaimed(text)), 1, text)

    def test_code_names_claimed_blocks_and_marked_numbers_do_not(self):
        for text in ["`rank: 8`", "GPT-2, C++20, AVX-512, Apache-2.0", "Debian 12 and Debian 13", "```yaml\nrank: 8\n```",
                     "[a link](files/2.html)", "LibTorch 2.11<!-- libtorch-minimum --> or newer",
                     "<!-- claim: speed -->\n599\n<!-- end of claim -->\n"]:
            self.assertEqual(readme.unclaimed(text), [], text)

    def test_a_claim_that_never_ends_is_an_error(self):
        with self.assertRaises(ValueError):
            readme.blocks("<!-- claim: speed -->\n599\n")


if __name__ == "__main__":
    unittest.main()
