"""Functions of what is derived for the paper's task alone: W learns, m and w independent."""

from __future__ import annotations

from collections.abc import Mapping

from derive.document.formulas import formula_text, outlier_text, scaling_text
from derive.document.observables import leading_coefficients, progress_observables, scaling_functions
from derive.observables.programs import scaling_program
from derive.observables.scaling_function import ScalingFunction
from derive.series.assignment import Argument, Assignment
from derive.series.expression import Expression, Name
from derive.series.program import Function
from derive.series.series_program import definitions, joint_function, tuple_function
from derive.tasks.expansion import Expansion
from derive.write.modules.docstrings import WIDTH, formulas_docstring, sentence

TRUNCATED = "Valid inside the radius of convergence; truncated after tau**{order}."


def papers_task_functions(expansion: Expansion) -> list[Function]:
    """Each function."""
    found = [_leading_singular_values(expansion), _eigenvalues_g0(expansion), _outlier_equation(expansion)]
    found += _end_of_learning(expansion)
    if functions := scaling_functions(expansion):
        for name, variable in (("universal", "ttilde"), ("universal_end", "delta")):
            chosen = {key: f for key, f in functions.items() if f.variable == variable}
            found.append(_universal(name, variable, chosen))
    return found


def _leading_singular_values(expansion: Expansion) -> Function:
    """The first term of s_1, s_2, ..., whatever the order."""
    leading = leading_coefficients(expansion)
    docstring = formulas_docstring(
        f"First terms of the singular values s1, ..., s{len(leading)} of W - W0, as a tuple.",
        [f"s{x.r} ~ {x.term_text()}" for x in leading],
        "Each is the limit of s_r at small tau, whatever the order of this module.",
    )
    return tuple_function("leading_singular_values", {f"s{x.r}": x.series for x in leading}, docstring)


def _eigenvalues_g0(expansion: Expansion) -> Function:
    """mean +- split/sqrt(3) at g = 0; the root is taken in the type of the arguments."""
    mean, split = expansion.eigenvalues_g0
    docstring = formulas_docstring(
        "Eigenvalues of W - W0 at g = 0, mean +- split/sqrt(3), larger first (eigenvalues of A, Eq. 9).",
        [formula_text(series, WIDTH - 4) for series in (mean, split)],
        TRUNCATED.format(order=expansion.order),
    )

    def both(found: Mapping[str, Expression]) -> tuple[list[Assignment], tuple[Expression, Expression]]:
        middle, offset = Name("middle"), Name("offset")
        body = [
            Assignment("middle", found["mean"]),
            Assignment("offset", found["split"] / (Name("one") * 3) ** 0.5),
        ]
        return body, (middle + offset, middle - offset)

    given = (Argument("tau"), Argument("zhat"))
    series = {"mean": mean, "split": split}
    return joint_function("eigenvalues_g0", series, both, docstring, given, definitions(mean, given))


def _outlier_equation(expansion: Expansion) -> Function:
    equation = expansion.outlier_equation
    docstring = formulas_docstring(
        "D(lam, tau), whose roots with |lam| > g are the outliers of W, its eigenvalues outside the disc.",
        [
            outlier_text(equation, WIDTH - 4),
            *(formula_text(part.series, WIDTH - 4) for part in equation.parts[1:]),
        ],
        f"lam may be complex. {TRUNCATED.format(order=equation.order)}",
    )
    return equation.program("outlier_equation", docstring)


def _end_of_learning(expansion: Expansion) -> list[Function]:
    """Functions of (delta, zhat, g), delta = z/zhat."""
    functions = []
    for o in progress_observables(expansion):
        docstring = formulas_docstring(
            f"{sentence(o.title)} (delta = z/zhat; Schuessler et al. 2020, Fig. 4).",
            [formula_text(o.series.in_tau, WIDTH - 4, "delta")],
            "At delta = 1 - 0.05**0.5, 5% of the loss are left. Converges where zhat**2*beta is small;\n"
            f"truncated after delta**{o.series.order}.",
        )
        functions.append(o.series.program(o.name, docstring))
    return functions


def _universal(name: str, variable: str, functions: Mapping[str, ScalingFunction]) -> Function:
    """A dictionary of the limits g -> 1, by the names of the functions whose limits they are."""
    docstring = formulas_docstring(
        f"Scaling functions: limits g -> 1 at fixed {variable} and y = zhat**2*beta, as a dictionary.",
        [scaling_text(f, WIDTH - 4) for f in functions.values()],
        "As g -> 1 the curves of one y all collapse on these.",
    )
    series = {key: function.in_square_root for key, function in functions.items()}
    return scaling_program(name, series, variable, docstring)
