#!/usr/bin/env python3
"""Holds the robust protocol to what docs/protocol.md says of it, on real runs: what is no property of a method moves no
value, planted truths are found, and the order of methods survives another start of the searches.

The small form takes a minute and makes up its experiments. With --full the shipped comparisons are run again with one thing
changed at a time, and what came out is written as a table to docs/protocol-audit.md with --output.
usage: check_protocol.py [--program F] [--full NAME…] [--offsets 1,2,…] [--folder DIR] [--output F]
Exit 1 if something does not hold."""

import argparse
import csv
import math
import os
import subprocess
import sys
import tempfile

VALUES = ["tuned_learning_rate", "tuned_loss", "overshoot_regret", "robust_progress", "undershoot_regret",
          "useful_at_4", "useless_at_4", "failed_at_4", "headroom_decades"]
FAILURES = []


def check(holds, words):
    print(("ok   " if holds else "FAIL ") + words, flush=True)
    if not holds:
        FAILURES.append(words)


class Laboratory:
    def __init__(self, program, folder):
        self.program = program
        self.folder = folder

    def run(self, name, text, *options, jobs=None):
        """The result of an experiment, run if it is not there whole yet."""
        path = os.path.join(self.folder, name)
        with open(path + ".yml", "w") as file:
            file.write(text)
        command = [self.program, "run", path + ".yml", "--output", path + ".h5", "--quiet", *options]
        subprocess.run(command + (["--jobs", str(jobs)] if jobs else []), check=True, stdout=subprocess.DEVNULL)
        return path + ".h5"

    def report(self, result, *options):
        folder = result.removesuffix(".h5") + ".tables"
        subprocess.run([self.program, "report", result, "--format", "csv", "--output", folder, *options],
                       check=True, stdout=subprocess.DEVNULL)
        return folder

    def table(self, result, name="robust", *options):
        with open(os.path.join(self.report(result, *options), name + ".csv"), newline="") as file:
            return list(csv.DictReader(file))

    def digest(self, result):
        return subprocess.run([self.program, "digest", result], check=True, capture_output=True, text=True).stdout.split()[0]


def by_method(rows):
    return {(row["problem"], row["method"]): row for row in rows}


def values(row):
    return [row[name] for name in VALUES]


def difference(a, b, name):
    return abs(float(a[name]) - float(b[name]))


def experiment(problems="[digits-mlp]", optimizers="[sgd, momentum, adam, adagrad]", clipping="[none]",
               seeds="4", budget="{gradient_evaluations: 60}", more=""):
    return f"""
optbench: 1
name: protocol
protocol: robust
tuning: {{seeds: 3}}
problems: {problems}
optimizers: {optimizers}
clipping: {clipping}
seeds: {seeds}
budget: {budget}
evaluate: {{logarithmic: 5}}
{more}
"""


def invariances(lab):
    """T5, T6, T8, T10 and the relabelling of T2."""
    base = by_method(lab.table(lab.run("base", experiment())))
    digest = lab.digest(os.path.join(lab.folder, "base.h5"))

    more = by_method(lab.table(lab.run("more", experiment(
        optimizers="[{name: adam, label: clone}, cudap, sgd, momentum, adam, adagrad, rmsprop]"))))
    check(all(values(more[key]) == values(row) for key, row in base.items()),
          "adding a clone, CUDAP and RMSprop leaves the values of the others bit-identical")
    name = next(iter(base))[0]
    check(values(more[name, "clone"]) == values(more[name, "adam"]), "a clone has the values of its original")
    fewer = by_method(lab.table(lab.run("fewer", experiment(optimizers="[adam, sgd]"))))
    check(all(values(row) == values(base[key]) for key, row in fewer.items()),
          "removing methods leaves the values of the others bit-identical")

    one = lab.run("one", experiment(), jobs=1)
    check(lab.digest(one) == digest, "one job gives the same content as several")
    permuted = by_method(lab.table(lab.run("permuted", experiment(optimizers="[adagrad, adam, momentum, sgd]"))))
    check(all(values(permuted[key]) == values(row) for key, row in base.items()),
          "the order of the methods moves no value")
    parts = [lab.run(part, experiment(optimizers=f"[{names}]"))
             for part, names in [("part1", "sgd, momentum"), ("part2", "adam, adagrad")]]
    merged = os.path.join(lab.folder, "merged.h5")
    subprocess.run([lab.program, "merge", *parts, "--output", merged], check=True, stdout=subprocess.DEVNULL)
    check(lab.digest(merged) == digest, "merged parts have the content of the whole")

    relabelled = {u: by_method(lab.table(lab.run(f"unit{u}", experiment(
        optimizers=f"[sgd, momentum, {{name: adam, learning_rate: {1e-3 * 10 ** u:.4g}}}, adagrad]"))))
        for u in (-1, -.5, .3)}
    for u, rows in relabelled.items():
        moved = max(difference(rows[name, "adam"], base[name, "adam"], value)
                    for value in ("overshoot_regret", "robust_progress"))
        others = all(values(rows[key]) == values(row) for key, row in base.items() if key[1] != "adam")
        check(moved < .05 and others,
              f"starting Adam's search {u:+g} decades away moves its S⁺ and RP by {moved:.3f} (< .05) and nothing else")

    for factor in ("10", "1.0e30"):
        other = by_method(lab.table(lab.run("factor" + factor, experiment(
            more=f"outcomes: {{explosion_factor: {factor}}}"))))
        moved = max(difference(other[key], row, "overshoot_regret") for key, row in base.items())
        check(moved < .02, f"an explosion factor of {factor} moves S⁺ by {moved:.4f} (< .02)")

    stuck = lab.table(lab.run("stuck", experiment(
        optimizers="[sgd, adagrad]", clipping="[none, {name: value, max_value: 1.0e-30}]")))
    last = [row for row in stuck if row["method"].startswith("sgd + value")][0]
    check(last["status"] == "does_not_train" and float(last["robust_progress"]) == 0 and stuck[0] is not last,
          "a method that stays at its start does not train, has RP 0 and is first in nothing")


def failed(row):
    return int(row.get("failed") or row.get("runs_failed") or 0)


def planted(lab):
    """T7: the edges of gradient descent and of momentum on a quadratic, and what clipping does beyond."""
    text = experiment(
        problems="[{name: bowl, function: {name: quadratic, dimension: 2, condition: 4}}]",
        optimizers="[sgd, {name: momentum, learning_rate: 0.1}]",
        clipping="[none, {name: global-norm, max_norm: 0.1}]", budget="{gradient_evaluations: 400}",
        more="schedule: constant\n")
    result = lab.run("planted", text)
    rows = by_method(lab.table(result))
    ladder = lab.table(result, "ladder")
    tried = ladder + lab.table(result, "tuning")
    largest = 1.0  # the function's largest eigenvalue by its definition
    for method, edge in [("sgd", 2 / largest), ("momentum", 2 * 1.9 / largest)]:
        below, beyond = [[row for row in tried if row["method"] == method and holds(float(row["learning_rate"]) / edge)]
                         for holds in (lambda share: share < .98, lambda share: share > 1.02)]
        check(len(below) > 5 and all(failed(row) == 0 for row in below)
              and beyond and all(failed(row) == int(row["runs"]) for row in beyond),
              f"{method} fails just where the rate exceeds its edge {edge:.3g} on a quadratic")
    free = rows["bowl", "sgd"]
    clipped = next(row for key, row in rows.items() if key[1].startswith("sgd + global-norm"))
    beyond = [row for row in ladder if row["method"] == clipped["method"]
              and float(row["learning_rate"]) > 2 / largest * 1.02]
    check(beyond and all(int(row["failed"]) == 0 and int(row["useful"]) == 0 for row in beyond),
          "clipped descent beyond the edge is useless, not failed")
    moved = difference(free, clipped, "overshoot_regret")
    check(moved < .05, f"its S⁺ is that of descent without a clip: they differ by {moved:.3f} (< .05)")


def correlations(lab, base, others):
    """ρ of the order of methods by change and problem, as the report's audit has it."""
    options = [part for other in others for part in ("--audit", other)]
    return lab.table(base, "audit", *options)


def offsets(lab, name, text, steps, least, more=()):
    base = lab.run(name, text)
    variants = [(f"{name}-offset{j}", ["--set", f"tuning.offset={j / 8}"]) for j in steps]
    variants += [(f"{name}-{key}", options) for key, options in more]
    results = [lab.run(variant, text, *options) for variant, options in variants]
    rows = correlations(lab, base, results)
    checked = 0
    for row in rows:
        # Where a search starts and how finely it ends; other changes are no promise.
        if not row["change"].startswith("tuning") or not ("offset" in row["change"] or "rates" in row["change"]):
            continue
        checked += 1
        for column, least_rho in zip(("tuned_loss", "overshoot_regret", "robust_progress"), least):
            rho = row[column + "_rank_correlation"]
            check(rho != "" and float(rho) >= least_rho,
                  f"{row['problem']}, {row['change']}: ρ of {column} {float(rho or math.nan):.2f} (≥ {least_rho})")
    check(checked > 0, f"{name}: the audit tells {checked} times how the order holds under another search")
    return rows, base, results


def fresh(lab, base, other):
    """T9: how often another draw of all seeds falls into the interval of S⁺ and RP."""
    rows, again = by_method(lab.table(base)), by_method(lab.table(other))
    inside = total = 0
    for key, row in rows.items():
        if key not in again or not row["overshoot_regret_lower"]:
            continue
        for name in ("overshoot_regret", "robust_progress"):
            if row[name] and again[key][name]:
                total += 1
                inside += float(row[name + "_lower"]) <= float(again[key][name]) <= float(row[name + "_upper"])
    return inside, total


def full(lab, names, steps, output):
    pages = []
    for name in names:
        with open(f"experiments/{name}.yml") as file:
            text = file.read()
        more = [("fresh", ["--set", "seeds=[100,101,102,103,104,105,106,107,108,109]",
                           "--set", "tuning.seeds=[2000,2001,2002,2003,2004]"]),
                ("bisected", ["--set", "tuning.rates=20"]),
                ("constant", ["--set", "schedule=constant"]),
                ("factor", ["--set", "outcomes.explosion_factor=1.0e30"])]
        rows, base, results = offsets(lab, name, text, steps, (.9, .85, .85), more)
        inside, total = fresh(lab, base, next(result for result in results if "fresh" in result))
        # Beyond what so many values may miss by chance, 95% sure.
        least = .8 * total - 1.645 * math.sqrt(.8 * .2 * total)
        check(inside >= least, f"{name}: {inside} of {total} values of fresh seeds fall into their 95% intervals "
                               f"(80%, so at least {least:.0f})")
        changed = by_method(lab.table(next(result for result in results if "factor" in result)))
        moved = max(difference(changed[key], row, "overshoot_regret") for key, row in by_method(lab.table(base)).items())
        check(moved < .02, f"{name}: an explosion factor of 1e30 moves S⁺ by {moved:.4f} (< .02)")
        pages.append((name, rows, inside, total, moved))
    if output:
        write(output, pages)


def write(path, pages):
    lines = ["# How far the robust protocol's order of methods holds", "",
             "Written by `scripts/check_protocol.py --full`: the shipped comparisons run again with one thing changed. ρ is",
             "Spearman's rank correlation of the methods that train in both; 1 is the same order.", ""]
    for name, rows, inside, total, moved in pages:
        lines += [f"## {name}", "",
                  f"{inside} of {total} values of S⁺ and RP from fresh tuning and evaluation seeds fall into the 95% intervals of the",
                  f"first (two results that are equally uncertain agree so in about 83%). An explosion factor of 1e30 moves S⁺ by {moved:.4f}",
                  "at most.", "",
                  "| problem | changed | methods | ρ of the tuned loss | ρ of S⁺ | ρ of RP |", "| --- | --- | ---: | ---: | ---: | ---: |"]
        for row in rows:
            cells = [row[column + "_rank_correlation"] for column in ("tuned_loss", "overshoot_regret", "robust_progress")]
            cells = [f"{float(cell):.2f}" if cell else "–" for cell in cells]
            lines.append("| " + " | ".join([row["problem"], row["change"], row["methods"], *cells]) + " |")
        lines.append("")
    with open(path + ".new", "w") as file:
        file.write("\n".join(lines).rstrip() + "\n")
    os.replace(path + ".new", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default=".build/release/optbench")
    parser.add_argument("--full", nargs="*", metavar="NAME")
    parser.add_argument("--offsets", default="1,2,3,4,5,6,7")
    parser.add_argument("--folder")
    parser.add_argument("--output")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        lab = Laboratory(options.program, options.folder or scratch)
        os.makedirs(lab.folder, exist_ok=True)
        if options.full is not None:
            names = options.full or ["digits-depth", "fashion-mnist-mlp", "all-methods"]
            full(lab, names, [int(j) for j in options.offsets.split(",")], options.output)
        else:
            invariances(lab)
            planted(lab)
            # Few methods that lie far apart: what is tested is that the start of a search does not order them.
            offsets(lab, "offset", experiment(
                problems="[{name: bowl, function: {name: quadratic, dimension: 20, condition: 1000}}]",
                optimizers="[sgd, momentum, adam, adagrad, rmsprop, signsgd]", budget="{gradient_evaluations: 200}"),
                (4,), (.8, .8, .8))
    if FAILURES:
        print(f"{len(FAILURES)} of the protocol's properties do not hold", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
