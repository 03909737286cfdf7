"""The exact coefficient of one power of ttilde, and the terms it is printed from (THEORY 3)."""

from __future__ import annotations

from dataclasses import dataclass, field

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

    def __bool__(self) -> bool:
        return bool(self.numerators or self.aligned)

    def parts(self) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
        """Numerator and denominator as (i, e, polynomial), whether m and w overlap or not."""
        if self.aligned:
            return self.aligned, self.aligned_denominator
        return tuple((0, 2 * j, p) for j, p in enumerate(self.numerators)), ((0, 0, self.denominator),)
