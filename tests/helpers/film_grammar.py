"""A made-up grammar of film reviews, as GLUE's files of SST-2."""

import numpy as np

NOUNS, GOOD, BAD = ("film", "plot", "cast"), ("bright", "warm", "sharp"), ("dull", "cold", "stale")


def rows(count, seed):
    """The grammar: the NOUN is [very] ADJECTIVE [today]."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(count):
        good, very, today = rng.integers(0, 2, 3)
        adjective = (GOOD if good else BAD)[rng.integers(3)]
        sentence = f"the {NOUNS[rng.integers(3)]} is {'very ' * very}{adjective}{' today' * today}"
        found.append((sentence, int(good)))
    return found


def tsv(sentences):
    return "sentence\tlabel\n" + "".join(f"{sentence} \t{label}\n" for sentence, label in sentences)


def write_folder(path):
    """train.tsv with 400 sentences, dev.tsv with 60; gives the folder."""
    (path / "train.tsv").write_text(tsv(rows(400, 0)))
    (path / "dev.tsv").write_text(tsv(rows(60, 1)))
    return path
