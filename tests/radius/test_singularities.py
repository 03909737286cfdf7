"""Singularities of z(ttilde): integrals on the path, exact coefficients, and integration in complex tau."""

import mpmath
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from derive import limit, limit_network
from derive.flow.high_order import readout_coefficients
from derive.radius.pade import estimated_singularities, ratio_estimate
from derive.radius.singularities import singularities

PUBLISHED = [  # THEORY 5, to the digits given there
    (0.6, 2.0, -0.18984),
    (0.6, 1.0, -0.3414),
    (0.6, 0.5, -0.5804),
    (0.0, 0.5, -0.6971),
    (0.0, 1.0, -0.4212),
    (0.0, 2.0, -0.2395),
    (0.8, 2.0, -0.1429),
]


@pytest.mark.parametrize(("g", "zhat", "place"), PUBLISHED)
def test_nearest_real_singularity(g, zhat, place):
    digits = len(str(place).split(".")[1])
    assert singularities(g, zhat).backward == pytest.approx(place, abs=0.51 * 10.0**-digits)


def test_imaginary_part_of_the_pair_is_the_stability_limit():
    """Im ttilde_+ = (pi/2) eta_c beta^2."""
    g, zhat = 0.6, 2.0
    eta_c = limit.learning_curve(g, zhat).critical_rate
    assert singularities(g, zhat).pair.imag == pytest.approx(np.pi / 2 * eta_c / (1 - g * g) ** 2)


@pytest.mark.slow
@pytest.mark.parametrize(("g", "zhat"), [("0", "1"), ("0.6", "0.5"), ("0.6", "2")])
def test_coefficients_of_order_100_see_the_same_singularities(g, zhat):
    """Darboux ratios and approximants of z''/z' on exact coefficients; errors as they state them,
    doubled (a change between neighbours is an estimate, not a bound)."""
    exact = singularities(float(g), float(zhat))
    coefficients = readout_coefficients(g, zhat, 100)
    ratio = ratio_estimate(coefficients)
    pair = estimated_singularities(coefficients, 1, uniformise=exact.backward)[0]
    assert abs(ratio.location - exact.backward) < 2 * ratio.location_error + 1e-9
    assert ratio.location_error < 1e-5
    assert ratio.exponent == pytest.approx(-0.25, abs=0.03)
    assert abs(pair.location - exact.pair) < max(2 * pair.location_error, 1e-5)
    assert pair.exponent == pytest.approx(-0.25, abs=0.03)


@pytest.mark.parametrize("which", ["backward", "pair"])
def test_integration_of_the_network_towards_the_singularity(which):
    """In complex tau on the full matrix of the limit network: z^-4 vanishes linearly at the singularity.

    From two points close to it the zero is extrapolated; the next term of z^-4 is (tau - tau_*)^(5/4).
    """
    g, zhat = 0.6, 1.0
    target = getattr(singularities(g, zhat), which) * (1 - g * g) ** 2
    network = limit_network(g, 8)
    size = network.size
    base = np.eye(size) - network.W0

    def velocity(x, flat):
        inverse = base - flat.reshape(size, size)
        a, b = np.linalg.solve(inverse.T, network.w), np.linalg.solve(inverse, network.m)
        return target * ((zhat - network.w @ b) * np.outer(a, b)).ravel()

    x = np.array([0.999, 0.9995, 0.9999])
    states = solve_ivp(
        velocity, (0, x[-1]), np.zeros(size * size, complex), "DOP853", x, rtol=1e-10, atol=1e-10
    ).y.T
    z = [network.w @ np.linalg.solve(base - s.reshape(size, size), network.m) for s in states]
    exponents = np.diff(np.log(z)) / np.diff(np.log(1 - x))
    assert exponents[-1] == pytest.approx(-0.25, abs=0.02)
    small = np.array(z) ** -4.0
    extrapolated = x[2] - small[2] * (x[2] - x[1]) / (small[2] - small[1])
    assert abs(extrapolated - 1) < 5e-5


@pytest.mark.parametrize(
    ("g", "zhat", "alignment", "backward"),
    [
        (0.6, 1e-6, 0.0, -12.7366),
        (0.6, 1e-4, 0.0, -8.1319),
        (0.6, 1e-3, 0.0, -5.83301),
        (0.5, 0.30001, 0.3, -11.0115),
    ],
)
def test_targets_close_to_the_initial_readout(g, zhat, alignment, backward):
    """The integrand falls as 1/(T + nearest), however near the start; values by quadrature in many digits."""
    found = singularities(g, zhat, alignment=alignment)
    assert found.backward == pytest.approx(backward, rel=1e-5)


def test_small_targets_at_zero_strength():
    """g = 0, all elementary: the integral of D^3/(zhat D + tanh T) in 30 digits."""
    with mpmath.workdps(30):
        end = mpmath.findroot(lambda T: T * mpmath.tanh(T) - 1, 1.2)

        def rate(T):
            D = 1 - T * mpmath.tanh(T)
            return D**3 / (zhat * D + mpmath.tanh(T))

        for zhat in (mpmath.mpf(10) ** -k for k in (2, 5, 8)):
            edges = [0, *(zhat * 4**k for k in range(40) if zhat * 4**k < end), end]
            exact = mpmath.quad(rate, edges)
            rounding = 1e-16 / float(zhat)  # of z, relative to zhat
            found = singularities(0.0, float(zhat)).backward
            assert found == pytest.approx(-float(exact), rel=1e-13, abs=rounding)
