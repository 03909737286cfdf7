"""The chain recursion: gradient flow of W as an exact, closed system at any N (THEORY 2).

The gradient is rank one, dW/dtau = eps a b^T with a = R^T w, b = R m, eps = zhat - z. With the
clock s, ds = eps dtau, the target drops out (dW/ds = a b^T), so everything is first expanded
in s and only then in tau (`derive.flow.clock`). In chain coordinates

    W - W0 = sum_ij C_ij(s) a_i b_j^T,    a = sum_i p_i a_i,    b = sum_j q_j b_j,
    q = e_0 + S C Gb q,    p = e_0 + S C^T Ga p,    dC/ds = p q^T,    z = sum_j q_j (w.b_j),

S the shift, Ga_ij = a_i.a_j, Gb_ij = b_i.b_j. Grading: p_i, q_i = O(s^i), C_ij = O(s^(i+j+1)).

Where m and w learn too they stay in the same chain (THEORY 4), m(s) = m + sum_i kappa_i a_i and
w(s) = w + sum_j omega_j b_j, with rates r_m, r_w (1 in the variables above, 0: frozen):

    q = e_0 + S kappa + S C Gb q,      p = e_0 + S omega + S C^T Ga p,
    dkappa/ds = r_m p,    domega/ds = r_w q,    z = sum_j q_j (w.b_j) + omega^T Gb q.

The recursion asks of its scalars only +, * and division by an integer: floats, polynomials and
sympy expressions all pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Matrix = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class ChainInClock:
    """Taylor coefficients in the clock s, exact through s^order.

    ``C[n]`` maps (i, j) to the coefficient of s^n in C_ij (absent: zero); ``p[n]``, ``q[n]`` list
    the coefficients of s^n of p_0..p_n and q_0..q_n, for n = 0..order; ``kappa[n]`` and
    ``omega[n]`` list those of the first n coordinates, and are empty where m or w is frozen.
    """

    C: tuple[dict[tuple[int, int], Any], ...]
    p: tuple[list[Any], ...]
    q: tuple[list[Any], ...]
    kappa: tuple[list[Any], ...] = ()
    omega: tuple[list[Any], ...] = ()

    def readout(self, overlaps: Sequence[Any], gram_b: Matrix | None = None) -> list[Any]:
        """Coefficients in s of z; ``overlaps[j]`` is w.b_j, j = 0..order.

        Where w learns, Gb is needed too, for i, j < order.
        """
        z = [sum(q * overlaps[j] for j, q in enumerate(q_n)) for q_n in self.q]
        if self.omega and gram_b is not None:
            for n, omega_n in enumerate(self.omega):
                for i, value in enumerate(omega_n):
                    for power, q_n in enumerate(self.q[: len(z) - n]):
                        overlap = sum(gram_b[i][j] * q for j, q in enumerate(q_n) if q != 0)
                        z[n + power] = z[n + power] + value * overlap
        return z


def chain_in_clock(
    gram_a: Matrix,
    gram_b: Matrix,
    order: int,
    *,
    W_learns: bool = True,
    input_rate: Any = 0,
    readout_rate: Any = 0,
) -> ChainInClock:
    """Run the chain recursion through s^order.

    ``gram_a[i][j]`` = a_i.a_j and ``gram_b[i][j]`` = b_i.b_j for i, j < order; the rates are r_m
    and r_w. Where the two Gram matrices are one object (the N -> infinity limit) and the rates are
    equal, C is symmetric and p = q is computed once.
    """
    zero = gram_a[0][0] * 0
    symmetric = gram_a is gram_b and input_rate == readout_rate
    C: list[dict[tuple[int, int], Any]] = [{}]
    q = _Direction(gram_b, order, zero)
    p = q if symmetric else _Direction(gram_a, order, zero)
    kappa: list[list[Any]] = [[]]
    omega = kappa if symmetric else [[]]
    for n in range(order + 1):
        q.advance(C, n, kappa[n], transposed=False)
        if not symmetric:
            p.advance(C, n, omega[n], transposed=True)
        if n < order:
            C.append(_integrated_outer_product(p.coefficients, q.coefficients, n) if W_learns else {})
            kappa.append([x * input_rate / (n + 1) for x in p.coefficients[n]] if input_rate != 0 else [])
            if not symmetric:
                omega.append(
                    [x * readout_rate / (n + 1) for x in q.coefficients[n]] if readout_rate != 0 else []
                )
    return ChainInClock(
        tuple(C),
        tuple(p.coefficients),
        tuple(q.coefficients),
        tuple(kappa) if input_rate != 0 else (),
        tuple(omega) if readout_rate != 0 else (),
    )


class _Direction:
    """The series of q (with Gb and C) or of p (with Ga and C^T), extended order by order."""

    def __init__(self, gram: Matrix, order: int, zero: Any) -> None:
        self.gram, self.order, self.zero = gram, order, zero
        self.coefficients: list[list[Any]] = []
        self._projected: list[list[Any]] = []  # coefficients of G q

    def advance(
        self, C: Sequence[dict[tuple[int, int], Any]], n: int, drift: Sequence[Any], transposed: bool
    ) -> None:
        """Append the coefficients of s^n: q_{i+1} = drift_i + sum_j C_ij (G q)_j."""
        new = [self.zero for _ in range(n + 1)]
        if n == 0:
            new[0] = new[0] + 1
        new[1 : 1 + len(drift)] = drift
        for order in range(1, n + 1):
            projected = self._projected[n - order]
            for (i, j), value in C[order].items():
                if transposed:
                    i, j = j, i
                new[i + 1] = new[i + 1] + value * projected[j]
        self.coefficients.append(new)
        self._projected.append(
            [
                sum((self.gram[j][k] * x for k, x in enumerate(new) if x != 0), self.zero)
                for j in range(self.order - n)
            ]
        )


def _integrated_outer_product(p: list[list[Any]], q: list[list[Any]], n: int) -> dict[tuple[int, int], Any]:
    """Coefficient of s^(n+1) of C, the integral of p q^T."""
    total: dict[tuple[int, int], Any] = {}
    for order in range(n + 1):
        for i, left in enumerate(p[order]):
            if left == 0:
                continue
            for j, right in enumerate(q[n - order]):
                if right != 0:
                    product = left * right
                    total[i, j] = total[i, j] + product if (i, j) in total else product
    return {key: value / (n + 1) for key, value in total.items()}
