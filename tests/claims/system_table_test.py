#!/usr/bin/env python3
"""What the table of the systems says of its runs, and when it no longer holds."""

import copy
import unittest

import systems
from readme import ROOT
from system_table.rows import ROWS


def results(seeds=2, tuned=10.0):
    one = {"base": 20.0, "tuned": tuned, "trained": 100, "total": 10_000, "reloaded_alike": True}
    return {"rounds": [{row.recipe: dict(one, tuned=tuned + seed) for row in ROWS} for seed in range(seeds)]}


def lost(said, found):
    return [one.name for one in systems.figures(systems.render(said), systems.render(found)) if not one.holds]


class Table(unittest.TestCase):
    def test_a_row_is_the_mean_of_its_seeds_and_of_their_changes(self):
        def line(row, *runs):
            return systems.as_line(row, [{"base": base, "tuned": tuned, "trained": 1234, "total": 123456}
                                         for base, tuned in runs])

        self.assertEqual(line(ROWS[0], (20, 10), (40, 18), (30, 12)),
                         "| `hybrid` | 1,234 of 123,456 | perplexity | 30.00 | 13.33 | -55.0 ± 5.0 % |\n")
        accuracy = next(row for row in ROWS if row.metric == "accuracy")
        self.assertTrue(line(accuracy, (0.5, 0.75)).endswith("| accuracy | 50.0% | 75.0% | +25.0 points |\n"))

    def test_runs_that_do_not_reload_alike_are_told(self):
        found = results()
        found["rounds"][0]["hybrid"]["reloaded_alike"] = False
        self.assertIn(f"Of {2 * len(ROWS)} runs {2 * len(ROWS) - 1} gave", systems.render(found).replace("\n", " "))
        self.assertEqual(lost(results(), found), ["runs that reload alike"])

    def test_worse_figures_are_found_and_better_ones_are_not(self):
        worse, better = copy.deepcopy(results()), copy.deepcopy(results())
        for found in worse["rounds"]:
            found["arena_sft"]["tuned"] = 12.5
        for found in better["rounds"]:
            found["arena_sft"]["tuned"] = 5.0
        self.assertEqual(lost(results(), worse), ["`arena_sft`: tuned"])
        self.assertEqual(lost(results(), better), [])

    def test_every_row_has_a_recipe(self):
        for row in ROWS:
            self.assertTrue((ROOT / f"recipes/{row.recipe}.yaml").exists(), row.recipe)


if __name__ == "__main__":
    unittest.main()
