"""The outliers of W as an exact series D(lambda, tau), against determinants of matrices (THEORY 3, 4)."""

import mpmath
import numpy as np
import pytest
import sympy
from scipy.optimize import brentq

import derive
from derive import FixedPointTask, Instance, expand

lam, tau, zhat, beta = derive.lam, derive.tau, derive.zhat, derive.beta


def _truncated(expression, order):
    expression = sympy.expand(expression)
    return sum(expression.coeff(tau, k) * tau**k for k in range(order + 1))


@pytest.mark.parametrize("order", [1, 4, 7])
def test_at_g0_it_is_the_determinant_of_the_paper_matrix(order):
    """det(1 - A/lambda), A of Eq. 9 and 10."""
    A = sympy.Matrix(2, 2, lambda i, j: expand(FixedPointTask(), order).a_matrix[i][j].as_expr())
    exact = _truncated((sympy.eye(2) - A / lam).det(), order)
    special = expand(FixedPointTask(g0=True), order).outlier_equation
    general = expand(FixedPointTask(), order).outlier_equation
    assert sympy.expand(special.as_expr() - exact) == 0
    assert sympy.simplify(general.as_expr().subs(beta, 1) - exact) == 0


@pytest.mark.slow
def test_it_is_the_determinant_of_chain_coordinates_and_word_moments():
    """Another route at order 4: W_k as words, and Gamma from the recursion for general words."""
    order = 4
    C = sympy.zeros(order, order)
    for product, series in expand(FixedPointTask(), order).W.entries:
        C[len(product.left.letters) - 1, len(product.right.letters) - 1] = series.as_expr()
    gamma = [
        derive.moment("B[lam] B'" + " B B'" * n).subs(sympy.Symbol("lam"), lam) for n in range(order + 1)
    ]
    Gamma = sympy.Matrix(order, order, lambda j, i: gamma[(i + j + 1) // 2] if (i + j) % 2 else 0)
    symbols = sympy.symbols("gamma:5")
    named = Gamma.subs(dict(zip(gamma, symbols, strict=True)))
    exact = _truncated((sympy.eye(order) - C * named).det(method="berkowitz"), order)
    exact = exact.subs(dict(zip(symbols, gamma, strict=True)))
    found = expand(FixedPointTask(), order).outlier_equation.as_expr()
    assert sympy.simplify(found - exact) == 0


def test_the_first_coefficient():
    """-2 C_01 gamma_1 with C_01 = beta (zhat tau)^2/2, gamma_1 = beta^2 lambda/(lambda - g^2)^2."""
    g_squared = 1 - 1 / beta
    first = expand(FixedPointTask(), 2).outlier_equation[2]
    assert sympy.simplify(first + zhat**2 * beta**3 * lam / (lam - g_squared) ** 2) == 0


@pytest.mark.slow
@pytest.mark.parametrize("point", [0.9, -0.5, 0.6 + 0.5j])
def test_it_is_that_of_learned_random_networks(point):
    """D_N = det(lambda - W)/det(lambda - W0) of trained networks; the deviation falls as N^(-1/2)."""
    g, target, order, seeds = 0.4, 2.0, 20, 32
    tau_value = 0.12 * (1 - g**2) ** 2  # half the radius of convergence; order 14 differs by 1e-6
    D = expand(FixedPointTask(), order).outlier_equation(point, tau_value, target, g)

    def deviations(size):
        values = []
        for seed in range(seeds):
            network = Instance.sample(size, g, seed)
            change = derive.gradient_flow(network, target, [tau_value], 1e-9).change[0]
            eye = np.eye(size)
            values.append(np.linalg.det(eye - np.linalg.solve(point * eye - network.W0, change)) - D)
        return np.array(values)

    few, many = deviations(40), deviations(160)
    spread = [np.sqrt(np.mean(np.abs(x) ** 2)) for x in (few, many)]
    # a factor 2; root mean squares over 32 seeds each put 18 % on it, two standard deviations 36 %
    assert 1.35 < spread[0] / spread[1] < 2.9
    assert abs(many.mean()) < 3 * spread[1] / np.sqrt(seeds) < abs(D - 1) / 3  # three standard errors


@pytest.mark.slow
def test_its_root_is_the_outlier_of_the_limit_network():
    """Against the exact path, which knows no series, where an outlier exists inside the radius."""
    g, target = 0.05, 2.0
    tau_value = 0.14 * (1 - g**2) ** 2
    equation = expand(FixedPointTask(), 24).outlier_equation
    root = brentq(lambda point: equation(point, tau_value, target, g), 0.06, 0.9)
    exact = derive.outliers(g, target, [tau_value])[0]
    assert len(exact) == 1
    # the readout's terms fall as (0.14/0.24)^k: 1.4e-6 at the 25th
    assert root == pytest.approx(exact[0].real, abs=1.4e-6)


def test_text_and_numbers_are_those_of_the_expressions():
    equation = expand(FixedPointTask(), 6).outlier_equation
    names = {"zhat": zhat, "beta": beta, "lam": lam}
    for k in range(7):
        assert sympy.simplify(sympy.sympify(equation.text(k), locals=names) - equation[k]) == 0
    with mpmath.workdps(40):
        at = {tau: sympy.Rational(1, 50), zhat: sympy.Rational(3, 2), beta: sympy.Rational(4, 3)}
        exact = sympy.N(equation.as_expr().subs(at).subs(lam, sympy.Rational(7, 10) + sympy.I / 5), 40)
        half = mpmath.mpf(1) / 2
        value = equation(mpmath.mpc("0.7", "0.2"), mpmath.mpf(1) / 50, 3 * half, half)
        assert abs(value - mpmath.mpmathify(exact)) < 1e-36
    values = equation(np.array([0.7, 0.7 + 0.2j]), 0.02, 1.5, 0.5)
    np.testing.assert_allclose(values[1], complex(value), rtol=1e-14)


@pytest.mark.parametrize("order", [1, 5])
def test_truncated_it_is_the_shorter_one(order):
    longer = expand(FixedPointTask(), 8).outlier_equation
    shorter = expand(FixedPointTask(), order).outlier_equation
    assert str(longer.truncate(order)) == str(shorter)
    assert shorter.order == order
    assert shorter._repr_latex_().startswith("$")
    with pytest.raises(ValueError, match=r"allowed are 0\.\.8"):
        longer.truncate(9)


@pytest.mark.parametrize("options", [{"alignment": "rho"}, {"train": "W,m"}, {"train": "m"}])
def test_other_tasks_are_refused(options):
    with pytest.raises(
        ValueError, match="the outlier equation: allowed are W alone learning and alignment 0"
    ):
        _ = expand(FixedPointTask(**options), 3).outlier_equation
