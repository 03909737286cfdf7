"""The picture of a document as PNG."""

from __future__ import annotations

from derive.document.model import Document, Figure, Layout
from derive.write.figures.curve_figures import as_png


def png(document: Document, layout: Layout) -> bytes:
    """The first figure, drawn. Raises MissingPlot."""
    figure = next(block for block in document.blocks if isinstance(block, Figure))
    content: bytes = as_png(figure.draw())
    return content
