"""Learning in overlap space as a document: loss and overlaps at every epoch of descent (THEORY 6, 10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from derive.arrays import Array
from derive.document.curves.gradient_flow import MOST_ROWS
from derive.document.model import Document, Figure, Lines, Rows, Section
from derive.document.overlaps.overlap_words import description
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.visibility import visible_overlaps

MOST_OVERLAPS = 10  # columns of text beyond which the loss-invisible ones are left out


@dataclass(frozen=True, eq=False)
class LearnedOverlaps:
    """``loss``, shape (n,), and ``overlaps`` S, (n, P, P), entry 0 before learning; their ``deviation``, if
    labels are noisy, and further ``facts`` by their JSON keys: limit and accuracy, means of neurons, direct,
    label_noise, overlaps_covariance or paths, fading."""

    problem: OverlapProblem
    learning_rate: float
    loss: Array
    overlaps: Array
    deviation: Array | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def named_lists(problem: OverlapProblem, entries: Array) -> dict[str, list[float]]:
    """Entries of matrices, shape (n, P, P), as lists by the names of the overlaps."""
    return {name: entries[:, row, column].tolist() for name, (row, column) in problem.pairs.items()}


def learning_document(learned: LearnedOverlaps, draw: Callable[[], Any]) -> Document:
    """Facts loss and overlaps, with noisy labels overlaps_std, then the others; text has some 40 epochs."""
    facts: dict[str, Any] = {
        "loss": learned.loss.tolist(),
        "overlaps": named_lists(learned.problem, learned.overlaps),
    }
    if learned.deviation is not None:
        facts["overlaps_std"] = named_lists(learned.problem, learned.deviation)
    columns = _columns(learned)
    shown = _shown(learned, columns)
    every = max(1, -(-len(learned.loss) // MOST_ROWS))
    return Document(
        ("overlap", "--evolve"),
        "overlap_learning",
        "",
        (
            Section((Lines(lambda: _lines(learned, len(shown) < len(columns))),)),
            Section((Rows(tuple(shown), _rows(shown)[::every], formats=("text",)), Figure(draw))),
            Section((Rows(tuple(columns), _rows(columns), formats=("csv",)),)),
        ),
        facts={**facts, **learned.facts},
    )


def _columns(learned: LearnedOverlaps) -> dict[str, list[Any]]:
    """Every column of the table by name."""
    columns: dict[str, list[Any]] = {"epoch": list(range(len(learned.loss))), "loss": learned.loss.tolist()}
    direct = learned.facts.get("direct")
    if direct is not None:
        columns["direct_loss"] = direct["loss"]
    columns |= named_lists(learned.problem, learned.overlaps)
    if learned.deviation is not None:
        columns |= {
            f"{name}_std": values for name, values in named_lists(learned.problem, learned.deviation).items()
        }
    columns |= {f"mean_{name}": values for name, values in learned.facts.get("means", {}).items()}
    if direct is not None:
        columns |= {f"direct_{name}": values for name, values in direct["overlaps"].items()}
    return columns


def _shown(learned: LearnedOverlaps, columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The columns of text: without those of direct descent, and of many overlaps the visible alone."""
    names = learned.problem.names
    if len(names) > MOST_OVERLAPS or learned.deviation is not None:
        names = visible_overlaps(learned.problem)
    wanted = ["epoch", "loss", "direct_loss", *(part for name in names for part in (name, f"{name}_std"))]
    return {name: columns[name] for name in wanted if name in columns}


def _rows(columns: dict[str, list[Any]]) -> list[list[Any]]:
    return [list(row) for row in zip(*columns.values(), strict=True)]


def _lines(learned: LearnedOverlaps, shortened: bool) -> list[str]:
    facts = learned.facts
    lines = [
        f"Gradient descent of overlaps: {description(learned.problem)}; "
        f"learning rate {learned.learning_rate:g}"
    ]
    if facts.get("limit") == "exact":
        lines.append(f"  the limit N -> infinity by quadrature, overlaps accurate to {facts['accuracy']:.1e}")
    elif facts.get("limit") == "closure":
        lines.append("  the Gaussian closure: exact for the first steps, an approximation later")
    if "label_noise" in facts:
        how = (
            f"{len(facts['paths'])} sampled paths: mean and standard deviation"
            if "paths" in facts
            else "mean and standard deviation to second order"
        )
        lines.append(f"  label noise {facts['label_noise']:g}, {how}")
        fading = facts.get("fading")
        if fading and fading["lifetime"] is not None:
            lines.append(f"  the noise erases what is conserved in {fading['lifetime']:.4g} epochs")
    if "direct" in facts:
        lines.append("  direct_loss: descent on the visible overlaps themselves, without the preconditioner")
    if shortened:
        lines.append("  more columns: --format csv or json")
    return lines
