#!/usr/bin/env python3
"""Writes inputs and outputs of Optax' clips in float64 for the clipping tests.

usage: pip install optax==0.2.8; clipping_optax.py > Tests/OptimizersTests/Oracles/clipping_optax.json
"""
import json
import math

import jax
import numpy as np

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp  # noqa: E402
import optax  # noqa: E402

SHAPES = [[5, 20], [5], [], [2, 3, 2, 2]]
STREAM = np.random.default_rng(11)


def draw(scale):
    """Multiples of 1/1024, which are the same numbers in float32."""
    return [np.asarray(np.round(STREAM.normal(size=s) * scale * 1024) / 1024) for s in SHAPES]


def with_value(arrays, value):
    arrays = [np.array(a) for a in arrays]
    arrays[0][1, 2] = value
    return arrays


ORDINARY = draw(1.0)
INPUTS = {
    "ordinary": ORDINARY,
    "small": draw(0.02),
    "large": draw(300.0),
    "zero": [np.zeros(shape) for shape in SHAPES],
    "nan": with_value(ORDINARY, np.nan),
    "inf": with_value(ORDINARY, -np.inf),
    "huge": [np.asarray(a * 2.0**100) for a in ORDINARY],
    "tiny": [np.asarray(a * 2.0**-100) for a in ORDINARY],
}
PARAMETERS = draw(0.5)

RULES = [
    ("{name: block-rms, threshold: 0.5}", optax.clip_by_block_rms(0.5)),
    ("block-rms", optax.clip_by_block_rms(1.0)),
    ("centralize", optax.centralize()),
    ("normalize", optax.normalize_by_update_norm()),
    ("{name: normalize, scale_factor: 2.5, eps: 0.1}", optax.normalize_by_update_norm(2.5, 0.1)),
    # Optax reduces axis 0 of matrices by default (in x out); ours are out x in.
    ("adaptive", "adaptive"),
]


def flat(arrays):
    return np.concatenate([np.asarray(a, dtype=np.float64).ravel() for a in arrays])


def text(values):
    return [float(v) if math.isfinite(v) else str(float(v)) for v in values]


def adaptive(arrays):
    result = []
    for gradient, parameter in zip(arrays, PARAMETERS):
        axes = tuple(range(1, gradient.ndim)) if gradient.ndim > 1 else None
        if gradient.ndim > 1:
            clip = optax.adaptive_grad_clip(0.01, 1e-3, axis=axes)
        else:
            clip = optax.adaptive_grad_clip(0.01, 1e-3)
        output, _ = clip.update([jnp.asarray(gradient)], clip.init([parameter]), [parameter])
        result.append(output[0])
    return result


def output(rule, arrays):
    if rule == "adaptive":
        return adaptive(arrays)
    updates, _ = rule.update([jnp.asarray(a) for a in arrays], rule.init(arrays), None)
    return updates


cases = []
for strategy, rule in RULES:
    for name, arrays in INPUTS.items():
        step = {"values": text(flat(arrays)), "expected": text(flat(output(rule, arrays)))}
        cases.append(
            {"id": f"{strategy} {name}", "strategy": strategy, "shapes": SHAPES,
             "parameters": text(flat(PARAMETERS)), "steps": [step]})
for limit in [10.0, 2.0]:
    for name, arrays in INPUTS.items():
        skip, _ = optax.skip_large_updates(arrays, 0, None, limit**2)
        step = {"values": text(flat(arrays)), "expected": text(flat(arrays)), "skip": bool(skip)}
        cases.append(
            {"id": f"skip-large {limit} {name}", "strategy": f"{{name: skip-large, max_norm: {limit}}}",
             "shapes": SHAPES, "parameters": text(flat(PARAMETERS)), "steps": [step]})
print(f'{{"source": "optax {optax.__version__}, jax {jax.__version__}, float64", "cases": [')
print(",\n".join(json.dumps(case) for case in cases) + "\n]}")
