"""The observables of a flow in words, in the order in which every format prints them.

A new one is a file beside this one and a line of `flow_observables`: text, JSON, LaTeX, every code language,
one network, the curves and the checks of ``verify flow`` loop over it.
"""

from __future__ import annotations

from derive.flow.statement.meaning import Meaning
from derive.observables.of_flows.flow_observable import FlowObservable
from derive.observables.of_flows.outlier_equation import outlier_equations
from derive.observables.of_flows.squared_norms import FROBENIUS_NORM_SQUARED, velocity_norms
from derive.observables.of_flows.tangent_kernel import curvatures, tangent_kernels
from derive.observables.of_flows.weight_spectrum import spectrum_values


def flow_observables(meaning: Meaning, singular_values: int = 2) -> tuple[FlowObservable, ...]:
    """Those that a flow has, with ``singular_values`` >= 0 of the singular values of W - W0."""
    found: list[FlowObservable] = []
    if "W" in meaning.velocity:
        found += [FROBENIUS_NORM_SQUARED]
        found += [one for r in range(1, singular_values + 1) for one in spectrum_values(r)]
    found += [*velocity_norms(meaning), *tangent_kernels(meaning), *curvatures(meaning)]
    return (*found, *outlier_equations(meaning))


def shown_by_states(meaning: Meaning, grows: bool) -> list[FlowObservable]:
    """Those that a state shows as numbers; ``grows`` where a multiple of W0 moves with W."""
    known = [o for o in flow_observables(meaning) if o.value is not None and not o.instead_of]
    return [o for o in known if not (grows and o.extensive)]
