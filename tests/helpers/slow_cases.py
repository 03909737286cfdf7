"""Which cases of a parametrisation are quick."""

import pytest


def slow_but(quick, cases, several=False):
    """All cases, marked slow but for the quick ones: equal to one of ``quick``, or a path of such a stem.

    ``several``: a case is a tuple of arguments.
    """
    return [
        pytest.param(
            *(case if several else (case,)),
            marks=[] if getattr(case, "stem", case) in quick else pytest.mark.slow,
        )
        for case in cases
    ]
