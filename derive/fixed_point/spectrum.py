"""Singular values and Frobenius norm of W - W0 as series in the clock s (THEORY 4).

With equal Gram matrices the singular values of a-chain C b-chain^T are the eigenvalues of A = C G
(none is negative: C is the integral of p p^T over s), and s_r = O(s^(2r-1)): a hierarchy in which
each is a power series of its own. The eigenvector of the leading one is (1, v_1, v_2, ...) with
v_i = O(s^i); order by order

    lambda = sum_j A_0j v_j,      lambda v_i = sum_j A_ij v_j,

and the similarity transformation by that vector leaves the same problem, one row and column
smaller, for the remaining ones: A_ij <- A_ij - v_i A_0j.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from derive.fixed_point.chain import ChainInClock, Matrix

Series = list[Any]


def squared_norm(chain: ChainInClock, gram: Matrix) -> Series:
    """Coefficients in s of |W - W0|_F^2 for equal Gram matrices, through s^(order+1).

    d|W - W0|^2/ds = 2 a^T (W - W0) b = 2 p^T G C G p.
    """
    order = len(chain.C) - 1
    zero = gram[0][0] * 0
    projected = [
        [sum((gram[j][k] * x for k, x in enumerate(p_n) if x != 0), zero) for j in range(order - n)]
        for n, p_n in enumerate(chain.p)
    ]
    result = [zero]
    for n in range(order + 1):
        rate = zero
        for power in range(1, n + 1):
            for (i, j), value in chain.C[power].items():
                pair = zero
                for left in range(n - power + 1):
                    pair = pair + projected[left][i] * projected[n - power - left][j]
                rate = rate + value * pair
        result.append(rate * 2 / (n + 1))
    return result


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

    Scalars must also divide by one another. The r-th series, r = 1, 2, ..., starts at s^(2r-1) or
    vanishes.
    """
    order = len(chain.C) - 1
    zero = gram[0][0] * 0
    A = _product(chain, gram, order, zero)
    values: list[Series] = []
    for r in range(count):
        lead = 2 * r + 1
        if lead > order or A[0][0][lead] == 0:
            values.append([zero] * (order + 1))
            continue
        eigenvalue, vector = _leading_eigenpair(A, order, lead, zero)
        values.append(eigenvalue)
        if r + 1 < count:
            A = _deflated(A, vector, order, zero)
    return values


def _product(chain: ChainInClock, gram: Matrix, order: int, zero: Any) -> list[list[Series]]:
    """A = C G as a matrix of series in s; row i is O(s^(i+1))."""
    A = [[[zero] * (order + 1) for _ in range(order)] for _ in range(order)]
    for n, terms in enumerate(chain.C):
        for (i, k), value in terms.items():
            for j in range(order):
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


def _deflated(A: list[list[Series]], vector: list[Series], order: int, zero: Any) -> list[list[Series]]:
    """The matrix of the remaining eigenvalues: A_ij - v_i A_0j for i, j >= 1."""
    size = len(A)
    deflated = []
    for i in range(1, size):
        row = []
        for j in range(1, size):
            entry = list(A[i][j])
            for power, v in enumerate(vector[i]):
                if v != 0:
                    for n in range(power, order + 1):
                        if A[0][j][n - power] != 0:
                            entry[n] = entry[n] - v * A[0][j][n - power]
            row.append(entry)
        deflated.append(row)
    return deflated
