#!/usr/bin/env python3
"""Trains experiments as job arrays on a Slurm of its own and compares them with training on one machine.

    scripts/check_slurm.py [PROGRAM]           .build/release/optbench by default

Starts munged, slurmctld and two slurmd in a temporary folder, on the loopback device and with a key of their own,
and stops them at the end. One task is killed, one is requeued, and an adaptive experiment takes several turns; the
content digests must be those of a local run. Exit code 0: they are; 1: they are not; 2: it could not run. Where Slurm
is not installed, or its daemons may not run, it says so and ends with 0.
"""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
GRID = """
optbench: 1
name: sharded-grid
problems:
  - {name: digits, dataset: digits, model: {name: mlp, hidden: [32]}, loss: cross-entropy, batch_size: 32}
optimizers: [sgd, adam]
learning_rate: [0.001, 0.01]
clipping: [none, global-norm]
seeds: 4
budget: {steps: 40000}
evaluate: {every: 5000}
"""
ROBUST = """
optbench: 1
name: sharded-robust
protocol: robust
problems: [rosenbrock-2d]
optimizers: [sgd, adam]
seeds: 3
budget: {steps: 100}
"""


class Cluster:
    """A Slurm of one controller and two nodes on this machine."""

    def __init__(self, folder, nodes=2):
        self.folder = folder
        self.host = socket.gethostname()
        self.processes = []
        for name in ("munge", "state", "spool", "log"):
            os.makedirs(f"{folder}/{name}", mode=0o755)
        # The socket of munged must be reachable for everybody.
        os.chmod(folder, 0o755)
        key = f"{folder}/munge/key"
        with open(os.open(key, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
            file.write(os.urandom(1024))
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20 // nodes - 256
        controller, *ports = self.free_ports(nodes + 1)
        user = subprocess.run(["id", "-un"], capture_output=True, text=True).stdout.strip()
        lines = [
            "ClusterName=check", f"SlurmctldHost={self.host}(127.0.0.1)", f"SlurmUser={user}", f"SlurmdUser={user}",
            "AuthType=auth/munge", f"AuthInfo=socket={folder}/munge/socket,cred_expire=5", "CredType=cred/munge",
            "CommunicationParameters=NoCtldInAddrAny,NoInAddrAny", f"SlurmctldPort={controller}",
            f"StateSaveLocation={folder}/state", f"SlurmdSpoolDir={folder}/spool/%n",
            f"SlurmctldPidFile={folder}/slurmctld.pid", f"SlurmdPidFile={folder}/slurmd.%n.pid",
            f"SlurmctldLogFile={folder}/log/slurmctld.log", f"SlurmdLogFile={folder}/log/slurmd.%n.log",
            "ProctrackType=proctrack/linuxproc", "TaskPlugin=task/none", "SwitchType=switch/none", "MpiDefault=none",
            "JobAcctGatherType=jobacct_gather/none", "AccountingStorageType=accounting_storage/none",
            "SelectType=select/cons_tres", "SelectTypeParameters=CR_Core", "SchedulerType=sched/backfill",
            "SchedulerParameters=sched_interval=1,bf_interval=2,batch_sched_delay=0", "ReturnToService=2", "KillWait=3",
            "MinJobAge=300", "JobRequeue=1",
        ]
        for number, port in enumerate(ports):
            lines.append(
                f"NodeName=n{number} NodeHostname={self.host} NodeAddr=127.0.0.1 Port={port} CPUs=1 RealMemory={memory} State=UNKNOWN")
        lines.append(f"PartitionName=main Nodes=n[0-{nodes - 1}] Default=YES MaxTime=INFINITE State=UP")
        self.configuration = f"{folder}/slurm.conf"
        pathlib.Path(self.configuration).write_text("\n".join(lines) + "\n")
        pathlib.Path(f"{folder}/cgroup.conf").write_text("CgroupPlugin=cgroup/v1\n")
        self.environment = {**os.environ, "SLURM_CONF": self.configuration}
        self.start([
            "munged", "--foreground", f"--key-file={key}", f"--socket={folder}/munge/socket",
            f"--pid-file={folder}/munge/pid", f"--log-file={folder}/munge/log", f"--seed-file={folder}/munge/seed"])
        time.sleep(0.5)
        self.start(["slurmctld", "-D", "-f", self.configuration])
        for number in range(nodes):
            self.start(["slurmd", "-D", "-f", self.configuration, "-N", f"n{number}"])
        self.wait_for_nodes(nodes)

    @staticmethod
    def free_ports(count):
        sockets = [socket.socket() for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        ports = [one.getsockname()[1] for one in sockets]
        for one in sockets:
            one.close()
        return ports

    def start(self, command):
        log = open(f"{self.folder}/log/{command[0]}.out", "ab")
        self.processes.append(subprocess.Popen(command, env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL))

    def ask(self, *command, timeout=10):
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=timeout)
        return done.stdout.strip()

    def wait_for_nodes(self, nodes):
        for _ in range(150):
            ended = [p.args[0] for p in self.processes if p.poll() is not None]
            if ended:
                raise RuntimeError(f"{ended[0]} ended: " + self.logs())
            try:
                if self.ask("sinfo", "-h", "-N", "-o", "%T", timeout=3).split().count("idle") == nodes:
                    return
            except subprocess.TimeoutExpired:
                pass
            time.sleep(0.2)
        raise RuntimeError("the nodes do not come up: " + self.logs())

    def logs(self):
        return "\n".join(path.read_text()[-600:] for path in pathlib.Path(self.folder, "log").iterdir() if path.is_file())

    def jobs(self):
        return [line.split() for line in self.ask("squeue", "-h", "-r", "-o", "%i %T %j").splitlines()]

    def states(self, array):
        """How often tasks of an array ended in which state, and were started again."""
        fields = self.ask("scontrol", "show", "job", "-o", array).split()
        states = [field[9:] for field in fields if field.startswith("JobState=")]
        restarts = sum(int(field[9:]) for field in fields if field.startswith("Restarts="))
        return ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states))) + f", {restarts} restarts"

    def wait_until_idle(self, limit=420):
        end = time.monotonic() + limit
        while self.jobs():
            if time.monotonic() > end:
                raise RuntimeError(f"jobs remain after {limit} s: {self.jobs()}")
            time.sleep(0.5)

    def stop(self):
        try:
            self.ask("scancel", "--full", "-u", str(os.getuid()), timeout=5)
        except subprocess.TimeoutExpired:
            pass
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def main():
    program = str(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / ".build/release/optbench").resolve())
    missing = [name for name in ("slurmctld", "slurmd", "munged", "sbatch") if shutil.which(name) is None]
    if missing:
        print(f"check_slurm: skipped: {', '.join(missing)} not installed (apt-get install slurm-wlm munge)")
        return 0
    try:
        socket.getaddrinfo(socket.gethostname(), None)
    except OSError:
        # Slurm's daemons look up the name of their own host.
        line = f"127.0.0.1 {socket.gethostname()}"
        if not os.access("/etc/hosts", os.W_OK):
            print(f"check_slurm: the host's name does not resolve: add '{line}' to /etc/hosts", file=sys.stderr)
            return 2
        with open("/etc/hosts", "a") as hosts:
            hosts.write(f"{line}\n")
    failed = False
    with tempfile.TemporaryDirectory(prefix="slurm-") as folder:
        os.chmod(folder, 0o711)
        work = f"{folder}/work folder"
        os.mkdir(work)
        try:
            cluster = Cluster(f"{folder}/cluster")
        except RuntimeError as error:
            # Containers may forbid what the daemons need; that says nothing of optbench.
            print(f"check_slurm: skipped: Slurm's daemons do not start here: {error}")
            return 0
        try:
            for name, text, shards in (("grid", GRID, 5), ("robust", ROBUST, 3)):
                file = f"{work}/{name}.yml"
                pathlib.Path(file).write_text(text)
                start = time.monotonic()
                submitted = subprocess.run(
                    [program, "submit", file, "--shards", str(shards), "--output", f"{work}/{name}.h5"],
                    env=cluster.environment, capture_output=True, text=True, cwd=work)
                if submitted.returncode != 0:
                    print(f"check_slurm: submit: {submitted.stderr}", file=sys.stderr)
                    return 1
                disturbed = disturb(cluster, submitted.stdout) if name == "grid" else []
                cluster.wait_until_idle()
                if disturbed:
                    disturbed.append(cluster.states(submitted.stdout.split()[1].rstrip(",")))
                took = time.monotonic() - start
                subprocess.run([program, "run", file, "--output", f"{work}/{name}-local.h5", "--quiet"], check=True, stdout=subprocess.DEVNULL)
                digests = {
                    subprocess.run([program, "digest", f"{work}/{each}.h5"], capture_output=True, text=True).stdout.split(" ")[0]
                    for each in (name, f"{name}-local")}
                left = sorted(path.name for path in pathlib.Path(work).iterdir() if path.name.startswith(f"{name}.") and path.name
                              not in (f"{name}.yml", f"{name}.h5", f"{name}.slurm"))
                turns = len({path.name.split("_")[0] for path in pathlib.Path(work, f"{name}.slurm/logs").glob("*_*.log")})
                good = len(digests) == 1 and "" not in digests and not left
                failed = failed or not good
                print(f"{'ok ' if good else 'BAD'} {name}: {shards} shards, {turns} turns, {took:.0f} s; {', '.join(disturbed) or 'undisturbed'}; "
                      + ("the digest of a local run" if len(digests) == 1 else f"digests {digests}") + (f"; left over: {left}" if left else ""))
                if not good:
                    for log in sorted(pathlib.Path(work, f"{name}.slurm/logs").iterdir()):
                        print(f"--- {log.name}\n{log.read_text()[-800:]}", file=sys.stderr)
        except (RuntimeError, subprocess.SubprocessError) as error:
            print(f"check_slurm: {error}", file=sys.stderr)
            failed = True
        finally:
            cluster.stop()
    return 1 if failed else 0


def disturb(cluster, said):
    """Kills one task of the array that runs, and requeues another."""
    array = said.split()[1].rstrip(",")
    done = []
    end = time.monotonic() + 60
    while time.monotonic() < end and len(done) < 2:
        running = [job for job, state, _ in cluster.jobs() if state == "RUNNING" and job.startswith(f"{array}_")]
        if running and not done:
            time.sleep(0.7)
            cluster.ask("scancel", "--full", "--signal=KILL", running[0])
            done.append(f"{running[0]} killed")
        elif len(running) > 0 and running[-1] not in done[0]:
            time.sleep(0.5)
            cluster.ask("scontrol", "requeue", running[-1])
            done.append(f"{running[-1]} requeued")
        time.sleep(0.2)
    return done


sys.exit(main())
