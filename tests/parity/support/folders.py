"""Adapters in PEFT's folders and merged models: made by one side, read by the other."""

import warnings

import torch
from peft import PeftModel
from safetensors.torch import load_file

from . import models
from .checks import largest
from .host import Run, dump_logits, host, recipe, write_recipe
from .models import Shape
from .reference import logits_of

SHAPE = Shape(3, 96, 6)
SEQUENCES = [[5], list(range(100, 150)), [(17 * i) % 8192 for i in range(90)]]


def train(methods, weights, folder):
    """A short run whose rate is high enough that nothing is as it started."""
    return Run(recipe(weights, methods, folder, steps=4, train={"learning_rate": 2e-2, "schedule": "constant",
                                                                  "checkpoint_every": 4}))


def load_with_warnings(weights, folder):
    """PEFT's model of an adapter folder, and what it then warns of keys."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = PeftModel.from_pretrained(models.load(weights), folder)
    return model, [str(warning.message) for warning in caught if "keys" in str(warning.message)]


def load_strictly(checks, title, weights, folder):
    """PEFT's model of an adapter folder. PEFT must find in it all that it looks for and nothing else: saved again, the
    same tensors come out, and the keys it then reports are those it reports of ours. (Of a folder of its own, it calls
    `prompt_embeddings` unexpected, and loads it.)"""
    model, warned = load_with_warnings(weights, folder)
    again = folder.with_name(folder.name + "-again")
    model.save_pretrained(again)
    ours, theirs = (load_file(path / "adapter_model.safetensors") for path in (folder, again))
    checks.equal(f"{title}: tensors", shapes(ours), shapes(theirs))
    checks.equal(f"{title}: their values", max(largest(ours[name], theirs[name]) for name in ours), 0.0)
    # Into the adapter that is there, since PEFT has no two with biases on one model; beside it where it has lost ranks.
    has_lost_ranks = model.peft_config["default"].peft_type == "ADALORA"
    names = ("ours", "theirs") if has_lost_ranks else ("default", "default")
    reported = [model.load_adapter(path, adapter_name=name) for path, name in zip((folder, again), names)]
    checks.equal(f"{title}: unexpected keys", *(sorted(keys.unexpected_keys) for keys in reported))
    # Tensors of the base are always missing: an adapter's folder does not hold them.
    checks.equal(f"{title}: missing keys", [key for key in reported[0].missing_keys if names[0] in key], [])
    # PEFT warns of the rank_pattern of any AdaLoRA, its own too.
    checks.equal(f"{title}: warnings of keys", warned, load_with_warnings(weights, again)[1])
    return model.eval()


def shapes(tensors):
    return sorted((name, tuple(tensor.shape)) for name, tensor in tensors.items())


def peft_logits(model):
    with torch.no_grad():
        rows = [model(input_ids=torch.tensor([ids])).logits[0] for ids in SEQUENCES]
    return torch.cat([row[-len(ids):] for row, ids in zip(rows, SEQUENCES)])


def one_method_out(checks, title, method, weights, parent):
    run = train([method], weights, parent / "run")
    folder = parent / "adapter"
    host("export", run.folder, "--to", folder, "--format", "peft")
    ours = dump_logits(run.folder, SEQUENCES, parent / "logits.safetensors")
    base = dump_logits(run.folder, SEQUENCES, parent / "base.safetensors", base=True)
    assert largest(ours, base) > 1e-2, "training changed nothing; there is nothing to compare"
    theirs = peft_logits(load_strictly(checks, title, weights, folder))
    checks.add(f"{title}: logits of the export in PEFT", largest(ours, theirs), 1e-4)


def round_trip(checks, title, method, weights, parent):
    """What `one_method_out` has exported, read by `init_from`."""
    (kind, options), = method.items()
    path = write_recipe(recipe(weights, [{kind: {**options, "init_from": str(parent / "adapter")}}], parent / "back"))
    ours = dump_logits(parent / "run", SEQUENCES, parent / "logits.safetensors")
    back = dump_logits(path, SEQUENCES, parent / "back.safetensors")
    checks.equal(f"{title}: logits of the export, read again", largest(ours, back), 0.0)


def one_method_in(checks, title, method, theirs, weights, parent):
    """A folder PEFT makes of the reference `theirs`, read by `init_from`."""
    (kind, options), = method.items()
    theirs.model.save_pretrained(parent / "made-by-peft")
    path = write_recipe(recipe(weights, [{kind: {**options, "init_from": str(parent / "made-by-peft")}}], parent / "in"))
    ours = dump_logits(path, SEQUENCES, parent / "logits.safetensors")
    checks.add(f"{title}: logits of PEFT's folder here", largest(ours, logits_of(theirs, SEQUENCES)), 1e-4)


def merged_out(checks, title, methods, weights, parent, dtype="float32", limit=1e-4):
    """All of the methods folded, in a model that transformers loads. Returns the run and that model."""
    run = train(methods, weights, parent / "run")
    written = host("export", run.folder, "--to", parent / "merged", "--format", "merged", "--dtype", dtype).split()
    checks.equal(f"{title}: written", written, [str(parent / "merged")])  # nothing stays beside
    model = models.load(parent / "merged")
    with torch.no_grad():
        theirs = torch.cat([model(torch.tensor([ids])).logits[0] for ids in SEQUENCES])
    ours = dump_logits(run.folder, SEQUENCES, parent / "logits.safetensors")
    checks.add(f"{title}: logits of the merged model in transformers", largest(ours, theirs), limit)
    return run, model
