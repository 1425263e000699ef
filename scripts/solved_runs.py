#!/usr/bin/env python3
"""Compares how many runs of two methods reached the target, paired by seed, with an exact test.

    scripts/solved_runs.py results/temporal-order/runs.csv sgd 'sgd + global-norm(1)'

prints a Markdown table: for each problem the runs of both methods that reached the target, the seeds
that only one of them solved, and McNemar's exact test on these (two-sided: the probability, if
both methods were alike, of a split at least as uneven), adjusted by Holm over the problems. A method has one
learning rate here; several would be several runs with the same seed.
"""
import collections
import csv
import math
import sys


def mcnemar(first_only, second_only):
    count, least = first_only + second_only, min(first_only, second_only)
    tail = sum(math.comb(count, k) for k in range(least + 1)) / 2**count
    return min(1.0, 2 * tail)


def holm(values):
    order = sorted(range(len(values)), key=lambda i: values[i])
    adjusted, largest = [0.0] * len(values), 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, values[index] * (len(values) - rank)))
        adjusted[index] = largest
    return adjusted


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    path, first, second = sys.argv[1:]
    solved = collections.defaultdict(dict)
    with open(path) as file:
        for row in csv.DictReader(file):
            key = (row["method"], row["seed"])
            if key in solved[row["problem"]]:
                sys.exit(f"{row['method']}, seed {row['seed']}: more than one run on {row['problem']}")
            solved[row["problem"]][key] = row["target_step"] != ""
    rows = []
    for problem, runs in solved.items():
        seeds = [seed for method, seed in runs if method == first and (second, seed) in runs]
        if not seeds:
            sys.exit(f"{path} has no pairs of '{first}' and '{second}' on {problem}")
        pairs = [(runs[first, seed], runs[second, seed]) for seed in seeds]
        only = [sum(a and not b for a, b in pairs), sum(b and not a for a, b in pairs)]
        rows.append((problem, len(pairs), sum(a for a, _ in pairs), sum(b for _, b in pairs), *only))
    values = [mcnemar(*row[4:]) for row in rows]
    print(f"| Problem | `{first}` | `{second}` | only the first | only the second | p | p (Holm) |")
    print("| --- | --: | --: | --: | --: | --: | --: |")
    for row, p, adjusted in zip(rows, values, holm(values)):
        problem, count, a, b, only_a, only_b = row
        print(f"| {problem} | {a} of {count} | {b} of {count} | {only_a} | {only_b} "
              f"| {p:.2g} | {adjusted:.2g} |")


main()
