#!/usr/bin/env python3
"""Writes methods_authors.json: parameters after each update of the authors' and other PyTorch
packages, in float64.

usage, from the root of the repository: optimizers_authors.py

Needs PyTorch (1.13 and newer) and, installed without their dependencies:
    lion-pytorch 0.2.5, adabelief-pytorch 0.2.1, torch-optimizer 0.3.0, timm 1.0.31,
    torch-optimi 0.3.3, prodigyopt 1.1.2, dadaptation 3.2, pytorch-optimizer 4.1.0
"""
import functools
import importlib
import importlib.metadata
import importlib.util
import math
import sys
import types

import torch

import optimizer_problems


def bare(name):
    """Makes a package importable by modules, without running what it imports at its top."""
    spec = importlib.util.find_spec(name)
    module = types.ModuleType(name)
    module.__path__ = list(spec.submodule_search_locations)
    sys.modules[name] = module


def prepare():
    """Old PyTorch lacks names that the packages import and, here, never call."""
    for name in ["timm", "timm.optim", "optimi", "torch_optimizer", "pytorch_optimizer"]:
        bare(name)
    bare("pytorch_optimizer.optimizer")
    if "torch.utils._foreach_utils" not in sys.modules:
        try:
            importlib.import_module("torch.utils._foreach_utils")
        except ModuleNotFoundError:
            foreach = types.ModuleType("torch.utils._foreach_utils")
            foreach._group_tensors_by_device_and_dtype = None
            foreach._foreach_supported_types = [torch.Tensor]
            sys.modules["torch.utils._foreach_utils"] = foreach
    if not hasattr(torch.optim.lr_scheduler, "LRScheduler"):
        torch.optim.lr_scheduler.LRScheduler = torch.optim.lr_scheduler._LRScheduler
    if not hasattr(torch, "_disable_dynamo"):
        torch._disable_dynamo = lambda function: function
    if not hasattr(torch.optim.Optimizer, "register_load_state_dict_post_hook"):
        torch.optim.Optimizer.register_load_state_dict_post_hook = lambda self, hook: None


def load(module, name):
    return getattr(importlib.import_module(module), name)


def muon(params, **options):
    """timm's Muon with the Newton-Schulz iteration in float64 in place of bfloat16."""
    module = importlib.import_module("timm.optim.muon")
    if not isinstance(module.zeropower_via_newtonschulz, functools.partial):
        module.zeropower_via_newtonschulz = functools.partial(
            module.zeropower_via_newtonschulz, dtype=torch.float64
        )
    options = {"weight_decay": 0.1, "nesterov": True, **options}
    params = [{"params": [p], "use_muon": p.ndim > 1} for p in params]
    return module.Muon(
        params, ns_coefficients=(3.4445, -4.775, 2.0315), eps=1e-7, safety_factor=1.0, **options
    )


def methods():
    lion = load("lion_pytorch", "Lion")
    belief = functools.partial(load("adabelief_pytorch", "AdaBelief"), print_change_log=False)
    yogi = load("torch_optimizer.yogi", "Yogi")
    adan = load("timm.optim.adan", "Adan")
    adopt = load("timm.optim.adopt", "Adopt")
    lars = functools.partial(load("timm.optim.lars", "Lars"), always_adapt=True, foreach=False)
    lamb = functools.partial(load("timm.optim.lamb", "Lamb"), max_grad_norm=None, foreach=False)
    prodigy = load("prodigyopt.prodigy_reference", "ProdigyReference")
    dadapt = load("dadaptation", "DAdaptAdam")
    stable = functools.partial(load("optimi.stableadamw", "StableAdamW"), foreach=False, triton=False)
    spam = functools.partial(load("pytorch_optimizer.optimizer.spam", "SPAM"), foreach=False)
    soap = load("pytorch_optimizer.optimizer.soap", "SOAP")
    shampoo = load("pytorch_optimizer.optimizer.shampoo", "Shampoo")
    all_problems = ["open_loop", "quad4", "rosenbrock", "logreg"]
    short = ["open_loop", "logreg"]
    # (our name, package, constructor, problems, our options, theirs where they differ)
    rows = [
        ("lion", "lion-pytorch", lion, all_problems, {"lr": 0.013}, {}),
        ("lion", "lion-pytorch", lion, short,
         {"lr": 0.01, "betas": [0.95, 0.98], "weight_decay": 0.1}, {}),
        ("adabelief", "adabelief-pytorch", belief, all_problems, {"lr": 0.01}, {}),
        ("adabelief", "adabelief-pytorch", belief, short,
         {"lr": 0.01, "eps": 1e-8, "weight_decay": 0.1, "rectify": False}, {}),
        ("adabelief", "adabelief-pytorch", belief, short,
         {"lr": 0.01, "eps": 1e-10, "betas": [0.8, 0.95], "weight_decay": 0.1,
          "decoupled_weight_decay": False},
         {"weight_decouple": False}),
        ("yogi", "torch-optimizer", yogi, all_problems, {}, {}),
        ("yogi", "torch-optimizer", yogi, short,
         {"lr": 0.02, "betas": [0.8, 0.95], "eps": 1e-2, "initial_accumulator": 0.1,
          "weight_decay": 0.1}, {}),
        ("adan", "timm", adan, all_problems, {"lr": 0.01}, {"foreach": False}),
        ("adan", "timm", adan, short,
         {"lr": 0.02, "betas": [0.9, 0.8, 0.95], "eps": 1e-6, "weight_decay": 0.2},
         {"foreach": False}),
        ("adan", "timm", adan, short, {"lr": 0.02, "weight_decay": 0.2, "no_prox": True},
         {"foreach": False}),
        ("adopt", "timm", adopt, all_problems, {"lr": 0.01},
         {"clip_exp": 0.25, "foreach": False}),
        ("adopt", "timm", adopt, short,
         {"lr": 0.01, "clip_exp": None, "betas": [0.8, 0.99], "weight_decay": 0.1},
         {"foreach": False}),
        ("adopt", "timm", adopt, short,
         {"lr": 0.01, "clip_exp": 0.333, "eps": 1e-3, "weight_decay": 0.1,
          "decoupled_weight_decay": True},
         {"decoupled": True, "foreach": False}),
        ("spam", "pytorch-optimizer", spam, all_problems, {"lr": 0.01}, {}),
        ("spam", "pytorch-optimizer", spam, short,
         {"lr": 0.02, "betas": [0.8, 0.95], "threshold": 1.5, "grad_accu_steps": 3,
          "weight_decay": 0.1}, {}),
        ("lars", "timm", lars, all_problems, {"momentum": 0.9}, {}),
        ("lars", "timm", lars, short,
         {"lr": 0.5, "momentum": 0.8, "dampening": 0.1, "weight_decay": 0.1,
          "trust_coefficient": 0.01, "eps": 1e-3},
         {"trust_coeff": 0.01}),
        ("lars", "timm", lars, short,
         {"lr": 0.5, "momentum": 0.8, "nesterov": True, "weight_decay": 0.01}, {}),
        ("lamb", "timm", lamb, all_problems, {"lr": 0.01}, {}),
        ("lamb", "timm", lamb, short,
         {"lr": 0.02, "betas": [0.8, 0.95], "eps": 1e-3, "weight_decay": 0.3}, {}),
        ("stableadamw", "torch-optimi", stable, all_problems, {"lr": 0.01}, {}),
        ("stableadamw", "torch-optimi", stable, short,
         {"lr": 0.02, "betas": [0.8, 0.9], "eps": 1e-3, "weight_decay": 0.2}, {}),
        ("prodigy", "prodigyopt", prodigy, all_problems, {"d0": 0.01}, {}),
        ("prodigy", "prodigyopt", prodigy, short, {}, {}),
        ("prodigy", "prodigyopt", prodigy, short,
         {"lr": 0.5, "betas": [0.8, 0.95], "beta3": 0.9, "eps": 1e-4, "weight_decay": 0.1,
          "d0": 0.01, "d_coef": 0.5, "growth_rate": 1.2, "use_bias_correction": True},
         {}),
        ("prodigy", "prodigyopt", prodigy, short,
         {"weight_decay": 0.1, "decoupled_weight_decay": False, "safeguard_warmup": True,
          "d0": 0.01},
         {"decouple": False}),
        ("dadapt-adam", "dadaptation", dadapt, all_problems, {"d0": 0.01}, {}),
        ("dadapt-adam", "dadaptation", dadapt, short, {}, {}),
        ("dadapt-adam", "dadaptation", dadapt, short,
         {"lr": 0.5, "betas": [0.8, 0.95], "eps": 1e-4, "weight_decay": 0.1, "d0": 0.01,
          "growth_rate": 1.2, "use_bias_correction": True, "decoupled_weight_decay": True},
         {"decouple": True}),
        ("dadapt-adam", "dadaptation", dadapt, short, {"weight_decay": 0.1, "d0": 0.01}, {}),
        ("muon", "timm", muon, ["matrix_loop:ab"], {"lr": 0.02}, {"adjust_lr_fn": "original"}),
        ("muon", "timm", muon, ["matrix_loop:ab"],
         {"lr": 0.02, "adjust_lr_fn": "match_rms_adamw", "nesterov": False, "momentum": 0.8,
          "weight_decay": 0.0, "ns_steps": 3},
         {}),
        ("muon", "timm", muon, ["matrix_loop", "logreg"],
         {"lr": 0.02, "nesterov": False, "adamw_eps": 1e-7, "adamw_betas": [0.8, 0.9]},
         {"adjust_lr_fn": "original", "conv_mode": "flatten", "betas": [0.8, 0.9]}),
        ("shampoo", "pytorch-optimizer", shampoo, ["matrix_loop:abc", "quad4", "open_loop"],
         {"lr": 0.1, "eps": 1e-2, "precondition_frequency": 1}, {"preconditioning_compute_steps": 1}),
        ("soap", "pytorch-optimizer", soap, ["matrix_loop:abc", "quad4", "logreg"],
         {"lr": 0.01, "precondition_frequency": 3}, {}),
        ("soap", "pytorch-optimizer", soap, ["matrix_loop:abc"],
         {"lr": 0.02, "betas": [0.9, 0.99], "shampoo_beta": 0.8, "eps": 1e-4, "weight_decay": 0.3,
          "precondition_frequency": 2}, {}),
        ("soap", "pytorch-optimizer", soap, ["matrix_loop:abc"],
         {"lr": 0.02, "max_precond_dim": 4, "precondition_frequency": 2}, {}),
    ]
    return rows


RENAMED = {
    "decoupled_weight_decay", "trust_coefficient", "max_precond_dim", "adamw_betas", "adamw_eps",
}


def restricted(problem, names):
    """The problem with only the tensors called `names`; the gradients are given."""
    kept, offset = [], 0
    for p in problem["params"]:
        size = math.prod(p["shape"])
        if p["name"] in names:
            kept += range(offset, offset + size)
        offset += size
    return {
        **problem,
        "params": [p for p in problem["params"] if p["name"] in names],
        "init": [problem["init"][i] for i in kept],
        "grads": [[grad[i] for i in kept] for grad in problem["grads"]],
    }


def trajectory(make, problem, keywords):
    sizes = optimizer_problems.sizes(problem)
    params = [
        torch.nn.Parameter(part.reshape(p["shape"]).clone())
        for part, p in zip(torch.tensor(problem["init"]).split(sizes), problem["params"])
    ]
    optimizer = make(params, **keywords)
    result = []
    for step in range(problem["steps"]):
        at = torch.cat([p.detach().reshape(-1) for p in params]).tolist()
        grad = torch.tensor(optimizer_problems.gradient(problem, at, step))
        for p, g in zip(params, grad.split(sizes)):
            p.grad = g.reshape(p.shape).clone()
        optimizer.step()
        result.append(torch.cat([p.detach().reshape(-1) for p in params]).tolist())
    return result


def main():
    torch.set_default_dtype(torch.float64)
    prepare()
    problems = optimizer_problems.problems()
    cases = []
    for name, package, make, on, options, theirs in methods():
        keywords = {k: v for k, v in options.items() if k not in RENAMED}
        keywords.update(theirs)
        if "max_precond_dim" in options:
            keywords["max_precondition_dim"] = options["max_precond_dim"]
        if name == "shampoo":
            keywords["matrix_eps"] = keywords.pop("eps")
            keywords.pop("precondition_frequency")
        for place in on:
            key, _, tensors = place.partition(":")
            problem = restricted(problems[key], tensors) if tensors else problems[key]
            cases.append({
                "id": f"{name}/{len(cases)}/{place}",
                "optimizer": name,
                "package": f"{package} {importlib.metadata.version(package)}",
                "kwargs": options,
                "problem": key,
                "tensors": list(tensors) or None,
                "traj": trajectory(make, problem, keywords),
            })
    optimizer_problems.write(
        "methods_authors.json", {"framework": "torch", "version": torch.__version__}, cases
    )


if __name__ == "__main__":
    main()
