"""What double precision keeps of an order-20 sum, and the Python lines that it runs."""

import ast
from collections import defaultdict
from fractions import Fraction
from math import comb

import mpmath
import numpy as np
import pytest

from derive import FixedPointTask, expand
from derive.write.code.python import function_source

ORDER = 20
EXPANSION = expand(FixedPointTask(), ORDER)
OBSERVABLES = {
    series.symbol: series
    for series in (
        EXPANSION.readout,
        EXPANSION.loss,
        EXPANSION.gradient_norm,
        EXPANSION.frobenius_norm,
        *EXPANSION.singular_values,
        EXPANSION.sharpness,
        # series in delta, with ttilde in its place
        EXPANSION.learning_end.time.in_tau,
        EXPANSION.learning_end.weight_change.in_tau,
        EXPANSION.learning_end.mean_gradient_norm.in_tau,
        EXPANSION.learning_end.shuffled_loss.in_tau,
    )
}


def monomials(series):
    """{(k, power of zhat): {power of beta: coefficient}}, exact, from the public terms."""
    table = defaultdict(dict)
    for k in range(len(series)):
        numerator, denominator = series.terms(k)
        assert [(t.coefficient, t.zhat_power, t.beta_power) for t in denominator] == [(1, 0, 0)]
        for t in numerator:
            table[k, t.zhat_power][t.beta_power] = Fraction(int(t.coefficient.p), int(t.coefficient.q))
    return table


def in_g_squared(by_beta):
    """sum_p c_p beta^p = beta^top sum_i d_i g^(2i): the top power and the list d."""
    top = max(by_beta)
    result = [Fraction(0)] * (top - min(by_beta) + 1)
    for power, c in by_beta.items():  # beta^-n = (1 - g^2)^n
        for i in range(top - power + 1):
            result[i] += c * comb(top - power, i) * (-1) ** i
    return top, result


def exact_values(table, points):
    """The polynomial in tau, zhat, beta, term by term, in 50 digits at the exact binary inputs."""
    with mpmath.workdps(50):
        rows = []
        for (k, zhat_power), by_beta in table.items():
            low, high = min(by_beta), max(by_beta)
            c = [by_beta.get(p, Fraction(0)) for p in range(high, low - 1, -1)]
            rows.append((k, zhat_power, low, [mpmath.mpf(x.numerator) / x.denominator for x in c]))
        values = []
        for tau, zhat, g in points:
            tau, zhat, beta = mpmath.mpf(tau), mpmath.mpf(zhat), 1 / (1 - mpmath.mpf(g) ** 2)
            values.append(
                mpmath.fsum(tau**k * zhat**z * beta**low * mpmath.polyval(c, beta) for k, z, low, c in rows)
            )
        return values


def sum_of_magnitudes(table, tau, zhat, g):
    """The same sum over monomials ttilde^k (zhat^2 beta)^j g^(2i), each taken by its magnitude."""
    beta, total = 1 / (1 - g * g), 0.0
    for (k, zhat_power), by_beta in table.items():
        top, c = in_g_squared(by_beta)
        magnitudes = [float(abs(x)) for x in c]
        total = total + np.abs(tau) ** k * zhat**zhat_power * beta**top * np.polyval(magnitudes[::-1], g * g)
    return total


def sample(count):
    """Points inside the radius of convergence, both signs of time.

    0.3/sqrt(y + 1/4), y = zhat^2 beta, is between 0.61 and 0.65 of each radius that THEORY 5 lists
    (y from 0.25 to 11); for large y the radius goes as 1/sqrt(y), because zhat then scales out.
    """
    random = np.random.default_rng(20)
    zhat, g = random.uniform(0.1, 4, count), random.uniform(0, 0.95, count)
    beta = 1 / (1 - g**2)
    ttilde = random.uniform(-1, 1, count) * 0.3 / np.sqrt(zhat**2 * beta + 0.25)
    return ttilde / beta**2, zhat, g


@pytest.mark.slow
@pytest.mark.parametrize("symbol", OBSERVABLES)
def test_double_precision_is_as_good_as_the_sum_allows(symbol):
    """Relative error <= 1e-14 times the condition number of the sum, at 300 points.

    1e-14 is 45 units of rounding: each power of ttilde and of zhat^2 beta carries a few of them,
    and within the radius low powers dominate.
    """
    series, (tau, zhat, g) = OBSERVABLES[symbol], sample(300)
    table = monomials(series)
    exact = exact_values(table, zip(tau.tolist(), zhat.tolist(), g.tolist(), strict=True))
    computed = [series(*point) for point in zip(tau.tolist(), zhat.tolist(), g.tolist(), strict=True)]
    with mpmath.workdps(50):
        error = np.array([float(abs(c / e - 1)) for c, e in zip(computed, exact, strict=True)])
    condition = sum_of_magnitudes(table, tau, zhat, g) / np.abs(np.array(exact, dtype=float))
    assert np.all(condition > 1 - 1e-9)
    assert np.max(error / condition) <= 1e-14


@pytest.mark.parametrize("g", [0.999, 1 - 2.0**-20, 1 - 2.0**-40])
def test_double_precision_close_to_the_transition(g):
    """beta = 1/(1 - g^2) diverges at g = 1; 1 - g^2 must not be found by cancellation."""
    series = OBSERVABLES["z"]
    zhat, beta = 1.0, 1 / (1 - g) / (1 + g)
    tau = 0.2 / np.sqrt(beta) / beta**2
    with mpmath.workdps(80):
        exact = series(mpmath.mpf(tau), mpmath.mpf(zhat), mpmath.mpf(g))  # Horner code, other digits
        assert float(abs(series(tau, zhat, g) / exact - 1)) <= 1e-14


def test_arrays_and_single_floats_agree():
    tau, zhat, g = sample(50)
    series = OBSERVABLES["z"]
    one_by_one = [series(*point) for point in zip(tau.tolist(), zhat.tolist(), g.tolist(), strict=True)]
    # numpy's integer powers may round differently from Python's, a few units in the last place
    np.testing.assert_allclose(series(tau, zhat, g), one_by_one, rtol=1e-14)


def test_readout_coefficients_in_g_squared_keep_one_sign():
    """For each power of ttilde and of zhat^2 beta: nothing cancels in g^2."""
    for by_beta in monomials(OBSERVABLES["z"]).values():
        signs = {c > 0 for c in in_g_squared(by_beta)[1] if c}
        assert len(signs) == 1


@pytest.mark.parametrize("symbol", OBSERVABLES)
def test_printed_lines_hold_only_arithmetic_and_integers_that_doubles_represent(symbol):
    source = function_source(OBSERVABLES[symbol].program())
    operators = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
    statements = (ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Assign, ast.Return)
    contexts = (ast.Load, ast.Store)
    expressions = (ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.USub)
    tree = ast.parse(source)
    for node in ast.walk(tree):
        assert isinstance(node, (*operators, *statements, *contexts, *expressions)), ast.dump(node)
        if isinstance(node, ast.Constant):
            assert node.value < 2**53
            assert type(node.value) is (int if node.value < 2**31 else float)
            assert node.value == int(node.value)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            assert not (is_literal(node.left) and is_literal(node.right)), ast.unparse(node)
        if isinstance(node, ast.BinOp) and is_literal(node) and not isinstance(node.op, ast.Div):
            assert abs(eval(ast.unparse(node))) < 2**53


def is_literal(node):
    """Whether an expression is made of literals alone."""
    return all(not isinstance(child, ast.Name) for child in ast.walk(node))
