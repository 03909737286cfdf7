"""The functions of an emitted module that say how far it goes: ``error_estimate`` and ``radius``."""

from __future__ import annotations

from dataclasses import replace

from derive.document.formulas import scaled_text
from derive.radius.trust import ACCURACY, DENOMINATOR, LARGEST_G, NUMERATOR, ZHAT_RANGE
from derive.series.assignment import Argument, Assignment
from derive.series.coefficient import Coefficient
from derive.series.expression import Expression, Name, Number
from derive.series.program import Function, function
from derive.series.series_program import nothing
from derive.tasks.expand import expand
from derive.tasks.expansion import Expansion
from derive.write.code.module import INDENT

SCALE = 10**5  # of the fitted coefficients; they have at most five decimals


def error_estimate(expansion: Expansion) -> Function:
    """``error_estimate(tau, zhat, g)``: the exact term of order K + 1 of the readout.

    An order at which the term vanishes identically does not occur.
    """
    following = expand(expansion.task, expansion.order + 1).readout
    last = following.order
    nothing = Coefficient(())
    term = replace(following, scaled=(*[nothing] * last, following.scaled[last]), offset=False)
    time = "tau" if term.at_g0 else "ttilde"
    target = "zhat" if term.alignment is None else "(zhat - rho)"
    docstring = "\n".join(
        [
            f"The first term left out of the readout, of order tau**{last}.",
            "",
            "Its size estimates the truncation error well inside the radius of convergence, and only there.",
            "",
            *_wrapped(f"{scaled_text(term, last)}*{target}*{time}**{last}"),
        ]
    )
    return term.program("error_estimate", docstring)


def radius_function(at_g0: bool) -> Function:
    """``radius(zhat, g)``: the fitted radius of convergence in ttilde."""
    docstring = "\n".join(
        [
            "Radius of convergence of the expansions, in ttilde = beta**2 * tau.",
            "",
            f"A fit, within {100 * ACCURACY:g}% for {ZHAT_RANGE[0]:g} <= zhat <= {ZHAT_RANGE[1]:g} and "
            f"0 <= g <= {LARGEST_G:g}.",
        ]
    )
    # one common power of ten makes every coefficient an integer, as everywhere in the module
    u, a, s, g, zhat = map(Name, ("u", "a", "s", "g", "zhat"))
    above = [_scaled(d) for d in NUMERATOR]
    below = [_scaled(n) + _scaled(m) * u for n, m in DENOMINATOR]
    body = [Assignment("a", zhat / ((1 - g) * (1 + g)) ** 0.5), Assignment("u", g * g + nothing(a))]
    body.append(Assignment("s", below[-1]))
    body += [Assignment("s", factor + a * s) for factor in below[-2::-1]]
    given = (Argument("zhat"), Argument("g", 0 if at_g0 else None))
    result = (above[0] + a * (above[1] + a * above[2])) / s
    return function("radius", given, docstring, body, result)


def _scaled(value: float) -> Expression:
    return Number(round(value * SCALE))


def _wrapped(text: str) -> list[str]:
    import textwrap

    return [INDENT + line for line in textwrap.wrap(text, 84, break_long_words=False, break_on_hyphens=False)]
