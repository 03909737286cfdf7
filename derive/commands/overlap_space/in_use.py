"""Where the options of ``derive overlap`` count: what is printed, and how a network learns."""

from __future__ import annotations

from derive.commands.overlap_space.start import RANDOM
from derive.options_in_use import LATEX, Counts, Values

LEARNING = (
    *(
        "target",
        "teacher",
        "task",
        "batch",
        "fixed_batch",
        "sampling",
        "dt",
        "steps",
        "learning_rate",
        "epochs",
    ),
    *("label_noise", "paths", "direct", "limit", "nodes", "size", "seed"),
)


def _learns(v: Values) -> bool:
    """Whether a network learns."""
    started = v["evolve"] is not None or v["start"] is not None
    return started and v["series"] is None and not v["solutions"] and not v["whole_preconditioner"]


def _draws(v: Values) -> bool:
    """Whether anything is drawn at random."""
    drawn_task = v["task"] is not None and not v["task"].endswith(".npz")
    return v["start"] in RANDOM or drawn_task or v["paths"] is not None


RULES = (
    Counts(LEARNING, "with --evolve or --start only", _learns),
    Counts(
        ("decay", "amplitude", "frequency"),
        "with --evolve or --start only",
        lambda v: _learns(v) or (v["series"] is not None and not v["solutions"]),
    ),
    Counts(("amplitude", "frequency"), "with --decay", lambda v: v["decay"] is not None),
    Counts(("series",), "without --solutions", lambda v: not v["solutions"]),
    Counts(("evolve",), "without --solutions", lambda v: not v["solutions"]),
    Counts(
        ("start",), "without --series and --solutions", lambda v: v["series"] is None and not v["solutions"]
    ),
    Counts(("size",), "with --start random or balanced", lambda v: v["start"] in RANDOM),
    Counts(("seed",), "where something is drawn: with --start random, --task or --paths", _draws),
    Counts(("paths",), "with --label-noise", lambda v: v["label_noise"] is not None),
    Counts(
        ("batch", "fixed_batch"), "with --task flip-flop, decision, teacher", lambda v: v["task"] is not None
    ),
    Counts(
        ("limit", "nodes"), "with a --nonlinearity other than linear", lambda v: v["nonlinearity"] != "linear"
    ),
    Counts(("nodes",), "without --limit closure", lambda v: v["limit"] != "closure"),
    LATEX,
)
