"""Timing shared by the peers: blocks of work, medians and quartiles, one line of tabs for each."""
import statistics
import time


def report(work, peer, step, rounds=41, block_seconds=0.03, steps_per_call=1):
    """Times `step()`, which does `steps_per_call` units of `work`, and prints what it takes."""
    for _ in range(3):
        step()
    start = time.perf_counter()
    for _ in range(3):
        step()
    calls = max(1, int(block_seconds / ((time.perf_counter() - start) / 3)))
    samples = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(calls):
            step()
        samples.append((time.perf_counter() - start) / (calls * steps_per_call))
    lower, median, upper = statistics.quantiles(samples, n=4, method="inclusive")
    print(work, peer, median, lower, upper, sep="\t", flush=True)
