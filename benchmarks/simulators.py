"""The four simulators side by side in one run: time of a 200-epoch run, growth with N, memory.

Every simulator gets the same drawn network and records the same observables, on one thread; drawing
W0 and its independent copy is left out on all sides. ``--quick`` runs the slow ones for 5 and 25 epochs
and continues the straight line; the whole figure-3/4 grid is timed as the user runs it.

``--together`` runs 16 networks one by one and as one computation, and finds the outliers of a full W from
all eigenvalues and by what `verify.simulators.outliers_of_matrix` does; ``--device cuda`` puts a GPU beside
one core, with a batch there.

    python benchmarks/simulators.py [--sizes 256,512,1024,2048] [--quick] [--grid] [--largest]
    python benchmarks/simulators.py --together
    python benchmarks/simulators.py --device cuda [--sizes 512,1024,2048]
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402

from derive.command_line import UsageProblem  # noqa: E402
from verify.device import check_device  # noqa: E402
from verify.simulators import (  # noqa: E402
    SIMULATORS,
    TOGETHER,
    DescentTask,
    Options,
    sample_instance,
    sample_shuffled,
    simulate,
    simulate_together,
)

G, ZHAT, RATE, EPOCHS = 0.6, 2.0, 0.003, 200
BATCH, FEW = 16, 20

MEMORY = r"""
from verify.simulators import *
from verify.simulators.run import Options
import torch
torch.set_num_threads(1)
import re
def peak():
    return int(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1])
simulate("{name}", sample_task(8, {g}, 0, {zhat}, {rate}, 5, "{dtype}"), Options(**{options}))
before = peak()
simulate("{name}", sample_task({size}, {g}, 0, {zhat}, {rate}, 5, "{dtype}"), Options(**{options}))
print((peak() - before) / 1024)
"""


def problem(size: int, epochs: int, seed: int = 0) -> DescentTask:
    instance, shuffled = sample_instance(size, G, seed), sample_shuffled(size, G, seed)
    return DescentTask(instance, lambda: shuffled, ZHAT, RATE * (1 - G * G) ** 2, epochs)


def seconds(name: str, size: int, epochs: int, repeats: int = 1) -> float:
    """Least time of a few runs."""
    task, times = problem(size, epochs), []
    for _ in range(repeats):
        start = time.process_time()  # one thread: the same as wall time where nothing else runs
        simulate(name, task)
        times.append(time.process_time() - start)
    return min(times)


def full_run(name: str, size: int, quick: bool) -> float:
    """Time of `EPOCHS` epochs; from 5 and 25 epochs by a straight line where that is asked for."""
    if name == "reduced":
        return seconds(name, size, EPOCHS, repeats=5)
    if not quick:
        return seconds(name, size, EPOCHS)
    few, more = seconds(name, size, 5), seconds(name, size, 25)
    return more + (more - few) / 20 * (EPOCHS - 25)


def megabytes(name: str, size: int, dtype: str = "float64", **options: object) -> float:
    """Memory at its peak above that of the imported libraries, the drawing of W0 included."""
    options = {"dtype": dtype, **options}
    source = MEMORY.format(name=name, size=size, g=G, zhat=ZHAT, rate=RATE, dtype=dtype, options=options)
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    return float(done.stdout)


def together() -> None:
    """Networks one by one against the same in one computation; outliers of the last W by two routes."""
    from verify.simulators.outliers_of_matrix import outliers_of_matrix
    from verify.simulators.run import listed_outliers, outlier_edge

    print(f"{BATCH} networks, {FEW} epochs, outliers included: CPU seconds of one thread")
    print("simulator       N   one by one    together   ratio")
    for name in TOGETHER:
        for size in (32, 64, 128, 256):
            tasks = [problem(size, FEW, seed) for seed in range(BATCH)]
            alone, beside = [], []
            for _ in range(2):
                start = time.process_time()
                for task in tasks:
                    simulate(name, task)
                alone.append(time.process_time() - start)
                start = time.process_time()
                simulate_together(name, tasks)
                beside.append(time.process_time() - start)
            ratio = min(alone) / min(beside)
            print(f"{name:<12}{size:>5}{min(alone):>13.3f}{min(beside):>12.3f}{ratio:>7.1f}x", flush=True)
    print("outliers of a trained W: CPU seconds of one thread, largest difference")
    print("    N   all eigenvalues   certified   ratio   difference")
    import torch

    for size in (512, 1024, 2048):
        task = problem(size, EPOCHS)
        W = simulate("reduced", task).connectivity(task.instance.W0)
        edge = outlier_edge(task.instance.W0)
        start = time.process_time()
        dense = listed_outliers(np.linalg.eigvals(W), edge)
        middle = time.process_time()
        found = outliers_of_matrix(torch.from_numpy(W), edge)
        dense_time, took = middle - start, time.process_time() - middle
        apart = np.nanmax(np.abs(found - dense), initial=0)
        print(
            f"{size:>5}{dense_time:>18.2f}{took:>12.2f}{dense_time / took:>7.1f}x{apart:>13.0e}", flush=True
        )


def beside_gpu(device: str, sizes: list[int]) -> None:
    """Seconds an epoch of one core and of a GPU, one network and a batch; outliers and set-up included."""
    import torch

    print(f"seconds a run of {FEW} epochs, outliers and set-up included: one core, {device}, and there")
    print(f"a run of {BATCH} together; in brackets how much faster than the core")
    print("simulator       N         core          GPU                GPU, together")
    for name in SIMULATORS:
        for size in sizes:
            tasks = [problem(size, FEW, seed) for seed in range(BATCH)]
            core = seconds(name, size, FEW)
            times = []
            for group in (tasks[:1], tasks):
                simulate_together(name, group, Options(device=device))  # libraries are set up
                torch.cuda.synchronize()
                start = time.perf_counter()
                simulate_together(name, group, Options(device=device))
                torch.cuda.synchronize()
                times.append((time.perf_counter() - start) / len(group))
            cells = "".join(f"{t:>12.3f} ({core / t:>5.1f}x)" for t in times)
            print(f"{name:<12}{size:>5}{core:>13.3f}{cells}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", default="256,512,1024,2048")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--grid", action="store_true")
    parser.add_argument("--largest", action="store_true")
    parser.add_argument("--together", action="store_true")
    parser.add_argument("--device", default="cpu", help="cuda: a GPU beside one core")
    arguments = parser.parse_args()
    try:
        check_device(arguments.device)
    except UsageProblem as refused:
        parser.exit(2, f"simulators.py: {refused}\n")
    import torch

    torch.set_num_threads(1)
    for name in SIMULATORS:  # imports and first calls
        simulate(name, problem(64, 2))
    sizes = [int(size) for size in arguments.sizes.split(",")]
    if arguments.together:
        together()
        return
    if arguments.device != "cpu":
        beside_gpu(arguments.device, sizes)
        return
    print(
        f"{EPOCHS} epochs, g = {G}, zhat = {ZHAT}; CPU seconds of one thread (ratio to the reduced simulator)"
    )
    print("simulator    " + "".join(f"N = {size:<18}" for size in sizes) + "exponent of N")
    times = {
        size: {name: full_run(name, size, arguments.quick) for name in reversed(SIMULATORS)} for size in sizes
    }
    for name in SIMULATORS:
        row = np.array([times[size][name] for size in sizes])
        cells = "".join(
            f"{t:<9.3g}({t / times[size]['reduced']:>5.0f}x)     " for t, size in zip(row, sizes, strict=True)
        )
        power = np.polyfit(np.log(sizes), np.log(row), 1)[0] if len(sizes) > 1 else float("nan")
        print(f"{name:<13}{cells}{power:.2f}", flush=True)
    print(
        "memory of a run at N = 1024, MiB: "
        + ", ".join(f"{name} {megabytes(name, 1024):.0f}" for name in SIMULATORS)
    )
    if arguments.grid:
        with tempfile.TemporaryDirectory() as folder:
            for figure in ("fig3", "fig4"):
                entry = "from verify.cli import main; main()"
                start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
                subprocess.run(
                    [sys.executable, "-c", entry, "figures", figure, "--out", folder],
                    check=True,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
                took, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
                work = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                print(f"verify figures {figure}: {took:.1f} s, {work:.1f} CPU seconds in all", flush=True)
    if arguments.largest:
        start = time.perf_counter()
        used = megabytes("reduced", 16384, "float32", matrix_free=True, tolerance=1e-5)
        took = time.perf_counter() - start
        print(f"reduced, N = 16384, float32, matrix-free: {took:.0f} s, {used:.0f} MiB at the peak")


if __name__ == "__main__":
    main()
