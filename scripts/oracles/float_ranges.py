#!/usr/bin/env python3
"""Writes float_ranges.json: the updates for gradients from 1e-33 to 1e38, of the published rules
written down once more in Python's float64, whose range no square of them leaves.

usage, from the root of the repository, with NumPy and mpmath: float_ranges.py
"""
import json
import math
import pathlib
import struct

import mpmath
import numpy

mpmath.mp.dps = 200

TARGET = pathlib.Path("Tests/OptimizersTests/Oracles/float_ranges.json")
LR = 0.1


def single(x):
    return struct.unpack("f", struct.pack("f", x))[0]


# Rules of one element: a function from (options, parameter) to a function from (t, g) to u.


def adam(o, _):
    b1, b2 = o.get("betas", (0.9, 0.999))
    eps, s = o.get("eps", 1e-8), {"m": 0.0, "v": 0.0, "x": 0.0}

    def step(t, g):
        s["m"] = b1 * s["m"] + (1 - b1) * g
        s["v"] = b2 * s["v"] + (1 - b2) * g * g
        s["x"] = max(s["x"], s["v"])
        v = s["x"] if o.get("amsgrad") else s["v"]
        return -LR * (s["m"] / (1 - b1**t)) / (math.sqrt(v / (1 - b2**t)) + eps)

    return step


def nadam(o, _):
    b1, b2 = o.get("betas", (0.9, 0.999))
    eps, s = o.get("eps", 1e-8), {"m": 0.0, "v": 0.0, "p": 1.0}

    def mu(t):
        return b1 * (1 - 0.5 * 0.96 ** (t * 0.004))

    def step(t, g):
        s["m"] = b1 * s["m"] + (1 - b1) * g
        s["v"] = b2 * s["v"] + (1 - b2) * g * g
        s["p"] *= mu(t)
        ahead = (1 - mu(t)) / (1 - s["p"]) * g + mu(t + 1) / (1 - s["p"] * mu(t + 1)) * s["m"]
        return -LR * ahead / (math.sqrt(s["v"] / (1 - b2**t)) + eps)

    return step


def rectification(b2, t):
    longest = 2 / (1 - b2) - 1
    rho = longest - 2 * t * b2**t / (1 - b2**t)
    if rho <= 5:
        return None
    return math.sqrt((rho - 4) * (rho - 2) * longest / ((longest - 4) * (longest - 2) * rho))


def radam(o, _):
    b1, b2 = o.get("betas", (0.9, 0.999))
    eps, s = o.get("eps", 1e-8), {"m": 0.0, "v": 0.0}

    def step(t, g):
        s["m"] = b1 * s["m"] + (1 - b1) * g
        s["v"] = b2 * s["v"] + (1 - b2) * g * g
        r = rectification(b2, t)
        corrected = s["m"] / (1 - b1**t)
        if r is None:
            return -LR * corrected
        return -LR * corrected * r * math.sqrt(1 - b2**t) / (math.sqrt(s["v"]) + eps)

    return step


def adabelief(o, _):
    b1, b2 = o.get("betas", (0.9, 0.999))
    eps, s = o.get("eps", 1e-16), {"m": 0.0, "v": 0.0}

    def step(t, g):
        s["m"] = b1 * s["m"] + (1 - b1) * g
        s["v"] = b2 * s["v"] + (1 - b2) * (g - s["m"]) ** 2 + eps
        return -LR * (s["m"] / (1 - b1**t)) / (math.sqrt(s["v"] / (1 - b2**t)) + eps)

    return step


def yogi(o, _):
    b1, b2 = o.get("betas", (0.9, 0.999))
    eps, start = o.get("eps", 1e-3), o.get("initial_accumulator", 1e-6)
    s = {"m": start, "v": start}

    def step(t, g):
        s["m"] = b1 * s["m"] + (1 - b1) * g
        sign = (s["v"] > g * g) - (s["v"] < g * g)
        s["v"] -= (1 - b2) * sign * g * g
        return -LR * (s["m"] / (1 - b1**t)) / (math.sqrt(s["v"] / (1 - b2**t)) + eps)

    return step


def adan(o, _):
    b1, b2, b3 = o.get("betas", (0.98, 0.92, 0.99))
    eps, s = o.get("eps", 1e-8), {"m": 0.0, "d": 0.0, "n": 0.0, "before": None}

    def step(t, g):
        change = 0.0 if s["before"] is None else g - s["before"]
        s["before"] = g
        s["m"] = b1 * s["m"] + (1 - b1) * g
        s["d"] = b2 * s["d"] + (1 - b2) * change
        s["n"] = b3 * s["n"] + (1 - b3) * (g + b2 * change) ** 2
        ahead = s["m"] / (1 - b1**t) + b2 * s["d"] / (1 - b2**t)
        return -LR * ahead / (math.sqrt(s["n"] / (1 - b3**t)) + eps)

    return step


def adopt(o, _):
    b1, b2 = o.get("betas", (0.9, 0.9999))
    eps, s = o.get("eps", 1e-6), {"m": 0.0, "v": 0.0}

    def step(t, g):
        if t == 1:
            s["v"] = g * g
            return 0.0
        bound = (t - 1) ** 0.25
        normalized = max(-bound, min(bound, g / max(math.sqrt(s["v"]), eps)))
        s["m"] = b1 * s["m"] + (1 - b1) * normalized
        s["v"] = b2 * s["v"] + (1 - b2) * g * g
        return -LR * s["m"]

    return step


def spam(o, _):
    b1, b2 = o.get("betas", (0.9, 0.999))
    eps, s = o.get("eps", 1e-6), {"m": 0.0, "v": 0.0}

    def step(t, g):
        if t >= o["grad_accu_steps"] and g * g > o["threshold"] * s["v"]:
            g = math.copysign(math.sqrt(o["threshold"] * s["v"]), g)
        s["m"] = b1 * s["m"] + (1 - b1) * g
        s["v"] = b2 * s["v"] + (1 - b2) * g * g
        return (-LR * math.sqrt(1 - b2**t) / (1 - b1**t)) * s["m"] / (math.sqrt(s["v"]) + eps)

    return step


def adamax(o, _):
    b1, b2 = o.get("betas", (0.9, 0.999))
    eps, s = o.get("eps", 1e-8), {"m": 0.0, "n": 0.0}

    def step(t, g):
        s["m"] = b1 * s["m"] + (1 - b1) * g
        s["n"] = max(b2 * s["n"], abs(g) + eps)
        return -LR * (s["m"] / (1 - b1**t)) / s["n"]

    return step


def adagrad(o, _):
    eps, s = o.get("eps", 1e-10), {"s": o.get("initial_accumulator_value", 0.0)}

    def step(t, g):
        s["s"] += g * g
        return -LR * g / (math.sqrt(s["s"]) + eps)

    return step


def adadelta(o, _):
    rho, eps, s = o.get("rho", 0.9), o.get("eps", 1e-6), {"v": 0.0, "a": 0.0}

    def step(t, g):
        s["v"] = rho * s["v"] + (1 - rho) * g * g
        d = math.sqrt(s["a"] + eps) / math.sqrt(s["v"] + eps) * g
        s["a"] = rho * s["a"] + (1 - rho) * d * d
        return -LR * d

    return step


def rmsprop(o, _):
    alpha, eps = o.get("alpha", 0.99), o.get("eps", 1e-8)
    momentum, s = o.get("momentum", 0.0), {"v": 0.0, "a": 0.0, "b": 0.0}

    def step(t, g):
        s["v"] = alpha * s["v"] + (1 - alpha) * g * g
        v = s["v"]
        if o.get("centered"):
            s["a"] = alpha * s["a"] + (1 - alpha) * g
            v -= s["a"] ** 2
        d = math.sqrt(v + eps) if o.get("eps_in_sqrt") else math.sqrt(v) + eps
        s["b"] = momentum * s["b"] + g / d
        return -LR * s["b"]

    return step


def lion(o, _):
    b1, b2 = o.get("betas", (0.9, 0.99))
    s = {"m": 0.0}

    def step(t, g):
        direction = b1 * s["m"] + (1 - b1) * g
        s["m"] = b2 * s["m"] + (1 - b2) * g
        return -LR * ((direction > 0) - (direction < 0))

    return step


def signum(o, _):
    b, s = o.get("momentum", 0.9), {"m": 0.0}

    def step(t, g):
        s["m"] = b * s["m"] + (1 - b) * g
        return -LR * ((s["m"] > 0) - (s["m"] < 0))

    return step


def rprop(o, _):
    s = {"before": 0.0, "size": LR}

    def step(t, g):
        agrees = ((g > 0) - (g < 0)) * ((s["before"] > 0) - (s["before"] < 0))
        s["size"] = min(50, max(1e-6, s["size"] * {1: 1.2, 0: 1.0, -1: 0.5}[agrees]))
        s["before"] = 0.0 if agrees < 0 else g
        return -s["size"] * ((s["before"] > 0) - (s["before"] < 0))

    return step


def schedule_free(o, start):
    b1, b2 = o.get("betas", (0.9, 0.999))
    eps, s = o.get("eps", 1e-8), {"v": 0.0, "apart": 0.0, "w": 0.0}

    def step(t, g):
        s["v"] = b2 * s["v"] + (1 - b2) * g * g
        d = g / (math.sqrt(s["v"] / (1 - b2**t)) + eps)
        s["w"] += LR**2
        c = LR**2 / s["w"]
        # c(z − y) + …, since a difference of two y would be blind to small updates.
        u = c * s["apart"] + LR * (b1 * (1 - c) - 1) * d
        s["apart"] -= LR * d + u
        return u

    return step


def frozen(o, _):
    b1, b2 = 0.9, 0.999
    eps, s = o.get("eps", 1e-8), {"m": 0.0, "v": 0.0}

    def step(t, g):
        s["m"] = b1 * s["m"] + (1 - b1) * g
        if t <= o["freeze_after"]:
            s["v"] = b2 * s["v"] + (1 - b2) * g * g
        v = s["v"] / (1 - b2 ** min(t, o["freeze_after"]))
        return -LR * (s["m"] / (1 - b1**t)) / (math.sqrt(v) + eps)

    return step


# Rules of a tensor: a function from options to a function from (t, parameters, gradients) to updates.


def elementwise(rule):
    def make(options, start):
        steps = [rule(options, x) for x in start]
        return lambda t, theta, g: [step(t, x) for step, x in zip(steps, g)]

    return make


def norm(x):
    return math.sqrt(sum(v * v for v in x))


def lars(o, start):
    buffer = [0.0] * len(start)

    def step(t, theta, g):
        ratio = 0.001 * norm(theta) / (norm(g) + 1e-8)
        for i, x in enumerate(g):
            buffer[i] = 0.9 * buffer[i] + ratio * x
        return [-LR * b for b in buffer]

    return step


def lamb(o, start):
    steps = [adam({"eps": 1e-6, "betas": (0.9, 0.999)} | o, x) for x in start]

    def step(t, theta, g):
        d = [one(t, x) / LR for one, x in zip(steps, g)]
        return [LR * norm(theta) / norm(d) * x for x in d]

    return step


def stableadamw(o, start):
    b1, b2 = 0.9, 0.99
    eps, m, v = o.get("eps", 1e-6), [0.0] * len(start), [0.0] * len(start)

    def step(t, theta, g):
        d1, d2 = ((b**t - b) / (b**t - 1) for b in (b1, b2))
        for i, x in enumerate(g):
            m[i] = d1 * m[i] + (1 - d1) * x
            v[i] = d2 * v[i] + (1 - d2) * x * x
        rms = math.sqrt(sum(x * x / max(s, eps * eps) for x, s in zip(g, v)) / len(g))
        return [-LR / max(1, rms) * a / (math.sqrt(s) + eps) for a, s in zip(m, v)]

    return step


def adafactor(o, start):
    e1, e2 = o.get("eps", (2.0**-23, 1e-3))
    v = [0.0] * len(start)

    def step(t, theta, g):
        w = t**-0.8
        for i, x in enumerate(g):
            v[i] += w * (x * x - v[i])
        q = [x / math.sqrt(max(s, e1 * e1)) for x, s in zip(g, v)]
        root = math.sqrt(len(g))
        rate = min(LR, 1 / math.sqrt(t)) * max(e2, norm(theta) / root) / max(1, norm(q) / root)
        return [-rate * x for x in q]

    return step


def prodigy(o, start):
    b1, b2 = o.get("betas", (0.9, 0.999))
    b3, eps, d0 = math.sqrt(b2), o.get("eps", 1e-8), o.get("d0", 1e-6)
    m, v, s = ([0.0] * len(start) for _ in range(3))
    x = {"d": d0, "top": d0, "n": 0.0}

    def step(t, theta, g):
        d = x["d"]
        rate = d * LR
        x["n"] = b3 * x["n"] + d / d0 * rate * sum(
            a * (b - c) for a, b, c in zip(g, start, theta))
        for i, y in enumerate(g):
            s[i] = b3 * s[i] + d / d0 * rate * y
            m[i] = b1 * m[i] + (1 - b1) * d * y
            v[i] = b2 * v[i] + (1 - b2) * d * d * y * y
        guess = o.get("d_coef", 1.0) * x["n"] / sum(abs(y) for y in s)
        nearest = max(d, guess) if d == d0 else d
        x["top"] = max(x["top"], guess)
        x["d"] = min(x["top"], nearest * o.get("growth_rate", math.inf))
        return [-rate * a / (math.sqrt(b) + x["d"] * eps) for a, b in zip(m, v)]

    return step


def dadapt(o, start):
    b1, b2 = o.get("betas", (0.9, 0.999))
    b3, eps, d0 = math.sqrt(b2), o.get("eps", 1e-8), o.get("d0", 1e-6)
    m, v, s = ([0.0] * len(start) for _ in range(3))
    x = {"d": d0, "n": 0.0}

    def step(t, theta, g):
        rate = x["d"] * LR
        product = sum(a * b / (math.sqrt(c) + eps) for a, b, c in zip(g, s, v))
        x["n"] = b3 * x["n"] + (1 - b3) * rate * product
        for i, y in enumerate(g):
            m[i] = b1 * m[i] + (1 - b1) * rate * y
            v[i] = b2 * v[i] + (1 - b2) * y * y
            s[i] = b3 * s[i] + (1 - b3) * rate * y
        x["d"] = max(x["d"], x["n"] / ((1 - b3) * sum(abs(y) for y in s)))
        return [-a / (math.sqrt(b) + eps) for a, b in zip(m, v)]

    return step


# Rules of matrices: the parameters are a matrix of 3 by 3 and a vector of 2, one after the other.


def parts(x):
    return numpy.array(x[:9]).reshape(3, 3), numpy.array(x[9:])


def adafactor_matrix(o, start):
    e1, e2 = o.get("eps", (2.0**-23, 1e-3))
    rows, columns, vector = numpy.zeros(3), numpy.zeros(3), adafactor(o, start[9:])

    def step(t, theta, g):
        w, (matrix, _), (x, _) = t**-0.8, parts(g), parts(theta)
        rows[:] += w * ((matrix**2).mean(1) - rows)
        columns[:] += w * ((matrix**2).mean(0) - columns)
        v = numpy.outer(rows, columns) / max(rows.mean(), e1)
        q = matrix / numpy.sqrt(numpy.maximum(v, e1 * e1))
        rms = [math.sqrt((y**2).mean()) for y in (q, x)]
        q *= min(LR, 1 / math.sqrt(t)) * max(e2, rms[1]) / max(1, rms[0])
        return [*(-q).ravel(), *vector(t, theta[9:], g[9:])]

    return step


def shampoo(o, start):
    """With 200 digits: a power of ε makes rounding of a large eigenvalue as large as the update."""
    eps = mpmath.mpf(o.get("eps", 1e-6))
    left, right, only = (eps * mpmath.eye(n) for n in (3, 3, 2))

    def power(h, p):
        values, vectors = mpmath.eigsy(h)
        return vectors * mpmath.diag([max(x, eps) ** p for x in values]) * vectors.T

    def step(t, theta, g):
        nonlocal left, right, only
        matrix = mpmath.matrix(3, 3)
        for i in range(9):
            matrix[i // 3, i % 3] = g[i]
        vector = mpmath.matrix(g[9:])
        left, right = left + matrix * matrix.T, right + matrix.T * matrix
        only += vector * vector.T
        u = power(left, mpmath.mpf(-0.25)) * matrix * power(right, mpmath.mpf(-0.25))
        v = power(only, mpmath.mpf(-0.5)) * vector
        return [-LR * x for x in (*u, *v)]

    return step


def soap(o, start):
    b1, b2 = o.get("betas", (0.95, 0.95))
    eps, every = o.get("eps", 1e-8), o.get("precondition_frequency", 10)
    m, v = numpy.zeros((3, 3)), numpy.zeros((3, 3))
    moments, bases = [numpy.zeros((3, 3)) for _ in range(2)], [None, None]
    memory = {"m": numpy.zeros(2), "v": numpy.zeros(2)}

    def direction(t, mean, square):
        factor = -LR * math.sqrt(1 - b2**t) / (1 - b1**t)
        return factor * mean / (numpy.sqrt(square) + eps)

    def step(t, theta, g):
        matrix, rest = parts(g)
        if t == 1:
            u = [0.0] * 11
        else:
            a, b = bases
            turned = a @ matrix @ b.T
            m[:] = b1 * m + (1 - b1) * turned
            v[:] = b2 * v + (1 - b2) * turned**2
            memory["m"] = b1 * memory["m"] + (1 - b1) * rest
            memory["v"] = b2 * memory["v"] + (1 - b2) * rest**2
            u = [*(a.T @ direction(t - 1, m, v) @ b).ravel(),
                 *direction(t - 1, memory["m"], memory["v"])]
        for side, product in enumerate((matrix @ matrix.T, matrix.T @ matrix)):
            moments[side] = b2 * moments[side] + (1 - b2) * product
        if t == 1:
            bases[:] = [numpy.linalg.eigh(h)[1].T for h in moments]
        elif (t - 1) % every == 0:
            back = bases[0].T @ m @ bases[1]
            for side in range(2):
                product = bases[side] @ moments[side]
                order = numpy.argsort(-(bases[side] * product).sum(1))
                v[:] = v[order] if side == 0 else v[:, order]
                bases[side] = numpy.linalg.qr(product[order].T)[0].T
            m[:] = bases[0] @ back @ bases[1].T
        return u

    return step


# Those whose rule sees g + λθ.
COUPLED = {"adam", "nadam", "radam", "adagrad", "adadelta", "rmsprop", "yogi", "adopt", "adamax",
           "adabelief"}

E = elementwise
RULES = {
    "adam": E(adam), "nadam": E(nadam), "radam": E(radam), "adabelief": E(adabelief),
    "yogi": E(yogi), "adan": E(adan), "adopt": E(adopt), "spam": E(spam), "adamax": E(adamax),
    "adagrad": E(adagrad), "adadelta": E(adadelta), "rmsprop": E(rmsprop), "lion": E(lion),
    "signum": E(signum), "rprop": E(rprop), "schedule-free-adamw": E(schedule_free),
    "frozen-adam": E(frozen), "lars": lars, "lamb": lamb, "stableadamw": stableadamw,
    "adafactor": adafactor, "prodigy": prodigy, "dadapt-adam": dadapt,
}
MATRIX_RULES = {"adafactor": adafactor_matrix, "shampoo": shampoo, "soap": soap}

SMALL = 2e-38
OPTIONS = [
    ("adam", {}), ("adam", {"eps": SMALL}), ("adam", {"betas": [0.0, 0.0]}),
    ("adam", {"betas": [0.1, 0.2], "eps": SMALL}), ("adam", {"betas": [0.0, 0.999]}),
    ("adam", {"amsgrad": True}), ("adam", {"amsgrad": True, "eps": SMALL}),
    ("nadam", {}), ("nadam", {"eps": SMALL}), ("nadam", {"betas": [0.05, 0.9]}),
    ("radam", {"betas": [0.9, 0.5]}), ("radam", {"betas": [0.0, 0.9], "eps": SMALL}),
    ("adabelief", {"rectify": False}), ("adabelief", {"rectify": False, "eps": SMALL}),
    ("yogi", {}), ("yogi", {"eps": SMALL, "initial_accumulator": 0.0}),
    ("adan", {}), ("adan", {"eps": SMALL}), ("adan", {"betas": [0.0, 0.1, 0.9]}),
    ("adopt", {}), ("adopt", {"eps": SMALL}),
    ("spam", {"threshold": 2.0, "grad_accu_steps": 2}),
    ("spam", {"threshold": 2.0, "grad_accu_steps": 2, "eps": SMALL}),
    ("adamax", {}), ("adamax", {"eps": SMALL, "betas": [0.0, 0.9]}),
    ("adagrad", {}), ("adagrad", {"eps": SMALL}),
    ("adagrad", {"eps": SMALL, "initial_accumulator_value": 1e-30}),
    ("adadelta", {}), ("adadelta", {"eps": 1e-30}),
    ("rmsprop", {}), ("rmsprop", {"eps": SMALL}), ("rmsprop", {"momentum": 0.9}),
    ("rmsprop", {"centered": True, "alpha": 0.9}),
    ("rmsprop", {"centered": True, "alpha": 0.9, "eps": SMALL, "momentum": 0.5}),
    ("rmsprop", {"eps_in_sqrt": True}), ("rmsprop", {"eps_in_sqrt": True, "eps": 1e-36}),
    ("lion", {}), ("lion", {"betas": [0.0, 0.0]}), ("signum", {}), ("signum", {"momentum": 0.01}),
    ("rprop", {}), ("schedule-free-adamw", {}), ("schedule-free-adamw", {"eps": SMALL}),
    ("frozen-adam", {"freeze_after": 3}), ("frozen-adam", {"freeze_after": 3, "eps": SMALL}),
    ("lars", {}), ("lamb", {"weight_decay": 0.0}), ("lamb", {"weight_decay": 0.0, "eps": SMALL}),
    ("stableadamw", {"weight_decay": 0.0}), ("stableadamw", {"weight_decay": 0.0, "eps": SMALL}),
    ("adafactor", {}), ("adafactor", {"eps": [1e-30, 1e-3]}),
    ("prodigy", {}), ("prodigy", {"d0": 0.1}),
    ("prodigy", {"d0": 0.1, "d_coef": 20.0}), ("prodigy", {"d0": 0.01, "eps": SMALL}),
    ("prodigy", {"d0": 0.01, "d_coef": 20.0, "growth_rate": 1.2, "eps": SMALL}),
    ("dadapt-adam", {}), ("dadapt-adam", {"d0": 0.1}), ("dadapt-adam", {"d0": 0.1, "eps": SMALL}),
    # Decay far above the gradients.
    ("adam", {"weight_decay": 10.0}), ("adam", {"weight_decay": 10.0, "amsgrad": True}),
    ("nadam", {"weight_decay": 10.0}), ("radam", {"weight_decay": 10.0, "betas": [0.9, 0.5]}),
    ("adabelief", {"weight_decay": 10.0, "decoupled_weight_decay": False, "rectify": False}),
    ("yogi", {"weight_decay": 10.0}), ("adopt", {"weight_decay": 10.0}),
    ("adamax", {"weight_decay": 10.0}), ("adagrad", {"weight_decay": 10.0}),
    ("adadelta", {"weight_decay": 10.0}), ("rmsprop", {"weight_decay": 10.0}),
]
MATRIX_OPTIONS = [
    ("adafactor", {}), ("adafactor", {"eps": [1e-30, 1e-3]}),
    ("shampoo", {}), ("shampoo", {"eps": 1e-30}), ("shampoo", {"eps": 1e20}),
    ("soap", {"weight_decay": 0.0}), ("soap", {"weight_decay": 0.0, "eps": SMALL}),
    ("soap", {"weight_decay": 0.0, "precondition_frequency": 2}),
]


def sequences():
    """Gradients of three elements, six steps each."""
    shape = [[1.0, -0.5, 0.3], [0.7, 0.4, 0.9], [1.3, -0.6, -0.2], [0.8, -0.9, 0.5],
             [1.1, 0.2, 0.6], [0.9, -0.7, 1.0]]
    result = [[[s * x for x in row] for row in shape]
              for s in (1e-33, 1e-27, 1e-21, 1e-18, 1e-9, 1.0, 1e9, 1e16, 1e19, 1e24, 1e31, 5e37)]
    # A large gradient, then small ones; growing and falling ones; far apart within a step.
    result.append([[1000.1, -1e-5, 1e8]] + [[1e-5, -1e-5, 1e-5]] * 5)
    result.append([[x * 10.0 ** (9 * t) for x in row] for t, row in enumerate(shape, -3)])
    result.append([[x * 10.0 ** (-9 * t) for x in row] for t, row in enumerate(shape, -3)])
    result.append([[row[0] * 1e30, row[1] * 1e-30, row[2]] for row in shape])
    return [[[single(x) for x in row] for row in steps] for steps in result]


def matrix_sequences():
    """Gradients of a matrix and a vector, six steps each, of scales that differ or grow."""
    draws = numpy.random.default_rng(5)
    q = [numpy.linalg.qr(draws.normal(size=(3, 3)))[0] for _ in range(12)]
    # Singular values apart, so that the eigenvectors are well determined.
    shape = [numpy.concatenate([((q[2 * t] * [2.0, 1.0, 0.4]) @ q[2 * t + 1]).ravel(),
                                draws.normal(size=2)]) for t in range(6)]
    part = numpy.array([1.0] * 9 + [0.0] * 2)
    result = [[s * x for x in shape]
              for s in (1e-33, 1e-27, 1e-21, 1e-18, 1e-9, 1.0, 1e9, 1e16, 1e19, 1e24, 1e31, 5e37)]
    result.append([x * 10.0 ** (9 * t) for t, x in enumerate(shape, -3)])
    result.append([x * (1e30 * part + 1e-30 * (1 - part)) for x in shape])
    result.append([x * (1e-30 * part + 1e30 * (1 - part)) for x in shape])
    return [[[single(float(x)) for x in row] for row in steps] for steps in result]


def trajectories(name, options, rules, start, gradients):
    rows = []
    for steps in gradients:
        theta, trajectory = list(start), []
        step = rules[name](options, start)
        decay = options.get("weight_decay", 0.0) if name in COUPLED else 0.0
        for t, g in enumerate(steps, 1):
            g = [x + decay * y for x, y in zip(g, theta)]
            # Updates and not parameters, in which a small update could not be told.
            u = [float(x) for x in step(t, theta, g)]
            theta = [x + y for x, y in zip(theta, u)]
            trajectory.append([float(f"{x:.10g}") for x in u])
        rows.append(trajectory)
    return rows


def start_of(name, options):
    if name in ("prodigy", "dadapt-adam"):
        # θ₀ − θ is then no difference of nearly equal numbers.
        return [0.0, 0.0, 0.0]
    if name in COUPLED and "weight_decay" in options:
        return [3e19, -1e20, 2e19]
    return [0.5, -1.0, 0.25]


def main():
    gradients, matrix_gradients = sequences(), matrix_sequences()
    matrix_start = [0.5, -1.0, 0.25, 0.75, 0.1, -0.3, 1.5, -0.2, 0.6, 1.0, -2.0]
    lines = {False: [], True: []}
    for name, options in OPTIONS:
        start = start_of(name, options)
        rows = trajectories(name, options, RULES, start, gradients)
        lines[False].append(
            json.dumps({"name": name, "options": options, "start": start, "updates": rows}))
    for name, options in MATRIX_OPTIONS:
        rows = trajectories(name, options, MATRIX_RULES, matrix_start, matrix_gradients)
        lines[True].append(
            json.dumps({"name": name, "options": options, "start": matrix_start, "updates": rows}))
    TARGET.write_text(
        f'{{"learning_rate": {LR},\n"gradients": {json.dumps(gradients)},\n"cases": [\n'
        + ",\n".join(lines[False]) + f'\n],\n"matrix_gradients": {json.dumps(matrix_gradients)},\n'
        + '"matrix_cases": [\n' + ",\n".join(lines[True]) + "\n]}\n")
    print(f"{TARGET}: {len(lines[False])} and {len(lines[True])} cases, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
