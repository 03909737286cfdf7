"""``derive overlap --series``: the Taylor series of loss and overlaps in learning time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from derive.command_line import UsageProblem, refused, whole_number
from derive.commands.overlap_space.start import read

if TYPE_CHECKING:
    from derive.document.model import Document


def series_of(path: Path | None, series: str, decay: str | None, amplitude: str, frequency: str) -> Document:
    """The document of the series. Raises UsageProblem."""
    order = whole_number("--series", series, 0)
    if path is None or decay is None:
        raise UsageProblem(f"--series {order}: allowed with --evolve and --decay")
    initial = read(path, "--evolve")
    if not isinstance(initial, dict):
        raise UsageProblem(f"--evolve {path}: allowed is an object of named overlaps")
    from derive.document.overlaps.learning_series import learning_series_document
    from derive.document.overlaps.learning_series_request import LearningSeriesRequest
    from derive.overlaps.learning_series import learning_series
    from derive.overlaps.series_trust import ORDER, series_trust
    from derive.write.code.languages import in_languages
    from derive.write.code.module import Module
    from derive.write.modules.learning_series import learning_series_module

    request = LearningSeriesRequest(order, initial, decay, amplitude, frequency, path.name)
    with refused(f"--series {order}: ", (ValueError, SyntaxError, TypeError)):
        symbolic = bool(learning_series(initial, decay, 0, amplitude, frequency)["loss"].scalars.names)
        highest = order if symbolic else max(order + 1, ORDER)
        known = learning_series(initial, decay, highest, amplitude, frequency)
        found = {name: series.truncate(order) for name, series in known.items()}
        trust = None if symbolic else series_trust(known, order)
        document = learning_series_document(found, request, trust)

    def module(language: str, header: str) -> Module:
        with refused(f"--series {order}: "):
            return learning_series_module(found, request, header, trust)

    return replace(document, modules=in_languages(module))
