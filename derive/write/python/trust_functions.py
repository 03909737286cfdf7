"""The functions of an emitted module that say how far it goes: ``error_estimate`` and ``radius``."""

from __future__ import annotations

from dataclasses import replace

from derive.document.formulas import scaled_text
from derive.radius.trust import ACCURACY, DENOMINATOR, LARGEST_G, NUMERATOR, ZHAT_RANGE
from derive.series.coefficient import Coefficient
from derive.series.horner import INDENT, docstring_lines, function_source
from derive.tasks.expand import expand
from derive.tasks.expansion import Expansion

SCALE = 10**5  # of the fitted coefficients; they have at most five decimals


def error_estimate_source(expansion: Expansion) -> str:
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
    return function_source("error_estimate", term, docstring)


def radius_source(at_g0: bool) -> str:
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
    above = [_scaled(d) for d in NUMERATOR]
    below = [f"({_scaled(n)} + {_scaled(m)} * u)" for n, m in DENOMINATOR]
    lines = [f"def radius(zhat, g{'=0' if at_g0 else ''}):", *docstring_lines(docstring)]
    body = ["u = g * g", "a = zhat / ((1 - g) * (1 + g)) ** 0.5", f"s = {below[-1][1:-1]}"]
    body += [f"s = {factor} + a * s" for factor in below[-2::-1]]
    body.append(f"return ({above[0]} + a * ({above[1]} + a * {above[2]})) / s")
    return "\n".join([*lines, *(INDENT + line for line in body)]) + "\n"


def _scaled(value: float) -> int:
    return round(value * SCALE)


def _wrapped(text: str) -> list[str]:
    import textwrap

    return [INDENT + line for line in textwrap.wrap(text, 84, break_long_words=False, break_on_hyphens=False)]
