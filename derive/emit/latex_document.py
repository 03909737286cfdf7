"""A LaTeX document that compiles by itself with pdflatex, around a fragment for \\input."""

from __future__ import annotations

DOCUMENT = r"""%% {header}
\documentclass[11pt]{{article}}
\usepackage[a4paper, margin=25mm]{{geometry}}
\usepackage[T1]{{fontenc}}
\usepackage{{lmodern}}
\usepackage{{amsmath, amssymb}}
\allowdisplaybreaks
\begin{{document}}
\section*{{{title}}}{introduction}
{fragment}\end{{document}}
"""


def document(header: str, title: str, introduction: str, fragment: str) -> str:
    """The whole document; ``header`` is its provenance line, ``introduction``, on a new line,
    what stands before the formulas."""
    return DOCUMENT.format(header=header, title=title, introduction=introduction, fragment=fragment)
