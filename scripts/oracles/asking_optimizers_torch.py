#!/usr/bin/env python3
"""Writes the trajectories of the methods that ask for more than a gradient, or are evaluated
elsewhere than they train.

usage: asking_optimizers_torch.py Tests/OptimizersTests/Oracles

L-BFGS is torch.optim.LBFGS, Schedule-Free the authors' package schedulefree 1.4.1 (for-loop path).
SAM, Lookahead and Sophia-G are written down from davda54/sam, michaelrzhang/lookahead and
Liuhong99/Sophia, around optimizers of torch. All in float64, on the problems of problems.json; float32_difference is how far
the same code in float32 is from that, |a - b| / max(1, |b|).
Needs PyTorch 1.13 or newer and `pip install schedulefree --no-deps typing_extensions`.
"""
import json
import pathlib
import sys

import schedulefree
import torch

from optimizers_torch import difference, gradient

def loss(problem, x):
    kind = problem["kind"]
    if kind == "quadratic":
        matrix, vector = torch.tensor(problem["A"]), torch.tensor(problem["b"])
        return 0.5 * x @ matrix @ x - vector @ x
    if kind == "rosenbrock":
        return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
    inputs, labels = torch.tensor(problem["X"]), torch.tensor(problem["y"])
    return torch.nn.functional.binary_cross_entropy_with_logits(inputs @ x[:-1] + x[-1], labels)


def base_optimizer(case, parameters):
    return getattr(torch.optim, case["base"])(parameters, lr=case["lr"], **case["base_kwargs"])


def sam(case, problem, x):
    inner = base_optimizer(case, [x])
    adaptive, rho = case["kwargs"].get("adaptive", False), case["kwargs"].get("rho", 0.05)
    for step in range(problem["steps"]):
        g = gradient(problem, x.detach(), step)
        weight = x.detach().abs() if adaptive else torch.ones_like(g)
        shift = weight**2 * g * (rho / ((weight * g).norm() + 1e-12))
        x.grad = gradient(problem, x.detach() + shift, step)
        inner.step()
        yield x.detach(), None


def lookahead(case, problem, x):
    inner = base_optimizer(case, [x])
    k, alpha = case["kwargs"]["k"], case["kwargs"]["alpha"]
    slow = x.detach().clone()
    for step in range(problem["steps"]):
        x.grad = gradient(problem, x.detach(), step)
        inner.step()
        if (step + 1) % k == 0:
            x.data.mul_(alpha).add_(slow, alpha=1 - alpha)
            slow = x.detach().clone()
        yield x.detach(), slow


def sophia_g(case, problem, x):
    options = case["kwargs"]
    beta1, beta2 = options["betas"]
    m, h = torch.zeros_like(x), torch.zeros_like(x)
    theta = x.detach().clone()
    for step in range(problem["steps"]):
        g = gradient(problem, theta, step)
        theta = theta * (1 - case["lr"] * options["weight_decay"])
        m = beta1 * m + (1 - beta1) * g
        ratio = (m.abs() / (options["rho"] * options["bs"] * h + 1e-15)).clamp(max=1)
        theta = theta - case["lr"] * m.sign() * ratio
        if (step + 1) % options["k"] == 0:
            # Labels cannot be drawn here: any other gradient shows the rule as well.
            second = gradient(problem, theta + 0.25, step)
            h = beta2 * h + (1 - beta2) * second**2
        yield theta, None


def schedule_free(case, problem, x):
    kind = schedulefree.SGDScheduleFree
    if case["name"] == "schedule-free-adamw":
        kind = schedulefree.AdamWScheduleFree
    optimizer = kind([x], lr=case["lr"], foreach=False, **case["kwargs"])
    optimizer.train()
    for step in range(problem["steps"]):
        x.grad = gradient(problem, x.detach(), step)
        optimizer.step()
        trained = x.detach().clone()
        optimizer.eval()
        evaluated = x.detach().clone()
        optimizer.train()
        # The way to x and back rounds.
        x.data.copy_(trained)
        yield trained, evaluated


def lbfgs(case, problem, x):
    optimizer = torch.optim.LBFGS([x], lr=case["lr"], **case["kwargs"])
    calls = 0

    def closure():
        nonlocal calls
        calls += 1
        optimizer.zero_grad()
        value = loss(problem, x)
        value.backward()
        return value

    for _ in range(case["steps"]):
        optimizer.step(closure)
        case["evaluations"].append(calls)
        yield x.detach(), None


RULES = {
    "sam": sam, "lookahead": lookahead, "sophia-g": sophia_g, "schedule-free-sgd": schedule_free,
    "schedule-free-adamw": schedule_free, "lbfgs": lbfgs,
}


def cases():
    def case(name, problem, lr, kwargs, base=None, base_kwargs=None, **more):
        result = {"name": name, "problem": problem, "lr": lr, "kwargs": kwargs}
        if base:
            result |= {"base": base, "base_kwargs": base_kwargs or {}}
        return result | more

    for problem, rate in [("quad4", 0.05), ("logreg", 0.5), ("rosenbrock", 2e-4)]:
        yield case("sam", problem, rate, {"rho": 0.05}, "SGD")
        yield case("sam", problem, rate, {"rho": 0.3}, "SGD", {"momentum": 0.9, "nesterov": True})
        yield case("sam", problem, rate, {"rho": 0.5, "adaptive": True}, "SGD")
        yield case("sam", problem, 0.02, {"rho": 0.1, "adaptive": True}, "AdamW",
                   {"weight_decay": 0.1})
        yield case("lookahead", problem, rate, {"k": 5, "alpha": 0.5}, "SGD", {"momentum": 0.5})
        yield case("lookahead", problem, 0.02, {"k": 3, "alpha": 0.8}, "Adam",
                   {"betas": [0.8, 0.99]})
        yield case("sophia-g", problem, 0.01,
                   {"betas": [0.965, 0.99], "rho": 0.04, "k": 10, "bs": 32, "weight_decay": 0.1})
        yield case("sophia-g", problem, 0.02,
                   {"betas": [0.9, 0.95], "rho": 0.5, "k": 2, "bs": 5120, "weight_decay": 0.0})
    for problem, rate in [("quad4", 0.2), ("logreg", 1.0), ("rosenbrock", 2e-4),
                          ("open_loop", 0.1)]:
        yield case("schedule-free-sgd", problem, rate, {})
        yield case("schedule-free-sgd", problem, rate,
                   {"momentum": 0.7, "weight_decay": 0.1, "warmup_steps": 5, "r": 1.0})
        yield case("schedule-free-adamw", problem, 0.02, {})
        yield case("schedule-free-adamw", problem, 0.02,
                   {"betas": [0.95, 0.98], "eps": 1e-6, "weight_decay": 0.1, "warmup_steps": 4,
                    "r": 0.5, "weight_lr_power": 1.0})
    for problem, steps in [("quad4", 3), ("logreg", 6), ("rosenbrock", 12)]:
        for search in [None, "strong_wolfe"]:
            for more in [{"max_iter": 4}, {"max_iter": 3, "history_size": 2, "max_eval": 20}]:
                rate = {"rosenbrock": 0.2}.get(problem, 0.8) if search is None else 1.0
                yield case("lbfgs", problem, rate, more | {"line_search_fn": search},
                           steps=steps, evaluations=[])


def run(case, problem):
    x = torch.tensor(problem["init"], requires_grad=True)
    trained, evaluated = [], []
    for here, elsewhere in RULES[case["name"]](case, problem, x):
        trained.append(here.tolist())
        if elsewhere is not None:
            evaluated.append(elsewhere.tolist())
    return {"traj": trained} | ({"evaluated": evaluated} if evaluated else {})


def main(folder):
    problems = json.loads((folder / "problems.json").read_text())["problems"]
    lines = []
    for case in cases():
        torch.set_default_dtype(torch.float32)
        rough = run(case | {"evaluations": []}, problems[case["problem"]])
        torch.set_default_dtype(torch.float64)
        exact = run(case, problems[case["problem"]])
        case["float32_difference"] = max(difference(rough[key], exact[key]) for key in exact)
        lines.append(json.dumps(case | exact))
    source = f"torch {torch.__version__}, schedulefree 1.4.1, float64"
    text = '{"source": "%s", "cases": [\n%s\n]}\n' % (source, ",\n".join(lines))
    (folder / "asking_optimizers.json").write_text(text)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
