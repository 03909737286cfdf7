"""Vectors of one network with the overlaps that a flow gives, exactly, and all others left to chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.arrays import Array
from derive.flow.statement.scalar import Scalar
from derive.flow.statement.tokens import FlowProblem

if TYPE_CHECKING:
    from derive.flow.statement.task import Flow

ROUNDING = 1e-12


def overlap_matrix(flow: Flow, values: Mapping[str, float]) -> Array:
    """The overlaps of the vectors at N -> infinity. Raises FlowProblem where no vectors have them."""
    names = flow.ensemble.vectors
    matrix = np.eye(len(names))
    for (a, b), scalar in flow.meaning.overlaps.items():
        matrix[names.index(a), names.index(b)] = value_of(scalar, values)
    if not np.all(np.isfinite(matrix)) or np.linalg.eigvalsh(matrix)[0] < -ROUNDING:
        given = ", ".join(f"{pair} = {text}" for pair, text in flow.ensemble.overlaps.items())
        raise FlowProblem(
            f"overlaps {given}: the overlap matrix of {', '.join(names)} is not positive semidefinite at the "
            "parameters' numbers: no vectors of norm 1 have these overlaps"
        )
    return matrix


def sampled_vectors(
    flow: Flow, size: int, values: Mapping[str, float], random: np.random.Generator
) -> dict[str, Array]:
    """Isotropic vectors: within a group joined by given overlaps these are exact, otherwise by chance."""
    names = flow.ensemble.vectors
    matrix = overlap_matrix(flow, values)
    raw = random.standard_normal((len(names), size))
    found: dict[str, Array] = {}
    for group in _groups(flow):
        if len(group) > size:
            raise FlowProblem(f"N = {size}: allowed is at least {len(group)}, the number of vectors")
        basis, _ = np.linalg.qr(raw[group].T)
        turned = basis * np.sign(np.sum(basis * raw[group].T, axis=0))
        values_, vectors = np.linalg.eigh(matrix[np.ix_(group, group)])
        root = vectors * np.sqrt(np.maximum(values_, 0)) @ vectors.T
        for position, index in enumerate(group):
            found[names[index]] = turned @ root[position]
    return {name: found[name] for name in names}


def value_of(scalar: Scalar, values: Mapping[str, float]) -> Any:
    """An expression in parameters as a number."""
    from derive.flow.given.evaluation import Evaluation
    from derive.flow.given.numpy_arrays import NumpyArrays

    try:
        return Evaluation(NumpyArrays(), np.zeros((1, 1)), {}, values, {}).scalar(scalar)
    except (ZeroDivisionError, OverflowError):
        return float("nan")


def _groups(flow: Flow) -> list[list[int]]:
    """Vectors joined by overlaps that are given, by their numbers."""
    names = flow.ensemble.vectors
    group = list(range(len(names)))
    for a, b in flow.meaning.overlaps:
        old, new = group[names.index(a)], group[names.index(b)]
        group = [new if g == old else g for g in group]
    return [[i for i, g in enumerate(group) if g == label] for label in dict.fromkeys(group)]
