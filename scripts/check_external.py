#!/usr/bin/env python3
"""Trains the same network in optbench and, through the bridge, in PyTorch, JAX and Keras: from the same
initial bits on the same batches, the losses of 200 steps agree within stated tolerances.

    scripts/check_external.py [--program .build/release/optbench] [--steps 200] [--all]

Without --all a few optimizers and clips; with it, those of the whole catalog in PyTorch. Optimizers that
draw labels from the model are left out: an external problem has none. Frameworks that this Python does not
have are skipped, with a line each.
"""
import argparse
import csv
import importlib.util
import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "python" / "src"))
FEATURES, HIDDEN, CLASSES, BATCH = 8, 16, 4, 32
MASK = 0xFFFFFFFF

TOLERANCE = 2e-4
# Line searches, and directions of nearly equal eigenvalues, turn rounding into steps.
TOLERANCES = {"lbfgs": 1e-2, "soap": 5e-2}
# With line searches on mini-batches L-BFGS is chaotic: a last bit decides how many steps later it explodes.
COMPARED_STEPS = {"lbfgs": 8}


class Stream:
    """optbench's random numbers: Philox4x32-10, as Sources/Tensors/RandomStream.swift documents."""

    def __init__(self, seed, name):
        value = 2166136261
        for byte in name.encode():
            value = ((value ^ byte) * 16777619) & MASK
        self.key, self.seed, self.words, self.block, self.spare = value, seed, [], 0, None

    def word(self):
        if not self.words:
            c, (k0, k1) = [self.block, 0, 0, 0], (self.seed, self.key)
            for _ in range(10):
                a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
                c = [(b >> 32) ^ c[1] ^ k0, b & MASK, (a >> 32) ^ c[3] ^ k1, a & MASK]
                k0, k1 = (k0 + 0x9E3779B9) & MASK, (k1 + 0xBB67AE85) & MASK
            self.words, self.block = c, self.block + 1
        return self.words.pop(0)

    def uniform(self):
        high, low = self.word() >> 5, self.word() >> 6
        return (high * 2**26 + low) / 2**53

    def integer(self, bound):
        while True:
            product = self.word() * bound
            if product % 2**32 >= 2**32 % bound:
                return product >> 32

    def normal(self):
        if self.spare is not None:
            value, self.spare = self.spare, None
            return value
        first, second = self.uniform(), self.uniform()
        radius = math.sqrt(-2 * math.log(1 - first))
        self.spare = radius * math.sin(2 * math.pi * second)
        return radius * math.cos(2 * math.pi * second)

    def shuffle(self, order):
        for index in range(len(order) - 1, 0, -1):
            other = self.integer(index + 1)
            order[index], order[other] = order[other], order[index]


def initial(seed):
    """The parameters of optbench's MLP with He's normal initialization, as arrays."""
    arrays = []
    for layer, (inputs, outputs) in enumerate([(FEATURES, HIDDEN), (HIDDEN, CLASSES)], 1):
        stream = Stream(seed, f"initial-parameters/dense{layer}.weight")
        deviation = math.sqrt(2 / inputs)
        values = [deviation * stream.normal() for _ in range(outputs * inputs)]
        arrays += [np.array(values, np.float32).reshape(outputs, inputs), np.zeros(outputs, np.float32)]
    return arrays


class Batches:
    """optbench's batches of data.npz."""

    def __init__(self):
        data = np.load("data.npz")
        order = list(range(len(data["y"])))
        Stream(0, "split/npz").shuffle(order)
        chosen = np.array(order[:200])
        self.x, self.y = data["x"][chosen], data["y"][chosen].astype(np.int64)
        self.splits = {"train": [(self.x[:50], self.y[:50])]}
        self.steps_per_epoch = -(-200 // BATCH)
        self.seed = None

    def __call__(self, seed, step):
        epoch, position = divmod(step, self.steps_per_epoch)
        if self.seed != seed or epoch < len(self.epochs) - 1:
            self.seed, self.stream, self.epochs = seed, Stream(seed, "data-order"), []
            self.order = list(range(200))
        while len(self.epochs) <= epoch:
            self.stream.shuffle(self.order)
            self.epochs.append(np.array(self.order))
        chosen = self.epochs[epoch][position * BATCH:(position + 1) * BATCH]
        return self.x[chosen], self.y[chosen]


def serve(framework):
    import optbench

    batches = Batches()
    if framework == "torch":
        import torch
        from collections import OrderedDict

        def make_model():
            model = torch.nn.Sequential(OrderedDict(
                dense1=torch.nn.Linear(FEATURES, HIDDEN), tanh=torch.nn.Tanh(),
                dense2=torch.nn.Linear(HIDDEN, CLASSES)))
            # The seed that the bridge has set, and initial() draws from.
            for parameter, values in zip(model.parameters(), initial(torch.initial_seed())):
                parameter.data = torch.from_numpy(values)
            return model

        optbench.serve_torch(
            make_model,
            lambda model, batch: torch.nn.functional.cross_entropy(model(batch[0]), batch[1]), batches)
    elif framework == "jax":
        import jax
        import jax.numpy as jnp

        def loss(p, batch):
            scores = jnp.tanh(batch[0] @ p[0].T + p[1]) @ p[2].T + p[3]
            chosen = jnp.take_along_axis(jax.nn.log_softmax(scores), batch[1][:, None], 1)
            return -chosen.mean()

        optbench.serve_jax(jax.jit(jax.value_and_grad(loss)), initial, batches)
    else:
        os.environ.setdefault("KERAS_BACKEND", "jax" if importlib.util.find_spec("jax") else "torch")
        import keras

        seeds = []
        make_seed = keras.utils.set_random_seed
        keras.utils.set_random_seed = lambda seed: (seeds.append(seed), make_seed(seed))

        def make_model():
            model = keras.Sequential([
                keras.layers.Input((FEATURES,)), keras.layers.Dense(HIDDEN, activation="tanh"),
                keras.layers.Dense(CLASSES)])
            values = initial(seeds[-1])
            model.set_weights([values[0].T, values[1], values[2].T, values[3]])
            return model

        optbench.serve_keras(
            make_model, keras.losses.SparseCategoricalCrossentropy(from_logits=True), batches)


def experiment(name, problem, optimizers, clips, steps):
    return "\n".join([
        "optbench: 1", f"name: {name}", f"problems: [{problem}]", f"optimizers: {json.dumps(optimizers)}",
        f"clipping: {json.dumps(clips)}", "learning_rate: [0.003]", "seeds: 1",
        f"budget: {{steps: {steps}}}", "evaluate: {every: 100000}", ""])


def losses(program, folder, name, *definition):
    folder = Path(tempfile.mkdtemp(dir=folder))
    (folder / "data.npz").symlink_to(folder.parent / "data.npz")
    (folder / f"{name}.yml").write_text(experiment(name, *definition))
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python/src"), "OMP_NUM_THREADS": "1"}
    subprocess.run(
        [program, "run", f"{name}.yml", "--output", f"{name}.h5", "--quiet"], cwd=folder, check=True,
        env=environment, stdout=subprocess.DEVNULL)
    subprocess.run(
        [program, "export", f"{name}.h5", "--to", "csv", "--output", f"{name}.csv"], cwd=folder,
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found = {}
    for path in sorted((folder / f"{name}.csv").rglob("*.csv")):
        with open(path, newline="") as table:
            for row in csv.DictReader(table):
                if "loss" in row and "step" in row and row["loss"]:
                    found.setdefault(row["run"], []).append(float(row["loss"]))
    return found


def names(program, kind):
    listed = subprocess.run(
        [program, "list", kind, "--format", "json"], capture_output=True, text=True, check=True)
    content = json.loads(listed.stdout)
    return [entry["name"] for entry in (content if isinstance(content, list) else content[kind])]


def compare(program, folder, framework, optimizers, clips, steps):
    """The largest relative distance of the losses by run, which are the same runs on both sides."""
    own = ("{name: p, dataset: {name: npz, path: data.npz, validation: 50, test: 50, normalization: none}, "
           f"model: {{name: mlp, hidden: [{HIDDEN}], activation: tanh, initialization: he-normal}}, "
           f"loss: cross-entropy, batch_size: {BATCH}}}")
    script = json.dumps(str(Path(__file__).resolve()))
    theirs = f"{{name: p, external: {{command: [{json.dumps(sys.executable)}, {script}, serve, {framework}]}}}}"
    ours = losses(program, folder, f"own-{framework}", own, optimizers, clips, steps)
    others = losses(program, folder, f"external-{framework}", theirs, optimizers, clips, steps)
    assert ours.keys() == others.keys() and ours, (ours.keys(), others.keys())
    distances = {}
    for run in ours:
        count = COMPARED_STEPS.get(run.split()[0], steps)
        a, b = np.array(ours[run][:count]), np.array(others[run][:count])
        assert len(a) == len(b), f"{run}: {len(a)} steps here, {len(b)} there"
        both = np.isfinite(a) & np.isfinite(b)
        assert (np.isfinite(a) == np.isfinite(b)).all(), run
        distances[run] = float(np.max(np.abs(a - b)[both] / np.maximum(np.abs(a[both]), 0.1)))
    return distances


def check(program, framework, optimizers, clips, steps):
    if importlib.util.find_spec(framework) is None:
        print(f"skipped: this Python has no {framework}")
        return True
    with tempfile.TemporaryDirectory(prefix="optbench-external-") as path:
        folder = Path(path)
        random = np.random.default_rng(3)
        features = random.normal(size=(300, FEATURES)).astype(np.float32)
        scores = np.tanh(features @ random.normal(size=(FEATURES, CLASSES)))
        np.savez(folder / "data.npz", x=features, y=scores.argmax(1).astype(np.int32))
        distances = compare(program, folder, framework, optimizers, ["none"], steps)
        distances |= compare(program, folder, framework, ["sgd", "adam"], clips, steps)
    passed = True
    for run, distance in sorted(distances.items(), key=lambda item: -item[1]):
        name = run.split()[0].split("(")[0]
        limit = TOLERANCES.get(name, TOLERANCE)
        if distance > limit:
            passed = False
            print(f"FAILED: {framework}: {run}: {distance:.2g} apart, allowed {limit:.2g}")
    worst = max(distances, key=lambda run: distances[run])
    middle = sorted(distances.values())[len(distances) // 2]
    print(f"{framework}: {len(distances)} runs of {steps} steps, losses {middle:.1g} apart in the middle, "
          f"{distances[worst]:.1g} at most ({worst})")
    far = [run for run in distances if distances[run] > TOLERANCE / 10]
    if far:
        print("  " + ", ".join(f"{run.split()[0]} {distances[run]:.0e}" for run in sorted(far)))
    return passed


def main():
    if sys.argv[1:2] == ["serve"]:
        return serve(sys.argv[2])
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=ROOT / ".build/release/optbench", type=Path)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    program = options.program.resolve()
    few = ["sgd", "momentum", "adam", "sam", "schedule-free-adamw"]
    optimizers, clips = few, ["none", "global-norm", "value"]
    if options.all:
        optimizers = [name for name in names(program, "optimizers") if name != "sophia-g"]
        clips = names(program, "clipping")
    passed = check(program, "torch", optimizers, clips, options.steps)
    for framework in ["jax", "keras"]:
        passed = check(program, framework, few, ["none", "global-norm"], options.steps) and passed
    raise SystemExit(0 if passed else 1)


if __name__ == "__main__":
    main()
