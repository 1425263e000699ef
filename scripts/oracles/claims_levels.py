"""How often a claim "holds" that does not: the numbers in docs/claims.md, from samples whose mean is the margin.

    python3 scripts/oracles/claims_levels.py
"""

import numpy as np
from scipy import stats

SAMPLES = 4000
LEVEL = 0.05

SHAPES = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "Student's t, 3 degrees of freedom": lambda rng, shape: rng.standard_t(3, size=shape),
    "exponential, tail for the claim": lambda rng, shape: rng.exponential(size=shape) - 1,
    "exponential, tail against it": lambda rng, shape: 1 - rng.exponential(size=shape),
    "lognormal, tail against it": lambda rng, shape: np.exp(0.5) - rng.lognormal(size=shape),
}


def sign_flips(rng, samples):
    n = samples.shape[1]
    if n <= 12:
        signs = 1 - 2 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)
    else:
        signs = rng.choice([-1, 1], size=(4096, n))
        signs[0] = 1
    return ((samples @ signs.T) >= samples.sum(1)[:, None] - 1e-12).mean(1)


def johnson(samples):
    n = samples.shape[1]
    mean, deviation = samples.mean(1), samples.std(1, ddof=1)
    third = n / ((n - 1) * (n - 2)) * ((samples - mean[:, None]) ** 3).sum(1)
    t = (mean + third / (6 * deviation**2 * n) + third * mean**2 / (3 * deviation**4)) / (deviation / np.sqrt(n))
    return stats.t.sf(t, n - 1)


def main():
    rng = np.random.default_rng(0)
    print("| differences | seeds | sign flips alone | both tests |\n| --- | ---: | ---: | ---: |")
    for name, draw in SHAPES.items():
        for n in (10, 20):
            samples = draw(rng, (SAMPLES, n))
            flips = sign_flips(rng, samples)
            both = np.maximum(flips, johnson(samples))
            print(f"| {name} | {n} | {100 * (flips <= LEVEL).mean():.1f}% | {100 * (both <= LEVEL).mean():.1f}% |")


main()
