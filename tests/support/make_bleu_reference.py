#!/usr/bin/env python3
"""Writes tests/unit/data/bleu/reference.json: small corpora, written for this project, with sacrebleu's words and figures."""

import json
from pathlib import Path

import sacrebleu

FILM = "The film was long, but the ending -- all 25.5 minutes of it -- was worth the wait."
CORPORA = {
    "identical": [[FILM, FILM], ["Thank you!", "Thank you!"]],
    "one word changed": [[FILM.replace("long", "slow"), FILM]],
    "words in another order": [["was the ending worth the wait ? The film was long .", FILM]],
    "too short": [["The film was long, but", FILM]],
    "too long": [[FILM + " " + FILM, FILM]],
    "no four-gram in common": [["the film is slow but its ending was worth a wait", FILM]],
    "no bigram in common": [["wait the was but long film", FILM]],
    "no word in common": [["Completely different words stand here", FILM]],
    "one word": [["yes", "yes"]],
    "two words": [["yes please", "yes please"]],
    "empty hypothesis": [["", FILM]],
    "empty hypothesis among others": [["", FILM], [FILM, FILM]],
    "empty reference": [[FILM, ""], [FILM, FILM]],
    "both empty": [["", ""]],
    "case counts": [[FILM.lower(), FILM]],
    "repeated words are clipped": [["the the the the the the the", "the cat is on the mat, and the dog is not"]],
    "periods and commas at digits": [["It costs 1,234.56 or 3.14, or .5 or 5. or 1.,2", "It costs 1,234.56, or 3.14 or .5 or 5 ."]],
    "dashes": [["a well-known 5-4 win, 1990-1995 - or -3 --", "a well known 5-4 win , 1990 - 1995 -- or - 3"]],
    "entities are unescaped in order": [["&quot;a&quot; &amp;lt; b &lt;c&gt; &amp;amp; &apos;", "\"a\" < b <c> &amp; '"]],
    "lines joined": [["a bro-\nken line\nand <skipped>more of it\n", "a broken line and more of it"]],
    "a dash before trailing white space": [["it ends in a dash-\n", "it ends in a dash-"]],
    "white space of Unicode": [["a\u00a0b\u2003c\u3000d\u0085e\u2028f\u001cg\u200bh i", "a b c d e f g h i"]],
    "all of ASCII's symbols": [["a!b\"c#d$e%f&g'h(i)j*k+l,m-n.o/p:q;r<s=t>u?v@w[x\\y]z^a_b`c{d|e}f~g", "! \" # $ % & ' ( ) a b c"]],
    "letters of many scripts": [["Größe: 12,5 µm。日本語、テスト. «Привет», сказал он… naïve's", "Größe : 12,5 µm 。 日本語、テスト . « Привет » , сказал он … naïve's"]],
    "emoji": [["well done 👍🏽! 👩‍👩‍👧,ok.👍", "well done 👍🏽 ! 👩‍👩‍👧 , ok . 👍"]],
    "runs of periods": [["wait... what,,, no.. ok., .", "wait . . . what , , , no . . ok . , ."]],
}


def main():
    assert sacrebleu.__version__ == "2.6.0", sacrebleu.__version__
    lines = []
    for name, pairs in CORPORA.items():
        metric = sacrebleu.metrics.BLEU()
        score = metric.corpus_score([h for h, _ in pairs], [[r for _, r in pairs]]).score
        assert str(metric.get_signature()) == "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0"
        words = [metric.tokenizer(hypothesis.rstrip()).split() for hypothesis, _ in pairs]
        lines.append(json.dumps({"name": name, "pairs": pairs, "words": words, "score": score}))
    target = Path(__file__).resolve().parent.parent / "unit" / "data" / "bleu"
    target.mkdir(parents=True, exist_ok=True)
    (target / "reference.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
