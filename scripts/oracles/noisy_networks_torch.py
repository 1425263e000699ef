#!/usr/bin/env python3
"""Writes Tests/NetworksTests/Oracles/noisy_networks_torch.json: networks with noise by PyTorch.

    apt-get install python3-torch        # 1.13, CPU
    /usr/bin/python3 scripts/oracles/noisy_networks_torch.py

A variational autoencoder of dense layers, and an embedding with an LSTM, dropout and a dense layer
on every time step. The noise is regenerated here from the documented formula of the random streams,
with an implementation of Philox4x32-10 of its own; everything else is PyTorch's, in float64.
"""
import json
import math
import pathlib

import numpy
import torch
from torch.nn import functional

MASK = 0xFFFFFFFF


def philox(counter, key):
    c, (k0, k1) = list(counter), key
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k0, b & MASK, (a >> 32) ^ c[3] ^ k1, a & MASK]
        k0, k1 = (k0 + 0x9E3779B9) & MASK, (k1 + 0xBB67AE85) & MASK
    return c


assert philox([MASK] * 4, [MASK] * 2) == [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]


def words(seed, name, part, count):
    value = 2166136261
    for byte in name.encode():
        value = ((value ^ byte) * 16777619) & MASK
    result = []
    for block in range((count + 3) // 4):
        result += philox([block, 0, seed >> 32, part], (seed & MASK, value))
    return result[:count]


def normals(seed, name, part, count):
    drawn, result = words(seed, name, part, 4 * ((count + 1) // 2)), []
    for i in range(0, len(drawn), 4):
        u, v = [((drawn[j] >> 5) * 2**26 + (drawn[j + 1] >> 6)) / 2**53 for j in (i, i + 2)]
        radius = math.sqrt(-2 * math.log(1 - u))
        result += [radius * math.cos(2 * math.pi * v), radius * math.sin(2 * math.pi * v)]
    return result[:count]


def rounded(values):
    return [float(f"{v:.11g}") for v in values]


def exact(random, count, scale):
    return (numpy.round(random.normal(0, scale, count) * 64) / 64).tolist()


def module_with(layers, parameters):
    layers = torch.nn.ModuleList(layers).double()
    torch.nn.utils.vector_to_parameters(
        torch.tensor(parameters, dtype=torch.float64), layers.parameters())
    return layers


def gradient_of(loss, layers):
    loss.backward()
    return rounded(torch.cat([p.grad.flatten() for p in layers.parameters()]).tolist())


def autoencoder(case, name, part, kept=None):
    inputs, hidden, latent = case["inputs_per_example"], case["hidden"], case["latent"]
    linear = torch.nn.Linear
    layers = module_with(
        [linear(inputs, hidden), linear(hidden, 2 * latent), linear(latent, hidden),
         linear(hidden, inputs)], case["parameters"])
    x = torch.tensor(case["inputs"], dtype=torch.float64).reshape(case["rows"], inputs)
    means, log_variances = layers[1](torch.tanh(layers[0](x))).chunk(2, dim=1)
    noise = torch.tensor(normals(case["seed"], name, part, case["rows"] * latent),
                         dtype=torch.float64).reshape(case["rows"], latent)
    code = means + torch.exp(log_variances / 2) * noise
    outputs = layers[3](torch.tanh(layers[2](code)))
    divergence = torch.distributions.kl_divergence(
        torch.distributions.Normal(means, torch.exp(log_variances / 2)),
        torch.distributions.Normal(0.0, 1.0)).sum()
    entropy = functional.binary_cross_entropy_with_logits(outputs, x, reduction="sum")
    return (entropy + divergence) / case["rows"], layers


def language_model(case, is_training):
    vocabulary, features, units = case["vocabulary"], case["features"], case["units"]
    layers = module_with(
        [torch.nn.Embedding(vocabulary, features), torch.nn.LSTM(features, units, batch_first=True),
         torch.nn.Linear(units, vocabulary)], case["parameters"])
    states = layers[1](layers[0](torch.tensor(case["tokens"])))[0]
    if is_training:
        drawn = words(case["seed"], "dropout/dropout1", case["step"], states.numel())
        kept = torch.tensor([w >= int(case["rate"] * 2**32) for w in drawn]).reshape(states.shape)
        states = states * kept / (1 - case["rate"])
    outputs = layers[2](states)
    labels = torch.tensor(case["labels"]).flatten()
    return functional.cross_entropy(outputs.reshape(-1, vocabulary), labels), layers


random = numpy.random.default_rng(11)

vae = {"inputs_per_example": 18, "hidden": 7, "latent": 3, "rows": 4, "seed": 2**33 + 9, "step": 5}
count = 18 * 7 + 7 + 7 * 6 + 6 + 3 * 7 + 7 + 7 * 18 + 18
vae["parameters"] = exact(random, count, 0.6)
vae["inputs"] = (numpy.round(random.uniform(0, 1, 4 * 18) * 64) / 64).tolist()
vae["inputs"][:3] = [0.0, 1.0, 0.0]
loss, layers = autoencoder(vae, "gaussian-sampling/gaussian-sampling1", vae["step"])
vae["loss"], vae["gradient"] = loss.item(), gradient_of(loss, layers)
vae["evaluation_loss"] = autoencoder(
    vae, "gaussian-sampling/gaussian-sampling1/evaluation", 0)[0].item()

text = {"vocabulary": 7, "features": 4, "units": 5, "rate": 0.4, "seed": 3, "step": 2**20}
count = 7 * 4 + 20 * (4 + 5 + 2) + 5 * 7 + 7
text["parameters"] = exact(random, count, 0.5)
text["tokens"] = random.integers(0, 7, (3, 6)).tolist()
text["labels"] = random.integers(0, 7, (3, 6)).tolist()
loss, layers = language_model(text, True)
text["loss"], text["gradient"] = loss.item(), gradient_of(loss, layers)
text["evaluation_loss"] = language_model(text, False)[0].item()

target = pathlib.Path(__file__).resolve().parents[2] / "Tests/NetworksTests/Oracles"
with open(target / "noisy_networks_torch.json", "w") as file:
    json.dump({"source": f"torch {torch.__version__}, scripts/oracles/noisy_networks_torch.py",
               "autoencoder": vae, "language_model": text}, file, separators=(",", ":"))
    file.write("\n")
print(vae["loss"], vae["evaluation_loss"], text["loss"], text["evaluation_loss"])
