"""The emitted modules: what stands in them, and that it is the derived series."""

import importlib.util
import subprocess
import sys

import mpmath
import numpy as np
import pytest
import sympy
from plain_arithmetic import assert_plain
from project import GENERATED
from slow_cases import slow_but

import derive
from derive import FixedPointTask, LearningEnd, expand
from derive.document.request import Request
from derive.write.render import Rendering

FUNCTIONS = ("readout", "loss", "gradient_norm", "frobenius_norm", "sharpness")
IN_DELTA = {
    "learning_time": "time",
    "weight_change": "weight_change",
    "mean_gradient_norm": "mean_gradient_norm",
    "shuffled_loss": "shuffled_loss",
}


def load(path):
    """A module by its path."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def emitted(tmp_path, order, **options):
    """The module of one order, loaded, and its source."""
    source = Rendering(Request(order, **options)).module
    path = tmp_path / "module.py"
    path.write_text(source)
    return load(path), source


@pytest.mark.parametrize("order", [3, 5])
def test_committed_files_are_what_the_engine_prints_now(order):
    for name, content in Rendering(Request(order)).files().items():
        assert (GENERATED / name).read_text() == content


@pytest.mark.parametrize("order", slow_but({1, 2, 3, 5}, [1, 2, 3, 5, 8]))
def test_functions_return_the_series(tmp_path, order):
    """Against sympy's evaluation of the derived polynomial in 30 digits."""
    module, _ = emitted(tmp_path, order)
    expansion = expand(FixedPointTask(), order)
    assert order == module.ORDER
    assert module.SYSTEM == "fixed-point"
    tau, zhat, g = sympy.Rational(1, 37), sympy.Rational(7, 5), sympy.Rational(3, 5)
    symbols = [sympy.Symbol(name, positive=True) for name in ("tau", "zhat", "beta")]
    values = dict(zip(symbols, (tau, zhat, 1 / (1 - g**2)), strict=True))
    with mpmath.workdps(30):
        point = [mpmath.mpf(int(x.p)) / int(x.q) for x in (tau, zhat, g)]
        for name in FUNCTIONS:
            exact = getattr(expansion, name).as_expr().subs(values)
            assert abs(getattr(module, name)(*point) - mpmath.mpf(exact.p) / exact.q) < 1e-27
        for value, series in zip(module.singular_values(*point), expansion.singular_values, strict=True):
            exact = series.as_expr().subs(values)
            assert abs(value - mpmath.mpf(int(exact.p)) / int(exact.q)) < 1e-27
        for row, series_row in zip(module.a_matrix(*point[:2]), expansion.a_matrix, strict=True):
            for value, series in zip(row, series_row, strict=True):
                exact = sympy.Rational(series.as_expr().subs(values))
                assert abs(value - mpmath.mpf(int(exact.p)) / int(exact.q)) < 1e-27


@pytest.mark.parametrize("order", slow_but({1, 2, 5}, [1, 2, 5, 8]))
def test_functions_of_the_end_of_learning_return_the_series_in_delta(tmp_path, order):
    """Against sympy's evaluation of the derived coefficients of delta, in 30 digits."""
    module, _ = emitted(tmp_path, order)
    end = LearningEnd(FixedPointTask(), order)
    delta, zhat, g = sympy.Rational(7, 9), sympy.Rational(2, 5), sympy.Rational(3, 5)
    symbols = [sympy.Symbol(name, positive=True) for name in ("zhat", "beta")]
    values = dict(zip(symbols, (zhat, 1 / (1 - g**2)), strict=True))
    with mpmath.workdps(60):
        point = [mpmath.mpf(int(x.p)) / int(x.q) for x in (delta, zhat, g)]
        for name, attribute in IN_DELTA.items():
            series = getattr(end, attribute)
            exact = sympy.Rational(sum(series[k].subs(values) * delta**k for k in range(len(series))))
            value = mpmath.mpf(int(exact.p)) / int(exact.q)
            assert abs(getattr(module, name)(*point) - value) < 1e-50


@pytest.mark.parametrize("order", slow_but({1, 2, 5}, [1, 2, 5, 8]))
def test_eigenvalues_at_g_zero_are_those_of_the_matrix_a(tmp_path, order):
    """Against A11 +- sqrt(A12 A21) of the emitted A of higher order: the difference is the next term."""
    module, _ = emitted(tmp_path, order)
    mean, split = expand(FixedPointTask(), order + 1).eigenvalues_g0
    exact = expand(FixedPointTask(), order + 12).a_matrix
    with mpmath.workdps(250):
        tau, zhat = mpmath.mpf(10) ** -7, mpmath.mpf(7) / 5
        (a11, a12), (a21, _) = ((x(tau, zhat) for x in row) for row in exact)
        root = mpmath.sqrt(a12 * a21)
        both = module.eigenvalues_g0(tau, zhat)
        for value, sign in zip(both, (1, -1), strict=True):
            error = (a11 + sign * root - value) / tau ** (order + 1)
            at = {sympy.Symbol("zhat", positive=True): sympy.Rational(7, 5)}
            expected = (mean[-1] + sign * split[-1] / sympy.sqrt(3)).subs(at)
            # the term after it is smaller by tau over the radius, about 1e-7
            assert float(error) == pytest.approx(float(expected), rel=1e-5)


def rational(expression, values):
    """The exact value of an expression in many digits of mpmath."""
    exact = sympy.Rational(sympy.sympify(expression).subs(values))
    return mpmath.mpf(int(exact.p)) / int(exact.q)


@pytest.mark.parametrize("order", slow_but({1, 3, 5}, [1, 3, 5, 8]))
def test_vectors_outliers_and_leading_terms_are_those_derived(tmp_path, order):
    """Against sympy's evaluation of the derived coefficients, in 60 digits."""
    module, _ = emitted(tmp_path, order)
    expansion = expand(FixedPointTask(), order)
    tau, zhat, g, lam = (sympy.Rational(*x) for x in ((1, 37), (7, 5), (3, 5), (-9, 10)))
    names = (derive.tau, derive.zhat, derive.beta, derive.lam)
    values = dict(zip(names, (tau, zhat, 1 / (1 - g**2), lam), strict=True))
    with mpmath.workdps(60):
        point = [mpmath.mpf(int(x.p)) / int(x.q) for x in (tau, zhat, g)]
        found = module.outlier_equation(point[2] * -3 / 2, *point)
        assert abs(found - rational(expansion.outlier_equation.as_expr(), values)) < 1e-57
        for r, value in enumerate(module.leading_singular_values(*point), 1):
            exact = rational(derive.leading_singular_value(r) * derive.tau ** (2 * r - 1), values)
            assert abs(value / exact - 1) < 1e-57
        vectors = module.singular_vectors(*point)
        assert len(vectors) == len(expansion.singular_vectors) == (1 if order < 3 else 2)
        for (coordinates, norm), vector in zip(vectors, expansion.singular_vectors, strict=True):
            assert abs(norm - rational(vector.squared_norm.as_expr(), values)) < 1e-55
            for value, series in zip(coordinates, vector.coordinates, strict=True):
                assert abs(value - rational(series.as_expr(), values)) < 1e-55


@pytest.mark.parametrize("order", slow_but({1}, [1, 5, 8]))
def test_scaling_functions_are_the_limits_of_the_functions_themselves(tmp_path, order):
    """Each function over its prefactor at 1 - g^2 = 1e-40 and y = 3/7, which is as far from the limit."""
    module, _ = emitted(tmp_path, order)
    with mpmath.workdps(120):
        small, y, time = mpmath.mpf(10) ** -40, mpmath.mpf(3) / 7, mpmath.mpf(1) / 11
        g, beta = mpmath.sqrt(1 - small), 1 / small
        zhat = mpmath.sqrt(y / beta)
        point = (time / beta**2, zhat, g)
        values = [s * beta / zhat for s in module.singular_values(*point)]
        expected = {
            "readout": module.readout(*point) / zhat,
            "loss": module.loss(*point) / zhat**2,
            "gradient_norm": module.gradient_norm(*point) / (zhat * beta),
            "frobenius_norm": module.frobenius_norm(*point) * beta / zhat,
            "s1": values[0],
            "s2": values[1],
            "sharpness": module.sharpness(*point) / beta**2,
        }
        at_end = (time, zhat, g)
        expected_end = {
            "learning_time": module.learning_time(*at_end) * beta**2,
            "weight_change": module.weight_change(*at_end) * beta / zhat,
            "mean_gradient_norm": module.mean_gradient_norm(*at_end) / (zhat * beta),
            "shuffled_loss": module.shuffled_loss(*at_end),
        }
        for found, exact in (
            (module.universal(time, y), expected),
            (module.universal_end(time, y), expected_end),
        ):
            assert list(found) == list(exact)
            assert max(abs(found[name] - exact[name]) for name in exact) < 1e-38


@pytest.mark.parametrize("options", [{"alignment": "rho"}, {"alignment": "-1"}, {"alignment": "0.9"}])
@pytest.mark.parametrize("order", [4, 5])
def test_parallel_vectors_without_connectivity_have_one_singular_value(tmp_path, options, order):
    """At g = 0, w = +-m, all of W - W0 is in one direction; quotients that are 0/0 there are said to be."""
    module, _ = emitted(tmp_path, order, **options)
    point = (0.05, 1.5, 0.0, *[-1.0] * (options["alignment"] == "rho"))
    said = "0/0" in " ".join(module.__doc__.split())
    assert said == (order == 5 and options["alignment"] != "0.9")
    if said:
        with pytest.raises(ZeroDivisionError):
            module.singular_values(*point)
        nearly = expand(FixedPointTask(**options), order).singular_values(0.05, 1.5, 1e-4, *point[3:])
        assert abs(nearly[1]) < 1e-7 * nearly[0]
    else:
        second = module.singular_values(*point)[1]
        assert (abs(second) < 1e-15) == (options["alignment"] != "0.9")


@pytest.mark.slow
@pytest.mark.parametrize("order", [5, 20])
def test_functions_take_arrays_tensors_and_balls(tmp_path, order):
    """Every type gives the float's value, to 1e-12 (what cancels in the shuffled loss is lost)."""
    torch = pytest.importorskip("torch")
    from flint import arb

    module, _ = emitted(tmp_path, order)
    cases = [(getattr(module, name), (0.02, 0.7, 0.6)) for name in FUNCTIONS]
    cases += [(getattr(module, name), (0.3, 0.5, 0.6)) for name in IN_DELTA]
    cases += [(lambda *x, r=r: module.eigenvalues_g0(*x)[r], (0.3, 0.5)) for r in (0, 1)]
    cases += [(lambda *x, r=r: module.leading_singular_values(*x)[r], (0.3, 0.5, 0.6)) for r in (0, 4)]
    cases += [(lambda *x, r=r: module.singular_vectors(*x)[r][0][1], (0.02, 0.5, 0.6)) for r in (0, 1)]
    cases += [(lambda *x: module.singular_vectors(*x)[0][1], (0.02, 0.5, 0.6))]
    cases += [(module.outlier_equation, (0.8, 0.02, 0.5, 0.6))]
    cases += [(lambda *x, name=name: module.universal(*x)[name], (0.1, 0.4)) for name in ("readout", "s2")]
    cases += [(lambda *x, name=name: module.universal_end(*x)[name], (0.3, 0.4)) for name in IN_DELTA]
    for function, point in cases:
        value = function(*point)
        array = function(np.array([point[0]] * 2), *point[1:])
        np.testing.assert_allclose(array, [value] * 2, rtol=1e-12)
        tensor = function(*(torch.tensor(x, dtype=torch.float64) for x in point))
        np.testing.assert_allclose(tensor.item(), value, rtol=1e-12)
        ball = function(*map(arb, point))
        assert abs(float(ball.mid()) - value) <= 1e-12 * abs(value)


@pytest.mark.parametrize("options", [{"train": "W,m,w"}, {"train": "m"}, {"alignment": "rho"}])
def test_other_tasks_have_sharpness_and_not_what_is_not_derived(tmp_path, options):
    module, _ = emitted(tmp_path, 3, **options)
    assert hasattr(module, "sharpness")
    absent = ("eigenvalues_g0", "outlier_equation", "universal", "universal_end", "leading_singular_values")
    assert not any(hasattr(module, name) for name in (*IN_DELTA, *absent))
    assert hasattr(module, "singular_vectors") == (options.get("train") == "W,m,w")


@pytest.mark.slow
@pytest.mark.parametrize("order", [5, 20])
def test_only_plain_arithmetic_and_exact_integers(tmp_path, order):
    assert_plain(emitted(tmp_path, order)[1])


def test_a_module_needs_nothing_installed():
    """An isolated interpreter without site-packages."""
    code = (
        "import importlib.util as u; s = u.spec_from_file_location('m', 'order_5.py'); "
        "m = u.module_from_spec(s); s.loader.exec_module(m); print(m.readout(0.1, 0.5, 0.0))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], cwd=GENERATED, capture_output=True, text=True, check=True
    )
    # z = zhat (tau - tau^2/2 + (1 + 8 zhat^2) tau^3/6 + ...), Eq. 15 at g = 0; next terms < 1e-4
    assert float(done.stdout) == pytest.approx(0.5 * (0.1 - 0.005 + 3 * 0.001 / 6), abs=1e-4)
