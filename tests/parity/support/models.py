"""GPT-2s with random weights, made by transformers, in every form their folders come in."""

import json
import shutil
from dataclasses import dataclass

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, GPT2Config, GPT2LMHeadModel
from transformers.utils import logging

from .environment import NANO_GPT2

logging.disable_progress_bar()

# Models are tiny: more threads wait for each other longer than they compute.
torch.set_num_threads(1)


@dataclass(frozen=True)
class Shape:
    layers: int
    width: int
    heads: int
    positions: int = 256
    vocabulary: int = 8192
    tied: bool = True
    activation: str = "gelu_new"
    deviation: float = 0.08  # of the weights; small models need more than usual to have logits of some size

    def __str__(self):
        return f"{self.layers}/{self.width}/{self.heads}"

    def model(self):
        return GPT2LMHeadModel(GPT2Config(
            vocab_size=self.vocabulary, n_positions=self.positions, n_embd=self.width, n_layer=self.layers,
            n_head=self.heads, activation_function=self.activation, tie_word_embeddings=self.tied, resid_pdrop=0.0,
            embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=0, eos_token_id=0, initializer_range=self.deviation))


def random_model(shape, seed=0):
    """No tensor is at its usual start: a bias left out or a norm swapped with another must show."""
    torch.manual_seed(seed)
    model = shape.model()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(0.1 * torch.randn_like(parameter))
    return model.eval()


def add_tokenizer(folder):
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(NANO_GPT2 / name, folder / name)


def save(model, folder, **options):
    model.save_pretrained(folder, **options)
    add_tokenizer(folder)
    return folder


def load(folder):
    """The reference: float32, whatever is stored, with the attention whose order of sums is the plainest."""
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()


def save_hub_style(model, folder):
    """As in the hub's own GPT-2: names without `transformer.`, and the causal mask among the weights."""
    save(model, folder)
    tensors = {name.removeprefix("transformer."): tensor
               for name, tensor in load_file(folder / "model.safetensors").items()}
    positions = model.config.n_positions
    for layer in range(model.config.n_layer):
        tensors[f"h.{layer}.attn.bias"] = torch.tril(torch.ones(positions, positions)).view(1, 1, positions, positions)
        tensors[f"h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    return folder


def is_sharded(folder):
    index = folder / "model.safetensors.index.json"
    return index.exists() and len(set(json.loads(index.read_text())["weight_map"].values())) > 1
