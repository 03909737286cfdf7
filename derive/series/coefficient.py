"""The exact coefficient of one power of ttilde, and the terms it is printed from (THEORY 3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flint import fmpq, fmpq_poly

ONE = fmpq_poly([1])


@dataclass(frozen=True)
class Term:
    """One monomial ``coefficient * zhat**zhat_power * beta**beta_power * rho**rho_power``.

    Where m and w overlap, zhat - rho stands for zhat.
    """

    coefficient: fmpq
    zhat_power: int
    beta_power: int
    rho_power: int = 0


Part = tuple[int, int, fmpq_poly]


@dataclass(frozen=True)
class Coefficient:
    """sum_j (zhat^2 beta)^j numerators[j](g^2) / denominator(g^2); no numerators: zero.

    Where m and w overlap, numerator and denominator are in ``aligned`` and ``aligned_denominator``
    instead, as (i, e, polynomial in g^2) for rho^i (zhat - rho)^e beta^((e-i)/2).
    """

    numerators: tuple[fmpq_poly, ...]
    denominator: fmpq_poly = field(default_factory=lambda: ONE)
    aligned: tuple[Part, ...] = ()
    aligned_denominator: tuple[Part, ...] = ()

    def __hash__(self) -> int:
        return hash(self._plain())

    def __reduce__(self) -> tuple[Any, ...]:
        return _coefficient, self._plain()

    def _plain(self) -> tuple[Any, ...]:
        """The fields with polynomials as integers, which hash and pickle."""
        aligned, below = (
            tuple((i, e, _integers(polynomial)) for i, e, polynomial in part)
            for part in (self.aligned, self.aligned_denominator)
        )
        return tuple(map(_integers, self.numerators)), _integers(self.denominator), aligned, below

    def __bool__(self) -> bool:
        return bool(self.numerators or self.aligned)

    @property
    def target_powers(self) -> list[int]:
        """The powers of zhat, or zhat - rho, of the numerator."""
        return [e for _, e, polynomial in self.parts()[0] if not polynomial.is_zero()]

    def over_target(self) -> Coefficient:
        """This over zhat^2 beta, of a coefficient whose ``target_powers`` are 2 at least."""
        aligned = tuple((i, e - 2, polynomial) for i, e, polynomial in self.aligned)
        return Coefficient(self.numerators[1:], self.denominator, aligned, self.aligned_denominator)

    def parts(self) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
        """Numerator and denominator as (i, e, polynomial), whether m and w overlap or not."""
        if self.aligned:
            return self.aligned, self.aligned_denominator
        return tuple((0, 2 * j, p) for j, p in enumerate(self.numerators)), ((0, 0, self.denominator),)


Integers = tuple[tuple[int, ...], int]
"""A polynomial: the coefficients of its numerator, and its denominator."""


def _integers(polynomial: fmpq_poly) -> Integers:
    return tuple(int(c) for c in polynomial.numer().coeffs()), int(polynomial.denom())


def _coefficient(numerators: Any, denominator: Integers, aligned: Any, below: Any) -> Coefficient:
    """The inverse of `Coefficient._plain`."""

    def polynomial(integers: Integers) -> fmpq_poly:
        return fmpq_poly(list(integers[0]), integers[1])

    def parts(plain: Any) -> tuple[Part, ...]:
        return tuple((i, e, polynomial(integers)) for i, e, integers in plain)

    above = tuple(map(polynomial, numerators))
    return Coefficient(above, polynomial(denominator), parts(aligned), parts(below))
