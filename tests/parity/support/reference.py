"""What Hugging Face makes of a recipe: GPT-2 with PEFT's methods, alone or together, trained with PyTorch's AdamW.

A method alone is PEFT's own (`wrap_with_peft`). PEFT cannot put several of these together, so a composition is its LoRA
with a trainable cache and trainable embeddings in front (`Composition`).

Each is a `Reference`: a module that maps padded ids and their mask to logits, with a dictionary from the names of our
tensors to its parameters.
"""

import math
from fnmatch import fnmatch

import torch
from peft import LoraConfig, PrefixTuningConfig, PromptTuningConfig, get_peft_model
from torch import nn
from torch.nn import functional
from transformers import DynamicCache

# The sites of a block by role: PEFT's module, and the slice of its outputs (in widths of the model).
MODULES = {"attn.qkv": "attn.c_attn", "attn.out": "attn.c_proj", "mlp.in": "mlp.c_fc", "mlp.out": "mlp.c_proj"}
SLICES = {"attn.q": 0, "attn.k": 1, "attn.v": 2}


class Reference(nn.Module):
    """What is trained beside ours. `found`: {method: {name of our tensor: parameter}}; of these, the ones that require a
    gradient are trained."""

    found = {}
    prompt_tokens = 0  # virtual tokens whose logits stand in front
    beside = ()  # globs on names of our tensors that have no counterpart here

    def loss_sum(self, examples):
        """Σ −log p over the targets of (ids, labels): logits in float32, shifted by one; no virtual token is a target."""
        ids = pad([ids for ids, _ in examples], 0)
        mask = pad([[1] * len(ids) for ids, _ in examples], 0)
        labels = pad([[-100] * self.prompt_tokens + list(labels) for _, labels in examples], -100)
        logits = self(ids, mask)[:, :-1].float()
        return functional.cross_entropy(logits.flatten(0, 1), labels[:, 1:].flatten(), ignore_index=-100, reduction="sum")

    def count_targets(self, examples):
        """A first real token is predicted only where a virtual one stands in front of it."""
        first = 0 if self.prompt_tokens else 1
        return sum(label != -100 for _, labels in examples for label in labels[first:])

    def count_tokens(self, examples):
        return sum(len(ids) for ids, _ in examples)

    def penalty(self):
        """Beside the loss, once an optimiser step: a scalar, or none."""

    def optimizer(self, train):
        """One of its own; none: AdamW, of one learning rate."""

    def after_update(self, step):
        """After the update of a step, from 1; gradients are still there."""


class Adapted(Reference):
    """A model with one method on it, which is called as GPT-2 is."""

    def __init__(self, name, model, tensors, prompt_tokens=0):
        super().__init__()
        self.model, self.found, self.prompt_tokens = model, {name: tensors}, prompt_tokens

    def forward(self, ids, mask):
        return self.model(input_ids=ids, attention_mask=mask).logits


def freeze(model):
    for parameter in model.parameters():
        parameter.requires_grad_(False)


def lora_scale(options):
    rank = options["rank"]
    return options.get("alpha", 8.0) / (math.sqrt(rank) if options.get("use_rslora") else rank)


def peft_lora_config(options):
    return LoraConfig(task_type="CAUSAL_LM", r=options["rank"], lora_alpha=options.get("alpha", 8.0),
                      use_rslora=options.get("use_rslora", False), fan_in_fan_out=True,
                      target_modules=[MODULES[role] for role in options.get("targets", ["attn.qkv"])])


def lora_parameters(model, options):
    """Our tensors' names and PEFT's parameters; `model` is wrapped."""
    blocks = model.base_model.model.transformer.h
    found = {}
    for layer, block in enumerate(blocks):
        for role in options.get("targets", ["attn.qkv"]):
            module = block.get_submodule(MODULES[role])
            found[f"h.{layer}.{role}.A"] = module.lora_A["default"].weight
            found[f"h.{layer}.{role}.B"] = module.lora_B["default"].weight
    return found


class SlicedLora(nn.Module):
    """LoRA on slices of GPT-2's fused projection, which PEFT does not have."""

    def __init__(self, model, options):
        super().__init__()
        width = model.config.n_embd
        self.found = {}
        for layer, block in enumerate(model.transformer.h):
            for role in options["targets"]:
                a = nn.Parameter(torch.zeros(options["rank"], width))
                b = nn.Parameter(torch.zeros(width, options["rank"]))
                self.found[f"h.{layer}.{role}.A"], self.found[f"h.{layer}.{role}.B"] = a, b
                block.attn.c_attn.register_forward_hook(self.update(a, b, SLICES[role] * width, lora_scale(options)))

    @staticmethod
    def update(a, b, begin, scale):
        def hook(_, inputs, output):
            changed = output.clone()
            changed[..., begin:begin + b.shape[0]] += scale * (inputs[0] @ a.T @ b.T)
            return changed
        return hook


class Prefix(nn.Module):
    """[n, 2·layers·width], flat or through a perceptron."""

    def __init__(self, config, options):
        super().__init__()
        n, d = options["tokens"], config.n_embd
        width = 2 * config.n_layer * d
        self.found = {}
        if options.get("projection"):
            hidden = options.get("projection_hidden") or d
            self.embedding = nn.Parameter(torch.zeros(n, d))
            self.projection = nn.Sequential(nn.Linear(d, hidden), nn.Tanh(), nn.Linear(hidden, width))
            self.found = dict(self.named_parameters())
        else:
            self.flat = nn.Parameter(torch.zeros(n, width))
            self.found = {"prefix": self.flat}

    def forward(self):
        return self.projection(self.embedding) if hasattr(self, "projection") else self.flat


class Composition(Reference):
    """Any number of LoRAs (one on whole modules), prefixes and prompts, on one GPT-2."""

    def __init__(self, model, methods):
        super().__init__()
        freeze(model)
        self.gpt2 = model  # stays the plain one: PEFT replaces modules inside it
        self.prefixes, self.prompts, self.found = [], [], {}
        for name, kind, options in methods:
            if kind == "lora" and set(options.get("targets", ["attn.qkv"])) <= set(MODULES):
                self.found[name] = lora_parameters(get_peft_model(model, peft_lora_config(options)), options)
            elif kind == "lora":
                self.found[name] = SlicedLora(model, options).found
            elif kind == "prefix":
                self.prefixes.append(Prefix(model.config, options))
                self.found[name] = self.prefixes[-1].found
            elif kind == "prompt":
                self.prompts.append(nn.Parameter(torch.zeros(options["tokens"], model.config.n_embd)))
                self.found[name] = {"prompt": self.prompts[-1]}
        self.prompt_tokens = sum(len(prompt) for prompt in self.prompts)

    def cache(self, batch):
        """Keys of layer l are slot 2l of [n, 2·layers, heads, head size], values slot 2l + 1."""
        config = self.gpt2.config
        cache = DynamicCache(config=config)
        if not self.prefixes:
            return cache
        flat = torch.cat([prefix() for prefix in self.prefixes])
        slots = flat.view(len(flat), 2 * config.n_layer, config.n_head, -1).permute(1, 2, 0, 3)
        for layer in range(config.n_layer):
            keys, values = (slots[2 * layer + i].expand(batch, -1, -1, -1) for i in (0, 1))
            cache.update(keys, values, layer)
        return cache

    def inputs(self, ids, mask):
        """What GPT-2 is called with."""
        embeddings = self.gpt2.get_input_embeddings()(ids)
        batch = len(ids)
        embeddings = torch.cat([prompt.expand(batch, -1, -1) for prompt in self.prompts] + [embeddings], 1)
        cache = self.cache(batch)
        seen = cache.get_seq_length() + self.prompt_tokens
        mask = torch.cat([mask.new_ones(batch, seen), mask], 1)
        return {"inputs_embeds": embeddings, "attention_mask": mask, "past_key_values": cache, "use_cache": True}

    def forward(self, ids, mask):
        return self.gpt2(**self.inputs(ids, mask)).logits


class Peft(Reference):
    """One method, all of it PEFT's own."""

    def __init__(self, model, method):
        super().__init__()
        name, kind, options = method
        config = model.config
        sizes = {"task_type": "CAUSAL_LM", "num_virtual_tokens": options.get("tokens"), "token_dim": config.n_embd,
                 "num_layers": config.n_layer, "num_attention_heads": config.n_head,
                 "num_transformer_submodules": 1}
        self.prompt_tokens = 0
        if kind == "lora":
            self.model = get_peft_model(model, peft_lora_config(options))
            found = lora_parameters(self.model, options)
        elif kind == "prefix":
            hidden = options.get("projection_hidden") or config.n_embd
            self.model = get_peft_model(model, PrefixTuningConfig(
                **sizes, prefix_projection=options.get("projection", False), encoder_hidden_size=hidden))
            encoder = self.model.prompt_encoder["default"]
            if options.get("projection"):
                found = {"embedding": encoder.embedding.weight,
                         **{f"projection.{key}": value for key, value in encoder.transform.named_parameters()}}
            else:
                found = {"prefix": encoder.embedding.weight}
        else:
            self.model = get_peft_model(model, PromptTuningConfig(**sizes))
            self.prompt_tokens = options["tokens"]
            found = {"prompt": self.model.prompt_encoder["default"].embedding.weight}
        self.found = {name: found}

    def forward(self, ids, mask):
        return self.model(input_ids=ids, attention_mask=mask).logits


def own_tensors(name, model, chosen):
    """A method that trains the model's own tensors: those whose names `chosen` accepts."""
    for key, parameter in model.named_parameters():
        parameter.requires_grad_(chosen(key))
    return Adapted(name, model, {key: parameter for key, parameter in model.named_parameters() if chosen(key)})


def full(model, name, options):
    """All of them or those of a kind."""
    chosen = {"**": lambda _: True, "**.bias": lambda key: key.endswith(".bias")}[options.get("targets", ["**"])[0]]
    return own_tensors(name, model, chosen)


def build(model, methods):
    """`methods`: (name, plugin, options) each."""
    sliced = any(set(options.get("targets", [])) & set(SLICES) for _, kind, options in methods if kind == "lora")
    if len(methods) > 1 or sliced:
        return Composition(model, methods).train()
    if methods[0][1] == "full":
        return full(model, methods[0][0], methods[0][2]).train()
    return Peft(model, methods[0]).train()


def load_tensors(reference, tensors):
    """Our tensors into the reference's parameters; the names must be the same, none more and none fewer, and the shapes
    but for dimensions of one."""
    for method, parameters in reference.found.items():
        ours = {name: tensor for name, tensor in tensors[method].items()
                if not any(fnmatch(name, pattern) for pattern in reference.beside)}
        assert set(parameters) == set(ours), (method, set(parameters) ^ set(ours))
        with torch.no_grad():
            for name, parameter in parameters.items():
                assert parameter.squeeze().shape == ours[name].squeeze().shape, (name, parameter.shape)
                parameter.copy_(ours[name].view_as(parameter))


def randomize(reference, deviation):
    """Every tensor of every method: a fresh LoRA does nothing."""
    torch.manual_seed(11)
    with torch.no_grad():
        for parameters in reference.found.values():
            for parameter in parameters.values():
                parameter.normal_(0.0, deviation)


def perturb(reference, deviation):
    """Every tensor of every method, around what it starts as: scales stay near one."""
    torch.manual_seed(12)
    with torch.no_grad():
        for parameters in reference.found.values():
            for parameter in parameters.values():
                parameter.add_(deviation * torch.randn_like(parameter))


def pad(sequences, value):
    longest = max(map(len, sequences))
    return torch.tensor([list(sequence) + [value] * (longest - len(sequence)) for sequence in sequences])


def logits_of(reference, sequences):
    """[tokens of all sequences, vocabulary], as dump_logits writes them."""
    ids = pad(sequences, 0)
    mask = pad([[1] * len(sequence) for sequence in sequences], 0)
    reference.eval()
    with torch.no_grad():
        logits = reference(ids, mask)[:, reference.prompt_tokens:]
    return torch.cat([row[:len(sequence)] for row, sequence in zip(logits, sequences)])
