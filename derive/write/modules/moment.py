"""The moment of a word as a function of g and the points of its resolvents."""

from __future__ import annotations

from collections.abc import Sequence

from flint import fmpq

from derive.document.moment import in_square, is_plain, is_x, word_text
from derive.series.assignment import Assignment
from derive.series.exact_program import filled_sum, promoted, unit_definitions, units_beside
from derive.series.expression import Name
from derive.series.horner import polynomial, times
from derive.series.program import function, unused
from derive.words.letters import Letter, points
from derive.write.code.module import TYPES, Module
from derive.write.header import DO_NOT_EDIT

DOC = """\
phi(WORD) = lim (1/N) tr(WORD) at N -> infinity, exactly.

B = (I - W0)^-1{resolvents}, W0 of i.i.d. entries of variance g**2/N, 0 <= g < 1; a prime is the
transpose.
{types}
"""


def moment_module(letters: Sequence[Letter], header: str) -> Module:
    """The module, whose function ``moment`` takes g and the names of the resolvents' points."""
    named = [point for point in points(letters) if isinstance(point, str)]
    given = promoted(("g", *named))
    units = units_beside(named)
    g, u, x = Name("g"), Name(unused("u", named)), Name(unused("x", named))
    formula = in_square(letters)
    variables = [u, *map(Name, named)]
    body = [*unit_definitions(given, units), Assignment(u.name, g * g)]
    body.append(Assignment(x.name, (1 - g) * (1 + g)))
    terms = {tuple(map(int, powers)): fmpq(c) for powers, c in formula.numerator.items()}
    lines, value = filled_sum(terms, variables, units, (*named, u.name, x.name))
    result = times(value, fmpq(1, formula.scale), units)
    for factor, exponent in formula.factors:
        below = {tuple(map(int, powers)): fmpq(c) for powers, c in factor.items()}
        divisor = x if is_x(factor) else polynomial(below, variables, units)
        result = result / divisor**exponent
    plain = is_plain(letters)
    where = "" if plain else " and |l| > g"
    doc = f"phi(WORD) for 0 <= g < 1{where}."
    return Module(
        "moment",
        (header, DO_NOT_EDIT),
        DOC.format(types=TYPES, resolvents="" if plain else ", B[l] = (l - W0)^-1"),
        (("SYSTEM", "fixed-point"), ("WORD", word_text(letters))),
        (function("moment", given, doc, [*body, *lines], result),),
    )
