"""All that a GPU is to be checked for, in one run of less than ten minutes; one table.

    python benchmarks/device.py                     # on a machine with a GPU
    python benchmarks/device.py --device cpu --tiny # every line of it, without one, in seconds

- that a GPU gives the numbers of the processor: the simulators (float64, float32, without a factorisation, in
  batches), the outliers of a full W, networks trained on every task by every optimizer, their measures;
- what a recorded graph does for a training and for `unrolled`: the same code with and without;
- 40 networks of N = 256 an epoch of flip-flop (aim: 25 ms on an H100), one network, memory against what
  `verify task` counts with; the same within `train`, which draws fresh trials on the processor meanwhile;
- `unrolled` at N = 1024, outliers at N = 4096, a run without a factorisation: GPU against a core.

Exits 1 where numbers disagree. Times are no checks: "aim" says what was asked for.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from unittest import mock

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402
import torch  # noqa: E402

from derive.command_line import UsageProblem  # noqa: E402
from verify.device import check_device  # noqa: E402
from verify.simulators import Options, sample_task, simulate_together  # noqa: E402
from verify.simulators import readouts as readouts_module  # noqa: E402
from verify.simulators.outliers_of_matrix import outliers_of_matrix  # noqa: E402
from verify.simulators.run import outlier_edge  # noqa: E402
from verify.training import TASKS, train  # noqa: E402
from verify.training.batches import BLOCK  # noqa: E402
from verify.training.group import TrainingGroup, network_bytes  # noqa: E402
from verify.training.measures import measure  # noqa: E402
from verify.training.networks import Identity  # noqa: E402
from verify.training.optimizers import OPTIMIZERS  # noqa: E402
from verify.training.settings import settings_for  # noqa: E402

EXACT, SINGLE = 1e-9, 1e-3
"""Relative: orders of sums differ, over some epochs, in float64 and in float32."""


@dataclass(frozen=True)
class Sizes:
    """How large everything is."""

    agree: int
    networks: int
    neurons: int
    repeats: int
    trained: int
    unrolled: int
    outliers: int
    free: int


FULL = Sizes(256, 40, 256, 60, 30, 1024, 4096, 4096)
AIMS = {(40, 256): 25, (1, 256): 3.8}
TINY = Sizes(24, 2, 16, 1, 2, 32, 64, 48)


class Table:
    """Lines as they are measured; what disagrees is counted."""

    def __init__(self) -> None:
        self.wrong = 0

    def agreement(self, what: str, difference: float, tolerance: float) -> None:
        good = difference <= tolerance  # nan is not
        self.wrong += not good
        verdict = "agrees" if good else "DISAGREES"
        print(f"{what:<66}{difference:>10.1e}   of {tolerance:.0e}   {verdict}", flush=True)

    def times(self, what: str, **seconds: float) -> None:
        first, *rest = seconds.values()
        cells = ", ".join(f"{name} {1e3 * value:.3g} ms" for name, value in seconds.items())
        ratios = "".join(f"   {first / value:.1f}x" for value in rest)
        print(f"{what:<66}{cells}{ratios}", flush=True)


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """The largest difference, relative to the largest number; nan where not the same are finite."""
    one, other = np.asarray(one), np.asarray(other)
    if (np.isfinite(one) != np.isfinite(other)).any():
        return np.nan
    return float(np.nanmax(np.abs(one - other), initial=0) / np.nanmax(np.abs(one), initial=1e-300))


def seconds(work: Callable[[], object], device: str, repeats: int = 3) -> float:
    """Least time of a few calls after one that sets libraries up and records."""
    taken = []
    for _ in range(repeats + 1):
        _wait(device)
        begin = time.perf_counter()
        work()
        _wait(device)
        taken.append(time.perf_counter() - begin)
    return min(taken[1:])


def _wait(device: str) -> None:
    if device != "cpu":
        torch.cuda.synchronize(device)


def runs(name: str, size: int, epochs: int, options: Options, count: int = 1) -> list:
    """Descents of networks of g = 0.6."""
    rate = 0.003 * (1 - 0.36) ** 2
    tasks = [sample_task(size, 0.6, seed, 2.0, rate, epochs, options.dtype) for seed in range(count)]
    return simulate_together(name, tasks, options)


def simulators_agree(table: Table, sizes: Sizes, device: str) -> None:
    for name, free, dtype in (
        ("unrolled", False, "float64"),
        ("fixed_point", False, "float64"),
        ("inverse", False, "float64"),
        ("reduced", False, "float64"),
        ("reduced", True, "float64"),
        ("unrolled", False, "float32"),
        ("reduced", True, "float32"),
    ):
        options = Options(dtype, tolerance=1e-9 if dtype == "float64" else 1e-4, matrix_free=free)
        pair = [runs(name, sizes.agree, 20, replace(options, device=place), 3) for place in ("cpu", device)]
        apart = max(
            difference(getattr(one, field), getattr(other, field))
            for one, other in zip(*pair, strict=True)
            for field in ("readout", "loss", "shuffled_loss", "singular_values", "eigenvalues")
        )
        what = f"{name}, {dtype}, N = {sizes.agree}, 3 runs as one" + ", matrix-free" * free
        table.agreement(what, apart, EXACT if dtype == "float64" else SINGLE)


def training_agrees(table: Table, sizes: Sizes, device: str) -> None:
    """Every task and every optimizer, with and without clipping, on one draw of networks."""
    size = min(sizes.neurons, 64)
    for k, name in enumerate(TASKS):
        optimizer, clip = OPTIMIZERS[k % 3], (None, 0.05)[k % 2]
        settings = {"epochs": sizes.trained, "dtype": "float64", "optimizer": optimizer, "clip": clip}
        pair = [
            train(TASKS[name], size, (0.0, 0.9), (0, 1), device=place, workers=1, **settings)
            for place in ("cpu", device)
        ]
        apart = max(
            max(difference(one.loss, other.loss), difference(one.end.W, other.end.W))
            for one, other in zip(*pair, strict=True)
        )
        table.agreement(
            f"{name}, {optimizer}, clip {clip}, N = {size}, {sizes.trained} epochs of 4 networks", apart, 1e-6
        )
        here, there = (measure(TASKS[name], pair[0][0], 32, place) for place in ("cpu", device))
        apart = difference(here.truncation_loss, there.truncation_loss)
        table.agreement(f"{name}: loss over the rank of dW", apart, SINGLE)


def graphs(table: Table, sizes: Sizes, device: str) -> None:
    """The same update recorded and not, by many networks and by one."""
    task = TASKS["flip-flop"]
    for count in (sizes.networks, 1):
        settings = settings_for(task, sizes.neurons, 0.9, epochs=10**6)
        identities = [Identity(sizes.neurons, 0.9, seed) for seed in range(count)]
        group = TrainingGroup(task, identities, settings, device)
        trials = group.batches(0)
        update = group.update

        def plain(update=update, trials=trials) -> None:
            update.dynamics.load(*trials)
            update._once()

        recorded = seconds(lambda update=update, trials=trials: update(trials), device, sizes.repeats)
        alone = seconds(plain, device, 5)
        aim = f", aim {AIMS[count, sizes.neurons]} ms" if (count, sizes.neurons) in AIMS else ""
        what = f"an epoch of flip-flop, {count} networks of N = {sizes.neurons}{aim}"
        table.times(what, without=alone, recorded=recorded)
    if device != "cpu":
        used = torch.cuda.max_memory_allocated(device) / sizes.networks / 1e6
        counted = network_bytes(task, sizes.neurons, settings) / 1e6
        print(f"memory a network: {used:.1f} MB at the peak, {counted:.1f} MB counted", flush=True)


def whole_epochs(table: Table, sizes: Sizes, device: str) -> None:
    """Epochs with all that belongs to them, from two lengths of a training."""
    taken = [
        seconds(
            lambda e=epochs: train(
                TASKS["flip-flop"], sizes.neurons, (0.9,), range(sizes.networks), device=device, epochs=e
            ),
            device,
            1,
        )
        for epochs in (BLOCK, 3 * BLOCK)
    ]
    table.times("an epoch of the same within a training", whole=(taken[1] - taken[0]) / (2 * BLOCK))


def unrolled(table: Table, sizes: Sizes, device: str) -> None:
    """Seconds an epoch from two lengths of a run, so that set-up and outliers are left out."""

    def epoch(place: str, count: int = 1) -> float:
        times = [
            seconds(lambda e=e: runs("unrolled", sizes.unrolled, e, Options(device=place), count), place, 1)
            for e in (4, 14)
        ]
        return max(times[1] - times[0], 1e-9) / 10 / count

    table.times(
        f"an epoch of unrolled, N = {sizes.unrolled}, one run; 8 as one",
        core=epoch("cpu"),
        there=epoch(device),
    )
    table.times("the same, 8 runs as one, for each", together=epoch(device, 8))
    with mock.patch.object(readouts_module.Recorded, "__call__", lambda self, W: self._function(W)):
        table.times("the same, one run, without a graph", without=epoch(device))


def outliers(table: Table, sizes: Sizes, device: str) -> None:
    (run,) = runs("reduced", sizes.outliers, 200, Options(tolerance=1e-8))
    W0 = sample_task(sizes.outliers, 0.6, 0, 2.0, 0.001, 1).instance.W0
    W, edge = torch.as_tensor(run.connectivity(W0)), outlier_edge(W0)
    there = W.to(device)
    found = [outliers_of_matrix(each, edge) for each in (W, there)]
    table.agreement(f"outliers of a full W, N = {sizes.outliers}", difference(*found), EXACT)
    table.times(
        "their time",
        core=seconds(lambda: outliers_of_matrix(W, edge), "cpu", 1),
        there=seconds(lambda: outliers_of_matrix(there, edge), device, 2),
    )


def matrix_free(table: Table, sizes: Sizes, device: str) -> None:
    taken = [
        seconds(
            lambda p=place: runs("reduced", sizes.free, 100, Options(device=p, matrix_free=True)), place, 1
        )
        for place in ("cpu", device)
    ]
    table.times(f"a run without a factorisation, N = {sizes.free}", core=taken[0], there=taken[1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--tiny", action="store_true", help="sizes that take seconds on a processor")
    asked = parser.parse_args()
    try:
        check_device(asked.device)
    except UsageProblem as refused:
        parser.exit(2, f"device.py: {refused}\n")
    torch.set_num_threads(1)
    name = "the processor" if asked.device == "cpu" else torch.cuda.get_device_name(asked.device)
    print(f"{name} against one core, torch {torch.__version__}")
    table, sizes, begin = Table(), TINY if asked.tiny else FULL, time.perf_counter()
    for part in (simulators_agree, training_agrees, graphs, whole_epochs, unrolled, outliers, matrix_free):
        part(table, sizes, asked.device)
    print(f"{table.wrong} disagreements; {time.perf_counter() - begin:.0f} s in all")
    return int(table.wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
