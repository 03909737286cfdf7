"""``derive closed-form``: learning at N -> infinity as an explicit function of the path length (THEORY 7)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from derive.command_line import (
    TermsPerLine,
    UsageProblem,
    format_option,
    one_of,
    real_number,
    takes,
    whole_number,
)
from derive.commands.deliver import deliver_document, latex_layout
from derive.commands.options import Columns, Out, Standalone, strength_of
from derive.document.model import TERMS_PER_LINE
from derive.options_in_use import LATEX, in_use
from derive.write.code.languages import LANGUAGES
from derive.write.writers import formula_formats

if TYPE_CHECKING:
    import numpy as np

    from derive.document.closed_form import ClosedFormReport
    from derive.exact.closed_form.solution import ClosedForm

POINTS = 11
SHOWN = 0.95  # of the way to T*, or to the end of learning


@in_use(LATEX)
def closed_form(
    g: Annotated[str, takes("G", "Strength of W0, 0 <= G < 1.", "--g")],
    nodes: Annotated[str, takes("n", "Gauss nodes of B B^T, 1 to 64; 1 and 2 give symbols.")] = "8",
    times: Annotated[
        str | None,
        takes("T1,T2,...", "Path lengths T of W (not learning times), 0 <= T < T*; by default 11 even ones."),
    ] = None,
    zhat: Annotated[str | None, takes("Z", "A target Z > 0: adds the times tau and ttilde.")] = None,
    form: Annotated[str, format_option(formula_formats())] = "text",
    out: Out = None,
    terms_per_line: TermsPerLine = str(TERMS_PER_LINE),
    columns: Columns = "1",
    standalone: Standalone = False,
) -> None:
    """The learning curve at N -> infinity in closed form: a soliton of 2n - 1 bound states.

    Readout z, D and sharpness h as functions of the path length T of W; W alone learns, w.m = 0.
    """
    from derive.exact.closed_form.solution import MOST_NODES
    from derive.exact.closed_form.solution import closed_form as form_of

    one_of("--format", form, formula_formats())
    layout = latex_layout(form, terms_per_line, columns, standalone)
    strength, count = strength_of(g), whole_number("--nodes", nodes, 1, MOST_NODES)
    target = None if zhat is None else real_number("--zhat", zhat, "a number > 0", 0)
    try:
        found = form_of(strength, count)
    except ArithmeticError:
        raise UsageProblem(
            f"--nodes {nodes}: the nodes at g = {g} cannot be told apart; allowed are fewer"
        ) from None
    report = _report(g.strip(), strength, found, times, target)
    from derive.document.closed_form import SYMBOLS, closed_form_document
    from derive.write.code.languages import in_languages
    from derive.write.modules.closed_form import closed_form_python
    from derive.write.modules.closed_form_functions import closed_form_module

    if form in LANGUAGES and form != "python" and count not in SYMBOLS:
        raise UsageProblem(
            f"--format {form} with --nodes {count}: allowed are --nodes 1 and 2, which have symbols, and "
            "--format python"
        )
    modules = {**in_languages(lambda language, header: closed_form_module(report, header))}
    if count not in SYMBOLS:
        modules["python"] = lambda header: closed_form_python(report, header)
    deliver_document(replace(closed_form_document(report), modules=modules), form, out, layout)


def _report(
    given: str, g: float, form: ClosedForm, times: str | None, zhat: float | None
) -> ClosedFormReport:
    import numpy as np

    from derive.document.closed_form import ClosedFormReport

    if zhat is None:
        return ClosedFormReport(given, g, form, _lengths(times, form.blow_up, "T*", form.blow_up))
    from derive.exact.closed_form.path import closed_form_path
    from derive.exact.learning_curve import LearningCurve
    from derive.radius.singularities import path_singularities

    curve = LearningCurve(closed_form_path(form, 1), zhat)
    T = _lengths(times, curve.length, f"the end of learning at zhat = {zhat:g}", form.blow_up)
    unit = 1 / ((1 - g) * (1 + g)) ** 2
    found = path_singularities(curve, closed_form_path(form, -1), unit)
    return ClosedFormReport(given, g, form, T, zhat, np.asarray(curve.time(T)), (found.backward, found.pair))


def _lengths(times: str | None, end: float, meaning: str, blow_up: float) -> np.ndarray:
    import numpy as np

    if times is None:
        return np.linspace(0, SHOWN * end, POINTS)
    allowed = f"a list of path lengths from 0 to below {end:.6g} ({meaning})"
    return np.array([real_number("--times", t, allowed, 0, end, from_low=True) for t in times.split(",")])
