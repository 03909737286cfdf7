"""Clusters in a bad world: late workers, lost schedulers, addresses that are none, Ctrl-C."""

import gc
import os
import pty
import re
import signal
import subprocess
import sys
import time
import weakref
from contextlib import contextmanager

import distributed
import pytest
from in_process import refusal, verify_here
from project import ROOT

import verify
import verify.cli
from derive.command_line import UsageProblem
from verify.sweeps import cluster

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


@contextmanager
def scheduler_process():
    """A scheduler of its own, by its address."""
    code = (
        "import asyncio, sys\nfrom distributed import Scheduler\n"
        "async def main():\n"
        "    async with Scheduler(port=0, dashboard_address=None) as s:\n"
        "        print(s.address, flush=True)\n        await s.finished()\n"
        "asyncio.run(main())\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def worker_process(address):
    code = (
        "import asyncio, sys\nfrom distributed import Worker\n"
        "async def main():\n"
        f"    async with Worker({address!r}, nthreads=1, dashboard=False) as w:\n        await w.finished()\n"
        "asyncio.run(main())\n"
    )
    return subprocess.Popen([sys.executable, "-c", code], env=ENVIRONMENT, stderr=subprocess.DEVNULL)


def sweep_process(folder, *arguments):
    command = [sys.executable, "-m", "verify", "sweep", *arguments]
    return subprocess.Popen(
        command,
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


GRID = ["--g", "0.3", "--zhat", "1", "--learning-rate", "0.01", "--size", "24", "--epochs", "4"]


@pytest.mark.slow
def test_workers_that_come_late_and_a_scheduler_that_is_lost(tmp_path):
    with scheduler_process() as (scheduler, address):
        process = sweep_process(tmp_path, *GRID, "--seeds", "4", "--scheduler", address)
        time.sleep(cluster.CONNECT_SECONDS + 2)  # later than it was once looked for
        workers = [worker_process(address), worker_process(address)]
        out, err = process.communicate(timeout=120)
        assert (process.returncode, out) == (0, "runs: 4 runs added, 0 were there\n"), err
        assert "no worker is there" in err

        long = [*GRID[:6], "--size", "300", "--epochs", "400", "--simulator", "inverse"]
        long += ["--seeds", "200", "--scheduler", address]
        process = sweep_process(tmp_path, *long)
        while len(list(tmp_path.glob("runs/inverse/N_300/readout/c/*"))) < 3:
            assert process.poll() is None
            time.sleep(0.1)
        scheduler.kill()
        out, err = process.communicate(timeout=120)
        for worker in workers:
            worker.kill()
            worker.wait()
        assert process.returncode == 2
        assert "Traceback" not in err
        assert re.search(r"verify: the scheduler tcp://\S+ is lost; .* the same command goes on", err), err
        assert verify.open(tmp_path / "runs", "inverse").sizes["run"] >= 2


@pytest.mark.slow
@pytest.mark.parametrize("address", ["nonsense", "tcp://127.0.0.1:9", "tls://127.0.0.1:9", "http://x", ""])
def test_a_scheduler_that_is_none_leaves_nothing(address, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    complaint = refusal(verify_here("sweep", *GRID, "--scheduler", address))
    assert re.fullmatch(r"verify: --scheduler .*allowed is the address .*\n", complaint), complaint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_ctrl_c_in_a_terminal(tmp_path):
    """The terminal sends SIGINT to all processes: one line, status 130, and what is finished is kept."""
    child, handle = pty.fork()
    if child == 0:
        os.chdir(tmp_path)
        os.environ.update(ENVIRONMENT)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        arguments = [
            "--g",
            "0.3",
            "--zhat",
            "1",
            "--learning-rate",
            "0.01",
            "--size",
            "200",
            "--epochs",
            "300",
        ]
        command = [sys.executable, "-m", "verify", "sweep", *arguments, "--simulator", "inverse"]
        os.execv(sys.executable, [*command, "--seeds", "300", "--workers", "2"])
    shown = b""
    interrupted = False
    while True:
        # the last file may belong to a run that is still being written
        if not interrupted and len(list(tmp_path.glob("runs/inverse/N_200/readout/c/*"))) >= 3:
            os.write(handle, b"\x03")
            interrupted = True
        try:
            shown += os.read(handle, 65536)
        except OSError:
            break
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 130
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())
    assert "Traceback" not in text
    assert text.count("verify: interrupted") == 1
    assert verify.open(tmp_path / "runs").sizes["run"] >= 2


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_while_workers_start(number, monkeypatch):
    """It is kept until they run, and reaches none of them."""
    started = []

    class Interrupted(distributed.LocalCluster):
        def __init__(self, **settings):
            os.kill(os.getpid(), number)
            super().__init__(**settings)
            os.kill(os.getpid(), number)
            started.append(self)

    monkeypatch.setattr(distributed, "LocalCluster", Interrupted)
    before = signal.signal(number, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), cluster.connected(None, 1, 1):
            pytest.fail("no work is begun")
        assert signal.getsignal(number) is signal.default_int_handler
        assert number not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
    finally:
        signal.signal(number, before)
    assert [one.status for one in started] == [distributed.Status.closed]


def test_clients_that_fail_are_closed_at_once(monkeypatch):
    """One that closes while the next one starts its loop waits for good: dask starts one at a time."""
    clients = []
    start = distributed.Client.__init__

    def started(client, *arguments, **named):
        clients.append(weakref.ref(client))
        start(client, *arguments, **named)

    monkeypatch.setattr(distributed.Client, "__init__", started)
    gc.disable()
    try:
        for address in ("nonsense", "tls://127.0.0.1:9"):
            with pytest.raises(UsageProblem, match="allowed is the address of a running dask scheduler"):
                cluster.check_scheduler(address)
        left = [client() for client in clients]
    finally:
        gc.enable()
    assert left == [None, None]
