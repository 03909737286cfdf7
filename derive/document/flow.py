"""A flow's expansion as a document: statement, readouts, loss, and what moves, order by order (THEORY 9)."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from derive.document import variables
from derive.document.model import Block, Data, Document, Formula, Lines, Paragraph, Section, Variable
from derive.document.stem import data_stem
from derive.document.variables import latex_name
from derive.flow.expanded.growth import estimated_radius
from derive.flow.statement.task import Flow
from derive.observables.of_flows.flow_registry import flow_observables
from derive.tasks.flow_expansion import FlowExpansion
from derive.tasks.flow_words import PrintedOrder

WIDTH = 120
MOST_LINES = 40
"""Terms of one order of a matrix or a vector that text shows; JSON has all."""
MOST_TERMS = 2000  # of one order of a matrix, beyond which any format has their number alone
MOST_MONOMIALS = 400  # of one order of a matrix or a vector that LaTeX shows
AT_G0 = (
    "At g = 0: W = sum of A_u_v u v', the eigenvalues x of W by 0 = x^n - e_1 x^(n-1) + e_2 x^(n-2) - ..., "
    "e_n = eigenvalue_sum_n"
)
START = Variable("W0", "W_0", "initial connectivity, entries independent of variance g**2/N")
BETA = variables.BETA.meaning_here("1/(1 - g**2)")
STRENGTH = Variable("g", "g", "strength of the initial connectivity, 0 <= g < 1")
INVERSE = variables.RESOLVENT.meaning_here("(1 - W0)^-1")
POINT = Variable("B(c)", "B(c)", "(c - W0)^-1")


def flow_document(expansion: FlowExpansion, file: str) -> Document:
    """All that an expansion says; ``file`` is the bare name of the flow's file."""
    flow = expansion.flow
    said = statement(expansion.flow)
    content = [said, dict(flow.ensemble.overlaps), list(flow.ensemble.vectors), list(flow.parameters)]
    named = expansion.named_overlaps
    options = ("--named-overlaps",) if named else ()
    where = "any one network" if named else "N -> infinity"
    return Document(
        ("flow", file, "--order", str(expansion.order), *_counted(expansion.singular_value_count), *options),
        f"flow_{data_stem(file, content)}_order_{expansion.order}" + "_overlaps" * named,
        f"{flow.title or Path(file).stem}, {where}: expansion through tau**{expansion.order}",
        (*_readouts(expansion), *_observables(expansion), *_motion(expansion)),
        facts={
            "order": expansion.order,
            "system": "flow",
            "title": flow.title,
            "limit": "none" if named else "N->oo",
            "route": expansion.route,
            "parameters": {name: str(value) for name, value in flow.values.items()},
            "vectors": list(flow.ensemble.vectors),
            "overlaps": dict(flow.ensemble.overlaps),
            "statement": dict(said),
            **({"named_overlaps": expansion.overlap_words} if named else {"radius": radius(expansion)}),
            "absent": dict(expansion.absent),
        },
        symbols=symbols(expansion),
        validity=validity(expansion),
        setting=Paragraph("\n".join(f"  {a} = {b}" for a, b in said), _latex_setting(expansion)),
        heading=_typed(flow.title or Path(file).stem) + rf": expansion through $\tau^{{{expansion.order}}}$",
        comments=tuple(f"{a} = {b}" for a, b in said),
    )


def _counted(singular_values: int) -> tuple[str, ...]:
    return () if singular_values == 2 else ("--singular-values", str(singular_values))


def statement(flow: Flow) -> list[tuple[str, str]]:
    """The flow as it was stated, each part as (left, right)."""
    said = [*flow.readouts.items(), *flow.definitions.items()]
    if flow.loss is not None:
        said.append(("loss", flow.loss))
        said += [(f"d{name}/dtau", f"-d(loss)/d{name}") for name in flow.meaning.velocity]
    said += [(f"d{name}/dtau", text) for name, text in flow.velocity.items()]
    return [(left, " ".join(right.split())) for left, right in said]


def symbols(expansion: FlowExpansion) -> tuple[Variable, ...]:
    """Every letter and what it means, parameters in the order of the functions' arguments."""
    flow = expansion.flow
    pairs = {text.strip(): pair for pair, text in flow.ensemble.overlaps.items()}
    found = [variables.TAU]
    for name, value in flow.parameters.items():
        meaning = f"overlap {pairs[name]}" if name in pairs else "parameter"
        meaning += f", {value} in checks and simulations"
        found.append(Variable(name, latex_name(name), meaning))
    if expansion.named_overlaps:
        start = Variable("W0", "W_0", "initial connectivity, any matrix")
        found += [Variable(name, "", word) for name, word in expansion.overlap_words.items()]
        found += [start, INVERSE]
    else:
        found += [BETA, STRENGTH, START, INVERSE]
    found += [Variable(x, latex_name(x), "eigenvalue in the outliers' equation") for x in expansion.further]
    found += [POINT] if any(point != "1" for point in expansion.points) else []
    kind = "any vector" if expansion.named_overlaps else "vector of norm 1"
    found += [Variable(name, latex_name(name), kind) for name in flow.ensemble.vectors]
    return tuple(found)


def validity(expansion: FlowExpansion) -> str:
    """Where the series holds."""
    flow = expansion.flow
    if expansion.named_overlaps:
        numbered = enumerate([*expansion.points, *expansion.further], 1)
        named = ", ".join(f"B{n if n > 1 else ''} at c = {point}" for n, point in numbered)
        return (
            f"Exact through tau**{expansion.order} for any one network of any size, in the overlaps of its "
            f"words. Derived by the {expansion.route}. A Taylor series at tau = 0: it holds inside its "
            "radius of convergence." + f" In overlaps (c - W0)^-1 is {named}." * bool(named)
        )
    given = ", ".join(f"{pair} = {text}" for pair, text in flow.ensemble.overlaps.items())
    overlaps = f" with {given}, other overlaps 0" if given else ", independent"
    points = "".join(f" and |{point}| > g" for point in expansion.points if point != "1")
    return (
        f"Exact through tau**{expansion.order} at N -> infinity, for {', '.join(flow.ensemble.vectors)} of "
        f"norm 1{overlaps}, 0 <= g < 1{points}. Derived by the {expansion.route}. A Taylor series at tau = "
        "0: it holds inside its radius of convergence" + _about(expansion)
    )


def radius(expansion: FlowExpansion) -> float | None:
    """The radius of convergence as the coefficients' growth shows it at the flow's numbers, to two digits."""
    flow = expansion.flow
    if flow.meaning.g is None:
        return None
    values = [float(value) for value in flow.values.values()]
    found = estimated_radius(expansion.series.values(), values, float(flow.meaning.g))
    return None if found is None else float(f"{found:.2g}")


def _about(expansion: FlowExpansion) -> str:
    flow, found = expansion.flow, radius(expansion)
    if found is None:
        return "."
    numbers = [f"{name} = {value}" for name, value in flow.values.items()]
    at = ", ".join([*numbers, f"g = {flow.meaning.g}"])
    return f" (about tau = {found:g} at {at}, by the growth of these coefficients)."


def _readouts(expansion: FlowExpansion) -> list[Section]:
    sections = []
    for name, series in expansion.series.items():
        key = ("loss",) if name == "loss" else ("readouts", name)
        left = rf"{series_latex(name)}(\drvtau)"
        formula = Formula(key, left, series, title=name, label=name.replace("_", "-"))
        sections.append(Section((formula,)))
    return sections


def _absent(expansion: FlowExpansion) -> list[Section]:
    """Which observables have no series, and why; stand-ins for others go without saying."""
    whole = [o.name for o in flow_observables(expansion.flow.meaning, expansion.singular_value_count)]
    lines = [f"  {name}: {expansion.absent[name]}" for name in whole if name in expansion.absent]
    return [Section((Lines(lambda: lines),), ("Without a series of its own:",))] if lines else []


def _observables(expansion: FlowExpansion) -> list[Section]:
    """What the registry reads off, and W at g = 0."""
    sections = []
    for observable in flow_observables(expansion.flow.meaning, expansion.singular_value_count):
        series = expansion.observables.get(observable.name)
        if series is not None:
            label = observable.name.replace("_", "-")
            left = observable_left(observable.left, observable.names)
            sections.append(Section((Formula((observable.name,), left, series, observable.title, label),)))
    sections += _absent(expansion)
    words: tuple[str, ...] = (AT_G0,)
    for name, series in expansion.at_g0.items():
        label = name.replace("_", "-")
        sections.append(Section((Formula(("g0", name), g0_left(name), series, name, label),), words))
        words = ()
    return sections


def observable_left(left: str, names: Sequence[str]) -> str:
    """The left side of an observable's formula."""
    return left.format(*map(latex_name, names))


def g0_left(name: str) -> str:
    """A_w_m, or the n-th symmetric sum of eigenvalues."""
    kind, *indices = name.split("_")
    if kind == "A":
        index = r"\,".join(map(latex_name, indices))
        return rf"A_{{{index}}}(\drvtau)"
    return rf"e_{{{indices[-1]}}}(\drvtau)"


def series_latex(name: str) -> str:
    """A readout's name; the real and imaginary part of a complex one."""
    for ending, part in (("_re", "Re"), ("_im", "Im")):
        if name.endswith(ending):
            return rf"\operatorname{{{part}}} {latex_name(name.removesuffix(ending))}"
    return r"\drvloss" if name == "loss" else latex_name(name)


def _motion(expansion: FlowExpansion) -> list[Section]:
    meaning = expansion.flow.meaning
    sections = [_matrix(expansion, name) for name in dict.fromkeys(("W", *meaning.matrices))]
    return sections + [_vector(expansion, name) for name in meaning.vectors]


def _matrix(expansion: FlowExpansion, name: str) -> Section:
    def made() -> list[dict[str, Any]]:
        return [
            {
                "k": order.k,
                "W0": order.W0,
                "terms": [
                    {"coefficient": term.coefficient, "left": term.left, "right": term.right}
                    for term in order.terms
                ],
                **({"left_out": order.left_out} if order.left_out else {}),
            }
            for order in expansion.matrix(name, MOST_TERMS)
        ]

    def lines() -> list[str]:
        return [line for order in expansion.matrix(name, MOST_TERMS) for line in _order_text(order)]

    start = "W0" if name == "W" else "0"
    words = (f"{name} = {start} + sum over k of tau**k times",)
    return Section((Lines(lines), Data((name,), made), *_orders(expansion, name)), words)


def _vector(expansion: FlowExpansion, name: str) -> Section:
    def made() -> list[dict[str, Any]]:
        return [
            {
                "k": order.k,
                "terms": [{"coefficient": term.coefficient, "vector": term.left} for term in order.terms],
            }
            for order in expansion.vector(name)
        ]

    def lines() -> list[str]:
        return [line for order in expansion.vector(name) for line in _order_text(order)]

    words = (f"{name}(tau) = {name} + sum over k of tau**k times",)
    return Section((Lines(lines), Data((name,), made), *_orders(expansion, name)), words)


def _orders(expansion: FlowExpansion, name: str) -> list[Block]:
    """One formula for each order that is short enough for a page."""
    found: list[Block] = []
    for order in expansion.order_series(name):
        if len(order.terms) <= MOST_MONOMIALS and order.monomials <= MOST_MONOMIALS:
            left = rf"{latex_name(name)}_{{{order.k}}}"
            found.append(
                Formula(
                    (), left, order, label=f"{name}-{order.k}", terminates=True, formats=("latex",)
                )
            )  # fmt: skip
    return found


def _order_text(order: PrintedOrder) -> list[str]:
    terms = [] if order.W0 == "0" else [f"({order.W0}) W0"]
    terms += [
        f"({term.coefficient}) {term.left}" + f" {term.right}" * bool(term.right) for term in order.terms
    ]
    if order.left_out:
        terms.append(f"a sum of {order.left_out} terms (left out: more than {MOST_TERMS})")
    lines = _wrapped(f"{order.k:>3}   ", terms[0] if terms else "0")
    for term in terms[1:MOST_LINES]:
        lines += _wrapped("      + ", term)
    left = len(terms) - MOST_LINES
    return lines + ([f"      + {left} further terms (all in --format json)"] if left > 0 else [])


def _wrapped(first: str, text: str) -> list[str]:
    rest = " " * (len(first) + 4)
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first]


def _latex_setting(expansion: FlowExpansion) -> str:
    lines = r" \\ ".join(rf"\texttt{{{_typed(f'{a} = {b}')}}}" for a, b in statement(expansion.flow))
    return f"\n\\noindent {lines}\n\n\\medskip\\noindent {_typed(validity(expansion))}\n"


def _typed(text: str) -> str:
    """Text as it is, for LaTeX."""
    special = {
        "\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
        "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "'": r"\textquotesingle{}",
    }  # fmt: skip
    return "".join(special.get(c, rf"\{c}" if c in "&%$#_{}" else c) for c in text)
