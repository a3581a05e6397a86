#!/usr/bin/env python3
"""Writes tests/unit/data/tokenizers: a small tokenizer of every kind, and what Hugging Face makes of our texts with it.

    python3 make_tokenizer_kinds.py

Each is trained on the texts of make_tokenizer_reference.py, which were written for this project, in the stages of the
real model it is named for. Needs tokenizers.
"""

import json
import shutil
import struct
from pathlib import Path

from make_tokenizer_reference import TEXTS
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

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
    "a</s>b<s>c d<unk>e",
    "ÞÞÞ ÞÞÞÞ aÞÞ",
    "a\u0301\u0327b\u0327\u0301 \u0345\u0301 \u0344 \u0958 \u1e9b\u0323",
]


def folder(kind):
    """An empty folder for a kind."""
    path = Path(__file__).resolve().parent.parent / "unit" / "data" / "tokenizers" / kind
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def write_references(path, tokenizer, shown=lambda text: text):
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
                "decoded": shown(tokenizer.decode(special, skip_special_tokens=False)),
                "decoded_text": shown(tokenizer.decode(special, skip_special_tokens=True))}
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


QWEN2 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"
         r"\s+(?!\S)|\s+")
LLAMA3 = QWEN2.replace(r"|\p{N}|", r"|\p{N}{1,3}|")
META_SPACE = "\u2581"


def byte_level_bpe(pre_tokenizer, specials, normalizer=None, **model):
    """The stages of a model with a byte-level vocabulary."""
    tokenizer = Tokenizer(models.BPE())
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    train(tokenizer, trainers.BpeTrainer, vocab_size=600, min_frequency=1, special_tokens=specials,
          initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    described = json.loads(tokenizer.to_str())
    described["model"].update(model)
    return described


def split(pattern, behavior="isolated", invert=False):
    """A Split by a regular expression."""
    return pre_tokenizers.Split(Regex(pattern), behavior=behavior, invert=invert)


def write_byte_level():
    """Qwen2's, Llama-3's and SmolLM's stages, and a pattern that only a regular expression knows."""
    whole = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    qwen2 = byte_level_bpe(pre_tokenizers.Sequence([split(QWEN2), whole]), ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
                           normalizers.NFC())
    write("qwen2", Tokenizer.from_str(json.dumps(qwen2)))
    llama3 = byte_level_bpe(pre_tokenizers.Sequence([split(LLAMA3), whole]), ["<|begin_of_text|>", "<|end_of_text|>"],
                            ignore_merges=True)
    # Some entries that no merge makes: only a model that ignores merges finds them.
    del llama3["model"]["merges"][-40:]
    llama3 = Tokenizer.from_str(json.dumps(llama3))
    template = processors.TemplateProcessing(single="<|begin_of_text|> $A", pair="<|begin_of_text|> $A <|begin_of_text|> $B",
                                             special_tokens=[("<|begin_of_text|>", 0)])
    llama3.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), template])
    write("llama3", llama3)
    digits = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True),
                                      pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
    write("smollm", Tokenizer.from_str(json.dumps(byte_level_bpe(digits, ["<|endoftext|>"]))))
    pieces = pre_tokenizers.Sequence([split(r"\p{N}{1,2}"), split(r"\s+", "merged_with_next"),
                                      split(r"[\p{L}\p{M}]+|\p{P}", "removed", invert=True), whole])
    write("other_pattern", Tokenizer.from_str(json.dumps(byte_level_bpe(pieces, ["<|endoftext|>"]))))


def byte_fallback_bpe():
    """Llama-2's model: bytes for what the vocabulary lacks."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    train(tokenizer, trainers.BpeTrainer, vocab_size=500, min_frequency=2, limit_alphabet=90)
    return with_byte_tokens(json.loads(tokenizer.to_str()))


def with_byte_tokens(described):
    """The same BPE with Llama-2's special tokens and bytes in front."""
    pieces = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    own = set(pieces)
    pieces += [piece for piece in described["model"]["vocab"] if piece not in own]
    described["model"].update(vocab={piece: i for i, piece in enumerate(pieces)}, byte_fallback=True, fuse_unk=True,
                              unk_token="<unk>")
    return described


def with_llama_stages(described, legacy):
    """Llama-2's stages, as files of before (a normalizer) and after (Metaspace) wrote them."""
    tokenizer = Tokenizer.from_str(json.dumps(described))
    if legacy:
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend(META_SPACE), normalizers.Replace(" ", META_SPACE)])
        tokenizer.pre_tokenizer = None
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    tokenizer.decoder = decoders.Sequence([decoders.Replace(META_SPACE, " "), decoders.ByteFallback(), decoders.Fuse(),
                                           decoders.Strip(" ", 1, 0)])
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s> $B",
                                                             special_tokens=[("<s>", 1)])
    return tokenizer


def write_llama2():
    """tokenizer.json of both ages, and SentencePiece's own file."""
    described = byte_fallback_bpe()
    write("mistral", with_llama_stages(described, legacy=True))
    write("llama2", with_llama_stages(described, legacy=False))
    pieces = list(described["model"]["vocab"])
    described["model"]["merges"] = [(piece[:i], piece[i:]) for piece in pieces for i in range(1, len(piece))
                                    if piece[:i] in pieces and piece[i:] in pieces]
    types = {"<unk>": 2, "<s>": 3, "</s>": 3}
    path = folder("llama2_model")
    (path / "tokenizer.model").write_bytes(sentence_piece_model(
        [(piece, -float(i), types.get(piece, 6 if piece.startswith("<0x") else 1)) for i, piece in enumerate(pieces)],
        number(3, 2) + number(35, 1)))
    write_references(path, with_llama_stages(described, legacy=False))


def varint(value):
    """A number as protocol buffers write it."""
    written = b""
    while value >= 0x80:
        written += bytes([value & 0x7F | 0x80])
        value >>= 7
    return written + bytes([value])


def number(field, value):
    """A field of a protocol buffer that is a number."""
    return varint(field << 3) + varint(value)


def message(field, content):
    """A field of a protocol buffer that is bytes."""
    return varint(field << 3 | 2) + varint(len(content)) + content


def sentence_piece_model(pieces, trainer_spec, normalizer_spec=b""):
    """A SentencePiece model of (text, score, type), with what of its specs counts."""
    written = b""
    for piece, score, kind in pieces:
        written += message(1, message(1, piece.encode()) + varint(2 << 3 | 5) + struct.pack("<f", score) + number(3, kind))
    return written + message(2, trainer_spec) + message(3, normalizer_spec)


def charsmap(entries):
    """A SentencePiece normalization table: a double array of the keys, and the strings that they become."""
    strings, root = b"", {}
    for key, value in entries.items():
        node = root
        for byte in key.encode():
            node = node.setdefault(byte, {})
        node["value"] = len(strings)
        strings += value.encode() + b"\0"
    units, taken = {0: 0}, {0}

    def place(node, position):
        labels = [0 if label == "value" else label for label in node]
        # Offsets are exclusive-ored, and above 2^21 only multiples of 256 can be written: these stay small.
        offset = next(o for o in range(1, 1 << 20) if not any((position ^ o ^ label) in taken for label in labels)
                      and position ^ o)
        base = position ^ offset
        units[position] |= offset << 10 | (0x100 if "value" in node else 0)
        taken.update(base ^ label for label in labels)
        for label, child in node.items():
            if label == "value":
                units[base] = child | 1 << 31
            else:
                units[base ^ label] = label
        for label, child in node.items():
            if label != "value":
                place(child, base ^ label)

    place(root, 0)
    array = struct.pack(f"<{max(units) + 256}I", *(units.get(i, 0) for i in range(max(units) + 256)))
    return struct.pack("<I", len(array)) + array + strings


CHARSMAP = {"\ufb01": "fi", "\u2460": "1", "\t": " ", "\n": " ", "\r": " ", "\u3000": " ", "\u00a0": " ", "\u200b": "",
            "\ufeff": "", "\u2126": "\u03a9", "e\u0301": "\u00e9", "n\u0303": "\u00f1", "\u0001": "", "\uff46": "f",
            "\u00bd": "1/2", "i\u0308": "\u00ef", "\u2019": "'", "A\u030a": "\u00c5", "\u1112\u1161": "\ud558"}


def write_t5():
    """tokenizer.json, and SentencePiece's own file."""
    trained = Tokenizer(models.Unigram())
    trained.normalizer = normalizers.Precompiled(charsmap(CHARSMAP))
    trained.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    train(trained, trainers.UnigramTrainer, vocab_size=400, unk_token="<unk>", special_tokens=["<pad>", "</s>", "<unk>"])
    # In a SentencePiece model scores are of single precision.
    pieces = [(piece, struct.unpack("<f", struct.pack("<f", score))[0])
              for piece, score in json.loads(trained.to_str())["model"]["vocab"]]
    # The trainer may find a special token in the texts once more.
    pieces = [pair for i, pair in enumerate(pieces) if i < 3 or pair[0] not in ("<pad>", "</s>", "<unk>")]
    # A piece whose character alone is unknown: that it wins is the unknown piece's penalty.
    pieces = [pair for pair in pieces if "Þ" not in pair[0]] + [("ÞÞ", -12.0)]
    extra = [f"<extra_id_{i}>" for i in range(9, -1, -1)]
    tokenizer = Tokenizer(models.Unigram(pieces + [(token, 0.0) for token in extra], unk_id=2, byte_fallback=False))
    tokenizer.normalizer, tokenizer.pre_tokenizer = trained.normalizer, trained.pre_tokenizer
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens(["<pad>", "</s>", "<unk>"] + extra)
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>",
                                                             special_tokens=[("</s>", 1)])
    write("t5", tokenizer)
    path = folder("t5_model")
    types = {"<pad>": 3, "</s>": 3, "<unk>": 2}
    (path / "spiece.model").write_bytes(sentence_piece_model(
        [(piece, score, types.get(piece, 1)) for piece, score in pieces], number(3, 1) + number(40, 2),
        message(2, charsmap(CHARSMAP))))
    (path / "tokenizer_config.json").write_text('{"extra_ids": 10, "clean_up_tokenization_spaces": true}\n',
                                                encoding="utf-8")
    write_references(path, tokenizer, clean_up)
    byte_fallback = json.loads(tokenizer.to_str())
    byte_fallback["model"]["vocab"] += [(f"<0x{byte:02X}>", -100.0) for byte in range(256)]
    byte_fallback["model"]["byte_fallback"] = True
    byte_fallback = Tokenizer.from_str(json.dumps(byte_fallback))
    byte_fallback.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace()])
    write("unigram_bytes", byte_fallback)


def clean_up(text):
    """What transformers does to a decoded text where clean_up_tokenization_spaces is on."""
    for found in (" .", " ?", " !", " ,"):
        text = text.replace(found, found[1:])
    text = text.replace(" ' ", "'")
    for found in (" n't", " 'm", " 's", " 've", " 're"):
        text = text.replace(found, found[1:])
    return text


def write_plain():
    """Stages that no family above has."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase(), normalizers.Strip(),
        normalizers.Replace(Regex(r"(\d)\1+"), "#"), normalizers.NFKC()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Whitespace(), pre_tokenizers.Punctuation("merged_with_previous"),
        pre_tokenizers.Digits(), pre_tokenizers.Split("e", "contiguous")])
    train(tokenizer, trainers.BpeTrainer, vocab_size=300, limit_alphabet=80, special_tokens=["<unk>", "<s>", "</s>"])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 1))
    write("plain", tokenizer)


def main():
    """Writes all kinds."""
    write_bert()
    write_byte_level()
    write_llama2()
    write_t5()
    write_plain()


if __name__ == "__main__":
    main()
