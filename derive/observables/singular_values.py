"""The singular values s_1 >= s_2 >= ... of W - W0; s_r = O(tau^(2r-1)) (Schuessler et al. 2020, Eq. 14)."""

from __future__ import annotations

from functools import cache

from derive.observables.observable import PAPER, Observable


@cache
def singular_value(r: int) -> Observable:
    """s_r, r >= 1. Raises ValueError for r < 1."""
    if r < 1:
        raise ValueError(f"singular value {r}: allowed are integers >= 1")

    return Observable(
        name=f"s{r}",
        symbol=f"s{r}",
        macro=r"\drvs",
        latex="s",
        left=rf"\drvs_{{{r}}}",
        title=f"singular value s{r} of W - W0",
        source=f"{PAPER}, Eq. 14",
        zhat_power=1,
        beta_power=-1,
        series=lambda change: change.singular_values(r)[r - 1],
        value=lambda state: state.singular_value(r),
    )


def is_singular_value(name: str) -> bool:
    """Whether a name is one of s1, s2, ..."""
    return name[0] == "s" and name[1:].isdigit()
