"""Reading one given network (W0, m, w) from a file of numpy, ``np.savez("network.npz", W0=W0, m=m, w=w)``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from derive.command_line import UsageProblem

if TYPE_CHECKING:
    from derive.flow.instance import Instance

ARRAYS = ("W0", "m", "w")
ALLOWED = "allowed is a file of numpy.savez with real arrays W0 (N, N), m (N,) and w (N,)"


def read_network(path: Path) -> Instance:
    """The network in ``path``. Raises UsageProblem for any other file and for numbers not finite."""
    from zipfile import BadZipFile

    import numpy as np

    from derive.flow.instance import Instance

    try:
        with np.load(path, allow_pickle=False) as stored:
            missing = [name for name in ARRAYS if name not in stored]
            if missing:
                raise UsageProblem(f"{path}: {', '.join(missing)} missing; {ALLOWED}")
            W0, m, w = (np.asarray(stored[name]) for name in ARRAYS)
    except OSError as problem:
        raise UsageProblem(f"{path}: {problem.strerror or 'not such a file'}; {ALLOWED}") from None
    except (ValueError, TypeError, AttributeError, EOFError, BadZipFile):
        raise UsageProblem(f"{path}: not such a file; {ALLOWED}") from None
    for name, array in zip(ARRAYS, (W0, m, w), strict=True):
        if array.dtype.kind not in "iuf" or not np.all(np.isfinite(array)):
            raise UsageProblem(f"{path}: {name} holds other things than finite real numbers; {ALLOWED}")
    if m.ndim != 1:
        raise UsageProblem(f"{path}: m of shape {m.shape}; {ALLOWED}")
    try:
        return Instance(*(array.astype(np.float64) for array in (W0, m, w)))
    except ValueError as problem:
        raise UsageProblem(f"{path}: {problem}") from None
