#!/usr/bin/env python3
"""Writes learning rates, one per update, for the decay schedules: of PyTorch's schedulers where
there is one, of the published formulas in a PyTorch LambdaLR where there is none.

usage: decay_schedules.py > Tests/OptimizersTests/Oracles/decay_schedules.json
"""
import json
import math
import warnings

import torch
from torch.optim import lr_scheduler as S

warnings.simplefilter("ignore")


def optimizer(base):
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=base)


def rates(base, steps, make):
    sgd = optimizer(base)
    scheduler = make(sgd)
    result = []
    for step in range(steps):
        result.append(sgd.param_groups[0]["lr"])
        sgd.step()
        if step + 1 < steps:
            scheduler.step()
    return result


def warmed(warmup, make):
    """A linear warm-up from base/warmup, then the schedule that `make` gives."""
    return lambda o: S.SequentialLR(
        o, [S.LinearLR(o, 1 / warmup, total_iters=warmup - 1), make(o)], milestones=[warmup]
    )


def formula(function):
    return lambda o: S.LambdaLR(o, function)


def inverse_time(rate, steps, staircase=False):
    """Keras 3.16, InverseTimeDecay."""
    return formula(lambda k: 1 / (1 + rate * (k // steps if staircase else k / steps)))


def wsd(stable, decay, kind, minimum_ratio):
    """Hugging Face transformers 4.57, get_wsd_schedule, after its warm-up."""

    def factor(k):
        if k < stable:
            return 1.0
        if k < stable + decay:
            p = (k - stable) / decay
            left = {
                "cosine": 0.5 * (1 + math.cos(math.pi * p)),
                "linear": 1 - p,
                "1-sqrt": 1 - math.sqrt(p),
            }[kind]
            return (1 - minimum_ratio) * left + minimum_ratio
        return minimum_ratio

    return formula(factor)


def inverse_sqrt(timescale):
    """Hugging Face transformers 4.57, get_inverse_sqrt_schedule, after its warm-up."""
    return formula(lambda k: 1 / math.sqrt((k + timescale) / timescale))


def noam(size, warmup):
    """Vaswani et al., 2017, equation 3."""
    return formula(lambda k: size**-0.5 * min((k + 1) ** -0.5, (k + 1) * warmup**-1.5))


def polynomial(total, power, base, minimum=0.0):
    """PolynomialLR for a minimum of 0, else Keras' PolynomialDecay."""
    if minimum == 0:
        return lambda o: S.PolynomialLR(o, total_iters=total, power=power)
    return formula(
        lambda k: ((base - minimum) * (1 - min(k, total) / total) ** power + minimum) / base
    )


def one_cycle(base, total, **options):
    return lambda o: S.OneCycleLR(o, base, total_steps=total, cycle_momentum=False, **options)


def restarts(first, multiplier=1, minimum=0.0):
    return lambda o: S.CosineAnnealingWarmRestarts(o, first, multiplier, minimum)


CASES = [
    ("multi-step", {"milestones": [3, 8], "gamma": 0.1}, 0.3, 14, lambda o: S.MultiStepLR(o, [3, 8], 0.1)),
    ("multi-step", {"milestones": [9, 2, 9], "gamma": 0.5}, 0.1, 14, lambda o: S.MultiStepLR(o, [9, 2, 9], 0.5)),
    ("multi-step", {"milestones": [4], "gamma": 0.2, "warmup_steps": 3}, 0.1, 12,
     warmed(3, lambda o: S.MultiStepLR(o, [4], 0.2))),
    ("exponential", {"gamma": 0.9}, 0.1, 30, lambda o: S.ExponentialLR(o, 0.9)),
    ("exponential", {"gamma": 0.999, "warmup_steps": 5}, 0.1, 30, warmed(5, lambda o: S.ExponentialLR(o, 0.999))),
    ("inverse-time", {"decay_rate": 0.5, "decay_steps": 4}, 0.1, 20, inverse_time(0.5, 4)),
    ("inverse-time", {"decay_rate": 0.5, "decay_steps": 4, "staircase": True}, 0.1, 20, inverse_time(0.5, 4, True)),
    ("polynomial", {"total_iters": 10}, 0.1, 16, polynomial(10, 1.0, 0.1)),
    ("polynomial", {"total_iters": 12, "power": 2.5}, 0.3, 20, polynomial(12, 2.5, 0.3)),
    ("polynomial", {"power": 2}, 0.3, 20, polynomial(19, 2.0, 0.3)),
    ("polynomial", {"total_iters": 10, "power": 0.5, "minimum": 0.02}, 0.1, 14, polynomial(10, 0.5, 0.1, 0.02)),
    ("polynomial", {"power": 3, "warmup_steps": 4}, 0.3, 20, warmed(4, polynomial(15, 3.0, 0.3))),
    ("linear", {}, 0.1, 9, lambda o: S.LinearLR(o)),
    ("linear", {"start_factor": 1, "end_factor": 0, "total_iters": 12}, 0.1, 15, lambda o: S.LinearLR(o, 1.0, 0.0, 12)),
    ("cosine-restarts", {"T_0": 7}, 0.1, 30, restarts(7)),
    ("cosine-restarts", {"T_0": 3, "T_mult": 2, "minimum": 0.01}, 0.2, 50, restarts(3, 2, 0.01)),
    ("cosine-restarts", {"T_0": 1, "T_mult": 3}, 0.2, 45, restarts(1, 3)),
    ("warmup-stable-decay", {"decay_steps": 8}, 0.1, 30, wsd(21, 8, "cosine", 0.0)),
    ("warmup-stable-decay", {"decay_type": "linear", "minimum": 0.01}, 0.1, 30, wsd(23, 6, "linear", 0.1)),
    ("warmup-stable-decay", {"decay_type": "1-sqrt", "decay_steps": 10, "minimum": 0.02}, 0.1, 30, wsd(19, 10, "1-sqrt", 0.2)),
    ("warmup-stable-decay", {"decay_steps": 10, "warmup_steps": 6, "steps": 25}, 0.1, 30, warmed(6, wsd(8, 10, "cosine", 0.0))),
    ("one-cycle", {}, 0.1, 40, one_cycle(0.1, 40)),
    ("one-cycle", {"pct_start": 0.25, "anneal_strategy": "linear", "div_factor": 10, "final_div_factor": 100}, 0.1, 33,
     one_cycle(0.1, 33, pct_start=0.25, anneal_strategy="linear", div_factor=10.0, final_div_factor=100.0)),
    ("one-cycle", {"three_phase": True, "pct_start": 0.4}, 0.1, 37, one_cycle(0.1, 37, three_phase=True, pct_start=0.4)),
    ("inverse-sqrt", {"timescale": 5}, 0.1, 30, inverse_sqrt(5)),
    ("inverse-sqrt", {}, 0.1, 30, inverse_sqrt(10000)),
    ("inverse-sqrt", {"warmup_steps": 4}, 0.1, 30, warmed(4, inverse_sqrt(4))),
    ("noam", {"model_size": 64, "warmup_steps": 6}, 1.5, 30, noam(64, 6)),
]

LOSSES = [
    [1.0, 0.9, 0.9, 0.91, 0.95, 0.89, 0.89, 0.89, 0.89, 0.89, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
    [3.0, 2.9999, 2.9998, 2.9997, 2.5, float("nan"), float("nan"), 2.4, float("inf"), 2.4, 2.4, 2.4, 2.3998],
    [-1.0, -1.00005, -1.1, -1.1, -1.2, -1.2, -1.2, -1.2, -1.2, -1.2, -1.2, -1.2],
    [1.0] * 30,
]
PLATEAU = [
    {"patience": 2},
    {"patience": 0, "factor": 0.5},
    {"patience": 1, "factor": 0.5, "cooldown": 2},
    {"patience": 1, "threshold": 0.05, "threshold_mode": "abs"},
    {"patience": 0, "factor": 0.3, "min_lr": 0.01},
    {"patience": 0, "factor": 0.1, "eps": 1e-4},
    {},
]


def plateau(options, losses, base=0.1):
    """The rate before the first loss and after each."""
    sgd = optimizer(base)
    scheduler = S.ReduceLROnPlateau(sgd, **options)
    result = [base]
    for loss in losses:
        scheduler.step(loss)
        result.append(sgd.param_groups[0]["lr"])
    return result


def text(number):
    return number if math.isfinite(number) else str(number)


cases = [
    json.dumps({"schedule": n, "options": o, "base": b, "rates": rates(b, s, m)})
    for n, o, b, s, m in CASES
]
plateaus = [
    json.dumps({"options": o, "base": 0.1, "losses": [text(x) for x in l], "rates": plateau(o, l)})
    for o in PLATEAU
    for l in LOSSES
]
print(
    f'{{"source": "torch {torch.__version__}", "cases": [\n' + ",\n".join(cases)
    + '\n], "plateaus": [\n' + ",\n".join(plateaus) + "\n]}"
)
