#!/usr/bin/env python3
"""Writes Tests/NetworksTests/Oracles/convolution_torch.json: image networks by PyTorch.

    apt-get install python3-torch        # 1.13, CPU
    /usr/bin/python3 scripts/oracles/convolution_torch.py

Images lie channels last: [rows, height, width, channels]; PyTorch's are turned there and back. A
dense layer behind `flatten` has its columns in the order height, width, channels. Parameters and
inputs are numbers that float32 holds exactly. Each case has layers as an experiment file names
them, parameters in the order of the layers, loss, flat gradient and outputs in float64, the gradient in float32, the
running statistics after the pass, and the outputs of an evaluation with these.
"""
import json
import pathlib

import numpy
import torch
from torch import nn
from torch.nn import functional

ACTIVATIONS = {"identity": lambda x: x, "relu": functional.relu, "tanh": torch.tanh,
               "sigmoid": torch.sigmoid}


def padded(x, window, stride, padding, value):
    """TensorFlow's SAME: as many windows as ceil(size / stride), an odd pixel below and right."""
    if padding != "same":
        return functional.pad(x, [padding] * 4, value=value)
    sides = []
    for length in (x.shape[3], x.shape[2]):
        total = max(0, (-(-length // stride) - 1) * stride + window - length)
        sides += [total // 2, total - total // 2]
    return functional.pad(x, sides, value=value)


class Convolution(nn.Module):
    def __init__(self, options, shape):
        super().__init__()
        self.options = {"stride": 1, "padding": 0, "groups": 1, "bias": True,
                        "activation": "identity", **options}
        o = self.options
        self.convolution = nn.Conv2d(shape[0], o["channels"], o["window"], o["stride"],
                                     groups=o["groups"], bias=o["bias"])

    def forward(self, x):
        o = self.options
        x = padded(x, o["window"], o["stride"], o["padding"], 0.0)
        return ACTIVATIONS[o["activation"]](self.convolution(x))


class Pool(nn.Module):
    def __init__(self, kind, options):
        super().__init__()
        self.kind = kind
        self.options = {"window": 2, "padding": 0, **options}
        self.options.setdefault("stride", self.options["window"])

    def forward(self, x):
        o = self.options
        if self.kind == "global-pool":
            mean = o.get("function", "average") == "average"
            return x.mean((2, 3)) if mean else x.amax((2, 3))
        if self.kind == "max-pool":
            if o["padding"] != "same":  # PyTorch's own, where it has it
                return functional.max_pool2d(x, o["window"], o["stride"], o["padding"])
            x = padded(x, o["window"], o["stride"], o["padding"], -numpy.inf)
            return functional.max_pool2d(x, o["window"], o["stride"])
        if o["padding"] != "same":
            return functional.avg_pool2d(x, o["window"], o["stride"], o["padding"])
        x = padded(x, o["window"], o["stride"], o["padding"], 0.0)
        return functional.avg_pool2d(x, o["window"], o["stride"])


class Flatten(nn.Module):
    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1)


class Dense(nn.Module):
    def __init__(self, options, shape):
        super().__init__()
        self.activation = options.get("activation", "identity")
        self.linear = nn.Linear(shape[0], options["outputs"])

    def forward(self, x):
        return ACTIVATIONS[self.activation](self.linear(x))


def module(kind, options, shape):
    if kind == "convolution":
        return Convolution(options, shape)
    if kind == "flatten":
        return Flatten()
    if kind == "dense":
        return Dense(options, shape)
    if kind == "batch-norm":
        norm = nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d
        return norm(shape[0], momentum=options.get("momentum", 0.1), eps=options.get("eps", 1e-5))
    return Pool(kind, options)


def build(layers, shape):
    """The network for images [height, width, channels]."""
    x = torch.zeros(2, shape[2], shape[0], shape[1])
    modules = []
    for kind, options in layers:
        modules.append(module(kind, options, list(x.shape[1:])))
        x = modules[-1].eval()(x)
    return nn.Sequential(*modules)


def run(layers, shape, parameters, inputs, labels, dtype):
    net = build(layers, shape).to(dtype).train()
    nn.utils.vector_to_parameters(torch.tensor(parameters, dtype=dtype), net.parameters())
    x = torch.tensor(inputs, dtype=dtype).reshape(-1, *shape).permute(0, 3, 1, 2)
    outputs = net(x)
    loss = functional.cross_entropy(outputs, torch.tensor(labels))
    loss.backward()
    gradient = torch.cat([p.grad.flatten() for p in net.parameters()])
    statistics = [b.tolist() for name, b in net.named_buffers() if "running" in name]
    with torch.no_grad():
        evaluated = net.eval()(x)
    return {"loss": loss.item(), "gradient": gradient.tolist(),
            "outputs": outputs.flatten().tolist(), "statistics": statistics,
            "evaluated": evaluated.flatten().tolist()}


def rounded(value, digits):
    if isinstance(value, list):
        return [rounded(v, digits) for v in value]
    return float(f"{value:.{digits}g}")


def conv(channels, window, **options):
    return ["convolution", {"channels": channels, "window": window, **options}]


DENSE = ["dense", {"outputs": 3}]
FLAT = ["flatten", {}]
CASES = [
    # name, image, rows, layers
    ("one window", [3, 3, 1], 1, [conv(2, 3), FLAT, DENSE]),
    ("plain", [6, 5, 2], 3, [conv(4, 3, activation="relu"), FLAT, DENSE]),
    ("two layers", [7, 6, 3], 2, [conv(5, 3, activation="tanh"), conv(7, 2, activation="sigmoid"),
                                  FLAT, DENSE]),
    ("stride", [9, 8, 2], 3, [conv(3, 3), conv(6, 3, stride=2, activation="relu"), FLAT, DENSE]),
    ("stride, padding", [8, 11, 3], 2, [conv(4, 1), conv(5, 5, stride=3, padding=2), FLAT, DENSE]),
    ("same", [5, 7, 2], 4, [conv(3, 2, padding="same"), conv(4, 5, padding="same",
                                                             activation="relu"), FLAT, DENSE]),
    ("same, stride", [7, 8, 2], 3, [conv(3, 3, padding="same", stride=2), FLAT, DENSE]),
    ("same, stride 3", [9, 5, 2], 2, [conv(3, 1), conv(4, 4, padding="same", stride=3), FLAT,
                                      DENSE]),
    ("groups", [5, 6, 4], 3, [conv(6, 3, groups=2, padding=1, activation="tanh"),
                              conv(9, 2, groups=3), FLAT, DENSE]),
    ("depthwise", [6, 6, 3], 2, [conv(8, 1), conv(8, 3, groups=8, padding="same"), FLAT, DENSE]),
    ("lanes", [6, 6, 1], 3, [conv(16, 3, padding=1, activation="relu"), conv(17, 3, padding=1,
                             activation="relu"), conv(33, 1), ["global-pool", {}], DENSE]),
    ("no bias", [5, 5, 2], 3, [conv(4, 3, bias=False, activation="tanh"), conv(3, 1, bias=False),
                               ["global-pool", {}]]),
    ("max-pool", [8, 6, 3], 3, [conv(5, 3, padding=1, activation="relu"), ["max-pool", {}], FLAT,
                                DENSE]),
    ("max-pool, odd", [7, 9, 2], 2, [conv(18, 3, padding=1, activation="relu"), ["max-pool", {}],
                                     FLAT, DENSE]),
    ("max-pool, overlap", [9, 8, 2], 3, [conv(4, 3), ["max-pool", {"window": 3, "stride": 2,
                                                                  "padding": 1}], FLAT, DENSE]),
    ("max-pool, same", [8, 7, 2], 2, [conv(5, 3, padding="same"), ["max-pool", {
        "window": 3, "stride": 2, "padding": "same"}], FLAT, DENSE]),
    ("max-pool, gaps", [9, 9, 1], 2, [conv(3, 1), ["max-pool", {"window": 2, "stride": 3}], FLAT,
                                      DENSE]),
    ("average-pool", [8, 6, 3], 3, [conv(5, 3, padding=1, activation="relu"), ["average-pool", {}],
                                    FLAT, DENSE]),
    ("average-pool, padding", [7, 9, 2], 2, [conv(19, 3), ["average-pool", {
        "window": 3, "stride": 2, "padding": 1}], FLAT, DENSE]),
    ("average-pool, same", [7, 6, 2], 2, [conv(4, 2), ["average-pool", {
        "window": 3, "stride": 2, "padding": "same"}], FLAT, DENSE]),
    ("global maximum", [5, 4, 2], 3, [conv(20, 2), ["global-pool", {"function": "maximum"}],
                                      DENSE]),
    ("batch norm", [5, 6, 2], 4, [conv(6, 3, bias=False), ["batch-norm", {}], conv(3, 2),
                                  ["global-pool", {}]]),
    ("batch norm, lanes", [4, 4, 2], 3, [conv(18, 3, activation="tanh"), ["batch-norm", {
        "momentum": 0.25, "eps": 0.001}], FLAT, ["dense", {"outputs": 21, "activation": "relu"}],
        ["batch-norm", {}], DENSE]),
    ("batch norm first", [3, 3, 2], 5, [["batch-norm", {}], FLAT, ["batch-norm", {}], DENSE]),
    ("batch norm, one image", [6, 6, 2], 1, [conv(4, 3), ["batch-norm", {}], ["global-pool", {}],
                                             DENSE]),
]

random = numpy.random.default_rng(57)
cases = []
for name, shape, rows, layers in CASES:
    net = build(layers, shape)
    scale = 0.5
    parameters = []
    for parameter in net.parameters():
        values = random.normal(0, scale, parameter.numel())
        parameters += (numpy.round(values * 4096) / 4096).tolist()
    inputs = (numpy.round(random.normal(0.25, 1, rows * int(numpy.prod(shape))) * 64) / 64).tolist()
    with torch.no_grad():
        outputs = net.eval()(torch.zeros(1, shape[2], shape[0], shape[1])).shape[1]
    labels = random.integers(0, outputs, rows).tolist()
    arguments = (layers, shape, parameters, inputs, labels)
    double = run(*arguments, torch.float64)
    single = run(*arguments, torch.float32)
    cases.append({
        "name": name, "shape": shape, "rows": rows,
        "layers": [json.dumps({"name": kind, **options}) for kind, options in layers],
        "parameters": parameters, "inputs": inputs, "labels": labels,
        "loss": double["loss"], "single_loss": single["loss"],
        "gradient": rounded(double["gradient"], 12),
        "single_gradient": rounded(single["gradient"], 9),
        "outputs": rounded(double["outputs"], 10),
        "statistics": rounded(double["statistics"], 10),
        "evaluated": rounded(double["evaluated"], 10),
    })

# Maxima with NaN, infinities and ties: x, window, stride, padding, y and the gradient of Σ i·yᵢ.
inf, nan = float("inf"), float("nan")
maxima = []
for x in ([[1, 1, 2], [1, 1, 2], [0, 0, 0]], [[nan, 1, 5], [1, 2, 3], [4, 4, 4]],
          [[-inf, -inf, 1], [-inf, -inf, 0], [inf, -inf, nan]], [[0, -0.0, 0], [0, 0, 0], [nan, nan, 1]]):
    for window, stride, padding in ((2, 1, 0), (3, 1, 1), (3, 2, 1)):
        tensor = torch.tensor([[x]], dtype=torch.float32, requires_grad=True)
        y = functional.max_pool2d(tensor, window, stride, padding)
        weights = torch.arange(1, y.numel() + 1, dtype=torch.float32).reshape(y.shape)
        (gradient,) = torch.autograd.grad(y, tensor, weights)
        maxima.append({"x": [str(float(v)) for row in x for v in row], "window": window,
                       "stride": stride, "padding": padding,
                       "y": [str(v) for v in y.flatten().tolist()],
                       "gradient": gradient.flatten().tolist()})

target = pathlib.Path(__file__).resolve().parents[2] / "Tests/NetworksTests/Oracles"
with open(target / "convolution_torch.json", "w") as file:
    json.dump({"source": f"torch {torch.__version__}, scripts/oracles/convolution_torch.py",
               "cases": cases, "maxima": maxima}, file, separators=(",", ":"))
    file.write("\n")
print(len(cases), "cases")
