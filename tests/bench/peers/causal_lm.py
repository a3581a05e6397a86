"""Conversations or texts, a decoder and its methods, with Hugging Face's libraries alone.

What each task's module has: `examples`, `tuned`, and in LOSSES the mean loss of some examples by collator.
"""

import json

import work
from support import host, llama, openassistant, reference
from transformers import AutoModelForCausalLM, DataCollatorWithFlattening


def examples(spec):
    """(ids, labels) of each, in the file's order."""
    data = spec["data"]
    encoder = openassistant.Encoder(spec["weights"])
    if data["dataset"] == "openassistant":
        return encoder.examples(data["source"], data["max_length"])
    texts = [json.loads(line)["text"] for line in open(data["source"], encoding="utf-8")]
    encoded = [encoder.ids(text)[:data["max_length"]] for text in texts]
    return [(ids, ids) for ids in encoded]


def base(spec):
    return AutoModelForCausalLM.from_pretrained(spec["weights"], dtype=work.DTYPES[spec["dtype"]], attn_implementation="sdpa")


def tuned(spec):
    """The model with its methods, from the tensors that ours begins with. PEFT keeps adapters of a bfloat16 model in
    float32."""
    methods = [(kind, kind, options) for kind, options in spec["methods"]]
    build = {"gpt2": reference.build, "llama": llama.build}[host.family_of(spec["weights"])]
    made = build(base(spec), methods)
    begin(made, spec)
    return made


def begin(made, spec):
    """Where the row's work has more methods than this peer, the others are left out."""
    tensors = host.read_tensors(spec["start"])
    reference.load_tensors(made, {name: tensors[name] for name in made.found})


def padded_loss(tuned, examples):
    inputs = {"attention_mask": reference.pad([[1] * len(ids) for ids, _ in examples], 0)}
    labels = reference.pad([labels for _, labels in examples], -100)
    ids = reference.pad([ids for ids, _ in examples], 0)
    if isinstance(tuned, reference.Composition):
        return tuned.gpt2(**tuned.inputs(ids, inputs["attention_mask"]), labels=labels).loss
    cache = {"use_cache": False} if tuned.model.active_peft_config.peft_type == "LORA" else {}
    return tuned.model(input_ids=ids, **inputs, **cache, labels=labels).loss


def flattened_loss(tuned, examples, collate=DataCollatorWithFlattening()):
    batch = collate([{"input_ids": list(ids), "labels": list(labels)} for ids, labels in examples])
    return tuned.model(**batch, use_cache=False).loss


LOSSES = {"padded": padded_loss, "flattened": flattened_loss}
