"""Which overlaps the function of a network depends on, found from the function itself (THEORY 6).

The network sees its own state only through k = (k_M, k_U), h = M k_M + U k_U:

    k_M' = -k_M + x,    k_U' = -k_U + gain(Delta) (S_VM k_M + S_VU k_U),
    y = gain(Delta) (S_ZM k_M + S_ZU k_U),    Delta = k^T S_(M,U)(M,U) k.

Unrolled for a few Euler steps at an S in general position, with the derivative along a direction dS
carried along: dS moves the output or it does not. The numbers live in the field of integers modulo
a prime, where zero is exactly zero and nothing grows. A gain that depends on Delta is stood for by
1/(1 + Delta), which has no symmetry of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flint import nmod

from derive.overlaps.nonlinearity import NONLINEARITIES
from derive.overlaps.problem import OverlapProblem

PRIME = 2**61 - 1

Entries = list[list[Any]]


@dataclass(frozen=True, slots=True)
class Dual:
    """A number and its derivative along one direction."""

    value: Any
    slope: Any

    def __add__(self, other: Dual) -> Dual:
        return Dual(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other: Dual) -> Dual:
        return Dual(self.value * other.value, self.value * other.slope + self.slope * other.value)

    def inverse(self) -> Dual:
        value = 1 / self.value
        return Dual(value, -self.slope * value * value)


def visible_overlaps(problem: OverlapProblem) -> tuple[str, ...]:
    """The loss-visible overlaps: those that move the output y for some input, in S's order.

    >>> visible_overlaps(OverlapProblem(rank=1))
    ('zm', 'zu', 'vm', 'vu')
    """
    S = general_position(problem, 0)
    visible = []
    for name, (i, j) in problem.pairs.items():
        direction = [[_number(0)] * problem.size for _ in range(problem.size)]
        direction[i][j] = direction[j][i] = _number(1)
        if any(output_derivatives(problem, S, direction)):
            visible.append(name)
    return tuple(visible)


def general_position(problem: OverlapProblem, draw: int) -> Entries:
    """A symmetric matrix in general position, fixed once for all; another one for every ``draw``."""
    S: Entries = [[None] * problem.size for _ in range(problem.size)]
    state = 88172645463325252 + draw
    for i in range(problem.size):
        for j in range(i, problem.size):
            for shift in (13, -7, 17):  # Marsaglia's xorshift generator
                state ^= (state << shift if shift > 0 else state >> -shift) % 2**64
            S[i][j] = S[j][i] = _number(state)
    return S


def output_derivatives(problem: OverlapProblem, S: Entries, direction: Entries) -> list[Any]:
    """The derivative along ``direction`` of every output at every step, modulo PRIME."""
    moved = [[Dual(a, b) for a, b in zip(*rows, strict=True)] for rows in zip(S, direction, strict=True)]
    return [output.slope for output in _outputs(problem, moved)]


def _number(value: int) -> Any:
    return nmod(value % PRIME, PRIME)


def _outputs(problem: OverlapProblem, S: Entries) -> list[Dual]:
    """y after each Euler step of 1/2, from arbitrary inputs to all channels at once."""
    sees_variance = not NONLINEARITIES[problem.nonlinearity].constant_gain
    columns = range(problem.size)
    z, v = columns[problem.blocks["z"]], columns[problem.blocks["v"]]
    mu = columns[problem.outputs + problem.rank :]
    half = Dual(1 / _number(2), _number(0))
    k = [_constant(0)] * len(mu)
    outputs: list[Dual] = []
    for step in range(2 * problem.rank + 3):
        drive = [_constant((3 + 5 * step + 7 * i) ** 5) for i in range(problem.inputs)]
        drive += _averages(S, v, mu, k, sees_variance)
        k = [half * (old + new) for old, new in zip(k, drive, strict=True)]
        outputs += _averages(S, z, mu, k, sees_variance)
    return outputs


def _averages(S: Entries, rows: range, mu: range, k: list[Dual], sees_variance: bool) -> list[Dual]:
    """gain(Delta) * S_(rows, (M,U)) k."""

    def product(row: int) -> Dual:
        return sum((S[row][i] * a for i, a in zip(mu, k, strict=True)), start=_constant(0))

    gain = _constant(1)
    if sees_variance:
        delta = sum((product(i) * a for i, a in zip(mu, k, strict=True)), start=_constant(0))
        gain = (gain + delta).inverse()
    return [gain * product(row) for row in rows]


def _constant(value: int) -> Dual:
    return Dual(_number(value), _number(0))
