"""The chain recursion in flint polynomials against the same recursion in plain sympy expressions.

All derive z and every chain coordinate C_ij of W - W0 as series in tau through order K, with
coefficients in zhat and beta, and their results are compared. The baseline is the recursion as
THEORY 2 states it, in sympy expressions expanded after every operation; the last columns run the
engine's own recursion, which expands in the clock s first, on such expressions.

    python benchmarks/chain.py [--orders 5,10,14]
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import sympy
from sympy_scalars import SympyScalar

from derive import FixedPointTask, chain_moment, chain_series, expand, zhat


def expanded(value: Any) -> SympyScalar:
    return SympyScalar(value, sympy.expand)


def with_sympy(order: int) -> tuple[list[SympyScalar], dict[tuple[int, int], list[SympyScalar]]]:
    """z and C_ij in tau by the recursion as THEORY 2 states it, in sympy expressions.

    q = e_0 + S C G q, dC/dtau = eps q q^T, eps = zhat - sum_j q_j (w.b_j), order by order in tau.
    """
    moments, zero = _moments(order), expanded(0)
    q: list[list[SympyScalar]] = []  # q[n][j]: coefficient of tau^n in q_j
    Gq: list[list[SympyScalar]] = []
    eps: list[SympyScalar] = []
    C: list[dict[tuple[int, int], SympyScalar]] = [{}]
    for n in range(order + 1):
        q_n = [expanded(1 if n == 0 else 0)] + [zero] * n
        for k in range(1, n + 1):
            for (i, j), c in C[k].items():
                q_n[i + 1] = q_n[i + 1] + c * Gq[n - k][j]
        q.append(q_n)
        Gq.append(
            [sum((moments[(j + k) // 2] * x for k, x in enumerate(q_n) if (j + k) % 2 == 0), zero)
             for j in range(order)]
        )  # fmt: skip
        z = sum((x * moments[j // 2] for j, x in enumerate(q_n) if j % 2), zero)
        eps.append((expanded(zhat) if n == 0 else zero) - z)
        if n == order:
            break
        outer: dict[tuple[int, int], SympyScalar] = {}
        for k in range(n + 1):
            for left in range(n - k + 1):
                for i, x in enumerate(q[left]):
                    for j, y in enumerate(q[n - k - left]):
                        if eps[k] != 0 and x != 0 and y != 0:
                            outer[i, j] = outer.get((i, j), zero) + eps[k] * (x * y)
        C.append({key: value / (n + 1) for key, value in outer.items()})
    readout = [-e for e in eps]
    readout[0] = zero
    pairs = [(i, n - i) for n in range(order) for i in range(n + 1)]
    return readout, {pair: [terms.get(pair, zero) for terms in C] for pair in pairs}


def with_sympy_in_clock(order: int) -> tuple[list[SympyScalar], dict[tuple[int, int], list[SympyScalar]]]:
    """The same by the engine's own recursion (in the clock s, then to tau) on sympy expressions."""
    moments, zero = _moments(order), expanded(0)
    size = range(order + 1)
    gram = [[moments[(i + j) // 2] if (i + j) % 2 == 0 else zero for j in size] for i in size]
    overlaps = [moments[j // 2] if j % 2 else zero for j in size]
    series = chain_series(gram, gram, overlaps, expanded(zhat), order)
    return series.readout, series.C


def _moments(order: int) -> list[SympyScalar]:
    return [expanded(chain_moment(n)) for n in range(1, order + 2)]


def with_flint(order: int) -> tuple[Any, Any]:
    """The same through the engine."""
    expansion = expand(FixedPointTask(), order)
    return expansion.readout, expansion.W


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--orders", default="5,10,14")
    orders = [int(text) for text in parser.parse_args().orders.split(",")]
    with_flint(3)
    print("order      flint  sympy, THEORY 2      ratio  sympy, in the clock      ratio")
    for order in orders:
        times = {}
        for name, function, repeats in (
            ("flint", with_flint, 5),
            ("clock", with_sympy_in_clock, 1),
            ("theory", with_sympy, 1),
        ):
            start = time.perf_counter()
            for _ in range(repeats):
                result = function(order)
            times[name] = (time.perf_counter() - start) / repeats
            if name == "flint":
                readout, connectivity = result
            else:
                _compare(result, readout, connectivity, order)
        flint, clock, theory = times["flint"], times["clock"], times["theory"]
        print(
            f"{order:5d} {flint:9.5f}s {theory:15.2f}s {theory / flint:9.0f}x "
            f"{clock:19.2f}s {clock / flint:9.0f}x",
            flush=True,
        )


def _compare(result: Any, readout: Any, connectivity: Any, order: int) -> None:
    """Every coefficient of z, and the last of every C_ij, must be the engine's."""
    z, C = result
    assert all(sympy.expand(value.value - readout[k]) == 0 for k, value in enumerate(z))
    pairs = [(i, n - i) for n in range(order) for i in range(n + 1)]
    for pair, (_, entry) in zip(pairs, connectivity.entries, strict=True):
        assert sympy.expand(C[pair][order].value - entry[order]) == 0


if __name__ == "__main__":
    main()
