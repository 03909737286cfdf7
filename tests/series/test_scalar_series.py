"""Numbers in one variable: inverses of increasing functions at many values at once."""

import numpy as np

from derive.series.scalar_series import gauss_legendre, increasing_inverse


def test_increasing_inverse_takes_what_newton_alone_loses():
    """tanh(x - 3) on a coarse table: Newton's method from the table overshoots, the bracket holds it."""

    def steep(x):
        return np.tanh(x - 3), np.cosh(x - 3) ** -2

    x = np.array([0.01, 0.5, 2.0, 2.99, 3.0, 3.01, 5.0, 8.0])
    found = increasing_inverse(steep, np.tanh(x - 3), np.array([0.0, 1.0, 9.0]))
    np.testing.assert_allclose(found, x, rtol=0, atol=1e-11 + 4e-16 * np.cosh(x - 3).max() ** 2)
    ends = increasing_inverse(steep, np.array([-2.0, 2.0]), np.array([0.0, 1.0, 9.0]))
    assert ends.tolist() == [0.0, 9.0]


def test_gauss_rule_is_exact_for_polynomials():
    x, weights = gauss_legendre(8)
    for k in range(16):
        assert abs(weights @ x**k - (1 - (-1) ** (k + 1)) / (k + 1)) < 1e-14
