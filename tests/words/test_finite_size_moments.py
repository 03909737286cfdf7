"""The 1/N part of alternating moments against counting pairings of real W0 (genus expansion with twists)."""

from itertools import product

import pytest
from flint import fmpz_poly

from derive.words.finite_size_moments import finite_size_moments


def pairings(items):
    """All ways to pair the items up."""
    if not items:
        yield []
        return
    first, *rest = items
    for i, partner in enumerate(rest):
        for others in pairings(rest[:i] + rest[i + 1 :]):
            yield [(first, partner), *others]


def loops(word, pairing):
    """Free indices of E tr of a word in W (False), W^T (True) under E W_ij W_kl = g^2/N d_ik d_jl."""
    size = len(word)
    parent = list(range(size))

    def root(i):
        while parent[i] != i:
            i = parent[i]
        return i

    def row_and_column(letter):
        before, after = letter, (letter + 1) % size
        return (after, before) if word[letter] else (before, after)

    for one, other in pairing:
        for i, j in zip(row_and_column(one), row_and_column(other), strict=True):
            parent[root(i)] = root(j)
    return sum(root(i) == i for i in range(size))


def counted(length, power):
    """The coefficients of g^(2 power) in phi and phi' of ``length`` alternating letters B = sum of W0^k."""
    planar = next_order = 0
    for exponents in product(range(2 * power + 1), repeat=length):
        if sum(exponents) != 2 * power:
            continue
        word = [i % 2 == 1 for i, k in enumerate(exponents) for _ in range(k)]
        for pairing in pairings(list(range(2 * power))):
            excess = loops(word, pairing) - power - 1
            planar += excess == 0
            next_order += excess == -1
    return planar, next_order


def in_square(polynomial, power):
    """The coefficient of g^(2 power) of a polynomial in beta = 1/(1 - g^2)."""
    total = 0
    for n, c in enumerate(polynomial.coeffs()):
        ways = 1 if power == 0 else 0
        if n:
            ways = 1
            for i in range(power):
                ways = ways * (n + i) // (i + 1)
        total += int(c) * ways
    return total


@pytest.mark.parametrize(
    ("length", "power"), [(1, 1), (1, 2), (1, 3), (2, 2), (2, 3), (3, 2), (4, 2), (5, 1)]
)
def test_pairings(length, power):
    found = finite_size_moments(length + 1)[length]
    assert in_square(found, power) == counted(length, power)[1]


def test_first_values():
    """phi' of B and B B^T: g^2 beta and 2 beta^3 g^2."""
    beta = fmpz_poly([0, 1])
    assert finite_size_moments(3)[1:] == [beta - 1, 2 * beta**3 - 2 * beta**2]
