"""Runs that are recorded: what is in the journal, and what becomes of it."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from support import ROOT, imported, needs_program, optbench

import optbench as recorder
from optbench import journal

CHILD = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
import optbench
run = optbench.init("e", problem="p", optimizer="sgd", learning_rate=0.1, seed=1, folder=sys.argv[2])
for step in range(200):
    run.log(loss=1.0 / (step + 1))
    if step == 150 and sys.argv[3] == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if step == 150 and sys.argv[3] == "raise":
        raise ValueError("out of memory")
    if step == 150 and sys.argv[3] == "leave":
        sys.exit(0)
"""


class JournalTests(unittest.TestCase):
    def setUp(self) -> None:
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = self.scratch.name

    def tearDown(self) -> None:
        self.scratch.cleanup()

    def begin(self, **options: object) -> recorder.Run:
        given = {"problem": "p", "optimizer": "adam", "learning_rate": 0.01, "seed": 3,
                 "folder": self.folder} | options
        return recorder.init("mine", **given)  # type: ignore[arg-type]

    def test_another_reader_finds_what_was_logged(self) -> None:
        with self.begin() as run:
            for step in range(150):
                run.log(step=2 * step, loss=1 / (step + 1), gradient_norm=math.inf, mine=step)
                if step % 50 == 0:
                    run.log(loss=0.5, validation_loss=0.25, validation_accuracy=0.9)
        read = subprocess.run(
            [sys.executable, ROOT / "scripts/run_journal.py", "read", run.path],
            capture_output=True, text=True, check=True)
        found = json.loads(read.stdout)
        self.assertEqual(found["head"]["optimizer"], "adam")
        self.assertEqual(found["end"]["ending"], "finished")
        trajectory = found["recordings"][0]
        names = [name for name, *_ in trajectory["quantities"]]
        rows = dict(zip(names, trajectory["values"]))
        self.assertEqual(len(trajectory["steps"]), 153)
        self.assertEqual(rows["mine"][0], 0)
        self.assertEqual(trajectory["steps"][:3], [0, 1, 2])
        self.assertTrue(all(math.isinf(v) or math.isnan(v) for v in rows["gradient_norm"]))
        evaluations = found["recordings"][1]
        self.assertEqual(evaluations["steps"], [2, 102, 202])

    def test_an_evaluation_is_of_the_model_as_it_is(self) -> None:
        run = self.begin()
        run.log(validation_loss=3.0)
        for step in range(4):
            run.log(step=step, loss=1.0)
            run.log(step=step, validation_loss=float(step))
        run.log(validation_accuracy=0.5)
        run.evaluate(step=4, test_loss=1.0)
        with self.assertRaises(ValueError):
            run.log(step=2, loss=1.0)
        with self.assertRaises(ValueError):
            run.evaluate(step=2, test_loss=1.0)
        with self.assertRaises(ValueError):
            run.log(**{"two words": 1.0})
        run.finish()
        found = journal.read(run.path)
        self.assertEqual(found.steps["trajectory"], [0, 1, 2, 3])
        self.assertEqual(found.steps["evaluations"], [0, 1, 2, 3, 4])
        self.assertEqual(found.values["evaluations"]["validation_loss"].tolist(), [3, 0, 1, 2, 3])
        self.assertEqual(found.values["evaluations"]["validation_accuracy"][4], 0.5)

    def test_a_journal_cut_anywhere_is_read_up_to_there(self) -> None:
        run = self.begin()
        for step in range(200):
            run.log(loss=float(step))
        run.finish()
        content = Path(run.path).read_bytes()
        cut = Path(self.folder) / "cut"
        rows = set()
        for length in range(0, len(content), 7):
            cut.write_bytes(content[:length])
            try:
                found = journal.read(str(cut))
            except ValueError:
                self.assertLess(length, 2000)
                continue
            steps = found.steps["trajectory"]
            self.assertEqual(steps, list(range(len(steps))))
            rows.add(len(steps))
        self.assertLessEqual(rows, {0, 64, 128, 192, 200})
        self.assertGreaterEqual(len(rows), 4)

    @needs_program
    def test_the_program_reads_a_cut_journal_too(self) -> None:
        run = self.begin()
        for step in range(200):
            run.log(loss=1.0)
        run.finish()
        content = Path(run.path).read_bytes()
        generator = random.Random(1)
        for length in [0, 8, 16, 30] + [generator.randrange(len(content)) for _ in range(12)]:
            Path(run.path).write_bytes(content[:length])
            result = Path(self.folder) / f"{length}.h5"
            done = optbench("import", self.folder, "--output", result)
            self.assertIn(done.returncode, [0, 2])
            if done.returncode == 2:
                self.assertLessEqual(len(done.stderr.splitlines()), 2, done.stderr)
                self.assertFalse(result.exists())
        flipped = bytearray(content)
        flipped[len(content) // 2] ^= 1
        Path(run.path).write_bytes(flipped)
        done = optbench("import", self.folder, "--output", Path(self.folder) / "x.h5")
        self.assertEqual(done.returncode, 2)
        self.assertIn("checksum", done.stderr)

    @needs_program
    def test_a_program_that_dies_leaves_a_run_that_could_not_be_made(self) -> None:
        for way, least, said in [("kill", 128, "without a word"), ("raise", 151, "out of memory"),
                                 ("leave", 151, "without run.finish()")]:
            folder = Path(self.folder) / way
            subprocess.run(
                [sys.executable, "-c", CHILD, ROOT / "python/src", folder, way],
                stderr=subprocess.DEVNULL)
            (run,) = imported(folder)
            self.assertEqual(run["outcome"], "objective_failed", way)
            self.assertGreaterEqual(int(run["steps"]), least)
            self.assertIn(said, run["failure_tensor"])

    @needs_program
    def test_mixed_and_repeated_runs_are_said(self) -> None:
        for seed in [None, 4]:
            run = self.begin(seed=seed)
            run.log(loss=1.0)
            run.finish()
        done = optbench("import", self.folder, "--output", Path(self.folder) / "x.h5")
        self.assertEqual(done.returncode, 0)
        self.assertIn("1 of 2 runs have no seed", done.stderr)
        again = self.begin(seed=4)
        again.log(loss=1.0)
        again.finish()
        done = optbench("import", self.folder, "--output", Path(self.folder) / "y.h5")
        self.assertEqual(done.returncode, 2)
        self.assertIn("are both", done.stderr)

    @needs_program
    def test_outcomes_follow_the_rules_of_the_trainer(self) -> None:
        """1,000 random trajectories against the rules written down a second time."""
        generator = random.Random(7)
        expected = {}
        for seed in range(1000):
            run = self.begin(seed=seed)
            steps = generator.randrange(2, 12)
            losses, updates, parameters = [], [], []
            scale = generator.choice([1.0, 1.0, 1.0, 1e3, 3e4, 1e36])
            for _ in range(steps):
                losses.append(generator.choice([1.0, generator.random(), generator.random() * scale]))
                updates.append(generator.random())
                parameters.append(generator.random())
            if generator.random() < 0.4:
                series = generator.choice([losses, updates, parameters])
                bad = generator.choice([math.nan, math.inf, -math.inf, 1e39, -1e39])
                series[generator.randrange(steps)] = bad
            for loss, update, parameter in zip(losses, updates, parameters):
                run.log(loss=loss, update_norm=update, parameter_norm=parameter)
            run.finish()
            expected[seed] = reference(losses, updates, parameters)
        found = {
            int(run["seed"]): (run["outcome"], run["failure_tensor"], run["failure_step"])
            for run in imported(self.folder)
        }
        self.assertEqual(len(found), 1000)
        differing = {seed: (found[seed], expected[seed]) for seed in found if found[seed] != expected[seed]}
        self.assertEqual(differing, {})
        outcomes = {outcome for outcome, _, _ in expected.values()}
        self.assertEqual(outcomes, {"completed", "nonfinite", "exploded", "worse_than_start"})


def single(value: float) -> float:
    """As it is stored."""
    import numpy as np
    with np.errstate(over="ignore"):
        return float(np.float32(value))


def reference(losses: list[float], updates: list[float], norms: list[float]) -> tuple[str, str, str]:
    """docs/decisions/020 for a run whose losses are those of mini-batches, lower bound 0, unit 1."""
    stored = [[single(v) for v in series] for series in (losses, updates, norms)]
    for step, values in enumerate(zip(*stored)):
        for subject, value in zip(["loss", "update", "parameters"], values):
            if not math.isfinite(value):
                return "nonfinite", subject, str(step)
    tail = sorted(stored[0][-min(10, max(1, len(losses) // 10)):])
    last = (tail[(len(tail) - 1) // 2] + tail[len(tail) // 2]) / 2
    first = stored[0][0]
    lower = 0.0
    scale = max(first - lower, 1.0)
    if last - lower > 1000 * scale:
        return "exploded", "evaluation", str(len(losses) - 1)
    if last > first + 0.01 * scale:
        return "worse_than_start", "evaluation", str(len(losses) - 1)
    return "completed", "", ""


@unittest.skipUnless(importlib.util.find_spec("torch"), "this Python has no torch")
class WatchTests(unittest.TestCase):
    def test_norms_are_those_of_the_loop(self) -> None:
        import numpy as np
        import torch

        with tempfile.TemporaryDirectory() as folder:
            torch.manual_seed(0)
            model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
            optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
            run = recorder.init("w", problem="p", optimizer="adam", seed=0, folder=folder)
            run.watch(model, optimizer)
            inputs, targets = torch.randn(32, 4), 50 * torch.randn(32, 1)
            expected = []
            for step in range(100):
                loss = ((model(inputs) - targets) ** 2).mean()
                optimizer.zero_grad()
                loss.backward()
                before = torch.cat([p.grad.reshape(-1) for p in model.parameters()]).norm()
                if step % 2:
                    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                after = torch.cat([p.grad.reshape(-1) for p in model.parameters()]).norm()
                old = [p.detach().clone() for p in model.parameters()]
                optimizer.step()
                update = torch.cat([(p - o).reshape(-1) for p, o in zip(model.parameters(), old)]).norm()
                expected.append([float(v) for v in (before, after, update)])
                run.log(loss=loss)
            run.finish()
            found = journal.read(run.path)
            rows = found.values["trajectory"]
            names = ["gradient_norm", "clipped_gradient_norm", "update_norm"]
            np.testing.assert_allclose(
                np.stack([rows[name] for name in names], 1), expected, rtol=2e-5)
            self.assertEqual(rows["clip_fired"].tolist(), [-1, 1] * 50)
            self.assertEqual(found.steps["flight"], list(range(36, 100)))
            flight = found.values["flight"]
            per_tensor = flight["gradient_norm"].reshape(64, 4)
            np.testing.assert_allclose(
                np.sqrt((per_tensor.astype(float) ** 2).sum(1)), [e[1] for e in expected[36:]], rtol=2e-5)
            state = torch.cat([
                v.reshape(-1) for p in model.parameters() for v in optimizer.state[p].values() if v.dim()])
            last = flight["optimizer_state_norm"].reshape(64, 4)[-1]
            self.assertAlmostEqual(
                float(np.sqrt((last.astype(float) ** 2).sum())) / float(state.norm()), 1, places=5)


if __name__ == "__main__":
    unittest.main()
