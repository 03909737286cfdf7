"""The fixed-point task of Schuessler et al. 2020, section 3 (THEORY 1), and its instances.

Linear network x' = -x + W x + sqrt(N) m u with constant input u = 1 and readout z = w.x/sqrt(N) at
the fixed point:  R = (I - W)^-1,  z = w^T R m,  L = (zhat - z)^2/2,  and W learns:

    dW/dtau = (zhat - z) R^T w m^T R^T,        W(0) = W0.                              (Eq. 5, 6)

The paper has independent m and w, both frozen. Here they may overlap, w.m = rho, and learn too
(THEORY 3, 4): dm/dtau = (zhat - z) R^T w, dw/dtau = (zhat - z) R m.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from derive.reading.arguments import yes_or_no
from derive.reading.read_number import rational

TRAINABLE = ("W", "m", "w")
SYMBOL = "rho"
MOST_DENOMINATOR = 10**60  # of an overlap; it stands in file names and in every coefficient


@dataclass(frozen=True)
class FixedPointTask:
    """What is learned: the fixed-point task at N -> infinity, m and w Gaussian of unit norm.

    ``g0=True`` starts from W0 = 0 (g = 0, beta = 1); otherwise W0 has i.i.d. N(0, g^2/N) entries
    with 0 <= g < 1, and beta = 1/(1 - g^2).
    ``train`` names what learns, a non-empty subset of W, m, w, all at one learning rate.
    ``alignment`` is w.m: 0 for independent vectors, a rational number in [-1, 1] (int, Fraction,
    decimal text, or a float taken at its exact value), or "rho" to keep it a symbol.
    Raises ValueError for anything else, TypeError for a ``g0`` that is not True or False.
    """

    g0: bool = False
    train: Sequence[str] = ("W",)
    alignment: Any = 0

    def __post_init__(self) -> None:
        yes_or_no("g0", self.g0)
        object.__setattr__(self, "train", parse_train(self.train))
        object.__setattr__(self, "alignment", parse_alignment(self.alignment))


def parse_train(names: str | Sequence[str]) -> tuple[str, ...]:
    """A non-empty subset of W, m, w in this order, from a sequence or text separated by commas.

    >>> parse_train("w,W")
    ('W', 'w')
    """
    text = names.split(",") if isinstance(names, str) else names
    given = [name for part in text if (name := part.strip())]
    for name in given:
        if name not in TRAINABLE:
            raise ValueError(f"train {name}: allowed is a non-empty subset of W, m, w")
    if len(set(given)) < len(given):
        raise ValueError(f"train {','.join(given)}: one of them twice; allowed is a subset of W, m, w")
    if not given:
        raise ValueError("train is empty: allowed is a non-empty subset of W, m, w")
    return tuple(name for name in TRAINABLE if name in given)


def parse_alignment(value: Any) -> Fraction | str:
    """w.m as an exact rational number in [-1, 1], or "rho".

    >>> parse_alignment("0.3")
    Fraction(3, 10)
    """
    if value == SYMBOL:
        return SYMBOL
    try:
        number = rational(value) if isinstance(value, str) else Fraction(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        number = Fraction(2)
    if not -1 <= number <= 1 or number.denominator > MOST_DENOMINATOR:
        raise ValueError(
            f"alignment {value}: allowed are rho or a number from -1 to 1 with a denominator up to 1e60"
        )
    return number
