"""The adapters with the real frameworks, where they are installed."""

from __future__ import annotations

import importlib.util
import math
import os
import tempfile
import unittest
import warnings

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import support  # noqa: F401 (puts the package on the path)

import numpy as np
import optbench
from optbench import journal


def needs(*names: str):  # type: ignore[no-untyped-def]
    lacking = [name for name in names if importlib.util.find_spec(name) is None]
    return unittest.skipIf(lacking, f"this Python has no {', '.join(lacking)}")


class AdapterTests(unittest.TestCase):
    def setUp(self) -> None:
        warnings.simplefilter("ignore")
        self.scratch = tempfile.TemporaryDirectory()
        self.run_ = optbench.init(
            "a", problem="p", optimizer="sgd", learning_rate=0.1, seed=0, folder=self.scratch.name)

    def tearDown(self) -> None:
        self.run_.finish()
        self.scratch.cleanup()

    def found(self) -> journal.JournaledRun:
        self.run_.finish()
        return journal.read(self.run_.path)

    @needs("torch", "lightning")
    def test_lightning_logs_steps_and_evaluations(self) -> None:
        import lightning
        import torch

        class Module(lightning.LightningModule):  # type: ignore[misc]
            def __init__(self) -> None:
                super().__init__()
                self.layer = torch.nn.Linear(4, 1)
                self.seen: list[float] = []

            def training_step(self, batch, index):  # type: ignore[no-untyped-def]
                loss = self.layer(batch[0]).square().mean()
                self.seen.append(float(loss.detach()))
                self.log("train_loss", loss)
                return loss

            def validation_step(self, batch, index):  # type: ignore[no-untyped-def]
                self.log("val_loss", self.layer(batch[0]).square().mean())

            def configure_optimizers(self):  # type: ignore[no-untyped-def]
                return torch.optim.SGD(self.parameters(), lr=0.05)

        data = torch.utils.data.DataLoader(
            torch.utils.data.TensorDataset(torch.randn(64, 4)), batch_size=8)
        trainer = lightning.Trainer(
            logger=optbench.lightning_logger(self.run_), max_epochs=2, log_every_n_steps=1,
            enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
            accelerator="cpu", num_sanity_val_steps=0, default_root_dir=self.scratch.name)
        module = Module()
        trainer.fit(module, data, data)
        found = self.found()
        self.assertEqual(found.steps["trajectory"], list(range(16)))
        np.testing.assert_allclose(found.values["trajectory"]["loss"], module.seen, rtol=1e-6)
        self.assertEqual(found.steps["evaluations"], [8, 16])
        assert found.end is not None
        self.assertEqual(found.end["ending"], "finished")

    @needs("torch", "transformers", "accelerate")
    def test_transformers_logs_nan_as_nan(self) -> None:
        import torch
        from transformers import Trainer, TrainingArguments

        class Model(torch.nn.Module):  # type: ignore[misc]
            def __init__(self) -> None:
                super().__init__()
                self.w = torch.nn.Parameter(torch.ones(3))
                self.calls = 0

            def forward(self, x=None, labels=None):  # type: ignore[no-untyped-def]
                self.calls += 1
                loss = (self.w * x).square().mean()
                return {"loss": loss * math.nan if self.calls > 6 else loss}

        data = [{"x": torch.ones(3), "labels": torch.zeros(1)} for _ in range(16)]
        arguments = TrainingArguments(
            self.scratch.name, max_steps=10, per_device_train_batch_size=2, logging_steps=1,
            report_to=[], use_cpu=True, disable_tqdm=True, save_strategy="no", learning_rate=0.01)
        Trainer(
            Model(), arguments, train_dataset=data,
            callbacks=[optbench.transformers_callback(self.run_)]).train()
        found = self.found()
        losses = found.values["trajectory"]["loss"]
        self.assertEqual(found.steps["trajectory"], list(range(10)))
        self.assertTrue(np.isfinite(losses[:6]).all() and np.isnan(losses[6:]).all(), losses)
        self.assertTrue(np.isfinite(found.values["trajectory"]["gradient_norm"][:6]).all())

    @needs("keras", "torch")
    def test_keras_finds_the_loss_of_each_batch(self) -> None:
        import keras

        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(0.05), "mse")
        inputs = np.random.default_rng(0).normal(size=(64, 4)).astype(np.float32)
        targets = inputs.sum(1, keepdims=True)
        weights = model.get_weights()
        model.fit(
            inputs, targets, batch_size=16, epochs=3, shuffle=False, verbose=0,
            validation_data=(inputs, targets), callbacks=[optbench.keras_callback(self.run_)])
        found = self.found()
        expected = []
        w, b = [a.astype(np.float64) for a in weights]
        for step in range(12):
            rows = slice(16 * (step % 4), 16 * (step % 4) + 16)
            error = inputs[rows] @ w + b - targets[rows]
            expected.append((error ** 2).mean())
            w = w - 0.05 * 2 * inputs[rows].T @ error / 16
            b = b - 0.05 * 2 * error.mean(0)
        np.testing.assert_allclose(found.values["trajectory"]["loss"], expected, rtol=1e-3)
        self.assertEqual(found.steps["evaluations"], [4, 8, 12])

    @needs("jax", "optax")
    def test_optax_tells_norms_within_a_compiled_step(self) -> None:
        import jax
        import optax

        method = optax.chain(
            optbench.optax_observer(self.run_, "gradient_norm"), optax.clip_by_global_norm(1.0),
            optbench.optax_observer(self.run_, "clipped_gradient_norm"), optax.sgd(0.1))
        x = jax.numpy.full(4, 2.0)
        state = method.init(x)
        step = jax.jit(lambda x, state: method.update(x, state, x))
        norms = []
        for _ in range(30):
            updates, state = step(x, state)
            jax.effects_barrier()
            norms.append(float(np.linalg.norm(x)))
            self.run_.log(loss=float(x @ x) / 2)
            x = optax.apply_updates(x, updates)
        rows = self.found().values["trajectory"]
        np.testing.assert_allclose(rows["gradient_norm"], norms, rtol=1e-5)
        np.testing.assert_allclose(
            rows["clipped_gradient_norm"], np.minimum(norms, 1), rtol=1e-5)


if __name__ == "__main__":
    unittest.main()
