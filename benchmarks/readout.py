"""The exact readout at orders 20, 40, 60, in units of ``python -c "import sympy"``.

Each repetition measures both side by side; printed are medians of times and of ratios, and the
exponent of the growth between orders. Published gates: order 40 in at most 15x, order 60 in at
most 100x.

    python benchmarks/readout.py [--orders 20,40,60] [--repeats 5]
"""

from __future__ import annotations

import argparse
import math
import statistics
import subprocess
import sys
import time

from derive import FixedPointTask, expand


def seconds_of_import() -> float:
    """Wall time of a fresh interpreter that imports sympy."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import sympy"], check=True)
    return time.perf_counter() - start


def seconds_of_readout(order: int) -> float:
    """Wall time of the exact readout series; nothing is kept from an earlier run."""
    start = time.perf_counter()
    _ = expand(FixedPointTask(), order).readout
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--orders", default="20,40,60")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    seconds_of_import(), seconds_of_readout(4)
    print("order    readout   import sympy   ratio   growth exponent")
    previous: tuple[int, float] | None = None
    for order in (int(text) for text in arguments.orders.split(",")):
        pairs = [(seconds_of_readout(order), seconds_of_import()) for _ in range(arguments.repeats)]
        readout, imported = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratio = statistics.median(a / b for a, b in pairs)
        exponent = ""
        if previous:
            exponent = f"{math.log(readout / previous[1]) / math.log(order / previous[0]):.1f}"
        print(f"{order:5d} {readout:9.4f}s {imported:13.3f}s {ratio:6.2f}x   {exponent}", flush=True)
        previous = order, readout


if __name__ == "__main__":
    main()
