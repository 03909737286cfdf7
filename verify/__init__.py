"""verify: the derived theory held against real gradient descent.

Formulas of the limit N -> infinity come from the modules that ``derive`` prints into ``generated/``;
the series of one network and the exact limit come from derive's numeric functions; the gradient
descent is torch's.

    verify.open("runs")          the runs of a sweep as one labelled xarray Dataset
"""

from typing import Any

__all__ = ["open"]


def __getattr__(name: str) -> Any:
    if name == "open":
        from verify.sweeps.dataset import open_store

        return open_store
    raise AttributeError(f"module 'verify' has no attribute {name!r}")
