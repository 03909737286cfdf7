"""Jets against sympy's Taylor expansion of the same formula."""

import sympy
from flint import fmpq

from derive.series.jet import Jet

E, X = sympy.symbols("e x")


def formula(a, b):
    """Something with every operation."""
    return (a * b - b / (a * 3 + 1) + 2) * a / (b * b + 5) - 1


def as_polynomial(jet):
    value = sympy.Rational(int(jet.value.p), int(jet.value.q))
    terms = sum(
        sympy.Rational(int(c.p), int(c.q)) * E**d * X**k
        for d, change in enumerate(jet.changes, 1)
        for k, c in change.items()
    )
    return sympy.expand(value + terms)


def test_jets_are_taylor_expansions():
    a = Jet(fmpq(2, 3), {1: fmpq(1), 3: fmpq(2)}, {0: fmpq(1, 2)})
    b = Jet(fmpq(-1, 5), {2: fmpq(7)}, {})
    exact = formula(as_polynomial(a), as_polynomial(b))
    for order in (1, 2):
        jet = formula(*(Jet(x.value, *x.changes[:order]) for x in (a, b)))
        expected = sum(
            sympy.expand(sympy.diff(exact, E, d).subs(E, 0) / sympy.factorial(d)) * E**d
            for d in range(order + 1)
        )
        assert sympy.expand(as_polynomial(jet) - expected) == 0


def test_what_cancels_is_gone():
    a = Jet(fmpq(2), {1: fmpq(1)})
    assert a - a == 0
    assert (a - a).changes == ({},)
    assert a * 0 == 0
    assert a != 2
