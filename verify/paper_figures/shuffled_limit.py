"""The loss after shuffling W0, at N -> infinity (THEORY 3, 4).

With an independent copy W0' and B' = (I - W0')^-1 every B' stands alone between words of W0, where its
limit is the identity. So with the chain W - W0 = sum C_ij a_i b_j^T

    z' = u^T C (1 - X C)^-1 v,      u_i = w.a_i,   v_j = b_j.m,   X_ji = b_j.a_i,

overlaps of words that do not alternate, by the recursion phi(B Y) = phi(Y) + g^2 sum phi(B Y1 B^T)
phi(B^T Y2) over the letters B^T of Y. C is known on the orthonormalised chain, a_i = sum_k L_ik Qa_k with
G = L L^T, which needs many digits on the way.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import mpmath
import numpy as np

from derive import limit

DIGITS = 80
SIZE = 12

Letters = tuple[int, ...]
"""1 for B, -1 for B^T."""


def shuffled_loss(g: float, zhat: float, tau: float) -> float:
    """(zhat - z')^2/2 at learning time ``tau`` of the flow at N -> infinity."""
    curve = limit.learning_curve(g, zhat, size=SIZE)
    C = curve.path.change(curve.position(np.array([tau]))[0])[0]
    count = len(C)
    X, u = _overlaps(g, count)
    q = np.linalg.solve(np.eye(count) - X @ C, u)
    return float((zhat - u @ C @ q) ** 2 / 2)


@lru_cache(maxsize=64)
def _overlaps(g: float, count: int) -> tuple[np.ndarray, np.ndarray]:
    """X and u = v on the orthonormalised chains; at N -> infinity the two chains are alike."""
    with mpmath.workdps(DIGITS):
        phi = _trace(mpmath.mpf(g))
        a = [_chain_word(i, -1) for i in range(count)]
        b = [_chain_word(j, 1) for j in range(count)]

        def overlap(left: tuple[Letters, str], right: tuple[Letters, str]) -> Any:
            """left.right for words on w or m: 0 for different vectors, else a trace."""
            if left[1] != right[1]:
                return mpmath.mpf(0)
            return phi(tuple(-letter for letter in reversed(left[0])) + right[0])

        lower = mpmath.cholesky(mpmath.matrix([[overlap(x, y) for y in a] for x in a]))
        inverse = mpmath.inverse(lower)
        X = inverse * mpmath.matrix([[overlap(x, y) for y in a] for x in b]) * inverse.T
        u = inverse * mpmath.matrix([overlap(((), "w"), x) for x in a])
        return np.array(X.tolist(), dtype=float), np.array(u.tolist(), dtype=float)[:, 0]


def _chain_word(n: int, first: int) -> tuple[Letters, str]:
    """a_n (``first`` = -1) or b_n (1): alternating letters from the left, and its vector."""
    letters = tuple(first * (-1) ** k for k in range(n + 1))
    return letters, "m" if letters[-1] == 1 else "w"


def _trace(g: Any) -> Any:
    """phi(word) = lim tr(word)/N at strength g (THEORY 3)."""
    known: dict[Letters, Any] = {}

    def phi(word: Letters) -> Any:
        if len(set(word)) < 2:
            return mpmath.mpf(1)
        turn = next(k for k in range(len(word)) if word[k] == 1 and word[k - 1] == -1)
        word = word[turn:] + word[:turn]
        if word not in known:
            rest = word[1:]
            total = phi(rest)
            for k, letter in enumerate(rest[:-1]):
                if letter == -1:
                    total += g**2 * phi(word[: k + 2]) * phi(rest[k:])
            known[word] = total / (1 - g**2)
        return known[word]

    return phi
