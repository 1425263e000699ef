#!/usr/bin/env python3
"""Writes docs/reading-other-benchmarks.md from the data in experiments/other-benchmarks.

    scripts/other_benchmarks.py            # writes the page
    scripts/other_benchmarks.py --check    # ends with 1 where the page is not what the data give
    scripts/other_benchmarks.py --table    # AlgoPerf's studies as a table for `optbench rank`

Python's standard library alone; the same data give the same bytes.
"""
import csv
import math
import random
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "experiments" / "other-benchmarks"
PAGE = ROOT / "docs" / "reading-other-benchmarks.md"
INFINITE = math.inf
RESAMPLES = 1000
# Base workloads with their held-out variants.
WORKLOADS = {
    "criteo1tb": "criteo1tb_embed_init",
    "fastmri": "fastmri_tanh",
    "imagenet_resnet": "imagenet_resnet_large_bn_init",
    "imagenet_vit": None,
    "librispeech_conformer": "librispeech_conformer_layernorm",
    "librispeech_deepspeech": None,
    "ogbg": "ogbg_model_size",
    "wmt": "wmt_glu_tanh",
}


def rows(name):
    with open(DATA / name, newline="") as file:
        return list(csv.DictReader(file))


# AlgoPerf


class Trials:
    """By submission, workload and study: the times to the target of the studies with a log."""

    def __init__(self, trials):
        self.trials = trials
        self.submissions = sorted({trial["submission"] for trial in trials})
        self.counted = list(WORKLOADS) + [name for name in WORKLOADS.values() if name]

    def studies(self, budget=1.0):
        """Step 1: of each study the trial that reaches the target at the earliest evaluation."""
        best = {}
        for trial in self.trials:
            if int(trial["evaluations"]) == 0:
                continue
            studies = best.setdefault((trial["submission"], trial["workload"]), {})
            place, time = INFINITE, INFINITE
            if trial["target_evaluation"]:
                reached = float(trial["time_to_target_s"])
                if reached <= budget * float(trial["max_budget_s"]):
                    place, time = int(trial["target_evaluation"]), reached
            known = studies.setdefault(trial["study"], (INFINITE, INFINITE))
            # Of equals the first in the order of folders.
            if place < known[0]:
                studies[trial["study"]] = (place, time)
        return {
            key: [time for _, time in studies.values()] for key, studies in best.items()
        }


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    low, high = ordered[middle - 1], ordered[middle]
    return high if math.isinf(high) else (low + high) / 2


def ratios(submissions, studies, factor=4.0, held_out=True):
    """Steps 2 to 6: by submission, the time over the fastest of each base workload."""
    times = {}
    for submission in submissions:
        for base, variant in WORKLOADS.items():
            for workload in (base, variant):
                if workload:
                    values = studies.get((submission, workload))
                    times[submission, workload] = median(values) if values else INFINITE
    if held_out:
        for submission in submissions:
            for base, variant in WORKLOADS.items():
                if variant and math.isinf(times[submission, base]):
                    times[submission, variant] = INFINITE
        for base, variant in WORKLOADS.items():
            for workload in (base, variant):
                if not workload:
                    continue
                fastest = min(times[submission, workload] for submission in submissions)
                for submission in submissions:
                    if times[submission, workload] > factor * fastest:
                        times[submission, workload] = INFINITE
        for submission in submissions:
            for base, variant in WORKLOADS.items():
                if variant and math.isinf(times[submission, variant]):
                    times[submission, base] = INFINITE
    result = {submission: [] for submission in submissions}
    for base in WORKLOADS:
        fastest = min(times[submission, base] for submission in submissions)
        for submission in submissions:
            time = times[submission, base]
            result[submission].append(
                INFINITE if math.isinf(time) else time / fastest
            )
    return result


def linspace(high, points=100):
    step = (high - 1) / (points - 1)
    return [high if index == points - 1 else index * step + 1 for index in range(points)]


def parts(ratio, high=4.0):
    """What one workload adds to the sampled score: the trapezoidal rule over its step function."""
    factors = linspace(high)
    share = [1.0 if ratio <= factor else 0.0 for factor in factors]
    area = sum(
        (share[i - 1] + share[i]) / 2 * (factors[i] - factors[i - 1])
        for i in range(1, len(factors))
    )
    return area / (high - 1)


def scores(ratio_lists, high=4.0, weights=None):
    """Steps 7 and 8; `weights` counts each workload."""
    result = {}
    for submission, values in ratio_lists.items():
        counts = weights or [1] * len(values)
        total = sum(
            count * parts(value, high)
            for value, count in zip(values, counts)
            if value <= high and count
        )
        result[submission] = total / sum(counts)
    return result


def resampled(submissions, studies, with_workloads, seed):
    """The 95% intervals of the scores where studies, or studies and workloads, are drawn again."""
    stream = random.Random(seed)

    def below(count):
        return int(stream.random() * count)

    known = {}

    def part(value):
        if value not in known:
            known[value] = parts(value) if value <= 4 else 0.0
        return known[value]

    found = {submission: [] for submission in submissions}
    places = {submission: [] for submission in submissions}
    keys = sorted(studies)
    for _ in range(RESAMPLES):
        drawn = {
            key: [studies[key][below(len(studies[key]))] for _ in studies[key]]
            for key in keys
        }
        weights = [1] * len(WORKLOADS)
        if with_workloads:
            weights = [0] * len(WORKLOADS)
            for _ in WORKLOADS:
                weights[below(len(WORKLOADS))] += 1
        values = {
            submission: sum(part(r) * w for r, w in zip(list_, weights)) / sum(weights)
            for submission, list_ in ratios(submissions, drawn).items()
        }
        for submission in submissions:
            found[submission].append(values[submission])
            places[submission].append(
                1 + sum(other > values[submission] for other in values.values())
            )
    return (
        {name: (quantile(v, 0.025), quantile(v, 0.975)) for name, v in found.items()},
        {name: (quantile(v, 0.025), quantile(v, 0.975)) for name, v in places.items()},
    )


def quantile(values, share):
    ordered = sorted(values)
    position = (len(ordered) - 1) * share
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def clopper_pearson(successes, trials, confidence=0.95):
    tail = (1 - confidence) / 2

    def at_most(count, share):
        if count < 0:
            return 0.0
        logs = [
            math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
            + k * math.log(share) + (trials - k) * math.log1p(-share)
            for k in range(count + 1)
        ]
        return sum(math.exp(value) for value in logs)

    def bisect(is_low):
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if is_low(middle) else (low, middle)
        return (low + high) / 2

    lower = (
        0.0 if successes == 0
        else bisect(lambda share: 1 - at_most(successes - 1, share) < tail)
    )
    upper = (
        1.0 if successes == trials
        else bisect(lambda share: at_most(successes, share) > tail)
    )
    return lower, upper


# The speedrun's optimization track

TARGET = 3.28
SIGMA = 0.0013
THRESHOLD = 0.004
PER_HUNDRED_STEPS = 0.0045


def survival(z):
    return math.erfc(z / math.sqrt(2)) / 2


def records():
    claims = rows("nanogpt-track3-records.csv")
    runs = rows("nanogpt-track3.csv")
    result = []
    for claim in claims:
        steps = int(claim["claimed_steps"])
        losses = [
            float(run["val_loss"])
            for run in runs
            if run["record"] == claim["record"] and int(run["step"]) == steps
        ]
        mean = sum(losses) / len(losses)
        statistic = (TARGET - mean) * math.sqrt(len(losses))
        deviation = statistics.stdev(losses) if len(losses) > 1 else math.nan
        result.append(
            {
                "claim": claim, "steps": steps, "losses": losses, "mean": mean,
                "statistic": statistic, "p": survival(statistic / SIGMA),
                "deviation": deviation,
            }
        )
    return result


def student_survival(t, freedom):
    """P(T > t), by Simpson's rule over the density's tail in the angle."""
    if t < 0:
        return 1 - student_survival(-t, freedom)
    # t = √ν tan θ makes the density cos^(ν−1) θ.
    start, end, count = math.atan(t / math.sqrt(freedom)), math.pi / 2, 2000
    width = (end - start) / count
    power = freedom - 1

    def density(angle):
        return math.cos(angle) ** power if power else 1.0

    total = density(start) + (0.0 if power else 1.0)
    for index in range(1, count):
        total += density(start + index * width) * (4 if index % 2 else 2)
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2))
    return total * width / 3 * scale / math.sqrt(math.pi)


def holm(values):
    order = sorted(range(len(values)), key=lambda index: values[index])
    adjusted, largest = list(values), 0.0
    for place, index in enumerate(order):
        largest = max(largest, min(1.0, (len(values) - place) * values[index]))
        adjusted[index] = largest
    return adjusted


# The page


def table(head, lines, numbers):
    def row(cells):
        return "| " + " | ".join(str(cell) for cell in cells) + " |"

    rule = ["---:" if index in numbers else "---" for index in range(len(head))]
    return "\n".join([row(head), "|" + "|".join(rule) + "|"] + [row(line) for line in lines])


def probability(value):
    return f"{value:.1e}" if value < 0.001 else f"{value:.3f}"


def algoperf_sections(trials):
    studies = trials.studies()
    names = trials.submissions
    published = {row["submission"]: row["published"] for row in rows("algoperf-v05-published.csv")}
    base = scores(ratios(names, studies))
    order = sorted(names, key=lambda name: (-base[name], name))
    by_study, places = resampled(names, studies, False, 1)
    by_both, both_places = resampled(names, studies, True, 2)
    plain = scores(ratios(names, studies, held_out=False))

    def span(bounds, digits=2):
        return f"[{bounds[0]:.{digits}f}, {bounds[1]:.{digits}f}]"

    lines = []
    for name in order:
        agrees = f"{base[name]:.4f}" == published[name]
        lines.append(
            [f"`{name}`", published[name], f"{base[name]:.6f}", "yes" if agrees or
             abs(base[name] - float(published[name])) < 0.0001 else "no",
             span(by_study[name]), span(by_both[name]),
             f"{round(both_places[name][0])}–{round(both_places[name][1])}"]
        )
    score_table = table(
        ["submission", "published", "re-derived", "agree", "95%, studies drawn again",
         "95%, studies and workloads", "places"], lines, {1, 2, 4, 5, 6})
    agreeing = sum(line[3] == "yes" for line in lines)

    lost = []
    for name in order:
        own = [trial for trial in trials.trials if trial["submission"] == name]
        logged = [trial for trial in own if int(trial["evaluations"]) > 0]
        broken = [trial for trial in logged if trial["went_nonfinite"] == "1"]
        early = [
            trial for trial in logged
            if not trial["target_evaluation"]
            and float(trial["last_time_s"] or 0) < 0.9 * float(trial["max_budget_s"])
        ]
        bounds = clopper_pearson(len(broken), len(logged))
        lost.append(
            [f"`{name}`", len(own), len(own) - len(logged), len(broken),
             f"{100 * len(broken) / len(logged):.1f}% "
             f"[{100 * bounds[0]:.1f}, {100 * bounds[1]:.1f}]",
             sum(bool(trial["target_evaluation"]) for trial in broken), len(early),
             sum(bool(trial["target_evaluation"]) for trial in logged)]
        )
    totals = [sum(line[index] for line in lost) for index in (1, 2, 3, 5, 6, 7)]
    lost.append(["all"] + totals[:3] + [""] + totals[3:])
    lost_table = table(
        ["submission", "trials", "no log", "went non-finite", "of those with a log",
         "of these reached the target", "ended early without it", "reached the target"],
        lost, {1, 2, 3, 4, 5, 6, 7})

    horizons = [1.5, 2.0, 4.0, 8.0]
    by_horizon = [scores(ratios(names, studies, factor=high), high) for high in horizons]
    budgets = [0.25, 0.5, 0.75, 1.0]
    by_budget = [scores(ratios(names, trials.studies(budget))) for budget in budgets]

    def placed(values, name):
        place = 1 + sum(other > values[name] + 1e-12 for other in values.values())
        return f"{values[name]:.3f} ({place})"

    horizon_table = table(
        ["submission"] + [f"up to {high:g}×" for high in horizons] + ["4×, held-out ignored"],
        [[f"`{name}`"] + [placed(values, name) for values in by_horizon] + [placed(plain, name)]
         for name in order], {1, 2, 3, 4, 5})
    budget_table = table(
        ["submission"] + [f"{100 * budget:g}% of the budget" for budget in budgets],
        [[f"`{name}`"] + [placed(values, name) for values in by_budget] for name in order],
        {1, 2, 3, 4})
    gaps = []
    for first, second in zip(order, order[1:]):
        if by_study[first][0] <= by_study[second][1]:
            gaps.append(f"`{first}` and `{second}`")
    return {
        "scores": score_table, "agreeing": agreeing, "count": len(order), "lost": lost_table,
        "totals": totals, "horizons": horizon_table, "budgets": budget_table, "gaps": gaps,
    }


def nanogpt_sections():
    found = records()
    lines = []
    tests, tested = [], []
    for record in found:
        claim = record["claim"]
        n = len(record["losses"])
        own = math.nan
        if n > 2 and record["deviation"] > 0:
            t = (TARGET - record["mean"]) * math.sqrt(n) / record["deviation"]
            own = student_survival(t, n - 1)
            tests.append(own)
            tested.append(record)
        record["own"] = own
    for record, value in zip(tested, holm(tests)):
        record["holm"] = value
    for record in found:
        claim = record["claim"]
        n = len(record["losses"])
        verdict = "pass" if record["statistic"] >= THRESHOLD else "fail"
        agrees = (
            abs(record["mean"] - float(claim["published_mean"])) < 0.00005 + 1e-9
            and n == int(claim["published_n"])
        )
        lines.append(
            [claim["record"], record["steps"], f"{claim['published_mean']} ({claim['published_n']})",
             f"{record['mean']:.6f} ({n})", "yes" if agrees else "no",
             f"{record['statistic']:.4f}", probability(record["p"]), verdict,
             claim["published_mark"],
             "–" if math.isnan(record["deviation"]) else f"{record['deviation']:.5f}",
             "–" if math.isnan(record["own"]) else probability(record["own"]),
             "–" if "holm" not in record else probability(record["holm"])]
        )
    head = ["record", "steps", "published mean (n)", "mean of the logs (n)", "agree",
            "(3.28 − mean)·√n", "p, σ = 0.0013", "rule", "board", "deviation of runs",
            "p, own deviation", "Holm"]
    several = [record for record in found if len(record["losses"]) > 1]
    freedom = sum(len(record["losses"]) - 1 for record in several)
    pooled = math.sqrt(
        sum(record["deviation"] ** 2 * (len(record["losses"]) - 1) for record in several) / freedom
    )
    byname = {int(record["claim"]["record"]): record for record in found}
    pairs = []
    for new, old in [(11, 9), (13, 11), (29, 13), (43, 29), (45, 43)]:
        a, b = byname[new], byname[old]
        scale = math.sqrt(1 / len(a["losses"]) + 1 / len(b["losses"]))
        gain = (b["steps"] - a["steps"]) / 100 * PER_HUNDRED_STEPS
        statistic = (b["mean"] - a["mean"] + gain) / scale
        pairs.append(
            [new, old, b["steps"] - a["steps"], f"{statistic:.6f}",
             probability(survival(statistic / SIGMA)), "yes" if statistic >= THRESHOLD else "no",
             probability(survival(statistic / pooled))])
    pair_table = table(
        ["new", "old", "steps fewer", "statistic", "p, σ = 0.0013", "significant by the rule",
         "p, measured deviation"], pairs, {0, 1, 2, 3, 4, 6})
    agreeing = sum(line[4] == "yes" for line in lines)
    return {
        "records": table(head, lines, set(range(12)) - {4, 7, 8}), "agreeing": agreeing,
        "count": len(lines), "pooled": pooled, "freedom": freedom, "pairs": pair_table,
        "single": sum(len(record["losses"]) == 1 for record in found),
        "unproved": sum(
            1 for record in found if record["claim"]["published_mark"] == "pass"
            and not record.get("holm", 1.0) <= 0.001),
        "passes": sum(record["claim"]["published_mark"] == "pass" for record in found),
    }


def page():
    trials = Trials(rows("algoperf-v05-external.csv"))
    a = algoperf_sections(trials)
    n = nanogpt_sections()
    total, missing, broken, reached, early, successes = a["totals"]
    return f"""# Reading other benchmarks

What two published boards of optimizers say, re-derived from their own logs, and what they do not show. `scripts/other_benchmarks.py`
makes this page from the data in [experiments/other-benchmarks](../experiments/other-benchmarks/README.md), and continuous integration checks
that it still does. Logs of both boards can be [imported](import.md) (`--from algoperf`, `--from nanogpt`); tables of results
can be [ranked](rank.md): `scripts/other_benchmarks.py --table > algoperf.csv; optbench rank algoperf.csv`.

## AlgoPerf v0.5, external tuning

The score, as the published code computes it: (1) of each study the trial that reaches the target at the earliest evaluation;
(2) the median over studies, +∞ taking part; (3) a base workload that is not reached takes its held-out variant with it; (4)
times beyond four times the fastest are +∞; (5) a held-out variant that is not reached takes its base workload with it; (6) the
ratio to the fastest that is left; (7) the share of the eight base workloads within a factor τ; (8) the mean of that share over τ
from 1 to 4, by the trapezoidal rule at 100 factors.

{a["scores"]}

{a["agreeing"]} of {a["count"]} scores agree with the published ones to rounding. Published are the scores alone. The intervals are what they
do not show: percentiles over {RESAMPLES} resamples in which each submission's five studies are drawn again, and in which the eight
workloads are drawn again with them; *places* are those of a submission in the latter. Five studies and eight workloads are few
for a bootstrap: the intervals are rough. Neighbours whose intervals by studies overlap: {"; ".join(a["gaps"]) or "none"}.

### Runs that the board does not show

Nothing in the score says why a target was not reached. A loss that is NaN never reaches one (`NaN <= target` is false), and training goes
on with NaN weights to the end of the budget. The metric of such a model is a number: an accuracy of 0.001, a BLEU of 0, and a word error
rate of 0.8966, *better* than the 1.0 and more of the untrained model.

{a["lost"]}

{broken} of {total - missing} trials with a log went non-finite, of which {reached or "none"} had reached the target; {missing} left no log; {early} ended before 90% of their
budget without reaching it, crashed or stopped. Training losses were logged by some submissions only, often for the first 100 steps
only: the counts are at least. Shares are of the trials with a log, with their exact 95% interval.

### What the order depends on

The score (and the place) if a method may take up to 1.5, 2 or 8 times the fastest in place of 4, and if the held-out workloads
(steps 3 to 5) were left out:

{a["horizons"]}

The same if every trial had had a part of its budget only:

{a["budgets"]}

## Modded-NanoGPT, optimization track

The fewest steps to a validation loss of 3.28 count. A record must show (3.28 − mean)·√n ≥ 0.004 over n runs at one step: a one-sided test with an
assumed deviation of σ = 0.0013 at p < 0.001. The rule re-derived from the logs of the odd records:

{n["records"]}

{n["agreeing"]} of {n["count"]} means agree to four digits with the same number of runs. What the board does not show:

- **The deviation is assumed.** The runs of the records with several give {n["pooled"]:.5f} with {n["freedom"]} degrees of freedom. By each record's own
  deviation (Student's t), adjusted by Holm for all records that have three runs, {n["unproved"]} of {n["passes"]} records that the board marks as passed
  are not shown at 0.001 by their own runs; {n["single"]} of all records have a single log.
- **Each record is tested against the target, not against the one before.** The board's rule for pairs adds 0.0045 of loss for 100 steps, measured
  on one configuration:

{n["pairs"]}

- **A NaN would not be seen.** Lines are found by a pattern of digits, which `val_loss:nan` does not match; a run that failed and was left out
  leaves no trace on the board. `optbench import --from nanogpt` reads it as a failure.
- **Steps are not time**: one step of a method may cost more than one of another.
"""


def rank_table():
    trials = Trials(rows("algoperf-v05-external.csv"))
    best = {}
    for trial in trials.trials:
        if trial["role"] != "base" or int(trial["evaluations"]) == 0:
            continue
        key = (trial["workload"], trial["submission"], trial["study"])
        time = float(trial["time_to_target_s"]) if trial["target_evaluation"] else INFINITE
        best[key] = min(best.get(key, INFINITE), time)
    lines = ["problem,method,seed,hours,time_to_target"]
    for (problem, method, seed), time in sorted(best.items()):
        text = "" if math.isinf(time) else f"{time:.3f}"
        hours = "nan" if math.isinf(time) else f"{time / 3600:.5f}"
        lines.append(f"{problem},{method},{seed},{hours},{text}")
    return "\n".join(lines) + "\n"


def main():
    arguments = sys.argv[1:]
    if arguments == ["--table"]:
        sys.stdout.write(rank_table())
        return 0
    text = page()
    if arguments == ["--check"]:
        if PAGE.read_text(encoding="utf-8") == text:
            return 0
        print(f"{PAGE}: not what the data give; run scripts/other_benchmarks.py", file=sys.stderr)
        return 1
    if arguments:
        print(__doc__, file=sys.stderr)
        return 64
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
