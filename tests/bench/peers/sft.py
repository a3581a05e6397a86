"""TRL's SFTTrainer, from the conversations' file to a saved adapter, LoRA alone.

It gets the same tokens and targets as ours, in the file's order (`collator`: `padded`, or `flattened`, TRL's
padding_free), or packs them as it likes (`packed`). Gradient checkpointing, its default, is off, and so is what only
reports: both cost time.
"""

import tempfile
import time

import causal_lm
import work
from datasets import Dataset
from support import reference
from transformers import PreTrainedTokenizerFast, TrainerCallback
from trl import SFTConfig, SFTTrainer


class Clock(TrainerCallback):
    """The seconds of each optimiser step, its loss and its gradient's norm."""

    def __init__(self):
        self.lines = []

    def on_step_begin(self, *_, **__):
        self.started = time.perf_counter()

    def on_step_end(self, *_, **__):
        self.lines.append({"seconds": time.perf_counter() - self.started})

    def on_log(self, _, state, control, logs=None, **__):
        if "loss" in logs:
            self.lines[-1] |= {"loss": float(logs["loss"]), "grad_norm": float(logs["grad_norm"])}


def counting(collate, tokens):
    """The collator; the number of each batch's real tokens goes to a list."""

    def collated(examples):
        tokens.append(sum(len(example["input_ids"]) for example in examples))
        return collate(examples)

    return collated


def dataset(spec):
    examples = causal_lm.examples(spec)
    return Dataset.from_dict({"input_ids": [list(ids) for ids, _ in examples],
                              "labels": [list(labels) for _, labels in examples]})


def main():
    spec = work.read()
    train = spec["train"]
    packed = spec["collator"] == "packed"
    with tempfile.TemporaryDirectory() as folder:
        arguments = SFTConfig(
            output_dir=folder, max_steps=spec["steps"], per_device_train_batch_size=spec["rows"] or train["batch_size"],
            learning_rate=train["learning_rate"], lr_scheduler_type=train["schedule"], warmup_steps=train["warmup"],
            weight_decay=0.0, max_grad_norm=train["clip"], bf16=False, use_cpu=True, gradient_checkpointing=False,
            packing=packed, padding_free=spec["collator"] == "flattened",
            max_length=spec["data"]["max_length"] if packed else None, train_sampling_strategy="sequential",
            logging_steps=1, report_to=[], save_strategy="no", disable_tqdm=True, dataloader_pin_memory=False)
        ((_, options),) = spec["methods"]
        clock = Clock()
        trainer = SFTTrainer(causal_lm.base(spec), arguments, train_dataset=dataset(spec), callbacks=[clock],
                             processing_class=PreTrainedTokenizerFast.from_pretrained(spec["weights"]),
                             peft_config=reference.peft_lora_config(options))
        trained = reference.Reference()
        trained.found = {"lora": reference.lora_parameters(trainer.model, options)}
        causal_lm.begin(trained, spec)
        tokens = []
        trainer.data_collator = counting(trainer.data_collator, tokens)
        trainer.train()
        trainer.save_model(folder)
    work.answer({"steps": [line | {"tokens": count} for line, count in zip(clock.lines, tokens)]})


if __name__ == "__main__":
    main()
