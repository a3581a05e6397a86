#!/usr/bin/env python3
"""Writes tests/unit/data/parity/families.json: what transformers' models of each family compute, tiny ones whose settings
are not the usual ones, which tests/composition/family_reference_test.cpp reproduces without Python.
"""

import json

import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSequenceClassification, T5ForConditionalGeneration

from make_references import OUTPUT, noise

VOCABULARY = 31
LLAMA = {"hidden_size": 12, "intermediate_size": 20, "num_hidden_layers": 2, "num_attention_heads": 6, "num_key_value_heads": 2,
         "head_dim": 4, "max_position_embeddings": 64, "rms_norm_eps": 0.03, "bos_token_id": 1, "eos_token_id": 2}
LLAMA3 = {"rope_type": "llama3", "rope_theta": 100.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 16}
T5 = {"d_model": 12, "d_kv": 5, "d_ff": 20, "num_layers": 2, "num_decoder_layers": 3, "num_heads": 3, "layer_norm_epsilon": 0.03,
      "relative_attention_num_buckets": 8, "relative_attention_max_distance": 12, "dropout_rate": 0.0}
BERT = {"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 20, "max_position_embeddings": 64,
        "layer_norm_eps": 0.03, "num_labels": 3}
DISTILBERT = {"dim": 12, "n_layers": 2, "n_heads": 3, "hidden_dim": 20, "max_position_embeddings": 64, "num_labels": 3}
GPT2 = {"n_embd": 12, "n_layer": 2, "n_head": 3, "n_positions": 64, "layer_norm_epsilon": 0.03, "num_labels": 3,
        "bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0}

# Name, family, model_type, configuration, transformers' class.
CASES = [
    ("Llama 3's positions", "llama", "llama", {**LLAMA, "rope_parameters": LLAMA3}, AutoModelForCausalLM),
    ("Qwen2", "llama", "qwen2", {**LLAMA, "tie_word_embeddings": True}, AutoModelForCausalLM),
    ("a Llama that classifies", "llama", "llama", {**LLAMA, "num_labels": 3, "pad_token_id": 0},
     AutoModelForSequenceClassification),
    ("GPT-2", "gpt2", "gpt2", GPT2, AutoModelForCausalLM),
    ("a GPT-2 that classifies", "gpt2", "gpt2", GPT2, AutoModelForSequenceClassification),
    ("T5 1.0", "t5", "t5", T5, T5ForConditionalGeneration),
    ("T5 1.1", "t5", "t5", {**T5, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False}, T5ForConditionalGeneration),
    ("BERT", "bert", "bert", BERT, AutoModelForSequenceClassification),
    ("BERT with relu", "bert", "bert", {**BERT, "hidden_act": "relu"}, AutoModelForSequenceClassification),
    ("DistilBERT", "distilbert", "distilbert", DISTILBERT, AutoModelForSequenceClassification),
]


def fill(model):
    """Every tensor by its place in the order of names; norms around one."""
    with torch.no_grad():
        for number, (name, parameter) in enumerate(sorted(model.named_parameters())):
            scales = parameter.dim() == 1 and name.endswith("weight")
            parameter.copy_((1.0 if scales else 0.0) + 0.8 * noise(number + 1, tuple(parameter.shape)))


def outputs(model, ids):
    """Of the last token, or of the text."""
    with torch.no_grad():
        if isinstance(model, T5ForConditionalGeneration):
            read = [0, *ids[::-1]]
            return model(input_ids=torch.tensor([ids]), decoder_input_ids=torch.tensor([read])).logits[0, -1]
        logits = model(input_ids=torch.tensor([ids])).logits[0]
        return logits if logits.dim() == 1 else logits[-1]


def make_case(name, family, kind, settings, build):
    config = AutoConfig.for_model(kind, vocab_size=VOCABULARY, **settings)
    model = build.from_config(config, attn_implementation="eager") if hasattr(build, "from_config") else build(config)
    model = model.double().eval()
    fill(model)
    texts = [[5], [(7 * i) % 29 + 2 for i in range(9)], [(11 * i) % 29 + 2 for i in range(33)]]
    return {"name": name, "family": family,
            "config": {**config.to_diff_dict(), "model_type": kind, "vocab_size": VOCABULARY, **settings,
                       "architectures": [type(model).__name__]},
            "tensors": sorted(name for name, _ in model.named_parameters()),
            "outputs": [{"ids": ids, "values": [float(f"{value:.11g}") for value in outputs(model, ids).tolist()]}
                        for ids in texts]}


def main():
    cases = [make_case(*case) for case in CASES]
    made_with = f"torch {torch.__version__}, transformers {transformers.__version__}"
    text = json.dumps({"made_with": made_with, "cases": cases})
    for begin in ('{"name"', '{"ids"'):
        text = text.replace(begin, "\n" + begin)
    path = OUTPUT.with_name("families.json")
    path.write_text(text + "\n", encoding="utf-8")
    print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
