"""The moment of one word as a self-contained Python module."""

from __future__ import annotations

import re
from collections.abc import Sequence

from derive.document.moment import in_square, is_plain, is_x, word_text
from derive.series.horner import INDENT
from derive.series.polynomial_text import by_power, polynomial_text, sum_lines
from derive.words.letters import Letter, points

MODULE = '''\
# {header}
# Do not edit: the command above makes it again.
"""phi(WORD) = lim (1/N) tr(WORD) at N -> infinity, exactly.

B = (I - W0)^-1{resolvents}, W0 of i.i.d. entries of variance g**2/N, 0 <= g < 1; a prime is the
transpose. Only + - * / ** are used, so that numbers, numpy arrays, torch tensors and mpmath all pass.
"""

SYSTEM = "fixed-point"
WORD = "{word}"


def moment({arguments}):
    """phi(WORD){range}."""
'''


def moment_python(letters: Sequence[Letter], header: str) -> str:
    """Source of a module whose function ``moment`` takes g and the names of the resolvents' points."""
    named = [point for point in points(letters) if isinstance(point, str)]
    end = ""
    while {f"{name}{end}" for name in ("u", "x", "s", "one")} & set(named):
        end += "_"
    u, x, total, one = (f"{name}{end}" for name in ("u", "x", "s", "one"))
    formula = in_square(letters)
    parts = [polynomial_text(part, named, one) for part in by_power(formula.numerator)]
    lines = sum_lines(parts, u, total) if len(parts) > 1 else [f"{total} = ({parts[0]}) * {one}"]
    divisors = [str(formula.scale)] if formula.scale != 1 else []
    for factor, exponent in formula.factors:
        text = x if is_x(factor) else polynomial_text(factor, [u, *named], one)
        divisors.append((f"({text})" if " " in text else text) + f"**{exponent}" * (exponent > 1))
    lines.append(f"return {' / '.join([total, *divisors])}")
    definitions = {one: f"({' * '.join(['g', *named])})**0", u: "g * g", x: "(1 - g) * (1 + g)"}
    used = set(re.findall(r"\w+", " ".join(lines)))
    lines = [f"{name} = {value}" for name, value in definitions.items() if name in used] + lines
    head = MODULE.format(
        header=header,
        resolvents="" if is_plain(letters) else ", B[l] = (l - W0)^-1",
        word=word_text(letters),
        arguments=", ".join(["g", *named]),
        range=" for 0 <= g < 1" + (" and |l| > g" if not is_plain(letters) else ""),
    )
    return head + "".join(f"{INDENT}{line}\n" for line in lines)
