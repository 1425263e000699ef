#!/usr/bin/env python3
"""Values and gradients of the test functions from PyTorch's automatic differentiation in float64.

    python3 scripts/oracles/functions_torch.py

writes Tests/ProblemsTests/Oracles/functions.json. Each function is written down once more from its
published or documented formula; data that optbench generates are regenerated from the documented streams, and
DeepOBS's quadratic_deep is made by NumPy's RandomState as DeepOBS makes it. Needs torch and numpy.
"""
import json
import math
import pathlib

import numpy
import torch

torch.set_default_dtype(torch.float64)
MASK = 0xFFFFFFFF


class Stream:
    """A random stream of optbench: Philox4x32-10 (Salmon et al., 2011) with the key (seed, FNV-1a of the name)."""

    def __init__(self, seed, name):
        value = 2166136261
        for byte in name.encode():
            value = ((value ^ byte) * 16777619) & MASK
        self.key, self.high, self.block, self.words, self.spare = (seed & MASK, value), seed >> 32, 0, [], None

    def word(self):
        if not self.words:
            c, (k0, k1) = [self.block & MASK, self.block >> 32, self.high, 0], self.key
            for _ in range(10):
                a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
                c = [(b >> 32) ^ c[1] ^ k0, b & MASK, (a >> 32) ^ c[3] ^ k1, a & MASK]
                k0, k1 = (k0 + 0x9E3779B9) & MASK, (k1 + 0xBB67AE85) & MASK
            self.words, self.block = c, self.block + 1
        return self.words.pop(0)

    def uniform(self):
        high, low = self.word() >> 5, self.word() >> 6
        return ((high << 26) | low) / 2**53

    def normal(self):
        if self.spare is not None:
            value, self.spare = self.spare, None
            return value
        u, v = self.uniform(), self.uniform()
        radius = math.sqrt(-2 * math.log(1 - u))
        self.spare = radius * math.sin(2 * math.pi * v)
        return radius * math.cos(2 * math.pi * v)

    def normals(self, *shape):
        return numpy.array([self.normal() for _ in range(math.prod(shape))]).reshape(shape)


def rotated(eigenvalues):
    """The Hessian of `quadratic`: the rows of R are those of the Q of a normal matrix."""
    n = len(eigenvalues)
    q, r = numpy.linalg.qr(Stream(0, "quadratic/rotation").normals(n, n))
    rotation = q * numpy.where(numpy.diag(r) < 0, -1, 1)
    return torch.tensor(rotation.T @ numpy.diag(eigenvalues) @ rotation)


def quadratic(h):
    return lambda x: x @ h @ x / 2


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def beale(x):
    a, b = x
    return (1.5 - a + a * b) ** 2 + (2.25 - a + a * b**2) ** 2 + (2.625 - a + a * b**3) ** 2


def himmelblau(x):
    a, b = x
    return (a**2 + b - 11) ** 2 + (a + b**2 - 7) ** 2


def rastrigin(x):
    return 10 * len(x) + (x**2 - 10 * torch.cos(2 * math.pi * x)).sum()


def styblinski_tang(x):
    return (x**4 - 16 * x**2 + 5 * x).sum() / 2


def saddle(x):
    stable = (len(x) + 1) // 2
    return (x[:stable] ** 2).sum() / 2 + (x[stable:] ** 4 / 4 - x[stable:] ** 2 / 2).sum()


def plateau(scale):
    return lambda x: torch.sigmoid(scale * ((x**2).sum() - 1)) - 1 / (1 + math.exp(scale))


def exploding(scale):
    return lambda x: torch.exp(scale * x.abs()).mean()


def logistic_data(count, dimension):
    truth = 3 / math.sqrt(dimension) * Stream(0, "logistic-regression/weights").normals(dimension)
    features = Stream(0, "logistic-regression/features").normals(count, dimension)
    labels = Stream(0, "logistic-regression/labels")
    signs = [1 if labels.uniform() < 1 / (1 + math.exp(-row @ truth)) else -1 for row in features]
    return torch.tensor(features), torch.tensor(signs, dtype=torch.float64)


def logistic(features, signs, decay):
    return lambda w: torch.nn.functional.softplus(-signs * (features @ w)).mean() + decay / 2 * (w**2).sum()


def factorization(rows, columns, rank):
    left = Stream(0, "matrix-factorization/left").normals(rows, rank)
    right = Stream(0, "matrix-factorization/right").normals(rank, columns)
    target = torch.tensor(left @ right / math.sqrt(rank))

    def value(x):
        a, b = x[: rows * rank].reshape(rows, rank), x[rows * rank :].reshape(rank, columns)
        return ((a @ b - target) ** 2).sum() / 2

    return value


def chebyshev(degree, count, width):
    points = torch.linspace(-1, 1, count)
    coefficients = numpy.zeros(degree + 1)
    coefficients[-1] = 1
    targets = torch.tensor(numpy.polynomial.chebyshev.chebval(points.numpy(), coefficients))

    def value(x):
        network = torch.nn.Sequential(
            torch.nn.Linear(1, width), torch.nn.Tanh(), torch.nn.Linear(width, 1, bias=False))
        weight, bias, output = x[:width].reshape(width, 1), x[width : 2 * width], x[2 * width :].reshape(1, width)
        hidden = torch.tanh(torch.nn.functional.linear(points.reshape(-1, 1), weight, bias))
        outputs = torch.nn.functional.linear(hidden, output)
        assert sum(p.numel() for p in network.parameters()) == len(x)
        return 0.5 * torch.nn.functional.mse_loss(outputs[:, 0], targets)

    return value


def deepobs_quadratic():
    """DeepOBS 1.1: deepobs/tensorflow/testproblems/quadratic_deep.py and datasets/quadratic.py, in float64."""
    state = numpy.random.RandomState(42)
    eigenvalues = numpy.concatenate((state.uniform(0.0, 1.0, 90), state.uniform(30.0, 60.0, 10)))
    angle = 2 * numpy.pi * state.uniform()
    rotation = numpy.array([[numpy.cos(angle), numpy.sin(angle)], [-numpy.sin(angle), numpy.cos(angle)]])
    for d in range(2, 100):
        v = state.normal(size=d + 1)
        x = numpy.eye(d + 1)[0] - v / numpy.linalg.norm(v)
        x /= numpy.linalg.norm(x)
        larger = numpy.block([[numpy.ones((1, 1)), numpy.zeros((1, d))], [numpy.zeros((d, 1)), rotation]])
        rotation = larger - 2 * numpy.outer(x, x @ larger)
    hessian = rotation.T @ numpy.diag(eigenvalues) @ rotation
    examples = {
        split: torch.tensor(numpy.random.RandomState(seed).normal(0, 0.6, (1000, 100))[:count])
        for split, seed, count in [("train", 42, 1000), ("validation", 44, 1000), ("test", 43, 896)]
    }
    return torch.tensor(hessian), eigenvalues, examples


def mean_quadratic(hessian, examples):
    def value(theta):
        differences = theta - examples
        return ((differences @ hessian) * differences).sum(1).mean() / 2

    return value


def derivative(function, x):
    x = torch.tensor(x, requires_grad=True)
    value = function(x)
    (gradient,) = torch.autograd.grad(value, x)
    return value.item(), gradient.tolist()


def case(options, function, dimension, scale=1.0, count=3, **more):
    """Points: float32 numbers, so that they are the same in every precision."""
    generator = numpy.random.default_rng(len(options) + dimension)
    points = [(scale * generator.normal(size=dimension)).astype(numpy.float32).astype(float) for _ in range(count)]
    results = [derivative(function, point) for point in points]
    return {
        "function": options, "points": [p.tolist() for p in points], "values": [r[0] for r in results],
        "gradients": [r[1] for r in results], **more,
    }


def newton(function, dimension):
    x = torch.zeros(dimension)
    for _ in range(50):
        gradient = torch.autograd.functional.jacobian(function, x)
        x = x - torch.linalg.solve(torch.autograd.functional.hessian(function, x), gradient)
    return {"minimum": x.tolist(), "lower_bound": function(x).item()}


def batched(make, examples, x):
    """The value and gradient over some examples only."""
    value, gradient = derivative(make(examples), x)
    return {"examples": examples, "point": x.tolist(), "value": value, "gradient": gradient}


generator = numpy.random.default_rng(0)
features, signs = logistic_data(120, 4)
hessian, eigenvalues, examples = deepobs_quadratic()
theta = generator.normal(size=100).astype(numpy.float32).astype(float)
ones = numpy.ones(100)
deep = case("quadratic-deep", mean_quadratic(hessian, examples["train"]), 100, count=1)
deep["batch"] = batched(lambda rows: mean_quadratic(hessian, examples["train"][rows]), [999, 3, 41, 500], theta)
deep["held_out"] = [
    {"split": split, "point": theta.tolist(), "value": derivative(mean_quadratic(hessian, examples[split]), theta)[0]}
    for split in ["validation", "test"]
]
deep["minimum"] = examples["train"].mean(0).tolist()
deep["lower_bound"] = mean_quadratic(hessian, examples["train"])(examples["train"].mean(0)).item()
anchors = {
    "largest_eigenvalue": eigenvalues.max(), "smallest_eigenvalue": eigenvalues.min(), "trace": eigenvalues.sum(),
    "test_at_start": derivative(mean_quadratic(hessian, examples["test"]), ones)[0],
    "test_at_training_mean": mean_quadratic(hessian, examples["test"])(examples["train"].mean(0)).item(),
    "test_at_zero": derivative(mean_quadratic(hessian, examples["test"]), 0 * ones)[0],
    "test_minimum": mean_quadratic(hessian, examples["test"])(examples["test"].mean(0)).item(),
    "gradient_norm_at_start": float(numpy.linalg.norm(derivative(mean_quadratic(hessian, examples["train"]), ones)[1])),
}
# Published by DeepOBS (test loss at the start) or computed from its published data by others.
assert abs(anchors["test_at_start"] - 353.44677) < 1e-4 and abs(anchors["largest_eigenvalue"] - 53.1290154) < 1e-7

steps = numpy.array([100.0 ** (k / 4 - 1) for k in range(5)])
regression = case(
    "{name: logistic-regression, dimension: 4, examples: 120, decay: 0.01}", logistic(features, signs, 0.01), 4, 2.0,
    **newton(logistic(features, signs, 0.01), 4))
regression["batch"] = batched(
    lambda rows: logistic(features[rows], signs[rows], 0.01), [7, 119, 0], generator.normal(size=4))
cases = [
    case("{name: quadratic, dimension: 5, condition: 100}", quadratic(rotated(steps)), 5),
    case("{name: quadratic, eigenvalues: [3, 0.5, 20], rotation: false}", quadratic(torch.diag(torch.tensor([3, 0.5, 20]))), 3),
    case("{name: quadratic, eigenvalues: [1, 2, 3, 4]}", quadratic(rotated([1, 2, 3, 4])), 4),
    deep, case("{name: rosenbrock, dimension: 5}", rosenbrock, 5), case("beale", beale, 2, 2.0),
    case("himmelblau", himmelblau, 2, 3.0), case("{name: rastrigin, dimension: 3}", rastrigin, 3, 2.0),
    case("{name: styblinski-tang, dimension: 3}", styblinski_tang, 3, 2.0),
    case("{name: saddle, dimension: 5}", saddle, 5), case("{name: plateau, dimension: 3, scale: 2}", plateau(2), 3),
    case("{name: plateau, dimension: 2, scale: 10}", plateau(10), 2, 0.4),
    case("{name: exploding-gradient, dimension: 6, scale: 8}", exploding(8), 6), regression,
    case("{name: matrix-factorization, rows: 4, columns: 3, rank: 2}", factorization(4, 3, 2), 14),
    case("{name: chebyshev, degree: 4, points: 20, width: 6}", chebyshev(4, 20, 6), 18),
    case("{name: chebyshev, degree: 5, points: 7, width: 3}", chebyshev(5, 7, 3), 9),
]


def student(nu, stream):
    radius, angle = 1 - stream.uniform(), 2 * math.pi * stream.uniform()
    return math.sqrt(nu * (radius ** (-2 / nu) - 1)) * math.cos(angle)


def stable(alpha, stream):
    angle, waiting = math.pi * (stream.uniform() - 0.5), -math.log(1 - stream.uniform())
    return (math.sin(alpha * angle) / math.cos(angle) ** (1 / alpha)
            * (math.cos((1 - alpha) * angle) / waiting) ** ((1 - alpha) / alpha))


noise = [
    {"noise": text, "seed": 5, "values": [draw(stream) for _ in range(12)]}
    for text, draw, stream in [
        ("normal", Stream.normal, Stream(5, "gradient-noise")),
        ("{name: student-t, degrees_of_freedom: 2.5}", lambda s: student(2.5, s), Stream(5, "gradient-noise")),
        ("{name: alpha-stable, alpha: 1.5}", lambda s: stable(1.5, s), Stream(5, "gradient-noise")),
        ("{name: alpha-stable, alpha: 1}", lambda s: stable(1, s), Stream(5, "gradient-noise")),
    ]
]
folder = pathlib.Path(__file__).resolve().parents[2] / "Tests/ProblemsTests/Oracles"
folder.mkdir(parents=True, exist_ok=True)
oracle = {
    "source": f"torch {torch.__version__}, numpy {numpy.__version__}, float64", "cases": cases,
    "quadratic_deep": anchors, "noise": noise,
}
(folder / "functions.json").write_text(json.dumps(oracle, separators=(",", ":")).replace("},{", "},\n{") + "\n")
