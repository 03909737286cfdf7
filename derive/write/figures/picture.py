"""The picture of a document as PNG, SVG or PDF."""

from __future__ import annotations

from typing import Any

from derive.document.model import Document, Figure, Layout
from derive.write.figures.curve_figures import as_pdf, as_png, as_svg


def png(document: Document, layout: Layout) -> bytes:
    """The first figure, drawn. Raises MissingPlot."""
    content: bytes = as_png(_drawn(document))
    return content


def svg(document: Document, layout: Layout) -> bytes:
    """The same in lines. Raises MissingPlot."""
    content: bytes = as_svg(_drawn(document))
    return content


def pdf(document: Document, layout: Layout) -> bytes:
    """The same for LaTeX. Raises MissingPlot."""
    content: bytes = as_pdf(_drawn(document))
    return content


def _drawn(document: Document) -> Any:
    return next(block for block in document.blocks if isinstance(block, Figure)).draw()
