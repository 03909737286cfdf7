"""A learning curve as text, JSON or CSV. Times are ttilde = beta^2 tau throughout."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import numpy as np

from derive.exact.descent import DescentCurve, Momentum
from derive.radius.comparison import Comparison


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
    return facts


def curve_json(report: Comparison) -> str:
    """Keys: g, zhat, ttilde, readout, loss, singular_values (one list for each), accuracy; and more.

    Of one network also ``neurons``; with deviations between networks readout_std, loss_std, ... and
    singular_values_std.
    """
    exact, facts = report.exact, curve_facts(report)
    document = {
        **({} if exact.neurons is None else {"neurons": exact.neurons}),
        "g": exact.g,
        "zhat": exact.zhat,
        "ttilde": exact.ttilde.tolist(),
        "readout": exact.readout.tolist(),
        "loss": exact.loss.tolist(),
        "singular_values": exact.singular_values.T.tolist(),
        **facts,
        **{name: values.tolist() for name, values in exact.values.items()},
        **_deviations(report),
        "series": {str(k): values.tolist() for k, values in report.series.items()},
        "resummed": {name: None if v is None else v.tolist() for name, v in report.resummed.items()},
    }
    return json.dumps(document, indent=2, default=float) + "\n"


def curve_csv(report: Comparison) -> str:
    """One row a time; columns as in the JSON, singular values as s1, s2, ..., series as order_k."""
    names, columns = _columns(report)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([repr(float(x)) for x in row] for row in zip(*columns, strict=True))
    return stream.getvalue()


def curve_text(report: Comparison) -> str:
    """The facts, and a table of the exact curve beside the highest order and the resummations."""
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
        if found.doubtful:
            lines.append("  N (1 - g)^2 < 10: networks of this size vary more than the leading order says")
    order = max(report.series, default=0)
    shown = {name: v for name, v in report.resummed.items() if v is not None}
    header = ["ttilde", "readout", "loss", *(f"s{r}" for r in range(1, exact.singular_values.shape[1] + 1))]
    if found is not None:
        header[2:2], header[4:4] = ["+-"], ["+-"]
        for r in range(exact.singular_values.shape[1]):
            header.insert(6 + 2 * r, "+-")
    header += [f"order {order}"] if order else []
    header += [f"{name} {order}" for name in shown]
    rows = [header]
    for i, t in enumerate(exact.ttilde):
        row = [f"{t:.6g}", f"{exact.readout[i]:.8f}", f"{exact.loss[i]:.4e}"]
        row += [f"{s:.8f}" for s in exact.singular_values[i]]
        if found is not None:
            spread = [found.values["readout"][i], found.values["loss"][i], *found.singular_values[i]]
            numbers = [x for pair in zip(row[1:], (f"{x:.2e}" for x in spread), strict=True) for x in pair]
            row = [row[0], *numbers]
        row += [_short(report.series[order][i])] if order else []
        row += [_short(v[i]) for v in shown.values()]
        outside = report.singularities is not None and t >= report.singularities.radius
        rows.append([*row, "outside the radius" if outside else ""])
    rows[0] = [*header, ""]
    return "\n".join([*lines, "", *_aligned(rows)]) + "\n"


def _deviations(report: Comparison) -> dict[str, Any]:
    """The standard deviations as lists, by key."""
    found = report.deviations
    if found is None:
        return {}
    lists = {f"{name}_std": values.tolist() for name, values in found.values.items()}
    return {**lists, "singular_values_std": found.singular_values.T.tolist()}


def descent_json(
    g: float, zhat: float, curve: DescentCurve, flow: np.ndarray, neurons: int | None = None
) -> str:
    """Exact gradient descent at N = infinity or of one network of ``neurons``, beside gradient flow.

    Entry 0 is before learning.
    """
    scale = 1 / ((1 - g) * (1 + g)) ** 2
    document = {
        **({} if neurons is None else {"neurons": neurons}),
        "g": g,
        "zhat": zhat,
        "learning_rate": curve.learning_rate,
        **_momentum(curve),
        "ttilde": (scale * curve.time_step * np.arange(len(curve.readout))).tolist(),
        "readout": curve.readout.tolist(),
        "loss": ((zhat - curve.readout) ** 2 / 2).tolist(),
        "singular_values": curve.singular_values().T.tolist(),
        "sharpness": curve.sharpness.tolist(),
        "crossings": list(curve.crossings),
        "flow_readout": flow.tolist(),
    }
    return json.dumps(document, indent=2) + "\n"


def _momentum(curve: DescentCurve) -> dict[str, Any]:
    """What the JSON says of it."""
    if curve.method == Momentum():
        return {}
    method = curve.method
    return {"momentum": method.mu, "nesterov": method.nesterov, "stable_below": method.stable_below}


def _momentum_line(curve: DescentCurve) -> str:
    if curve.method == Momentum():
        return ""
    name = "Nesterov's method" if curve.method.nesterov else "heavy ball"
    return f"  momentum {curve.method.mu:g} ({name}): an epoch is {curve.time_step:.6g} of learning time\n"


def descent_table(
    g: float, zhat: float, curve: DescentCurve, flow: np.ndarray, comma: bool, neurons: int | None = None
) -> str:
    """The same as CSV (``comma``) or as a text table of at most 40 rows."""
    scale = 1 / ((1 - g) * (1 + g)) ** 2
    epochs = np.arange(len(curve.readout))
    values = curve.singular_values()
    rows = [["epoch", "ttilde", "readout", "loss", "s1", "s2", "flow"]]
    step = 1 if comma else max(1, -(-len(epochs) // 40))
    for e in epochs[::step]:
        numbers = [scale * curve.time_step * e, curve.readout[e], (zhat - curve.readout[e]) ** 2 / 2]
        numbers += [*values[e], flow[e]]
        rows.append([str(e), *(repr(float(x)) if comma else f"{x:.8g}" for x in numbers)])
    if comma:
        return "\n".join(",".join(row) for row in rows) + "\n"
    head = (
        f"Gradient descent {case(g, zhat, neurons)}, learning rate {curve.learning_rate:g}; "
        f"{clock(g, neurons)}\n"
        f"{_momentum_line(curve)}"
        f"  eta h at the last epoch: {curve.learning_rate * curve.sharpness[-1]:.4g} (stable below "
        f"{curve.method.stable_below:.4g})\n"
        f"  epochs at which an outlier of W crossed 1: {list(curve.crossings) or 'none'}\n\n"
    )
    return head + "\n".join(_aligned(rows)) + "\n"


def _columns(report: Comparison) -> tuple[list[str], list[np.ndarray]]:
    exact = report.exact
    count = exact.singular_values.shape[1]
    names = ["ttilde", *exact.values, *(f"s{r}" for r in range(1, count + 1))]
    columns = [exact.ttilde, *exact.values.values()]
    columns += [exact.singular_values[:, r] for r in range(count)]
    if report.deviations is not None:
        found = report.deviations
        names += [f"{name}_std" for name in found.values] + [f"s{r}_std" for r in range(1, count + 1)]
        columns += [*found.values.values(), *found.singular_values.T]
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


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows]
