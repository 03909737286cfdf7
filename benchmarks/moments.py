"""Moments of random words against the same integration by parts in plain sympy.

The baseline rotates every word to start with B and end with B^T, remembers each word as it stands
and multiplies sympy expressions, expanded after every product: the recursion as THEORY 3 states it. Both
give the same polynomials in beta, which is checked; nothing is kept from one word to the next.

    python benchmarks/moments.py [--lengths 12,16,20,24] [--words 3]
"""

from __future__ import annotations

import argparse
import random
import statistics
import time

import sympy

from derive import beta, moment
from derive.words import word_moments


def with_sympy(word: tuple[str, ...], memo: dict[tuple[str, ...], sympy.Expr]) -> sympy.Expr:
    """phi(word), a word of letters B and B'."""
    if len(set(word)) < 2:
        return sympy.Integer(1)
    start = next(i for i in range(len(word)) if (word[i - 1], word[i]) == ("B'", "B"))
    word = word[start:] + word[:start]
    if word not in memo:
        total = beta * with_sympy(word[1:], memo)
        for i in range(1, len(word) - 1):
            if word[i] == "B'":
                total += (beta - 1) * with_sympy(word[: i + 1], memo) * with_sympy(word[i:], memo)
        memo[word] = sympy.expand(total)
    return memo[word]


def seconds(function, *arguments) -> tuple[float, object]:
    start = time.perf_counter()
    result = function(*arguments)
    return time.perf_counter() - start, result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--lengths", default="12,16,20,24")
    parser.add_argument("--words", type=int, default=3)
    arguments = parser.parse_args()
    draw = random.Random(1)
    print("letters     derive        sympy   ratio (median, least of the words)")
    for length in (int(text) for text in arguments.lengths.split(",")):
        rows = []
        for _ in range(arguments.words):
            word = tuple(draw.choice(["B", "B'"]) for _ in range(length))
            letters = [letter == "B'" for letter in word]
            word_moments._PLAIN.memo.clear()
            fast, _ = seconds(word_moments.plain_moment, letters)
            slow, expected = seconds(with_sympy, word, {})
            if sympy.expand(moment(word) - expected) != 0:
                raise SystemExit(f"the two differ for {' '.join(word)}")
            rows.append((fast, slow, slow / fast))
        fast, slow, ratio = (statistics.median(column) for column in zip(*rows, strict=True))
        print(
            f"{length:7d} {fast:9.4f}s {slow:11.3f}s {ratio:7.0f}x  {min(r[2] for r in rows):.0f}x",
            flush=True,
        )


if __name__ == "__main__":
    main()
