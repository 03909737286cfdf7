"""Certified numbers at N = infinity: z(ttilde) between two small networks (THEORY 7).

z(s) is, power by power in the clock s, an increasing function of every moment of B B^T. On the symmetric
measure of +-sqrt(lambda), whose Jacobi matrix is S at T = 0, the Gauss rule has moments that are right or too
small; the rule with two nodes at the ends +-sqrt(lambda_+) of the spectrum, which differs in the last entries
beside the diagonal alone, moments that are right or too large. So for all s

    z_Gauss(s) <= z(s) <= z_Radau(s),      z_Gauss(s_Radau(tau)) <= z(tau) <= z_Radau(s_Gauss(tau)),

ds/dtau = zhat - z being larger for the smaller z. The edge is algebraic,

    lambda_+ = beta m (1 + g^2 m)^2/(m - beta),      2 g^2 m^2 - 3 g^2 beta m - beta = 0,  m > 0.
"""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb

from derive.exact.certified import BITS, SIZE, EnclosedStep, certified_steps, chain, value
from derive.flow.high_order import Number, as_ball
from derive.series.balls import working_precision

MORE_BITS = (BITS, 4 * BITS, 16 * BITS)
PLACES = 60  # bisections to find a place in double precision
AROUND = (1e-14, 1e-12, 1e-10, 1e-8, 1e-6)


def certified_limit_readout(
    g: Number, zhat: Number, ttilde: Sequence[float], *, size: int = SIZE
) -> list[arb]:
    """Balls that contain z at N = infinity at every effective time >= 0 (w.m = 0, W alone learns).

    g and zhat as for `derive.exact.certified.certified_readout`. Raises ArithmeticError where no enclosure is
    found.
    """
    gauss, radau, first = _rules(g, size)
    with working_precision(BITS):
        strength, target = as_ball(g), as_ball(zhat)
        beta_squared = (1 / (1 - strength**2)) ** 2
        lower = certified_steps(gauss, first, target)
        upper = lower if radau is gauss else certified_steps(radau, first, target)
        return [_enclosure(lower, upper, target, arb(t) / beta_squared) for t in ttilde]


def _rules(g: Number, size: int) -> tuple[list[list[arb]], list[list[arb]], arb]:
    """S of both rules and |a_0|, in as many bits as they need: near g = 0 the nodes lie close together."""
    for bits in MORE_BITS:
        with working_precision(bits):
            strength = as_ball(g)
            transfer, first = chain(strength, size)
            if strength == 0:  # one node is exact
                return transfer, transfer, first
            try:
                return transfer, with_edge(transfer, strength), first
            except ArithmeticError:
                if bits == MORE_BITS[-1]:
                    raise
    raise AssertionError("unreachable")


def upper_edge(g: arb) -> arb:
    """lambda_+, the largest point of the spectrum of B B^T at N = infinity, 0 < g < 1."""
    square = g**2
    beta = 1 / (1 - square)
    m = (3 * square * beta + (9 * square**2 * beta**2 + 8 * square * beta).sqrt()) / (4 * square)
    return beta * m * (1 + square * m) ** 2 / (m - beta)


def with_edge(transfer: list[list[arb]], g: arb) -> list[list[arb]]:
    """The Jacobi matrix whose last off-diagonal entry puts two eigenvalues at the ends of the spectrum.

    Raises ArithmeticError where the balls are too wide to tell that it is larger than the one given.
    """
    end = upper_edge(g).sqrt()
    before, now = arb(1), end
    size = len(transfer)
    for k in range(1, size - 1):
        before, now = now, end * now - transfer[k][k - 1] ** 2 * before
    entry = (end * now / before).sqrt()
    if not entry > transfer[size - 1][size - 2]:
        raise ArithmeticError("balls too wide for the upper edge of the spectrum")
    changed = [list(row) for row in transfer]
    changed[size - 1][size - 2] = changed[size - 2][size - 1] = entry
    return changed


def _enclosure(lower: list[EnclosedStep], upper: list[EnclosedStep], zhat: arb, tau: arb) -> arb:
    """z at the time tau: its clock between those of the two networks, then z between theirs."""
    least = _before(upper, "tau", tau).clock
    low = _before(lower, "clock", least.lower()).z
    latest = _after(lower, "tau", tau)
    highest = None if latest is None else _after(upper, "clock", latest.clock.upper())
    high = zhat if highest is None or not highest.z < zhat else highest.z
    return low.union(high)


def _before(steps: list[EnclosedStep], name: str, level: arb) -> Place:
    """A place, as late as can be, at which a quantity is provably not above a level."""
    guess = _guess(steps, name, level)
    for width in AROUND:
        place = Place(steps, max(guess - width * float(steps[-1].start + steps[-1].length), 0.0))
        if getattr(place, name) <= level:
            return place
    raise ArithmeticError(f"no enclosure at {name} = {float(level):g}")


def _after(steps: list[EnclosedStep], name: str, level: arb) -> Place | None:
    """A place, as early as can be, at which it is provably not below a level; None past the end."""
    whole = float(steps[-1].start + steps[-1].length)
    guess = _guess(steps, name, level)
    for width in AROUND:
        if guess + width * whole >= whole:
            return None
        place = Place(steps, guess + width * whole)
        if getattr(place, name) >= level:
            return place
    raise ArithmeticError(f"no enclosure at {name} = {float(level):g}")


def _guess(steps: list[EnclosedStep], name: str, level: arb) -> float:
    low, high = 0.0, float(steps[-1].start + steps[-1].length)
    for _ in range(PLACES):
        middle = (low + high) / 2
        if getattr(Place(steps, middle), name).mid() < level.mid():
            low = middle
        else:
            high = middle
    return low


class Place:
    """z, tau and the clock s as balls at a place T on the steps."""

    def __init__(self, steps: list[EnclosedStep], T: float) -> None:
        place = arb(T)
        step = next((s for s in steps if place - s.start <= s.length), steps[-1])
        self._step, self._inside = step, (place - step.start).min(step.length)

    @property
    def z(self) -> arb:
        """The readout."""
        return self._at(self._step.z)

    @property
    def tau(self) -> arb:
        """The learning time."""
        return self._at(self._step.tau)

    @property
    def clock(self) -> arb:
        """s, ds = (zhat - z) dtau."""
        return self._at(self._step.clock)

    def _at(self, coefficients: list[arb]) -> arb:
        found: arb = value(coefficients, self._inside)
        return found
