#!/usr/bin/env python3
"""Runs what `optbench export --to torch` writes beside `optbench trace`, on the same gradients.

    check_torch_export.py PROGRAM

Every optimizer, clipping strategy and schedule that can be written is exported from a small experiment, and
its training step is given linear losses whose gradients are the drawn ones. Where torch and h5py are missing it
makes a virtual environment with them in .build_venv-torch/.
"""
import importlib.util
import json
import math
import os
import subprocess
import sys
import tempfile

import venv

ENVIRONMENT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), ".build_venv-torch")
try:
    import h5py
    import numpy as np
    import torch
except ImportError:
    python = f"{ENVIRONMENT}/bin/python"
    if os.path.abspath(sys.prefix) == os.path.abspath(ENVIRONMENT):
        raise
    if not os.path.exists(python):
        venv.create(ENVIRONMENT, with_pip=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        cpu = ["--index-url", "https://download.pytorch.org/whl/cpu"]
        if subprocess.run([*install, "torch", *cpu], capture_output=True).returncode != 0:
            subprocess.run([*install, "torch"], check=True)
        subprocess.run([*install, "numpy", "h5py"], check=True)
    os.execv(python, [python, *sys.argv])

STEPS = 12
SHAPES = [("first.weight", [4, 3]), ("first.bias", [4]), ("second.weight", [2, 4]), ("second.bias", [2])]
OPTIMIZERS = [
    "sgd", "{name: sgd, momentum: 0.9, dampening: 0.3, weight_decay: 0.1, label: damped}", "momentum", "nesterov",
    "asgd", "rprop", "{name: adagrad, lr_decay: 0.1, weight_decay: 0.1}", "adadelta",
    "{name: rmsprop, momentum: 0.5, centered: true, label: centered}", "rmsprop", "adam",
    "{name: adam, amsgrad: true, weight_decay: 0.1, weight_decay_on: weights, label: amsgrad}", "adamw", "adamax", "nadam",
    "radam", "adafactor", "signsgd", "signum", "{name: lion, weight_decay: 0.1}",
]
CLIPS = [
    "none", "{name: value, max_value: 0.5}", "{name: global-norm, max_norm: 1}", "{name: global-norm, max_norm: 1, norm_type: .inf, label: gn-inf}",
    "{name: per-tensor-norm, max_norm: 0.7}", "{name: block-rms, threshold: 0.5}", "{name: coordinate, threshold: 0.4}",
    "{name: adaptive, clip_factor: 0.1}", "{name: autoclip, clip_percentile: 30}", "normalize", "centralize", "zero-nonfinite",
    "skip-nonfinite", "{name: skip-large, max_norm: 4.5}", "{name: max-norm, max_norm: 0.8}", "{name: range, max_value: 0.6}",
    "[{name: value, max_value: 0.5}, {name: global-norm, max_norm: 0.8}, {name: range, max_value: 0.9}]",
]
SCHEDULES = [
    "constant", "cosine", "{name: cosine, warmup_steps: 3, minimum: 0.001}", "{name: step, step_size: 4, gamma: 0.5, warmup_steps: 2}",
    "{name: multi-step, milestones: [3, 7]}", "{name: exponential, gamma: 0.9}", "{name: inverse-time, decay_steps: 5}",
    "{name: inverse-time, decay_steps: 5, staircase: true}", "{name: polynomial, power: 2, warmup_steps: 2}", "linear",
    "{name: cosine-restarts, T_0: 3, T_mult: 2}",
]


def call(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(arguments)}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def experiment(optimizers, clips, schedule):
    return (
        "optbench: 1\nname: torch\nproblems:\n  - {name: d, dataset: digits, model: {name: mlp, hidden: [4]}, loss: cross-entropy, "
        f"batch_size: 16}}\noptimizers: [{', '.join(optimizers)}]\nclipping: [{', '.join(clips)}]\nlearning_rate: 0.02\nseeds: 1\n"
        f"schedule: {schedule}\nbudget: {{steps: {STEPS}}}\n")


class Given(torch.nn.Module):
    """Parameters whose gradients are given."""

    def __init__(self, values):
        super().__init__()
        self.tensors = torch.nn.ParameterList([torch.nn.Parameter(value.clone()) for value in values])

    def loss(self, gradients):
        return sum((p * g).sum() for p, g in zip(self.tensors, gradients))


def load(path):
    spec = importlib.util.spec_from_file_location("method", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def check(program, folder, text, generator, tolerance=2e-5):
    """The largest difference for each method of an experiment, relative to the largest parameter."""
    with open(f"{folder}/e.yml", "w") as file:
        file.write(text)
    result = f"{folder}/e.h5"
    if os.path.exists(result):
        os.remove(result)
    call(program, "run", f"{folder}/e.yml", "--output", result, "--quiet")
    with h5py.File(result) as file:
        runs = [
            (a.decode(), b.decode(), json.loads(c.decode()))
            for a, b, c in zip(*(file["d"][name][:] for name in ("optimizer", "clipping", "config")))]
    worst = {}
    for optimizer, clipping, config in runs:
        name = f"{optimizer} × {clipping}"
        code = f"{folder}/method.py"
        call(program, "export", result, "--to", "torch", "--method", name, "--output", code)
        values = [torch.tensor(generator.normal(size=shape) * 0.5, dtype=torch.float32) for _, shape in SHAPES]
        gradients = [
            [torch.tensor(generator.normal(size=shape) * 2.0 ** generator.integers(-2, 2), dtype=torch.float32)
             for _, shape in SHAPES] for _ in range(STEPS)]
        if "nonfinite" in clipping:
            gradients[4][0][1, 2] = math.nan
            gradients[7][3][0] = math.inf

        def flat(tensors):
            return [str(float(x)) if not math.isfinite(x) else float(x) for t in tensors for x in t.flatten()]

        with open(f"{folder}/given.json", "w") as file:
            json.dump({
                "parameters": [{"name": n, "shape": s, "values": flat([v])} for (n, s), v in zip(SHAPES, values)],
                "gradients": [flat(step) for step in gradients]}, file)
        with open(f"{folder}/method.yml", "w") as file:
            file.write(json.dumps({**config, "clipping": config["clipping"] or "none"}).replace('"inf"', ".inf"))
        trace = json.loads(call(program, "trace", "--method", f"{folder}/method.yml", "--gradients", f"{folder}/given.json"))
        module = load(code)
        model = Given(values)
        made = module.make_optimizer(model)
        scheduler = module.make_scheduler(made)
        difference = 0.0
        for step in range(STEPS):
            given = gradients[step]
            # A linear loss of a gradient that is no number has it as its gradient all the same.
            module.training_step(model, lambda: model.loss(given), made, scheduler)
            ours = np.array([float(x) for x in trace["parameters"][step]])
            theirs = torch.cat([p.detach().flatten() for p in model.tensors]).numpy()
            difference = max(difference, float(np.max(np.abs(ours - theirs)) / max(1.0, np.max(np.abs(ours)))))
        worst[name] = difference
        if not difference <= tolerance:
            print(f"PART: {name}: {difference:.3g}")
    return worst


def check_lbfgs(program, folder):
    """L-BFGS asks for gradients where it likes, so it is compared on a function."""
    with open(f"{folder}/e.yml", "w") as file:
        file.write(
            "optbench: 1\nname: l\nproblems: [rosenbrock-2d]\noptimizers: [{name: lbfgs, line_search_fn: strong_wolfe}]\n"
            f"learning_rate: 1\nseeds: 1\nbudget: {{steps: {STEPS}}}\n")
    call(program, "run", f"{folder}/e.yml", "--output", f"{folder}/l.h5", "--quiet")
    call(program, "export", f"{folder}/l.h5", "--to", "torch", "--output", f"{folder}/method.py")
    with open(f"{folder}/method.yml", "w") as file:
        file.write("optimizer: {name: lbfgs, line_search_fn: strong_wolfe}\nlearning_rate: 1\nschedule: constant\n")
    trace = json.loads(call(
        program, "trace", "--method", f"{folder}/method.yml", "--problem", "rosenbrock-2d", "--steps", "3"))
    module, model = load(f"{folder}/method.py"), Given([torch.tensor([-1.2, 1.0], dtype=torch.float64)])
    made = module.make_optimizer(model)
    scheduler = module.make_scheduler(made)
    x = model.tensors[0]
    module.training_step(
        model, lambda: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2, made, scheduler)
    return float(np.max(np.abs(np.array(trace["parameters"][0], dtype=float) - x.detach().numpy())))


def main():
    program = os.path.abspath(sys.argv[1])
    generator = np.random.default_rng(20261127)
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        parts = [
            check(program, folder, experiment(OPTIMIZERS, ["none"], "constant"), generator),
            check(program, folder, experiment(["{name: sgd, momentum: 0.9}"], CLIPS, "constant"), generator),
            {"lbfgs": check_lbfgs(program, folder)},
        ] + [check(program, folder, experiment(["sgd"], ["none"], schedule), generator) for schedule in SCHEDULES]
    # In single precision here, in double there, over twenty iterations in a curved valley.
    lbfgs = parts[2].pop("lbfgs")
    everything = [value for part in parts for value in part.values()]
    print(f"lbfgs: {lbfgs:.2g}")
    print(f"{len(everything)} methods written as PyTorch {torch.__version__}; largest difference {max(everything):.2g}")
    sys.exit(0 if max(everything) <= 2e-5 and lbfgs <= 1e-3 else 1)


main()
