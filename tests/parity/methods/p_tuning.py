"""P-tuning: PEFT's own PromptEncoder. PEFT keeps what an encoder makes, not the encoder: folders go one way."""

from peft import PromptEncoderConfig, get_peft_model
from support import models
from support.checks import largest
from support.curves import MIDDLE, SMALL, UNTIED, WIDE, Case
from support.folders import SEQUENCES, one_method_in, one_method_out
from support.host import dump_logits, recipe, write_recipe
from support.reference import Adapted, perturb

MLP = ("p_tuning", {"tokens": 6})
NARROW = ("p_tuning", {"tokens": 3, "hidden_size": 20})
LSTM = ("p_tuning", {"tokens": 5, "encoder": "lstm"})
DEEP = ("p_tuning", {"tokens": 9, "encoder": "lstm", "hidden_size": 24, "layers": 3})
SHALLOW = ("p_tuning", {"tokens": 4, "encoder": "lstm", "hidden_size": 40, "layers": 1})

CURVES = [
    Case("mlp", [MLP], SMALL, {"weight_decay": 0.1}, quick=True),
    Case("mlp", [MLP], WIDE, {"clip": 0.5, "accumulate": 2}, {"train_on": "all"}, seed=2),
    Case("mlp, narrow", [NARROW], MIDDLE, {"schedule": "cosine", "clip": 0.0}, seed=3),
    Case("lstm", [LSTM], SMALL, {"weight_decay": 0.1}, quick=True),
    Case("lstm, three layers", [DEEP], MIDDLE, {"schedule": "cosine", "batch_size": 3}, {"train_on": "all"}, seed=2),
    Case("lstm, one layer", [SHALLOW], UNTIED, {"clip": 0.5, "weight_decay": 0.1}, seed=3),
]


def reference(model, options):
    config = model.config
    wrapped = get_peft_model(model, PromptEncoderConfig(
        task_type="CAUSAL_LM", num_virtual_tokens=options["tokens"], token_dim=config.n_embd,
        num_layers=config.n_layer, num_attention_heads=config.n_head, num_transformer_submodules=1,
        encoder_reparameterization_type=options.get("encoder", "mlp").upper(),
        encoder_hidden_size=options.get("hidden_size", config.n_embd), encoder_num_layers=options.get("layers", 2)))
    encoder = wrapped.prompt_encoder["default"]
    tensors = {"embedding" if name == "embedding.weight" else name: parameter
               for name, parameter in encoder.named_parameters()}
    return Adapted("p_tuning", wrapped, tensors, options["tokens"])


def more(checks, weights, folder):
    for title, (kind, options) in (("mlp", NARROW), ("lstm", DEEP)):
        own = folder / title
        own.mkdir()
        one_method_out(checks, f"p_tuning, {title}", {kind: options}, weights, own)
        flat = {"tokens": options["tokens"], "encoder": "none"}
        path = write_recipe(recipe(weights, [{kind: {**flat, "init_from": str(own / "adapter")}}], own / "back"))
        ours, back = (dump_logits(run, SEQUENCES, own / f"{name}.safetensors")
                      for name, run in (("ours", own / "run"), ("back", path)))
        checks.equal(f"p_tuning, {title}: logits of the export, read without its encoder", largest(ours, back), 0.0)
        theirs = reference(models.load(weights), options)
        perturb(theirs, 0.1)
        one_method_in(checks, f"p_tuning, {title}", {kind: flat}, theirs, weights, own)
