"""The step of rules that PyTorch lacks, as their authors' packages and pytorch_optimizer write them.

The tensors are those of torch_kernels.py; foreach wherever a package has it.
"""
import contextlib
import io

import dadaptation
import lion_pytorch
import prodigyopt
import pytorch_optimizer
import schedulefree
import torch
from timing import report

torch.set_num_threads(1)
torch.set_flush_denormal(True)
torch.manual_seed(0)

OPTIMIZERS = {
    "signum": [("pytorch_optimizer", pytorch_optimizer.SignSGD, {"momentum": 0.9})],
    "lion": [
        ("lion-pytorch", lion_pytorch.Lion, {}),
        ("pytorch_optimizer", pytorch_optimizer.Lion, {"foreach": True}),
    ],
    "adabelief": [("pytorch_optimizer", pytorch_optimizer.AdaBelief, {"foreach": True})],
    "yogi": [("pytorch_optimizer", pytorch_optimizer.Yogi, {"foreach": True})],
    "adan": [("pytorch_optimizer", pytorch_optimizer.Adan, {"foreach": True})],
    "adopt": [("pytorch_optimizer", pytorch_optimizer.ADOPT, {"foreach": True})],
    "spam": [("pytorch_optimizer", pytorch_optimizer.SPAM, {"foreach": True})],
    "lars": [("pytorch_optimizer", pytorch_optimizer.LARS, {"foreach": True})],
    "lamb": [("pytorch_optimizer", pytorch_optimizer.Lamb, {"foreach": True})],
    "stableadamw": [
        ("pytorch_optimizer", pytorch_optimizer.StableAdamW,
         {"foreach": True, "kahan_sum": False}),
    ],
    "adafactor": [("torch.optim", torch.optim.Adafactor, {"foreach": True})],
    "dadapt-adam": [
        ("dadaptation", dadaptation.DAdaptAdam, {}),
        ("pytorch_optimizer", pytorch_optimizer.DAdaptAdam, {"foreach": True}),
    ],
    "prodigy": [
        ("prodigyopt", prodigyopt.Prodigy, {}),
        ("pytorch_optimizer", pytorch_optimizer.Prodigy, {"foreach": True}),
    ],
    "schedule-free-sgd": [("schedulefree", schedulefree.SGDScheduleFree, {"foreach": True})],
    "schedule-free-adamw": [("schedulefree", schedulefree.AdamWScheduleFree, {"foreach": True})],
}
LAYOUTS = [(1, 10_000), (1, 100_000), (1, 1_000_000), (100, 1_000_000)]

for name, candidates in OPTIMIZERS.items():
    for tensors, count in LAYOUTS:
        for package, optimizer_class, options in candidates:
            parameters = []
            for _ in range(tensors):
                parameter = torch.nn.Parameter(torch.rand(count // tensors) - 0.5)
                parameter.grad = torch.rand(count // tensors) - 0.5
                parameters.append(parameter)
            with contextlib.redirect_stdout(io.StringIO()):
                optimizer = optimizer_class(parameters, lr=1e-5, **options)
            if hasattr(optimizer, "train"):
                optimizer.train()
            report(
                f"kernel {name} {tensors} {count}", package, optimizer.step, rounds=9,
                block_seconds=0.01)
