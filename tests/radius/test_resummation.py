"""Resummed series against the exact curve, and the range in which a series is trusted."""

import importlib.util
import warnings

import numpy as np
import pytest

import derive
from derive import limit
from derive.flow.high_order import readout_coefficients
from derive.radius.resummation import METHODS, resummed_readout
from derive.radius.singularities import singularities
from derive.radius.trust import ACCURACY, OutsideRadius, checked, fitted_radius


def errors(g, zhat, order, method, ttilde):
    return np.abs(resummed_readout(g, zhat, order, method)(ttilde) - limit.curve(g, zhat, ttilde).readout)


def test_inverse_holds_through_learning_where_the_others_stop():
    """g = 0.6, zhat = 2: radius 0.19, pair at 0.274 +- 0.015 i; loss at 5% at 0.267."""
    late = np.array([0.25, 0.35])
    assert np.all(errors(0.6, 2.0, 20, "inverse", late) < 1e-5)
    assert errors(0.6, 2.0, 20, "pade", late)[1] > 0.1
    assert errors(0.6, 2.0, 20, "conformal", late)[1] > 0.1


@pytest.mark.parametrize("method", METHODS)
def test_every_method_converges_inside_the_radius(method):
    """At 0.8 of the radius each order gains at least its digits; order 24 is below 1e-6."""
    t = np.array([0.8 * singularities(0.6, 1.0).radius])
    first, last = errors(0.6, 1.0, 6, method, t)[0], errors(0.6, 1.0, 24, method, t)[0]
    assert last < 1e-6 < first * 1e3


def test_unknown_method():
    with pytest.raises(ValueError, match="allowed are pade, conformal, inverse"):
        resummed_readout(0.6, 1.0, 5, "borel")


def test_fitted_radius_within_its_stated_accuracy():
    """Points drawn where the fit was not made."""
    random = np.random.default_rng(7)
    for _ in range(40):
        g, zhat = random.uniform(0, 0.95), float(np.exp(random.uniform(np.log(0.1), np.log(4))))
        exact = singularities(g, zhat)
        assert abs(exact.pair) > -exact.backward
        assert fitted_radius(zhat, g) == pytest.approx(exact.radius, rel=ACCURACY)


@pytest.mark.parametrize("order", [3, 5])
def test_emitted_error_estimate_and_radius(order):
    spec = importlib.util.spec_from_file_location("emitted", f"generated/order_{order}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    g, zhat, tau = 0.6, 2.0, 0.01
    exact = [float(c.mid()) for c in readout_coefficients(g, zhat, order + 1)]
    ttilde = tau / (1 - g * g) ** 2
    assert module.error_estimate(tau, zhat, g) == pytest.approx(exact[-1] * ttilde ** (order + 1), rel=1e-12)
    assert module.radius(zhat, g) == pytest.approx(fitted_radius(zhat, g), rel=1e-14)


def test_checked_functions_warn_outside():
    readout = checked(derive.expand(derive.FixedPointTask(), 3).readout)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        readout(0.05, 2.0, 0.6)
    with pytest.warns(OutsideRadius, match="outside the radius of convergence 0.19"):
        readout(np.array([0.01, 0.1]), 2.0, 0.6)
