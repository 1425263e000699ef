#!/usr/bin/env python3
"""Writes Tests/NetworksTests/Oracles/recurrent_torch.json: recurrent networks by PyTorch.

    apt-get install python3-torch        # 1.13, CPU
    /usr/bin/python3 scripts/oracles/recurrent_torch.py

Each case is one to three recurrent layers and a dense layer with cross-entropy, on the last time
step or on all. Loss and flat gradient from PyTorch's RNN, GRU and LSTM in float64, with the loss
and the gradient's relative error in float32; the norms of the gradients at the first layer's hidden states from its cells, unrolled by hand, with
`retain_grad`. Parameters and inputs are numbers that float32 holds exactly.
"""
import json
import pathlib

import numpy
import torch

LAYERS = {"elman": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}
CELLS = {"elman": torch.nn.RNNCell, "gru": torch.nn.GRUCell, "lstm": torch.nn.LSTMCell}


def network(case, dtype):
    options = {"nonlinearity": case["activation"]} if case["kind"] == "elman" else {}
    layers, features = torch.nn.ModuleList(), case["features"]
    for _ in range(case["layers"]):
        layers.append(LAYERS[case["kind"]](features, case["units"], batch_first=True, **options))
        features = case["units"]
    layers.append(torch.nn.Linear(features, case["classes"]))
    layers.to(dtype)
    torch.nn.utils.vector_to_parameters(
        torch.tensor(case["parameters"], dtype=dtype), layers.parameters())
    return layers


def loss_of(case, layers, states):
    outputs = layers[-1](states if case["output"] == "all" else states[:, -1])
    return torch.nn.functional.cross_entropy(
        outputs.reshape(-1, case["classes"]), torch.tensor(case["labels"]))


def run(case, dtype):
    layers = network(case, dtype)
    states = torch.tensor(case["inputs"], dtype=dtype).reshape(
        case["rows"], case["steps"], case["features"])
    for layer in layers[:-1]:
        states = layer(states)[0]
    loss = loss_of(case, layers, states)
    loss.backward()
    return loss.item(), torch.cat([p.grad.flatten() for p in layers.parameters()]).tolist()


def hidden_norms(case):
    layers = network(case, torch.float64)
    options = {"nonlinearity": case["activation"]} if case["kind"] == "elman" else {}
    cell = CELLS[case["kind"]](case["features"], case["units"], **options).double()
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        setattr(cell, name, getattr(layers[0], name + "_l0"))
    inputs = torch.tensor(case["inputs"], dtype=torch.float64).reshape(
        case["rows"], case["steps"], case["features"])
    state, hidden = None, []
    for step in range(case["steps"]):
        state = cell(inputs[:, step], state)
        hidden.append(state[0] if case["kind"] == "lstm" else state)
        hidden[-1].retain_grad()
    states = torch.stack(hidden, dim=1)
    for layer in layers[1:-1]:
        states = layer(states)[0]
    loss_of(case, layers, states).backward()
    return [h.grad.norm().item() for h in hidden]


def rounded(values, digits=9):
    return [float(f"{v:.{digits}g}") for v in values]


random = numpy.random.default_rng(5)
cases = []
# steps, features, units, rows, layers, output
SHAPES = [(1, 1, 1, 1, 1, "last"), (4, 2, 5, 3, 1, "last"), (3, 3, 16, 2, 1, "all"),
          (6, 1, 17, 4, 2, "last"), (4, 18, 18, 1, 1, "all"), (3, 2, 4, 2, 3, "all")]
for steps, features, units, rows, layers, output in SHAPES:
    for kind, activation in [("elman", "tanh"), ("elman", "relu"), ("gru", ""), ("lstm", "")]:
        case = {"kind": kind, "activation": activation, "steps": steps, "features": features,
                "units": units, "rows": rows, "layers": layers, "output": output, "classes": 3}
        gates = {"elman": 1, "gru": 3, "lstm": 4}[kind]
        count, width = 0, features
        for _ in range(layers):
            count += gates * units * (width + units + 2)
            width = units
        count += 3 * units + 3
        case["parameters"] = (numpy.round(random.normal(0, 0.5, count) * 64) / 64).tolist()
        case["inputs"] = (numpy.round(random.normal(0, 1, rows * steps * features) * 64) / 64).tolist()
        case["labels"] = random.integers(0, 3, rows * (steps if output == "all" else 1)).tolist()
        double, single = run(case, torch.float64), run(case, torch.float32)
        case["float64"] = {"loss": double[0], "gradient": rounded(double[1], 11)}
        exact = numpy.array(double[1])
        error = numpy.linalg.norm(numpy.array(single[1]) - exact) / numpy.linalg.norm(exact)
        case["float32"] = {"loss": single[0], "gradient_error": error}
        case["hidden_gradient_norms"] = hidden_norms(case)
        cases.append(case)

target = pathlib.Path(__file__).resolve().parents[2] / "Tests/NetworksTests/Oracles"
with open(target / "recurrent_torch.json", "w") as file:
    json.dump({"source": f"torch {torch.__version__}, scripts/oracles/recurrent_torch.py",
               "cases": cases}, file, indent=None, separators=(",", ":"))
    file.write("\n")
print(len(cases), "cases")
