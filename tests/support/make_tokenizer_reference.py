#!/usr/bin/env python3
"""Writes tests/unit/data/tokenizer: a small byte-level BPE, trained on the texts below, and its ids for them.

    python3 make_tokenizer_reference.py [FOLDER with GPT-2's vocab.json and merges.txt]

Both come from Hugging Face's tokenizers; all texts were written for this project. With GPT-2's vocabulary at hand its
ids are written beside those of the small one.
"""

import json
import sys
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

TEXTS = [
    "",
    " ",
    "a",
    "The cat sat on the mat, and the dog didn't.",
    "I'm sure we'll see they've got what you'd like; it's hers, we're told. DON'T SHOUT, IT'S LATE.",
    "'s 's'tis 'twas ''s '' ' 'r 'v 'l 'lx O'Reilly rock'n'roll can’t",
    "12 apples, 3.14159, 1,000,000 and ² ½ Ⅷ ٣٤٥ 𝟘𝟙 一二三",
    "a1b2 c3-d4 x_y __init__ C++ #1 e=mc²",
    "runs of  two,   three,    four and        eight spaces",
    "trailing spaces   ",
    "   leading spaces",
    "                                                                                                   ",
    "tabs\tand\t\ttwo\t \tmixed \t end",
    "line one\nline two\n\nline four\n   indented\n",
    "windows\r\nlines\r\n\r\nand \r a lone one",
    "space \n newline  \n  both\n \n",
    "no\u00a0break, thin\u2009space, ideographic\u3000space, line\u2028separator, next\u0085line, ogham\u1680space",
    "not white space: \u180e \u200b \u2060 \ufeff \u001c\u001d\u001e\u001f",
    "café naïve Ångström Straße ﬁn İstanbul",
    "cafe\u0301 nai\u0308ve A\u030angstro\u0308m: e\u0301\u0302\u0303 combining marks",
    "Здравствуй, мир! Καλημέρα κόσμε. שָׁלוֹם עוֹלָם. مرحبا بالعالم ١٢٣",
    "日本語のテキスト、中文文本。한국어 텍스트 ภาษาไทย हिन्दी में पाठ தமிழ்",
    "👍 👍🏽 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪🇯🇵 1️⃣2️⃣ ❤️ ☕️ 👨🏿‍🚀 🏴\U000e0067\U000e0062\U000e007f",
    "new emoji \U0001fae8 \U0001fae9 \U0001f6dc and\U0001fae9joined",
    "letters of Unicode 15.1: a\U0002ebf0b\U0002ee5d, 16: a\u1c89b\u1c8a x\ua7cb\ua7cdy a\U000105c0b\U00016d40 \U0001e5d0z",
    "numbers of Unicode 16: 1\U00010d402 1\U000116d03 1\U0001ccf04 1\U0001e5f15",
    "letters of Unicode 17, not yet: a\U00032000b a\ua7ceb",
    "unassigned a\u0378b 1\U0001ffff2 \U000e0fff \U0010ffff private a\ue000b \U000f0000",
    "replacement \ufffd a\ufffdb \ufffd\ufffd\ufffd",
    "zero\u0000byte and \u0001\u0002\u007f controls",
    "<|endoftext|>",
    "One text.<|endoftext|>Another text.<|endoftext|>",
    "<|endoftext|><|endoftext|> <|endoftext|> \n<|endoftext|>\n",
    "not quite: <|endoftext| <endoftext> <|ENDOFTEXT|> <|<|endoftext|>|>",
    "left <left> stripped \t\n<left>, right <right> \u00a0 stripped<right>\n\n<left> <right> both",
    "calls <|tool|> and <|tool|>x <|tool|>y</|tool|>",
    "order z<|tool|> z< z<z<|tool|>x",
    "overlap <|tool|><|tool|>x<left><right>",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "abababababababababababababa thethethethethe antidisestablishmentarianism",
    "!!!!!!!!!!!!!!!! ---------------- ................ ???!!!??? ```code``` {{{}}} /* */ // <!-- -->",
    "https://example.org/a/b?c=d&e=f#g user@example.org C:\\Users\\x ~/.config $HOME %PATH%",
    "### Human: What is the capital of France?\n### Assistant: The capital of France is Paris.\n",
]


def small_tokenizer():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=700, special_tokens=["<|endoftext|>"], show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), min_frequency=1)
    tokenizer.train_from_iterator(TEXTS * 2, trainer)
    tokenizer.add_special_tokens([AddedToken("<left>", lstrip=True), AddedToken("<right>", rstrip=True)])
    tokenizer.add_tokens([AddedToken("<|tool|>", normalized=False), AddedToken("<|tool|>x", normalized=False),
                          AddedToken("z<", normalized=True), AddedToken("</|tool|>", normalized=True)])
    return tokenizer


def gpt2_tokenizer(folder):
    tokenizer = Tokenizer(models.BPE.from_file(str(folder / "vocab.json"), str(folder / "merges.txt")))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<|endoftext|>"])
    return tokenizer


def main():
    target = Path(__file__).resolve().parent.parent / "unit" / "data" / "tokenizer"
    target.mkdir(parents=True, exist_ok=True)
    small = small_tokenizer()
    (target / "tokenizer.json").write_text(json.dumps(json.loads(small.to_str()), separators=(",", ":")) + "\n")
    gpt2 = gpt2_tokenizer(Path(sys.argv[1])) if len(sys.argv) > 1 else None
    lines = []
    for text in TEXTS:
        case = {"text": text, "small": small.encode(text).ids}
        small.encode_special_tokens = True
        case["small_ordinary"] = small.encode(text).ids
        small.encode_special_tokens = False
        case["small_decoded"] = small.decode(case["small"], skip_special_tokens=True)
        if gpt2:
            case["gpt2"] = gpt2.encode(text).ids
        lines.append(json.dumps(case, separators=(",", ":")))
    (target / "reference.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
