"""What a served objective answers, without optbench on the other side."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from support import ROOT

import numpy as np
import optbench
from optbench.torch_objective import TorchObjective

SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
import optbench
class Bowl:
    def describe(self):
        return optbench.Description([optbench.Tensor("x", (2, 2)), optbench.Tensor("b", ())])
    def initialise(self, seed, parameters):
        print("a line that is no answer")
        parameters[:] = seed
    def gradient(self, step, parameters, gradient, update):
        if step == 7:
            raise ValueError("no such\\nbatch")
        gradient[:] = parameters * (2 if update else 1)
        return float("nan") if step == 3 else float(parameters.sum())
    def evaluate(self, split, parameters, estimate):
        return 0.5, 0.25
optbench.serve(Bowl())
"""


class ServeTests(unittest.TestCase):
    def test_requests_are_answered_through_the_file(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "shared"
            path.write_bytes(bytes(128 + 20))
            child = subprocess.Popen(
                [sys.executable, "-c", SCRIPT, str(ROOT / "python/src")], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1,
                env={**os.environ, "OPTBENCH_PROTOCOL": "1"})
            assert child.stdin and child.stdout and child.stderr
            number = 0

            def ask(operation: str, **more: object) -> dict[str, object]:
                nonlocal number
                number += 1
                child.stdin.write(json.dumps({"id": number, "op": operation, **more}) + "\n")
                answer: dict[str, object] = json.loads(child.stdout.readline())
                self.assertEqual(answer["id"], number)
                return answer

            hello = ask("hello", protocol=1)
            self.assertEqual(hello["tensors"], [{"name": "x", "shape": [2, 2]}, {"name": "b", "shape": []}])
            ask("map", file=str(path), count=5, parameters=64, gradient=128)
            memory = np.memmap(path, np.uint8, "r+")
            parameters = memory[64:84].view(np.float32)
            gradient = memory[128:148].view(np.float32)
            numbers = memory[:16].view(np.float64)
            ask("initialise", seed=3)
            self.assertEqual(parameters.tolist(), [3] * 5)
            parameters[:] = np.arange(5)
            ask("gradient", step=0, update=True)
            self.assertEqual((gradient.tolist(), numbers[0]), ([0, 2, 4, 6, 8], 10.0))
            ask("gradient", step=3, update=False)
            self.assertTrue(np.isnan(numbers[0]))
            ask("evaluate", split="train", estimate=False)
            self.assertEqual(numbers.tolist(), [0.5, 0.25])
            failed = ask("gradient", step=7, update=True)
            self.assertEqual(failed["error"], "ValueError: no such batch")
            self.assertEqual(child.wait(), 1)
            errors = child.stderr.read()
            self.assertIn("a line that is no answer", errors)
            self.assertIn("Traceback", errors)
            for pipe in (child.stdin, child.stdout, child.stderr):
                pipe.close()

    def test_alone_it_says_what_it_is_for(self) -> None:
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(ROOT / "python/src")], capture_output=True, text=True,
            env={k: v for k, v in os.environ.items() if k != "OPTBENCH_PROTOCOL"})
        self.assertEqual(done.returncode, 1)
        self.assertIn("external: {command:", done.stderr)


class BatchTests(unittest.TestCase):
    def test_batches_are_functions_of_seed_and_step(self) -> None:
        batches = optbench.ArrayBatches((np.arange(10),), batch_size=4, validation=(np.arange(3),))
        self.assertEqual(batches.steps_per_epoch, 3)
        in_order = [batches(1, step)[0].tolist() for step in range(6)]
        self.assertEqual([batches(1, step)[0].tolist() for step in (5, 0, 3)],
                         [in_order[5], in_order[0], in_order[3]])
        for epoch in (in_order[:3], in_order[3:]):
            self.assertEqual(sorted(sum(epoch, [])), list(range(10)))
        self.assertNotEqual(in_order[:3], in_order[3:])
        self.assertNotEqual(batches(2, 0)[0].tolist(), in_order[0])
        self.assertEqual([len(part[0][0]) for part in batches.splits.values()], [3, 3])


@unittest.skipUnless(importlib.util.find_spec("torch"), "this Python has no torch")
class TorchTests(unittest.TestCase):
    def test_only_an_update_moves_the_buffers(self) -> None:
        import torch

        data = np.random.default_rng(0).normal(size=(64, 4)).astype(np.float32)

        def make_model():  # type: ignore[no-untyped-def]
            return torch.nn.Sequential(
                torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.Dropout(0.5),
                torch.nn.Linear(8, 1))

        def loss(model, batch):  # type: ignore[no-untyped-def]
            return model(batch[0]).square().mean()

        objective = TorchObjective(
            make_model, loss, optbench.ArrayBatches((data,), 16, validation=(data[:20],)))
        description = objective.describe()
        self.assertTrue(description.buffers)
        self.assertEqual([t.role for t in description.tensors],
                         ["weight", "bias", "norm", "norm", "weight", "bias"])
        count = sum(tensor.count for tensor in description.tensors)
        parameters, gradient = np.zeros(count, np.float32), np.zeros(count, np.float32)
        objective.initialise(5, parameters)
        again = np.zeros(count, np.float32)
        TorchObjective(make_model, loss, objective.batches).initialise(5, again)
        np.testing.assert_array_equal(parameters, again)

        def buffers() -> list[object]:
            return [buffer.tolist() for buffer in objective.model.buffers()]

        before = buffers()
        first = objective.gradient(3, parameters, gradient, False), gradient.copy()
        self.assertEqual(buffers(), before)
        evaluated = objective.evaluate("validation", parameters, False)
        estimated = objective.evaluate("validation", parameters, True)
        self.assertNotEqual(evaluated, estimated)
        self.assertEqual(buffers(), before)
        second = objective.gradient(3, parameters, gradient, True), gradient.copy()
        self.assertEqual(first[0], second[0])
        np.testing.assert_array_equal(first[1], second[1])
        self.assertNotEqual(buffers(), before)
        # In the memory itself: a changed parameter changes the loss, and no copy is made.
        parameters[0] += 1
        self.assertNotEqual(objective.gradient(3, parameters, gradient, False), first[0])
        shared = next(objective.model.parameters())
        self.assertEqual(shared.data_ptr(), parameters.ctypes.data)
        self.assertEqual(shared.grad.data_ptr(), gradient.ctypes.data)


if __name__ == "__main__":
    unittest.main()
