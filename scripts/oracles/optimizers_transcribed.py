#!/usr/bin/env python3
"""Writes methods_transcribed.json: parameters after each update of rules that no package has, written
down here once more, in Python's float64.

usage, from the root of the repository: optimizers_transcribed.py

spam: the resets and warm-ups of the authors' AdamW (TianjinYellow/SPAM-Optimizer); without a reset
pytorch-optimizer's SPAM in methods_authors.json is the independent check. frozen-adam: PyTorch's Adam
with the second moment held. cudap: the printed rule.
"""
import math

import optimizer_problems

ALL = ["open_loop", "quad4", "rosenbrock", "logreg"]


def spam(lr=0.001, betas=(0.9, 0.999), eps=1e-6, threshold=5000, grad_accu_steps=20,
         update_proj_gap=500, warmup_epoch=150, weight_decay=0.0):
    state = {}
    total, current = 0, warmup_epoch + 1

    def update(theta, grad):
        nonlocal total, current
        death = 0.0
        if current < warmup_epoch:
            death = 0.99 * 0.5 * (1 + math.cos(math.pi * current / (warmup_epoch + 1)))
        call = total + 1
        if call % update_proj_gap == 0:
            state.clear()
        m = state.setdefault("m", [0.0] * len(theta))
        v = state.setdefault("v", [0.0] * len(theta))
        clips = call >= grad_accu_steps and call % update_proj_gap >= grad_accu_steps
        size = lr * math.sqrt(1 - betas[1] ** call) / (1 - betas[0] ** call) * (1 - death)
        result = []
        for i, g in enumerate(grad):
            if threshold and clips and g * g > threshold * v[i]:
                g = math.copysign(math.sqrt(threshold * v[i]), g)
            m[i] = betas[0] * m[i] + (1 - betas[0]) * g
            v[i] = betas[1] * v[i] + (1 - betas[1]) * g * g
            moved = theta[i] - size * m[i] / (math.sqrt(v[i]) + eps)
            result.append(moved - lr * weight_decay * moved)
        total += 1
        current += 1
        if (total + 1) % update_proj_gap == 0:
            current = 0
        return result

    return update


def frozen_adam(lr=0.001, betas=(0.9, 0.999), eps=1e-8, freeze_after=100, second_moment=None,
                weight_decay=0.0):
    state = {"t": 0}

    def update(theta, grad):
        state["t"] += 1
        t = state["t"]
        m = state.setdefault("m", [0.0] * len(theta))
        v = state.setdefault("v", [0.0] * len(theta))
        learned = min(t, freeze_after)
        result = []
        for i, g in enumerate(grad):
            g += weight_decay * theta[i]
            m[i] = betas[0] * m[i] + (1 - betas[0]) * g
            if second_moment is not None:
                corrected = second_moment
            else:
                if t <= freeze_after:
                    v[i] = betas[1] * v[i] + (1 - betas[1]) * g * g
                corrected = v[i] / (1 - betas[1] ** learned)
            result.append(
                theta[i] - lr * m[i] / (1 - betas[0] ** t) / (math.sqrt(corrected) + eps))
        return result

    return update


def cudap(eps=1e-8, lr=0.001):
    return lambda theta, grad: [(g - eps) / (x + eps) for x, g in zip(theta, grad)]


def methods():
    return [
        ("spam", spam, ALL,
         {"lr": 0.01, "betas": [0.9, 0.99], "grad_accu_steps": 2, "update_proj_gap": 7,
          "warmup_epoch": 4, "threshold": 2.0, "weight_decay": 0.1}),
        ("spam", spam, ALL,
         {"lr": 0.01, "update_proj_gap": 10, "warmup_epoch": 15, "threshold": 0.0}),
        ("frozen-adam", frozen_adam, ALL, {"lr": 0.01, "freeze_after": 5}),
        ("frozen-adam", frozen_adam, ALL,
         {"lr": 0.01, "betas": [0.8, 0.9], "eps": 1e-3, "freeze_after": 12, "weight_decay": 0.1}),
        ("frozen-adam", frozen_adam, ALL, {"lr": 0.001, "second_moment": 4.0}),
        ("cudap", cudap, ["logreg"], {}),
    ]


def main():
    problems = optimizer_problems.problems()
    cases = []
    for name, make, on, options in methods():
        for key in on:
            problem, rule = problems[key], make(**options)
            theta, trajectory = list(problem["init"]), []
            for step in range(problem["steps"]):
                theta = rule(theta, optimizer_problems.gradient(problem, theta, step))
                trajectory.append(theta)
            cases.append({
                "id": f"{name}/{len(cases)}/{key}",
                "optimizer": name,
                "package": "transcribed",
                "kwargs": options,
                "problem": key,
                "traj": trajectory,
            })
    optimizer_problems.write("methods_transcribed.json", {"framework": "Python"}, cases)


if __name__ == "__main__":
    main()
