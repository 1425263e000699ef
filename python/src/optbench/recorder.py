"""Your own training loop in optbench's tables: three lines record a run as a journal, and
`optbench import` makes a result of a folder of them."""

from __future__ import annotations

import atexit
import math
import os
import re
import sys
import time
import uuid
import weakref
from array import array
from types import TracebackType
from typing import TYPE_CHECKING, Any, Mapping

import numpy as np

from .journal import MISSING, Recording, Value, Writer, read

if TYPE_CHECKING:
    from .watch import Watch

SERIES = {
    "loss": "training loss of the step", "gradient_norm": "norm of the gradient before clipping",
    "clipped_gradient_norm": "norm of the gradient after clipping",
    "clip_coefficient": "clipped norm over norm", "update_norm": "norm of the update",
    "parameter_norm": "norm of the parameters after the step",
    "gradient_cosine": "cosine between successive gradients", "learning_rate": "learning rate",
}
LOSSES = ["train_loss", "validation_loss", "test_loss"]
ACCURACIES = ["train_accuracy", "validation_accuracy", "test_accuracy"]
EVALUATIONS = LOSSES + ACCURACIES
ROWS_OF_A_BLOCK = 64
SECONDS_OF_A_BLOCK = 2.0


class Run:
    """A run on its way. Made by `init`; also a context manager, which ends it."""

    def __init__(
        self, experiment: str, folder: str, head: Mapping[str, Value], target: tuple[str, float] | None,
    ) -> None:
        os.makedirs(folder, exist_ok=True)
        name = re.sub(r"[^\w.-]+", "-", f"{experiment}-{head['run']}").strip("-")[:120]
        self.path = os.path.join(folder, f"{name}-{uuid.uuid4().hex[:8]}.journal")
        self.head: dict[str, Value] = dict(head)
        if target is not None:
            self.head |= {"target_metric": target[0], "target_value": float(target[1])}
        self.further: list[str] = []
        self.further_evaluations: list[str] = []
        self.watched: Watch | None = None
        self.started = time.time()
        self.next_step = 0
        self.last_evaluation = 0
        self.pending: dict[str, float] = {}
        self.steps: list[int] = []
        self.evaluations: list[tuple[int, dict[str, Any], float]] = []
        self.flushed = time.monotonic()
        self.is_finished = False
        self.process = os.getpid()
        self._make_block()
        self.writer = Writer(self.path, self.head, self._recordings())
        _open_runs.add(self)

    def _make_block(self) -> None:
        """Memory for the next rows: a step writes into it and allocates nothing."""
        names = [*SERIES, "clip_fired", *self.further]
        self.places = {name: place for place, name in enumerate(names)}
        self.width = len(names)
        self.empty = array("f", [0.0]) * (ROWS_OF_A_BLOCK * self.width)
        np.frombuffer(self.empty, "<f4")[:] = MISSING
        self.block = self.empty[:]

    def _recordings(self) -> list[Recording]:
        trajectory = [(name, text, "", "f") for name, text in SERIES.items()]
        trajectory.append(("clip_fired", "whether clipping changed the gradient; -1: unknown", "", "b"))
        trajectory += [(name, f"{name}, as it was logged", "", "f") for name in self.further]
        evaluations = [(name, name.replace("_", " "), "", "f") for name in LOSSES]
        evaluations += [(name, name.replace("_", " "), "", "d") for name in ACCURACIES]
        evaluations += [
            ("elapsed_seconds", "time since the run began", "s", "d"),
            ("evaluation_gradient_evaluations", "gradients before it; -1: unknown", "", "q")]
        evaluations += [
            (name, f"{name}, as it was logged", "", "f") for name in self.further_evaluations]
        result = [Recording("trajectory", trajectory), Recording("evaluations", evaluations)]
        if self.watched is not None:
            result.append(self.watched.recording())
        return result

    def log(self, step: int | None = None, **values: Any) -> None:
        """Records quantities of a step, counted from 0; without `step`, of the next one.

        loss, gradient_norm, clipped_gradient_norm, update_norm, parameter_norm, learning_rate and any
        other name are of the step; train_loss, validation_accuracy and the like were evaluated after it,
        or, alone and without a step, of the model as it is. Steps may be left out, and may not go back.
        """
        if self.is_finished:
            raise RuntimeError("the run is finished; nothing can be logged any more")
        place = self.next_step if step is None else step
        if place < self.next_step:
            if place == self.next_step - 1 and all(name in EVALUATIONS for name in values):
                return self._add_evaluation(place + 1, values)
            raise ValueError(f"step {place} comes after step {self.next_step - 1}")
        if self.pending:
            values = self.pending | values
            self.pending = {}
        start = len(self.steps) * self.width
        try:
            for name, value in values.items():
                if type(value) is not float:
                    value = _number(value)
                self.block[start + self.places[name]] = value
        except KeyError:
            # Without a step an evaluation is of the model as it is.
            values = self._sort_out(place if step is None else place + 1, values)
            if not values:
                return
            start = len(self.steps) * self.width
            for name, value in values.items():
                self.block[start + self.places[name]] = _number(value)
        self.steps.append(place)
        self.next_step = place + 1
        if len(self.steps) >= ROWS_OF_A_BLOCK or time.monotonic() - self.flushed > SECONDS_OF_A_BLOCK:
            self.flush()

    def evaluate(self, step: int, **values: Any) -> None:
        """Records what was evaluated after `step` updates, 0 for the model before training."""
        self._add_evaluation(step, values)

    def note(self, **values: Any) -> None:
        """Keeps quantities for the next `log`."""
        self.pending |= values

    def _sort_out(self, updates: int, values: dict[str, Any]) -> dict[str, Any]:
        """Takes what was evaluated out of a step's values, and makes room for names never seen."""
        evaluated = {name: value for name, value in values.items() if name in EVALUATIONS}
        own = {name: value for name, value in values.items() if name not in EVALUATIONS}
        new = [name for name in own if name not in self.places]
        for name in new:
            if not name or re.search(r"[\s/]", name):
                raise ValueError(f"'{name}' cannot name a quantity; give a name without space or slash")
        if new:
            self.flush()
            self.further += new
            self._begin_anew()
            self._make_block()
        if evaluated:
            self._add_evaluation(updates + (1 if own and updates == self.next_step else 0), evaluated)
        return own

    def _add_evaluation(self, updates: int, values: dict[str, Any]) -> None:
        new = [n for n in values if n not in EVALUATIONS and n not in self.further_evaluations]
        if new:
            self.further_evaluations += new
            self._begin_anew()
        if updates < self.last_evaluation:
            raise ValueError(
                f"an evaluation after {updates} updates comes after one of {self.last_evaluation}")
        self.last_evaluation = updates
        if self.evaluations and self.evaluations[-1][0] == updates:
            self.evaluations[-1][1].update(values)
        else:
            self.evaluations.append((updates, dict(values), time.time() - self.started))

    def _begin_anew(self) -> None:
        """Writes the journal again with more quantities: the old one holds until the new one is whole."""
        self.writer.close()
        old = read(self.path)
        temporary = self.path + ".tmp"
        writer = Writer(temporary, self.head, self._recordings())
        for recording in writer.recordings:
            steps = old.steps.get(recording.name, [])
            values = []
            for name, _, _, letter in recording.quantities:
                known = old.values.get(recording.name, {}).get(name)
                values.append(np.full(len(steps), _missing(letter)) if known is None else known)
            writer.rows(recording.name, steps, values)
        os.replace(temporary, self.path)
        writer.path = self.path
        self.writer = writer

    def watch(self, model: Any, optimizer: Any) -> None:
        """Records by itself, for PyTorch: norms of gradient (before and after clipping), update and
        parameters at every step of `optimizer`, and for the last 64 steps those of each tensor and of
        the optimizer's state. Call it before training."""
        from .watch import Watch

        self.watched = Watch(self, model, optimizer)
        self._begin_anew()

    def flush(self) -> None:
        """Writes what has been logged."""
        self.flushed = time.monotonic()
        if self.steps:
            count, own = len(self.steps), len(SERIES)
            block = np.frombuffer(self.block, "<f4", count * self.width).reshape(count, self.width)
            fired = block[:, own]
            with np.errstate(invalid="ignore"):
                flags = np.where(np.isnan(fired), -1, fired).astype("<i1")
            columns = block.T
            self.writer.rows(
                "trajectory", self.steps, [*columns[:own], flags, *columns[own + 1:]])
            del block, fired, columns
            self.block[:] = self.empty
            self.steps = []
        if self.evaluations:
            rows = [updates for updates, _, _ in self.evaluations]
            evaluated = [
                [float(_number(found.get(name, MISSING))) for _, found, _ in self.evaluations]
                for name in EVALUATIONS
            ]
            evaluated.append([seconds for _, _, seconds in self.evaluations])
            evaluated.append([-1] * len(rows))
            evaluated += [
                [float(_number(found.get(name, MISSING))) for _, found, _ in self.evaluations]
                for name in self.further_evaluations
            ]
            self.writer.rows(
                "evaluations", rows, [np.asarray(column, "<f8") for column in evaluated])
            self.evaluations = []

    def finish(self, failure: str | None = None) -> None:
        """Ends the run. `failure` says why it could not be trained to its end."""
        if self.is_finished or os.getpid() != self.process:
            return
        self.is_finished = True
        _open_runs.discard(self)
        self.flush()
        end: dict[str, Value] = {"ending": "finished" if failure is None else "failed"}
        if failure is not None:
            end["reason"] = " ".join(failure.split())[:500]
        if self.watched is not None:
            self.writer.rows("flight", *self.watched.rows())
            self.watched.stop()
        end["wall_seconds"] = time.time() - self.started
        self.writer.end(end)

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.finish(None if kind is None else f"{kind.__name__}: {error}")


def _missing(letter: str) -> Any:
    return -1 if letter in "bq" else MISSING if letter == "f" else math.nan


def _number(value: Any) -> Any:
    if isinstance(value, (float, int, np.floating)):
        return float(value)
    # A tensor of any framework, or an array of one number.
    return float(value.detach() if hasattr(value, "detach") else value)


_open_runs: weakref.WeakSet[Run] = weakref.WeakSet()
_failure: list[str] = []


def _note_failure(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    _failure.append(f"{kind.__name__}: {error}")
    _previous_hook(kind, error, trace)


def _end_open_runs() -> None:
    for run in list(_open_runs):
        run.finish(_failure[0] if _failure else "the program ended without run.finish()")


_previous_hook = sys.excepthook
sys.excepthook = _note_failure
atexit.register(_end_open_runs)


def init(
    experiment: str, *, problem: str, optimizer: str, clipping: str = "none",
    learning_rate: float | None = None, seed: int | None = None,
    config: Mapping[str, Any] | None = None, target: tuple[str, float] | None = None,
    lower_bound: float | None = None, folder: str | None = None,
) -> Run:
    """Begins the record of a run, in a file of its own in `folder` (by default EXPERIMENT.runs).

    Runs of one problem, optimizer, clipping, learning rate and config are a method; they differ by
    seed. target: a metric and the value to reach, such as ("validation_accuracy", 0.9). lower_bound: of
    the loss; by default 0, unless a loss falls below it.
    """
    words = [optimizer] + ([clipping] if clipping else [])
    if learning_rate is not None:
        words.append(f"lr={learning_rate:g}")
    if seed is not None:
        words.append(f"seed={seed}")
    head: dict[str, Value] = {
        "name": experiment, "recorded_by": "optbench.init", "problem": problem,
        "run": " ".join(words), "optimizer": optimizer, "clipping": clipping,
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    if learning_rate is not None:
        head["learning_rate"] = float(learning_rate)
    if seed is not None:
        head["seed"] = int(seed)
    if lower_bound is not None:
        head["lower_bound"] = float(lower_bound)
    for name, value in (config or {}).items():
        head[f"config.{name}"] = str(value)
    return Run(experiment, folder or f"{experiment}.runs", head, target)
