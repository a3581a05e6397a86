"""Transformers and PEFT in the plainest loop there is: no Trainer, no logging, nothing but the steps.

Its settings are the fastest it has on a CPU: sdpa, the model's own loss, a fused AdamW, no cache where no method needs
one, autocast where the base is in bfloat16 (its adapters' products would be in float32: 5 % slower). `task`: the module beside
this one that has the examples, the model and its losses. `collator`: `padded`, to the longest of the batch; or
`flattened`, one row without padding (transformers' DataCollatorWithFlattening), which no method with virtual tokens can do. `order`: `file`, or `grouped` by length
(transformers' LengthGroupedSampler, the first batch of which is the longest and is done once more to warm up).
"""

import importlib
import time

import torch
import work
from support import training
from transformers import get_scheduler
from transformers.trainer_pt_utils import LengthGroupedSampler


def grouped(examples, batch_size, steps):
    lengths = [len(ids) for ids, _ in examples]
    order = list(LengthGroupedSampler(batch_size, lengths=lengths, generator=torch.Generator().manual_seed(0)))
    batches = [[examples[i] for i in order[begin:begin + batch_size]] for begin in range(0, len(order), batch_size)]
    return [batches[0], *batches[:steps - 1]]


def main():
    spec = work.read()
    task = importlib.import_module(spec["task"])
    tuned, examples, train, steps = task.tuned(spec), task.examples(spec), spec["train"], spec["steps"]
    loss_of = task.LOSSES[spec["collator"]]
    optimizer = training.optimizer_of(tuned, train, fused=True)
    schedule = get_scheduler(training.SCHEDULES[train["schedule"]], optimizer, num_warmup_steps=train["warmup"],
                             num_training_steps=steps)
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    batches = (grouped(examples, train["batch_size"], steps) if spec["order"] == "grouped"
               else training.batches(examples, train, steps))
    lines = []
    for chosen in batches:
        started = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=spec["dtype"] == "bfloat16"):
            loss = loss_of(tuned, chosen)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(parameters, train["clip"])
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        lines.append({"loss": loss.item(), "grad_norm": norm.item(), "tokens": tuned.count_tokens(chosen),
                      "targets": tuned.count_targets(chosen), "seconds": time.perf_counter() - started})
    work.answer({"steps": lines})


if __name__ == "__main__":
    main()
