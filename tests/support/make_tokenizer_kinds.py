#!/usr/bin/env python3
"""Writes tests/unit/data/tokenizers: a small tokenizer of every kind, and what Hugging Face makes of our texts with it.

    python3 make_tokenizer_kinds.py

Each is trained on the texts of make_tokenizer_reference.py, which were written for this project, in the stages of the
real model it is named for. Needs tokenizers.
"""

import json
import shutil
from pathlib import Path

from make_tokenizer_reference import TEXTS
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

MORE_TEXTS = [
    "Crème BRÛLÉE déjà-vu, co\u0308operate ÅÉÎÕÜ İI ǅ ẞß Σας ΟΔΟΣ",
    "it's [CLS] not [SEP] the [MASK] end [UNK] </s> <s> <unk> <pad> <extra_id_0>[PAD]",
    "$100.50 (50%) — “quoted” ‘it’ … a/b\\c e-mail @home #tag ^_^ ~ ` | < = >",
    "한국어\u1112\u1161\u11ab 가나다 \ufb01\ufb02 ① Ⅳ ㎏ ｆｕｌｌ　ｗｉｄｔｈ ﾊﾝｶｸ \u2126 \u212b",
    "漢字かな交じり文 \U00020000\U0002f800\uf900 中文,标点。 ไทย",
    "\u00ad\u200d\u200e\u202e\u2066 soft hyphen and bidi \ufffe\uffff",
    "x" * 101 + " " + "y" * 100 + " " + "supercalifragilisticexpialidocious" * 8,
    "don't won't i'm he's they've you're . , ! ? n't ' do not",
    "▁ meta ▁▁space ▁a",
    "a\u0301\u0327b\u0327\u0301 \u0345\u0301 \u0344 \u0958 \u1e9b\u0323",
]


def folder(kind):
    """An empty folder for a kind."""
    path = Path(__file__).resolve().parent.parent / "unit" / "data" / "tokenizers" / kind
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def write_references(path, tokenizer):
    """Every way of encoding and decoding every text."""
    lines = []
    for text in TEXTS + MORE_TEXTS:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        special = tokenizer.encode(text).ids
        tokenizer.encode_special_tokens = True
        ordinary = tokenizer.encode(text, add_special_tokens=False).ids
        tokenizer.encode_special_tokens = False
        case = {"text": text, "ids": ids, "ordinary": ordinary, "special": special,
                "pair": tokenizer.encode(text, "a b").ids,
                "decoded": tokenizer.decode(special, skip_special_tokens=False),
                "decoded_text": tokenizer.decode(special, skip_special_tokens=True)}
        lines.append(json.dumps(case, separators=(",", ":")))
    (path / "reference.json").write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


def write(kind, tokenizer):
    """A folder with tokenizer.json."""
    path = folder(kind)
    (path / "tokenizer.json").write_text(json.dumps(json.loads(tokenizer.to_str()), separators=(",", ":")) + "\n",
                                         encoding="utf-8")
    write_references(path, tokenizer)


def train(tokenizer, trainer_class, **settings):
    """Trains on our texts."""
    tokenizer.train_from_iterator((TEXTS + MORE_TEXTS) * 2, trainer_class(show_progress=False, **settings))


def word_piece(**normalizer):
    """BERT's stages."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(**normalizer)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    train(tokenizer, trainers.WordPieceTrainer, vocab_size=900, min_frequency=1, limit_alphabet=250,
          special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return tokenizer


def write_bert():
    """Uncased as tokenizer.json with added tokens of every kind; cased as vocab.txt."""
    uncased = word_piece()
    uncased.add_tokens([AddedToken("dejà", normalized=True), AddedToken("cat", single_word=True, normalized=False),
                        AddedToken("HeLLo", normalized=True, single_word=True)])
    write("bert", uncased)
    cased = word_piece(lowercase=False, handle_chinese_chars=False)
    path = folder("bert_cased")
    vocabulary = cased.get_vocab()
    (path / "vocab.txt").write_text("".join(f"{token}\n" for token in sorted(vocabulary, key=vocabulary.get)),
                                    encoding="utf-8")
    (path / "tokenizer_config.json").write_text('{"do_lower_case": false, "tokenize_chinese_chars": false}\n',
                                                encoding="utf-8")
    write_references(path, cased)


def main():
    """Writes all kinds."""
    write_bert()


if __name__ == "__main__":
    main()
