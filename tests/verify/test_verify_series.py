"""Check (i): slopes of the series' error, and what a wrong coefficient does to them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy
from project import GENERATED
from slow_cases import slow_but

import derive
from derive.document.request import Request
from derive.write.code.python import function_source
from derive.write.render import Rendering
from verify.checks.chain_series import chain_checks
from verify.checks.check import Check
from verify.checks.printed import function_errors, next_terms, series_checks
from verify.truth.limit_flow import CLOSENESS
from verify.truth.precise_flow import flow_state
from verify.truth.precise_networks import precise_instance, precise_limit_network
from verify.truth.setting import Setting
from verify.truth.theory import Theory, load_theory, theory_from_source


def theory_of_order(order: int) -> Theory:
    """What the printed module holds, without the file."""
    expansion = derive.expand(derive.FixedPointTask(), order)
    names = ("readout", "loss", "gradient_norm", "frobenius_norm")
    functions = {name: getattr(expansion, name) for name in (*names, "a_matrix")}
    return Theory(order, Path(), {**functions, "singular_values": values_of(expansion)})


def values_of(expansion: derive.Expansion) -> Callable[..., tuple[Any, ...]]:
    return lambda *at: tuple(series(*at) for series in expansion.singular_values)


@pytest.mark.parametrize(
    ("order", "g", "zhat"),
    slow_but(
        [(1, 0.6, 4.0), (2, 0.0, 0.5)],
        [(1, 0.6, 4.0), (2, 0.0, 0.5), (5, 0.9, 4.0), (5, 0.6, 0.1), (8, 0.3, 2.0)],
        several=True,
    ),
)
def test_printed_series_err_at_the_next_order(order: int, g: float, zhat: float) -> None:
    checks = series_checks(theory_of_order(order), Setting(g, zhat))
    assert len(checks) == 7
    assert [c.name for c in checks if not c.passed] == []


@pytest.mark.slow
def test_far_from_a_target_of_one_earlier_times_show_the_order() -> None:
    """At zhat = 1000 even powers of tau are small beside odd ones: the usual times are too late for them."""
    theory, setting = theory_of_order(3), Setting(0.6, 1000.0)
    late = function_errors(theory, setting, "readout", CLOSENESS)["readout"].check("readout")
    assert not late.passed
    assert [c.name for c in series_checks(theory, setting) if not c.passed] == []
    readout = theory.functions["readout"]
    functions = {**theory.functions, "readout": lambda *at: readout(*at) + 1e7 * at[0] ** 3}
    wrong = [c for c in series_checks(replace(theory, functions=functions), setting) if not c.passed]
    assert [round(c.measured, 2) for c in wrong] == [3.0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("order", "g", "zhat"), [(1, 0.6, 1.0), (2, 0.0, 0.5), (3, 0.6, 0.5), (5, 0.9, 2.0), (8, 0.3, 2.0)]
)
def test_sharpness_eigenvalues_and_end_of_learning_err_at_the_next_order(
    tmp_path: Path, order: int, g: float, zhat: float
) -> None:
    (tmp_path / f"order_{order}.py").write_text(Rendering(Request(order)).module)
    theory = load_theory(tmp_path, order)
    later = {"singular_vectors", "leading_singular_values", "universal", "universal_end"}
    earlier = {
        name: f for name, f in theory.functions.items() if name not in later and "_variance" not in name
    }
    checks = series_checks(replace(theory, functions=earlier), Setting(g, zhat))
    assert len(checks) == 8 + (7 if g else 6)
    assert [(c.name, c.measured) for c in checks if not c.passed] == []


def spoilt_end(order: int, learning_time: object) -> Theory:
    theory = theory_from_source(Rendering(Request(order)).module, Path())
    return replace(theory, functions={**theory.functions, "learning_time": learning_time})


def failed(checks: list[Check]) -> list[tuple[str, float]]:
    return [(c.name.split()[2].rstrip(":"), round(c.measured, 2)) for c in checks if not c.passed]


@pytest.mark.slow
def test_where_the_first_term_left_out_vanishes_the_slope_is_taken_nearby() -> None:
    # the learning time's third and fourth coefficients are zero at g = 0, zhat = 1/2
    end = derive.LearningEnd(derive.FixedPointTask(), 4).time
    assert end[3].subs({derive.zhat: sympy.Rational(1, 2), derive.beta: 1}) == 0
    checks = series_checks(spoilt_end(2, end.truncate(2)), Setting(0.0, 0.5))
    assert failed(checks) == []
    (moved,) = [c for c in checks if "learning_time" in c.name]
    assert moved.measured == pytest.approx(3, abs=0.01)
    assert moved.reason.startswith("at zhat = 0.535, as the first term left out vanishes at 0.5; ")


@pytest.mark.slow
def test_a_steeper_slope_than_the_order_allows_is_an_error() -> None:
    end = derive.LearningEnd(derive.FixedPointTask(), 4).time
    # a series longer than the module says is not what the module says, at any target
    checks = series_checks(spoilt_end(2, end), Setting(0.0, 0.5))
    assert failed(checks) == [("learning_time", 5.0)]


def test_a_wrong_coefficient_at_such_a_target_is_found() -> None:
    exact = derive.LearningEnd(derive.FixedPointTask(), 2).time

    def wrong(delta: Any, zhat: Any, g: Any) -> Any:
        return exact(delta, zhat, g) + delta**2 / 1000

    checks = series_checks(spoilt_end(2, wrong), Setting(0.0, 0.5))
    assert failed(checks) == [("learning_time", 2.0), ("mean_gradient_norm", 1.0)]


@pytest.mark.slow
def test_the_series_of_an_instance_errs_at_the_next_order() -> None:
    assert all(c.passed for order in (1, 4) for c in chain_checks(Setting(0.6, 0.5), 12, order))


@pytest.mark.parametrize("order", range(1, 6))
def test_one_coefficient_wrong_by_a_hundredth_gives_its_own_slope(order: int) -> None:
    theory = theory_of_order(5)
    exact = theory.functions["readout"]

    def wrong(tau: object, zhat: object, g: object) -> object:
        term = exact.truncate(order)(tau, zhat, g) - exact.truncate(order - 1)(tau, zhat, g)
        return exact(tau, zhat, g) + term / 100

    spoilt = replace(theory, functions={**theory.functions, "readout": wrong})
    checks = series_checks(spoilt, Setting(0.6, 0.5))
    failed = [c for c in checks if not c.passed]
    assert [c.name for c in failed] == ["series of readout: printed against limit flow"]
    # c_6 tau^6 against c_5 tau^5/100 at 1e-4 of the radius: 1% of the slope's unit
    assert failed[0].measured == pytest.approx(order, abs=0.02)


def test_next_terms_are_those_of_the_limit_network() -> None:
    left_out = next_terms(theory_of_order(5), Setting(0.6, 0.5))["readout"]
    truth = derive.instance_series(derive.limit_network(0.6, 12), 0.5, 7).readout
    assert left_out.first == pytest.approx(truth[6], rel=1e-6)
    assert left_out.second == pytest.approx(truth[7], rel=1e-3)


@pytest.mark.parametrize(("g", "zhat"), [(0.6, 0.5), (0.0, 2.0), (1e-7, 1.0)])
def test_many_digit_flow_is_the_limit_networks(g: float, zhat: float) -> None:
    tau = 0.02 * (1 - g**2) ** 2
    state = flow_state(precise_limit_network(g, 5), zhat, mpmath.mpf(tau), columns=6)
    flow = derive.gradient_flow(derive.limit_network(g, 8), zhat, [tau])
    # the five nodes' own error is of order (tau/radius)^10, below double precision
    assert float(state.readout) == pytest.approx(flow.readout[0], abs=1e-12)
    s1 = float(state.singular_value(1))
    assert s1 == pytest.approx(flow.singular_values(1)[0, 0], abs=1e-12)


def test_many_digit_flow_is_the_instances() -> None:
    instance = derive.Instance.sample(12, 0.6, seed=0)
    state = flow_state(precise_instance(instance), 0.5, mpmath.mpf("0.001"), columns=6)
    flow = derive.gradient_flow(instance, 0.5, [0.001])
    assert np.allclose(state.change.astype(float), flow.change[0], atol=1e-12)


def test_the_committed_module_loads_and_is_what_derive_derives() -> None:
    theory = load_theory(GENERATED, 5)
    printed = theory.observables(0.1, 0.5, 0.6)
    expected = theory_of_order(5).observables(0.1, 0.5, 0.6)
    assert {name: printed[name] for name in expected} == pytest.approx(expected, rel=1e-14)


def test_a_printed_function_takes_many_digits() -> None:
    source = function_source(derive.expand(derive.FixedPointTask(), 3).readout.program("f"))
    namespace: dict[str, object] = {}
    exec(source, namespace)
    with mpmath.workdps(60):
        value = namespace["f"](mpmath.mpf("1e-3"), mpmath.mpf("0.5"), mpmath.mpf("0.6"))  # type: ignore[operator]
        assert isinstance(value, mpmath.mpf)
