"""A Keras 3 model as an objective, on the backends torch and jax."""

from __future__ import annotations

from typing import Any, Callable

import numpy as np

from .objective import Array, Description, Evaluation, Tensor, serve
from .parameters import EVALUATED_BATCHES, Batches, Splits, clean, mean, role, views, weight


class KerasObjective:
    """Batches are (inputs, targets); the loss is a Keras loss of targets and outputs, as in
    `model.compile(loss=…)`."""

    def __init__(
        self, make_model: Callable[[], Any], loss: Any, batches: Batches, *,
        splits: Splits | None = None, accuracy: Callable[[Any, Any], Any] | None = None,
        **description: Any,
    ) -> None:
        import keras

        self.keras = keras
        self.backend = keras.backend.backend()
        if self.backend not in ("torch", "jax"):
            raise ValueError(
                f"the backend {self.backend} of Keras is not supported; set KERAS_BACKEND to torch "
                "or jax before keras is imported")
        self.make_model = make_model
        self.loss = keras.losses.get(loss)
        self.accuracy = accuracy
        self.batches = batches
        self.splits = splits if splits is not None else getattr(batches, "splits", None)
        description.setdefault("steps_per_epoch", getattr(batches, "steps_per_epoch", 0))
        self._begin(0)
        names: list[str] = []
        for variable in self.variables:
            name = clean(variable.path)
            names.append(name if name not in names else f"{name}_{len(names)}")
        self.tensors = [
            Tensor(name, tuple(variable.shape) or (1,), role(name, variable.shape))
            for name, variable in zip(names, self.variables)
        ]
        self.description = Description(
            self.tensors, splits=tuple(self.splits) if self.splits else ("train",),
            accuracy=accuracy is not None, buffers=bool(self.state), **description)

    def describe(self) -> Description:
        return self.description

    def _begin(self, seed: int) -> None:
        # The names of layers count up, and say nothing of the model.
        self.keras.backend.clear_session()
        self.keras.utils.set_random_seed(seed)
        self.seed = seed
        self.model = self.make_model()
        if not self.model.built:
            inputs = self.batches(seed, 0)[0]
            self.model(inputs[:1])
        self.variables = self.model.trainable_variables
        self.state = [v for v in self.model.non_trainable_variables if "seed" not in v.path]
        self.value_and_grad: Any = None

    def initialise(self, seed: int, parameters: Array) -> None:
        self._begin(seed)
        for place, variable in zip(views(self.tensors, parameters), self.variables):
            place[...] = self.keras.ops.convert_to_numpy(variable.value).reshape(place.shape)

    def gradient(self, step: int, parameters: Array, gradient: Array, update: bool) -> float:
        self.keras.utils.set_random_seed((self.seed * 1_000_003 + step + 1) % (1 << 32))
        batch = self.batches(self.seed, step)
        find = self._torch_gradient if self.backend == "torch" else self._jax_gradient
        return find(batch, parameters, gradient, update)

    def _torch_gradient(
        self, batch: Any, parameters: Array, gradient: Array, update: bool
    ) -> float:
        self._assign(parameters)
        kept = [self.keras.ops.copy(variable.value) for variable in self.state]
        self.model.zero_grad()
        inputs, targets = batch
        loss = self.loss(targets, self.model(inputs, training=True))
        loss.backward()
        for place, variable in zip(views(self.tensors, gradient), self.variables):
            slope = variable.value.grad
            place[...] = 0 if slope is None else slope.detach().cpu().numpy().reshape(place.shape)
        if not update:
            for variable, value in zip(self.state, kept):
                variable.assign(value)
        return float(loss.detach())

    def _jax_gradient(self, batch: Any, parameters: Array, gradient: Array, update: bool) -> float:
        import jax

        if self.value_and_grad is None:
            def loss(trained: Any, others: Any, inputs: Any, targets: Any) -> Any:
                outputs, changed = self.model.stateless_call(trained, others, inputs, training=True)
                return self.loss(targets, outputs), changed

            self.value_and_grad = jax.jit(jax.value_and_grad(loss, has_aux=True))
        trained = [
            jax.numpy.array(view.reshape(tuple(variable.shape)))
            for view, variable in zip(views(self.tensors, parameters), self.variables)
        ]
        others = self.model.non_trainable_variables
        (value, changed), slopes = self.value_and_grad(
            trained, [variable.value for variable in others], *batch)
        for place, slope in zip(views(self.tensors, gradient), slopes):
            place[...] = np.asarray(slope).reshape(place.shape)
        if update:
            for variable, state in zip(others, changed):
                variable.assign(state)
        return float(value)

    def _assign(self, parameters: Array) -> None:
        for view, variable in zip(views(self.tensors, parameters), self.variables):
            # A copy: the memory shared with optbench changes.
            variable.assign(view.reshape(tuple(variable.shape)).copy())

    def evaluate(self, split: str, parameters: Array, estimate: bool) -> Evaluation:
        self._assign(parameters)
        batches = (
            list(self.splits[split]) if self.splits
            else [self.batches(self.seed, step) for step in range(EVALUATED_BATCHES)])
        losses, right, sizes = [], [], [weight(batch) for batch in batches]
        for inputs, targets in batches:
            outputs = self.model(inputs, training=False)
            losses.append(float(self._number(self.loss(targets, outputs))))
            if self.accuracy is not None:
                right.append(float(self._number(self.accuracy(targets, outputs))))
        loss = mean(zip(losses, sizes))
        return (loss, mean(zip(right, sizes))) if right else loss

    def _number(self, value: Any) -> Any:
        return np.mean(self.keras.ops.convert_to_numpy(value))


def serve_keras(
    make_model: Callable[[], Any], loss: Any, batches: Batches, **options: Any
) -> None:
    """Lets optbench train a Keras 3 model on the backend torch or jax.

    make_model(): the model; Keras's random numbers are seeded before.
    loss: a Keras loss, or its name.
    batches(seed, step): (inputs, targets) of a step, such as `ArrayBatches`.
    splits: for each of train, validation and test the batches to evaluate on.
    accuracy(targets, outputs): right or wrong for each example, such as
    keras.metrics.sparse_categorical_accuracy.
    Others: the fields of `Description`. Statistics of averages are not estimated anew.
    """
    serve(KerasObjective(make_model, loss, batches, **options))
