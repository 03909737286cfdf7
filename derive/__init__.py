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

_MODULES = {
    "chain_moment": "words.moments",
    "closed_form": "exact.closed_form.solution",
    "Series": "series.series",
    "beta": "series.symbols",
    "g": "series.symbols",
    "lam": "series.symbols",
    "rho": "series.symbols",
    "tau": "series.symbols",
    "zhat": "series.symbols",
    "moment": "words.phi",
    "OuterProduct": "words.words",
    "Word": "words.words",
    "Expansion": "tasks.expansion",
    "as_flow": "tasks.as_flow",
    "expand": "tasks.expand",
    "Ensemble": "flow.statement.task",
    "Flow": "flow.statement.task",
    "FlowExpansion": "tasks.flow_expansion",
    "FlowInstance": "flow.given.network",
    "read_flow": "flow.statement.task_file",
    "gradient_flow": "exact.gradient_flow",
    "Instance": "flow.instance",
    "chain_series": "observables.instance_series",
    "instance_series": "observables.instance_series",
    "LearningEnd": "observables.learning_end",
    "leading_singular_value": "observables.leading_singular_value",
    "limit_network": "exact.limit_network",
    "MatrixExpansion": "tasks.modes",
    "MatrixTask": "tasks.modes",
    "network_outliers": "exact.network_outliers",
    "OutlierEquation": "observables.outlier_equation",
    "chain_outliers": "exact.outliers",
    "instance_outliers": "exact.outliers",
    "outliers": "exact.outliers",
    "overlap_formula": "observables.overlap_formula",
    "overlap_values": "observables.overlap_formula",
    "FixedPointTask": "flow.fixed_point_task",
    "scaling_function": "observables.scaling_function",
    "universal": "observables.scaling_function",
    "OutsideRadius": "radius.trust",
    "checked": "radius.trust",
    "descent_curve": "overlaps.descent",
    "flow_curve": "overlaps.descent",
    "gram_flow": "overlaps.gram_flow",
    "learning_series": "overlaps.learning_series",
    "OverlapProblem": "overlaps.problem",
    "sample_network": "overlaps.sampling",
}

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
