"""Extras that are not installed."""

from __future__ import annotations


class MissingPlot(Exception):
    """matplotlib is not installed."""

    def __init__(self) -> None:
        super().__init__('figures need matplotlib: pip install "derive-rnn[plot]"')
