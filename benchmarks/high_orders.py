"""High orders: the whole of `derive --order K --no-write` against `import sympy`, and how each part grows.

Both run in processes of their own, one after the other in each repetition; printed are medians of processor
time, the median ratio and the largest memory of the command. Below, the time of every part in this process
and the exponent of its growth from the order before, log(t2/t1)/log(K2/K1).

    python benchmarks/high_orders.py [--orders 20,30,40] [--repeats 3]
"""

from __future__ import annotations

import argparse
import math
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

from process import side_by_side

PARTS: dict[str, Callable[[Any], Any]] = {
    "readout": lambda e: e.readout,
    "loss": lambda e: e.loss,
    "gradient norm": lambda e: e.gradient_norm,
    "sharpness": lambda e: e.sharpness,
    "Frobenius norm": lambda e: e.frobenius_norm,
    "variance of the readout": lambda e: e.fluctuations.readout_variance,
    "singular values": lambda e: e.singular_values,
    "singular vectors, after them": lambda e: e.singular_vectors,
    "W - W0": lambda e: e.W,
    "A at g = 0": lambda e: e.a_matrix,
    "eigenvalues at g = 0": lambda e: e.eigenvalues_g0,
    "outlier equation": lambda e: e.outlier_equation,
    "time to learn": lambda e: e.learning_end.time,
    "weight change": lambda e: e.learning_end.weight_change,
    "mean gradient": lambda e: e.learning_end.mean_gradient_norm,
    "loss after shuffling": lambda e: e.learning_end.shuffled_loss,
}


def parts(order: int) -> dict[str, float]:
    """Seconds of every part, in an expansion of its own."""
    from derive import FixedPointTask, expand

    expansion, found = expand(FixedPointTask(), order), {}
    for name, derived in PARTS.items():
        start = time.process_time()
        derived(expansion)
        found[name] = time.process_time() - start
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--orders", default="20,30,40")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    orders = [int(k) for k in arguments.orders.split(",")]
    print("order   command   sympy     ratio   memory")
    for order in orders:
        rows = side_by_side(order, arguments.repeats)
        ours, theirs = (statistics.median(run.processor for run in runs) for runs in zip(*rows, strict=True))
        ratio = statistics.median(a.processor / b.processor for a, b in rows)
        memory = max(a.memory for a, _ in rows)
        print(f"{order:5d} {ours:8.2f}s {theirs:6.2f}s {ratio:8.1f}x {memory:6.0f} MB", flush=True)
    ladder = sorted({max(5, orders[0] // 2), *orders})
    times = {order: parts(order) for order in ladder}
    print("\n" + "part".ljust(30) + "".join(f"{f'order {k}':>12s}{'growth':>8s}" for k in ladder))
    for name in PARTS:
        line, before = name.ljust(30), None
        for order in ladder:
            now = times[order][name]
            growth = ""
            if before is not None and before[1] > 0.002:
                growth = f"{math.log(now / before[1]) / math.log(order / before[0]):.1f}"
            line += f"{now:11.3f}s{growth:>8s}"
            before = order, now
        print(line)
    print(f"memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
