"""The small problems on which optimizers are compared, for the scripts beside this file."""
import json
import math
import pathlib
import random

STORED = pathlib.Path("Tests/OptimizersTests/Oracles")


def matrix_problem():
    """Twelve given gradients for two matrices, a vector and a tensor of three axes.

    The shapes keep each second moment GGᵀ at most one short of full rank, so that eigenbases are
    unique but for signs.
    """
    draw = random.Random(4)
    shapes = [("a", [5, 4]), ("b", [4, 5]), ("c", [5]), ("d", [3, 2, 2])]
    count = sum(math.prod(shape) for _, shape in shapes)

    def numbers(scale):
        return [round(draw.gauss(0, scale), 4) for _ in range(count)]

    return {
        "kind": "open_loop",
        "steps": 12,
        "params": [{"name": name, "shape": shape} for name, shape in shapes],
        "init": numbers(0.5),
        "grads": [numbers(1.0) for _ in range(12)],
    }


def problems():
    stored = json.loads((STORED / "problems.json").read_text())["problems"]
    return {**stored, "matrix_loop": matrix_problem()}


def sizes(problem):
    return [math.prod(p["shape"]) for p in problem["params"]]


def gradient(problem, x, step):
    """The gradient at the flat list x before update `step`."""
    kind = problem["kind"]
    if kind == "open_loop":
        return problem["grads"][step]
    if kind == "quadratic":
        return [
            sum(a * v for a, v in zip(row, x)) - b for row, b in zip(problem["A"], problem["b"])
        ]
    if kind == "rosenbrock":
        return [
            -2 * (1 - x[0]) - 400 * x[0] * (x[1] - x[0] * x[0]), 200 * (x[1] - x[0] * x[0]),
        ]
    result = [0.0] * len(x)
    for inputs, label in zip(problem["X"], problem["y"]):
        logit = sum(a * v for a, v in zip(inputs, x)) + x[-1]
        error = (1 / (1 + math.exp(-logit)) - label) / len(problem["y"])
        for index, value in enumerate(inputs):
            result[index] += error * value
        result[-1] += error
    return result


def write(name, source, cases):
    """One case a line; thirteen significant digits."""
    contents = {"source": source, "problems": {"matrix_loop": matrix_problem()}}
    for case in cases:
        case["traj"] = [[float(f"{v:.13g}") for v in row] for row in case["traj"]]
    lines = ",\n".join(json.dumps(case) for case in cases)
    path = STORED / name
    path.write_text(json.dumps(contents)[:-1] + f', "cases": [\n{lines}\n]}}\n')
    print(f"{path}: {len(cases)} cases, {path.stat().st_size} bytes")
