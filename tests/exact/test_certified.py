"""Certified enclosures contain what double precision and closed forms give."""

import mpmath
import numpy as np
import pytest
from flint import arb

from derive import limit
from derive.exact.certified import certified_readout
from derive.exact.limit_path import limit_path


@pytest.mark.parametrize(("g", "zhat"), [(0.6, 2.0), (0.9, 0.5)])
def test_doubles_lie_inside(g, zhat):
    """The same small network in double precision, whose own error is 1e-13."""
    times = [0.0, 0.05, 0.2]
    curve = limit.LearningCurve(limit_path(g, 8), zhat)
    doubles = curve.readout(np.array(times) * (1 - g * g) ** 2)
    for ball, double in zip(certified_readout(g, zhat, times, size=8), doubles, strict=True):
        assert ball.overlaps(arb(double, 1e-13))
        assert float(ball.rad()) < 1e-4 * zhat


def test_elementary_case():
    """g = 0: z = tanh T/(1 - T tanh T), tau(T) by quadrature in 30 digits."""
    with mpmath.workdps(30):
        path = lambda T: 1 - T * mpmath.tanh(T)  # noqa: E731
        T = mpmath.mpf("0.4")
        z = mpmath.tanh(T) / path(T)
        tau = mpmath.quad(lambda x: path(x) ** 2 / (1 - mpmath.tanh(x) / path(x)), [0, T / 2, T])
        (ball,) = certified_readout("0", "1", [float(tau)])
        slack = 1e-16  # the time above is rounded to a double
        assert ball.overlaps(arb(str(z)) + arb(0, slack))
        assert float(ball.rad()) < 1e-10
