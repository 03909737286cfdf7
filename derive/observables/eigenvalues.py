"""Eigenvalues of W - W0 at g = 0, W alone learning: those of A (paper's Eq. 9 and 10, THEORY 4).

    lambda = A11 +- sqrt(A12 A21),   A11 = A22,

A12 = O(tau) and A21 = O(tau^3) have the leading coefficients zhat and zhat^3/3, so that the root is
zhat^2 tau^2/sqrt(3) times a power series with rational coefficients: lambda = mean +- split/sqrt(3).
"""

from __future__ import annotations

from flint import fmpq_poly

from derive.flow.spectrum import square_root
from derive.series.coefficient import Coefficient
from derive.series.series import Series


def eigenvalues_of(
    a_matrix: tuple[tuple[Series, Series], tuple[Series, Series]], order: int
) -> tuple[Series, Series]:
    """Mean and split through tau^order, from A through tau^(max(order, 2) + 1) at least."""
    (a11, a12), (a21, _) = a_matrix
    zero = fmpq_poly([0])
    first = _in_zhat_squared(a12)[1:]
    second = [3 * x // fmpq_poly([0, 1]) for x in _in_zhat_squared(a21)[3:]]
    product = [sum((first[i] * second[n - i] for i in range(n + 1)), start=zero) for n in range(len(second))]
    root = square_root([zero, zero, *product])  # from tau^1; the split is from tau^2
    split = tuple(_from_zhat_squared(x) for x in [zero, *root][: order + 1])
    return (
        Series("mean", 2, 0, a11.scaled[: order + 1], at_g0=True),
        Series("split", 2, 0, split, at_g0=True),
    )


def _in_zhat_squared(series: Series) -> list[fmpq_poly]:
    """Coefficients of a series at g = 0 as polynomials in zhat^2."""
    return [fmpq_poly([p[0] for p in c.numerators]) for c in series.scaled]


def _from_zhat_squared(polynomial: fmpq_poly) -> Coefficient:
    return Coefficient(tuple(fmpq_poly([c]) if c != 0 else fmpq_poly([0]) for c in polynomial.coeffs()))
