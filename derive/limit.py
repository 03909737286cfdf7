"""``derive.limit``: the exact curves at N -> infinity, past the series (THEORY 5).

>>> from derive import limit
>>> limit.curve(0.6, 2.0, [0.0, 0.25]).readout.round(6).tolist()
[0.0, 1.047476]
"""

from derive.exact.descent import DescentCurve, descent, fastest_at_minimum
from derive.exact.learning_curve import LearningCurve
from derive.exact.learning_path import LearningPath, learning_path
from derive.exact.limit import Curve, curve, learning_curve, limit_descent, path
from derive.exact.momentum import Momentum
from derive.exact.network_curve import NetworkLearning
from derive.exact.shuffled_loss import shuffled_loss
from derive.flow.reduction import (
    Reduction,
    instance_reduction,
    limit_reduction,
    reduction_from_overlaps,
)

__all__ = [
    "Curve",
    "DescentCurve",
    "LearningCurve",
    "LearningPath",
    "Momentum",
    "NetworkLearning",
    "Reduction",
    "curve",
    "descent",
    "fastest_at_minimum",
    "instance_reduction",
    "learning_curve",
    "learning_path",
    "limit_descent",
    "limit_reduction",
    "path",
    "reduction_from_overlaps",
    "shuffled_loss",
]
