"""``derive moment "B B B' B'"``: the limit of the normalised trace of any word."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from derive.command_line import UsageProblem, format_option, one_of

FORMATS = ("text", "json")


def moment(
    word: Annotated[
        str, typer.Argument(metavar="WORD", help="Letters B, B', B[l], B[l]' separated by spaces.")
    ],
    form: Annotated[
        str,
        format_option(FORMATS),
    ] = "text",
) -> None:
    """Print lim (1/N) tr(WORD) at N -> infinity, exactly.

    B = (I - W0)^-1 and B[l] = (l - W0)^-1 for W0 of i.i.d. entries of variance g^2/N, |l| > g; a
    prime is the transpose. The result is in beta = 1/(1 - g^2) and the names l.
    """
    from derive.algebra.word_moments import parse_word, word_moment

    one_of("--format", form, FORMATS)
    try:
        letters = parse_word(word)
    except ValueError as problem:
        raise UsageProblem(str(problem)) from None
    result = str(word_moment(letters))
    if form == "json":
        normalised = " ".join(str(letter) for letter in letters)
        result = json.dumps({"word": normalised, "moment": result})
    sys.stdout.write(f"{result}\n")
