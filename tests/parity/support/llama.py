"""Decoders of the Llama kind with random weights, and PEFT's methods on them."""

from dataclasses import dataclass, field

from peft import IA3Config, LoraConfig, PrefixTuningConfig, PromptTuningConfig, get_peft_model
from transformers import AutoConfig, AutoModelForCausalLM

from .reference import Adapted

LLAMA3 = {"rope_type": "llama3", "rope_theta": 10000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 64}
LINEAR = {"rope_type": "linear", "rope_theta": 5000.0, "factor": 4.0}

MODULES = {"attn.q": "self_attn.q_proj", "attn.k": "self_attn.k_proj", "attn.v": "self_attn.v_proj",
           "attn.out": "self_attn.o_proj", "mlp.gate": "mlp.gate_proj", "mlp.in": "mlp.up_proj",
           "mlp.out": "mlp.down_proj"}
QKV = ["attn.q", "attn.k", "attn.v"]


@dataclass(frozen=True)
class LlamaShape:
    layers: int
    width: int
    heads: int
    shared: int  # heads of keys and values
    kind: str = "llama"
    inner: int = 112
    positions: int = 256
    vocabulary: int = 8192
    tied: bool = True
    deviation: float = 0.08
    more: dict = field(default_factory=dict, hash=False)  # of the configuration

    def __str__(self):
        return f"{self.kind} {self.layers}/{self.width}/{self.heads}:{self.shared}{''.join(' ' + key for key in self.more)}"

    def model(self):
        config = AutoConfig.for_model(
            self.kind, vocab_size=self.vocabulary, max_position_embeddings=self.positions, hidden_size=self.width,
            intermediate_size=self.inner, num_hidden_layers=self.layers, num_attention_heads=self.heads,
            num_key_value_heads=self.shared, tie_word_embeddings=self.tied, initializer_range=self.deviation,
            bos_token_id=0, eos_token_id=0, pad_token_id=None, **self.more)
        return AutoModelForCausalLM.from_config(config)


def build(model, methods):
    """PEFT's own of one method: a `Reference`."""
    (name, kind, options), = methods
    return Adapted(name, *BUILDERS[kind](model, options)).train()


def targeted(model, roles, tensor_of):
    """{"layers.0.attn.q" + what it is: parameter}, of wrapped modules."""
    found = {}
    for number, block in enumerate(model.base_model.model.model.layers):
        for role in roles:
            module = block.get_submodule(MODULES[role])
            found.update({f"layers.{number}.{role}.{key}": tensor for key, tensor in tensor_of(module).items()})
    return found


def lora(model, options):
    roles = [each for role in options.get("targets", ["attn.qkv"]) for each in (QKV if role == "attn.qkv" else [role])]
    wrapped = get_peft_model(model, LoraConfig(
        task_type="CAUSAL_LM", r=options["rank"], lora_alpha=options.get("alpha", 8.0),
        use_rslora=options.get("use_rslora", False), target_modules=[MODULES[role].split(".")[1] for role in roles]))
    return wrapped, targeted(wrapped, roles, lambda module: {"A": module.lora_A["default"].weight,
                                                              "B": module.lora_B["default"].weight})


def ia3(model, _):
    wrapped = get_peft_model(model, IA3Config(
        task_type="CAUSAL_LM", target_modules=["k_proj", "v_proj", "down_proj"], feedforward_modules=["down_proj"]))
    return wrapped, targeted(wrapped, ["attn.k", "attn.v", "mlp.out"],
                             lambda module: {"scale": module.ia3_l["default"]})


def prefix(model, options):
    """PEFT makes as many heads as there are keys and values; positions of real tokens begin at n."""
    wrapped = get_peft_model(model, PrefixTuningConfig(
        task_type="CAUSAL_LM", num_virtual_tokens=options["tokens"], prefix_projection=options.get("projection", False),
        encoder_hidden_size=model.config.hidden_size))
    encoder = wrapped.prompt_encoder["default"]
    if not options.get("projection"):
        return wrapped, {"prefix": encoder.embedding.weight}
    return wrapped, {"embedding": encoder.embedding.weight,
                     **{f"projection.{key}": value for key, value in encoder.transform.named_parameters()}}


def prompt(model, options):
    wrapped = get_peft_model(model, PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=options["tokens"]))
    return wrapped, {"prompt": wrapped.prompt_encoder["default"].embedding.weight}, options["tokens"]


BUILDERS = {"lora": lora, "ia3": ia3, "prefix": prefix, "prompt": prompt}
