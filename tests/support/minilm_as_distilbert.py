#!/usr/bin/env python3
"""MiniLM's weights in DistilBERT's layout: the same function, on real weights where DistilBERT's own cannot be had.

    minilm_as_distilbert.py MINILM FOLDER

A DistilBERT has no token types. Texts of one part have type 0 throughout, so that its row, added to every position's, is
exactly what is missing. MiniLM's pooler has no place, and is left out.
"""

import json
import shutil
import sys
from pathlib import Path

import safetensors.torch

LAYER = {
    "attention.self.query": "attention.q_lin", "attention.self.key": "attention.k_lin",
    "attention.self.value": "attention.v_lin", "attention.output.dense": "attention.out_lin",
    "attention.output.LayerNorm": "sa_layer_norm", "intermediate.dense": "ffn.lin1", "output.dense": "ffn.lin2",
    "output.LayerNorm": "output_layer_norm",
}


def renamed(name):
    """None for what DistilBERT has no place for."""
    if name.startswith("encoder.layer."):
        _, _, layer, rest = name.split(".", 3)
        module, kind = rest.rsplit(".", 1)
        return f"distilbert.transformer.layer.{layer}.{LAYER[module]}.{kind}"
    if name.startswith("embeddings.") and "token_type" not in name and "position_ids" not in name:
        return "distilbert." + name
    return None


def converted(tensors):
    positions = "embeddings.position_embeddings.weight"
    typed = {**tensors, positions: tensors[positions] + tensors["embeddings.token_type_embeddings.weight"][0]}
    return {renamed(name): tensor.contiguous() for name, tensor in typed.items() if renamed(name)}


def configuration(bert):
    return {
        "model_type": "distilbert", "architectures": ["DistilBertModel"], "vocab_size": bert["vocab_size"],
        "max_position_embeddings": bert["max_position_embeddings"], "dim": bert["hidden_size"],
        "hidden_dim": bert["intermediate_size"], "n_layers": bert["num_hidden_layers"],
        "n_heads": bert["num_attention_heads"], "activation": bert["hidden_act"],
        "initializer_range": bert["initializer_range"], "pad_token_id": bert["pad_token_id"],
        "sinusoidal_pos_embds": False,
    }


def convert(source, target):
    target.mkdir(parents=True, exist_ok=True)
    bert = json.loads((source / "config.json").read_text(encoding="utf-8"))
    (target / "config.json").write_text(json.dumps(configuration(bert), indent=2), encoding="utf-8")
    tensors = safetensors.torch.load_file(source / "model.safetensors")
    safetensors.torch.save_file(converted(tensors), target / "model.safetensors", metadata={"format": "pt"})
    for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"):
        if (source / name).exists():
            shutil.copyfile(source / name, target / name)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
