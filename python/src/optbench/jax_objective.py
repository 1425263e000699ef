"""A JAX function as an objective."""

from __future__ import annotations

from typing import Any, Callable

import numpy as np

from .objective import Array, Description, Evaluation, Tensor, serve
from .parameters import EVALUATED_BATCHES, Batches, Splits, clean, mean, role, views, weight

ValueAndGrad = Callable[[Any, Any], "tuple[Any, Any]"]


class JaxObjective:
    """Pure functions have no state to keep: parameters and gradient are copied at each request."""

    def __init__(
        self, value_and_grad: ValueAndGrad, init: Callable[[int], Any], batches: Batches, *,
        splits: Splits | None = None, evaluate: Callable[[Any, Any], Any] | None = None,
        accuracy: bool = False, **description: Any,
    ) -> None:
        import jax

        self.jax = jax
        self.value_and_grad = value_and_grad
        self.init = init
        self.batches = batches
        self.evaluation = evaluate
        self.accuracy = accuracy
        self.splits = splits if splits is not None else getattr(batches, "splits", None)
        description.setdefault("steps_per_epoch", getattr(batches, "steps_per_epoch", 0))
        self.seed = 0
        leaves, self.structure = jax.tree_util.tree_flatten_with_path(init(0))
        self.tensors = [
            Tensor(name, tuple(np.shape(leaf)) or (1,), role(name, np.shape(leaf)))
            for name, leaf in ((clean(jax.tree_util.keystr(path)), leaf) for path, leaf in leaves)
        ]
        self.shapes = [np.shape(leaf) for _, leaf in leaves]
        self.description = Description(
            self.tensors, splits=tuple(self.splits) if self.splits else ("train",),
            accuracy=accuracy, **description)

    def describe(self) -> Description:
        return self.description

    def initialise(self, seed: int, parameters: Array) -> None:
        self.seed = seed
        self._write(self.init(seed), parameters)

    def _write(self, tree: Any, vector: Array) -> None:
        leaves = self.jax.tree_util.tree_leaves(tree)
        for place, leaf in zip(views(self.tensors, vector), leaves):
            place[...] = np.asarray(leaf).reshape(place.shape)

    def _tree(self, vector: Array) -> Any:
        # JAX may work on the memory itself later on, so that it gets a copy.
        numbers = self.jax.numpy
        leaves = [
            numbers.array(view.reshape(shape))
            for view, shape in zip(views(self.tensors, vector), self.shapes)
        ]
        return self.jax.tree_util.tree_unflatten(self.structure, leaves)

    def gradient(self, step: int, parameters: Array, gradient: Array, update: bool) -> float:
        value, slopes = self.value_and_grad(
            self._tree(parameters), self.batches(self.seed, step))
        self._write(slopes, gradient)
        return float(value)

    def evaluate(self, split: str, parameters: Array, estimate: bool) -> Evaluation:
        tree = self._tree(parameters)
        batches = (
            list(self.splits[split]) if self.splits
            else [self.batches(self.seed, step) for step in range(EVALUATED_BATCHES)])
        sizes = [weight(batch) for batch in batches]
        if self.evaluation is None:
            return mean(
                (float(self.value_and_grad(tree, b)[0]), n) for b, n in zip(batches, sizes))
        found = [self.evaluation(tree, batch) for batch in batches]
        if not self.accuracy:
            return mean((float(value), n) for value, n in zip(found, sizes))
        return (mean((float(value[0]), n) for value, n in zip(found, sizes)),
                mean((float(value[1]), n) for value, n in zip(found, sizes)))


def serve_jax(
    value_and_grad: ValueAndGrad, init: Callable[[int], Any], batches: Batches, **options: Any
) -> None:
    """Lets optbench train a JAX function.

    value_and_grad(parameters, batch): such as jax.jit(jax.value_and_grad(loss)).
    init(seed): the parameters, any tree of arrays.
    batches(seed, step): the batch of a step, such as `ArrayBatches`.
    splits: for each of train, validation and test the batches to evaluate on.
    evaluate(parameters, batch): the loss to evaluate, or with accuracy=True (loss, accuracy).
    Others: the fields of `Description`.
    """
    serve(JaxObjective(value_and_grad, init, batches, **options))
