"""Singular values, singular vectors and Frobenius norm of W - W0 as series in the clock s (THEORY 4).

W - W0 = a-chain C b-chain^T has the singular values sqrt eig(C^T Ga C Gb), and s_r = O(s^(2r-1)): a
hierarchy in which each is a power series of its own. With equal Gram matrices and symmetric C
(N -> infinity, unless one of m and w alone learns) they are the eigenvalues of A = C G (none is
negative: C is the integral of p p^T over s), and an eigenvector v gives the singular vectors
sum_i v_i a_i and sum_j v_j b_j. The eigenvector of the leading one is (1, v_1, v_2, ...) with
v_i = O(s^i); order by order

    lambda = sum_j A_0j v_j,      lambda v_i = sum_j A_ij v_j,

and the similarity transformation by that vector leaves the same problem, one row and column
smaller, for the remaining ones: A_ij <- A_ij - v_i A_0j. Its eigenvectors are those of A up to
multiples of the earlier ones, which orthogonality, u^T G v = 0, fixes. Leading coefficients:

    s_r ~ [det C_r det G_r]/[det C_(r-1) det G_(r-1)],    leading r x r blocks, C_ij ~ s^(i+j+1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from derive.flow.chain import ChainInClock, Matrix
from derive.series.rational import as_rational

Series = list[Any]


@dataclass(frozen=True)
class Eigenpair:
    """An eigenvalue of A through s^order, and v_0, v_1, ... through ``known``, v_index = 1."""

    value: Series
    vector: list[Series]
    index: int
    known: int

    def of_quotients(self) -> Eigenpair:
        """The same on scalars that divide by one another, from polynomials."""
        value, vector = [as_rational(x) for x in self.value], [list(map(as_rational, v)) for v in self.vector]
        return Eigenpair(value, vector, self.index, self.known)


def squared_norm(chain: ChainInClock, gram_a: Matrix) -> Series:
    """Coefficients in s of |W - W0|_F^2 through s^(order+1).

    d|W - W0|^2/ds = 2 a^T (W - W0) b = 2 p^T Ga C Gb q, and S C Gb q = q - e_0 - S kappa.
    """
    order = len(chain.C) - 1
    zero = gram_a[0][0] * 0
    left = _projected(chain.p, gram_a, zero)
    moved = [row[1:] for row in chain.q]
    for n, drift in enumerate(chain.kappa):
        moved[n] = [x - drift[i] if i < len(drift) else x for i, x in enumerate(moved[n])]
    result = [zero]
    for n in range(order + 1):
        rate = zero
        for m in range(n):
            for x, y in zip(left[m], moved[n - m], strict=False):
                if y != 0:
                    rate = rate + x * y
        result.append(rate * 2 / (n + 1))
    return result


def _projected(direction: Sequence[Sequence[Any]], gram: Matrix, zero: Any) -> list[list[Any]]:
    """Coefficients in s of G p, those that lower orders can meet."""
    order = len(direction) - 1
    return [
        [sum((gram[j][k] * x for k, x in enumerate(p_n) if x != 0), zero) for j in range(order - n)]
        for n, p_n in enumerate(direction)
    ]


def square_root(squared: Sequence[Any]) -> Series:
    """Coefficients in s of the square root of s^2 (1 + O(s)), one order fewer than given."""
    body = squared[2:]
    root = [body[0]]  # equal to 1 here, so the root needs no division but by 2
    for n in range(1, len(body)):
        cross = sum((root[i] * root[n - i] for i in range(1, n)), body[0] * 0)
        root.append((body[n] - cross) / 2)
    return [body[0] * 0, *root]


def singular_values(chain: ChainInClock, gram: Matrix, count: int) -> list[Series]:
    """Coefficients in s of the leading ``count`` eigenvalues of C G, each through s^order.

    For equal Gram matrices and symmetric C. Scalars must also divide by one another. The r-th
    series, r = 1, 2, ..., starts at s^(2r-1) or vanishes.
    """
    return [pair.value for pair in eigenpairs(chain, gram, count)]


def singular_vectors(pairs_of_product: Sequence[Eigenpair], gram: Matrix) -> list[Eigenpair]:
    """From `eigenpairs` the leading ones that do not vanish; the r-th has v_(r-1) = 1 (THEORY 4).

    The r-th vector is known through s^(order+1-2r).
    """
    pairs: list[Eigenpair] = []
    zero = gram[0][0] * 0
    for pair in pairs_of_product:
        if not pair.vector:
            break
        size, known = len(gram), pair.known
        vector = [[zero] * (known + 1)] * pair.index + pair.vector
        for earlier in pairs:
            above = inner(earlier.vector, vector, gram, known)
            below = inner(earlier.vector, earlier.vector, gram, known)
            multiple = _quotient(above, below)
            vector = [
                [x - y for x, y in zip(vector[i], _times(multiple, earlier.vector[i]), strict=True)]
                for i in range(size)
            ]
        scale = vector[pair.index]
        vector = [_quotient(values, scale) for values in vector]
        pairs.append(Eigenpair(pair.value, vector, pair.index, known))
    return pairs


def inner(left: Sequence[Series], right: Sequence[Series], gram: Matrix, order: int) -> Series:
    """Coefficients of left^T G right through s^order."""
    zero = gram[0][0] * 0
    result = [zero] * (order + 1)
    for j, column in enumerate(right):
        for i, row in enumerate(left):
            if gram[i][j] != 0:
                for n, x in enumerate(_times(column[: order + 1], row)):
                    result[n] = result[n] + x * gram[i][j]
    return result


def singular_value_series(
    chain: ChainInClock, gram_a: Matrix, gram_b: Matrix, count: int, root: Callable[[Any], Any]
) -> list[Series]:
    """Coefficients in s of the leading singular values for any Gram matrices and any C.

    From the eigenvalues of C^T Ga C Gb, O(s^(4r-2)); ``root`` takes the square root of a scalar.
    A chain through s^K gives s_r through s^(K+2-2r) (entries above it are dropped).
    """
    order = len(chain.C) - 1
    zero = gram_a[0][0] * 0
    transposed = ChainInClock(tuple({(j, i): x for (i, j), x in terms.items()} for terms in chain.C), (), ())
    left = _product(transposed, gram_a, order, zero)
    right = _product(chain, gram_b, order, zero)
    A = [
        [
            _sum([_shifted_product(left[i][k], right[k][j], order + 1, zero) for k in range(order)])
            for j in range(order)
        ]
        for i in range(order)
    ]
    values: list[Series] = []
    for r in range(count):
        lead, known = 4 * r + 2, order - 2 * r
        if lead > order + 1 or A[0][0][lead] == 0:
            values.append([zero] * (max(known, 0) + 1))
            continue
        square, vector = _leading_eigenpair(A, order + 1, lead, zero)
        scale = root(square[lead])
        normalised = [zero, zero, *(x / square[lead] for x in square[lead:])]
        values.append([zero] * (2 * r) + [x * scale for x in square_root(normalised)])
        if r + 1 < count:
            A = _deflated(A, vector, order + 1, zero)
    return values


def eigenpairs(chain: ChainInClock, gram: Matrix, count: int) -> list[Eigenpair]:
    """Eigenpairs of C G for equal Gram matrices and symmetric C.

    Vectors in the coordinates from ``index`` on, none where lambda vanishes.
    """
    order = len(chain.C) - 1
    zero = gram[0][0] * 0
    A = _product(chain, gram, order, zero, order + count - 1)
    pairs: list[Eigenpair] = []
    for r in range(count):
        lead = 2 * r + 1
        if lead > order or A[0][0][lead] == 0:
            pairs.append(Eigenpair([zero] * (order + 1), [], r, 0))
            continue
        value, vector = _leading_eigenpair(A, order, lead, zero)
        pairs.append(Eigenpair(value, vector, r, order - lead))
        if r + 1 < count:
            A = _deflated(A, vector, order, zero, order + count - 2 - r)
    return pairs


def _times(left: Series, right: Sequence[Any]) -> Series:
    """The product of two series, through the order of the first."""
    zero = left[0] * 0
    result = [zero] * len(left)
    for i, x in enumerate(left):
        if x != 0:
            for j, y in enumerate(right[: len(left) - i]):
                if y != 0:
                    result[i + j] = result[i + j] + x * y
    return result


def _quotient(above: Series, below: Series) -> Series:
    """The quotient of two series; the second has a constant term."""
    result: Series = []
    for n, x in enumerate(above):
        for i, y in enumerate(result):
            if below[n - i] != 0:
                x = x - y * below[n - i]
        result.append(x / below[0])
    return result


def _shifted_product(left: Series, right: Series, order: int, zero: Any) -> Series:
    """The product of two series through s^order, one more than either is known to."""
    return _times([*left, zero][: order + 1], [*right, zero])


def _sum(series: Sequence[Series]) -> Series:
    return [sum(column[1:], start=column[0]) for column in zip(*series, strict=True)]


def _product(
    chain: ChainInClock, gram: Matrix, order: int, zero: Any, most: int | None = None
) -> list[list[Series]]:
    """A = C G as a matrix of series in s; row i is O(s^(i+1)).

    Its column j through s^(most-j) where ``most`` is given.
    """
    A = [[[zero] * (order + 1) for _ in range(order)] for _ in range(order)]
    for n, terms in enumerate(chain.C):
        for (i, k), value in terms.items():
            for j in range(order if most is None else min(order, most - n + 1)):
                if gram[k][j] != 0:
                    A[i][j][n] = A[i][j][n] + value * gram[k][j]
    return A


def _leading_eigenpair(
    A: list[list[Series]], order: int, lead: int, zero: Any
) -> tuple[Series, list[Series]]:
    """Eigenvalue (from s^lead) and eigenvector (1, v_1, ...), v_i = O(s^i), through s^order."""
    size = len(A)
    known = order - lead  # the vector's order that A's order supports
    vector = [[zero] * (known + 1) for _ in range(size)]
    vector[0][0] = zero + 1
    eigenvalue = [zero] * (order + 1)
    head = A[0][0][lead]
    for n in range(known + 1):
        for i in range(1, min(n, size - 1) + 1):
            total = _row_times(A[i], vector, n + lead, zero)
            for power in range(lead + 1, n + lead + 1 - i):
                if eigenvalue[power] != 0:
                    total = total - eigenvalue[power] * vector[i][n + lead - power]
            vector[i][n] = total / head
        eigenvalue[n + lead] = _row_times(A[0], vector, n + lead, zero)
    return eigenvalue, vector


def _row_times(row: list[Series], vector: list[Series], n: int, zero: Any) -> Any:
    """Coefficient of s^n in sum_j row_j vector_j."""
    total = zero
    for j, entry in enumerate(row):
        for power in range(j, min(n, len(vector[j]) - 1) + 1):
            if vector[j][power] != 0 and entry[n - power] != 0:
                total = total + entry[n - power] * vector[j][power]
    return total


def _deflated(
    A: list[list[Series]], vector: list[Series], order: int, zero: Any, most: int | None = None
) -> list[list[Series]]:
    """The matrix of the remaining eigenvalues: A_ij - v_i A_0j for i, j >= 1.

    Its column j through s^(most-j) where ``most`` is given.
    """
    size = len(A)
    deflated = []
    for i in range(1, size):
        row = []
        for j in range(1, size):
            entry = list(A[i][j])
            end = order if most is None else min(order, most - j + 1)
            for power, v in enumerate(vector[i]):
                if v != 0:
                    for n in range(power, end + 1):
                        if A[0][j][n - power] != 0:
                            entry[n] = entry[n] - v * A[0][j][n - power]
            row.append(entry)
        deflated.append(row)
    return deflated
