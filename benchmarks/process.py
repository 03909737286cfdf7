"""The whole process ``derive --order K --no-write`` against ``python -c "import sympy"``.

Alternates the two, with bytecode on disk for both, and prints the medians of processor time and of the ratios
of processor time and of wall time; the gate at order 5 is 1x.

    python benchmarks/process.py [--orders 5,20] [--repeats 9]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

SYMPY = (sys.executable, "-c", "import sympy")


@dataclass(frozen=True)
class Run:
    """Seconds by the clock and of the processor, and the most megabytes held, of one process."""

    wall: float
    processor: float
    memory: float


def expansion(order: int) -> tuple[str, ...]:
    """The command that prints an expansion."""
    main = "from derive.cli import main; main()"
    return sys.executable, "-c", main, "--order", str(order), "--no-write", "--yes"


def measured(command: tuple[str, ...]) -> Run:
    """One run of a command."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command}: exit status {process.returncode}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def side_by_side(order: int, repeats: int) -> list[tuple[Run, Run]]:
    """The command and the import of sympy, alternating, after one of each that is not counted."""
    measured(expansion(5)), measured(SYMPY)
    return [(measured(expansion(order)), measured(SYMPY)) for _ in range(repeats)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--orders", default="5,20")
    parser.add_argument("--repeats", type=int, default=9)
    arguments = parser.parse_args()
    print("order    derive   import sympy   ratio   least .. most    by the clock")
    for order in map(int, arguments.orders.split(",")):
        pairs = side_by_side(order, arguments.repeats)
        ratios = sorted(a.processor / b.processor for a, b in pairs)
        derive, imported = (
            statistics.median(run.processor for run in runs) for runs in zip(*pairs, strict=True)
        )
        clock = statistics.median(a.wall / b.wall for a, b in pairs)
        print(
            f"{order:>5} {derive:8.3f}s {imported:13.3f}s {statistics.median(ratios):6.2f}x   "
            f"{ratios[0]:.2f} .. {ratios[-1]:.2f} {clock:13.2f}x",
            flush=True,
        )


if __name__ == "__main__":
    main()
