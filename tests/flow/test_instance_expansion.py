"""Finite N exactly (THEORY 2): one network's Taylor coefficients against its own gradient flow."""

from functools import cache

import brute_force
import numpy as np
import pytest
import sympy
from flint import arb, arb_mat
from numpy.polynomial.polynomial import polyval
from slow_cases import slow_but

import derive
from derive import FixedPointTask, Instance, expand
from derive.flow.clock import in_learning_time
from derive.flow.spectrum import singular_value_series
from derive.series.balls import working_precision
from verify.truth.precise_flow import extrapolated_step

TRAIN = [("W",), ("m",), ("w",), ("W", "m"), ("W", "w"), ("m", "w"), ("W", "m", "w")]
FLOW_TOLERANCE = 2.3e-14  # of a step, relative: the least that the integrator takes


def _network(size, seed, norm=1.0):
    """A network whose m and w are neither of norm 1 nor orthogonal."""
    drawn = Instance.sample(size, 0.4, seed)
    return Instance(drawn.W0, drawn.m * norm, 0.6 * drawn.w + 0.5 * drawn.m)


def _unit(network):
    """A time of the network's own: z(0)/(dz/dtau), about."""
    return 0.6 / abs(expand(FixedPointTask(), 1).evaluate(network, 0.9).readout[1])


@cache
def _exact_readout(size, halvings):
    """z of the full network after 2^-halvings units of time, as a ball of forty digits.

    With R = (I - W)^-1 gradient flow is dR/dtau = (zhat - z) (R a)(R^T b)^T, a = R^T w, b = R m: no series.
    The step's own error is of relative order (2^-halvings)^16.
    """
    network = _network(size, 5, norm=1.2)
    with working_precision(132):
        R = (arb_mat(np.eye(size).tolist()) - arb_mat(network.W0.tolist())).inv()
        m, w = arb_mat([[x] for x in network.m.tolist()]), arb_mat([network.w.tolist()])

        def velocity(R):
            a, b = w * R, R * m
            return (R * a.transpose()) * ((b.transpose() * R) * (arb(0.9) - (w * b)[0, 0]))

        R = extrapolated_step(velocity, R, arb(_unit(network) / 2**halvings), columns=8)
        return (w * R * m)[0, 0]


@pytest.mark.slow
@pytest.mark.parametrize("size", [5, 30, 200])
@pytest.mark.parametrize(("order", "halvings"), [(4, (6, 7, 8, 9)), (7, (4, 5, 6))])
def test_error_of_the_readout_falls_with_the_next_power_to_rounding(size, order, halvings):
    network = _network(size, 5, norm=1.2)
    coefficients = expand(FixedPointTask(), order).evaluate(network, 0.9).readout
    errors = []
    for k in halvings:
        truth = _exact_readout(size, k)
        assert float(truth.rad()) < 1e-30
        with working_precision(132):
            errors.append(abs(float(arb(polyval(_unit(network) / 2**k, coefficients)) - truth)))
    slopes = -np.diff(np.log2(errors))
    # the next term shifts a slope by less than its own part of the error, a twentieth at 2^-4; at the last
    # time the sum of numbers of size 0.1 rounds to 1e-17 or 2e-17, half a hundredth of the error
    assert slopes == pytest.approx(order + 1, abs=0.1)
    assert errors[0] > 1e-11
    assert errors[-1] < 1.5e-14
    # a later time would only show rounding
    with working_precision(132):
        last = arb(polyval(_unit(network) / 2**12, coefficients)) - _exact_readout(size, 12)
    assert abs(float(last)) < 1e-15


@pytest.mark.parametrize("train", TRAIN)
def test_every_trained_subset_follows_the_flow_of_the_same_network(train):
    network, zhat, order = _network(12, 2), 0.8, 6
    series = expand(FixedPointTask(train=train), order).evaluate(network, zhat)
    times = np.array([0.03, 0.06]) / abs(series.readout[1])  # in a time of the network's own
    flow = derive.gradient_flow(network, zhat, times, FLOW_TOLERANCE, train)
    a, b = network.chains(order)
    errors = [flow.readout - polyval(times, series.readout)]
    if "W" in train:
        errors.append(
            [
                np.linalg.norm(W - series.connectivity(network, t))
                for t, W in zip(times, flow.change, strict=True)
            ]
        )
        errors.append(
            [
                np.linalg.norm(W) - polyval(t, series.frobenius_norm)
                for t, W in zip(times, flow.change, strict=True)
            ]
        )
    if "m" in train:
        kappa = [polyval(times, x) for x in series.kappa]
        errors.append(np.linalg.norm(flow.input_change - np.array(kappa).T @ a, axis=1))
    if "w" in train:
        omega = [polyval(times, x) for x in series.omega]
        errors.append(np.linalg.norm(flow.readout_change - np.array(omega).T @ b, axis=1))
    for early, late in np.abs(errors):
        # slope order + 1 = 7 exactly as tau -> 0; 0.5 allows for the next term at these times
        assert np.log2(late / early) == pytest.approx(order + 1, abs=0.5)


def test_singular_values_and_gradient_norm_of_one_network():
    network, zhat, order = _network(10, 7), 0.7, 8
    series = expand(FixedPointTask(), order).evaluate(network, zhat)
    times = np.array([0.08, 0.16])
    flow = derive.gradient_flow(network, zhat, times, FLOW_TOLERANCE, ("W",))
    for r, coefficients in enumerate(series.singular_values(3)):
        exact = np.linalg.svd(flow.change, compute_uv=False)[:, r]
        early, late = np.abs(exact - polyval(times, coefficients))
        assert len(coefficients) == order + 1 - 2 * r
        assert np.log2(late / early) == pytest.approx(order + 1 - 2 * r, abs=0.5)
    R = np.linalg.inv(np.eye(10) - network.W0 - flow.change)
    a, b = np.swapaxes(R, 1, 2) @ network.w, R @ network.m
    exact = (zhat - flow.readout) * np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    early, late = np.abs(exact - polyval(times, series.gradient_norm))
    assert np.log2(late / early) == pytest.approx(order + 1, abs=0.5)
    early, late = np.abs((zhat - flow.readout) ** 2 / 2 - polyval(times, series.loss))
    assert np.log2(late / early) == pytest.approx(order + 1, abs=0.5)


@pytest.mark.parametrize(("train", "target"), [(("W",), 0.9), (("W", "m", "w"), -0.4)])
def test_small_singular_values_have_the_digits_that_exact_overlaps_give(train, target):
    """s_1..s_4 from rational overlaps of W0, m and w as they are; doubles would lose s_4 altogether."""
    network, order = _network(5, 3), 13
    exact = arb_mat([[arb(x) for x in row] for row in (np.eye(5) - network.W0).tolist()])
    w, m = (arb_mat([[arb(x)] for x in v.tolist()]) for v in (network.w, network.m))
    with working_precision(600):
        B = exact.inv()
        a, b = [B.transpose() * w], [B * m]
        for _ in range(order):
            a_next, b_next = B.transpose() * b[-1], B * a[-1]
            a.append(a_next)
            b.append(b_next)
        grams = [[[(x.transpose() * y)[0, 0] for y in v] for x in v] for v in (a, b)]
        overlaps = [(w.transpose() * x)[0, 0] for x in b]
        series = derive.chain_series(*grams, overlaps, arb(target), order, train)
        clock = singular_value_series(series.chain, series.gram_a, series.gram_b, 4, arb.sqrt)
        sign = np.sign(target - float(overlaps[0]))  # of the clock
        expected = [[sign * float(x) for x in in_learning_time(s, series.powers)[: len(s)]] for s in clock]
    found = expand(FixedPointTask(train=train), order).evaluate(network, target).singular_values(6)
    for values, numbers in zip(found, expected, strict=False):
        assert values == pytest.approx(numbers, rel=1e-9, abs=1e-300)
    assert found[5] == [0.0] * 4  # a network of five neurons has five


@pytest.mark.parametrize("train", slow_but([("W",), ("m",), ("w",)], TRAIN))
def test_named_overlaps_of_a_network_give_its_coefficients(train):
    network, order = _network(9, 4), 5
    formula = derive.overlap_formula(order, train)
    values = derive.overlap_values(network, order) | {"zhat": 0.8}
    numbers = [
        float(c.subs({symbol: values[symbol.name] for symbol in c.free_symbols})) for c in formula.readout
    ]
    expected = expand(FixedPointTask(train=train), order).evaluate(network, 0.8).readout
    assert numbers == pytest.approx(expected, rel=1e-11)  # a few hundred roundings
    if train == ("W",):
        assert numbers == pytest.approx(
            brute_force.instance_readout(order, network.W0, network.m, network.w, 0.8), rel=1e-11
        )


@pytest.mark.parametrize("alignment", slow_but([0], ["rho", 0]))
def test_average_of_the_named_overlaps_is_the_limit(alignment):
    order = 5
    rho = derive.rho if alignment == "rho" else 0
    limits = {}
    for n in range(order + 2):
        limits[f"wm_{n}"] = rho * derive.moment(["B"] + ["B'", "B"] * n) if n else rho
        limits[f"ww_{n}"] = limits[f"mm_{n}"] = derive.moment(["B", "B'"] * n)
    formula = derive.overlap_formula(order)
    expansion = expand(FixedPointTask(alignment=alignment), order)
    for k in range(order + 1):
        averaged = formula.readout[k].subs({sympy.Symbol(name): value for name, value in limits.items()})
        assert sympy.expand(averaged - expansion.readout[k]) == 0
