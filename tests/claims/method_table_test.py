#!/usr/bin/env python3
"""How the table of methods chooses learning rates, divides the conversations, and says what is best."""

import json
import tempfile
import unittest
from pathlib import Path

import methods
from method_table import rates, rows, texts


class LearningRates(unittest.TestCase):
    def test_neighbours_are_ones_and_threes(self):
        self.assertEqual(rates.neighbours(1e-3), (3e-4, 3e-3))
        self.assertEqual(rates.neighbours(3e-2), (1e-2, 1e-1))
        self.assertEqual(rates.neighbours(1.0), (0.3, 3.0))

    def test_the_best_is_found_from_either_side_and_each_rate_is_tried_once(self):
        for first in (1e-4, 1e-2, 1.0):
            tried = []
            self.assertEqual(rates.best(first, lambda rate: tried.append(rate) or abs(rate - 1.2e-2)), 1e-2)
            self.assertEqual(len(tried), len(set(tried)))
            self.assertLessEqual({3e-3, 3e-2}, set(tried))

    def test_one_that_diverges_is_not_chosen(self):
        self.assertEqual(rates.best(1e-2, lambda rate: float("inf") if rate > 5e-3 else 1 / rate), 3e-3)


class Parts(unittest.TestCase):
    def test_a_tree_is_in_one_part_alone_and_three_of_five_are_trained_on(self):
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "all.jsonl"
            source.write_text("".join(json.dumps({"message_tree_id": tree, "text": text}) + "\n"
                                      for text in "ab" for tree in range(20)))
            found = {part: [json.loads(line)["message_tree_id"] for line in path.read_text().splitlines()]
                     for part, path in texts.split(source, folder).items()}
        self.assertEqual(found["choosing"], [3, 8, 13, 18] * 2)
        self.assertEqual(found["held-out"], [4, 9, 14, 19] * 2)
        self.assertEqual(len(found["training"]), 24)


class Rows(unittest.TestCase):
    def test_the_parts_of_a_hybrid_learn_at_their_own_rates_by_a_common_factor(self):
        hybrid = next(row for row in rows.HYBRIDS if row.name == "LoRA + prefix")
        lora, prefix = rows.methods_of(hybrid, 0.3, {"LoRA": 1e-2, "prefix": 1.0})
        self.assertAlmostEqual(lora["lora"]["learning_rate"], 3e-3)
        self.assertAlmostEqual(prefix["prefix"]["learning_rate"], 0.3)

    def test_every_part_is_a_row_before_it(self):
        names = [row.name for row in rows.SINGLES]
        self.assertEqual([name for row in rows.HYBRIDS for name, _ in row.parts if name not in names], [])


class Verdict(unittest.TestCase):
    @staticmethod
    def results(hybrid, single):
        run = {"base": 30.0, "parameters": 1, "seconds": 1.0, "peak_bytes": 1, "tokens": 1, "steps": 1}
        rounds = [{"A": {**run, "perplexity": b}, "A + B": {**run, "perplexity": a}, "whole": {**run, "perplexity": 1.0},
                   "LoRA": {**run, "perplexity": 29.0}} for a, b in zip(hybrid, single)]
        return {"rounds": rounds, "rates": dict.fromkeys(rounds[0], 1.0), "hybrids": ["A + B"], "larger": ["whole"]}

    def test_a_hybrid_is_best_where_it_is_with_every_seed(self):
        text = methods.render(self.results([20, 21], [21, 22]))
        self.assertIn("A hybrid is best: A + B, 20.50 against 21.50 of A", text)

    def test_else_it_is_said_that_none_is(self):
        text = methods.render(self.results([20, 21], [20, 20]))
        self.assertIn("No hybrid is clearly better: A + B has 20.50 against 20.00 of A", text)
        self.assertIn("lower with 0 of 2 seeds", " ".join(text.split()))


if __name__ == "__main__":
    unittest.main()
