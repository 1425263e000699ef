#!/usr/bin/env python3
"""Runs every stored optimizer and clipping case again with the installed PyTorch.

usage: optimizers_torch.py [Tests/OptimizersTests/Oracles]

Prints the largest difference from the stored numbers, |a - b| / max(1, |b|), for each optimizer and
clip; options that the installed PyTorch does not know are listed. PyTorch 1.13 or newer.
"""
import collections
import json
import math
import pathlib
import sys

import torch


def gradient(problem, flat, step):
    """The gradient of a problem of problems.json at a flat parameter vector."""
    kind = problem["kind"]
    if kind == "open_loop":
        return torch.tensor(problem["grads"][step], dtype=flat.dtype)
    x = flat.clone().requires_grad_(True)
    if kind == "quadratic":
        matrix = torch.tensor(problem["A"], dtype=flat.dtype)
        vector = torch.tensor(problem["b"], dtype=flat.dtype)
        loss = 0.5 * x @ matrix @ x - vector @ x
    elif kind == "rosenbrock":
        loss = (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
    elif kind == "logreg":
        inputs = torch.tensor(problem["X"], dtype=flat.dtype)
        labels = torch.tensor(problem["y"], dtype=flat.dtype)
        logits = inputs @ x[:-1] + x[-1]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, labels)
    else:
        raise ValueError(kind)
    loss.backward()
    return x.grad


def trajectory(case, problem):
    dtype = torch.float64 if case["dtype"] == "f64" else torch.float32
    torch.set_default_dtype(dtype)
    sizes = [math.prod(p["shape"]) for p in problem["params"]]
    flat = torch.tensor(problem["init"], dtype=dtype)
    params = [
        part.reshape(p["shape"]).clone().requires_grad_(True)
        for part, p in zip(flat.split(sizes), problem["params"])
    ]
    optimizer = getattr(torch.optim, case["optimizer"])(params, **case["kwargs"])
    result = []
    for step in range(problem["steps"]):
        at = torch.cat([p.detach().reshape(-1) for p in params])
        for p, g in zip(params, gradient(problem, at, step).split(sizes)):
            p.grad = g.reshape(p.shape).clone()
        optimizer.step()
        result.append(torch.cat([p.detach().reshape(-1) for p in params]).tolist())
    return result


def clipped(case):
    dtype = torch.float64 if case["dtype"] == "f64" else torch.float32
    params = []
    for values, shape in zip(case["grads"], case["shapes"]):
        p = torch.zeros(shape, dtype=dtype, requires_grad=True)
        p.grad = torch.tensor([float(v) for v in values], dtype=dtype).reshape(shape)
        params.append(p)
    kwargs = {k: float(v) for k, v in case["kwargs"].items()}
    getattr(torch.nn.utils, case["method"].split(".")[-1])(params, **kwargs)
    return [p.grad.reshape(-1).tolist() for p in params]


def difference(ours, stored):
    worst = 0.0
    for a, b in zip(ours, stored):
        if isinstance(a, list):
            worst = max(worst, difference(a, b))
            continue
        b = float(b)
        if a == b or (math.isnan(a) and math.isnan(b)):
            continue
        worst = max(worst, abs(a - b) / max(1, abs(b)))
    return worst


def main(folder):
    problems = json.loads((folder / "problems.json").read_text())["problems"]
    worst = collections.defaultdict(float)
    unknown = []
    for case in json.loads((folder / "torch_trajectories.json").read_text())["cases"]:
        try:
            ours = trajectory(case, problems[case["problem"]])
        except TypeError as error:
            unknown.append(f"{case['id']}: {error}")
            continue
        name = f"{case['optimizer']} {case['dtype']}"
        worst[name] = max(worst[name], difference(ours, case["traj"]))
    for case in json.loads((folder / "clipping_torch.json").read_text())["cases"]:
        name = f"{case['method']} {case['dtype']}"
        worst[name] = max(worst[name], difference(clipped(case), case["expected"]))
    print(f"torch {torch.__version__}")
    for name, value in worst.items():
        print(f"{name}: {value:.2e}")
    for line in unknown:
        print(line)


if __name__ == "__main__":
    default = "Tests/OptimizersTests/Oracles"
    main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else default))
