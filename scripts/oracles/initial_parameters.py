#!/usr/bin/env python3
"""Regenerates initial parameters in NumPy from the documented formulas.

    python3 scripts/oracles/initial_parameters.py

writes Tests/NetworksTests/Oracles/initial_parameters.json. The random numbers are an implementation
of Philox4x32-10 of its own, checked below against the known answers of Random123.
"""
import json
import math
import pathlib

import numpy

MASK = 0xFFFFFFFF


def philox(counter, key):
    c, (k0, k1) = list(counter), key
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k0, b & MASK, (a >> 32) ^ c[3] ^ k1, a & MASK]
        k0, k1 = (k0 + 0x9E3779B9) & MASK, (k1 + 0xBB67AE85) & MASK
    return c


assert philox([0] * 4, [0] * 2) == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
assert philox([MASK] * 4, [MASK] * 2) == [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]
assert philox([0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344], [0xA4093822, 0x299F31D0]) == [
    0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]


class Stream:
    def __init__(self, seed, name):
        value = 2166136261
        for byte in name.encode():
            value = ((value ^ byte) * 16777619) & MASK
        self.key, self.high = (seed & MASK, value), seed >> 32
        self.words, self.block, self.spare = [], 0, None

    def word(self):
        if not self.words:
            self.words = philox([self.block & MASK, self.block >> 32, self.high, 0], self.key)
            self.block += 1
        return self.words.pop(0)

    def uniform(self):
        high, low = self.word() >> 5, self.word() >> 6
        return (high * 2**26 + low) / 2**53

    def normal(self):
        if self.spare is not None:
            value, self.spare = self.spare, None
            return value
        u1, u2 = self.uniform(), self.uniform()
        radius = math.sqrt(-2 * math.log(1 - u1))
        self.spare = radius * math.sin(2 * math.pi * u2)
        return radius * math.cos(2 * math.pi * u2)


def weights(rule, shape, gain, stream):
    outputs, inputs = shape
    count = outputs * inputs
    family, _, kind = rule.partition("-")
    variances = {"he": 2 / inputs, "glorot": 2 / (inputs + outputs), "lecun": 1 / inputs}
    if family in variances:
        deviation = gain * math.sqrt(variances[family])
        if kind == "normal":
            return [deviation * stream.normal() for _ in range(count)]
        return [math.sqrt(3) * deviation * (2 * stream.uniform() - 1) for _ in range(count)]
    if rule == "normal":
        return [gain * stream.normal() for _ in range(count)]
    if rule == "uniform":
        return [gain * (2 * stream.uniform() - 1) for _ in range(count)]
    if rule == "truncated-normal":
        values = []
        while len(values) < count:
            z = stream.normal()
            if abs(z) <= 2:
                values.append(gain * z)
        return values
    if rule == "torch-default":
        return [gain / math.sqrt(inputs) * (2 * stream.uniform() - 1) for _ in range(count)]
    if rule == "orthogonal":
        a = numpy.array([stream.normal() for _ in range(count)]).reshape(shape)
        wide = outputs < inputs
        q, r = numpy.linalg.qr(a.T if wide else a)
        q = q * numpy.sign(numpy.diag(r))
        return (gain * (q.T if wide else q)).flatten().tolist()
    raise ValueError(rule)


def biases(rule, outputs, inputs, stream):
    if rule == "torch-default":
        return [(2 * stream.uniform() - 1) / math.sqrt(inputs) for _ in range(outputs)]
    return [0.0] * outputs


WIDTHS = [7, 4, 6, 6]
RULES = ["he-normal", "he-uniform", "glorot-normal", "glorot-uniform", "lecun-normal",
         "lecun-uniform", "orthogonal", "truncated-normal", "normal", "uniform", "torch-default"]

cases = []
for rule in RULES:
    for seed, gain in [(0, 1.0), (9_876_543_210_123, 1.5)]:
        values = []
        for position, (inputs, outputs) in enumerate(zip(WIDTHS, WIDTHS[1:]), 1):
            name = f"initial-parameters/dense{position}"
            values += weights(rule, (outputs, inputs), gain, Stream(seed, f"{name}.weight"))
            values += biases(rule, outputs, inputs, Stream(seed, f"{name}.bias"))
        cases.append({"initialization": rule, "seed": seed, "gain": gain, "parameters": values})

target = pathlib.Path(__file__).resolve().parents[2] / "Tests/NetworksTests/Oracles"
with open(target / "initial_parameters.json", "w") as file:
    json.dump({"source": f"numpy {numpy.__version__}, scripts/oracles/initial_parameters.py",
               "widths": WIDTHS, "cases": cases}, file, separators=(",", ":"))
    file.write("\n")
print(len(cases), "cases")
