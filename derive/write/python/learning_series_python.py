"""A self-contained Python module of the Taylor series of overlaps and loss in learning time."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from keyword import iskeyword

from derive.document.learning_series import validity
from derive.document.learning_series_request import LearningSeriesRequest
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.series_trust import SeriesTrust
from derive.series.exact_horner import exact_function_source
from derive.series.exact_series import ExactSeries
from derive.series.horner import INDENT

WIDTH = 104

MODULE = '''\
# {header}
# Do not edit: the command above makes it again from INITIAL, the content of S.json.
"""Learning of the rank-1 filter task in overlap space, gradient flow through tau**{order}.

    h' = -h + (1/N) u v.h + m x,    y = z.h/N,    S = X^T X / N,    X = [z, v, m, u],

continuous time, loss int_0^infinity (y - y*)^2 dt after an impulse, y*(t) = A exp(-C t) cos(F t), all
four vectors learning: dX/dtau = -N dloss/dX from the overlaps INITIAL and the target TARGET.

Arguments: learning time ``tau`` (learning rate times epochs){symbols}. Only + - * / ** are used, so
that numbers, numpy arrays, torch tensors and mpmath all pass. All quantities are dimensionless.

{validity}
"""

ORDER = {order}
SYSTEM = "overlap"
OVERLAPS = {names}
INITIAL = {initial}
TARGET = {target}
'''


def learning_series_python(
    series: Mapping[str, ExactSeries], request: LearningSeriesRequest, trust: SeriesTrust | None = None
) -> str:
    """Source of the module of `learning_series`'s result for the same request.

    Functions ``loss`` and ``sigma_zz``, ...; arguments tau and the symbols in alphabetical order. With
    ``trust`` also ``RADIUS`` and ``error_estimate``. Raises ValueError for a symbol that cannot be an
    argument.
    """
    symbols = series["loss"].scalars.names
    for name in symbols:
        if iskeyword(name) or name == "tau":
            raise ValueError(f"{name}: allowed as names of symbols are those of Python arguments except tau")
    overlaps, order = OverlapProblem().names, request.order
    head = MODULE.format(
        header=request.header("python"),
        order=order,
        validity=textwrap.fill(validity(order, trust), WIDTH),
        symbols="".join(f", ``{name}``" for name in symbols),
        names=_brackets("()", [f'"{name}"' for name in overlaps]),
        initial=_brackets("{}", [f'"{name}": "{request.initial[name]}"' for name in overlaps]),
        target=_brackets("{}", [f'"{name}": "{value}"' for name, value in request.target.items()]),
    )
    titles = {"loss": "The loss"} | {name: f"The overlap {name}" for name in overlaps}
    functions = [
        exact_function_source(
            series[name].symbol, series[name], f"{title} after learning time tau, through tau**{order}."
        )
        for name, title in titles.items()
    ]
    if trust is not None:
        head += "RADIUS = " + (f"{trust.radius:.2g}" if math.isfinite(trust.radius) else "1e400") + "\n"
        title = f"The first term left out of the loss, of order tau**{order + 1}."
        functions.append(exact_function_source("error_estimate", trust.error, title))
    return "\n\n".join([head, *functions])


def _brackets(pair: str, entries: list[str]) -> str:
    return "\n".join([pair[0], *(f"{INDENT}{entry}," for entry in entries), pair[1]])
