"""Finite N exactly (THEORY 2): one network's Taylor coefficients against its own gradient flow."""

import brute_force
import numpy as np
import pytest
import sympy
from numpy.polynomial.polynomial import polyval

import derive
from derive import FixedPointTask, Instance, expand

TRAIN = [("W",), ("m",), ("w",), ("W", "m"), ("W", "w"), ("m", "w"), ("W", "m", "w")]
FLOW_TOLERANCE = 2.3e-14  # of a step, relative: the least that the integrator takes


def _network(size, seed, norm=1.0):
    """A network whose m and w are neither of norm 1 nor orthogonal."""
    drawn = Instance.sample(size, 0.4, seed)
    return Instance(drawn.W0, drawn.m * norm, 0.6 * drawn.w + 0.5 * drawn.m)


@pytest.mark.parametrize("size", [5, 30, 200])
@pytest.mark.parametrize("order", [4, 7])
def test_error_of_the_readout_falls_with_the_next_power_to_rounding(size, order):
    network = _network(size, 5, norm=1.2)
    series = expand(FixedPointTask(), order).evaluate(network, 0.9)
    slow = abs(series.readout[1]) / 0.6  # a time of the network's own
    times = np.array([0.006, 0.012, 0.024, 0.048]) / slow
    flow = derive.gradient_flow(network, 0.9, times, FLOW_TOLERANCE, ("W",))
    errors = np.abs(flow.readout - polyval(times, series.readout))
    known = errors > 1e-13  # above the flow's own accuracy, 1e-14 a step
    assert errors.min() < 1e-10
    slopes = np.diff(np.log(errors[known])) / np.log(2)
    if known.sum() > 1:
        # the error is c tau^(K+1) (1 + O(tau)); 0.3 allows for the O(tau) at these times
        assert slopes[0] == pytest.approx(order + 1, abs=0.3)


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


@pytest.mark.parametrize("train", TRAIN)
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


@pytest.mark.parametrize("alignment", ["rho", 0])
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
