"""Named tensors within one flat vector."""

from __future__ import annotations

from typing import Any, Callable, Iterable, Mapping, Sequence

import numpy as np

from .objective import Array, Tensor

Batches = Callable[[int, int], Any]
Splits = Mapping[str, Iterable[Any]]

# How many of the first batches stand for the training split where none is given.
EVALUATED_BATCHES = 8


def role(name: str, shape: Sequence[int]) -> str:
    """What a tensor is for, by its name and shape."""
    lower = name.lower()
    if "norm" in lower or ".bn" in lower or lower.startswith("bn"):
        return "norm"
    if "embed" in lower:
        return "embedding"
    return "weight" if len(shape) > 1 else "bias"


def views(tensors: Sequence[Tensor], vector: Array) -> list[Any]:
    """The tensors as views of a flat vector."""
    result, start = [], 0
    for tensor in tensors:
        result.append(vector[start:start + tensor.count].reshape(tuple(tensor.shape)))
        start += tensor.count
    return result


def clean(name: str) -> str:
    """A name without spaces."""
    return "_".join(name.split()) or "parameters"


def weight(batch: Any) -> int:
    """How many examples a batch holds: the length of its first array, or 1."""
    first = batch[0] if isinstance(batch, (tuple, list)) and batch else batch
    shape: tuple[int, ...] = getattr(first, "shape", ())
    return int(shape[0]) if len(shape) > 0 else 1


def mean(values: Iterable[tuple[float, int]]) -> float:
    """The weighted mean."""
    total = np.sum([[value * count, count] for value, count in values], axis=0)
    return float(total[0] / total[1])
