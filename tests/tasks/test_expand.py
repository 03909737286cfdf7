"""What `expand` accepts and refuses."""

import pytest

from derive import FixedPointTask, expand


@pytest.mark.parametrize("order", [0, -1, 2.5, True, "3", None])
def test_order_is_a_positive_integer(order):
    with pytest.raises(ValueError, match="order") as error:
        expand(FixedPointTask(), order)
    assert repr(order) in str(error.value)
    assert ">= 1" in str(error.value)


@pytest.mark.parametrize("count", [0, -2, 1.5, True])
def test_number_of_singular_values_is_a_positive_integer(count):
    with pytest.raises(ValueError, match="singular values") as error:
        expand(FixedPointTask(), 5, singular_values=count)
    assert repr(count) in str(error.value)


@pytest.mark.parametrize(("count", "order"), [(3, 4), (4, 6), (5, 1)])
def test_singular_values_that_start_later_are_refused(count, order):
    with pytest.raises(ValueError, match=rf"order >= {2 * count - 1} is needed"):
        expand(FixedPointTask(), order, singular_values=count)


@pytest.mark.parametrize("order", [1, 2])
def test_the_default_two_are_listed_even_where_the_second_is_zero(order):
    s1, s2 = expand(FixedPointTask(), order).singular_values
    assert s1[1] != 0
    assert list(s2) == [0] * (order + 1)


@pytest.mark.parametrize("g0", [False, True])
@pytest.mark.parametrize("order", [1, 2, 3, 4, 9])
def test_orders_do_not_change_each_other(g0, order):
    """The coefficients of a low order are the first of order 14 (other packing, other sizes)."""
    low, high = expand(FixedPointTask(g0), order), expand(FixedPointTask(g0), 14)
    for name in ("readout", "loss", "gradient_norm", "frobenius_norm"):
        assert list(getattr(low, name)) == getattr(high, name)[: order + 1]
    for left, right in zip(low.singular_values, high.singular_values, strict=True):
        assert list(left) == right[: order + 1]
    assert all(low.W[k] == high.W[k] for k in range(order + 1))


def test_g0_is_the_general_expansion_at_beta_1():
    from derive import beta

    general, at_g0 = expand(FixedPointTask(), 8), expand(FixedPointTask(g0=True), 8)
    for name in ("readout", "loss", "gradient_norm", "frobenius_norm"):
        assert [c.subs(beta, 1) for c in getattr(general, name)] == list(getattr(at_g0, name))
    for left, right in zip(general.singular_values, at_g0.singular_values, strict=True):
        assert [c.subs(beta, 1) for c in left] == list(right)


def test_connectivity_ends_at_its_order():
    W = expand(FixedPointTask(), 3).W
    assert len(W) == 4
    for k in (4, -1):
        with pytest.raises(IndexError):
            W[k]
