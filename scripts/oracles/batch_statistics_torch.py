#!/usr/bin/env python3
"""Writes Tests/NetworksTests/Oracles/batch_statistics_torch.json: batch statistics estimated anew.

    apt-get install python3-torch        # 1.13, CPU
    /usr/bin/python3 scripts/oracles/batch_statistics_torch.py

torch.optim.swa_utils.update_bn passes over batches of different sizes, in float64; then the model is
evaluated with what came of it. The model has moved its running statistics before, which must not be seen.
"""
import json
import pathlib

import torch
from torch import nn
from torch.optim.swa_utils import update_bn

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)


def rounded(tensor):
    """Numbers that Float32 holds exactly."""
    return tensor.to(torch.float32).to(torch.float64)


model = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, 6), nn.BatchNorm1d(6), nn.Linear(6, 3))
with torch.no_grad():
    for parameter in model.parameters():
        parameter.copy_(rounded(torch.randn_like(parameter)))
batches = [rounded(torch.randn(rows, 4) * scale + shift) for rows, scale, shift in [(6, 1, 0), (6, 3, 1), (3, 0.5, -2)]]
model.train()
for _ in range(4):
    model(torch.randn(6, 4) * 10)
update_bn(batches, model)
model.eval()
probe = rounded(torch.randn(5, 4))
result = {
    "parameters": torch.cat([parameter.detach().flatten() for parameter in model.parameters()]).tolist(),
    "batches": [batch.flatten().tolist() for batch in batches],
    "buffers": [model[place].__getattr__(name).tolist() for place in (1, 4) for name in ("running_mean", "running_var")],
    "probe": probe.flatten().tolist(),
    "outputs": model(probe).detach().flatten().tolist(),
}
folder = pathlib.Path(__file__).resolve().parents[2] / "Tests/NetworksTests/Oracles"
(folder / "batch_statistics_torch.json").write_text(json.dumps(result) + "\n")
