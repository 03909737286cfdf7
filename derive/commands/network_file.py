"""Reading one given network (W0, m, w) from a file of numpy, ``np.savez("network.npz", W0=W0, m=m, w=w)``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.command_line import UsageProblem, refused

if TYPE_CHECKING:
    from derive.flow.instance import Instance

ARRAYS = ("W0", "m", "w")


def read_network(path: Path) -> Instance:
    """The network in ``path``. Raises UsageProblem for any other file and for numbers not finite."""
    import numpy as np

    from derive.flow.instance import Instance

    arrays = read_arrays(path, ARRAYS)
    if arrays["m"].ndim != 1:
        raise UsageProblem(f"{path}: m of shape {arrays['m'].shape}; {allowed(ARRAYS)}")
    with refused(f"{path}: "):
        return Instance(*(arrays[name].astype(np.float64) for name in ARRAYS))


def read_arrays(path: Path, names: Sequence[str]) -> dict[str, Any]:
    """Real, finite arrays by name. Raises UsageProblem."""
    from zipfile import BadZipFile

    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as stored:
            missing = [name for name in names if name not in stored]
            if missing:
                raise UsageProblem(f"{path}: {', '.join(missing)} missing; {allowed(names)}")
            arrays = {name: np.asarray(stored[name]) for name in names}
    except OSError as problem:
        raise UsageProblem(f"{path}: {problem.strerror or 'not such a file'}; {allowed(names)}") from None
    except (ValueError, TypeError, AttributeError, EOFError, BadZipFile):
        raise UsageProblem(f"{path}: not such a file; {allowed(names)}") from None
    for name, array in arrays.items():
        if array.dtype.kind not in "iuf" or not np.all(np.isfinite(array)):
            raise UsageProblem(
                f"{path}: {name} holds other things than finite real numbers; {allowed(names)}"
            )
    return arrays


def allowed(names: Sequence[str]) -> str:
    """What such a file holds."""
    matrix, *vectors = names
    *first, last = (f"{name} (N,)" for name in vectors)
    rest = f"{', '.join(first)} and {last}" if first else last
    return f"allowed is a file of numpy.savez with real arrays {matrix} (N, N), {rest}"
