"""Classifiers: small random ones in transformers' folders, recipes that train them, and the same trained with PEFT.

The texts are the messages of the OpenAssistant file, whose label is who wrote them. The tokeniser is GPT-2's for every
family: a model takes any ids, and what WordPiece makes of a text is compared elsewhere.
"""

from dataclasses import dataclass, field

import torch
from peft import LoraConfig, PromptTuningConfig, get_peft_model
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional
from transformers import (AutoModelForSequenceClassification, BertConfig, BertForSequenceClassification, BertModel,
                          DistilBertConfig, DistilBertForSequenceClassification, DistilBertModel, GPT2Config,
                          GPT2ForSequenceClassification, GPT2Model, LlamaConfig, LlamaForCausalLM,
                          LlamaForSequenceClassification)
from transformers.utils import logging

from .environment import CONVERSATIONS, NANO_GPT2
from .models import add_tokenizer
from .reference import Reference, pad

# What a folder of a bare model lacks, the checks put in.
logging.set_verbosity_error()

MAX_LENGTH = 48
LABELS = ["prompter", "assistant"]


@dataclass(frozen=True)
class Family:
    name: str
    config: type
    bare: type  # without a head
    classifier: type
    modules: dict  # our role: the path of its module in a block
    blocks: str  # where blocks are, in the classifier
    site: str  # what our sites of a block begin with
    shape: callable  # layers, width, heads, feed-forward -> the configuration's names


BERT = Family(
    "bert", BertConfig, BertModel, BertForSequenceClassification,
    {"attn.q": "attention.self.query", "attn.k": "attention.self.key", "attn.v": "attention.self.value",
     "attn.out": "attention.output.dense", "mlp.in": "intermediate.dense", "mlp.out": "output.dense"},
    "bert.encoder.layer", "layer",
    lambda layers, width, heads, inner: {
        "num_hidden_layers": layers, "hidden_size": width, "num_attention_heads": heads, "intermediate_size": inner,
        "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "max_position_embeddings": 128})
DISTILBERT = Family(
    "distilbert", DistilBertConfig, DistilBertModel, DistilBertForSequenceClassification,
    {"attn.q": "attention.q_lin", "attn.k": "attention.k_lin", "attn.v": "attention.v_lin",
     "attn.out": "attention.out_lin", "mlp.in": "ffn.lin1", "mlp.out": "ffn.lin2"},
    "distilbert.transformer.layer", "layer",
    lambda layers, width, heads, inner: {
        "n_layers": layers, "dim": width, "n_heads": heads, "hidden_dim": inner, "dropout": 0.0,
        "attention_dropout": 0.0, "seq_classif_dropout": 0.0, "max_position_embeddings": 128})
GPT2 = Family(
    "gpt2", GPT2Config, GPT2Model, GPT2ForSequenceClassification,
    {"attn.qkv": "attn.c_attn", "attn.out": "attn.c_proj", "mlp.in": "mlp.c_fc", "mlp.out": "mlp.c_proj"},
    "transformer.h", "h",
    lambda layers, width, heads, inner: {
        "n_layer": layers, "n_embd": width, "n_head": heads, "n_inner": inner, "resid_pdrop": 0.0, "embd_pdrop": 0.0,
        "attn_pdrop": 0.0, "n_positions": 128, "bos_token_id": 0, "eos_token_id": 0})
LLAMA = Family(
    "llama", LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification,
    {"attn.q": "self_attn.q_proj", "attn.v": "self_attn.v_proj", "attn.out": "self_attn.o_proj",
     "mlp.gate": "mlp.gate_proj", "mlp.in": "mlp.up_proj", "mlp.out": "mlp.down_proj"},
    "model.layers", "layers",
    lambda layers, width, heads, inner: {
        "num_hidden_layers": layers, "hidden_size": width, "num_attention_heads": heads,
        "num_key_value_heads": heads // 2, "intermediate_size": inner, "max_position_embeddings": 128,
        "bos_token_id": 0, "eos_token_id": 0})


@dataclass
class Case:
    name: str
    family: Family
    methods: list  # (plugin, options), one
    shape: tuple = (2, 48, 4, 96)
    head: str = "its own"  # "none": files of the model without a head
    options: dict = field(default_factory=dict)  # of the configuration
    train: dict = field(default_factory=dict)
    labels: int = 2
    seed: int = 1
    loss_limit: float = 1e-5  # relative
    quick: bool = False


def save(case, folder):
    """No tensor is at its usual start: a bias left out or a norm swapped with another must show."""
    torch.manual_seed(case.seed)
    config = case.family.config(vocab_size=8192, initializer_range=0.08, num_labels=case.labels, pad_token_id=0,
                                **case.family.shape(*case.shape), **case.options)
    if case.head == "its own":
        model = case.family.classifier(config)
    else:
        pooler = {"add_pooling_layer": case.head != "no pooler"} if case.family is BERT else {}
        model = case.family.bare(config, **pooler)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(0.1 * torch.randn_like(parameter))
    model.save_pretrained(folder)
    add_tokenizer(folder)
    return folder


def recipe(case, weights, output, steps, methods=None):
    return {
        "name": output.name, "seed": case.seed, "threads": 1,
        "model": {"family": case.family.name, "weights": str(weights)},
        "methods": [{kind: options} for kind, options in methods or case.methods],
        "data": {"dataset": "labelled_text", "source": str(CONVERSATIONS), "columns": {"label": "role"},
                 "labels": LABELS, "max_length": MAX_LENGTH, "shuffle": False, "validation": 0},
        "task": {"classification": {"labels": case.labels}},
        "train": {"steps": steps, "checkpoint_every": 1, "keep": 1000, **settings(case)},
        "evaluate": {"metrics": ["accuracy", "loss"], "examples": 1},
        "output": str(output),
    }


def settings(case):
    return {"batch_size": 4, "learning_rate": 1e-2, "schedule": "linear", "warmup": 2, "clip": 0.5, **case.train}


def examples(rows):
    """(ids, label) of each message in the file."""
    tokenizer = Tokenizer.from_file(str(NANO_GPT2 / "tokenizer.json"))
    return [(tokenizer.encode(row["text"]).ids[:MAX_LENGTH], LABELS.index(row["role"])) for row in rows]


def load(folder, labels=2):
    return AutoModelForSequenceClassification.from_pretrained(
        folder, num_labels=labels, dtype=torch.float32, attn_implementation="eager").eval()


class Labels(Reference):
    """Trained on (ids, label)."""

    def loss_sum(self, examples):
        ids = pad([ids for ids, _ in examples], 0)
        mask = pad([[1] * len(ids) for ids, _ in examples], 0)
        return functional.cross_entropy(self(ids, mask), torch.tensor([label for _, label in examples]), reduction="sum")

    def count_targets(self, examples):
        return len(examples)


class Classifier(Labels):
    """PEFT's method and the head's trained layers, by the names of our tensors."""

    def __init__(self, model, name, tensors, head, alone=False):
        super().__init__()
        self.model, self.alone = model, alone
        self.found = {name: tensors, "head": head}

    def forward(self, ids, mask):
        if not self.alone:
            return self.model(input_ids=ids, attention_mask=mask).logits
        # With embeddings in the place of ids, decoders take the last of a batch's columns, padding or not.
        return torch.cat([self.model(input_ids=row[:count][None], attention_mask=torch.ones(1, count, dtype=torch.long)).logits
                          for row, count in zip(ids, mask.sum(1).tolist())])


def build(case, model, head_tensors):
    """The reference of a case on transformers' model; `head_tensors` are the names of those we train."""
    (kind, options), = case.methods
    modules = sorted({name.rsplit(".", 1)[0] for name in head_tensors})
    if kind == "prefix":
        return WithPrefix(case, model, options, modules)
    if kind == "lora":
        targets = [case.family.modules[role] for role in options["targets"]]
        config = LoraConfig(task_type="SEQ_CLS", r=options["rank"], lora_alpha=options.get("alpha", 8.0),
                            target_modules=targets, modules_to_save=list(modules), fan_in_fan_out=case.family is GPT2)
    else:
        width, layers, heads = case.shape[1], case.shape[0], case.shape[2]
        config = PromptTuningConfig(task_type="SEQ_CLS", num_virtual_tokens=options["tokens"], token_dim=width,
                                    num_layers=layers, num_attention_heads=heads, num_transformer_submodules=1,
                                    modules_to_save=list(modules))
    wrapped = get_peft_model(model, config)
    inner = wrapped.base_model.model if kind == "lora" else wrapped.base_model
    saved = {module: inner.get_submodule(module).modules_to_save["default"] for module in modules}
    head = {name: getattr(saved[name.rsplit(".", 1)[0]], name.rsplit(".", 1)[1]) for name in head_tensors}
    if kind == "prompt":
        return Classifier(wrapped, "prompt", {"prompt": wrapped.prompt_encoder["default"].embedding.weight}, head,
                          alone=case.family in (GPT2, LLAMA))
    tensors = {}
    for layer, block in enumerate(inner.get_submodule(case.family.blocks)):
        for role in options["targets"]:
            module = block.get_submodule(case.family.modules[role])
            for matrix in "AB":
                tensors[f"{case.family.site}.{layer}.{role}.{matrix}"] = \
                    getattr(module, f"lora_{matrix}")["default"].weight
    return Classifier(wrapped, "lora", tensors, head)


class WithPrefix(Labels):
    """BERT with keys and values in front, by hand: transformers' BERT takes none any more, and so PEFT has no prefix."""

    def __init__(self, case, model, options, modules):
        super().__init__()
        for parameter in model.parameters():
            parameter.requires_grad_(False)
        layers, width, heads, _ = case.shape
        self.model, self.tokens = model, options["tokens"]
        self.prefix = nn.Parameter(torch.zeros(self.tokens, 2 * layers * width))
        for layer, block in enumerate(model.bert.encoder.layer):
            block.attention.self.forward = self.attention(block.attention.self, layer, heads)
        head = {f"{module}.{quantity}": getattr(model.get_submodule(module), quantity).requires_grad_(True)
                for module in modules for quantity in ("weight", "bias")}
        self.found = {"prefix": {"prefix": self.prefix}, "head": head}

    def attention(self, site, layer, heads):
        def in_heads(x):  # [B, T, width] -> [B, heads, T, head size]
            return x.view(*x.shape[:2], heads, -1).transpose(1, 2)

        def forward(hidden, *_, **__):
            front = self.prefix.view(self.tokens, 2 * len(self.model.bert.encoder.layer), -1)
            front = [front[:, 2 * layer + i].expand(len(hidden), -1, -1) for i in range(2)]
            q = in_heads(site.query(hidden))
            k, v = (in_heads(torch.cat([learned, projection(hidden)], 1))
                    for learned, projection in zip(front, (site.key, site.value)))
            scores = (q @ k.transpose(2, 3) / q.shape[-1] ** 0.5).masked_fill(~self.seen[:, None, None], float("-inf"))
            return (scores.softmax(-1) @ v).transpose(1, 2).flatten(2), None
        return forward

    def forward(self, ids, mask):
        self.seen = functional.pad(mask.bool(), (self.tokens, 0), value=True)
        positions = torch.arange(self.tokens, self.tokens + ids.shape[1])[None].expand_as(ids)
        return self.model(input_ids=ids, attention_mask=mask, position_ids=positions).logits


def scores(model, sequences):
    """[sequences, labels], each alone: what a batch pads, it cannot change."""
    with torch.no_grad():
        return torch.cat([model(input_ids=torch.tensor([ids])).logits for ids in sequences])
