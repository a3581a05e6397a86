"""T5 and what is put on it, by transformers and PEFT; and, written by hand, the three prefixes that PEFT does not have."""

import json
import math

import torch
from peft import IA3Config, LNTuningConfig, LoraConfig, PrefixTuningConfig, PromptTuningConfig, get_peft_model
from torch import nn
from torch.nn import functional
from transformers import PreTrainedTokenizerFast, T5Config, T5ForConditionalGeneration

from . import models, openassistant
from .environment import CONVERSATIONS, NANO_GPT2
from .reference import Reference, freeze


def random_model(seed, **config):
    """No tensor at its usual start, and logits of some size."""
    torch.manual_seed(seed)
    settings = {"vocab_size": 8192, "d_model": 48, "d_kv": 12, "d_ff": 96, "num_layers": 2, "num_heads": 4,
                "dropout_rate": 0.0, "decoder_start_token_id": 0, "pad_token_id": 0, "eos_token_id": 0,
                "relative_attention_num_buckets": 8, "relative_attention_max_distance": 20, **config}
    model = T5ForConditionalGeneration(T5Config(**settings))
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(0.1 * torch.randn_like(parameter))
        for side in (model.encoder, model.decoder):
            side.block[0].layer[0].SelfAttention.relative_attention_bias.weight.normal_(0, 1)
    return model.eval()


def save(model, folder):
    model.save_pretrained(folder)
    models.add_tokenizer(folder)
    return folder


def load(folder):
    return T5ForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()


def write_pairs(path, count):
    """Real questions and their answers."""
    with open(path, "w", encoding="utf-8") as file:
        for thread in openassistant.read_threads(CONVERSATIONS)[:count]:
            file.write(json.dumps({"source": thread[0][1], "target": thread[1][1]}) + "\n")
    return path


def read_examples(path, max_length, max_target_length):
    """(source ids, target ids)."""
    tokenizer = PreTrainedTokenizerFast.from_pretrained(NANO_GPT2, model_max_length=10**9)

    def ids(text, length):
        return tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)[:length]

    rows = [json.loads(line) for line in open(path, encoding="utf-8")]
    return [(ids(row["source"], max_length), ids(row["target"], max_target_length)) for row in rows]


class Seq2Seq(Reference):
    """Examples are (source, target): the decoder reads the start token and the target but for its last token."""

    def loss_sum(self, examples):
        return sum(functional.cross_entropy(self.logits(source, [0, *target[:-1]]), torch.tensor(target), reduction="sum")
                   for source, target in examples)

    def count_targets(self, examples):
        return sum(len(target) for _, target in examples)

    def count_tokens(self, examples):
        return sum(len(source) + len(target) + 1 for source, target in examples)


class PeftSeq2Seq(Seq2Seq):
    """A method of PEFT's own."""

    LORA = {"attn": "SelfAttention", "cross": "EncDecAttention"}

    def __init__(self, model, method):
        super().__init__()
        name, kind, options = method
        config = model.config
        sizes = {"task_type": "SEQ_2_SEQ_LM", "num_virtual_tokens": options.get("tokens"), "token_dim": config.d_model,
                 "num_layers": config.num_layers, "num_attention_heads": config.num_heads}
        if kind == "lora":
            self.model = get_peft_model(model, LoraConfig(
                task_type="SEQ_2_SEQ_LM", r=options["rank"], lora_alpha=options.get("alpha", 8.0),
                target_modules=[f"{self.LORA[role.split('.')[0]]}.{role.split('.')[1]}" for role in options["targets"]]))
            found = dict(self.lora_parameters(options["targets"]))
        elif kind == "ia3":  # what PEFT takes of a T5 by default
            self.model = get_peft_model(model, IA3Config(task_type="SEQ_2_SEQ_LM"))
            found = dict(self.ia3_parameters())
        elif kind == "norms":  # the same
            self.model = get_peft_model(model, LNTuningConfig(task_type="SEQ_2_SEQ_LM"))
            found = {name.removeprefix("base_model.model.").replace("ln_tuning_layers.default.", ""): parameter
                     for name, parameter in self.model.named_parameters() if parameter.requires_grad}
        elif kind == "prefix":
            self.model = get_peft_model(model, PrefixTuningConfig(**sizes, encoder_hidden_size=config.d_model))
            found = {"prefix": self.model.prompt_encoder["default"].embedding.weight}
        else:
            self.model = get_peft_model(model, PromptTuningConfig(**sizes))
            found = {"prompt": self.model.prompt_encoder["default"].embedding.weight}
            self.rows = options["tokens"]  # the others do nothing
        self.found = {name: found}

    def lora_parameters(self, targets):
        base = self.model.base_model.model
        for side in ("encoder", "decoder"):
            for layer, block in enumerate(getattr(base, side).block):
                for role in targets:
                    kind, part = role.split(".")
                    if kind == "cross" and side == "encoder":
                        continue
                    attention = getattr(block.layer[1 if kind == "cross" else 0], self.LORA[kind])
                    module = getattr(attention, part)
                    yield f"{side}.{layer}.{role}.A", module.lora_A["default"].weight
                    yield f"{side}.{layer}.{role}.B", module.lora_B["default"].weight

    def ia3_parameters(self):
        base = self.model.base_model.model
        for side in ("encoder", "decoder"):
            for layer, block in enumerate(getattr(base, side).block):
                modules = {f"attn.{part}": getattr(block.layer[0].SelfAttention, part) for part in "kv"}
                if side == "decoder":
                    modules.update({f"cross.{part}": getattr(block.layer[1].EncDecAttention, part) for part in "kv"})
                modules["mlp.out"] = block.layer[-1].DenseReluDense.wo
                for role, module in modules.items():
                    yield f"{side}.{layer}.{role}.scale", module.ia3_l["default"]

    def logits(self, source, read):
        return self.model(input_ids=torch.tensor([source]), attention_mask=torch.ones(1, len(source), dtype=torch.long),
                          decoder_input_ids=torch.tensor([read])).logits[0]


def bucket(distance, both_ways, count, limit):
    """Of one distance, the key's place less the query's (Raffel et al. 2020)."""
    first = 0
    if both_ways:
        count //= 2
        first = count if distance > 0 else 0
        distance = abs(distance)
    else:
        distance = max(-distance, 0)
    near = count // 2
    if distance < near:
        return first + distance
    grown = torch.log(torch.tensor(distance / near, dtype=torch.float32)) / math.log(limit / near) * (count - near)
    return first + min(near + int(grown), count - 1)


class ThreePrefixes(Seq2Seq):
    """T5 written out, with learned keys and values in front of each of its three kinds of attention."""

    KINDS = ("encoder", "decoder", "cross")

    def __init__(self, model, method):
        super().__init__()
        name, _, options = method
        freeze(model)
        self.model, self.config = model, model.config
        layers = {"encoder": self.config.num_layers, "decoder": self.config.num_decoder_layers,
                  "cross": self.config.num_decoder_layers}
        self.prefixes = nn.ParameterDict({
            kind: nn.Parameter(torch.zeros(options["tokens"], 2 * layers[kind] * self.config.num_heads * self.config.d_kv))
            for kind in self.KINDS})
        self.found = {name: {f"{kind}.prefix": self.prefixes[kind] for kind in self.KINDS}}

    def heads(self, x):
        return x.view(len(x), self.config.num_heads, self.config.d_kv)

    def attend(self, module, kind, layer, x, other, bias):
        """[T, d] of x [T, d] with the keys and values of `other`."""
        slots = self.prefixes[kind].view(len(self.prefixes[kind]), -1, self.config.num_heads, self.config.d_kv)
        keys = torch.cat([slots[:, 2 * layer], self.heads(module.k(other))])
        values = torch.cat([slots[:, 2 * layer + 1], self.heads(module.v(other))])
        scores = torch.einsum("qhd,khd->hqk", self.heads(module.q(x)), keys)
        return module.o(torch.einsum("hqk,khd->qhd", (scores + bias).softmax(-1), values).flatten(1))

    def bias(self, stack, kind, length):
        """[heads, T, n + T]; -inf where a decoder must not look."""
        front = len(self.prefixes[kind])
        table = stack.block[0].layer[0].SelfAttention.relative_attention_bias.weight
        buckets = torch.tensor([[bucket(key - (front + query), kind == "encoder",
                                        self.config.relative_attention_num_buckets,
                                        self.config.relative_attention_max_distance)
                                 for key in range(front + length)] for query in range(length)])
        bias = table[buckets].permute(2, 0, 1)
        if kind == "decoder":
            hidden = torch.ones(length, front + length).tril(front) == 0
            bias = bias.masked_fill(hidden, float("-inf"))
        return bias

    def stack(self, stack, kind, ids, encoded=None):
        x = self.model.shared(torch.tensor(ids))
        bias = self.bias(stack, kind, len(ids))
        for number, block in enumerate(stack.block):
            read = block.layer[0].layer_norm(x)
            x = x + self.attend(block.layer[0].SelfAttention, kind, number, read, read, bias)
            if encoded is not None:
                read = block.layer[1].layer_norm(x)
                x = x + self.attend(block.layer[1].EncDecAttention, "cross", number, read, encoded, 0.0)
            x = x + block.layer[-1].DenseReluDense(block.layer[-1].layer_norm(x))
        return stack.final_layer_norm(x)

    def logits(self, source, read):
        encoded = self.stack(self.model.encoder, "encoder", source)
        x = self.stack(self.model.decoder, "decoder", read, encoded)
        if self.config.scale_decoder_outputs:
            x = x * self.config.d_model**-0.5
        return self.model.lm_head(x)
