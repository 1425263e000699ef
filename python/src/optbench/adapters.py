"""Recorders as the callbacks and loggers of other libraries, each imported where it is used."""

from __future__ import annotations

from typing import Any

from .recorder import EVALUATIONS, Run

RENAMED = {
    "grad_norm": "gradient_norm", "lr": "learning_rate", "eval_loss": "validation_loss",
    "val_loss": "validation_loss", "val_accuracy": "validation_accuracy",
    "val_acc": "validation_accuracy", "eval_accuracy": "validation_accuracy",
}


def renamed(values: dict[str, Any]) -> dict[str, Any]:
    """Numbers under the names of a journal."""
    found = {}
    for name, value in values.items():
        name = RENAMED.get(name, name)
        if isinstance(value, (int, float)) or hasattr(value, "__float__"):
            found[name.replace("/", "_").replace(" ", "_")] = value
    return found


def lightning_logger(run: Run) -> Any:
    """A logger for `lightning.Trainer(logger=…)`: what modules log under `loss` or `train_loss` at
    each step, `val_loss` and `val_accuracy` as evaluations."""
    from lightning.pytorch.loggers.logger import Logger

    class OptbenchLogger(Logger):  # type: ignore[misc]
        name = "optbench"
        version = "1"

        def log_hyperparams(self, *arguments: Any, **options: Any) -> None:
            pass

        def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
            values = renamed({k: v for k, v in metrics.items() if k != "epoch"})
            at = run.next_step if step is None else step
            held_out = {n: values.pop(n) for n in list(values) if n.startswith(("validation", "test"))}
            if "train_loss" in values and "loss" not in values:
                values["loss"] = values.pop("train_loss")
            if values and at >= run.next_step:
                run.log(step=at, **values)
            if held_out:
                run.evaluate(step=at + 1, **held_out)

        def finalize(self, status: str) -> None:
            run.finish(None if status in ("success", "finished") else f"lightning ended: {status}")

    return OptbenchLogger()


def transformers_callback(run: Run) -> Any:
    """A callback for `transformers.Trainer(callbacks=[…])`, whose filter of NaN losses it turns off:
    a run of NaN is logged as a loss of 0 otherwise. Set logging_steps=1."""
    from transformers import TrainerCallback

    class OptbenchCallback(TrainerCallback):  # type: ignore[misc]
        def on_train_begin(self, args: Any, state: Any, control: Any, **options: Any) -> None:
            args.logging_nan_inf_filter = False

        def on_log(
            self, args: Any, state: Any, control: Any, logs: Any = None, **options: Any
        ) -> None:
            values = renamed(logs or {})
            evaluated = {name: values[name] for name in EVALUATIONS if name in values}
            # Its train_loss is the mean over the whole run.
            evaluated.pop("train_loss", None)
            own = ["loss", "gradient_norm", "learning_rate"]
            trained = {name: values[name] for name in own if name in values}
            if trained and state.global_step > run.next_step:
                run.log(step=state.global_step - 1, **trained)
            if evaluated:
                run.evaluate(step=state.global_step, **evaluated)

        def on_train_end(self, args: Any, state: Any, control: Any, **options: Any) -> None:
            run.finish()

    return OptbenchCallback()


def keras_callback(run: Run) -> Any:
    """A callback for `model.fit(callbacks=[…])`. Keras reports the mean loss of an epoch so far, from
    which the loss of each batch is found again."""
    import keras

    class OptbenchCallback(keras.callbacks.Callback):  # type: ignore[misc]
        before = 0.0

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.before = 0.0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            total = float(logs["loss"]) * (batch + 1)
            rate = self.model.optimizer.learning_rate
            run.log(loss=total - self.before, learning_rate=float(keras.ops.convert_to_numpy(rate)))
            self.before = total

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            values = renamed(logs or {})
            held_out = {n: v for n, v in values.items() if n.startswith("validation_")}
            run.evaluate(step=run.next_step, **held_out)

        def on_train_end(self, logs: Any = None) -> None:
            run.finish()

    return OptbenchCallback()


def optax_observer(run: Run, quantity: str = "gradient_norm") -> Any:
    """A link of `optax.chain` that changes nothing and records the norm of what passes, for the next
    `run.log`: before a clip `gradient_norm`, behind it `clipped_gradient_norm`, last `update_norm`."""
    import jax
    import optax

    def init(parameters: Any) -> Any:
        return optax.EmptyState()

    def update(updates: Any, state: Any, parameters: Any = None) -> Any:
        jax.debug.callback(
            lambda norm: run.note(**{quantity: float(norm)}), optax.global_norm(updates),
            ordered=True)
        return updates, state

    return optax.GradientTransformation(init, update)
