#!/usr/bin/env python3
"""Kills, starves and disturbs `optbench run` at random moments, and holds it to what it promises.

    scripts/check_runner.py [SIGNALS] [--seed N] [--program PATH] [--only NAME]

After each disturbance the same command finishes the rest: what was finished is not made again, the content digest
is that of an undisturbed run, and no file stays beside the result. SIGNALS (12 by default, 200 in `make soak`) are
sent one after the other: SIGKILL, SIGTERM, SIGINT, SIGHUP, one in ten while the result is being published.
"""

import argparse
import os
import pathlib
import random
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import zlib

EXPERIMENT = """
optbench: 1
name: disturbed
problems:
- {name: valley, function: {name: rosenbrock, dimension: 2}}
- name: net
  dataset: {name: blobs, training: 256, validation: 64, test: 64}
  model: {name: layers, layers: [{name: dense, outputs: 12}, batch-norm, {name: dropout, rate: 0.2}, dense]}
  loss: cross-entropy
  batch_size: 16
optimizers: [sgd, adam, schedule-free-adamw]
clipping: [none, autoclip]
learning_rate: [0.01, 0.1]
seeds: 3
budget: {steps: %d}
record: {per_tensor: true}
"""

ROUNDS = """
optbench: 1
name: rounds
protocol: robust
problems: [{name: valley, function: {name: rosenbrock, dimension: 2}}]
optimizers: [sgd, adam]
clipping: [none]
seeds: 3
budget: {steps: 60}
"""


def fail(text):
    sys.exit(f"check_runner: {text}")


def read_blocks(path):
    """The blocks of a journal with the right checksums, up to damage or the end."""
    content = path.read_bytes()
    place = 16
    while len(content) - place >= 24:
        kind, _, length, checksum, own = struct.unpack_from("<4sIQII", content, place)
        payload = content[place + 24:place + 24 + length]
        if zlib.crc32(content[place:place + 20]) != own or len(payload) < length:
            return
        if zlib.crc32(payload) != checksum:
            return
        yield kind
        place += 24 + length


class Runner:
    def __init__(self, program, folder, generator):
        self.program, self.folder, self.generator = program, folder, generator

    def start(self, *arguments, **options):
        self.errors = open(self.folder / "errors", "w+")
        return subprocess.Popen(
            [self.program, *map(str, arguments)], cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=self.errors, **options)

    def call(self, *arguments, expected=0, **options):
        """Runs to the end, and gives what it wrote to standard error."""
        process = self.start(*arguments, **options)
        try:
            code = process.wait(timeout=300)
        except subprocess.TimeoutExpired:
            process.kill()
            fail(f"{' '.join(map(str, arguments))} hangs")
        text = self.said()
        allowed = expected if isinstance(expected, (set, tuple)) else {expected}
        if code not in allowed:
            fail(f"{' '.join(map(str, arguments))}: exit code {code}, expected {allowed}: {text}")
        return text

    def said(self):
        self.errors.seek(0)
        return self.errors.read()

    def digest(self, result):
        answer = subprocess.run([self.program, "digest", result], cwd=self.folder, text=True,
                                capture_output=True)
        if answer.returncode:
            fail(f"{result}: {answer.stderr}")
        return answer.stdout.split()[0]

    def finished(self, stem):
        """The finished runs in the journals beside a result."""
        return sum(
            kind == b"END " for path in sorted((self.folder / f"{stem}.runs").glob("*.journal"))
            for kind in read_blocks(path))

    def names(self):
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob("*")} - {"errors"}


def write(runner, name, text):
    (runner.folder / name).write_text(text)


def expect_whole(runner, result, digest, before):
    """The result is the undisturbed one, and nothing else has come to the folder."""
    if runner.digest(result) != digest:
        fail(f"{result} has another content digest than an undisturbed run")
    left = runner.names() - before - {result}
    if left:
        fail(f"left behind: {sorted(left)}")


def finish(runner, arguments, result, digest, before, kept):
    """Lets the same command do the rest; what was finished is not made again."""
    text = runner.call(*arguments)
    first = next((line for line in text.splitlines() if " runs (" in line), "")
    reused = int(first.split(":")[-1].split("/")[0]) if first else 0
    if reused < kept:
        fail(f"{kept} runs were finished, and {reused} of them were taken over: {text}")
    expect_whole(runner, result, digest, before)


def signals(runner, count):
    write(runner, "e.yml", EXPERIMENT % 300)
    runner.call("run", "e.yml", "--output", "whole.h5", "--quiet")
    digest = runner.digest("whole.h5")
    begin = time.monotonic()
    runner.call("run", "e.yml", "--output", "timed.h5", "--jobs", 2, "--quiet")
    length = time.monotonic() - begin
    (runner.folder / "timed.h5").unlink()
    before = runner.names()
    kinds = [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP]
    tally = {kind: 0 for kind in kinds}
    publishing = torn = sent = 0
    while sent < count:
        jobs = runner.generator.choice([1, 2, 5])
        arguments = ["run", "e.yml", "--output", "e.h5", "--jobs", jobs,
                     "--checkpoint-every", runner.generator.choice([0.0002, 0.002, 5])]
        kept = 0
        # Several in a row before the rest is done.
        for _ in range(runner.generator.randint(1, 3)):
            kind = kinds[sent % len(kinds)]
            process = runner.start(*arguments)
            if sent % 10 == 9:
                # The temporary file of a publication is there.
                while process.poll() is None and not list(runner.folder.glob(".*optbench-*")):
                    time.sleep(0.0005)
                time.sleep(runner.generator.uniform(0, 0.02))
                publishing += process.poll() is None
            else:
                time.sleep(runner.generator.uniform(0.02, 1.1 * length))
            process.send_signal(kind) if process.poll() is None else None
            code = process.wait(timeout=60)
            tally[kind] += 1
            sent += 1
            if code not in (0, 130, -kind):
                fail(f"signal {kind}: exit code {code}: {runner.said()}")
            if code == 0:
                break
            now = runner.finished("e")
            if now < kept:
                fail(f"{kept} finished runs were kept, {now} are there after signal {kind}")
            kept = now
            if (runner.folder / "e.h5").exists():
                runner.digest("e.h5")
            torn += sum(
                b"END " not in set(read_blocks(path)) or b"CKPT" in set(read_blocks(path))
                for path in (runner.folder / "e.runs").glob("*.journal"))
        if not (runner.folder / "e.h5").exists():
            finish(runner, arguments, "e.h5", digest, before, kept)
        else:
            runner.call(*arguments)
            expect_whole(runner, "e.h5", digest, before)
        (runner.folder / "e.h5").unlink()
    print(f"runner: {sent} signals ({', '.join(f'{k.name} {n}' for k, n in tally.items())}; {publishing} while "
          f"publishing), {torn} unfinished runs found, nothing finished lost, one digest")


HEAVY = """- name: heavy
  dataset: {name: blobs, training: 64, validation: 16, test: 16}
  model: {name: mlp, hidden: [20000, 20000]}
  loss: cross-entropy
  batch_size: 16
optimizers:"""


def starving(runner, is_thorough):
    """A full disk, limits of the system, a run that takes all memory: a clear line, nothing lost, the same digest
    afterwards."""
    write(runner, "e.yml", EXPERIMENT % 120)
    runner.call("run", "e.yml", "--output", "whole.h5", "--quiet")
    digest = runner.digest("whole.h5")
    size = (runner.folder / "whole.h5").stat().st_size
    before = runner.names()
    command = ["run", "e.yml", "--output", "e.h5", "--jobs", 2]

    def limited(number, value):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(number, (value, value))
        return limit

    # 127 is the loader's, before the program begins.
    cases = [("ulimit -f", resource.RLIMIT_FSIZE, value, {2}) for value in (100, 30_000, size // 2)]
    cases += [("ulimit -n", resource.RLIMIT_NOFILE, value, {0, 2, 127}) for value in (4, 12, 17, 24)]
    cases += [("ulimit -v", resource.RLIMIT_AS, value << 20, {0, 2, 127})
              for value in (150, 220, 300, 450, 600)]
    for name, number, value, codes in cases if is_thorough else cases[1::2]:
        text = runner.call(*command, expected=codes, preexec_fn=limited(number, value))
        # Where memory ends within Swift's runtime, that speaks first and ours is the last line.
        is_told = text.rstrip().endswith("raise the limit, or use fewer --jobs")
        if ("Fatal error" in text or "Backtrace" in text) and not is_told:
            fail(f"{name} {value}: {text}")
        kept = runner.finished("e")
        if (runner.folder / "e.h5").exists():
            expect_whole(runner, "e.h5", digest, before)
        else:
            finish(runner, command, "e.h5", digest, before, kept)
        (runner.folder / "e.h5").unlink()
    write(runner, "heavy.yml", (EXPERIMENT % 120).replace("optimizers:", HEAVY, 1))
    shutil.copy(runner.folder / "whole.h5", runner.folder / "heavy.h5")
    text = runner.call("run", "heavy.yml", "--output", "heavy.h5", "--jobs", 1, expected=2,
                       preexec_fn=limited(resource.RLIMIT_AS, 3 << 30))
    if "memory" not in text or runner.digest("heavy.h5") != digest:
        fail(f"a run that takes all memory: {text}")
    # A fault leaves no time to remove the lock; the next process takes it over.
    for path in runner.folder.glob("heavy.*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    print("runner: limits of files, memory and file sizes, nothing lost")

    disk = runner.folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size * 2 // 3}", "tmpfs", disk],
                             capture_output=True).returncode == 0
    if not mounted:
        disk.rmdir()
        return print("runner: no right to mount, a full disk was tried as a limit of file sizes only")
    try:
        text = runner.call("run", "e.yml", "--output", "disk/e.h5", expected=2)
        if "No space left on device" not in text:
            fail(f"a full disk is not named: {text}")
        kept = runner.finished("disk/e")
        subprocess.run(["mount", "-o", f"remount,size={size * 20}", disk], check=True)
        text = runner.call("run", "e.yml", "--output", "disk/e.h5")
        if f": {kept}/" not in text or runner.digest("disk/e.h5") != digest:
            fail(f"after a full disk: {kept} runs were kept; {text}")
        if {path.name for path in disk.iterdir()} != {"e.h5"}:
            fail(f"left on the disk: {list(disk.iterdir())}")
    finally:
        subprocess.run(["umount", "-l", disk], check=True)
        disk.rmdir()
    print(f"runner: a full disk after {kept} runs, all of them kept")


def others(runner):
    """A folder that may not be written, a second writer, a result that is replaced meanwhile."""
    write(runner, "e.yml", EXPERIMENT % 300)
    runner.call("run", "e.yml", "--output", "whole.h5", "--quiet")
    digest = runner.digest("whole.h5")
    before = runner.names()
    command = ["run", "e.yml", "--output", "e.h5", "--jobs", 2]

    locked = runner.folder / "locked"
    locked.mkdir(mode=0o555)
    options = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    runner.folder.chmod(0o755)
    answer = subprocess.run([runner.program, "run", "e.yml", "--output", "locked/e.h5"], text=True,
                            cwd=runner.folder, capture_output=True, **options)
    if answer.returncode != 2 or "ermission" not in answer.stderr or list(locked.iterdir()):
        fail(f"a folder that may not be written: {answer.returncode} {answer.stderr}")
    locked.rmdir()

    first = runner.start(*command)
    while first.poll() is None and not runner.finished("e"):
        time.sleep(0.001)
    second = subprocess.run([runner.program, *map(str, command)], cwd=runner.folder, text=True,
                            capture_output=True)
    if first.poll() is None and (second.returncode != 2 or "writing it" not in second.stderr):
        fail(f"a second writer: {second.returncode} {second.stderr}")
    if first.wait(timeout=120) != 0:
        fail(f"the first of two writers: {runner.said()}")
    expect_whole(runner, "e.h5", digest, before)
    (runner.folder / "e.h5").unlink()

    first = runner.start(*command)
    while first.poll() is None and not runner.finished("e"):
        time.sleep(0.001)
    shutil.copy(runner.folder / "e.yml", runner.folder / "e.h5")
    code = first.wait(timeout=120)
    if code != 2 or (runner.folder / "e.h5").read_bytes() != (runner.folder / "e.yml").read_bytes():
        fail(f"a file that appears meanwhile: {code} {runner.said()}")
    kept = runner.finished("e")
    (runner.folder / "e.h5").unlink()
    finish(runner, command, "e.h5", digest, before, kept)
    print("runner: a closed folder, two writers, a file in the way: each named, nothing lost or overwritten")


def bits(runner, is_thorough):
    """The same content for any number of jobs, resumed, grown, sharded and in another order."""
    text = EXPERIMENT % 60
    write(runner, "e.yml", text)
    runner.call("run", "e.yml", "--output", "whole.h5", "--quiet")
    digest = runner.digest("whole.h5")
    for jobs in (1, 2, 5):
        runner.call("run", "e.yml", "--output", "jobs.h5", "--jobs", jobs, "--quiet")
        if runner.digest("jobs.h5") != digest:
            fail(f"{jobs} jobs give another content digest")
        (runner.folder / "jobs.h5").unlink()
    for seeds in ("2", "0,2", None):
        runner.call("run", "e.yml", "--output", "grown.h5", *(["--seeds", seeds] if seeds else []), "--quiet")
    if runner.digest("grown.h5") != digest:
        fail("grown in steps, it has another content digest")
    limits = 0
    while True:
        runner.call("run", "e.yml", "--output", "limited.h5", "--time-limit", "0.25s", "--quiet",
                    expected={0, 75})
        limits += 1
        if (runner.folder / "limited.h5").exists():
            break
        if limits > 400:
            fail("with a time limit it comes to no end")
    if runner.digest("limited.h5") != digest:
        fail("stopped by time limits, it has another content digest")
    print(f"runner: the same bits with 1, 2 and 5 jobs, grown in three steps, stopped {limits - 1} times by a limit")
    write(runner, "r.yml", ROUNDS)
    runner.call("run", "r.yml", "--output", "rounds.h5", "--quiet")
    for name, whole in (("e", digest), ("r", runner.digest("rounds.h5"))):
        for count in (1, 3, 7) if is_thorough or name == "e" else (3,):
            turns = 0
            code = 75
            while code == 75 and turns < 12:
                for index in runner.generator.sample(range(count), count):
                    runner.call("run", f"{name}.yml", "--output", "shards.h5", "--shard", f"{index}/{count}",
                                "--quiet")
                process = runner.start("merge", "--experiment", f"{name}.yml", "--output", "shards.h5")
                code = process.wait(timeout=60)
                turns += 1
            if code or runner.digest("shards.h5") != whole:
                fail(f"{count} shards of {name}.yml: exit code {code}, {runner.said()}")
            if (runner.folder / "shards.shards").exists():
                fail("gathered shards stay")
            (runner.folder / "shards.h5").unlink()
    print("runner: the same bits in 1, 3 and 7 shards, in any order, of a grid and of a plan with rounds")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("signals", nargs="?", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--program", default=".build/release/optbench")
    parser.add_argument("--only", choices=["signals", "starving", "others", "bits"])
    arguments = parser.parse_args()
    program = str(pathlib.Path(arguments.program).resolve())
    os.environ["SWIFT_BACKTRACE"] = "enable=no"
    parts = {"signals": lambda runner: signals(runner, arguments.signals), "others": others,
             "starving": lambda runner: starving(runner, arguments.signals >= 100),
             "bits": lambda runner: bits(runner, arguments.signals >= 100)}
    for name, part in parts.items():
        if arguments.only not in (None, name):
            continue
        with tempfile.TemporaryDirectory() as folder:
            part(Runner(program, pathlib.Path(folder), random.Random(f"{arguments.seed} {name}")))


if __name__ == "__main__":
    main()
