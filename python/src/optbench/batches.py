"""Batches of arrays that are functions of seed and step."""

from __future__ import annotations

from typing import Any, Sequence

import numpy as np

Examples = Sequence[Any]


class ArrayBatches:
    """Batches of arrays in an order drawn anew for each seed and epoch.

    train, validation, test: arrays with the same number of examples along their first axis, such as
    (inputs, targets). The last batch of an epoch may be smaller.
    """

    def __init__(
        self, train: Examples, batch_size: int, validation: Examples | None = None,
        test: Examples | None = None, evaluation_size: int = 512,
    ) -> None:
        self.train = [np.asarray(array) for array in train]
        self.count = len(self.train[0])
        if not 0 < batch_size <= self.count:
            raise ValueError(f"batches of {batch_size} of {self.count} examples")
        self.batch_size = batch_size
        self.steps_per_epoch = -(-self.count // batch_size)
        held_out = validation or test
        size = min(self.count, len(held_out[0])) if held_out else self.count
        parts = {"train": [array[:size] for array in self.train], "validation": validation,
                 "test": test}
        self.splits = {
            name: [
                tuple(np.asarray(array)[start:start + evaluation_size] for array in part)
                for start in range(0, len(part[0]), evaluation_size)
            ]
            for name, part in parts.items() if part is not None
        }
        self._order: tuple[int, int, Any] | None = None

    def indices(self, seed: int, step: int) -> Any:
        """The examples of a step."""
        epoch, position = divmod(step, self.steps_per_epoch)
        if self._order is None or self._order[:2] != (seed, epoch):
            order = np.random.default_rng([seed, epoch]).permutation(self.count)
            self._order = seed, epoch, order
        start = position * self.batch_size
        return self._order[2][start:start + self.batch_size]

    def __call__(self, seed: int, step: int) -> tuple[Any, ...]:
        chosen = self.indices(seed, step)
        return tuple(array[chosen] for array in self.train)
