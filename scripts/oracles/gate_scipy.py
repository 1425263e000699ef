#!/usr/bin/env python3
"""Writes Tests/StatisticsTests/Oracles/gate.json: the statistics of the gate from NumPy and SciPy, by brute
force over all sign patterns. Run by hand: python3 scripts/oracles/gate_scipy.py"""

import itertools
import json
import pathlib

import numpy as np
import scipy
from scipy import stats

random = np.random.default_rng(20261121)


def shifts(differences, resolution):
    """t of each cell: mean(d) / sqrt(mean(d^2) + resolution^2)."""
    root = np.sqrt(np.mean(differences ** 2, axis=1) + resolution ** 2)
    return np.divide(differences.mean(axis=1), root, out=np.zeros(len(differences)), where=root > 0)


def extents(differences, resolution):
    """The sum of squares and the largest of the cells that rise, and of those that fall."""
    t = shifts(differences, resolution)
    up, down = np.maximum(t, 0), np.maximum(-t, 0)
    return [np.sum(up ** 2), up.max()], [np.sum(down ** 2), down.max()]


def min_p(statistics):
    """The min-P value of the first row: statistics by pattern, then statistic."""
    at_least = [[np.mean(column >= value * (1 - 1e-9)) for value in column] for column in np.transpose(statistics)]
    smaller = np.min(at_least, axis=0)
    return float(np.mean(smaller <= smaller[0] + 1e-12))


def sign_flip(differences, resolution):
    patterns = [extents(differences * np.array(signs), resolution)
                for signs in itertools.product([1, -1], repeat=differences.shape[1])]
    return {"differences": differences.tolist(), "resolution": resolution,
            "increase": min_p([up for up, _ in patterns]), "decrease": min_p([down for _, down in patterns]),
            "shifts": shifts(differences, resolution).tolist()}


def sign_flips():
    cases = [(random.normal(size=(3, 6)), 0.0), (random.normal(0.7, 1, size=(5, 8)), 0.1),
             (random.normal(size=(4, 8)) * [[1], [100], [1e-6], [0]], 0.01),
             (random.integers(-1, 2, size=(6, 7)).astype(float), 0.1), (np.full((2, 5), 0.3), 0.3),
             (np.zeros((3, 4)), 0.0), (random.normal(-0.4, 1, size=(1, 10)), 0.0)]
    result = [sign_flip(d, r) for d, r in cases]
    # One cell without resolution is SciPy's own permutation test of the mean.
    one = cases[-1][0]
    reference = stats.permutation_test((one[0],), np.mean, permutation_type="samples", n_resamples=np.inf,
                                       alternative="less")
    assert np.isclose(reference.pvalue, result[-1]["decrease"])
    return result


def students():
    return [{"t": t, "freedom": v, "value": stats.t.cdf(t, v)}
            for v in [1, 2, 3, 9, 9.5, 29, 400] for t in [-30.0, -2.3, -0.4, 0.0, 0.01, 1.8, 12.0]]


def quantiles():
    return [{"p": p, "freedom": v, "t": stats.t.ppf(p, v)}
            for v in [1, 2, 9, 29, 400] for p in [1e-6, 0.025, 0.3, 0.5, 0.8, 0.95, 0.999]]


def power(n, distance, s, alpha):
    excess = distance * np.sqrt(n) / s - stats.t.ppf(1 - alpha, n - 1)
    return 2 * stats.t.cdf(excess, n - 1) - 1


def equivalence():
    result = []
    for mean, sd, n, margin, alpha in [(0, 1, 10, 1.2, .05), (.3, 1, 10, .2, .05), (0, .1, 12, .2, .01), (-.05, .2, 30, .1, .1),
                                       (0.02, 1, 5, .5, .05)]:
        d = random.normal(mean, sd, size=n)
        upper = stats.ttest_1samp(d, margin, alternative="less").pvalue
        lower = stats.ttest_1samp(d, -margin, alternative="greater").pvalue
        interval = stats.ttest_1samp(d, 0).confidence_interval(1 - 2 * alpha)
        distance = abs(margin - abs(d.mean()))
        needed = next(k for k in range(2, 100_000) if power(k, distance, d.std(ddof=1), alpha) >= 0.8)
        result.append({"differences": d.tolist(), "margin": margin, "significance": alpha, "p": max(upper, lower),
                       "lower": interval.low, "upper": interval.high, "needed": needed if needed <= 10_000 else -1})
    return result


oracle = {"source": f"numpy {np.__version__}, scipy {scipy.__version__}, scripts/oracles/gate_scipy.py",
          "sign_flips": sign_flips(), "students": students(), "quantiles": quantiles(), "equivalence": equivalence()}
folder = pathlib.Path(__file__).resolve().parents[2] / "Tests/StatisticsTests/Oracles"
(folder / "gate.json").write_text(json.dumps(oracle, sort_keys=True, separators=(",", ":")).replace("},{", "},\n{") + "\n")
