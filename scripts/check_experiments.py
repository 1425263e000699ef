#!/usr/bin/env python3
"""Draws experiment files at random from the program's own catalogs, with odd labels and numbers at the ends of
their ranges, and holds the program to one property: what `run --dry-run` accepts can be run, inspected, reported,
gated against itself, and run again from the stored file; what it refuses ends with exit code 2 and one message.
usage: check_experiments.py [--program F] [--seed N] [COUNT]     Exit 1 if the property does not hold."""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

NUMBERS = [1e-300, 1e-45, 1e-30, 1e-8, 0, 1e-3, .5, .999999999, 1, 2, 10, 1e3, 1e30, 1e38, 1e300, -1, -0.0]
INTEGERS = [0, 1, 2, 3, 5, 7, 1000, 100_000, 2**31 - 1, -1]
LABELS = ["a", "a b", "b c", "c", "é", "=1+1", "a=b", "a,b", "|x|", "`", "'", '"q"', "x" * 300, "lr=0.1 seed=0",
          "a lr=0.1", "none", "../x", "a/b", ".", "..", "@x", "-1", "日本", "%s", "$(x)", "<b>", "𝔘", "tab\there"]
PLACES = ["gradient", "momentum", "update", "parameters"]
TENSORS = ["all", "matrices", "others", "weight", "bias", "*weight", "*1*", "x"]
RATES = [1e-300, 1e-45, 1e-10, 1e-3, .1, 1, 1e3, 1e30, 1e300]


class Generator:
    def __init__(self, catalogs, seed):
        self.catalogs = catalogs
        self.random = random.Random(seed)

    def chance(self, share):
        return self.random.random() < share

    def value(self, option):
        default = option["default"]
        if isinstance(default, bool):
            return self.chance(.5)
        if isinstance(default, list):
            return [self.random.choice(NUMBERS) for _ in default]
        if isinstance(default, int):
            return self.random.choice(INTEGERS + [self.random.randint(0, 50)])
        if isinstance(default, str):
            return self.random.choice(["weights", "all", "none", default])
        return self.random.choice(NUMBERS)

    def entry(self, catalog):
        entry = self.random.choice(self.catalogs[catalog])
        options = entry["hyperparameters"]
        given = [o for o in options if o["default"] is None or self.chance(.7 / len(options))]
        return {"name": entry["name"], **{o["name"]: self.value(o) for o in given}}

    def clip(self):
        """A clip with a place and tensors now and then, allowed or not."""
        entry = self.entry("clipping")
        allowed = next(e for e in self.catalogs["clipping"] if e["name"] == entry["name"]).get("note", "at: update")
        if self.chance(.3):
            entry["at"] = self.random.choice(allowed.removeprefix("at: ").split(", ") if self.chance(.9) else PLACES)
        if self.chance(.3):
            entry["on"] = self.random.choice(TENSORS + [self.random.sample(TENSORS, 2)]) if self.chance(.2) else "*"
        return entry

    def problem(self, index):
        if self.chance(.6):
            problem = {"name": self.random.choice([f"p{index}", f"a.b{index}", "x" * 30 + str(index)]),
                       "function": self.entry("functions")}
        else:
            problem = {"name": f"d{index}", "dataset": {"name": self.random.choice(["digits", "spirals", "blobs"])},
                       "loss": self.random.choice(["cross-entropy", "mean-squared-error"]),
                       "model": {"name": "mlp", "hidden": self.random.choice([[], [1], [3, 2]])},
                       "batch_size": self.random.choice([1, 2, 7, 64, 100_000])}
        if self.chance(.4):
            problem["target"] = {"metric": "train_loss", "at_most": self.random.choice(NUMBERS)}
        return problem

    def labelled(self, entry):
        return {**entry, "label": self.random.choice(LABELS)} if self.chance(.4) else entry

    def experiment(self):
        pick = self.random.choice
        result = {
            "optbench": 1, "name": pick(["t", "a.b", "x" * 120, "A-_1"]),
            "problems": [self.problem(i) for i in range(self.random.randint(1, 2))],
            "optimizers": [self.labelled(self.entry("optimizers")) for _ in range(self.random.randint(1, 3))],
            "learning_rate": pick([pick(RATES), [pick(RATES), pick(RATES)], {"from": 1e-4, "to": 1, "points": 3},
                                   {"from": 1e-300, "to": 1e300, "points": 3}]),
            "seeds": pick([1, 2, 3, 6, [2**31 - 1], [0, 7], [5, 2**31 - 1, 1]]),
            "budget": pick([{"steps": pick([1, 2, 3, 9, 30])}, {"gradient_evaluations": pick([1, 2, 3, 10])},
                            {"steps": 5, "time_limit_seconds": 1e-9}, {"steps": 3, "time_limit_seconds": 1e300}]),
        }
        clippings = [[self.clip(), self.clip()] if self.chance(.3)
                     else self.labelled(self.clip()) for _ in range(self.random.randint(0, 3))]
        extras = {
            "title": (.2, lambda: pick(LABELS)), "clipping": (1, lambda: clippings),
            "schedule": (.5, lambda: self.entry("schedules")),
            "grid": (.1, lambda: {"weight_decay": [0, pick(NUMBERS)]}),
            "evaluate": (.5, lambda: {**pick([{"every": pick([1, 2, 5, 1000, 2**31 - 1])}, {},
                                              {"logarithmic": pick([2, 5, 1000])}]),
                                      **pick([{}, {"test": pick(["always", "end"])}])}),
            "outcomes": (.2, lambda: {"explosion_factor": pick([1.0000000001, 10, 1e300])}),
            "stop": (.2, lambda: {"gradient_tolerance": pick([1e-300, 1e-3, 1e30]), "patience": pick([1, 2, 100])}),
            "record": (.3, lambda: {"per_tensor": True, "optimizer_state": self.chance(.5),
                                     "clipping_transforms": self.chance(.5)}),
        }
        for key, (share, make) in extras.items():
            if self.chance(share):
                made = make()
                if made:
                    result[key] = made
        if self.chance(.3):
            self.make_robust(result)
        return result

    def make_robust(self, experiment):
        """The robust protocol, with what it refuses now and then."""
        pick = self.random.choice
        experiment["protocol"] = "robust"
        # Mostly without options, which the plain draws try: what is drawn here is the protocol.
        if self.chance(.8):
            needed = {"name", "label", "base", "at", "on"}
            for key in ("optimizers", "problems"):
                experiment[key] = [{k: v for k, v in entry.items() if k in needed | {"function", "dataset", "loss", "model"}}
                                   for entry in experiment[key]]
            for problem in experiment["problems"]:
                if "function" in problem:
                    problem["function"] = {"name": problem["function"]["name"]}
                if "dataset" in problem or problem.get("function") == {"name": "logistic-regression"}:
                    problem["batch_size"] = pick([1, 7, 64])
            for entry in experiment["optimizers"]:
                entry.update({"base": "sgd"} if "base" in entry else {})
            experiment.pop("schedule", None)
            if self.chance(.5):
                experiment["clipping"] = ["none", {"name": "global-norm", "max_norm": 1}]
        if self.chance(.9):
            del experiment["learning_rate"]
            experiment.pop("grid", None)
        experiment["seeds"] = pick([1, 2, 3, [0, 7]])
        tuning = {"seeds": pick([1, 2, [2**31 - 1], [7]]), "rates": pick([5, 6, 12])}
        if self.chance(.3):
            tuning["offset"] = pick([-3, .125, 3, 4])
        if self.chance(.4):
            tuning.update({"search": pick(["random", "halton", "halving"]), "settings": pick([1, 2, 5])})
        if self.chance(.2):
            tuning["axes"] = pick(["all", ["weight_decay"], ["betas", "max_norm"], ["x"]])
        experiment["tuning"] = tuning
        if self.chance(.2):
            experiment["baseline"] = pick([experiment["optimizers"][0].get("label", experiment["optimizers"][0]["name"]), "x"])


STEPS = [
    ["run", "s.yml", "--output", "r.h5", "--quiet"], ["inspect", "r.h5"], ["inspect", "r.h5", "--format", "json"],
    ["report", "r.h5", "--output", "report"], ["recommend", "r.h5"], ["report", "r.h5", "--output", "json", "--format", "json"],
    ["gate", "--baseline", "r.h5", "--current", "r.h5"],
    ["gate", "--baseline", "r.h5", "--current", "r.h5", "--mode", "exact", "--json", "g.json", "--junit", "j.xml"],
    ["run", "again.yml", "--output", "r.h5", "--quiet"],
]


def failure(program, experiment, folder):
    """What does not hold for an experiment file, or None; and whether the dry run accepted it."""
    def call(*words):
        try:
            made = subprocess.run([program, *words], cwd=folder, capture_output=True, text=True, errors="replace",
                                  timeout=120)
        except subprocess.TimeoutExpired:
            return "no end within 120 s", "", ""
        return made.returncode, made.stdout, made.stderr

    with open(os.path.join(folder, "s.yml"), "w") as file:
        json.dump(experiment, file, ensure_ascii=False)
    status, _, errors = call("run", "s.yml", "--dry-run")
    if status != 0:
        isRefusal = status == 2 and errors.strip()
        return (None if isRefusal else f"dry run: {status} {errors[-300:]!r}"), False
    for words in STEPS:
        if words[1] == "again.yml":
            status, stored, errors = call("inspect", "r.h5", "--spec")
            with open(os.path.join(folder, "again.yml"), "w") as file:
                file.write(stored)
        status, output, errors = call(*words)
        # Too few seeds for a statistical verdict are a failed check.
        # A grid has nothing to recommend from.
        allowed = {"gate": [0] if "exact" in words else [0, 1],
                   "recommend": [0] if experiment.get("protocol") == "robust" else [2]}
        if status not in allowed.get(words[0], [0]):
            return f"{' '.join(words)}: {status} {(errors or output)[-400:]!r}", True
    return None, True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", nargs="?", type=int, default=60)
    parser.add_argument("--program", default=".build/release/optbench")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    catalogs = {kind: json.loads(subprocess.run([program, "list", kind, "--format", "json"], capture_output=True,
                                                text=True, check=True).stdout)
                for kind in ("optimizers", "clipping", "schedules", "functions")}
    generator = Generator(catalogs, options.seed)
    accepted = failed = 0
    for number in range(options.count):
        experiment = generator.experiment()
        with tempfile.TemporaryDirectory() as folder:
            problem, isAccepted = failure(program, experiment, folder)
        accepted += isAccepted
        if problem:
            failed += 1
            print(f"experiment {number}: {problem}\n  {json.dumps(experiment, ensure_ascii=False)}", file=sys.stderr)
    print(f"experiments: {options.count} drawn, {accepted} accepted, {failed} failed")
    # A generator of which nothing is accepted proves nothing.
    sys.exit(1 if failed or accepted < options.count // 10 else 0)


if __name__ == "__main__":
    main()
