#!/usr/bin/env python3
"""Writes the learning rates of PyTorch's schedulers, one per update, for the schedule tests.

usage: schedules_torch.py > Tests/OptimizersTests/Oracles/schedules_torch.json
"""
import json

import torch
from torch.optim import lr_scheduler


def rates(base, steps, make):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=base)
    scheduler = make(optimizer)
    result = []
    for _ in range(steps):
        result.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return result


def warmed(warmup, make):
    """A linear warm-up from base/warmup, then the schedule that `make` gives."""
    return lambda optimizer: lr_scheduler.SequentialLR(
        optimizer,
        [
            lr_scheduler.LinearLR(optimizer, 1 / warmup, total_iters=warmup - 1),
            make(optimizer),
        ],
        milestones=[warmup],
    )


def step(size, gamma):
    return lambda optimizer: lr_scheduler.StepLR(optimizer, size, gamma)


def cosine(t_max, minimum):
    return lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, t_max, minimum)


def constant(optimizer):
    return lr_scheduler.ConstantLR(optimizer, 1.0)


CASES = [
    ("constant", {}, 0.1, 12, constant),
    ("constant", {"warmup_steps": 5}, 0.1, 12, warmed(5, constant)),
    ("step", {"step_size": 3, "gamma": 0.1}, 0.1, 20, step(3, 0.1)),
    ("step", {"step_size": 7, "gamma": 0.5}, 0.3, 40, step(7, 0.5)),
    ("step", {"step_size": 4, "gamma": 0.5, "warmup_steps": 6}, 0.3, 30, warmed(6, step(4, 0.5))),
    ("cosine", {}, 0.1, 25, cosine(24, 0.0)),
    ("cosine", {"minimum": 0.001}, 0.1, 25, cosine(24, 0.001)),
    ("cosine", {"minimum": 0.2}, 0.1, 25, cosine(24, 0.2)),
    ("cosine", {"warmup_steps": 5}, 0.1, 30, warmed(5, cosine(24, 0.0))),
    ("cosine", {"warmup_steps": 8, "minimum": 0.01}, 0.5, 40, warmed(8, cosine(31, 0.01))),
]

cases = []
for name, options, base, steps, make in CASES:
    case = {"schedule": name, "options": options, "base": base, "rates": rates(base, steps, make)}
    cases.append(json.dumps(case))
lines = ",\n".join(cases)
print(f'{{"source": "torch {torch.__version__}", "cases": [\n{lines}\n]}}')
