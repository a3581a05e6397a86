"""OpenAssistant's trees in three parts: to train on, to choose learning rates by, and to report."""

import json
from pathlib import Path

PARTS = ("training", "choosing", "held-out")


def split(source, folder):
    """Writes a file for each part and returns {part: path}. Of five trees, in the file's order, the fourth is for
    choosing and the fifth is held out."""
    places = {}
    paths = {part: Path(folder) / f"{part}.jsonl" for part in PARTS}
    files = {part: path.open("w", encoding="utf-8") for part, path in paths.items()}
    with open(source, encoding="utf-8") as lines:
        for line in lines:
            tree = json.loads(line)["message_tree_id"]
            place = places.setdefault(tree, len(places)) % 5
            files[PARTS[max(place - 2, 0)]].write(line)
    for file in files.values():
        file.close()
    return paths
