"""The Taylor series of overlaps and loss in learning time: their terms, and every printed form."""

import json
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
import torch
from in_process import derive_here
from overlap_cases import RANK_ONE
from plain_arithmetic import assert_plain
from slow_cases import slow_but

from derive import FixedPointTask, expand, tau
from derive.document.overlaps.learning_series_request import LearningSeriesRequest
from derive.overlaps.continuous_filter import ContinuousFilter, exponential_system
from derive.overlaps.descent import flow_curve
from derive.overlaps.filter_formula import filter_loss
from derive.overlaps.gram_flow import gram_flow, sigma
from derive.overlaps.learning_series import learning_series
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.series_trust import series_trust
from derive.series.taylor import TaylorSeries
from derive.write.code.python import python
from derive.write.modules.learning_series import learning_series_module

PROBLEM = OverlapProblem()
NAMES = ("loss", *(f"sigma_{name}" for name in PROBLEM.names))
SYMBOLIC = {**RANK_ONE, "vu": "x", "zu": "one"}


def emitted(initial, decay, order, *target):
    request = LearningSeriesRequest(order, initial, decay, *target)
    source = python(learning_series_module(learning_series(initial, decay, order, *target), request, ""))
    namespace = {}
    exec(source, namespace)
    return source, namespace


@pytest.fixture(scope="module")
def symbolic():
    return emitted(SYMBOLIC, "c", 2)


@pytest.mark.parametrize("order", slow_but({0, 3}, [0, 3, 20]))
def test_numbers_to_fifty_digits(order):
    """Against the exact sum in rational arithmetic; doubles lose nothing beyond their rounding."""
    _, module = emitted(RANK_ONE, "3/10", order, "6/5", "7/10")
    series = learning_series(RANK_ONE, "3/10", order, "6/5", "7/10")
    tau = Fraction(1, 64)
    for name in NAMES:
        terms = [Fraction(int(c.p), int(c.q)) for c in series[name.removeprefix("sigma_")]]
        total = sum(c * tau**k for k, c in enumerate(terms))
        size = float(sum(abs(c) * tau**k for k, c in enumerate(terms))) or 1.0
        with mpmath.workdps(50):
            exact = mpmath.mpf(total.numerator) / total.denominator
            # 50 digits, a few roundings a term
            assert abs(module[name](mpmath.mpf(1) / 64) - exact) <= 4 * (order + 1) * mpmath.eps * size
        assert module[name](1 / 64) == pytest.approx(float(total), abs=4 * (order + 1) * 2**-53 * size)


def test_symbols_to_fifty_digits(symbolic):
    """The functions of tau, c, one, x at numbers are the sums of the series from these numbers."""
    _, module = symbolic
    point = {"c": "3/10", "one": "1/5", "x": "2/5"}
    numbers = learning_series({**RANK_ONE, "vu": point["x"], "zu": point["one"]}, point["c"], 2)
    with mpmath.workdps(50):
        arguments = [
            mpmath.mpf(1) / 16,
            *(mpmath.mpf(Fraction(v).numerator) / Fraction(v).denominator for v in point.values()),
        ]
        for name in NAMES:
            terms = [mpmath.mpf(int(c.p)) / int(c.q) for c in numbers[name.removeprefix("sigma_")]]
            exact = sum(c * arguments[0] ** k for k, c in enumerate(terms))
            # about a hundred terms, each below 1000, of 50 digits
            assert abs(module[name](*arguments) - exact) < 1e5 * mpmath.eps
            assert module[name](*map(float, arguments)) == pytest.approx(float(exact), abs=1e5 * 2**-53)


def test_every_type_of_argument(symbolic):
    tau = np.linspace(0, 0.1, 5)
    for module, values in ((symbolic[1], (0.3, 0.2, 0.4)), (emitted(RANK_ONE, 0.3, 12)[1], ())):
        for name in NAMES:
            array = module[name](tau, *values)
            tensor = module[name](torch.tensor(tau), *values)
            # operations are the same, powers may round differently
            assert array == pytest.approx([module[name](t, *values) for t in tau.tolist()], rel=1e-12)
            assert tensor.dtype == torch.float64
            assert tensor.numpy() == pytest.approx(array, rel=1e-12)
            assert module[name](torch.tensor(tau, dtype=torch.float32), *values).dtype == torch.float32


@pytest.mark.parametrize("order", slow_but({2}, [2, 20]))
def test_plain_arithmetic_and_exact_integers(order, symbolic):
    assert_plain(symbolic[0] if order == 2 else emitted(RANK_ONE, "3/10", order)[0], other=())


def test_command(tmp_path):
    path = tmp_path / "S.json"
    path.write_text(json.dumps(RANK_ONE))
    arguments = ["overlap", "--series", "3", "--evolve", str(path), "--decay", "0.3", "--format", "python"]
    run = derive_here(*arguments)
    header = "# Made by the command: derive overlap --series 3 --evolve S.json --decay 0.3 --format python\n"
    assert run.stdout.startswith(header)
    assert str(tmp_path) not in run.stdout
    module = {}
    exec(run.stdout, module)
    assert module["loss"](0.02) == emitted(RANK_ONE, "0.3", 3)[1]["loss"](0.02)
    following = learning_series(RANK_ONE, "0.3", 4)["loss"]
    assert module["error_estimate"](0.02) == pytest.approx(float(following[4]) * 0.02**4, rel=1e-14)
    document = json.loads(derive_here(*arguments[:-1], "json").stdout)
    assert document["radius"] == module["RADIUS"]


@pytest.mark.slow
@pytest.mark.parametrize("vu", [0.4, 0.8])
def test_the_series_converges_inside_the_radius_told_and_not_outside(vu):
    """Against the numerical flow, at two thirds and at one and a half of the estimate."""
    initial = {**RANK_ONE, "vu": vu}
    known = learning_series(initial, "0.3", 36)
    radius = series_trust(known, 3).radius
    loss = ContinuousFilter(PROBLEM, exponential_system(PROBLEM, 0.3))
    curve = flow_curve(PROBLEM, loss, PROBLEM.matrix(initial), [radius / 1.5, radius * 1.5], 1e-13)
    errors = np.abs(
        [
            [[known[name].truncate(k)(float(t)) for name in PROBLEM.names] for k in (12, 24, 36)]
            for t in curve.time
        ]
        - np.array([[[curve.overlap(name)[i] for name in PROBLEM.names]] for i in range(2)])
    ).max(axis=-1)
    assert errors[0, 2] < 1e-2 * errors[0, 0]
    assert errors[1, 2] > 1e2 * errors[1, 0]


def test_trust_needs_numbers_and_enough_orders():
    with pytest.raises(ValueError, match="allowed are numbers, order >= 20"):
        series_trust(learning_series(RANK_ONE, "0.3", 5), 3)
    with pytest.raises(ValueError, match="allowed are numbers"):
        series_trust(learning_series(SYMBOLIC, "c", 1), 0)


def test_a_symbol_that_is_no_argument():
    initial = {**RANK_ONE, "zz": "tau"}
    with pytest.raises(ValueError, match="tau: allowed as names of symbols"):
        learning_series_module(learning_series(initial, "c", 1), LearningSeriesRequest(1, initial, "c"), "")


@pytest.mark.slow
def test_series_is_a_taylor_series_like_those_of_the_fixed_point_task():
    loss = learning_series(SYMBOLIC, "c", 2)["loss"]
    assert isinstance(loss, TaylorSeries)
    assert isinstance(expand(FixedPointTask(), 2).readout, TaylorSeries)
    assert loss.truncate(1).order == 1
    assert loss[-1] == loss[2]
    assert sympy.expand(loss.as_expr().coeff(tau, 1) - loss[1]) == 0
    assert loss(0.01, 0.3, 0.2, 0.4) == pytest.approx(
        float(loss.as_expr().subs({"c": 0.3, "one": 0.2, "x": 0.4}).subs(tau, 0.01)), rel=1e-12
    )
    with pytest.raises(ValueError, match=r"cannot truncate to order 3: allowed are 0\.\.2"):
        loss.truncate(3)


@pytest.mark.slow
def test_first_coefficients_are_the_formula_of_the_loss():
    """At tau = 0 the loss itself, and its rate -sum_ab dL_a G_ab dL_b, by sympy's own differentiation."""
    visible = ("zm", "zu", "vm", "vu")
    loss = learning_series({**RANK_ONE, **{name: f"s_{name}" for name in visible}}, "c", 1, "6/5", "f")[
        "loss"
    ]
    c, f = sympy.symbols("c f")
    formula = filter_loss(sympy.Rational(6, 5), c, f)
    rate = sum(formula.diff(sigma(n)) * speed for n, speed in gram_flow(PROBLEM, formula).flow.items())
    numbers = {n: sympy.nsimplify(str(value)) for n, value in RANK_ONE.items()}
    numbers |= {n: sympy.Rational(3 + k, 29) for k, n in enumerate(visible)}
    point = {sympy.Symbol(f"s_{n}"): value for n, value in numbers.items()}
    point |= {sigma(n): value for n, value in numbers.items()}
    point |= {c: sympy.Rational(1, 3), f: sympy.Rational(2, 7)}
    for series, truth in ((loss[0], formula), (loss[1], rate)):
        assert series.subs(point) == truth.subs(point)


@pytest.mark.slow
def test_json_and_latex_hold_the_same_series(tmp_path):
    path = tmp_path / "S.json"
    path.write_text(json.dumps(SYMBOLIC))
    common = ["overlap", "--series", "2", "--evolve", str(path), "--decay", "c", "--format"]
    document = json.loads(derive_here(*common, "json").stdout)
    series = learning_series(SYMBOLIC, "c", 2)
    assert document["order"] == 2
    for name, coefficients in (*document["overlaps"].items(), ("loss", document["loss"])):
        for k, text in enumerate(coefficients):
            assert sympy.cancel(sympy.sympify(text) - series[name][k]) == 0
    printed = derive_here(*common, "latex").stdout
    header = "% Made by the command: derive overlap --series 2 --evolve S.json --decay c --format latex\n"
    assert printed.startswith(header)
    assert printed.count(r"\begin{align}") == 11
