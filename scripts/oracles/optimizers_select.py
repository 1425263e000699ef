#!/usr/bin/env python3
"""Picks the cases that the tests use out of a larger collection of oracle files.

usage: optimizers_select.py COLLECTION Tests/OptimizersTests/Oracles

COLLECTION holds problems.json, torch_trajectories.json and clipping_torch.json as torch 2.15.0
wrote them (see Tests/OptimizersTests/Oracles/README.md); numbers are copied as they are.
"""
import json
import pathlib
import sys

OPTIMIZERS = [
    "SGD", "Rprop", "Adagrad", "Adadelta", "RMSprop", "Adam", "AdamW", "Adamax", "NAdam", "RAdam",
    "ASGD", "Adafactor", "Muon",
]
CLIPS = ["torch.nn.utils.clip_grad_norm_", "torch.nn.utils.clip_grad_value_"]
KEPT = ["id", "optimizer", "kwargs", "problem", "dtype", "max_abs_diff_vs_f64", "traj"]


def write(path, contents, key):
    """One case a line: readable differences between versions, and small files."""
    head = {k: v for k, v in contents.items() if k != key}
    lines = ",\n".join(json.dumps(case) for case in contents[key])
    path.write_text(json.dumps(head)[:-1] + f', "{key}": [\n{lines}\n]}}\n')


def main(collection, target):
    problems = json.loads((collection / "problems.json").read_text())
    problems["problems"] = {
        name: problem for name, problem in problems["problems"].items() if "alias_of" not in problem
    }
    (target / "problems.json").write_text(json.dumps(problems, indent=1) + "\n")

    trajectories = json.loads((collection / "torch_trajectories.json").read_text())
    trajectories["cases"] = [
        {key: case[key] for key in KEPT if key in case}
        for case in trajectories["cases"]
        if case["optimizer"] in OPTIMIZERS
    ]
    write(target / "torch_trajectories.json", trajectories, "cases")

    clipping = json.loads((collection / "clipping_torch.json").read_text())
    cases = clipping["cases"]
    clipping["cases"] = [case for case in cases if case["method"] in CLIPS]
    write(target / "clipping_torch.json", clipping, "cases")
    clipping["cases"] = [case for case in cases if case["method"].startswith("timm.")]
    write(target / "clipping_timm.json", clipping, "cases")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
