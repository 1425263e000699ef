#!/usr/bin/env python3
"""Writes Tests/StatisticsTests/Oracles/statistics.json from NumPy and SciPy, and formulas of rliable,
lifelines and COCO written out here. Run by hand: python3 scripts/oracles/statistics_scipy.py"""

import itertools
import json
import math
import pathlib

import numpy as np
import scipy
from scipy import stats

random = np.random.default_rng(20240611)
inf = math.inf


def plain(value):
    """The value as JSON, with the infinities as texts."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, (str, bool)):
        return value
    if isinstance(value, (int, np.integer)):
        return int(value)
    value = float(value)
    return value if math.isfinite(value) else str(value)


def incomplete_beta():
    cases = [(x, a, b) for a, b in [(0.5, 0.5), (1, 1), (1, 30), (2.5, 7), (30, 1), (50, 51), (500, 700), (3, 20000)]
             for x in [1e-12, 1e-4, 0.01, 0.3, 0.5, 0.77, 0.999]]
    return [{"x": x, "a": a, "b": b, "value": scipy.special.betainc(a, b, x)} for x, a, b in cases]


def clopper_pearson():
    result = []
    for k, n, confidence in [(0, 1, .95), (1, 1, .95), (0, 10, .95), (3, 10, .95), (10, 10, .95), (5, 10, .99), (1, 90, .9),
                             (45, 90, .95), (89, 90, .95), (220, 864, .95), (1, 5000, .95), (4321, 5000, .999)]:
        tail = (1 - confidence) / 2  # binomtest's own interval stops its root search at 2e-12
        lower = stats.beta.ppf(tail, k, n - k + 1) if k > 0 else 0
        upper = stats.beta.isf(tail, k + 1, n - k) if k < n else 1
        result.append({"successes": k, "trials": n, "confidence": confidence, "lower": lower, "upper": upper})
    return result


def distributions():
    return {
        "normal": [{"p": p, "z": stats.norm.ppf(p)} for p in [1e-12, 0.001, 0.025, 0.3, 0.5, 0.84, 0.975, 0.9999]],
        "chi_squared": [{"x": x, "k": k, "survival": stats.chi2.sf(x, k)}
                        for k in [1, 2, 3, 4, 7, 10, 25, 60] for x in [0.1, 1.0, 5.5, 30.0, 120.0]],
        "studentized_range": [{"q": q, "k": k, "value": stats.studentized_range.cdf(q, k, np.inf)}
                              for k in [2, 3, 5, 10, 20] for q in [0.5, 2.0, 3.5, 6.0]],
    }


def samples():
    """Lists of values with their quantiles, interquartile mean and midranks."""
    lists = [random.normal(size=n) for n in [1, 2, 3, 4, 5, 7, 8, 10, 11, 64, 101]]
    lists += [random.integers(0, 4, size=n).astype(float) for n in [5, 12, 30]]
    return [{"values": v, "p": (p := [0, 0.025, 0.1, 0.25, 0.5, 0.6, 0.9, 0.975, 1]), "quantiles": np.quantile(v, p),
             "median": np.median(v), "iqm": stats.trim_mean(v, 0.25), "midranks": stats.rankdata(v)} for v in lists]


def improvement():
    """Mann-Whitney U of y over x divided by the pairs, as in rliable (there for larger-is-better)."""
    result = []
    for n, m, kind in [(1, 1, "n"), (5, 7, "n"), (10, 10, "i"), (10, 10, "n"), (30, 20, "i")]:
        x = random.normal(size=n) if kind == "n" else random.integers(0, 5, size=n).astype(float)
        y = random.normal(0.4, size=m) if kind == "n" else random.integers(1, 6, size=m).astype(float)
        u = stats.mannwhitneyu(y, x).statistic
        result.append({"x": x, "y": y, "value": u / (n * m)})
    return result


def brute_force_signed_rank(differences):
    """The exact two-sided p-value over all signs of the midranks."""
    ranks = stats.rankdata(np.abs(differences))
    statistic = min(ranks[differences > 0].sum(), ranks[differences < 0].sum())
    sums = np.array([np.dot(signs, ranks) for signs in itertools.product([0, 1], repeat=len(ranks))])
    return statistic, min(1.0, 2 * np.mean(sums <= statistic + 1e-9))


def signed_rank():
    result = []
    for n in [1, 2, 5, 10, 20, 25, 40]:  # without ties: SciPy's exact distribution
        x, y = random.normal(size=n), random.normal(0.5, size=n)
        test = stats.wilcoxon(x, y, method="exact")
        result.append({"kind": "exact", "x": x, "y": y, "statistic": test.statistic, "p": test.pvalue})
    for n in [4, 8, 12, 14]:  # ties and zeros: all signs counted
        x, y = random.integers(0, 6, size=n).astype(float), random.integers(0, 6, size=n).astype(float)
        d = (x - y)[x != y]
        statistic, p = brute_force_signed_rank(d)
        result.append({"kind": "ties", "x": x, "y": y, "statistic": statistic, "p": p})
    # Failed runs: +inf against finite is the largest difference, +inf against +inf is none.
    x = np.array([0.3, inf, inf, 0.2, 0.5, inf, 0.1, 0.7])
    y = np.array([0.4, 0.9, inf, 0.4, 0.4, 0.8, inf, 1.2])
    big = np.array([0.3 - 0.4, 1e9, 0.2 - 0.4, 0.5 - 0.4, 1e9, -1e9, 0.7 - 1.2])
    statistic, p = brute_force_signed_rank(big)
    result.append({"kind": "infinite", "x": x, "y": y, "statistic": statistic, "p": p})
    for n in [60, 200]:
        x, y = random.normal(size=n), random.normal(0.2, size=n)
        test = stats.wilcoxon(x, y, method="asymptotic")
        result.append({"kind": "approximate", "x": x, "y": y, "statistic": test.statistic, "p": test.pvalue})
    x, y = random.integers(0, 9, size=120).astype(float), random.integers(1, 9, size=120).astype(float)
    test = stats.wilcoxon(x, y, method="asymptotic")
    result.append({"kind": "approximate with ties", "x": x, "y": y, "statistic": test.statistic, "p": test.pvalue})
    return result


def holm():
    """R's p.adjust(p, "holm"), written out."""
    result = []
    for p in [[0.01], [0.01, 0.04, 0.03, 0.005], [0.5, 0.5, 0.5], [0.9, 0.0001, 0.02, 0.02, 1.0, 0.0]]:
        p = np.array(p)
        order = np.argsort(p, kind="stable")
        adjusted = np.minimum(1, np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order]))
        back = np.empty_like(adjusted)
        back[order] = adjusted
        result.append({"p": p, "adjusted": back})
    return result


def friedman():
    result = []
    for n, k, kind in [(10, 3, "n"), (12, 5, "n"), (15, 4, "i"), (30, 8, "i")]:
        costs = random.normal(size=(n, k)) if kind == "n" else random.integers(0, 4, size=(n, k)).astype(float)
        costs = costs + 0.2 * np.arange(k) if kind == "n" else costs
        test = stats.friedmanchisquare(*costs.T)
        result.append({"costs": costs, "statistic": test.statistic, "p": test.pvalue,
                       "mean_ranks": np.mean([stats.rankdata(row) for row in costs], axis=0)})
    return result


def nemenyi():
    """Studentized range over root two times Demsar's factor."""
    return [{"methods": k, "problems": n, "alpha": alpha,
             "value": stats.studentized_range.ppf(1 - alpha, k, np.inf) / math.sqrt(2) * math.sqrt(k * (k + 1) / (6 * n))}
            for k, n, alpha in [(2, 10, .05), (4, 14, .05), (5, 30, .1), (10, 10, .05), (12, 20, .01)]]


def kaplan_meier():
    """SciPy's product-limit estimate with log-log Greenwood bands; the median and its interval read off."""
    result = []
    sets = [([6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35],
             [1] * 9 + [0] * 12),  # 6-MP arm of Freireich et al. (1963)
            ([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23], [1] * 21),  # its placebo arm
            ([2000] * 8, [0] * 8)]
    for _ in range(6):
        n = int(random.integers(8, 40))
        sets.append((list(random.integers(1, 30, size=n)), list((random.random(n) < 0.7).astype(int))))
    for durations, failed in sets:
        data = stats.CensoredData.right_censored(durations, [not f for f in failed])
        function = stats.ecdf(data).sf
        low, high = (band.probabilities for band in function.confidence_interval(method="log-log")) \
            if any(failed) else ([], [])
        events = [t for t in function.quantiles if any(d == t and f for d, f in zip(durations, failed))]
        index = [list(function.quantiles).index(t) for t in events]
        survival = [function.probabilities[i] for i in index]

        def first(curve):
            return next((int(t) for t, s in zip(events, curve) if s <= 0.5 + 1e-12), None)
        median = first(survival)
        entry = {"durations": durations, "failed": [bool(f) for f in failed], "times": [int(t) for t in events],
                 "survival": survival, "median": -1 if median is None else median}
        # Where everybody failed SciPy has no band (NaN); those points are tested apart.
        defined = [(t, i) for t, i, s in zip(events, index, survival) if s > 0]
        entry["band_lower"] = [low[i] for _, i in defined]
        entry["band_upper"] = [high[i] for _, i in defined]
        result.append(entry)
    return result


def profile():
    """AlgoPerf's score by a fine trapezoidal rule over the sampled profile."""
    costs = random.uniform(1, 6, size=(4, 9))
    costs[1, 3] = costs[2, 3] = costs[0, 7] = inf
    costs[:, 8] = inf
    best = costs.min(axis=0)
    with np.errstate(invalid="ignore"):
        ratios = np.where(np.isinf(costs), inf, costs / best)
    tau = np.linspace(1, 4, 3_000_001)
    score = [np.trapezoid(sum((x <= tau).astype(float) for x in r) / len(r), tau) / 3 for r in ratios]
    at = [1, 1.5, 2, 4]
    return {"costs": costs, "tau": at, "fractions": [[np.mean(r <= t) for t in at] for r in ratios], "scores": score}


oracle = {
    "source": f"numpy {np.__version__}, scipy {scipy.__version__}, scripts/oracles/statistics_scipy.py",
    "incomplete_beta": incomplete_beta(), "clopper_pearson": clopper_pearson(), "distributions": distributions(),
    "samples": samples(), "improvement": improvement(), "signed_rank": signed_rank(), "holm": holm(),
    "friedman": friedman(), "nemenyi": nemenyi(), "kaplan_meier": kaplan_meier(), "profile": profile(),
}
folder = pathlib.Path(__file__).resolve().parents[2] / "Tests/StatisticsTests/Oracles"
folder.mkdir(parents=True, exist_ok=True)
(folder / "statistics.json").write_text(json.dumps(plain(oracle), sort_keys=True, separators=(",", ":")).replace("},{", "},\n{") + "\n")
