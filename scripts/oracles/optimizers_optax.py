#!/usr/bin/env python3
"""Writes methods_optax.json: parameters after each update of Optax, in float64.

usage, from the root of the repository: optimizers_optax.py

Needs optax 0.2.8 with jax. Where PyTorch packages have the same rule (adabelief, yogi, adopt, lamb)
Optax is a second, independent implementation of it.
"""
import jax
import jax.numpy as jnp
import optax

import optimizer_problems

ALL = ["open_loop", "quad4", "rosenbrock", "logreg"]
SHORT = ["open_loop", "logreg"]


def methods():
    """(our name, Optax's transformation, problems, our options)"""
    return [
        ("signsgd", optax.sign_sgd(0.013), ALL, {"lr": 0.013}),
        ("signum", optax.signum(0.013, 0.9), ALL, {"lr": 0.013}),
        ("signum",
         optax.chain(
             optax.ema(0.8, debias=False), optax.scale_by_sign(),
             optax.add_decayed_weights(0.1), optax.scale_by_learning_rate(0.02)),
         SHORT, {"lr": 0.02, "momentum": 0.8, "weight_decay": 0.1}),
        ("rmsprop", optax.rmsprop(0.01, decay=0.9, eps=1e-3, eps_in_sqrt=True), ALL,
         {"lr": 0.01, "alpha": 0.9, "eps": 1e-3, "eps_in_sqrt": True}),
        ("rmsprop", optax.rmsprop(0.01, decay=0.9, eps=1e-2, eps_in_sqrt=True, centered=True),
         SHORT, {"lr": 0.01, "alpha": 0.9, "eps": 1e-2, "eps_in_sqrt": True, "centered": True}),
        ("lion", optax.lion(0.013, weight_decay=0.0), ALL, {"lr": 0.013}),
        ("adabelief", optax.adabelief(0.01, eps=1e-8, eps_root=1e-8), ALL,
         {"lr": 0.01, "eps": 1e-8, "rectify": False}),
        ("yogi", optax.yogi(0.01), ALL, {}),
        ("adopt", optax.contrib.adopt(0.01), ALL, {"lr": 0.01}),
        ("lamb", optax.lamb(0.01, weight_decay=0.1), ALL, {"lr": 0.01, "weight_decay": 0.1}),
        ("lamb", optax.lamb(0.01), SHORT, {"lr": 0.01, "weight_decay": 0.0}),
        ("prodigy",
         optax.contrib.prodigy(0.5, estim_lr0=0.01, weight_decay=0.1), SHORT,
         {"lr": 0.5, "d0": 0.01, "weight_decay": 0.1, "use_bias_correction": True,
          "betas": [0.9, 0.999]}),
        ("dadapt-adam",
         optax.contrib.dadapt_adamw(0.5, estim_lr0=0.01, weight_decay=0.1), SHORT,
         {"lr": 0.5, "d0": 0.01, "weight_decay": 0.1, "use_bias_correction": True,
          "decoupled_weight_decay": True}),
    ]


def trajectory(transformation, problem):
    sizes = optimizer_problems.sizes(problem)

    def tree(flat):
        parts, offset = [], 0
        for p, size in zip(problem["params"], sizes):
            parts.append(jnp.array(flat[offset:offset + size]).reshape(p["shape"]))
            offset += size
        return parts

    def flat(parts):
        return [float(v) for part in parts for v in part.reshape(-1)]

    params = tree(problem["init"])
    state = transformation.init(params)
    result = []
    for step in range(problem["steps"]):
        grads = tree(optimizer_problems.gradient(problem, flat(params), step))
        updates, state = transformation.update(grads, state, params)
        params = optax.apply_updates(params, updates)
        result.append(flat(params))
    return result


def main():
    jax.config.update("jax_enable_x64", True)
    problems = optimizer_problems.problems()
    cases = []
    for name, transformation, on, options in methods():
        for key in on:
            cases.append({
                "id": f"{name}/{len(cases)}/{key}",
                "optimizer": name,
                "package": f"optax {optax.__version__}",
                "kwargs": options,
                "problem": key,
                "traj": trajectory(transformation, problems[key]),
            })
    optimizer_problems.write(
        "methods_optax.json", {"framework": "optax", "version": optax.__version__}, cases
    )


if __name__ == "__main__":
    main()
