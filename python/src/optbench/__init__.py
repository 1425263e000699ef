"""optbench for Python: train your own model with optbench's optimizers, or record your own loop."""

from .batches import ArrayBatches
from .jax_objective import serve_jax
from .keras_objective import serve_keras
from .objective import Description, Objective, Tensor, serve
from .torch_objective import serve_torch

__all__ = [
    "ArrayBatches", "Description", "Objective", "Tensor", "serve", "serve_jax", "serve_keras",
    "serve_torch",
]
