"""derive: symbolic expansions of learning in recurrent networks, exact and to any order.

>>> import derive
>>> derive.expand(derive.FixedPointTask(), order=3).readout[2]
-beta**4*zhat/2

Everything public is here; a name's module loads when the name is first used, so that importing
the package stays light.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derive import limit as limit
    from derive.exact.closed_form.solution import closed_form as closed_form
    from derive.exact.gradient_flow import gradient_flow as gradient_flow
    from derive.exact.limit_network import limit_network as limit_network
    from derive.exact.network_outliers import network_outliers as network_outliers
    from derive.exact.outliers import chain_outliers as chain_outliers
    from derive.exact.outliers import instance_outliers as instance_outliers
    from derive.exact.outliers import outliers as outliers
    from derive.flow.fixed_point_task import FixedPointTask as FixedPointTask
    from derive.flow.given.network import FlowInstance as FlowInstance
    from derive.flow.instance import Instance as Instance
    from derive.flow.statement.task import Ensemble as Ensemble
    from derive.flow.statement.task import Flow as Flow
    from derive.flow.statement.task_file import read_flow as read_flow
    from derive.observables.instance_series import chain_series as chain_series
    from derive.observables.instance_series import instance_series as instance_series
    from derive.observables.leading_singular_value import leading_singular_value as leading_singular_value
    from derive.observables.learning_end import LearningEnd as LearningEnd
    from derive.observables.outlier_equation import OutlierEquation as OutlierEquation
    from derive.observables.overlap_formula import overlap_formula as overlap_formula
    from derive.observables.overlap_formula import overlap_values as overlap_values
    from derive.observables.scaling_function import scaling_function as scaling_function
    from derive.observables.scaling_function import universal as universal
    from derive.overlaps.descent import descent_curve as descent_curve
    from derive.overlaps.descent import flow_curve as flow_curve
    from derive.overlaps.gram_flow import gram_flow as gram_flow
    from derive.overlaps.learning_series import learning_series as learning_series
    from derive.overlaps.problem import OverlapProblem as OverlapProblem
    from derive.overlaps.sampling import sample_network as sample_network
    from derive.radius.trust import OutsideRadius as OutsideRadius
    from derive.radius.trust import checked as checked
    from derive.series.series import Series as Series
    from derive.series.symbols import beta as beta
    from derive.series.symbols import g as g
    from derive.series.symbols import lam as lam
    from derive.series.symbols import rho as rho
    from derive.series.symbols import tau as tau
    from derive.series.symbols import zhat as zhat
    from derive.tasks.as_flow import as_flow as as_flow
    from derive.tasks.expand import expand as expand
    from derive.tasks.expansion import Expansion as Expansion
    from derive.tasks.flow_expansion import FlowExpansion as FlowExpansion
    from derive.tasks.modes import MatrixExpansion as MatrixExpansion
    from derive.tasks.modes import MatrixTask as MatrixTask
    from derive.words.moments import chain_moment as chain_moment
    from derive.words.phi import moment as moment
    from derive.words.words import OuterProduct as OuterProduct
    from derive.words.words import Word as Word

_NAMES = {
    "exact.closed_form.solution": "closed_form",
    "exact.gradient_flow": "gradient_flow",
    "exact.limit_network": "limit_network",
    "exact.network_outliers": "network_outliers",
    "exact.outliers": "chain_outliers instance_outliers outliers",
    "flow.fixed_point_task": "FixedPointTask",
    "flow.given.network": "FlowInstance",
    "flow.instance": "Instance",
    "flow.statement.task": "Ensemble Flow",
    "flow.statement.task_file": "read_flow",
    "observables.instance_series": "chain_series instance_series",
    "observables.leading_singular_value": "leading_singular_value",
    "observables.learning_end": "LearningEnd",
    "observables.outlier_equation": "OutlierEquation",
    "observables.overlap_formula": "overlap_formula overlap_values",
    "observables.scaling_function": "scaling_function universal",
    "overlaps.descent": "descent_curve flow_curve",
    "overlaps.gram_flow": "gram_flow",
    "overlaps.learning_series": "learning_series",
    "overlaps.problem": "OverlapProblem",
    "overlaps.sampling": "sample_network",
    "radius.trust": "OutsideRadius checked",
    "series.series": "Series",
    "series.symbols": "beta g lam rho tau zhat",
    "tasks.as_flow": "as_flow",
    "tasks.expand": "expand",
    "tasks.expansion": "Expansion",
    "tasks.flow_expansion": "FlowExpansion",
    "tasks.modes": "MatrixExpansion MatrixTask",
    "words.moments": "chain_moment",
    "words.phi": "moment",
    "words.words": "OuterProduct Word",
}
"""By module, the public names in it."""

_MODULES = {name: module for module, names in _NAMES.items() for name in names.split()}
_NAMESPACES = ("limit",)

__version__ = "0.1.0"
__all__ = sorted([*_MODULES, *_NAMESPACES, "__version__"])


def __getattr__(name: str) -> Any:
    if name in _NAMESPACES:
        return import_module(f"derive.{name}")
    if name not in _MODULES:
        raise AttributeError(f"module 'derive' has no attribute {name!r}")
    return getattr(import_module(f"derive.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
