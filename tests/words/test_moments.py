"""mu_n = lim (1/N) tr (B B^T)^n against the paper, the cubic, integration by parts, and samples."""

import brute_force
import numpy as np
import pytest
import sympy

from derive import beta, chain_moment


@pytest.mark.parametrize(
    ("n", "published"),
    [
        (1, beta),
        (2, beta**4),
        (3, beta**6 * (3 * beta - 2)),
        (4, beta**8 * (2 * beta - 1) * (6 * beta - 5)),
    ],
)
def test_theory_3_first_moments(n, published):
    assert sympy.expand(chain_moment(n) - published) == 0


def test_theory_3_cubic_has_no_residual_through_mu_12():
    """m(s) = sum_k (-1)^k mu_{k+1} s^k solves m = beta (1 - s m (1 + g^2 m)^2), g^2 = 1 - 1/beta."""
    order = 11
    ring, b, s = sympy.ring("beta, s", sympy.QQ)
    moments = (ring.from_expr(chain_moment(k + 1).subs(beta, sympy.Symbol("beta"))) for k in range(order + 1))
    m = sum((-s) ** k * mu for k, mu in enumerate(moments))

    def truncated(polynomial):
        return ring.from_dict({powers: c for powers, c in polynomial.items() if powers[1] <= order})

    # beta^2 (m - right-hand side), which has polynomial coefficients
    square = truncated((b + (b - 1) * m) ** 2)
    residual = truncated(b**2 * m - b**3 + b * s * truncated(m * square))
    assert residual == 0


@pytest.mark.parametrize("n", range(1, 7))
def test_alternating_word_by_integration_by_parts(n):
    """phi(B B^T B B^T ...) by Gaussian integration by parts (THEORY 3, general words)."""
    assert sympy.expand(brute_force.phi(("B", "B'") * n) - chain_moment(n)) == 0


@pytest.mark.parametrize(
    ("word", "published"),
    [
        ("B B B' B'", 2 * beta**3 - beta**2),
        ("B B' B B B' B'", 5 * beta**6 - 5 * beta**5 + beta**4),
    ],
)
def test_theory_3_general_words(word, published):
    assert sympy.expand(brute_force.phi(tuple(word.split())) - published) == 0


@pytest.mark.slow
def test_moments_of_sampled_networks():
    """(1/N) tr (B B^T)^n over independent draws of W0."""
    g, size, draws = 0.4, 400, 20
    random = np.random.default_rng(11)
    sample = np.empty((draws, 3))
    for draw in sample:
        B = np.linalg.inv(np.eye(size) - random.standard_normal((size, size)) * g / np.sqrt(size))
        square = np.linalg.svd(B, compute_uv=False) ** 2
        draw[:] = [np.mean(square**n) for n in (1, 2, 3)]
    exact = [float(chain_moment(n).subs(beta, 1 / (1 - g**2))) for n in (1, 2, 3)]
    standard_error = sample.std(axis=0, ddof=1) / np.sqrt(draws)
    # 4 standard errors of the mean, plus the bias of finite size, O(1/N) relative to mu_n
    tolerance = 4 * standard_error + np.array(exact) / size
    assert np.all(np.abs(sample.mean(axis=0) - exact) < tolerance)
    # which tells mu_n from 1, its value at g = 0
    assert np.all(tolerance < 0.1 * (np.array(exact) - 1))


@pytest.mark.parametrize("n", [0, -1])
def test_moments_start_at_one(n):
    with pytest.raises(ValueError, match="integers >= 1"):
        chain_moment(n)
