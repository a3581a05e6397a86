"""Medians, ratios and what was reached, as tables and as JSON that is written as figures come."""

import json
import os
import statistics
from pathlib import Path

from .measure import speed

HEADER = f"{'row':34}{'peer':28}{'ours':>9}{'peer':>9}{'speed ×':>9}{'≥':>5}{'memory ×':>10}{'≤':>6}  "


def spread(values):
    """How far the rounds were apart, relative to their median."""
    return (max(values) - min(values)) / statistics.median(values)


class Report:
    def __init__(self, path, facts, settings):
        self.path = Path(path)
        self.quick = settings["quick"]  # figures of tiny models mean nothing
        self.content = {"machine": facts, "settings": settings, "rows": {}}

    def row(self, name):
        return self.content["rows"].setdefault(name, {"rounds": []})

    def keep(self, row, who, found, differences):
        """A measurement, at once: a run that is cut short has lost nothing. Token ids are left out."""
        one = {key: value for key, value in found.items() if key != "ids"}
        self.row(row.name)["rounds"].append({"who": who, **one, "differences": differences,
                                             "load_average": os.getloadavg()[0]})
        self.write()

    def add(self, row, key, value):
        self.row(row.name)[key] = value
        self.write()

    def curve(self, name, points):
        """`points`, or why there are none."""
        self.content.setdefault("curves", {})[name] = points
        self.write()

    def finish(self, row, found, failures):
        """A line for each peer that did not fail: medians of the rounds."""
        speeds = {who: [speed(row, one) for one in rounds] for who, rounds in found.items()}
        speed_of = {who: statistics.median(values) for who, values in speeds.items()}
        peak_of = {who: statistics.median(one["peak_bytes"] for one in rounds) for who, rounds in found.items()}
        lines = []
        for peer in row.peers:
            if peer.name in failures:
                continue
            line = {"peer": peer.name, "ours_tokens_per_second": speed_of["ours"],
                    "peer_tokens_per_second": speed_of[peer.name], "speed": speed_of["ours"] / speed_of[peer.name],
                    "speed_target": row.speed, "ours_peak_bytes": peak_of["ours"],
                    "peer_peak_bytes": peak_of[peer.name], "memory": peak_of["ours"] / peak_of[peer.name],
                    "memory_target": row.memory, "spread": max(spread(speeds["ours"]), spread(speeds[peer.name]))}
            line["reached"] = (line["speed"] >= row.speed
                               and (row.memory is None or line["memory"] <= row.memory))
            lines.append(line)
        self.row(row.name).update(title=row.title, results=lines, failed=failures)
        self.write()

    def write(self):
        partial = self.path.with_suffix(".tmp")
        partial.write_text(json.dumps(self.content, indent=1) + "\n", encoding="utf-8")
        partial.replace(self.path)

    def tables(self, rows):
        return "\n\n".join([self.speed_table(rows), self.memory_table(rows), *self.gemm_table(rows)])

    def speed_table(self, rows):
        lines = [HEADER]
        for row in rows:
            found = self.content["rows"].get(row.name, {})
            for line in found.get("results", []):
                memory = "" if row.memory is None else f"{row.memory:.2f}"
                verdict = "ran" if self.quick else "reached" if line["reached"] else "NOT reached"
                lines.append(f"{row.title:34}{line['peer']:28}{line['ours_tokens_per_second']:9.1f}"
                             f"{line['peer_tokens_per_second']:9.1f}{line['speed']:9.2f}{row.speed:5.1f}"
                             f"{line['memory']:10.3f}{memory:>6}  {verdict}")
            for who, reason in found.get("failed", {}).items():
                lines.append(f"{row.title:34}{who:28}FAILED: {reason.strip().splitlines()[-1]}")
            if "skipped" in found:
                lines.append(f"{row.title:34}skipped: {found['skipped']}")
        return "\n".join(lines)

    def memory_table(self, rows):
        lines = [f"{'row':34}{'peak resident, GB':28}"]
        for row in rows:
            results = self.content["rows"].get(row.name, {}).get("results", [])
            if results:
                peers = ", ".join(f"{line['peer']} {line['peer_peak_bytes'] / 1e9:.2f}" for line in results)
                spread_most = max(line["spread"] for line in results)
                lines.append(f"{row.title:34}ours {results[0]['ours_peak_bytes'] / 1e9:.2f}, {peers}; "
                             f"rounds {spread_most:.0%} apart")
        return "\n".join(lines)

    def gemm_table(self, rows):
        """In a list; none where no row was so measured."""
        lines = []
        for row in rows:
            found = self.content["rows"].get(row.name, {}).get("gemm")
            if found:
                lines.append(f"{row.title:34}{found['share']:.0%} of {found['step_seconds']:.2f} s a step, "
                             f"{found['tokens']} tokens, {found['targets']} targets")
        return ["\n".join(["matrix products at the speed of the same products alone", *lines])] if lines else []
