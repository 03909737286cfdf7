"""The Taylor series of overlaps and loss in learning time as a document."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from derive.document.model import Block, Data, Document, Formula, Paragraph, Section
from derive.document.overlaps.learning_series_request import LearningSeriesRequest
from derive.document.stem import data_stem
from derive.document.variables import latex_name
from derive.overlaps.series_trust import SeriesTrust
from derive.series.exact_series import ExactSeries

SETTING = r"""
Gradient flow of the overlaps $\sigma_{{ab}} = a^{{\top}} b / N$ of a network
$h' = -h + \frac1N u v^{{\top}} h + m x$, $y = \frac1N z^{{\top}} h$, towards the impulse response
$y^*(t) = A e^{{-Ct}} \cos(Ft)$ with $A = {A}$, $C = {C}$, $F = {F}$;
$\mathcal{{L}} = \int_0^\infty (y - y^*)^2\,\mathrm{{d}}t$ (Ger and Barak 2026).
"""


def learning_series_document(
    series: Mapping[str, ExactSeries], request: LearningSeriesRequest, trust: SeriesTrust | None
) -> Document:
    """The loss and every overlap; with numbers also the radius of convergence, null where nothing moves."""
    sections = []
    for name, one in series.items():
        key = (name,) if name == "loss" else ("overlaps", name)
        left = r"\drvloss(\drvtau)" if name == "loss" else rf"\drvsigma{{{name}}}(\drvtau)"
        sections.append(Section((Formula(key, left, one, one.symbol, name),)))
    if trust is not None:
        radius = float(f"{trust.radius:.2g}") if math.isfinite(trust.radius) else None
        blocks: tuple[Block, ...] = (Data(("radius",), lambda: radius),)
        sections.append(Section(blocks))
    target = request.target
    content = [{name: str(value) for name, value in request.initial.items()}, target]
    return Document(
        request.words,
        f"overlap_series_{request.order}_{data_stem(request.file, content)}",
        f"Learning of the rank-1 filter task in overlap space: series through tau**{request.order}",
        tuple(sections),
        facts={"order": request.order},
        validity=validity(request.order, trust),
        setting=Paragraph(latex=_setting(target)),
        heading=f"Learning of the rank-1 filter task through order {request.order}",
        origin=f" from {request.file}",
    )


def _setting(target: Mapping[str, Any]) -> str:
    letters = {"A": target["amplitude"], "C": target["decay"], "F": target["frequency"]}
    return SETTING.format(**{letter: _latex(value) for letter, value in letters.items()})


def _latex(text: str) -> str:
    """A polynomial in Python syntax, which `learning_series` has read, in LaTeX."""
    names = re.sub(r"[A-Za-z_]\w*", lambda match: latex_name(match[0]), text)
    return re.sub(r"\*\*(\d+)", r"^{\1}", names).replace("*", r"\,")


def validity(order: int, trust: SeriesTrust | None) -> str:
    """Where the series hold."""
    text = f"Exact through tau**{order}. A Taylor series at tau = 0: trust it for tau below its radius of "
    if trust is None:
        return f"{text}convergence, which numbers in place of the symbols tell."
    return (
        f"{text}convergence, about {trust.radius:.2g} (a root test, good to about a tenth); beyond it more "
        "orders do not help, derive.flow_curve follows the flow at all times."
    )
