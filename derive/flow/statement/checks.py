"""What a flow's numbers must satisfy: resolvents outside the disc, overlaps that vectors can have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from derive.flow.statement.form import Form, letters_in
from derive.flow.statement.scalar import (
    Imaginary,
    Overlap,
    Parameter,
    Scalar,
    ScalarCall,
    ScalarNumber,
    ScalarPower,
    ScalarProduct,
    ScalarSum,
    parts,
)
from derive.flow.statement.tokens import FlowProblem

Complex = tuple[Fraction, Fraction]


def is_polynomial(scalar: Scalar) -> bool:
    """Whether this node may stand in a polynomial of real parameters."""
    if isinstance(scalar, ScalarCall | Imaginary | Overlap):
        return False
    return not isinstance(scalar, ScalarPower) or (scalar.exponent.denominator == 1 and scalar.exponent > 0)


class _Irrational(Exception):
    """An expression that is no rational number."""


def exact_value(scalar: Scalar, values: Mapping[str, Fraction]) -> Complex | None:
    """Real and imaginary part of an expression in parameters; None where it is no rational number."""
    try:
        return _exact(scalar, values)
    except _Irrational:
        return None


def _exact(scalar: Scalar, values: Mapping[str, Fraction]) -> Complex:
    if isinstance(scalar, ScalarNumber):
        return scalar.value, Fraction(0)
    if isinstance(scalar, Imaginary):
        return Fraction(0), Fraction(1)
    if isinstance(scalar, Parameter):
        return values[scalar.name], Fraction(0)
    found = [_exact(part, values) for part in parts(scalar)]
    if isinstance(scalar, ScalarSum):
        return sum((re for re, _ in found), Fraction(0)), sum((im for _, im in found), Fraction(0))
    if isinstance(scalar, ScalarProduct):
        return _product(found)
    if not isinstance(scalar, ScalarPower) or scalar.exponent.denominator != 1 or abs(scalar.exponent) > 100:
        raise _Irrational
    re, im = _product(found * abs(int(scalar.exponent)))
    if scalar.exponent > 0:
        return re, im
    square = re * re + im * im
    if square == 0:
        raise _Irrational
    return re / square, -im / square


def _product(factors: Sequence[Complex]) -> Complex:
    re, im = Fraction(1), Fraction(0)
    for x, y in factors:
        re, im = re * x - im * y, re * y + im * x
    return re, im


def check_points(parts: Mapping[str, Form], values: Mapping[str, Fraction], g: Fraction | None) -> None:
    """Refuse resolvents R(c) with |c| <= g at the numbers of the flow; g = 0 where none is given."""
    radius = g or Fraction(0)
    for where, form in parts.items():
        for letter in letters_in(form):
            if letter.point is None:
                continue
            value = exact_value(letter.point, values)
            if value is not None and value[0] ** 2 + value[1] ** 2 <= radius**2:
                shown = " + ".join(
                    [str(value[0])] * (not value[1] or bool(value[0])) + [f"{value[1]} I"] * bool(value[1])
                )
                raise FlowProblem(
                    f"{where}: the resolvent R({shown}): its point lies inside the disc |c| <= g = {radius} "
                    f"that "
                    "the eigenvalues of W0 fill: allowed are points outside"
                )


def check_overlaps(
    vectors: Sequence[str],
    overlaps: Mapping[tuple[str, str], Scalar],
    values: Mapping[str, Fraction],
    places: Mapping[str, str],
) -> None:
    """Refuse overlaps that no vectors have: their matrix must be positive semidefinite at the numbers.

    ``places`` says where each pair, "f.w", stands; of these the first that cannot be beside those before it.
    """
    matrix = [[Fraction(int(a == b)) for b in vectors] for a in vectors]
    shown: list[str] = []
    wrong: list[str] = []
    for pair, where in places.items():
        a, b = (name.strip() for name in pair.split("."))
        value = exact_value(overlaps[a, b], values)
        assert value is not None
        i, j = vectors.index(a), vectors.index(b)
        matrix[i][j] = matrix[j][i] = value[0]
        shown.append(f"{a}.{b} = {value[0]}")
        if not _semidefinite(matrix):
            wrong.append(where)
    if wrong and not _semidefinite(matrix):
        raise FlowProblem(
            f"{wrong[0]}: no vectors have {', '.join(shown)}: the matrix of overlaps (1 for a vector with "
            "itself, 0 where none is given) is not positive semidefinite"
        )


def _semidefinite(matrix: list[list[Fraction]]) -> bool:
    """By elimination on the largest diagonal entry, exactly."""
    rest = [row[:] for row in matrix]
    while rest:
        size = len(rest)
        k = max(range(size), key=lambda i: rest[i][i])
        pivot = rest[k][k]
        if pivot <= 0:
            return pivot == 0 and not any(any(row) for row in rest)
        keep = [i for i in range(size) if i != k]
        rest = [[rest[i][j] - rest[i][k] * rest[k][j] / pivot for j in keep] for i in keep]
    return True
