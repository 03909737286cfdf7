"""The fixed-point task's expansion by the product rule alone: a second route, for tests.

Gradient flow of Schuessler et al. 2020 (arXiv:2006.11036, Eq. 6; THEORY sections 1 and 3), with
R = (I - W)^-1, is

    dW/dtau = (zhat - z) R^T w m^T R^T,      z = w^T R m,      dR/dtau = R (dW/dtau) R.

Here these three lines are differentiated at tau = 0, where R = B = (I - W0)^-1, by Leibniz's rule.
Every derivative of W, and of R past the zeroth, is a sum of outer products of words (a string of
letters B, B' before w or m); whenever a row meets a column the scalar is evaluated at once. The
scalars are those of the limit N -> infinity with w, m independent,

    w^T X m = 0,      w^T X w = m^T X m = phi(X) = lim (1/N) tr X,      g^2 = 1 - 1/beta,

or those of one given network (`instance_readout`). phi is computed for any word by Gaussian
integration by parts,

    phi(B Y) = phi(Y) + g^2 sum over each letter B' in Y = Y1 B' Y2 of phi(B Y1 B') phi(B' Y2).

Why this exists: the package computes the same coefficients with a recursion over a chain of
alternating words, their Gram matrices, and moments from a cubic. Nothing below imports it or knows
which words will appear, so agreement of the two is evidence and not a repetition.

Conventions: W(tau) = sum_k W_k tau^k/k!, but z(tau) = sum_k z_k tau^k (no factorial).

>>> connectivity(1)[1]
{("B' w", "m' B'"): zhat}
>>> readout(3)[1:3]
[beta**2*zhat, -beta**4*zhat/2]
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from math import comb, factorial
from typing import Any

import numpy as np
import sympy
from sympy.polys.rings import ring

zhat, beta = sympy.symbols("zhat beta", positive=True)
_polynomials, _zhat, _beta = ring([zhat, beta], sympy.ZZ)

TRANSPOSE = {"B": "B'", "B'": "B", "w": "w'", "m": "m'"}

Word = tuple[str, ...]  # ("B'", "B", "m") is the column vector B^T B m
Scalar = Any  # polynomial in zhat and beta (limit), or float (instance)
Vector = dict[Word, Scalar]  # sum of coefficient * word
Outer = dict[tuple[Word, Word], Scalar]  # sum of coefficient * left right^T, both column words
Matrix = str | Outer  # a single letter (R at tau = 0), or outer products
Inner = Callable[[Word, Word], Scalar]  # the scalar u^T v of two column words


# Scalars at N -> infinity


def phi(word: tuple[str, ...]) -> sympy.Expr:
    """Return lim (1/N) tr(word) for a word in the letters "B" and "B'", a polynomial in beta.

    >>> phi(("B", "B", "B'", "B'"))
    2*beta**3 - beta**2
    """
    if unknown := set(word) - {"B", "B'"}:
        raise ValueError(f"letters are B and B', not {sorted(unknown)}")
    return _phi(tuple(word)).as_expr()


@cache
def _phi(word: Word) -> Scalar:
    if len(set(word)) < 2:  # the identity, or powers of one letter
        return _polynomials.one
    # A trace may be rotated: let the word start with B and end with B'.
    start = next(i for i in range(len(word)) if (word[i - 1], word[i]) == ("B'", "B"))
    word = word[start:] + word[:start]
    # The split at the last letter repeats phi(word), times g^2 phi(B') = g^2. Moved to the left
    # it leaves (1 - g^2) phi(word) = phi(word) / beta; and beta g^2 = beta - 1.
    total = _beta * _phi(word[1:])
    for i in range(1, len(word) - 1):
        if word[i] == "B'":
            total += (_beta - 1) * _phi(word[: i + 1]) * _phi(word[i:])
    return total


def _limit_inner(u: Word, v: Word) -> Scalar:
    (*x, u_end), (*y, v_end) = u, v
    if u_end != v_end:  # w and m are independent
        return _polynomials.zero
    return _phi((*(TRANSPOSE[letter] for letter in reversed(x)), *y))


# Eq. 6 and its derivatives


def _derivatives(order: int, target: Scalar, inner: Inner) -> tuple[list[Outer], list[Scalar]]:
    """Return the derivatives 0..order of W and of z at tau = 0 (W_0 is left out: {})."""
    w, m = {("w",): 1}, {("m",): 1}
    W: list[Outer] = [{}]
    R: list[Matrix] = ["B"]
    z: list[Scalar] = []
    error: list[Scalar] = []
    for k in range(order + 1):
        # z = w^T R m
        z.append(sum(c * inner(("w",), word) for word, c in _act(R[k], m, inner).items()))
        error.append(target - z[0] if k == 0 else -z[k])
        # dW/dtau = (zhat - z) (R^T w) (R m)^T
        gradient: Outer = defaultdict(int)
        for i, j, n, count in _leibniz(k):
            left, right = _act(_transpose(R[j]), w, inner), _act(R[n], m, inner)
            _add(gradient, count * error[i], left, right)
        W.append(_nonzero(gradient))
        # dR/dtau = R (dW/dtau) R, where dW/dtau is a sum of u v^T: a sum of (R u) (R^T v)^T
        resolvent: Outer = defaultdict(int)
        for i, j, n, count in _leibniz(k):
            for (u, v), c in W[j + 1].items():
                left, right = _act(R[i], {u: 1}, inner), _act(_transpose(R[n]), {v: 1}, inner)
                _add(resolvent, count * c, left, right)
        R.append(_nonzero(resolvent))
    return W[: order + 1], z


def _leibniz(k: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield (i, j, n, k!/(i! j! n!)): derivative k of f g h is the sum of count f_i g_j h_n."""
    for i in range(k + 1):
        for j in range(k - i + 1):
            yield i, j, k - i - j, comb(k, i) * comb(k - i, j)


def _act(matrix: Matrix, vector: Vector, inner: Inner) -> Vector:
    """Return matrix times vector: a letter lengthens words, an outer product leaves a scalar."""
    if isinstance(matrix, str):
        return {(matrix, *word): c for word, c in vector.items()}
    result: Vector = defaultdict(int)
    for (left, right), c in matrix.items():
        for word, d in vector.items():
            result[left] += c * d * inner(right, word)
    return _nonzero(result)


def _transpose(matrix: Matrix) -> Matrix:
    if isinstance(matrix, str):
        return TRANSPOSE[matrix]
    return {(right, left): c for (left, right), c in matrix.items()}


def _add(matrix: Outer, factor: Scalar, left: Vector, right: Vector) -> None:
    """Add factor * left right^T to matrix, in place."""
    for u, c in left.items():
        for v, d in right.items():
            matrix[u, v] += factor * c * d


def _nonzero(terms: dict) -> dict:
    return {key: c for key, c in terms.items() if c != 0}


# The limit, as sympy expressions


@cache
def _limit(order: int) -> tuple[list[Outer], list[Scalar]]:
    return _derivatives(order, _zhat, _limit_inner)


def connectivity(order: int) -> list[dict[tuple[str, str], sympy.Expr]]:
    """Return W_0..W_order at N -> infinity, W(tau) = W0 + sum_{k >= 1} W_k tau^k/k!.

    Each is {(left, right): coefficient}, standing for the sum of coefficient * left * right with
    left a column such as "B' w" and right a row such as "m' B'". Entry 0 is {}.
    """

    def row(word: Word) -> str:
        return " ".join(TRANSPOSE[letter] for letter in reversed(word))

    return [
        {(" ".join(left), row(right)): c.as_expr() for (left, right), c in terms.items()}
        for terms in _limit(order)[0]
    ]


def readout(order: int) -> list[sympy.Expr]:
    """Return z_0..z_order at N -> infinity, z(tau) = sum_k z_k tau^k."""
    derivatives = (_polynomials(z).as_expr() for z in _limit(order)[1])
    return [sympy.expand(z / factorial(k)) for k, z in enumerate(derivatives)]


# One network, as floats


def instance_readout(order: int, W0: np.ndarray, m: np.ndarray, w: np.ndarray, zhat: float) -> list[float]:
    """Return z_0..z_order of the network W0 (N x N), m, w (N): z(tau) = sum_k z_k tau^k.

    Nothing is averaged or assumed about W0, m, w; in general z_0 = w^T B m is not zero.
    """
    B = np.linalg.inv(np.eye(len(W0)) - W0)
    letters = {"B": B, "B'": B.T}

    @cache
    def column(word: Word) -> np.ndarray:
        if len(word) == 1:
            return {"w": w, "m": m}[word[0]]
        return letters[word[0]] @ column(word[1:])

    def inner(u: Word, v: Word) -> float:
        return float(column(u) @ column(v))

    z = _derivatives(order, zhat, inner)[1]
    return [float(value) / factorial(k) for k, value in enumerate(z)]
