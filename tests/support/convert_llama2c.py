#!/usr/bin/env python3
"""Makes a folder in Hugging Face's layout of a model in llama2.c's format.

    python convert_llama2c.py MODEL.bin TOKENIZER FOLDER

TOKENIZER: llama2.c's .bin (pieces with scores) or SentencePiece's .vocab. Needs torch, safetensors and tokenizers.
"""

import argparse
import json
import struct
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, processors

SPACE = "▁"  # what SentencePiece has in place of a blank
SPECIAL = ["<unk>", "<s>", "</s>"]  # ids 0, 1, 2
ROTARY_BASE = 10000.0
NORM_EPSILON = 1e-5


def half_by_half(weight, heads):
    """Rows of each head from pairs (0, 1), (2, 3), … to Hugging Face's (0, half), (1, half + 1), …."""
    rows, columns = weight.shape
    return weight.view(heads, rows // heads // 2, 2, columns).transpose(1, 2).reshape(rows, columns)


class Model:
    """Seven int32, then float32 tensors, each for all layers."""

    def __init__(self, path):
        data = path.read_bytes()
        (self.width, self.inner, self.layers, self.heads, self.shared, vocabulary,
         self.positions) = struct.unpack("7i", data[:28])
        # A negative vocabulary says that the head is a tensor of its own.
        self.vocabulary, self.tied = abs(vocabulary), vocabulary > 0
        self.numbers = torch.frombuffer(bytearray(data[28:]), dtype=torch.float32)
        self.read = 0

    def next(self, *shape):
        count = torch.Size(shape).numel()
        tensor = self.numbers[self.read:self.read + count].view(shape).clone()
        self.read += count
        return tensor

    def tensors(self):
        width, layers, head = self.width, self.layers, self.width // self.heads
        found = {"model.embed_tokens.weight": self.next(self.vocabulary, width)}
        shapes = {"input_layernorm": (width,), "self_attn.q_proj": (width, width),
                  "self_attn.k_proj": (self.shared * head, width), "self_attn.v_proj": (self.shared * head, width),
                  "self_attn.o_proj": (width, width), "post_attention_layernorm": (width,),
                  "mlp.gate_proj": (self.inner, width), "mlp.down_proj": (width, self.inner),
                  "mlp.up_proj": (self.inner, width)}
        for name, shape in shapes.items():
            for layer, tensor in enumerate(self.next(layers, *shape)):
                heads = {"self_attn.q_proj": self.heads, "self_attn.k_proj": self.shared}.get(name)
                found[f"model.layers.{layer}.{name}.weight"] = half_by_half(tensor, heads) if heads else tensor
        found["model.norm.weight"] = self.next(width)
        self.next(2, self.positions, head // 2)  # cosines and sines, which can be computed
        if not self.tied:
            found["lm_head.weight"] = self.next(self.vocabulary, width)
        assert self.read == len(self.numbers), f"{len(self.numbers) - self.read} numbers are left over"
        return {name: tensor.contiguous() for name, tensor in found.items()}

    def config(self):
        return {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": self.width,
                "intermediate_size": self.inner, "num_hidden_layers": self.layers, "num_attention_heads": self.heads,
                "num_key_value_heads": self.shared, "vocab_size": self.vocabulary,
                "max_position_embeddings": self.positions, "hidden_act": "silu", "rms_norm_eps": NORM_EPSILON,
                "rope_theta": ROTARY_BASE, "rope_scaling": None, "attention_bias": False,
                "tie_word_embeddings": self.tied, "torch_dtype": "float32",
                # The texts it was trained on begin with <s>, which so ends the one before, and have no </s>.
                "bos_token_id": 1, "eos_token_id": [1, 2]}


def read_pieces(path):
    """[(piece, score)] in the order of their ids."""
    if path.suffix == ".vocab":
        lines = path.read_text(encoding="utf-8").split("\n")
        return [(piece, float(score)) for piece, score in (line.rsplit("\t", 1) for line in lines if line)]
    data = path.read_bytes()
    pieces, at = [], 4
    while at < len(data):
        score, size = struct.unpack("fi", data[at:at + 8])
        text = data[at + 8:at + 8 + size].decode("utf-8")
        pieces.append((text.strip() if len(pieces) < len(SPECIAL) else text.replace(" ", SPACE), score))
        at += 8 + size
    return pieces


def merges_of(pieces):
    """Every way to put a piece together from two others, the best-scored first, as SentencePiece merges."""
    ids = {piece: number for number, (piece, _) in enumerate(pieces)}
    ways = [(-score, ids[piece[:cut]], ids[piece[cut:]], piece[:cut], piece[cut:])
            for piece, score in pieces for cut in range(1, len(piece))
            if not is_byte(piece) and piece not in SPECIAL and piece[:cut] in ids and piece[cut:] in ids]
    return [(left, right) for _, _, _, left, right in sorted(ways)]


def is_byte(piece):
    return len(piece) == 6 and piece.startswith("<0x")


def tokenizer_of(pieces):
    """The form of Llama's tokenizer.json."""
    has_bytes = any(is_byte(piece) for piece, _ in pieces)
    tokenizer = Tokenizer(models.BPE(vocab={piece: number for number, (piece, _) in enumerate(pieces)},
                                     merges=merges_of(pieces), unk_token="<unk>", fuse_unk=True,
                                     byte_fallback=has_bytes))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend(SPACE), normalizers.Replace(" ", SPACE)])
    tokenizer.decoder = decoders.Sequence([decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse(),
                                           decoders.Strip(" ", 1, 0)])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s> $B",
                                                             special_tokens=[("<s>", 1)])
    tokenizer.add_special_tokens([AddedToken(piece, normalized=False, special=True) for piece in SPECIAL])
    return tokenizer


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()

    model = Model(arguments.model)
    pieces = read_pieces(arguments.tokenizer)
    assert len(pieces) == model.vocabulary, f"{len(pieces)} pieces for a vocabulary of {model.vocabulary}"
    arguments.folder.mkdir(parents=True, exist_ok=True)
    save_file(model.tensors(), arguments.folder / "model.safetensors", {"format": "pt"})
    (arguments.folder / "config.json").write_text(json.dumps(model.config(), indent=2) + "\n", encoding="utf-8")
    tokenizer_of(pieces).save(str(arguments.folder / "tokenizer.json"))
    (arguments.folder / "tokenizer_config.json").write_text(json.dumps(
        {"tokenizer_class": "LlamaTokenizer", "bos_token": "<s>", "eos_token": "<s>", "unk_token": "<unk>",
         "add_bos_token": True, "legacy": True}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
