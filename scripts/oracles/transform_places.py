#!/usr/bin/env python3
"""Writes parameters after each step of methods whose clips have a place and a selection of tensors:
NumPy in float64, written down from the rules, for given gradients in the form of `optbench trace`.

Cautious updates follow kyleliang919/C-Optim, which masks the momentum of AdamW and the signed mixture of
Lion (`mask = (exp_avg * grad > 0); mask /= mask.mean().clamp(min=1e-3)`) and decays the parameters
apart, and the scale d/(n + 1) of the paper (Liang, Chen, Liu & Liu, 2024).

usage: transform_places.py > Tests/ExperimentsTests/Oracles/transform_places.json
"""
import json
import math

import numpy as np

STEPS = 14
LR = 0.05
TENSORS = [("w", [5, 7], "weight"), ("b", [5], "bias"), ("g", [4], "norm"), ("v", [1, 3], "weight")]
SIZES = [math.prod(shape) for _, shape, _ in TENSORS]
ENDS = np.cumsum(SIZES)
PLACES = {name: slice(end - size, end) for (name, _, _), size, end in zip(TENSORS, SIZES, ENDS)}
SHAPES = {name: shape for name, shape, _ in TENSORS}
COUNT = int(ENDS[-1])
STREAM = np.random.default_rng(7)


def draw(scale):
    """Multiples of 1/256, which are the same numbers in float32."""
    return np.round(STREAM.normal(size=COUNT) * scale * 256) / 256


START = draw(1.0)
# A drift that turns, so that the momentum often opposes the gradient; the tenth is a burst.
GRADIENTS = [draw(0.7) + round(math.cos(0.9 * t) * 256) / 256 for t in range(STEPS)]
GRADIENTS[9] = GRADIENTS[9] * 32


def on(names, transform):
    """`transform` of the named tensors alone, side by side."""
    def placed(x, g, theta):
        index = np.concatenate([np.arange(COUNT)[PLACES[name]] for name in names])
        x = x.copy()
        x[index] = transform(x[index], g[index], theta[index])
        return x
    return placed


def each(names, transform):
    """`transform` of each of the named tensors by itself."""
    def placed(x, g, theta):
        x = x.copy()
        for name in names:
            at = PLACES[name]
            x[at] = transform(x[at], g[at], theta[at])
        return x
    return placed


def global_norm(limit):
    def clip(x, g, theta):
        return x * min(1.0, limit / (np.linalg.norm(x) + 1e-6))
    return clip


def value(limit):
    return lambda x, g, theta: np.clip(x, -limit, limit)


def centralize(x, g, theta):
    """Of all tensors: the rows of the matrices without their means."""
    x = x.copy()
    for name in ("w", "v"):
        rows = x[PLACES[name]].reshape(SHAPES[name])
        x[PLACES[name]] = (rows - rows.mean(axis=1, keepdims=True)).ravel()
    return x


def cautious(sign, scale):
    def mask(x, g, theta):
        phi = (sign * x * g > 0).astype(float)
        factor = x.size / (phi.sum() + 1) if scale == "paper" else 1 / max(phi.mean(), 1e-3)
        return x * phi * factor
    return mask


def max_norm(name, limit):
    def project(theta):
        w = theta[PLACES[name]].reshape(SHAPES[name])
        norms = np.linalg.norm(w, axis=1, keepdims=True)
        theta[PLACES[name]] = np.where(norms > limit, w * limit / (norms + 1e-7), w).ravel()
    return project


ALL = list(PLACES)


class Adam:
    def __init__(self, decay=0.0, lookahead=None):
        self.m, self.v, self.t, self.decay = np.zeros(COUNT), np.zeros(COUNT), 0, decay

    def __call__(self, theta, g, on_momentum):
        self.t += 1
        self.m = 0.9 * self.m + 0.1 * g
        self.v = 0.99 * self.v + 0.01 * g * g
        m = on_momentum(self.m, g, theta)
        root = np.sqrt(self.v / (1 - 0.99**self.t)) + 1e-8
        return -LR * m / (1 - 0.9**self.t) / root - LR * self.decay * theta


class Lion:
    def __init__(self):
        self.m = np.zeros(COUNT)

    def __call__(self, theta, g, on_momentum):
        c = on_momentum(0.9 * self.m + 0.1 * g, g, theta)
        self.m = 0.99 * self.m + 0.01 * g
        return -LR * np.sign(c) - LR * 0.1 * theta


class CautiousLion(Lion):
    """The authors' order: the mask scales the sign."""

    def __call__(self, theta, g, on_momentum):
        c = 0.9 * self.m + 0.1 * g
        self.m = 0.99 * self.m + 0.01 * g
        return -LR * each(ALL, cautious(1, "code"))(np.sign(c), g, theta)


class Momentum:
    def __init__(self, nesterov=False):
        self.b, self.nesterov = None, nesterov

    def __call__(self, theta, g, on_momentum):
        self.b = g.copy() if self.b is None else 0.9 * self.b + g
        b = on_momentum(self.b, g, theta)
        return -LR * (g + 0.9 * b if self.nesterov else b)


class Muon:
    """Nesterov momentum and AdamW as here; coefficients and scale of PyTorch."""

    def __init__(self):
        self.m, self.v, self.t = np.zeros(COUNT), np.zeros(COUNT), 0

    def __call__(self, theta, g, on_momentum):
        self.t += 1
        x = np.zeros(COUNT)
        for name in ALL:
            at = PLACES[name]
            if name in "wv":
                self.m[at] = 0.95 * self.m[at] + 0.05 * g[at]
                x[at] = g[at] + 0.95 * (self.m[at] - g[at])
            else:
                self.m[at] = 0.9 * self.m[at] + 0.1 * g[at]
                x[at] = self.m[at]
        x = on_momentum(x, g, theta)
        self.v = 0.95 * self.v + 0.05 * g * g
        u = np.zeros(COUNT)
        for name in ALL:
            at = PLACES[name]
            if name in "wv":
                w = x[at].reshape(SHAPES[name])
                w = w / max(np.linalg.norm(w), 1e-7)
                for _ in range(5):
                    a = w @ w.T
                    w = 3.4445 * w + (-4.775 * a + 2.0315 * a @ a) @ w
                u[at] = -LR * math.sqrt(max(1, w.shape[0] / w.shape[1])) * w.ravel()
            else:
                root = np.sqrt(self.v[at] / (1 - 0.95**self.t)) + 1e-10
                u[at] = -LR * x[at] / (1 - 0.9**self.t) / root
        return u - LR * 0.1 * theta


class Lookahead:
    def __init__(self, base):
        self.base, self.t, self.slow = base, 0, None

    def __call__(self, theta, g, on_momentum):
        if self.slow is None:
            self.slow = theta.copy()
        u = self.base(theta, g, on_momentum)
        self.t += 1
        if self.t % 3 == 0:
            self.slow = self.slow + 0.5 * (theta + u - self.slow)
            u = self.slow - theta
        return u


def same(x, g, theta):
    return x


def run(rule, gradient=same, momentum=same, update=same, project=None, refuse=None):
    theta, reached = START.copy(), []
    for g in GRADIENTS:
        g = gradient(g, g, theta)
        before = {k: np.copy(v) if isinstance(v, np.ndarray) else v for k, v in vars(rule).items()}
        u = update(rule(theta, g, momentum), g, theta)
        if refuse and refuse(u):
            vars(rule).update(before)
        else:
            theta = theta + u
        if project:
            project(theta)
        reached.append([float(f"{x:.10g}") for x in theta])
    return reached


ADAM = "{name: adam, betas: [0.9, 0.99]}"
ADAMW = "{name: adamw, betas: [0.9, 0.99], weight_decay: 0.1}"
MATRICES, OTHERS = ["w", "v"], ["b", "g"]
CASES = [
    # C-AdamW and C-Lion, as the authors have them.
    (ADAMW, "{name: cautious, scale: code, at: momentum}",
     run(Adam(0.1), momentum=each(ALL, cautious(1, "code")))),
    ("{name: lion, betas: [0.9, 0.99]}", "{name: cautious, scale: code}", run(CautiousLion())),
    (ADAM, "cautious", run(Adam(), update=each(ALL, cautious(-1, "paper")))),
    (ADAMW, "cautious", run(Adam(0.1), update=each(ALL, cautious(-1, "paper")))),
    ("momentum", "{name: cautious, on: matrices}",
     run(Momentum(), update=each(MATRICES, cautious(-1, "paper")))),
    # The same rule in other places and on other tensors.
    ("momentum", "{name: global-norm, max_norm: 1, at: update}",
     run(Momentum(), update=on(ALL, global_norm(1)))),
    (ADAM, "{name: global-norm, max_norm: 0.1, at: update, on: matrices}",
     run(Adam(), update=on(MATRICES, global_norm(0.1)))),
    (ADAMW, "{name: global-norm, max_norm: 0.5, at: momentum}",
     run(Adam(0.1), momentum=on(ALL, global_norm(0.5)))),
    ("nesterov", "{name: global-norm, max_norm: 2, at: momentum, on: others}",
     run(Momentum(True), momentum=on(OTHERS, global_norm(2)))),
    ("{name: lion, betas: [0.9, 0.99], weight_decay: 0.1}", "{name: value, max_value: 0.1, at: momentum}",
     run(Lion(), momentum=on(ALL, value(0.1)))),
    (ADAM, "{name: value, max_value: 0.5, on: [bias, v]}", run(Adam(), gradient=on(["b", "v"], value(0.5)))),
    ("{name: muon, weight_decay: 0.1}", "{name: value, max_value: 0.2, at: momentum}",
     run(Muon(), momentum=on(ALL, value(0.2)))),
    ("{name: lookahead, k: 3, base: %s}" % ADAM, "{name: global-norm, max_norm: 0.5, at: momentum, on: weight}",
     run(Lookahead(Adam()), momentum=on(MATRICES, global_norm(0.5)))),
    ("momentum", "{name: max-norm, max_norm: 1.5, on: w}", run(Momentum(), project=max_norm("w", 1.5))),
    # A refusal of the update gives the rule its memory back.
    ("momentum", "{name: skip-large, max_norm: 1, at: update, on: norm}",
     run(Momentum(), refuse=lambda u: not np.linalg.norm(u[PLACES["g"]]) < 1)),
    # A later transform is told the gradient that the optimizer was given.
    ("momentum", "[centralize, {name: cautious, scale: code}]",
     run(Momentum(), gradient=centralize, update=each(ALL, cautious(-1, "code")))),
    # Several places in one strategy.
    (ADAM, "[{name: value, max_value: 2, on: w}, {name: global-norm, max_norm: 1, at: momentum}, "
           "{name: cautious, scale: code, on: b}, {name: max-norm, max_norm: 1, on: v}]",
     run(Adam(), gradient=on(["w"], value(2)), momentum=on(ALL, global_norm(1)),
         update=each(["b"], cautious(-1, "code")), project=max_norm("v", 1))),
]

print(json.dumps({
    "given": {
        "parameters": [{"name": name, "shape": shape, "role": role, "values": list(START[PLACES[name]])}
                       for name, shape, role in TENSORS],
        "gradients": [list(g) for g in GRADIENTS]},
    "cases": [{"method": f"{{optimizer: {optimizer}, clipping: {clipping}, learning_rate: {LR}}}",
               "reached": reached} for optimizer, clipping, reached in CASES]}))
