"""A learning curve of gradient flow as a document. Times are ttilde = beta^2 tau."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from derive.arrays import Array
from derive.document.model import Document, Figure, Lines, Rows, Section
from derive.radius.comparison import Comparison

MOST_ROWS = 40  # of a table of epochs in text


def case(g: float, zhat: float, neurons: int | None) -> str:
    """Of what a curve is."""
    if neurons is None:
        return f"at N -> infinity, g = {g:g}, zhat = {zhat:g}"
    return f"of one network of {neurons} neurons, zhat = {zhat:g}"


def clock(g: float, neurons: int | None) -> str:
    """What ttilde stands for."""
    if neurons is None:
        return "ttilde = beta**2 * tau"
    return "ttilde = tau" if g == 0 else f"ttilde = tau/(1 - g**2)**2, g = {g:g}"


def curve_facts(report: Comparison) -> dict[str, Any]:
    """The numbers of the whole curve, by name."""
    exact = report.exact
    scale = 1 / ((1 - exact.g) * (1 + exact.g)) ** 2
    facts: dict[str, Any] = {
        "g": exact.g,
        "zhat": exact.zhat,
        "accuracy": exact.accuracy,
        "chain_vectors": exact.chain_vectors,
        "time_to_5_percent_loss": scale * exact.learning.time_to(0.05),
        "distance_travelled": exact.learning.length,
        "critical_learning_rate": exact.learning.critical_rate,
    }
    if report.singularities is not None:
        facts["radius"] = report.singularities.radius
        facts["backward_singularity"] = report.singularities.backward
        facts["complex_pair"] = [report.singularities.pair.real, report.singularities.pair.imag]
    if report.deviations is not None:
        facts["size"], facts["norms"] = report.deviations.size, report.deviations.norms
        facts["time_to_5_percent_loss_std"] = report.deviations.learning_time
        facts["second_order_of_loss_from"] = report.deviations.second_order
        if report.deviations.bias is not None:
            facts["time_to_5_percent_loss_bias"] = float(report.deviations.bias["learning_time"])
    return facts


def curve_document(
    report: Comparison, draw: Callable[[], Any], covariance: tuple[str, str] | None = None
) -> Document:
    """The facts, the exact curve, its truncations and resummations; of one network also ``neurons``.

    With deviations between networks also readout_std, loss_std, ... and singular_values_std, and the
    ``covariance`` of a pair of observables.
    """
    exact = report.exact
    names, columns = _columns(report)
    facts = {
        **({} if exact.neurons is None else {"neurons": exact.neurons}),
        "g": exact.g,
        "zhat": exact.zhat,
        "ttilde": exact.ttilde.tolist(),
        "readout": exact.readout.tolist(),
        "loss": exact.loss.tolist(),
        "singular_values": exact.singular_values.T.tolist(),
        **curve_facts(report),
        **{name: values.tolist() for name, values in exact.values.items()},
        **_deviations(report),
        **_covariance(report, covariance),
        "series": {str(k): values.tolist() for k, values in report.series.items()},
        "resummed": {name: None if v is None else v.tolist() for name, v in report.resummed.items()},
    }
    return Document(
        ("curve",),
        "curve",
        "",
        (
            Section((Lines(lambda: _lines(report)),)),
            Section((_table(report), Figure(draw))),
            *_covariance_table(report, covariance),
            Section((Rows(tuple(names), np.transpose(columns).tolist(), formats=("csv",)),)),
        ),
        facts=facts,
    )


def _lines(report: Comparison) -> list[str]:
    exact, facts = report.exact, curve_facts(report)
    lines = [
        f"Gradient flow {case(exact.g, exact.zhat, exact.neurons)}; {clock(exact.g, exact.neurons)}",
        f"  readout exact to {exact.accuracy:.1e} of zhat ({exact.chain_vectors} chain vectors)",
        f"  loss at 5% of its start: ttilde = {facts['time_to_5_percent_loss']:.6g}",
        f"  descent is stable at the end below the learning rate {facts['critical_learning_rate']:.6g}",
    ]
    if report.singularities is not None:
        pair = report.singularities.pair
        lines += [
            f"  the series in ttilde converges for ttilde < {facts['radius']:.6g}: singularities at "
            f"{report.singularities.backward:.6g} and {pair.real:.6g} +- {pair.imag:.6g} i",
        ]
    found = report.deviations
    if found is not None:
        lines.append(
            f"  +-: standard deviation between networks of {found.size} neurons to leading order, norms "
            f"{found.norms}; that of the time to 5% loss is {found.learning_time:.4g}"
        )
        if found.second_order is not None:
            lines.append(
                f"  from ttilde = {found.second_order:.4g} on the readout deviates by more than half of what "
                "is left to learn: the loss by its second order"
            )
        if found.bias is not None:
            lines.append(
                "  bias: the mean over networks minus the limit, at order 1/N; that of the time to 5% loss "
                f"is {float(found.bias['learning_time']):.4g}"
            )
        if found.doubtful:
            lines.append(
                "  N (1 - g)^2 < 10: the leading order may be wrong for networks of this size, either way"
            )
    return lines


def _table(report: Comparison) -> Rows:
    """The exact curve beside the highest order and the resummations."""
    columns = _exact_columns(report)
    order = max(report.series, default=0)
    shown = {name: v for name, v in report.resummed.items() if v is not None}
    header = ["ttilde", *(name for name, _, _ in columns)]
    header += [f"order {order}"] if order else []
    header += [f"{name} {order}" for name in shown]
    rows = []
    for i, t in enumerate(report.exact.ttilde):
        row = [f"{t:.6g}", *(form.format(values[i]) for _, values, form in columns)]
        row += [_short(report.series[order][i])] if order else []
        row += [_short(v[i]) for v in shown.values()]
        outside = report.singularities is not None and t >= report.singularities.radius
        rows.append([*row, "outside the radius" if outside else ""])
    return Rows((*header, ""), rows, formats=("text",))


def _exact_columns(report: Comparison) -> list[tuple[str, Array, str]]:
    """Name, values and format of what is exact, its deviation and bias beside each where they are known."""
    exact, found = report.exact, report.deviations
    columns = [("readout", exact.readout, "{:.8f}"), ("loss", exact.loss, "{:.4e}")]
    columns += [(f"s{r}", values, "{:.8f}") for r, values in enumerate(exact.singular_values.T, 1)]
    if found is None:
        return columns
    spread = {**found.values, **{f"s{r}": x for r, x in enumerate(found.singular_values.T, 1)}}
    whole = []
    for name, values, form in columns:
        whole += [(name, values, form), ("+-", spread[name], "{:.2e}")]
        if found.bias:
            whole.append(("bias", found.bias[name], "{:.2e}"))
    return whole


def _deviations(report: Comparison) -> dict[str, Any]:
    """Standard deviations, and biases where they are known, as lists by key."""
    found = report.deviations
    if found is None:
        return {}
    lists = {f"{name}_std": values.tolist() for name, values in found.values.items()}
    lists["singular_values_std"] = found.singular_values.T.tolist()
    if found.bias is not None:
        count = found.singular_values.shape[1]
        lists |= {f"{name}_bias": found.bias[name].tolist() for name in found.values}
        lists["singular_values_bias"] = [found.bias[f"s{r}"].tolist() for r in range(1, count + 1)]
    return lists


def _covariance(report: Comparison, pair: tuple[str, str] | None) -> dict[str, Any]:
    """Of the first observable at each time (rows) with the second at each time."""
    found = report.deviations
    if found is None or pair is None:
        return {}
    return {"covariance": {"of": list(pair), "values": found.covariance(*pair).tolist()}}


def _covariance_table(report: Comparison, pair: tuple[str, str] | None) -> tuple[Section, ...]:
    """The same as text."""
    found, times = report.deviations, report.exact.ttilde
    if found is None or pair is None:
        return ()
    title = f"covariance of {pair[0]} at ttilde (rows) and {pair[1]} at ttilde (columns):"
    rows = [
        [f"{t:.6g}", *(f"{x:.3e}" for x in row)]
        for t, row in zip(times, found.covariance(*pair), strict=True)
    ]
    return (Section((Rows(("ttilde", *(f"{t:.6g}" for t in times)), rows, formats=("text",)),), (title,)),)


def _columns(report: Comparison) -> tuple[list[str], list[np.ndarray]]:
    exact = report.exact
    count = exact.singular_values.shape[1]
    names = ["ttilde", *exact.values, *(f"s{r}" for r in range(1, count + 1))]
    columns = [exact.ttilde, *exact.values.values()]
    columns += [exact.singular_values[:, r] for r in range(count)]
    found = report.deviations
    if found is not None:
        names += [f"{name}_std" for name in found.values] + [f"s{r}_std" for r in range(1, count + 1)]
        columns += [*found.values.values(), *found.singular_values.T]
    if found is not None and found.bias is not None:
        biased = [*found.values, *(f"s{r}" for r in range(1, count + 1))]
        names += [f"{name}_bias" for name in biased]
        columns += [found.bias[name] for name in biased]
    for k, values in report.series.items():
        names.append(f"order_{k}")
        columns.append(values)
    for name, resummed in report.resummed.items():
        if resummed is not None:
            names.append(name)
            columns.append(resummed)
    return names, columns


def _short(x: float) -> str:
    return f"{x:.8f}" if abs(x) < 1e3 else f"{x:.3e}"
