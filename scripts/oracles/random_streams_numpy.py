#!/usr/bin/env python3
"""Writes Tests/TensorsTests/Oracles/random_streams.json: the random streams and digests regenerated in
NumPy and hashlib from their documented formulas. Run by hand: python3 scripts/oracles/random_streams_numpy.py"""

import hashlib
import json
import math
import pathlib
import struct

import numpy as np

WORD = np.uint64(0xFFFFFFFF)


def philox4x32(counter, key):
    """Ten rounds of Philox4x32 (Salmon et al., 2011)."""
    c = [np.uint64(word) for word in counter]
    k = [np.uint64(word) for word in key]
    for _ in range(10):
        first, second = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        c = [(second >> np.uint64(32)) ^ c[1] ^ k[0], second & WORD, (first >> np.uint64(32)) ^ c[3] ^ k[1], first & WORD]
        k = [(k[0] + np.uint64(0x9E3779B9)) & WORD, (k[1] + np.uint64(0xBB67AE85)) & WORD]
    return [int(word) for word in c]


class Stream:
    """The stream called `name` of the run with seed `seed`."""

    def __init__(self, seed, name):
        hash = 2166136261  # 32-bit FNV-1a
        for byte in name.encode():
            hash = (hash ^ byte) * 16777619 % 2**32
        self.key, self.high, self.block, self.words, self.spare = (seed % 2**32, hash), seed >> 32, 0, [], None

    def word(self):
        if not self.words:
            self.words = philox4x32((self.block % 2**32, self.block >> 32, self.high, 0), self.key)
            self.block += 1
        return self.words.pop(0)

    def uniform(self):
        high, low = self.word() >> 5, self.word() >> 6
        return (high * 2**26 + low) / 2**53

    def integer(self, bound):
        """Lemire (2019), with the plain statement of its rejection rule."""
        while True:
            product = self.word() * bound
            if product % 2**32 >= 2**32 % bound:
                return product >> 32

    def normal(self):
        if self.spare is not None:
            value, self.spare = self.spare, None
            return value
        u, v = self.uniform(), self.uniform()
        radius = math.sqrt(-2 * math.log(1 - u))
        self.spare = radius * math.sin(2 * math.pi * v)
        return radius * math.cos(2 * math.pi * v)

    def shuffled(self, values):
        values = list(values)
        for index in range(len(values) - 1, 0, -1):
            other = self.integer(index + 1)
            values[index], values[other] = values[other], values[index]
        return values


def stream(seed, name):
    # Seeds are texts: JSON readers may round integers above 2^53.
    bounds = [1, 2, 3, 10, 1000, 60000, 3_000_000_000, 2_147_483_649, 4_294_967_295]
    integers = Stream(seed, name)
    return {
        "seed": str(seed), "name": name,
        "words": (lambda s: [s.word() for _ in range(11)])(Stream(seed, name)),
        "uniforms": (lambda s: [s.uniform() for _ in range(7)])(Stream(seed, name)),
        "normals": (lambda s: [s.normal() for _ in range(9)])(Stream(seed, name)),
        "bounds": bounds * 3, "integers": [integers.integer(bound) for bound in bounds * 3],
        "shuffled": Stream(seed, name).shuffled(range(20)),
    }


def digest(*parts):
    """SHA-256 of numbers as little-endian bytes, and of texts and arrays with their lengths before them."""
    data = b""
    for part in parts:
        if isinstance(part, str):
            data += struct.pack("<q", len(part.encode())) + part.encode()
        elif isinstance(part, np.ndarray):
            data += struct.pack("<q", len(part)) + part.astype(part.dtype.newbyteorder("<")).tobytes()
        else:
            data += struct.pack("<q" if isinstance(part, int) else "<d", part)
    return hashlib.sha256(data).hexdigest()


oracle = {
    "source": f"numpy {np.__version__}, scripts/oracles/random_streams_numpy.py",
    "streams": [stream(seed, name) for seed, name in
                [(0, ""), (0, "initial parameters"), (1, "initial parameters"), (7, "batch order, épsilon"),
                 (2**32, "a"), (2**64 - 1, "noise")]],
    "digests": {
        "integer_text_number": digest(-3, "épsilon", 1.5),
        "floats": digest(np.array([0.0, -0.0, 1.5, np.inf, 1e-45], dtype=np.float32)),
        "integers": digest(np.array([1, -2, 2**31 - 1], dtype=np.int32)),
    },
}
folder = pathlib.Path(__file__).resolve().parents[2] / "Tests/TensorsTests/Oracles"
folder.mkdir(parents=True, exist_ok=True)
(folder / "random_streams.json").write_text(json.dumps(oracle, separators=(",", ":")).replace("},{", "},\n{") + "\n")
