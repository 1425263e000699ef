#!/usr/bin/env python3
"""Writes Tests/StatisticsTests/Oracles/comparison.json: max-T sign flips and rank sets by brute force over all
patterns in NumPy, BCa intervals by SciPy. Run by hand: python3 scripts/oracles/comparison_scipy.py"""

import itertools
import json
import pathlib

import numpy as np
from scipy.stats import _resampling

random = np.random.default_rng(20261127)


def step_down(differences):
    """Westfall and Young's step-down max-T over all sign flips of whole units, from its definition."""
    d = np.asarray(differences, float)
    d = d / np.maximum(np.abs(d).max(1, keepdims=True), 1e-300)  # t has no scale; squares must not underflow
    units = d.shape[1]
    scale = np.sqrt((d**2).mean(1))
    t = np.divide(np.abs(d.mean(1)), scale, out=np.zeros(len(d)), where=scale > 0)
    adjusted = np.ones(len(d))
    order = sorted(range(len(d)), key=lambda i: (-t[i], i))
    last = 0.0
    signs = np.array(list(itertools.product([1, -1], repeat=units)))
    for position, index in enumerate(order):
        if t[index] == 0:
            continue
        rest = [i for i in order[position:] if scale[i] > 0]
        flipped = np.abs(signs @ d[rest].T / units) / scale[rest]
        last = max(last, float((flipped.max(1) >= t[index] * (1 - 1e-12)).mean()))
        adjusted[index] = last
    return adjusted.tolist()


def rank_sets(costs, alpha):
    costs = np.asarray(costs, float)
    pairs = list(itertools.combinations(range(len(costs)), 2))
    p = step_down([costs[i] - costs[j] for i, j in pairs])
    low, high = [1] * len(costs), [len(costs)] * len(costs)
    for (i, j), value in zip(pairs, p):
        if value <= alpha:
            winner, loser = (i, j) if costs[i].mean() < costs[j].mean() else (j, i)
            low[loser] += 1
            high[winner] -= 1
    return low, high


def bca(samples, statistic, confidence):
    samples = [np.asarray(s, float) for s in samples]
    replicates = np.array([statistic(*[random.choice(s, len(s)) for s in samples]) for _ in range(400)])
    vectorised = lambda *data, axis=-1: np.apply_along_axis(
        lambda row: statistic(*np.split(row, np.cumsum([d.shape[-1] for d in data])[:-1])), -1,
        np.concatenate([np.broadcast_to(d, np.broadcast_shapes(*[x.shape[:-1] for x in data]) + d.shape[-1:])
                        for d in data], -1))
    estimate = statistic(*samples)
    tail = (1 - confidence) / 2
    lower, upper, _ = _resampling._bca_interval([s[None] for s in samples], vectorised, -1, tail, replicates[None], None, np)
    jackknife = [[statistic(*[np.delete(x, i) if k == j else x for k, x in enumerate(samples)]) for i in range(len(s))]
                 for j, s in enumerate(samples)]
    bounds = np.quantile(replicates, [float(np.ravel(lower)[0]), float(np.ravel(upper)[0])])
    return {"estimate": float(estimate), "replicates": replicates.tolist(),
            "jackknife": [[float(x) for x in j] for j in jackknife], "confidence": confidence,
            "lower": float(bounds[0]), "upper": float(bounds[1])}


flips = [random.normal(size=(5, 8)) + np.array([[0], [0], [.8], [1.5], [-1.2]]), random.normal(size=(1, 6)) + 1,
         np.round(random.normal(size=(7, 5)), 0), np.array([[0, 0, 0, 0], [1, 2, 1, 3], [1e-200, 2e-200, 1e-200, -1e-200]])]
costs = [random.normal(size=(4, 10)) * .3 + np.array([[0], [.1], [2], [1]]), random.normal(size=(6, 7)),
         np.arange(5)[:, None] + .01 * random.normal(size=(5, 9))]
result = {
    "flips": [{"differences": d.tolist(), "pValues": step_down(d)} for d in flips],
    "ranks": [dict(zip(("lower", "upper"), rank_sets(c, .05)), costs=c.tolist()) for c in costs],
    "intervals": [
        bca([random.lognormal(size=10)], np.mean, .95),
        bca([random.lognormal(size=12)], lambda x: np.quantile(x, .75), .9),
        bca([random.normal(size=5), random.lognormal(size=10)], lambda x, y: y.mean() * np.exp(x.mean()), .95)],
}
path = pathlib.Path(__file__).parents[2] / "Tests/StatisticsTests/Oracles/comparison.json"
path.write_text(json.dumps(result))
