#!/usr/bin/env python3
"""Writes Tests/NetworksTests/Oracles/layers_torch.json: layers and losses by PyTorch.

    apt-get install python3-torch        # 1.13, CPU
    /usr/bin/python3 scripts/oracles/layers_torch.py

A case of `layers` is a list of layers in the words of an experiment file, a batch, and the mean
squared error to given values with its gradient in the order of the layout, in float64, and how far
PyTorch itself is from that in float32. It starts with a dense layer, whose gradient tells that at the input of the rest. `losses`
has single losses with the gradient at the outputs; `smoothed_infinite` has outputs with infinities
and NaN, as texts.
"""
import json
import math
import pathlib

import numpy
import torch
from torch import nn

random = numpy.random.default_rng(5)


class Attention(nn.Module):
    def __init__(self, width, heads, causal):
        super().__init__()
        self.inner = nn.MultiheadAttention(width, heads, batch_first=True)
        self.causal = causal

    def forward(self, x):
        mask = causal_mask(x) if self.causal else None
        return self.inner(x, x, x, attn_mask=mask, need_weights=False)[0]


class Block(nn.Module):
    """The parameters in our order: norm1, attention, norm2, linear1, linear2."""

    def __init__(self, width, heads, hidden, causal, activation):
        super().__init__()
        inner = nn.TransformerEncoderLayer(width, heads, hidden, 0.0, activation, batch_first=True,
                                           norm_first=True)
        self.norm1, self.self_attn, self.norm2 = inner.norm1, inner.self_attn, inner.norm2
        self.linear1, self.linear2 = inner.linear1, inner.linear2
        self.inner, self.causal = inner, causal

    def forward(self, x):
        return self.inner(x, causal_mask(x) if self.causal else None)


class Positions(nn.Module):
    def __init__(self, steps, width):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(steps, width))

    def forward(self, x):
        return x + self.weight


class Residual(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.inner = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.inner(x)


def causal_mask(x):
    steps = x.shape[1]
    return torch.full((steps, steps), -math.inf, dtype=x.dtype).triu(1)


def run(net, parameters, inputs, values, dtype):
    net = net.to(dtype)
    seen = list(dict.fromkeys(net.parameters()))
    nn.utils.vector_to_parameters(torch.tensor(parameters, dtype=dtype), seen)
    net.zero_grad()
    outputs = net(torch.tensor(inputs, dtype=dtype))
    value = nn.functional.mse_loss(outputs, torch.tensor(values, dtype=dtype))
    value.backward()
    return value.item(), torch.cat([p.grad.flatten() for p in seen]).tolist()


def rounded(values, digits=9):
    return [float(f"{v:.{digits}g}") for v in values]


def errors(double, single):
    """What float32 costs PyTorch: of the loss, and of the gradient relative to its length."""
    exact = numpy.array(double[1])
    distance = numpy.linalg.norm(numpy.array(single[1]) - exact)
    return {"loss_error": abs(single[0] - double[0]),
            "gradient_error": distance / (numpy.linalg.norm(exact) or 1.0)}


def exact(*shape, scale=1.0):
    """Numbers that float32 holds exactly."""
    return numpy.round(random.normal(0, scale, shape) * 256) / 256


cases = []


def case(layers, shape, rows, net, scale=0.5):
    count = sum(p.numel() for p in dict.fromkeys(net.parameters()))
    parameters = exact(count, scale=scale).tolist()
    inputs = exact(rows, *shape)
    values = exact(*net(torch.tensor(inputs, dtype=torch.float32)).shape)
    arguments = (net, parameters, inputs.tolist(), values.tolist())
    double, single = run(*arguments, torch.float64), run(*arguments, torch.float32)
    cases.append({
        "layers": layers, "shape": shape, "parameters": parameters,
        "inputs": inputs.flatten().tolist(), "values": values.flatten().tolist(), "rows": rows,
        "loss": double[0], "gradient": rounded(double[1]), **errors(double, single),
    })


for name, layer, extra in [
    ("relu", nn.ReLU(), ""), ("leaky-relu", nn.LeakyReLU(), ""),
    ("leaky-relu", nn.LeakyReLU(0.3), ", negative_slope: 0.3"), ("tanh", nn.Tanh(), ""),
    ("sigmoid", nn.Sigmoid(), ""), ("gelu", nn.GELU(), ""),
    ("gelu", nn.GELU(approximate="tanh"), ", approximate: tanh"), ("silu", nn.SiLU(), ""),
]:
    for inner, outer, rows in [(3, 21, 4), (2, 5, 1)]:
        case(f"[{{name: dense, outputs: {outer}}}, {{name: {name}{extra}}}]", [inner], rows,
             nn.Sequential(nn.Linear(inner, outer), layer), scale=2)
case("[{name: dense, outputs: 19, activation: leaky-relu}, {name: dense, outputs: 3}]", [4], 5,
     nn.Sequential(nn.Linear(4, 19), nn.LeakyReLU(), nn.Linear(19, 3)))

for shape, width, rows, eps in [([3], 5, 4, 1e-5), ([4], 16, 1, 1e-5), ([2, 3], 17, 3, 1e-5),
                                ([5, 2], 40, 2, 0.1), ([1, 2], 1, 2, 1e-5)]:
    case(f"[{{name: dense, outputs: {width}}}, {{name: layer-norm, eps: {eps}}}]", shape, rows,
         nn.Sequential(nn.Linear(shape[-1], width), nn.LayerNorm(width, eps=eps)))

for steps, width, rows in [(3, 5, 4), (1, 16, 2), (4, 4, 1)]:
    case(f"[{{name: dense, outputs: {width}}}, positional-embedding]", [steps, 2], rows,
         nn.Sequential(nn.Linear(2, width), Positions(steps, width)))

for steps, width, heads, rows in [(1, 4, 2, 3), (5, 6, 2, 2), (17, 8, 1, 1), (4, 34, 2, 3),
                                  (16, 16, 1, 2), (33, 4, 4, 2), (3, 3, 3, 1)]:
    for causal in (True, False):
        case(f"[{{name: dense, outputs: {width}}}, {{name: attention, heads: {heads}, "
             f"causal: {str(causal).lower()}}}]", [steps, 2], rows,
             nn.Sequential(nn.Linear(2, width), Attention(width, heads, causal)))

case("[{name: dense, outputs: 7}, {name: residual, layers: [{name: dense, outputs: 18}, tanh, "
     "{name: dense, outputs: 7}, tanh]}, {name: dense, outputs: 2}]", [3], 4,
     nn.Sequential(nn.Linear(3, 7),
                   Residual(nn.Linear(7, 18), nn.Tanh(), nn.Linear(18, 7), nn.Tanh()),
                   nn.Linear(7, 2)))
case("[{name: dense, outputs: 6}, {name: residual, layers: [gelu, {name: residual, layers: [relu, "
     "{name: dense, outputs: 6}]}]}]", [2, 3], 3,
     nn.Sequential(nn.Linear(3, 6), Residual(nn.GELU(), Residual(nn.ReLU(), nn.Linear(6, 6)))))

for steps, width, heads, hidden, rows, causal, activation in [
    (6, 8, 2, 32, 3, True, "gelu"), (1, 6, 3, 5, 1, True, "relu"), (5, 20, 2, 17, 2, False, "gelu"),
]:
    case(f"[{{name: dense, outputs: {width}}}, {{name: transformer-block, heads: {heads}, "
         f"hidden: {hidden}, causal: {str(causal).lower()}, activation: {activation}}}, layer-norm]",
         [steps, 3], rows,
         nn.Sequential(nn.Linear(3, width), Block(width, heads, hidden, causal, activation),
                       nn.LayerNorm(width)), scale=0.4)


losses = []


def loss(text, outputs, function, **targets):
    results = []
    for dtype in (torch.float64, torch.float32):
        z = torch.tensor(outputs, dtype=dtype, requires_grad=True)
        value = function(z)
        value.backward()
        results.append((value.item(), z.grad.flatten().tolist()))
    losses.append({"definition": text, "outputs": numpy.asarray(outputs).flatten().tolist(),
                   "width": len(outputs[0]), **targets, "loss": results[0][0],
                   "gradient": rounded(results[0][1]), **errors(*results)})


for rows, classes, scale in [(4, 3, 1), (1, 16, 2), (5, 21, 4), (3, 40, 20), (2, 1, 1)]:
    outputs = exact(rows, classes, scale=scale)
    labels = random.integers(0, classes, rows).tolist()
    target = torch.tensor(labels)
    for smoothing in (0.0, 0.1, 0.5, 1.0):
        loss(f"{{name: cross-entropy, label_smoothing: {smoothing}}}", outputs,
             lambda z: nn.functional.cross_entropy(z, target, label_smoothing=smoothing),
             labels=labels)
    hot = nn.functional.one_hot(target, classes)
    loss("mean-squared-error", outputs, lambda z: nn.functional.mse_loss(z, hot.to(z.dtype)),
         labels=labels)
    loss("binary-cross-entropy", outputs,
         lambda z: nn.functional.binary_cross_entropy_with_logits(z, hot.to(z.dtype)),
         labels=labels)
    values = exact(rows, classes)
    loss("mean-squared-error", outputs,
         lambda z: nn.functional.mse_loss(z, torch.tensor(values, dtype=z.dtype)),
         values=values.flatten().tolist())
    shares = numpy.round(random.uniform(0, 1, (rows, classes)) * 256) / 256
    loss("binary-cross-entropy", outputs,
         lambda z: nn.functional.binary_cross_entropy_with_logits(
             z, torch.tensor(shares, dtype=z.dtype)), values=shares.flatten().tolist())

inf, nan = math.inf, math.nan
infinite = []
for name, outputs, label in [
    ("{name: cross-entropy, label_smoothing: 0.1}", [-inf, 0, 0], 1),
    ("{name: cross-entropy, label_smoothing: 0.1}", [inf, 0, 1], 0),
    ("{name: cross-entropy, label_smoothing: 0.1}", [0, nan, 1], 0),
    ("{name: cross-entropy, label_smoothing: 0.1}", [1000, 0, 0], 1),
    ("binary-cross-entropy", [1000, -1000, 0], 1), ("binary-cross-entropy", [-1000, 1000, 0], 1),
    ("binary-cross-entropy", [0, nan, 1], 0), ("binary-cross-entropy", [30, -30, 100], 0),
]:
    z = torch.tensor([outputs], dtype=torch.float32, requires_grad=True)
    if name.startswith("{"):
        value = nn.functional.cross_entropy(z, torch.tensor([label]), label_smoothing=0.1)
    else:
        hot = nn.functional.one_hot(torch.tensor([label]), 3).float()
        value = nn.functional.binary_cross_entropy_with_logits(z, hot)
    value.backward()
    infinite.append({"definition": name, "outputs": [str(float(v)) for v in outputs],
                     "label": label, "loss": str(value.item()),
                     "gradient": [str(v) for v in z.grad[0].tolist()]})

target = pathlib.Path(__file__).resolve().parents[2] / "Tests/NetworksTests/Oracles"
with open(target / "layers_torch.json", "w") as file:
    json.dump({"source": f"torch {torch.__version__}, scripts/oracles/layers_torch.py",
               "layers": cases, "losses": losses, "infinite": infinite}, file,
              separators=(",", ":"))
    file.write("\n")
for row in infinite:
    print(row)
print(len(cases), "layer cases,", len(losses), "losses")
