"""The closed form to any number of digits, in ball arithmetic (THEORY 7).

The same formulas as `derive.exact.closed_form.solution`, on balls: every number is enclosed, and digits are
added to the working precision until the enclosures are as narrow as asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import mpmath
from flint import arb, arb_mat

from derive.exact.closed_form.spectrum import Spectrum, limit_spectrum
from derive.flow.high_order import Number, as_ball
from derive.series.balls import at_sufficient_precision, working_precision

BITS_PER_DIGIT = 3.33
GUARD = 64  # bits


@dataclass(frozen=True, eq=False)
class BallSolution:
    """D, N and their spectrum at one T, enclosed."""

    D: arb
    N: arb

    @property
    def readout(self) -> arb:
        """z = N/D."""
        return self.N / self.D


class DigitsClosedForm:
    """Learning at N -> infinity to ``digits`` digits, from ``nodes`` Gauss nodes; everything as mpmath's mpf.

    g and T may be decimal strings, fractions or mpf, taken exactly; floats are the binary numbers they are.
    Raises ValueError for g outside [0, 1), nodes < 1 or digits < 1.
    """

    def __init__(self, g: Number, nodes: int = 8, digits: int = 30) -> None:
        if not 0 <= _number_of(g) < 1:
            raise ValueError(f"g = {g}: allowed is 0 <= g < 1")
        if nodes < 1 or digits < 1:
            raise ValueError(f"{nodes} nodes and {digits} digits: allowed are integers >= 1")
        self.g, self.nodes, self.digits = g, nodes, digits
        self._bits = int(BITS_PER_DIGIT * digits) + GUARD + 16 * nodes

    @property
    def kappa(self) -> list[mpmath.mpf]:
        """The 2n - 1 bound states, descending."""
        spectrum = self._spectrum
        with working_precision(self._bits):
            found = [x.sqrt() for x in (*spectrum.nodes, *spectrum.between)]
        return sorted((self._number(x) for x in found), reverse=True)

    def D(self, T: Number | mpmath.mpf) -> mpmath.mpf:
        """(h/h(0))^(-1/4)."""
        return self._of(T, lambda state: state.D)

    def N(self, T: Number | mpmath.mpf) -> mpmath.mpf:
        """z D."""
        return self._of(T, lambda state: state.N)

    def readout(self, T: Number | mpmath.mpf) -> mpmath.mpf:
        """z."""
        return self._of(T, lambda state: state.readout)

    def sharpness(self, T: Number | mpmath.mpf) -> mpmath.mpf:
        """h = dz/ds."""
        return self._of(T, lambda state: (self._spectrum.speed / state.D**2) ** 2)

    @cached_property
    def blow_up(self) -> mpmath.mpf:
        """T*, the first zero of D."""
        from derive.exact.closed_form.solution import closed_form

        with mpmath.workdps(self.digits + 10):
            guess = mpmath.mpf(closed_form(float(_number_of(self.g)), self.nodes).blow_up)
            step = mpmath.mpf(10) ** -12 * guess
            found = mpmath.findroot(self._D_within, (guess - step, guess + step), solver="anderson")
        with mpmath.workdps(self.digits):
            return +found

    def time(self, T: Number | mpmath.mpf, zhat: Number) -> mpmath.mpf:
        """tau at T, by quadrature: the integral of D^3/(c (zhat D - N)).

        Raises ValueError for T past the end of learning, where z = zhat.
        """
        with mpmath.workdps(self.digits + 10):
            target, end = _number_of(zhat), _number_of(T)
            if not (end >= 0 and self.readout(T) < target and end < self.blow_up):
                raise ValueError(f"T = {T}: allowed are path lengths from 0 to where z = zhat = {zhat}")
            speed = _mpf(self._spectrum.speed)

            def rate(x: mpmath.mpf) -> mpmath.mpf:
                with working_precision(self._bits):
                    state = ball_solution(self._spectrum, _ball(x))
                D, N = _mpf(state.D), _mpf(state.N)
                return D**3 / (speed * (target * D - N))

            edges = [end * k / 4 for k in range(5)]
            value = mpmath.quad(rate, edges)
        with mpmath.workdps(self.digits):
            return +value

    @cached_property
    def _spectrum(self) -> Spectrum:
        return at_sufficient_precision(lambda: limit_spectrum(as_ball(self.g), self.nodes), self._bits)

    def _D_within(self, T: mpmath.mpf) -> mpmath.mpf:
        with working_precision(self._bits):
            return _mpf(ball_solution(self._spectrum, _ball(T)).D)

    def _of(self, T: Number | mpmath.mpf, what: Any) -> mpmath.mpf:
        with working_precision(self._bits):
            return self._number(what(ball_solution(self._spectrum, _ball_of(T))))

    def _number(self, ball: arb) -> mpmath.mpf:
        with mpmath.workdps(self.digits):
            return +_mpf(ball)


def ball_solution(spectrum: Spectrum, T: arb) -> BallSolution:
    """D and N at the ball ``T``, from a spectrum in balls."""
    n, c, e = spectrum.size, spectrum.speed, spectrum.rest
    roots, others = [x.sqrt() for x in spectrum.nodes], [x.sqrt() for x in spectrum.between]
    rising = [(k * T).tanh() for k in roots]
    middle = [(k * T).tanh() / k for k in others]
    V = arb_mat(spectrum.frame)
    s = arb_mat([[rising[i] * roots[i] if i == j else arb(0) for j in range(n)] for i in range(n)])
    G = V.transpose() * s * V
    y = [arb(1)]
    if n > 1:
        matrix = [
            [(arb(1) if i == j else arb(0)) - G[i + 1, j + 1] * middle[j] for j in range(n - 1)]
            for i in range(n - 1)
        ]
        v = arb_mat(matrix).solve(arb_mat([[G[i + 1, 0]] for i in range(n - 1)]))
        y += [middle[k] * v[k, 0] for k in range(n - 1)]
    even = V * arb_mat([[x] for x in y])
    N = c * sum((V[j, 0] * rising[j] / roots[j] * even[j, 0] for j in range(n)), arb(0))
    D = 1 - T * N * e / c
    for k in range(n - 1):
        D -= spectrum.slope[k] / spectrum.between[k] * y[k + 1]
    return BallSolution(D, N)


def _number_of(value: Number | mpmath.mpf) -> mpmath.mpf:
    """At mpmath's working precision."""
    if isinstance(value, mpmath.mpf | float):
        return mpmath.mpf(value)
    exact = Fraction(value)
    return mpmath.mpf(exact.numerator) / exact.denominator


def _ball_of(value: Number | mpmath.mpf) -> arb:
    """At flint's working precision."""
    return _ball(value) if isinstance(value, mpmath.mpf) else as_ball(value)


def _ball(value: mpmath.mpf) -> arb:
    """The very number: mantissa and exponent."""
    sign, mantissa, exponent, _ = value._mpf_
    return arb((-1) ** sign * int(mantissa)) * arb(2) ** int(exponent)


def _mpf(ball: arb) -> mpmath.mpf:
    mantissa, exponent = ball.mid().man_exp()
    return mpmath.mpf(int(mantissa)) * mpmath.mpf(2) ** int(exponent)
