"""At the start a basis of words gives every observable its exact value in the limit."""

import pytest
from project import ROOT
from slow_cases import slow_but

import derive
from derive.exact.flows.flow_curve import limit_curve
from derive.flow.expanded.growth import coefficients
from derive.observables.of_flows.flow_registry import flow_observables

EXAMPLES = sorted(path for path in (ROOT / "docs" / "flows").glob("*.toml") if "freq" not in path.stem)


@pytest.mark.parametrize(
    "path",
    slow_but({"weight_decay", "momentum", "feedback_alignment", "quartic_loss"}, EXAMPLES),
    ids=lambda path: path.stem,
)
def test_every_column_starts_as_its_series(path):
    flow = derive.read_flow(path)
    values = [float(value) for value in flow.values.values()]
    expansion = derive.expand(flow, 5)
    tau = 1e-3
    found = limit_curve(flow, [tau], enough=1e-3)
    unseen = {o.name for o in flow_observables(flow.meaning) if o.instead_of or o.value is None}
    shown = {
        name: x for name, x in {**expansion.series, **expansion.observables}.items() if name not in unseen
    }
    for name, series in shown.items():
        c = coefficients(series, values, float(flow.meaning.g))
        expected = sum(x * tau**k for k, x in enumerate(c))
        assert found.values[name][0] == pytest.approx(expected, rel=1e-5, abs=1e-9), name
