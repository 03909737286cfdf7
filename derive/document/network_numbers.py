"""The Taylor coefficients of one given network as a document (THEORY 2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from derive.document.model import Document, Formula, Paragraph, Rows, Section, Variable, Words
from derive.document.network_formula import CHANGES, MEANING, chain, change_blocks, changes
from derive.document.network_series import NumberSeries, coefficient_table
from derive.document.stem import data_stem
from derive.flow.fixed_point_task import FixedPointTask
from derive.flow.instance import Instance
from derive.observables.instance_series import InstanceSeries, instance_series
from derive.observables.observable import Observable
from derive.observables.registry import expanded_observables

FORMATS = ("json", "latex")  # text has tables instead
SYMBOLS = ("tau", "B", "a_i", "b_j")


@dataclass(frozen=True, eq=False)
class NetworkNumbers:
    """The series of one network read from ``file``, and its leading singular values."""

    file: str
    instance: Instance
    series: InstanceSeries
    singular_values: list[list[float]]

    @property
    def size(self) -> int:
        """The number of neurons."""
        return self.instance.size

    @property
    def content(self) -> list[Any]:
        """What distinguishes it from others: the network itself and what is asked of it."""
        network = self.instance
        return [self.words[2:], *(x.tolist() for x in (network.W0, network.m, network.w))]

    @property
    def observables(self) -> list[tuple[Observable, list[float]]]:
        """The scalar observables of the registry with their series, no zero of them negative."""
        task = FixedPointTask(train=self.series.train, alignment="rho")
        found = expanded_observables(task, 0)
        return [(o, [float(x) + 0.0 for x in o.expanded(self.series)]) for o in found]

    @property
    def named(self) -> dict[str, list[float]]:
        """The same by name."""
        return {o.name: values for o, values in self.observables}

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the command that makes it."""
        series, words = self.series, ["network", self.file]
        words += ["--order", str(self.series.order), "--zhat", repr(series.target)]
        if series.train != ("W",):
            words += ["--train", ",".join(series.train)]
        if len(self.singular_values) != min(2, (series.order + 3) // 4):
            words += ["--singular-values", str(len(self.singular_values))]
        return tuple(words)


def network_numbers(
    instance: Instance, file: str, order: int, zhat: float, train: tuple[str, ...], count: int
) -> NetworkNumbers:
    """Expand. Raises ValueError where I - W0 is singular, nothing is learned or a number overflows."""
    series = instance_series(instance, zhat, order, train)
    if series.readout[0] == zhat:
        raise ValueError(f"the readout starts at zhat = {zhat}, nothing is learned; allowed are others")
    report = NetworkNumbers(file, instance, series, [])
    if not all(isfinite(x) for column in report.named.values() for x in column):
        raise ValueError(f"order {order}: coefficients overflow; allowed are lower orders")
    values = series.singular_values(count) if series.C else [[0.0]] * count
    return replace(report, singular_values=[[x + 0.0 for x in value] for value in values])


def network_numbers_document(report: NetworkNumbers) -> Document:
    """The observables, the singular values, and the coordinates of all that learns."""
    series, train = report.series, report.series.train
    formulas = [
        Formula((o.name,), o.left, NumberSeries(values), o.title, o.name.replace("_", "-"), formats=FORMATS)
        for o, values in report.observables
    ]
    formulas += [
        Formula(
            ("singular_values", r - 1),
            rf"\drvs_{{{r}}}",
            NumberSeries(values),
            label=f"s{r}",
            formats=FORMATS,
        )
        for r, values in enumerate(report.singular_values, 1)
    ]
    columns = report.named | {f"s{r}": values for r, values in enumerate(report.singular_values, 1)}
    line = "Coefficients of tau**k (s_r is known through tau**(order + 2 - 2r)):"
    return Document(
        report.words,
        f"network_{data_stem(report.file, report.content)}",
        f"{report.file}: a network of {report.size} neurons, target {series.target:g}, "
        f"expansion through tau**{series.order}",
        (
            Section((Words(chain(train)),)),
            Section((coefficient_table(columns, series.order), *formulas), (line,)),
            *_changes(series),
        ),
        facts={
            "order": series.order,
            "system": "fixed-point",
            "limit": "none",
            "network": report.file,
            "size": report.size,
            "zhat": series.target,
            "train": list(train),
        },
        symbols=tuple(Variable(name, "", MEANING[name]) for name in SYMBOLS),
        setting=Paragraph(f"What learns: {', '.join(train)}"),
    )


def _changes(series: InstanceSeries) -> list[Section]:
    """In text one table for each of C, kappa and omega."""
    rows: dict[str, list[list[str]]] = {}
    for name, indices, coefficients in changes(series):
        cells = [f"{x:.8g}" for x in coefficients[1:]]
        rows.setdefault(name, []).append(["_".join([name, *map(str, indices)]), *cells])
    names = ("", *(f"k = {k}" for k in range(1, series.order + 1)))
    sections = []
    for name, blocks in change_blocks(series, NumberSeries, float, FORMATS).items():
        table = Rows(names, rows[name], formats=("text",))
        sections.append(Section((table, *blocks), (f"{CHANGES[name]}, coefficients of tau**k:",)))
    return sections
