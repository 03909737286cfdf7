"""The chain recursion on scalars of any kind: numbers, symbols, moments (THEORY 2, 3)."""

import brute_force
import numpy as np
import pytest
import sympy
from dense_taylor import dense_taylor

from derive import FixedPointTask, Instance, chain_moment, chain_series, expand, instance_series, zhat

# Coefficients are sums of at most a few thousand products of the same overlaps, each rounded to
# 1e-16 relative; 1e-12 leaves room for their cancellation and for the inverse of I - W0.
RELATIVE = 1e-12


@pytest.mark.parametrize(("size", "g", "seed"), [(3, 0.3, 1), (10, 0.8, 2), (60, 0.6, 3)])
def test_floats_give_the_taylor_coefficients_of_one_network(size, g, seed):
    instance, target, order = Instance.sample(size, g, seed), 1.3, 6
    gram_a, gram_b, overlaps = instance.overlaps(order + 1)
    series = chain_series(gram_a.tolist(), gram_b.tolist(), overlaps.tolist(), target, order)
    expected = brute_force.instance_readout(order, instance.W0, instance.m, instance.w, target)
    np.testing.assert_allclose(series.readout, expected, rtol=RELATIVE)
    assert abs(expected[0]) > 1e-3  # m and w of one network are not orthogonal in the dressed metric
    assert instance_series(instance, target, order).readout == series.readout


def test_floats_give_the_connectivity_of_one_network():
    instance, target, order = Instance.sample(12, 0.7, 4), 0.8, 7
    series = instance_series(instance, target, order)
    B = np.linalg.inv(np.eye(12) - instance.W0)
    W, z = dense_taylor(B, instance.m, instance.w, target, order)
    np.testing.assert_allclose(series.readout, z, rtol=RELATIVE)
    a, b = instance.chains(order)
    for k in range(1, order + 1):
        change = sum(c[k] * np.outer(a[i], b[j]) for (i, j), c in series.C.items())
        np.testing.assert_allclose(change, W[k], rtol=0, atol=RELATIVE * np.abs(W[k]).max())


def test_symbols_give_the_formula_before_self_averaging():
    order = 3
    target = sympy.Symbol("target")
    overlaps = sympy.symbols(f"wb:{order + 1}")

    def gram(name):
        return [[sympy.Symbol(f"{name}{min(i, j)}{max(i, j)}") for j in range(order)] for i in range(order)]

    gram_a, gram_b = gram("a"), gram("b")
    series = chain_series(gram_a, gram_b, overlaps, target, order)

    instance, value = Instance.sample(8, 0.5, 5), 0.9
    numbers_a, numbers_b, numbers_wb = instance.overlaps(order + 1)
    values = {target: value, **dict(zip(overlaps, numbers_wb, strict=True))}
    for i in range(order):
        for j in range(order):
            values |= {gram_a[i][j]: numbers_a[i, j], gram_b[i][j]: numbers_b[i, j]}
    found = [float(sympy.sympify(c).subs(values)) for c in series.readout]
    expected = brute_force.instance_readout(order, instance.W0, instance.m, instance.w, value)
    np.testing.assert_allclose(found, expected, rtol=RELATIVE)
    # z_1 = (zhat - z) |a_0|^2 |b_0|^2 by hand; w.b_1 = w^T B B^T w is |a_0|^2 too
    by_hand = (target - overlaps[0]) * gram_a[0][0] * gram_b[0][0]
    assert sympy.expand(series.readout[1].subs(overlaps[1], gram_a[0][0]) - by_hand) == 0


def test_moments_give_the_limit():
    """G_ij = mu_{(i+j)/2+1} for i - j even, w.b_{2k+1} = mu_{k+1}, everything else 0 (THEORY 3)."""
    order = 5
    zero = sympy.Integer(0)
    mu = [None, *(chain_moment(n) for n in range(1, order + 2))]
    gram = [[mu[(i + j) // 2 + 1] if (i + j) % 2 == 0 else zero for j in range(order)] for i in range(order)]
    overlaps = [mu[(j + 1) // 2] if j % 2 else zero for j in range(order + 1)]
    expansion = expand(FixedPointTask(), order)
    for other in (gram, [list(row) for row in gram]):  # one object: p = q once; two: both computed
        series = chain_series(gram, other, overlaps, zhat, order)
        for k in range(order + 1):
            assert sympy.expand(series.readout[k] - expansion.readout[k]) == 0
        for i, j in series.C:
            assert all(
                sympy.expand(left - right) == 0
                for left, right in zip(series.C[i, j], series.C[j, i], strict=True)
            )


@pytest.mark.parametrize("order", [0, -1])
def test_order_starts_at_one(order):
    with pytest.raises(ValueError, match=">= 1"):
        chain_series([[1.0]], [[1.0]], [0.0, 1.0], 1.0, order)
