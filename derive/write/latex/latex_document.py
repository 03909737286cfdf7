"""What every LaTeX fragment begins with, and a document around it that compiles by itself with pdflatex."""

from __future__ import annotations

from collections.abc import Mapping

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


def preamble(header: str, macros: Mapping[str, str], *comments: str, origin: str = "") -> list[str]:
    """Provenance, comments, and the macros, which a paper may have set before; #1 is an argument.

    ``origin`` says what the file is made from besides its command.
    """
    lines = [f"% {header}", f"% Do not edit: the command above makes it again{origin}. Needs amsmath."]
    lines += [f"% {comment}" for comment in comments]
    return lines + [
        rf"\providecommand{{{macro}}}{'[1]' * ('#1' in meaning)}{{{meaning}}}"
        for macro, meaning in macros.items()
    ]


def document(header: str, title: str, introduction: str, fragment: str) -> str:
    """The whole document; ``header`` is its provenance line, ``introduction``, on a new line,
    what stands before the formulas."""
    return DOCUMENT.format(header=header, title=title, introduction=introduction, fragment=fragment)
