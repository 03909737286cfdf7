"""The functions of the Taylor series of overlaps and loss in learning time."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from keyword import iskeyword
from typing import Any

from derive.document.overlaps.learning_series import validity
from derive.document.overlaps.learning_series_request import LearningSeriesRequest
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.series_trust import SeriesTrust
from derive.series.exact_series import ExactSeries
from derive.write.code.module import TYPES, Module
from derive.write.header import AGAIN

WIDTH = 104

DO_NOT_EDIT = f"{AGAIN} from INITIAL, the content of S.json."

DOC = """\
Learning of the rank-1 filter task in overlap space, gradient flow through tau**{order}.

    h' = -h + (1/N) u v.h + m x,    y = z.h/N,    S = X^T X / N,    X = [z, v, m, u],

continuous time, loss int_0^infinity (y - y*)^2 dt after an impulse, y*(t) = A exp(-C t) cos(F t), all
four vectors learning: dX/dtau = -N dloss/dX from the overlaps INITIAL and the target TARGET.

Arguments: learning time ``tau`` (learning rate times epochs){symbols}. All quantities are
dimensionless.
{types}

{validity}
"""


def learning_series_module(
    series: Mapping[str, ExactSeries],
    request: LearningSeriesRequest,
    header: str,
    trust: SeriesTrust | None = None,
) -> Module:
    """The module of `learning_series`'s result for the same request.

    Functions ``loss`` and ``sigma_zz``, ...; arguments tau and the symbols in alphabetical order. With
    ``trust`` also ``RADIUS`` and ``error_estimate``. Raises ValueError for a symbol that cannot be an
    argument.
    """
    symbols = series["loss"].scalars.names
    for name in symbols:
        if iskeyword(name) or name == "tau":
            raise ValueError(f"{name}: allowed as names of symbols are those of Python arguments except tau")
    overlaps, order = OverlapProblem().names, request.order
    doc = DOC.format(
        order=order,
        types=TYPES,
        validity=textwrap.fill(validity(order, trust), WIDTH),
        symbols="".join(f", ``{name}``" for name in symbols),
    )
    constants: list[tuple[str, Any]] = [
        ("ORDER", order),
        ("SYSTEM", "overlap"),
        ("OVERLAPS", tuple(overlaps)),
        ("INITIAL", {name: str(request.initial[name]) for name in overlaps}),
        ("TARGET", {name: str(value) for name, value in request.target.items()}),
    ]
    titles = {"loss": "The loss"} | {name: f"The overlap {name}" for name in overlaps}
    functions = [
        series[name].program(series[name].symbol, f"{title} after learning time tau, through tau**{order}.")
        for name, title in titles.items()
    ]
    if trust is not None:
        constants.append(("RADIUS", float(f"{trust.radius:.2g}")))
        title = f"The first term left out of the loss, of order tau**{order + 1}."
        functions.append(trust.error.program("error_estimate", title))
    return Module("overlap_series", (header, DO_NOT_EDIT), doc, tuple(constants), tuple(functions))
