"""Trials of one's own from a file: arrays ``inputs``, ``targets`` and ``mask`` of a NumPy archive."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from derive.arrays import Array
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.tasks import WeightedTrials


def task_of_file(path: Path, problem: OverlapProblem, dt: float) -> WeightedTrials:
    """The task in an .npz: ``inputs`` (batch, T, P), ``targets`` and ``mask`` (batch, T, Q).

    The loss is the squared error averaged with the mask: weight = mask/sum(mask). Without a mask all
    samples count alike. Nothing in the file is executed. Raises ValueError for a file that is no such
    archive, arrays of other shapes, values that are not finite, a negative or vanishing mask; OSError
    where it cannot be read.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (ValueError, zipfile.BadZipFile, EOFError, AttributeError, TypeError):
        raise ValueError("not an archive of arrays; allowed is an .npz of inputs, targets and mask") from None
    unknown = [name for name in arrays if name not in ("inputs", "targets", "mask")]
    if unknown or not {"inputs", "targets"} <= set(arrays):
        given = ", ".join(arrays) or "nothing"
        raise ValueError(f"arrays {given}: allowed are inputs, targets and mask")
    inputs = _numbers("inputs", arrays["inputs"], problem.inputs, None)
    targets = _numbers("targets", arrays["targets"], problem.outputs, inputs.shape[:2])
    mask = (
        _numbers("mask", arrays["mask"], problem.outputs, inputs.shape[:2])
        if "mask" in arrays
        else np.ones_like(targets)
    )
    if mask.min() < 0 or not mask.sum() > 0:
        raise ValueError("mask: allowed are numbers >= 0, not all of them 0")
    return WeightedTrials(dt, inputs, targets, mask / mask.sum())


def _numbers(name: str, array: Array, channels: int, trials: tuple[int, ...] | None) -> Array:
    wanted = f"(batch, T, {channels})" if trials is None else f"{(*trials, channels)}"
    if array.dtype.kind not in "biuf" or array.ndim != 3 or not array.size:
        raise ValueError(f"{name} of shape {array.shape}, {array.dtype}: allowed are numbers, {wanted}")
    if array.shape[2] != channels or (trials is not None and array.shape[:2] != trials):
        raise ValueError(f"{name} of shape {array.shape}: allowed is {wanted}")
    numbers = np.asarray(array, dtype=float)
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name}: allowed are finite numbers")
    return numbers
