"""optbench for Python: train your own model with optbench's optimizers, or record your own loop."""

from .adapters import keras_callback, lightning_logger, optax_observer, transformers_callback
from .batches import ArrayBatches
from .jax_objective import serve_jax
from .keras_objective import serve_keras
from .objective import Description, Objective, Tensor, serve
from .recorder import Run, init
from .torch_objective import serve_torch

__all__ = [
    "ArrayBatches", "Description", "Objective", "Run", "Tensor", "init", "keras_callback",
    "lightning_logger", "optax_observer", "serve", "serve_jax", "serve_keras", "serve_torch",
    "transformers_callback",
]
