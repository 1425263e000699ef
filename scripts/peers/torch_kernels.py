"""The step of PyTorch's optimizers on one tensor of 10k, 100k, 1M elements, and on 100 tensors.

Each is measured fused, where PyTorch has that, and foreach.
"""
import torch
from timing import report

torch.set_num_threads(1)
torch.set_flush_denormal(True)
torch.manual_seed(0)

OPTIMIZERS = {
    "sgd": (torch.optim.SGD, {}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "nesterov": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    "asgd": (torch.optim.ASGD, {}),
    "rprop": (torch.optim.Rprop, {}),
    "adagrad": (torch.optim.Adagrad, {}),
    "adadelta": (torch.optim.Adadelta, {}),
    "rmsprop": (torch.optim.RMSprop, {}),
    "adam": (torch.optim.Adam, {}),
    "adamw": (torch.optim.AdamW, {}),
    "adamax": (torch.optim.Adamax, {}),
    "nadam": (torch.optim.NAdam, {}),
    "radam": (torch.optim.RAdam, {}),
}
FUSED = {"sgd", "momentum", "nesterov", "adagrad", "adam", "adamw"}
LAYOUTS = [(1, 10_000), (1, 100_000), (1, 1_000_000), (100, 1_000_000)]

for name, (optimizer_class, options) in OPTIMIZERS.items():
    for tensors, count in LAYOUTS:
        for mode in ["foreach"] + (["fused"] if name in FUSED else []):
            parameters = []
            for _ in range(tensors):
                parameter = torch.nn.Parameter(torch.rand(count // tensors) - 0.5)
                parameter.grad = torch.rand(count // tensors) - 0.5
                parameters.append(parameter)
            optimizer = optimizer_class(parameters, lr=1e-5, **options, **{mode: True})
            report(
                f"kernel {name} {tensors} {count}", mode, optimizer.step, rounds=15,
                block_seconds=0.01)
