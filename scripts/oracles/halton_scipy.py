#!/usr/bin/env python3
"""Writes Tests/StatisticsTests/Oracles/halton.json from SciPy: points of the Halton sequence, and of one whose digits are
permuted. Run by hand: python3 scripts/oracles/halton_scipy.py"""

import json
import pathlib

import numpy as np
from scipy.stats import _qmc, qmc

plain = qmc.Halton(d=7, scramble=False).random(40)
far = qmc.Halton(d=3, scramble=False)
far.fast_forward(100_000)
random = np.random.default_rng(7)
scrambled = []
for base in [2, 3, 11]:
    permutations = _qmc._van_der_corput_permutations(base, rng=random)
    values = _qmc.van_der_corput(30, base, scramble=True, permutations=permutations)
    scrambled.append({"base": base, "permutations": permutations.tolist(), "values": values.tolist()})
oracle = {"plain": plain.tolist(), "far": far.random(3).tolist(), "far_index": 100_000, "scrambled": scrambled}
folder = pathlib.Path(__file__).resolve().parents[2] / "Tests/StatisticsTests/Oracles"
(folder / "halton.json").write_text(json.dumps(oracle, separators=(",", ":")).replace("],[", "],\n[") + "\n")
