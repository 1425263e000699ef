"""Two PyTorch models for optbench: python external_torch.py gpt | resnet (experiments/external-torch.yml)."""
import gzip
import math
import sys
from pathlib import Path

import numpy as np
import optbench
import torch
from torch import nn
from torch.nn import functional

DATA = Path(__file__).resolve().parent.parent / "Sources/Problems/Resources"


class Block(nn.Module):
    """Attention to the past and an MLP, each behind a norm."""

    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.heads = heads
        self.attention, self.projection = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        batch, length, width = x.shape
        parts = self.attention(self.norm1(x)).view(batch, length, 3, self.heads, -1)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.projection(seen.transpose(1, 2).reshape(batch, length, width))
        return x + self.mlp(self.norm2(x))


class GPT(nn.Module):
    def __init__(self, symbols, length=32, width=32, depth=2, heads=2):
        super().__init__()
        self.embedding, self.position = nn.Embedding(symbols, width), nn.Embedding(length, width)
        self.blocks = nn.Sequential(*[Block(width, heads) for _ in range(depth)])
        self.norm, self.output = nn.LayerNorm(width), nn.Linear(width, symbols)

    def forward(self, codes):
        x = self.embedding(codes) + self.position(torch.arange(codes.shape[1]))
        return self.output(self.norm(self.blocks(x)))


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)

    def forward(self, x):
        return functional.relu(x + self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(x))))))


def gpt():
    text = (DATA / "persuasion.txt").read_text(encoding="utf-8")[:200_000]
    letters = sorted(set(text))
    codes = np.array([letters.index(letter) for letter in text])
    windows = codes[: len(codes) // 33 * 33].reshape(-1, 33)
    batches = optbench.ArrayBatches(
        (windows[:-200],), batch_size=16, validation=(windows[-200:],), evaluation_size=200)

    def loss(model, batch):
        codes = batch[0]
        return functional.cross_entropy(model(codes[:, :-1]).flatten(0, 1), codes[:, 1:].flatten())

    optbench.serve_torch(
        lambda: GPT(len(letters)), loss, batches, reference_loss=math.log(len(letters)),
        summary="a GPT of two blocks on the letters of a novel")


def resnet():
    with gzip.open(DATA / "digits-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 1, 8, 8) / np.float32(16)
    with gzip.open(DATA / "digits-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8).astype(np.int64)
    order = np.random.default_rng(0).permutation(len(labels))
    images, labels = images[order], labels[order]
    batches = optbench.ArrayBatches(
        (images[:-600], labels[:-600]), batch_size=32, validation=(images[-600:-300], labels[-600:-300]),
        test=(images[-300:], labels[-300:]))

    def make_model():
        return nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), Residual(16), nn.MaxPool2d(2), Residual(16), nn.Flatten(),
            nn.Linear(256, 10))

    optbench.serve_torch(
        make_model, lambda model, batch: functional.cross_entropy(model(batch[0]), batch[1]), batches,
        accuracy=lambda model, batch: (model(batch[0]).argmax(1) == batch[1]).float().mean(),
        reference_loss=math.log(10), summary="two residual blocks with batch norm on the UCI digits")


{"gpt": gpt, "resnet": resnet}[sys.argv[1]]()
