"""The rank-1 filter loss as a formula, its solutions, and the Taylor series in learning time."""

import numpy as np
import pytest
import sympy
from overlap_cases import RANK_ONE

from derive.overlaps.continuous_filter import ContinuousFilter, exponential_system
from derive.overlaps.descent import flow_curve
from derive.overlaps.filter_formula import filter_loss, filter_solutions, loss_and_derivatives
from derive.overlaps.gram_flow import gram_flow, sigma
from derive.overlaps.learning_series import learning_series
from derive.overlaps.problem import OverlapProblem

PROBLEM = OverlapProblem()
TARGETS = [(1.0, 0.3, 0.0), (1.2, 0.4, 0.7), (0.5, 1.0, 2.0)]


@pytest.mark.parametrize(("amplitude", "decay", "frequency"), TARGETS)
@pytest.mark.parametrize("vu", [0.4, 0.0, -0.9])
def test_formula_is_the_lyapunov_loss(amplitude, decay, frequency, vu):
    S = PROBLEM.matrix({**RANK_ONE, "vu": vu})
    numerical, derivatives = ContinuousFilter(
        PROBLEM, exponential_system(PROBLEM, decay, frequency, amplitude)
    )(S)
    visible = [S[0, 2], S[0, 3], S[1, 2], S[1, 3]]
    value, by_name = loss_and_derivatives(*visible, amplitude, decay, frequency)
    assert value == pytest.approx(numerical, rel=1e-12)
    for name, found in by_name.items():
        assert found == pytest.approx(derivatives[PROBLEM.pairs[name]], rel=1e-10, abs=1e-13)


def test_derivatives_are_those_of_the_formula():
    a, c, w = sympy.symbols("a c w")
    loss = filter_loss(a, c, w)
    values = {
        sigma("zm"): 2,
        sigma("zu"): 3,
        sigma("vm"): 5,
        sigma("vu"): sympy.Rational(1, 7),
        a: 4,
        c: 2,
        w: 3,
    }
    visible = [sigma(name) for name in ("zm", "zu", "vm", "vu")]
    for name, derivative in loss_and_derivatives(*visible, a, c, w)[1].items():
        assert (sympy.diff(loss, sigma(name)) - derivative).subs(values) == 0


def test_formula_makes_the_flow_rational():
    system = gram_flow(PROBLEM, filter_loss(1, sympy.Rational(3, 10)))
    assert set(system.visible) == {"zm", "zu", "vm", "vu"}
    assert all(expression.is_rational_function() for expression in system.flow.values())


@pytest.mark.slow
def test_solutions_are_those_of_theory():
    a, c, dt = sympy.symbols("a c dt", positive=True)
    continuous, euler = filter_solutions(), filter_solutions(euler=True)
    expected = {"zm": a, "zu vm": a * (1 - c), "vu": 1 - c}
    assert all(sympy.simplify(continuous.values[n] - value) == 0 for n, value in expected.items())
    vu, zm = 1 - (1 - sympy.exp(-c * dt)) / dt, a * sympy.exp(-c * dt)
    expected = {"zm": zm, "zu vm": zm * vu, "vu": vu}
    assert all(sympy.simplify(euler.values[n] - value) == 0 for n, value in expected.items())
    assert continuous.dimension == euler.dimension == 1


def test_series_error_falls_with_its_order():
    """Against the numerical flow: the error is of order tau^(K+1)."""
    S = PROBLEM.matrix(RANK_ONE)
    loss = ContinuousFilter(PROBLEM, exponential_system(PROBLEM, 0.3, 0.7, 1.2))
    series = learning_series(RANK_ONE, 0.3, 6, 1.2, 0.7)
    times = [0.02, 0.04]
    curve = flow_curve(PROBLEM, loss, S, times, 1e-13)
    for order in (2, 3, 4):
        for name in ("zm", "vu", "zz", "uu", "loss"):
            exact = curve.loss if name == "loss" else curve.overlap(name)
            errors = np.abs([series[name].truncate(order)(t) for t in times] - exact)
            assert np.log2(errors[1] / errors[0]) == pytest.approx(order + 1, abs=0.25), (name, order)


def test_series_to_a_high_order():
    """Order 16: the sum agrees with the flow to rounding well inside the radius."""
    series = learning_series(RANK_ONE, "3/10", 16)
    loss = ContinuousFilter(PROBLEM, exponential_system(PROBLEM, 0.3))
    end = flow_curve(PROBLEM, loss, PROBLEM.matrix(RANK_ONE), [0.05], 1e-13)
    assert series["vu"](0.05) == pytest.approx(end.overlap("vu")[0], abs=1e-12)
    assert series["loss"].order == 16


@pytest.mark.parametrize(
    ("initial", "order", "message"),
    [
        ({**RANK_ONE, "vu": 1}, 2, "vu = 1: the loss is finite for vu < 1 only"),
        ({"zm": 1}, 2, "needed are exactly zz"),
        (RANK_ONE, -1, "order -1"),
        ({**RANK_ONE, "vu": "1/x"}, 2, "1/x: allowed are numbers and polynomials in symbols"),
        ({**RANK_ONE, "vu": "__import__('os')"}, 2, "allowed are numbers and polynomials in symbols"),
        ({**RANK_ONE, "vu": "exit(1)"}, 2, "allowed are numbers and polynomials in symbols"),
        ({**RANK_ONE, "vu": "x +"}, 2, "allowed are numbers and polynomials in symbols"),
    ],
)
def test_bad_series(initial, order, message):
    with pytest.raises(ValueError, match=message):
        learning_series(initial, 0.3, order)
