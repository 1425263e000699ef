"""An objective that optbench trains: what computes a loss and its gradient, and the loop that answers.

docs/bridges.md describes the protocol, which any language can speak.
"""

from __future__ import annotations

import json
import math
import mmap
import os
import sys
import traceback
from dataclasses import dataclass, field
from typing import Any, Protocol, Sequence, Union

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Evaluation = Union[float, "tuple[float, float]"]

PROTOCOL = 1


@dataclass(frozen=True)
class Tensor:
    """A tensor of parameters. Roles are weight, bias, norm and embedding; by default weight for two
    axes and more, and bias for fewer."""

    name: str
    shape: Sequence[int]
    role: str | None = None

    @property
    def count(self) -> int:
        return math.prod(self.shape)


@dataclass
class Description:
    """What an objective says of itself.

    splits: among train, validation and test; those beside train need steps_per_epoch.
    steps_per_epoch: updates that pass over the training data once; 0 for a function without data.
    lower_bound: of the loss; None where none is known.
    loss_unit: the least scale against which an explosion is judged.
    reference_loss: of what knows nothing, such as log(classes); the robust protocol needs it.
    buffers: whether the objective keeps state that is no function of seed and step, such as batch
    statistics.
    """

    tensors: Sequence[Tensor]
    splits: Sequence[str] = ("train",)
    accuracy: bool = False
    steps_per_epoch: int = 0
    lower_bound: float | None = 0.0
    loss_unit: float = 1.0
    reference_loss: float | None = None
    buffers: bool = False
    summary: str = ""
    data_digest: str = ""

    def answer(self) -> dict[str, Any]:
        tensors = []
        for tensor in self.tensors:
            entry: dict[str, Any] = {"name": tensor.name, "shape": [int(n) for n in tensor.shape]}
            if tensor.role is not None:
                entry["role"] = tensor.role
            tensors.append(entry)
        return {
            "protocol": PROTOCOL,
            "tensors": tensors,
            "splits": list(self.splits),
            "metrics": ["loss", "accuracy"] if self.accuracy else ["loss"],
            "steps_per_epoch": self.steps_per_epoch,
            "lower_bound": self.lower_bound,
            "loss_unit": self.loss_unit,
            "reference_loss": self.reference_loss,
            "buffers": self.buffers,
            "summary": self.summary,
            "data_digest": self.data_digest,
        }


class Objective(Protocol):
    """What `serve` serves. Arrays are flat float32 vectors of all parameters, in the order of the
    tensors; they are memory shared with optbench."""

    def describe(self) -> Description:
        """What is trained."""

    def initialise(self, seed: int, parameters: Array) -> None:
        """Begins a run: writes its parameters, a function of the seed alone."""

    def gradient(self, step: int, parameters: Array, gradient: Array, update: bool) -> float:
        """The loss at `parameters` on the batch of `step`, a function of seed and step; writes its
        gradient. Where `update` is false, no state may change: the method only looks."""

    def evaluate(self, split: str, parameters: Array, estimate: bool) -> Evaluation:
        """The mean loss over a split, or (loss, accuracy). Changes nothing. Where `estimate` is true,
        batch statistics belong to other parameters and are to be estimated for these."""


@dataclass
class _Memory:
    """The file that optbench has mapped too: loss, accuracy, parameters, gradient."""

    path: str
    count: int
    parameters_at: int
    gradient_at: int
    numbers: npt.NDArray[np.float64] = field(init=False)
    parameters: Array = field(init=False)
    gradient: Array = field(init=False)

    def __post_init__(self) -> None:
        with open(self.path, "r+b") as file:
            content = mmap.mmap(file.fileno(), 0)
        self.numbers = np.frombuffer(content, np.float64, 2, 0)
        self.parameters = np.frombuffer(content, np.float32, self.count, self.parameters_at)
        self.gradient = np.frombuffer(content, np.float32, self.count, self.gradient_at)


class _Lines:
    """Lines from a descriptor."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.rest = b""

    def next(self) -> bytes | None:
        while b"\n" not in self.rest:
            block = os.read(self.descriptor, 65536)
            if not block:
                return None
            self.rest += block
        line, self.rest = self.rest.split(b"\n", 1)
        return line


def _write(descriptor: int, answer: bytes) -> None:
    while answer:
        answer = answer[os.write(descriptor, answer):]


def serve(objective: Objective) -> None:
    """Answers optbench's requests until it ends. What the program prints goes to standard error."""
    if "OPTBENCH_PROTOCOL" not in os.environ:
        raise SystemExit(
            "optbench.serve answers `optbench run`: name this program in an experiment file as\n"
            f"  problems: [{{name: mine, external: {{command: [python, {sys.argv[0]}]}}}}]")
    output = os.dup(1)
    os.dup2(2, 1)
    lines = _Lines(0)
    memory: _Memory | None = None
    while True:
        line = lines.next()
        if line is None:
            return
        request = json.loads(line)
        number = request["id"]
        try:
            operation = request["op"]
            if operation == "gradient" and memory is not None:
                memory.numbers[0] = objective.gradient(
                    request["step"], memory.parameters, memory.gradient, request["update"])
            elif operation == "end":
                return
            elif operation == "hello":
                answer = {"id": number} | objective.describe().answer()
                _write(output, json.dumps(answer, allow_nan=False).encode() + b"\n")
                continue
            elif operation == "map":
                memory = _Memory(
                    request["file"], request["count"], request["parameters"], request["gradient"])
            elif operation == "initialise" and memory is not None:
                objective.initialise(request["seed"], memory.parameters)
            elif operation == "evaluate" and memory is not None:
                result = objective.evaluate(
                    request["split"], memory.parameters, request["estimate"])
                loss, accuracy = result if isinstance(result, tuple) else (result, math.nan)
                memory.numbers[:] = loss, accuracy
            else:
                raise ValueError(f"unknown request '{operation}'")
        except BaseException as error:
            traceback.print_exc()
            sys.stderr.flush()
            text = " ".join(f"{type(error).__name__}: {error}".split())
            _write(output, json.dumps({"id": number, "error": text[:1000]}).encode() + b"\n")
            raise SystemExit(1) from None
        _write(output, b'{"id":%d}\n' % number)
