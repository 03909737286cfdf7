"""A series as a sequence, as text, and as a function on numbers of any kind."""

import mpmath
import numpy as np
import pytest
import sympy
from flint import arb, ctx

from derive import FixedPointTask, Series, beta, expand, tau, zhat

ORDER = 7
GENERAL = expand(FixedPointTask(), ORDER, singular_values=4)
AT_G0 = expand(FixedPointTask(g0=True), ORDER)
NAMES = ("readout", "loss", "gradient_norm", "frobenius_norm")


def every_series(expansion):
    singular = {f"s{r}": s for r, s in enumerate(expansion.singular_values, 1)}
    words = {str(product): series for product, series in expansion.W.entries}
    a = {f"A{i}{j}": expansion.a_matrix[i][j] for i in (0, 1) for j in (0, 1)}
    return {name: getattr(expansion, name) for name in NAMES} | singular | a | words


ALL = {
    (label, name): s for label, x in (("g>0", GENERAL), ("g=0", AT_G0)) for name, s in every_series(x).items()
}


def value(series, time, target, g):
    """The sum through sympy: coefficients substituted, no Horner code."""
    beta_value = 1 / (1 - sympy.Rational(g) ** 2)
    values = {tau: sympy.Rational(time), zhat: sympy.Rational(target), beta: beta_value}
    return series.as_expr().subs(values)


def test_sequence():
    z = GENERAL.readout
    assert isinstance(z, Series)
    assert len(z) == ORDER + 1 == z.order + 1
    assert z[0] == 0
    assert z[2] == -(beta**4) * zhat / 2
    assert z[-1] == z[ORDER]
    assert z[-len(z)] == z[0]
    assert z[1:4] == [z[1], z[2], z[3]]
    assert z[::-3] == [z[7], z[4], z[1]]
    assert z[5:100] == [z[5], z[6], z[7]]
    assert list(z) == [z[k] for k in range(len(z))]
    assert z[1] in z


@pytest.mark.parametrize("index", [ORDER + 1, -ORDER - 2, 100])
def test_index_beyond_the_order(index):
    with pytest.raises(IndexError, match=str(index)):
        GENERAL.readout[index]


def test_as_expr_and_truncate():
    z = GENERAL.readout
    assert sympy.expand(z.as_expr() - sum(z[k] * tau**k for k in range(ORDER + 1))) == 0
    short = z.truncate(3)
    assert short.order == 3
    assert list(short) == z[:4]
    assert list(z.truncate(0)) == [0]
    assert z.truncate(ORDER).as_expr() == z.as_expr()
    assert z.order == ORDER
    for order in (-1, ORDER + 1):
        with pytest.raises(ValueError, match=str(order)):
            z.truncate(order)


@pytest.mark.parametrize("label", ALL, ids=" ".join)
def test_text_is_read_back_exactly(label):
    series = ALL[label]
    for k in range(len(series)):
        parsed = sympy.sympify(series.text(k), locals={"zhat": zhat, "beta": beta})
        assert sympy.expand(parsed - series[k]) == 0
        assert parsed.free_symbols <= ({zhat} if series.at_g0 else {zhat, beta})
        scaled = sympy.sympify(series.text(k, 24), locals={"zhat": zhat, "beta": beta})
        assert sympy.expand(scaled - 24 * series[k]) == 0


@pytest.mark.parametrize("label", ALL, ids=" ".join)
def test_floats(label):
    """Dyadic inputs are exact in both routes; 1e-13 is 450 units of rounding for at most 8 powers of tau."""
    series = ALL[label]
    g = 0 if series.at_g0 else 0.5
    expected = float(value(series, 1 / 64, 1.25, g))
    assert series(1 / 64, 1.25, g) == pytest.approx(expected, rel=1e-13, abs=0)
    assert series(0.0, 1.25, g) == pytest.approx(float(series[0].subs({zhat: 1.25, beta: 4 / 3})))


def test_g_may_be_left_out_only_at_g0():
    z = AT_G0.readout
    assert z(0.125, 1.5) == z(0.125, 1.5, 0) == pytest.approx(float(value(z, 0.125, 1.5, 0)), rel=1e-14)
    with pytest.raises(TypeError, match="g is missing"):
        GENERAL.readout(0.125, 1.5)


def test_numpy_arrays_broadcast():
    z = GENERAL.readout
    times, targets = np.linspace(-0.05, 0.05, 5), np.array([[0.5], [1.0], [2.0]])
    table = z(times, targets, 0.5)
    assert table.shape == (3, 5)
    for i, target in enumerate(targets[:, 0]):
        for j, time in enumerate(times):
            assert table[i, j] == pytest.approx(z(float(time), float(target), 0.5), rel=1e-14)
    empty = AT_G0.singular_values[0].truncate(0)  # identically zero, still of the arguments' shape
    assert empty(times, targets, 0.0).shape == (3, 5)


def test_singular_values_and_a_matrix_are_called_as_a_whole():
    found = GENERAL.singular_values(0.02, 1.5, 0.5)
    assert found == tuple(s(0.02, 1.5, 0.5) for s in GENERAL.singular_values)
    (a11, a12), (a21, a22) = GENERAL.a_matrix(0.02, 1.5)
    assert [a11, a12, a21, a22] == [float(e(0.02, 1.5)) for row in GENERAL.a_matrix for e in row]


@pytest.mark.parametrize("name", NAMES)
def test_mpmath_keeps_its_digits(name):
    series = getattr(GENERAL, name)
    with mpmath.workdps(50):
        found = series(mpmath.mpf(1) / 64, mpmath.mpf(5) / 4, mpmath.mpf(1) / 2)
        exact = value(series, sympy.Rational(1, 64), sympy.Rational(5, 4), sympy.Rational(1, 2))
        # 50 digits of working precision, two of them for the rounding of some hundred operations
        assert abs(found - mpmath.mpf(exact.p) / exact.q) < mpmath.mpf(10) ** -48 * abs(found)


@pytest.mark.parametrize("name", NAMES)
def test_balls_contain_the_exact_value(name):
    series = getattr(GENERAL, name)
    before = ctx.prec
    ctx.prec = 150
    try:
        found = series(arb(1) / 64, arb(5) / 4, arb(1) / 2)
        exact = value(series, sympy.Rational(1, 64), sympy.Rational(5, 4), sympy.Rational(1, 2))
        assert found.contains(arb(int(exact.p)) / int(exact.q))
        assert found.rad() < 1e-40
    finally:
        ctx.prec = before


@pytest.mark.parametrize("name", NAMES)
def test_torch_differentiates_the_printed_lines(name):
    """Autograd through the Horner code against sympy's derivative of the polynomial."""
    torch = pytest.importorskip("torch")
    series, g_symbol = getattr(GENERAL, name), sympy.Symbol("g")
    arguments = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (1 / 64, 1.25, 0.5)]
    series(*arguments).backward()
    expression = series.as_expr().subs(beta, 1 / (1 - g_symbol**2))
    point = {tau: sympy.Rational(1, 64), zhat: sympy.Rational(5, 4), g_symbol: sympy.Rational(1, 2)}
    for argument, symbol in zip(arguments, point, strict=True):
        exact = float(sympy.diff(expression, symbol).subs(point))
        # tens of float64 roundings, with mild cancellation between powers of tau
        assert argument.grad.item() == pytest.approx(exact, rel=1e-12)


def test_rendering():
    z = GENERAL.readout.truncate(2)
    first, second = sympy.latex(zhat * beta**2), sympy.latex(-zhat * beta**4 / 2)
    assert z._repr_latex_() == rf"${first} \tau {second} \tau^{{2}} + O\left(\tau^{{3}}\right)$"
    assert repr(z) == "Series(z, order=2)"
    assert str(z) == "(zhat*beta**2)*tau**1 + (-zhat*beta**4/2)*tau**2 + O(tau**3)"
    assert str(z.truncate(0)) == "0 + O(tau**1)"


@pytest.mark.parametrize(("label", "expansion"), [("g>0", GENERAL), ("g=0", AT_G0)])
def test_weight_change_as_text_is_the_weight_change(label, expansion):
    """W.json() holds what W[k] holds, coefficient by coefficient."""
    for entry in expansion.W.json():
        terms = {(t["left"], t["right"]): t["coefficient"] for t in entry["terms"]}
        listed = {(p.json()["left"], p.json()["right"]): c for c, p in expansion.W[entry["k"]]}
        assert terms.keys() == listed.keys()
        for key, text in terms.items():
            parsed = sympy.sympify(text, locals={"zhat": zhat, "beta": beta})
            assert sympy.expand(parsed - listed[key]) == 0
