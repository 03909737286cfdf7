"""Moments of any word (THEORY 3): against the cubic's moments, a second recursion, Monte Carlo, laws."""

from functools import cache

import brute_force
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import derive
from derive.words.letters import parse_word
from derive.words.word_moments import numeric_moment

letters = st.sampled_from(["B", "B'"])
words = st.lists(letters, min_size=1, max_size=10)
TRANSPOSE = {"B": "B'", "B'": "B"}


@pytest.mark.parametrize("n", range(1, 31))
def test_alternating_words_are_the_moments_of_the_cubic(n):
    assert derive.moment(["B", "B'"] * n) == derive.chain_moment(n)


@given(words)
@pytest.mark.slow
def test_word_agrees_with_the_recursion_that_rotates(word):
    assert (
        sympy.expand(derive.moment(word) - brute_force.phi(tuple(word)).subs(brute_force.beta, derive.beta))
        == 0
    )


@given(words, st.integers(0, 9))
def test_trace_is_cyclic_and_invariant_under_transposition(word, shift):
    shift %= len(word)
    transposed = [TRANSPOSE[letter] for letter in reversed(word)]
    swapped = [TRANSPOSE[letter] for letter in word]
    value = derive.moment(word)
    assert derive.moment(word[shift:] + word[:shift]) == value
    assert derive.moment(transposed) == value
    assert derive.moment(swapped) == value  # W0 and its transpose have one law


@pytest.mark.parametrize("size", [0, 1, 2, 17])
def test_one_kind_of_letter_gives_one(size):
    assert derive.moment(["B"] * size) == 1
    assert derive.moment(["B'"] * size) == 1


@pytest.mark.parametrize(
    ("word", "published"),
    [
        ("B B B' B'", 2 * derive.beta**3 - derive.beta**2),
        ("B B' B B B' B'", 5 * derive.beta**6 - 5 * derive.beta**5 + derive.beta**4),
    ],
)
def test_words_known_in_closed_form(word, published):
    assert derive.moment(word) == published


G, SAMPLES, SIZES = 0.4, 24, (48, 192)


@cache
def _random_inverses(size, point):
    random = np.random.default_rng(size)
    W0 = random.standard_normal((SAMPLES, size, size)) * (G / np.sqrt(size))
    return np.linalg.inv(point * np.eye(size) - W0)


def _deviation(word, limit, size):
    """Root mean square deviation of (1/N) tr(word) from the limit, over samples."""
    product = np.eye(size)
    for point, transposed in word:
        letter = _random_inverses(size, point)
        product = product @ (np.swapaxes(letter, 1, 2) if transposed else letter)
    traces = np.trace(product, axis1=1, axis2=2) / size
    return np.sqrt(np.mean(np.abs(traces - limit) ** 2))


def _assert_falls_as_one_over_size(word, limit):
    # The deviation of a normalised trace, mean and fluctuation alike, is O(1/N): a factor 4 here.
    # Two root mean squares over 24 samples put 20 % on the ratio, so 1.8 lies four standard
    # deviations (of the logarithm) below; a wrong constant gives 1.
    ratio = _deviation(word, limit, SIZES[0]) / _deviation(word, limit, SIZES[1])
    assert ratio > 1.8


@pytest.mark.slow
@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.lists(letters, min_size=2, max_size=6))
def test_random_matrices_approach_the_moment_as_one_over_size(word):
    beta = 1 / (1 - G**2)
    limit = float(derive.moment(word).subs(derive.beta, beta))
    _assert_falls_as_one_over_size([(1.0, letter == "B'") for letter in word], limit)


POINTS = (1.0, 1.3 + 0.4j, -0.9)


@pytest.mark.slow
@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(POINTS), st.booleans()), min_size=1, max_size=5))
def test_random_resolvents_approach_the_moment_as_one_over_size(word):
    _assert_falls_as_one_over_size(word, numeric_moment(word, G))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["", "[x]", "[y]"]), st.booleans()), min_size=1, max_size=6))
def test_symbolic_resolvents_agree_with_numbers(word):
    at = {"": 1.0, "[x]": 1.3 + 0.4j, "[y]": -0.9}
    expression = derive.moment([f"B{point}{chr(39) * transposed}" for point, transposed in word])
    values = {derive.beta: 1 / (1 - G**2), sympy.Symbol("x"): at["[x]"], sympy.Symbol("y"): at["[y]"]}
    exact = complex(expression.subs(values))
    # a few dozen roundings of numbers of this size
    assert exact == pytest.approx(numeric_moment([(at[p], t) for p, t in word], G), rel=1e-11)


@pytest.mark.parametrize("token", ["C", "b", "B''", "B[]", "B[0]", "B[beta]", "B[lambda]", "B[1/0]", "w"])
def test_unknown_letter_is_named(token):
    with pytest.raises(ValueError, match="unknown letter") as raised:
        parse_word(f"B {token} B'")
    assert repr(token) in str(raised.value)
