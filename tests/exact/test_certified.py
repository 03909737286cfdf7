"""Certified enclosures contain what double precision and closed forms give."""

import mpmath
import numpy as np
import pytest
from flint import arb

from derive import limit
from derive.exact.certified import certified_readout
from derive.exact.certified_limit import certified_limit_readout, upper_edge
from derive.exact.limit_path import limit_path
from derive.words.overlap_moments import overlap_moments


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_limit_lies_between_gauss_and_radau_rules():
    """Enclosures of few chain vectors are wide enough to see, and hold networks of more and more of them."""
    times = [0.1, 0.25]
    widths, inner = [], certified_readout("0.6", "2", times, size=12)
    for size in (4, 6):
        balls = certified_limit_readout("0.6", "2", times, size=size)
        assert all(ball.contains(one) for ball, one in zip(balls, inner, strict=True))
        widths.append(max(float(ball.rad()) for ball in balls))
    assert widths[0] > 30 * widths[1]
    network = certified_readout("0.6", "2", times, size=6)
    assert not any(one.contains(ball) for ball, one in zip(balls, network, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize(("g", "zhat"), [(1e-9, 1.0), (0.6, 2.0), (0.99, 0.5)])
def test_the_limit_of_large_n_lies_inside(g, zhat):
    """Doubles of 24 to 32 chain vectors, whose own error is 1e-13; the enclosure is as narrow."""
    times = [0.0, 0.05, 0.12]
    doubles = limit.LearningCurve(limit_path(g, 28), zhat).readout(np.array(times) * (1 - g * g) ** 2)
    for ball, double in zip(certified_limit_readout(g, zhat, times), doubles, strict=True):
        assert ball.overlaps(arb(double, 1e-13 * zhat))
        assert float(ball.rad()) < 1e-12


def test_edge_of_the_spectrum():
    """lambda_+ is where moments grow: mu_(n+1)/mu_n rises to it like 1 - 5/(2 n)."""
    for g in (0.3, 0.9):
        edge = float(upper_edge(arb(g)))
        moments = [float(x.log()) for x in overlap_moments(g, 0, 404)[2::2]]
        for n in (100, 200):
            ratio = np.exp(moments[n] - moments[n - 1]) / edge
            assert 1 - 2.6 / n < ratio < 1 - 1.4 / n


@pytest.mark.slow
def test_end_of_the_curve_is_enclosed_too():
    low, high = certified_limit_readout("0.6", "2", [0.2, 50.0])
    assert float(low.rad()) < 1e-12
    assert high.contains(arb(2))
    assert float(high.rad()) < 2e-5
