"""The LSTM: model, training, truncation, command; on a made-up grammar throughout."""

import json

import numpy as np
import pytest
import torch
from film_grammar import write_folder
from in_process import run_here

from verify.cli import main
from verify.training.sentiment.data import read_data
from verify.training.sentiment.embedding import co_occurrence_vectors, vocabulary
from verify.training.sentiment.model import MATRICES, TRUNCATED, SentimentNetwork
from verify.training.sentiment.result import prepare, ranks, sentiment_result
from verify.training.sentiment.training import batches, encode, judge, train_network
from verify.training.sentiment.truncation import Decomposed, bulk_edges, set_matrices, truncate


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("sst"))


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
