#!/usr/bin/env python3
"""Writes Tests/NetworksTests/Oracles/networks_torch.json: losses and gradients by PyTorch.

    apt-get install python3-torch        # 1.13, CPU
    /usr/bin/python3 scripts/oracles/networks_torch.py

Parameters, inputs and outputs are numbers that float32 holds exactly. Each case has the loss and
the flat gradient in float64 and in float32; `infinite` has single rows of outputs with infinities
and NaN, as texts.
"""
import json
import math
import pathlib

import numpy
import torch

ACTIVATIONS = {"identity": torch.nn.Identity, "relu": torch.nn.ReLU, "tanh": torch.nn.Tanh,
               "sigmoid": torch.nn.Sigmoid}
LOSSES = ("cross-entropy", "mean-squared-error")


def loss_of(name, outputs, labels):
    if name == "cross-entropy":
        return torch.nn.functional.cross_entropy(outputs, labels)
    targets = torch.nn.functional.one_hot(labels, outputs.shape[1]).to(outputs.dtype)
    return torch.nn.functional.mse_loss(outputs, targets)


def run(widths, activation, loss, parameters, inputs, labels, dtype):
    layers = []
    for position, (inner, outer) in enumerate(zip(widths, widths[1:])):
        layers.append(torch.nn.Linear(inner, outer))
        if position < len(widths) - 2:
            layers.append(ACTIVATIONS[activation]())
    net = torch.nn.Sequential(*layers).to(dtype)
    torch.nn.utils.vector_to_parameters(torch.tensor(parameters, dtype=dtype), net.parameters())
    outputs = net(torch.tensor(inputs, dtype=dtype))
    value = loss_of(loss, outputs, torch.tensor(labels))
    value.backward()
    gradient = torch.cat([p.grad.flatten() for p in net.parameters()])
    return value.item(), gradient.tolist(), outputs


def rounded(values, digits=9):
    return [float(f"{v:.{digits}g}") for v in values]


random = numpy.random.default_rng(2026)
cases = []
for widths, rows, scale in [([4, 3], 5, 1), ([5, 8, 3], 4, 1), ([6, 17, 16, 4], 3, 0.5),
                            ([3, 20, 18], 6, 1), ([4, 6, 6, 6, 5], 7, 4)]:
    for activation in ACTIVATIONS:
        for loss in LOSSES:
            count = sum(a * b + b for a, b in zip(widths, widths[1:]))
            parameters = numpy.round(random.normal(0, scale, count) * 64) / 64
            inputs = numpy.round(random.normal(0, 1, (rows, widths[0])) * 64) / 64
            labels = random.integers(0, widths[-1], rows).tolist()
            arguments = (widths, activation, loss, parameters.tolist(), inputs.tolist(), labels)
            double = run(*arguments, torch.float64)
            single = run(*arguments, torch.float32)
            cases.append({
                "widths": widths, "activation": activation, "loss": loss,
                "parameters": parameters.tolist(), "inputs": inputs.tolist(), "labels": labels,
                "float64": {"loss": double[0], "gradient": rounded(double[1], 12)},
                "float32": {"loss": single[0], "gradient": rounded(single[1])},
                "correct": int((double[2].argmax(1) == torch.tensor(labels)).sum()),
            })

inf, nan = math.inf, math.nan
rows = []
for outputs, label in [
    ([inf, 0, 1], 0), ([inf, 0, 1], 1), ([0, nan, 1], 0), ([-inf, 0, 0], 0), ([-inf, 0, 0], 1),
    ([-inf, -inf], 0), ([inf, inf], 1), ([3e38, -3e38], 0), ([3e38, -3e38], 1), ([1000, 0], 1),
    ([-200, 0, 0.5], 0), ([88, 89, 90], 2),
]:
    z = torch.tensor([outputs], dtype=torch.float32, requires_grad=True)
    value = torch.nn.functional.cross_entropy(z, torch.tensor([label]))
    value.backward()
    rows.append({"outputs": [str(float(v)) for v in outputs], "label": label,
                 "loss": str(value.item()), "gradient": [str(v) for v in z.grad[0].tolist()]})

target = pathlib.Path(__file__).resolve().parents[2] / "Tests/NetworksTests/Oracles"
target.mkdir(parents=True, exist_ok=True)
with open(target / "networks_torch.json", "w") as file:
    json.dump({"source": f"torch {torch.__version__}, scripts/oracles/networks_torch.py",
               "cases": cases, "infinite": rows}, file, indent=None, separators=(",", ":"))
    file.write("\n")
for row in rows:
    print(row)
print(len(cases), "cases")
