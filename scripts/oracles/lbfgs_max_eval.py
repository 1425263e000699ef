#!/usr/bin/env python3
"""Writes lbfgs_max_eval.json: the parameters and the evaluations of torch.optim.LBFGS with a line
search that `max_eval` bounds, as PyTorch has it since 2.10 (`max_ls=max_eval - current_evals`), written
down in Python's float64.

The same code with searches of 25 tries is held against asking_optimizers.json, PyTorch 1.13's own.
usage, from the root of the repository: lbfgs_max_eval.py
"""
import json
import math
import struct

import optimizer_problems


def single(values):
    """The values rounded to float32."""
    return list(struct.unpack(f"{len(values)}f", struct.pack(f"{len(values)}f", *values)))


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def loss(problem, x):
    if problem["kind"] == "rosenbrock":
        return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] * x[0]) ** 2
    if problem["kind"] == "quadratic":
        return sum(x[i] * (0.5 * dot(row, x) - problem["b"][i]) for i, row in enumerate(problem["A"]))
    total = 0.0
    for inputs, label in zip(problem["X"], problem["y"]):
        logit = dot(inputs, x) + x[-1]
        total += math.log1p(math.exp(-abs(logit))) + max(logit, 0) - logit * label
    return total / len(problem["y"])


def cubic(x1, f1, g1, x2, f2, g2, bounds=None):
    low, high = bounds or (min(x1, x2), max(x1, x2))
    d1 = g1 + g2 - 3 * (f1 - f2) / (x1 - x2)
    square = d1 * d1 - g1 * g2
    if square < 0:
        return (low + high) / 2
    d2 = math.sqrt(square)
    if x1 <= x2:
        best = x2 - (x2 - x1) * ((g2 + d2 - d1) / (g2 - g1 + 2 * d2))
    else:
        best = x1 - (x1 - x2) * ((g1 + d2 - d1) / (g1 - g2 + 2 * d2))
    return min(max(best, low), high)


def strong_wolfe(evaluate, t, f, g, slope, most, size):
    """Points are tuples of step, loss, gradient and slope."""
    def at(step):
        value, gradient, along = evaluate(step)
        return (step, value, gradient, along)

    calls, tries, done = 1, 0, False
    origin = previous = (0.0, f, g, slope)
    new = at(t)
    bracket = None
    while tries < most:
        if new[1] > f + 1e-4 * new[0] * slope or (tries > 1 and new[1] >= previous[1]):
            bracket = [previous, new]
            break
        if abs(new[3]) <= -0.9 * slope:
            bracket, done = [new], True
            break
        if new[3] >= 0:
            bracket = [previous, new]
            break
        step = cubic(previous[0], previous[1], previous[3], new[0], new[1], new[3],
                     (new[0] + 0.01 * (new[0] - previous[0]), new[0] * 10))
        previous, new = new, at(step)
        calls, tries = calls + 1, tries + 1
    if tries == most:
        bracket = [origin, new]
    stuck = False
    low, high = (0, 1) if bracket[0][1] <= bracket[-1][1] else (1, 0)
    while not done and tries < most:
        ends = [p[0] for p in bracket]
        if abs(ends[1] - ends[0]) * size < 1e-9:
            break
        t = cubic(bracket[0][0], bracket[0][1], bracket[0][3],
                  bracket[1][0], bracket[1][1], bracket[1][3])
        margin = 0.1 * (max(ends) - min(ends))
        if min(max(ends) - t, t - min(ends)) < margin:
            if stuck or t >= max(ends) or t <= min(ends):
                nearer = abs(t - max(ends)) < abs(t - min(ends))
                t = max(ends) - margin if nearer else min(ends) + margin
                stuck = False
            else:
                stuck = True
        else:
            stuck = False
        new = at(t)
        calls, tries = calls + 1, tries + 1
        if new[1] > f + 1e-4 * t * slope or new[1] >= bracket[low][1]:
            bracket[high] = new
            low, high = (0, 1) if bracket[0][1] <= bracket[1][1] else (1, 0)
        else:
            if abs(new[3]) <= -0.9 * slope:
                done = True
            elif new[3] * (bracket[high][0] - bracket[low][0]) >= 0:
                bracket[high] = bracket[low]
            bracket[low] = new
    best = bracket[low]
    return best[1], best[2], best[0], calls


class LBFGS:
    def __init__(self, problem, lr, max_iter, max_eval, history_size=100, tries=None,
                 rounded=lambda values: values):
        self.rounded = rounded
        self.problem, self.lr, self.max_iter, self.max_eval = problem, lr, max_iter, max_eval
        self.history, self.tries = history_size, tries
        self.pairs, self.scale, self.iterations = [], 1.0, 0
        self.direction = self.before = None
        self.t = 0.0

    def step(self, x):
        def gradient(at):
            return self.rounded(optimizer_problems.gradient(self.problem, at, 0))

        value, g, evaluations = loss(self.problem, x), gradient(x), 1
        if max(map(abs, g)) <= 1e-7:
            return x, evaluations
        for iteration in range(1, self.max_iter + 1):
            self.iterations += 1
            first = self.iterations == 1
            if first:
                d = [-v for v in g]
            else:
                y = [a - b for a, b in zip(g, self.before)]
                s = [self.t * v for v in self.direction]
                if dot(y, s) > 1e-10:
                    self.pairs = (self.pairs + [(y, s)])[-self.history:]
                    self.scale = dot(y, s) / dot(y, y)
                d, alphas = [-v for v in g], []
                for y, s in reversed(self.pairs):
                    alphas.append(dot(s, d) / dot(y, s))
                    d = [a - alphas[-1] * b for a, b in zip(d, y)]
                d = [self.scale * v for v in d]
                for (y, s), alpha in zip(self.pairs, reversed(alphas)):
                    beta = dot(y, d) / dot(y, s)
                    d = [a + (alpha - beta) * b for a, b in zip(d, s)]
                d = self.rounded(d)
            self.before, self.direction, last = g, d, value
            t = min(1.0, 1.0 / sum(map(abs, g))) * self.lr if first else self.lr
            slope = dot(g, d)
            if slope > -1e-9:
                break

            def evaluate(step):
                there = self.rounded([a + step * b for a, b in zip(x, d)])
                new = gradient(there)
                return loss(self.problem, there), new, dot(new, d)

            most = self.max_eval - evaluations if self.tries is None else self.tries
            value, g, t, calls = strong_wolfe(
                evaluate, t, value, g, slope, most, max(map(abs, d)))
            self.t = t
            x = self.rounded([a + t * b for a, b in zip(x, d)])
            evaluations += calls
            if iteration == self.max_iter or evaluations >= self.max_eval:
                break
            if max(map(abs, g)) <= 1e-7 or abs(t) * max(map(abs, d)) <= 1e-9:
                break
            if abs(value - last) < 1e-9:
                break
        return x, evaluations


def run(problem, steps, **options):
    rule, x, counts, trajectory = LBFGS(problem, **options), list(problem["init"]), [], []
    for _ in range(steps):
        x, calls = rule.step(x)
        counts.append((counts[-1] if counts else 0) + calls)
        trajectory.append(x)
    return counts, trajectory


def check(problems):
    stored = json.loads((optimizer_problems.STORED / "asking_optimizers.json").read_text())["cases"]
    for case in stored:
        if case["name"] != "lbfgs" or not case["kwargs"]["line_search_fn"]:
            continue
        options = {"max_iter": case["kwargs"]["max_iter"],
                   "history_size": case["kwargs"].get("history_size", 100)}
        options["max_eval"] = case["kwargs"].get("max_eval", options["max_iter"] * 5 // 4)
        counts, trajectory = run(
            problems[case["problem"]], case["steps"], lr=case["lr"], tries=25, **options)
        worst = max(abs(a - b) for r, s in zip(trajectory, case["traj"]) for a, b in zip(r, s))
        print(case["problem"], counts == case["evaluations"], f"{worst:.1e}")


def main():
    problems = optimizer_problems.problems()
    check(problems)
    cases = []
    for key, lr, steps in [("rosenbrock", 1.0, 4), ("rosenbrock", 1e4, 3), ("logreg", 5.0, 4),
                           ("quad4", 30.0, 3)]:
        for max_eval in (1, 2, 3, 5, 8):
            kwargs = {"max_iter": 20, "max_eval": max_eval}
            counts, trajectory = run(problems[key], steps, lr=lr, **kwargs)
            rough = run(problems[key], steps, lr=lr, rounded=single, **kwargs)[1]
            difference = max(
                abs(a - b) / max(1, abs(a)) for r, s in zip(trajectory, rough) for a, b in zip(r, s))
            cases.append({
                "name": "lbfgs", "problem": key, "lr": lr,
                "kwargs": kwargs | {"line_search_fn": "strong_wolfe"}, "evaluations": counts,
                "float32_difference": difference, "traj": trajectory})
    optimizer_problems.write("lbfgs_max_eval.json", {"framework": "Python"}, cases)


if __name__ == "__main__":
    main()
