"""The solitons of the closed form: averages over signs, their equation, what the page says of them."""

import numpy as np
import pytest
from scipy.optimize import brentq
from slow_cases import slow_but

from derive.exact.closed_form.solitons import solitons
from derive.exact.closed_form.solution import closed_form

THREE = closed_form(0.6, 2)  # nodes: three solitons, those of the picture
SIXTH = {1: [-1, 9, -45, 0, 45, -9, 1], 2: [2, -27, 270, -490, 270, -27, 2]}  # differences, over 60 and 180


def derivative(values, step, order):
    """Along the last axis of seven values, at the middle, to sixth order."""
    return values @ np.array(SIXTH[order]) / ((60, 180)[order - 1] * step**order)


@pytest.mark.parametrize(("g", "nodes"), [(0.0, 1), (0.6, 1), (0.6, 2), (0.3, 3), (0.9, 4)])
def test_averages_over_signs_are_the_closed_form(g, nodes):
    """Q = D''/D, N and D at t = 0, also past T*."""
    form = closed_form(g, nodes)
    T = np.linspace(0, 1.5, 7) * form.blow_up
    state = solitons(form.kappa, T)
    D, N = form.scalars(T)
    root = form.speed**0.5
    np.testing.assert_allclose(root * state.factor, D, rtol=0, atol=1e-13)
    np.testing.assert_allclose(root * state.kink, N, rtol=0, atol=1e-13 * root)
    step = 0.01 / form.kappa[0]
    bend = derivative(form.D(T[:, None] + step * np.arange(-3, 4)), step, 2)
    np.testing.assert_allclose(bend, state.potential * D, rtol=0, atol=1e-9 * form.kappa[0] ** 2)


@pytest.mark.parametrize(("T", "t"), [(0.3, 0.0), (-0.5, 0.02), (2.5, 0.15)])
def test_korteweg_de_vries(T, t):
    """Q_t = 6 Q Q_T - Q_TTT, and N'' = Q N, D'' = Q D at every t."""
    reach, step, pause = np.arange(-3, 4), 0.02, 1e-4
    Q = solitons(THREE.kappa, T + step * np.add.outer(reach, reach), t).potential
    slope, bend = derivative(Q[3], step, 1), derivative(derivative(Q, step, 2), step, 1)
    change = derivative(solitons(THREE.kappa, T, t + pause * reach).potential, pause, 1)
    assert change == pytest.approx(6 * Q[3, 3] * slope - bend, rel=1e-5)
    around = solitons(THREE.kappa, T + step * reach, t)
    for solution in (around.kink, around.factor):
        assert derivative(solution, step, 2) == pytest.approx(Q[3, 3] * solution[3], abs=1e-6)


def dips(t, T):
    Q = solitons(THREE.kappa, T, t).potential
    lowest = 1 + np.flatnonzero((Q[1:-1] < Q[2:]) & (Q[1:-1] < Q[:-2]))
    return T[lowest], -Q[lowest]


def test_three_solitons():
    """Depths 2 kappa^2 = 15.0, 9.30, 1.94, speeds 4 kappa^2 = 30.0, 18.6, 3.88, once they are apart."""
    T = np.linspace(0, 50, 200001)
    (before, depth), (after, _) = dips(1.0, T), dips(1.5, T)
    np.testing.assert_allclose(depth[::-1], 2 * THREE.kappa**2, rtol=1e-6)
    np.testing.assert_allclose((after - before)[::-1] / 0.5, 4 * THREE.kappa**2, rtol=0, atol=4e-3)
    np.testing.assert_allclose(2 * THREE.kappa**2, [15.0, 9.30, 1.94], rtol=0.003)
    np.testing.assert_allclose(4 * THREE.kappa**2, [30.0, 18.6, 3.88], rtol=0.003)


def test_the_collision():
    """At t = 0 two dips are left, 9.59 deep at T = +-0.570, beyond T*."""
    places, depth = dips(0.0, np.linspace(-6, 6, 60001))
    np.testing.assert_allclose(places, [-0.570, 0.570], rtol=0, atol=5e-4)
    np.testing.assert_allclose(depth, 9.59, rtol=0, atol=5e-3)
    assert THREE.blow_up == pytest.approx(0.553, abs=5e-4)
    assert THREE.blow_up < places[1]
    for t in (0.005, 0.01, 0.02, 0.05):  # the fast ones do not cross
        assert len(dips(t, np.linspace(-6, 6, 6001))[0]) >= 2


@pytest.mark.parametrize("g", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("nodes", [2, 3, 8])
def test_depth_at_the_start(g, nodes):
    """kappa_1^2 - kappa_2^2 + kappa_3^2 - ... = beta^3: Q(0) = -2 mu_2/mu_1."""
    kappa, beta = closed_form(g, nodes).kappa, 1 / (1 - g * g)
    assert np.sum(kappa[::2] ** 2) - np.sum(kappa[1::2] ** 2) == pytest.approx(beta**3, rel=1e-12)
    if nodes < 4:
        assert float(solitons(kappa, 0.0).potential) == pytest.approx(-2 * beta**3, rel=1e-12)


def crossings(values):
    return int(np.count_nonzero(values[1:] * values[:-1] < 0))


@pytest.mark.parametrize("nodes", slow_but({1, 2, 3}, [1, 2, 3, 4]))
@pytest.mark.parametrize("t", [0.0, 0.05])
def test_every_soliton_turns_the_kink_over(nodes, t):
    """N/sqrt(c) runs from (-1)^n to (-1)^(n-1), crosses zero 2n - 1 times; D does n times on T > 0."""
    kappa = closed_form(0.6, nodes).kappa
    T = np.linspace(-40.01, 40, 40000)
    kink = solitons(kappa, T, t).kink
    assert crossings(kink) == 2 * nodes - 1
    np.testing.assert_allclose(kink[[0, -1]], [-((-1) ** (nodes - 1)), (-1) ** (nodes - 1)], rtol=1e-12)
    if t == 0:
        assert crossings(solitons(kappa, T[T > 0]).factor) == nodes


def test_kinks_stand_where_the_solitons_are():
    T = np.linspace(-4, 8, 12001)
    N = solitons(THREE.kappa, T, 0.15).kink
    np.testing.assert_allclose(T[:-1][N[1:] * N[:-1] < 0], dips(0.15, T)[0], rtol=0, atol=0.12)


def test_zeros_of_D():
    """At g = 0.6: first 0.9597 (one node), 0.5532 (two), 0.549017; in the limit 0.549007, 1.360, 2.182."""
    for nodes, first in ((1, 0.9597), (2, 0.5532), (3, 0.549017), (12, 0.549007)):
        assert closed_form(0.6, nodes).blow_up == pytest.approx(first, abs=5e-5 if nodes < 3 else 5e-7)
    D = closed_form(0.6, 12).D
    T = np.linspace(0, 2.4, 241)
    values = D(T)
    found = [
        brentq(lambda T: float(D(T)), T[i], T[i + 1]) for i in np.flatnonzero(values[1:] * values[:-1] < 0)
    ]
    np.testing.assert_allclose(found, [0.549007, 1.360, 2.182], rtol=0, atol=5e-4)
    np.testing.assert_allclose(closed_form(0.6, 16).D(T), values, rtol=0, atol=1e-9)


@pytest.mark.parametrize(("g", "nodes"), [(0.6, 2), (0.6, 3), (0.9, 3)])
def test_poles_lie_beyond_the_first_one_of_the_fastest_soliton(g, nodes):
    """Wr has no zero with |Im T| < pi/(2 kappa_1), and some below 1.6 times that: windings of rectangles."""
    kappa = closed_form(g, nodes).kappa
    rows = np.arange(len(kappa))

    def wronskian(T):
        wave = np.where(rows % 2 == 0, 1.0, -1.0)
        grow, fall = np.exp(np.multiply.outer(T, kappa)), wave * np.exp(-np.multiply.outer(T, kappa))
        powers = kappa ** rows[:, None]
        return np.linalg.det(grow[..., None, :] * powers + fall[..., None, :] * powers * wave[:, None])

    def zeros(height):
        wide, high = 3 / kappa[-1], height * np.pi / 2 / kappa[0]
        edge = np.concatenate([np.linspace(-wide, wide, 4001), wide + 1j * np.linspace(0, high, 401)])
        edge = np.concatenate([edge, np.linspace(wide, -wide, 4001) + 1j * high])
        edge = np.concatenate([edge, -wide + 1j * np.linspace(high, 0, 401)])
        return round(np.unwrap(np.angle(wronskian(edge)))[[0, -1]] @ [-1, 1] / (2 * np.pi))

    assert zeros(0.999) == 0
    assert zeros(1.6) > 0


@pytest.mark.parametrize("kappa", [[2.0, 1.0], [1.0, 2.0, 3.0], [2.0, 1.0, -1.0], [[1.0]], range(13, 0, -1)])
def test_rates_that_are_none(kappa):
    with pytest.raises(ValueError, match="kappa: allowed are 1, 3"):
        solitons(kappa, 0.3)
