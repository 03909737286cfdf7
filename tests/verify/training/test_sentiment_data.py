"""The LSTM's data and word vectors: what is read, what is refused."""

import io
import json
import tarfile

import numpy as np
import pytest
from film_grammar import BAD, GOOD, NOUNS, rows, write_folder
from in_process import refusal, run_here, verify_here

from derive.command_line import UsageProblem
from verify.cli import main
from verify.training.sentiment.data import read_data, tokenise
from verify.training.sentiment.embedding import DIMENSION, co_occurrence_vectors, read_glove, vocabulary


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("sst"))


def _archive(path, lines, name="hutto_ICWSM_2014.tar.gz"):
    def pack(target, member, content):
        with tarfile.open(fileobj=target, mode="w:gz") as archive:
            member = tarfile.TarInfo(member)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))

    inner = io.BytesIO()
    pack(inner, "hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt", "\r\n".join(lines).encode())
    with path.open("wb") as outer:
        pack(outer, f"vaderSentiment-2.5/additional_resources/{name}", inner.getvalue())


def test_sst_2_is_read_from_a_folder_and_from_one_file(folder):
    data = read_data(folder)
    assert (len(data.training), len(data.validation)) == (400, 60)
    assert data.training.tokens[0] == tokenise(rows(1, 0)[0][0])
    one = read_data(folder / "train.tsv")
    assert (len(one.training), len(one.validation)) == (360, 40)
    again = read_data(folder / "train.tsv")
    assert one.training.tokens == again.training.tokens


def test_ratings_become_labels_by_sign_and_the_near_ones_are_left_out(tmp_path):
    rows = [(f"good number {k}", 2.5) for k in range(40)] + [(f"bad number {k}", -0.5) for k in range(40)]
    rows += [("neither", 0.4), ("nor", -0.49)]
    lines = [f"{k}\t{rating}\t{text}" for k, (text, rating) in enumerate(rows)]
    _archive(tmp_path / "vaderSentiment-2.5.tar.gz", lines)
    data = read_data(tmp_path / "vaderSentiment-2.5.tar.gz")
    assert (len(data.training), len(data.validation)) == (64, 8)
    for part in (data.training, data.validation):
        assert [tokens[0] == "good" for tokens in part.tokens] == part.labels.astype(bool).tolist()
    assert not set(data.training.tokens) & set(data.validation.tokens)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"text\tlabel\na\t1\n", "the first line is not"),
        (b"sentence\tlabel\na b c\n", "line 2 has no label 0 or 1"),
        (b"sentence\tlabel\na\t1\nb\t2\n", "line 3 has no label 0 or 1"),
        (b"sentence\tlabel\n\xff\xfe\t1\n", "not text"),
        (b"sentence\tlabel\n" + b"a\t1\n" * 30, "both positive and negative"),
        (b"", "the first line is not"),
    ],
)
def test_malformed_files_are_one_line(tmp_path, content, reason):
    (tmp_path / "data.tsv").write_bytes(content)
    complaint = refusal(verify_here("task", "sentiment", "--data", tmp_path / "data.tsv"))
    assert reason in complaint
    assert "allowed are" in complaint


@pytest.mark.parametrize("what", ["missing", "empty folder", "other archive", "no rating", "cut"])
def test_missing_files_and_other_archives_are_refused(tmp_path, what):
    path = tmp_path / "data"
    if what == "empty folder":
        path.mkdir()
    elif what != "missing":
        name = "other.tar.gz" if what == "other archive" else "hutto_ICWSM_2014.tar.gz"
        _archive(path, ["1\tx\tno number"], name)
    if what == "cut":
        path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(UsageProblem, match="allowed are SST-2's folder"):
        read_data(path)


def test_products_of_vectors_are_the_pointwise_mutual_information(folder):
    """All ranks kept: with M = U S V^T, vectors U S^(1/2) have the Gram matrix (M M^T)^(1/2), up to scale."""
    data = read_data(folder)
    words = vocabulary(data.training)
    vectors = co_occurrence_vectors(data.training, words)
    count = len(words.numbers)
    assert vectors.shape == (2 + count, DIMENSION)
    assert not vectors[:2].any()
    assert vectors[2:, : count - 1].std() == pytest.approx(0.4, rel=1e-5)
    pairs = np.zeros((count, count))
    for tokens in data.training.tokens:
        for k, one in enumerate(tokens):
            for distance, other in enumerate(tokens[k + 1 :], 1):
                if distance <= 5:
                    a, b = words.numbers[one] - 2, words.numbers[other] - 2
                    pairs[a, b] += 1
                    pairs[b, a] += 1
    joint, single = pairs / pairs.sum(), pairs.sum(axis=1) / pairs.sum()
    with np.errstate(divide="ignore"):
        information = np.maximum(np.log(joint / np.outer(single, single)), 0)
    left, strengths, _ = np.linalg.svd(information)
    expected = (left[:, :-1] * strengths[:-1]) @ left[:, :-1].T
    gram = vectors[2:].astype(float) @ vectors[2:].T
    np.testing.assert_allclose(gram / np.trace(gram), expected / np.trace(expected), atol=1e-6)


@pytest.mark.parametrize("dimension", [50, 100])
def test_glove_is_read_and_words_it_lacks_are_random(tmp_path, folder, dimension):
    words = vocabulary(read_data(folder).training)
    path = tmp_path / "glove.txt"
    path.write_text(f"film {' '.join(['0.5'] * dimension)}\nunseen {' '.join(['1'] * dimension)}\n")
    vectors = read_glove(path, words, 0)
    assert vectors.shape == (2 + len(words.numbers), dimension)
    assert not vectors[:2].any()
    assert (vectors[words.numbers["film"]] == 0.5).all()
    assert 0.5 < vectors[words.numbers["plot"]].std() < 1.5


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"film 1 2\nplot 1\n", "1 numbers on line 2"),
        (b"film\n", "0 numbers on line 1"),
        (b"unseen 1 2\nfilm x 2\n", "line 2 is no vector"),
        (b"film nan 2\n", "line 1 is no vector"),
        (b"unseen 1 2\n", "none of the training set's words"),
        (b"", "none of the training set's words"),
        (b"film 1 \xff\n", "not text"),
    ],
)
def test_a_malformed_glove_file_is_refused(tmp_path, folder, content, reason):
    path = tmp_path / "glove.txt"
    path.write_bytes(content)
    with pytest.raises(UsageProblem, match=reason):
        read_glove(path, vocabulary(read_data(folder).training), 0)


def test_the_command_takes_vectors_of_a_glove_file(folder, tmp_path):
    """On vectors that hold nothing but the sentiment, one number for a good and one for a bad word."""
    glove = tmp_path / "glove.50d.txt"
    neutral = ("the", "is", "very", "today", *NOUNS)
    signs = dict.fromkeys(neutral, 0) | dict.fromkeys(GOOD, 1) | dict.fromkeys(BAD, -1)
    glove.write_text("".join(f"{word} {sign}{' 0' * 49}\n" for word, sign in signs.items()))
    command = ("verify", "task", "sentiment", "--data", folder, "--embeddings", glove, "--format", "json")
    done = run_here(main, *command, "--size", 8, "--epochs", 6, "--learning-rate", 0.02)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["data"].endswith("13 words, embedding from GloVe's 50 dimensions")
    assert found["runs"][0]["validation_accuracy"][-1] > 0.95
    glove.write_text(glove.read_text() + "film 1 2\n")
    complaint = refusal(run_here(main, *command))
    assert complaint.startswith(f"verify: --embeddings {glove}: 2 numbers on line 14; allowed is")
