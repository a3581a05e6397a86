"""Training the reference: padded batches, transformers' schedules, PyTorch's AdamW and clipping."""

import torch
from transformers import get_scheduler

SCHEDULES = {"linear": "linear", "cosine": "cosine", "constant": "constant_with_warmup"}


def batches(examples, train, steps):
    """The examples of each optimiser step, in the file's order, the last of an epoch perhaps fewer."""
    size = train["batch_size"] * train.get("accumulate", 1)
    epoch = [examples[begin:begin + size] for begin in range(0, len(examples), size)]
    return [epoch[step % len(epoch)] for step in range(steps)]


def decays(name):
    """As transformers' Trainer decides: no biases (an LSTM's are called bias_ih_l0), no norms."""
    return not ("bias" in name or ".ln_" in name or "norm" in name)


def optimizer_of(reference, train, **options):
    parameters = [(name, parameter) for group in reference.found.values() for name, parameter in group.items()
                  if parameter.requires_grad]
    decay = train.get("weight_decay", 0.0)
    groups = [{"params": [p for name, p in parameters if decays(name)], "weight_decay": decay},
              {"params": [p for name, p in parameters if not decays(name)], "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=train["learning_rate"], betas=(0.9, 0.999), eps=1e-8, **options)


def train_reference(reference, examples, train, steps):
    """A dictionary a step, with the keys of metrics.jsonl."""
    optimizer = reference.optimizer(train) or optimizer_of(reference, train)
    schedule = get_scheduler(SCHEDULES[train["schedule"]], optimizer, num_warmup_steps=train["warmup"],
                             num_training_steps=steps)
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    clip = train.get("clip", 1.0)
    lines = []
    for step, chosen in enumerate(batches(examples, train, steps), 1):
        targets = reference.count_targets(chosen)
        loss = 0.0
        for begin in range(0, len(chosen), train["batch_size"]):
            part = reference.loss_sum(chosen[begin:begin + train["batch_size"]])
            (part / targets).backward()
            loss += part.item()
        penalty = reference.penalty()
        if penalty is not None:
            penalty.backward()
        norm = torch.nn.utils.clip_grad_norm_(parameters, clip if clip > 0 else float("inf"))
        lines.append({"loss": loss / targets, "grad_norm": norm.item(),
                      "learning_rate": schedule.get_last_lr()[0], "tokens": reference.count_tokens(chosen)})
        optimizer.step()
        reference.after_update(step)
        schedule.step()
        optimizer.zero_grad()
    return lines
