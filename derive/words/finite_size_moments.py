"""Alternating moments of real W0 at order 1/N, by Gaussian integration by parts (THEORY 3, 8).

For real W0 of N(0, g^2/N) entries the derivative of every letter B, not of B^T alone, counts:

    E tr(B Y)/N = E tr(Y)/N + g^2 sum over Y = Y1 B^T Y2 of  E [tr(B Y1 B^T)/N tr(B^T Y2)/N]
                  + (g^2/N) sum over B Y = Z1 B Z2 of  E tr(Z1 B Z2^T B^T)/N,

exactly. Traces fluctuate by 1/N each, so that with phi + phi'/N for the mean of a word the products
factorise, and phi' obeys a linear recursion whose source are moments phi of two alternating words side by
side. A word of L alternating letters needs shorter ones alone.

All of it is a series in W0: for any finite N the matrix 1 - W0 is singular with a probability that falls
exponentially in N, which makes the mean itself infinite and is no part of the expansion.
"""

from __future__ import annotations

from flint import fmpz_poly

from derive.words.word_moments import plain_moment

BETA = fmpz_poly([0, 1])


def finite_size_moments(count: int) -> list[fmpz_poly]:
    """phi' of alternating words of 0..``count`` - 1 letters, as polynomials in beta.

    Even ones are lim N (E tr (B B^T)^n/N - mu_n).

    >>> finite_size_moments(3)
    [0, x + (-1), 2*x^3 + (-2)*x^2]
    """
    known = [fmpz_poly([0])]
    for length in range(1, count):
        known.append(_next(length, known))
    return known


def _alternating(count: int) -> list[bool]:
    return [i % 2 == 1 for i in range(count)]


def _next(length: int, known: list[fmpz_poly]) -> fmpz_poly:
    """phi' of B B^T B ... of ``length`` letters; the total holds a factor beta."""
    total = known[length - 1] * BETA
    for end in range(1, length, 2):  # the letter B^T at this place of the word
        left, right = end + 1, length - end
        if left < length:
            total += _times_square(known[left] * _moment(right) + _moment(left) * known[right])
        else:
            total += _times_square(_moment(left) * known[right])
    for place in range(0, length, 2):  # the letter B
        rest = length - place - 1
        tail = _alternating(rest + 1) if length % 2 == 0 else [i % 2 == 0 for i in range(rest + 1)]
        total += _times_square(plain_moment(_alternating(place + 1) + tail))
    return total if length % 2 == 0 else _over_beta(total)


def _moment(length: int) -> fmpz_poly:
    return plain_moment(_alternating(length))


def _times_square(value: fmpz_poly) -> fmpz_poly:
    """beta g^2 = beta - 1 times it."""
    return value * fmpz_poly([-1, 1])


def _over_beta(value: fmpz_poly) -> fmpz_poly:
    return fmpz_poly([int(c) for c in value.coeffs()[1:]])
