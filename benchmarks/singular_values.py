"""All singular values of W - W0 as series: the hierarchy in flint against the same in sympy.

Both run `derive.flow.spectrum.singular_values` on the chain through s^K and ask for all
(K + 1)/2 singular values; the baseline's scalars are sympy expressions in beta brought to lowest
terms (`sympy.cancel`) after every operation. The results are compared at beta = 3/2. The chain itself
and the change from s to tau are in neither time.

    python benchmarks/singular_values.py [--orders 3,5,7]
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import sympy
from flint import fmpq, fmpq_poly
from sympy_scalars import SympyScalar

from derive import beta, chain_moment
from derive.flow.chain import ChainInClock, chain_in_clock
from derive.flow.spectrum import singular_values
from derive.series.rational import Rational
from derive.words.moments import scaled_chain_moment


def reduced(value: Any) -> SympyScalar:
    return SympyScalar(value, sympy.cancel)


def gram(moments: list[Any], zero: Any, size: int) -> list[list[Any]]:
    indices = range(size)
    return [[moments[(i + j) // 2] if (i + j) % 2 == 0 else zero for j in indices] for i in indices]


def problem(order: int, wrap: Any, moments: list[Any], zero: Any) -> tuple[ChainInClock, list[list[Any]]]:
    """The chain through s^order and its Gram matrix, in scalars of the given kind."""
    plain = gram(moments, zero, order)
    chain = chain_in_clock(plain, plain, order)
    C = tuple({key: wrap(value) for key, value in terms.items()} for terms in chain.C)
    return ChainInClock(C, (), ()), [[wrap(value) for value in row] for row in plain]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--orders", default="3,5,7")
    arguments = parser.parse_args()
    print("order  singular values     flint      sympy    ratio")
    for order in (int(text) for text in arguments.orders.split(",")):
        count = (order + 1) // 2
        numbers = range(1, order + 1)
        fast = problem(order, Rational, [scaled_chain_moment(n) for n in numbers], fmpq_poly([0]))
        slow = problem(order, reduced, [reduced(chain_moment(n)) for n in numbers], reduced(0))
        start = time.perf_counter()
        ours = singular_values(*fast, count)
        middle = time.perf_counter()
        theirs = singular_values(*slow, count)
        end = time.perf_counter()
        compare(ours, theirs)
        ratio = (end - middle) / (middle - start)
        print(f"{order:5d} {count:16d} {middle - start:8.4f}s {end - middle:9.2f}s {ratio:7.0f}x", flush=True)


def compare(ours: list[list[Rational]], theirs: list[list[Any]]) -> None:
    """Squares are compared, in which all powers of beta are whole."""
    value, square = sympy.Rational(3, 2), fmpq(1, 3)
    for left, right in zip(ours, theirs, strict=True):
        for n, (x, y) in enumerate(zip(left, right, strict=True)):
            scaled = x.numerator(square) / x.denominator(square)
            expected = sympy.sympify(y.value).subs(beta, value) ** 2
            # in the scaled variables of derive.flow.large_n, s_r = sum F_n beta^((5n-3)/2) s^n
            if sympy.Rational(int(scaled.p), int(scaled.q)) ** 2 * value ** (5 * n - 3) != expected:
                raise SystemExit(f"the two differ at s^{n}")


if __name__ == "__main__":
    main()
