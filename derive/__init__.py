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
    from derive.algebra.moments import chain_moment as chain_moment
    from derive.algebra.phi import moment as moment
    from derive.algebra.series import Series as Series
    from derive.algebra.symbols import beta as beta
    from derive.algebra.symbols import lam as lam
    from derive.algebra.symbols import rho as rho
    from derive.algebra.symbols import tau as tau
    from derive.algebra.symbols import zhat as zhat
    from derive.algebra.words import OuterProduct as OuterProduct
    from derive.algebra.words import Word as Word
    from derive.fixed_point.expand import expand as expand
    from derive.fixed_point.expansion import Expansion as Expansion
    from derive.fixed_point.flow import gradient_flow as gradient_flow
    from derive.fixed_point.instance import Instance as Instance
    from derive.fixed_point.instance_series import chain_series as chain_series
    from derive.fixed_point.instance_series import instance_series as instance_series
    from derive.fixed_point.leading_singular_value import leading_singular_value as leading_singular_value
    from derive.fixed_point.learning_end import LearningEnd as LearningEnd
    from derive.fixed_point.limit_network import limit_network as limit_network
    from derive.fixed_point.modes import MatrixExpansion as MatrixExpansion
    from derive.fixed_point.modes import MatrixTask as MatrixTask
    from derive.fixed_point.network_outliers import network_outliers as network_outliers
    from derive.fixed_point.outlier_equation import OutlierEquation as OutlierEquation
    from derive.fixed_point.outliers import chain_outliers as chain_outliers
    from derive.fixed_point.outliers import instance_outliers as instance_outliers
    from derive.fixed_point.outliers import outliers as outliers
    from derive.fixed_point.overlap_formula import overlap_formula as overlap_formula
    from derive.fixed_point.overlap_formula import overlap_values as overlap_values
    from derive.fixed_point.problem import FixedPointTask as FixedPointTask
    from derive.fixed_point.scaling_function import scaling_function as scaling_function
    from derive.fixed_point.scaling_function import universal as universal
    from derive.fixed_point.trust import OutsideRadius as OutsideRadius
    from derive.fixed_point.trust import checked as checked
    from derive.overlaps.descent import descent_curve as descent_curve
    from derive.overlaps.descent import flow_curve as flow_curve
    from derive.overlaps.gram_flow import gram_flow as gram_flow
    from derive.overlaps.learning_series import learning_series as learning_series
    from derive.overlaps.problem import OverlapProblem as OverlapProblem
    from derive.overlaps.sampling import sample_network as sample_network

_MODULES = {
    "chain_moment": "algebra.moments",
    "Series": "algebra.series",
    "beta": "algebra.symbols",
    "lam": "algebra.symbols",
    "rho": "algebra.symbols",
    "tau": "algebra.symbols",
    "zhat": "algebra.symbols",
    "moment": "algebra.phi",
    "OuterProduct": "algebra.words",
    "Word": "algebra.words",
    "Expansion": "fixed_point.expansion",
    "expand": "fixed_point.expand",
    "gradient_flow": "fixed_point.flow",
    "Instance": "fixed_point.instance",
    "chain_series": "fixed_point.instance_series",
    "instance_series": "fixed_point.instance_series",
    "LearningEnd": "fixed_point.learning_end",
    "leading_singular_value": "fixed_point.leading_singular_value",
    "limit_network": "fixed_point.limit_network",
    "MatrixExpansion": "fixed_point.modes",
    "MatrixTask": "fixed_point.modes",
    "network_outliers": "fixed_point.network_outliers",
    "OutlierEquation": "fixed_point.outlier_equation",
    "chain_outliers": "fixed_point.outliers",
    "instance_outliers": "fixed_point.outliers",
    "outliers": "fixed_point.outliers",
    "overlap_formula": "fixed_point.overlap_formula",
    "overlap_values": "fixed_point.overlap_formula",
    "FixedPointTask": "fixed_point.problem",
    "scaling_function": "fixed_point.scaling_function",
    "universal": "fixed_point.scaling_function",
    "OutsideRadius": "fixed_point.trust",
    "checked": "fixed_point.trust",
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
