"""The LSTM: readers of data, embedding, model, training, truncation; on a made-up grammar throughout."""

import io
import json
import tarfile

import numpy as np
import pytest
import torch
from in_process import run_here

from derive.command_line import UsageProblem
from verify.cli import main
from verify.training.sentiment.data import read_data, tokenise
from verify.training.sentiment.embedding import DIMENSION, co_occurrence_vectors, read_glove, vocabulary
from verify.training.sentiment.model import MATRICES, TRUNCATED, SentimentNetwork
from verify.training.sentiment.result import prepare, ranks, sentiment_result
from verify.training.sentiment.training import batches, encode, judge, train_network
from verify.training.sentiment.truncation import Decomposed, bulk_edges, set_matrices, truncate

NOUNS, GOOD, BAD = ("film", "plot", "cast"), ("bright", "warm", "sharp"), ("dull", "cold", "stale")


def _rows(count, seed):
    """The grammar: the NOUN is [very] ADJECTIVE [today]."""
    rng, rows = np.random.default_rng(seed), []
    for _ in range(count):
        good, very, today = rng.integers(0, 2, 3)
        adjective = (GOOD if good else BAD)[rng.integers(3)]
        sentence = f"the {NOUNS[rng.integers(3)]} is {'very ' * very}{adjective}{' today' * today}"
        rows.append((sentence, int(good)))
    return rows


def _tsv(rows):
    return "sentence\tlabel\n" + "".join(f"{sentence} \t{label}\n" for sentence, label in rows)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("sst")
    (path / "train.tsv").write_text(_tsv(_rows(400, 0)))
    (path / "dev.tsv").write_text(_tsv(_rows(60, 1)))
    return path


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
    assert data.training.tokens[0] == tokenise(_rows(1, 0)[0][0])
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
    done = run_here(main, "verify", "task", "sentiment", "--data", tmp_path / "data.tsv")
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr
    assert "allowed are" in done.stderr
    assert done.stderr.count("\n") == 1


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


def test_the_network_is_the_lstms_equations(folder):
    """Gates i, f, g, o above each other; the state after the last word, whatever the padding."""
    prepared = prepare(read_data(folder), None, 0)
    network = SentimentNetwork(prepared.embedding, 7, 0).eval()
    words, lengths, _ = next(iter(batches(prepared.training, 5, np.random.default_rng(0))))
    with torch.no_grad():
        logits = network(words, lengths).numpy()
    lstm = {name: value.detach().numpy().astype(float) for name, value in network.lstm.named_parameters()}

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    for k in range(5):
        inputs = [prepared.embedding[n] for n in words[k, : lengths[k]]]
        for layer in range(2):
            h, c, outputs = np.zeros(7), np.zeros(7), []
            for x in inputs:
                drive = lstm[f"weight_ih_l{layer}"] @ x + lstm[f"weight_hh_l{layer}"] @ h
                i, f, g, o = np.split(drive + lstm[f"bias_ih_l{layer}"] + lstm[f"bias_hh_l{layer}"], 4)
                c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
                h = sigmoid(o) * np.tanh(c)
                outputs.append(h)
            inputs = outputs
        expected = network.decoder.weight.detach().numpy()[0] @ h + network.decoder.bias.item()
        assert logits[k] == pytest.approx(expected, abs=1e-5)


def test_initial_weights_are_uniform_in_their_bounds_and_have_the_bulks_edges():
    network = SentimentNetwork(np.zeros((3, 100), np.float32), 256, 0)
    for name, values in network.matrices().items():
        bound = 0.1 if name == "weight_ih_l0" else 1 / 16
        assert np.abs(values).max() <= bound
        assert values.std() == pytest.approx(bound / np.sqrt(3), rel=0.02)
        strengths = np.linalg.svd(values, compute_uv=False)
        low, high = bulk_edges(bound, values.shape)
        assert strengths[0] == pytest.approx(high, rel=0.03)
        assert strengths[-1] == pytest.approx(low, rel=0.03)


@pytest.mark.slow
def test_training_learns_the_grammar_and_goes_on_where_it_stopped(folder, tmp_path):
    data = read_data(folder)
    words = vocabulary(data.training)
    vectors = co_occurrence_vectors(data.training, words)
    training, validation = encode(data.training, words), encode(data.validation, words)

    def run(epochs, path=None, stop=None):
        network = SentimentNetwork(vectors, 12, 0)

        def on_epoch(epoch):
            if epoch == stop:
                raise KeyboardInterrupt

        course = train_network(network, training, validation, epochs, 0.02, 0, "cpu", path, on_epoch)
        return network, course

    whole, course = run(8)
    assert course.validation_accuracy[-1] > 0.95 > 0.7 > course.initial_accuracy
    with pytest.raises(KeyboardInterrupt):
        run(8, tmp_path / "state.npz", stop=3)
    resumed, second = run(8, tmp_path / "state.npz")
    np.testing.assert_allclose(second.training_loss, course.training_loss, rtol=1e-5)
    for name in MATRICES:
        np.testing.assert_allclose(resumed.matrices()[name], whole.matrices()[name], atol=1e-5)


def test_truncation_at_full_rank_is_the_network_and_leaves_it_alone(folder):
    prepared = prepare(read_data(folder), None, 0)
    network = SentimentNetwork(prepared.embedding, 6, 0)
    start = network.matrices()
    shifted = {name: start[name] + 0.3 * np.outer(np.ones(24), np.arange(6)) for name in TRUNCATED}
    set_matrices(network, shifted)
    expected = judge(network, prepared.validation)
    cuts = truncate(network, start, prepared.validation, [0, 1, 6])
    assert cuts.change_loss[1:] == pytest.approx(expected[0], rel=1e-5)  # dW has rank 1
    assert cuts.whole_loss[2] == pytest.approx(expected[0], rel=1e-5)
    assert abs(cuts.whole_loss[1] - expected[0]) > 1e-4
    for name in TRUNCATED:
        np.testing.assert_allclose(network.matrices()[name], shifted[name], atol=1e-6)
    set_matrices(network, {name: start[name] for name in TRUNCATED})
    assert judge(network, prepared.validation)[0] == pytest.approx(cuts.change_loss[0], rel=1e-5)


def test_a_cut_is_the_nearest_matrix_of_its_rank():
    matrix = np.random.default_rng(0).standard_normal((8, 5))
    strengths = np.linalg.svd(matrix, compute_uv=False)
    for rank in range(6):
        rest = np.linalg.norm(matrix - Decomposed(matrix).cut(rank))
        assert rest == pytest.approx(np.sqrt((strengths[rank:] ** 2).sum()), abs=1e-12)


@pytest.mark.slow
def test_the_command_prints_the_documented_keys_and_draws_fig5(folder, tmp_path):
    arguments = ("--data", folder, "--size", 8, "--epochs", 3, "--learning-rate", 0.02)
    command = ("verify", "task", "sentiment", *arguments, "--format", "json", "--store", tmp_path / "s")
    done = run_here(main, *command, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    (run,) = found["runs"]
    assert run["g"] is None
    assert {"convergence_epoch", "norm", "singular_values", "truncation_loss", "loss"} <= run.keys()
    assert run["ranks"] == ranks(8) == list(range(9))
    assert run["change_accuracy"][-1] == run["whole_accuracy"][-1] == run["validation_accuracy"][-1]
    assert set(run["matrices"]) == set(MATRICES)
    assert (tmp_path / "task_sentiment.pdf").read_bytes().startswith(b"%PDF")
    again = run_here(main, *command)
    assert again.stdout == done.stdout
    result = sentiment_result(prepare(read_data(folder), None, 0), 8, 0, 3, 0.02)
    assert result.course.training_loss.tolist() == pytest.approx(run["loss"], rel=1e-5)


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
    refused = run_here(main, *command)
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"verify: --embeddings {glove}: 2 numbers on line 14; allowed is")
    assert refused.stderr.count("\n") == 1


@pytest.mark.slow
def test_fig5_is_drawn_from_the_same_store(folder, tmp_path):
    command = ("verify", "figures", "fig5", "--data", folder, "--size", 16, "--epochs", 2, "--quick")
    first = run_here(main, *command, "--out", tmp_path)
    assert first.returncode == 0, first.stderr
    drawn = (tmp_path / "fig5.pdf").read_bytes()
    (kept,) = tmp_path.glob("networks/sentiment/size_16/*.npz")
    written = kept.stat().st_mtime_ns
    assert run_here(main, *command, "--out", tmp_path).returncode == 0
    assert (tmp_path / "fig5.pdf").read_bytes() == drawn
    assert kept.stat().st_mtime_ns == written
