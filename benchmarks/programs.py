"""A series' program run by its machine against the same function printed as Python and compiled.

python benchmarks/programs.py
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import derive
from derive.write.code.python import function_source


def seconds(call: Callable[[], Any], repeats: int) -> float:
    """Time of one call, the least of five runs of ``repeats``."""
    runs = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(repeats):
            call()
        runs.append((time.perf_counter() - start) / repeats)
    return min(runs)


def main() -> None:
    print("order  argument        machine   compiled   ratio")
    for order in (5, 20):
        program = derive.expand(derive.FixedPointTask(), order).readout.program("f")
        namespace: dict[str, Any] = {}
        exec(function_source(program), namespace)
        compiled = namespace["f"]
        many = np.linspace(0, 0.05, 10**5)
        for name, tau, repeats in (("a number", 0.05, 2000), ("10^5 numbers", many, 10)):
            pairs = [
                [seconds(lambda f=f, tau=tau: f(tau, 1.2, 0.6), repeats) for f in (program, compiled)]
                for _ in range(3)
            ]
            machine, plain = (statistics.median(column) for column in zip(*pairs, strict=True))
            print(
                f"{order:>5}  {name:<13} {machine * 1e6:8.1f}us {plain * 1e6:8.1f}us {machine / plain:6.2f}x"
            )


if __name__ == "__main__":
    main()
