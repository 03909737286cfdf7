"""The whole process ``derive --order K --no-write`` against ``python -c "import sympy"``.

Alternates the two and prints the median ratio; the gate at order 5 is 2x.

    python benchmarks/process.py [--orders 5,20] [--repeats 9]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time


def seconds(*command: str) -> float:
    """Wall time of one run of a command."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--orders", default="5,20")
    parser.add_argument("--repeats", type=int, default=9)
    arguments = parser.parse_args()
    entry = "from derive.cli import main; main()"
    print("order    derive   import sympy   ratio   least .. most")
    for order in arguments.orders.split(","):
        pairs = [
            (
                seconds(sys.executable, "-c", entry, "--order", order, "--no-write"),
                seconds(sys.executable, "-c", "import sympy"),
            )
            for _ in range(arguments.repeats)
        ]
        ratios = sorted(a / b for a, b in pairs)
        derive, imported = (statistics.median(column) for column in zip(*pairs, strict=True))
        middle = statistics.median(ratios)
        print(
            f"{order:>5} {derive:8.3f}s {imported:13.3f}s {middle:6.2f}x   "
            f"{ratios[0]:.2f} .. {ratios[-1]:.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
