"""P-values of a claimed difference, by SciPy: what Tests/StatisticsTests/Oracles/claims.json holds.

The sign flips are scipy.stats.permutation_test over all patterns, Johnson's t and the shares are written from their
definitions with scipy.stats' distributions.

    python3 scripts/oracles/claims_scipy.py > Tests/StatisticsTests/Oracles/claims.json
"""

import json
import math

import numpy as np
from scipy import optimize, stats


def sign_flips(values):
    return stats.permutation_test(
        (values,), np.mean, permutation_type="samples", alternative="greater", n_resamples=np.inf
    ).pvalue


def johnson(values):
    n = len(values)
    mean, deviation, third = values.mean(), values.std(ddof=1), stats.kstat(values, 3)
    t = (mean + third / (6 * deviation**2 * n) + third * mean**2 / (3 * deviation**4)) / (deviation / math.sqrt(n))
    return stats.t.sf(t, n - 1)


def needed(distance, deviation, level):
    n = 2
    while True:
        reach = stats.t.ppf(1 - level, n - 1) + stats.t.ppf(0.8, n - 1)
        if distance * math.sqrt(n) >= deviation * reach and 2.0 ** -min(n, 14) <= level:
            return n
        n += 1


def shares(first, second, trials, margin):
    """The level at which the two exact bounds, at half of it each, are `margin` apart."""

    def gap(level):
        lower = stats.beta.ppf(level / 2, first, trials - first + 1) if first else 0.0
        upper = stats.beta.ppf(1 - level / 2, second + 1, trials - second) if second < trials else 1.0
        return lower - upper - margin

    if gap(0.999) <= 0:
        return 1.0
    if gap(1e-12) > 0:
        return 1e-12
    return math.exp(optimize.brentq(lambda x: gap(math.exp(x)), math.log(1e-12), math.log(0.999), xtol=1e-10))


def main():
    rng = np.random.default_rng(14)
    margins = []
    for n, draw, margin in [
        (6, rng.normal(0.5, 1, 6), 0.1), (10, rng.normal(0.2, 0.1, 10), 0.1),
        (12, 1 - rng.exponential(1, 12), -0.5), (11, rng.exponential(1, 11), 0.6), (8, rng.normal(-1, 1, 8), 0.0),
    ]:
        values = np.asarray(draw)
        margins.append({
            "differences": values.tolist(), "margin": margin,
            "exceeding": max(sign_flips(values - margin), johnson(values - margin)),
            "falling_short": max(sign_flips(margin - values), johnson(margin - values)),
            "needed": needed(abs(values.mean() - margin), values.std(ddof=1), 0.05),
        })
    differences = [
        {"first": a, "second": b, "trials": n, "margin": m, "exceeding": shares(a, b, n, m),
         "falling_short": shares(n - a, n - b, n, -m)}
        for a, b, n, m in [(20, 0, 20, 0.5), (18, 9, 20, 0.0), (10, 10, 10, 0.0), (3, 40, 40, 0.1), (30, 12, 40, 0.1)]
    ]
    print(json.dumps({"margins": margins, "shares": differences}, indent=1))


main()
