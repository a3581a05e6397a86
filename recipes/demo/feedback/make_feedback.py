#!/usr/bin/env python3
"""Writes training.csv and held_out.csv beside this file: what travellers write to a desk, praise (1) or complaint (0).

Every phrase was written for this project. The held-out messages share no phrase with those trained on, neither what they
are about nor what they say of it: what tells them apart is what the base knows of English.
"""

import csv
import random
from pathlib import Path

ABOUT = {
    "training": ["The ferry to Coral Beach", "The night train", "Your bus to Oldcastle", "The tour of the harbour",
                 "The tram on line four", "Our guide in Milford", "The cabin", "The ticket office", "The breakfast on board",
                 "The driver this morning"],
    "held_out": ["The boat across the bay", "The coach to the airport", "The hotel you found us", "The cable car",
                 "Whoever answered my call", "The walk through the old town"],
}

PRAISE = {
    "training": ["was on time to the minute, thank you", "made our whole holiday", "was spotless and quiet",
                 "could not have been friendlier", "was worth every penny", "is the best I have had in years",
                 "exceeded what we had hoped for", "was a delight from start to end", "went without a single hitch",
                 "made us feel at home", "was so comfortable that I slept like a child", "helped us without being asked",
                 "is something I will tell all my friends about", "was great value", "left us smiling all day",
                 "was perfect for the children"],
    "held_out": ["was simply wonderful", "is what I will remember of this summer", "solved my problem in two minutes",
                 "was lovely and I would book it again tomorrow", "was far nicer than in the pictures",
                 "deserves an award", "was a real pleasure", "turned a bad day into a good one", "was excellent in every way",
                 "was a highlight, and we are grateful"],
}

COMPLAINTS = {
    "training": ["was an hour late and nobody told us why", "ruined our whole holiday", "was filthy and loud",
                 "could not have been ruder", "was a waste of money", "is the worst I have had in years",
                 "fell far short of what was promised", "was a nightmare from start to end", "went wrong in every way",
                 "made us feel like a burden", "was so cramped that I did not sleep at all", "ignored us although we asked twice",
                 "is something I will warn all my friends about", "was shamefully overpriced", "left us angry all day",
                 "was no place for children"],
    "held_out": ["was simply dreadful", "is what spoilt this summer for me", "kept me waiting and then hung up",
                 "was horrible and I want my money back", "looked nothing like the pictures", "deserves to be closed",
                 "was a bitter disappointment", "turned a good day into a bad one", "was unacceptable in every way",
                 "was a disgrace, and we are still upset"],
}


def messages(part):
    pairs = [(f"{about} {said}.", label)
             for label, phrases in enumerate((COMPLAINTS[part], PRAISE[part])) for about in ABOUT[part] for said in phrases]
    random.Random(part).shuffle(pairs)
    return pairs


def main():
    for part in ABOUT:
        with (Path(__file__).parent / f"{part}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["text", "label"])
            writer.writerows((text, ("complaint", "praise")[label]) for text, label in messages(part))


if __name__ == "__main__":
    main()
