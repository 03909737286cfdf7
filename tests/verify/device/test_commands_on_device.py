"""Commands with --device: on the played GPU as on the processor; without one, or without room, one line."""

import re
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from runpy import run_path
from unittest.mock import MagicMock

import numpy as np
import pytest
import torch
import typer
from device_threads import threads_on
from in_process import refusal, verify_here
from played_gpu import PlayedGPU, played_gpu
from project import ROOT
from slow_cases import slow_but

import verify
from verify.cli import app
from verify.sweeps import engine
from verify.training import jobs
from verify.training import sweep as networks_sweep
from verify.training.sentiment.model import SentimentNetwork
from verify.training.sentiment.training import Encoded, train_network
from verify.training.sentiment.truncation import shuffled_loss, truncate
from verify.training.store import read_runs

SMALL = ("--size", 10, "--epochs", 6)
QUICK = ("--size", 16, "--epochs", 3, "--quick")
GRID = ("--g", "0,0.5", "--zhat", 1, "--learning-rate", 0.05, "--seeds", 2, "--size", 24, "--epochs", 4)


@pytest.fixture
def gpu(monkeypatch) -> Iterator[PlayedGPU]:
    """Its work is done by this process: workers' modes would be another's."""
    monkeypatch.setattr("verify.training.update.WARM_UP", 1)
    with played_gpu() as played:
        _here(monkeypatch, played)
        yield played


def _here(monkeypatch, gpu: PlayedGPU) -> None:
    def results(client, keys, work, *_):
        for key in keys:
            try:
                yield key, work(key)
            except Exception as problem:
                yield key, problem

    monkeypatch.setattr(jobs, "ThreadPoolExecutor", threads_on(gpu))
    monkeypatch.setattr("distributed.get_worker", MagicMock())
    for module in (engine, networks_sweep):
        monkeypatch.setattr(module, "connected", lambda *_: nullcontext(MagicMock()))
        monkeypatch.setattr(module, "results", results)


def ran(*arguments):
    done = verify_here(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def with_device(command, name) -> Iterator[list[str]]:
    """Every command that has --device, by its words."""
    if any("--device" in parameter.opts for parameter in command.params):
        yield name
    for word, child in getattr(command, "commands", {}).items():
        yield from with_device(child, [*name, word])


COMMANDS = {
    "task": ("romo", *SMALL),
    "sweep": GRID,
    "figures": ("fig1",),
}
ALSO = {
    "sweep --task": ("sweep", "--task", "romo", *SMALL),
    "sweep of a file": ("sweep", "grid.toml"),
    "task sentiment": ("task", "sentiment", "--data", "grid.toml"),
    "figures all": ("figures", "all"),
    "figures fig5": ("figures", "fig5", "--data", "grid.toml"),
}


def test_every_command_with_a_device_is_tried():
    walked = {" ".join(words) for words in with_device(typer.main.get_command(app), [])}
    assert walked == set(COMMANDS)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
@pytest.mark.parametrize("case", [*COMMANDS, *ALSO])
def test_without_a_gpu_it_is_one_line_and_nothing_is_written(tmp_path, case):
    (tmp_path / "grid.toml").write_text('g = [0.5]\nzhat = 1.0\nlearning_rate = 0.1\ndevice = "cuda"\n')
    arguments = ALSO[case] if case in ALSO else (case, *COMMANDS[case])
    device = () if case == "sweep of a file" else ("--device", "cuda")
    out = () if case.startswith("sweep") else ("--out", "here")
    store = () if case == "task sentiment" else ("--store", "there")
    complaint = refusal(verify_here(*arguments, *device, *out, *store, cwd=tmp_path))
    assert complaint.startswith("verify: device cuda: ")
    assert complaint.endswith("allowed here is cpu\n")
    assert [entry.name for entry in tmp_path.iterdir()] == ["grid.toml"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["romo", "cosine"])
def test_a_task_prints_there_what_it_prints_here(gpu, tmp_path, name):
    asked = ("task", name, *SMALL, "--g", 0.9, "--seeds", 2, "--format", "json", "--workers", 1)
    here = ran(*asked)
    assert ran(*asked, "--device", "cuda", "--store", tmp_path) == here
    launches = gpu.launches
    assert ran(*asked, "--device", "cuda", "--store", tmp_path) == here  # measured anew, not trained
    assert gpu.graphs == 1
    assert gpu.launches > launches


@pytest.mark.slow
def test_a_sweep_of_networks_keeps_there_what_it_keeps_here(gpu, tmp_path):
    asked = ("sweep", "--task", "romo,cosine", *SMALL, "--g", "0,0.5", "--seeds", 2, "--workers", 1)
    for device in ("cpu", "cuda"):
        said = ran(*asked, "--device", device, "--store", tmp_path / device)
        assert said.endswith("8 networks added, 0 were there\n")
    for name in ("romo", "cosine"):
        stores = (read_runs(tmp_path / device, name) for device in ("cpu", "cuda"))
        for one, other in zip(*stores, strict=True):
            np.testing.assert_array_equal(one.loss, other.loss)
            np.testing.assert_array_equal(one.end.W, other.end.W)
    assert gpu.graphs == 3  # romo's g share a rate


@pytest.mark.slow
@pytest.mark.parametrize("simulator", ["unrolled", "fixed_point", "inverse", "reduced", "free"])
def test_a_sweep_keeps_there_what_it_keeps_here(gpu, tmp_path, simulator):
    way = ("--simulator", "reduced", "--matrix-free") if simulator == "free" else ("--simulator", simulator)
    for device in ("cpu", "cuda"):
        ran("sweep", *GRID, *way, "--device", device, "--store", tmp_path / device)
    here, there = (verify.open(tmp_path / device).sortby(["g", "seed"]) for device in ("cpu", "cuda"))
    assert here.sizes["run"] == there.sizes["run"] == 4
    for name in ("readout", "loss", "singular_values", "shuffled_loss"):
        np.testing.assert_allclose(here[name], there[name], rtol=1e-11, atol=1e-13)
    assert gpu.launches > 20


@pytest.mark.slow
def test_a_figure_is_drawn_from_networks_trained_there(gpu, tmp_path):
    asked = ("figures", "cosine", "--size", 16, "--epochs", 4, "--quick", "--workers", 1)
    for device in ("cpu", "cuda"):
        ran(*asked, "--device", device, "--out", tmp_path / device)
    pictures = [(tmp_path / device / "cosine.png").read_bytes() for device in ("cpu", "cuda")]
    assert pictures[0] == pictures[1]
    assert gpu.graphs > 0


@pytest.mark.filterwarnings("ignore:PyTorch was compiled without cuDNN")
def test_sentences_are_learned_there_as_here(gpu):
    """Dropout draws the same numbers here, since the played GPU has the processor's generator."""
    random = np.random.default_rng(0)
    embedding = random.standard_normal((12, 5)).astype("float32")
    words = [random.integers(1, 12, length).tolist() for length in random.integers(2, 6, 20)]
    data = Encoded(words, torch.tensor([float(w[0] > 6) for w in words]))
    found = []
    for device in ("cpu", "cuda"):
        network = SentimentNetwork(embedding, 6, 0).to(device)
        start = network.matrices()
        course = train_network(network, data, data, 2, 0.05, 0, device)
        cut = truncate(network, start, data, (0, 2), device)
        lost = shuffled_loss(network, start, data, 0, device)
        found.append([course.training_loss, course.validation_loss, cut.change_loss, cut.whole_loss, lost])
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)
    assert gpu.launches > 100


@pytest.mark.parametrize(
    ("room", "arguments", "line"),
    [
        (
            2**23,
            ("task", "romo", *SMALL, "--seeds", 9),
            "18 networks of N = 10 .*; allowed here is --group 4 or",
        ),
        (
            2**23,
            ("sweep", "--task", "romo", *SMALL, "--g", 0, "--seeds", 18),
            "18 networks .* is --group 4 or",
        ),
        *slow_but(
            [],
            [
                (
                    2**23,
                    ("figures", "fig1", *QUICK),
                    "--group 1 or less of verify sweep --task flip-flop --store ",
                ),
                (2**21, ("figures", "fig1", *QUICK), "a smaller --size, or --device cpu$"),
                (
                    400_000,
                    ("sweep", *GRID, "--simulator", "unrolled"),
                    "4 runs of N = 24 by unrolled .* --batch 2 or",
                ),
            ],
            several=True,
        ),
        (
            9_000,
            ("sweep", *GRID, "--simulator", "reduced"),
            "a run of N = 24 .* a smaller --size, or --device",
        ),
    ],
)
def test_too_little_room_is_one_line_with_what_has_room(monkeypatch, tmp_path, room, arguments, line):
    out = () if arguments[0] == "sweep" else ("--out", tmp_path / "out")
    with played_gpu(room) as small:
        _here(monkeypatch, small)
        done = verify_here(*arguments, "--device", "cuda", *out, "--store", tmp_path / "store")
    assert done.returncode == 2
    *progress, said = done.stderr.splitlines()
    assert not any("verify" in each or "Traceback" in each for each in progress)
    assert re.search(f"^verify: .*device cuda: no memory for .*{line}", said), said


def test_memory_that_ends_elsewhere_is_one_line(monkeypatch):
    """Where no group is to blame: measuring."""

    def full(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has\nmuch to say")

    monkeypatch.setattr("verify.commands.task_networks.measure", full)
    done = verify_here("task", "romo", *SMALL, "--g", 0, "--seeds", 1)
    assert done.returncode == 2
    said = "verify: not enough memory (CUDA out of memory); allowed are smaller requests"
    assert done.stderr.splitlines()[-1] == said


@pytest.mark.slow
def test_the_script_for_a_day_with_a_gpu_runs(gpu, monkeypatch, capsys):
    """`benchmarks/device.py`, which checks a real one; and it fails where numbers differ."""
    path = ROOT / "benchmarks" / "device.py"
    script = run_path(str(path))
    monkeypatch.setattr(sys, "argv", [str(path), "--device", "cuda", "--tiny"])
    assert script["main"]() == 0
    said = capsys.readouterr().out
    assert "DISAGREES" not in said
    assert said.count("agrees") == 18
    assert said.count(" ms") >= 7
    assert "memory a network" in said
    table = script["Table"]()
    table.agreement("what", np.nan, 1.0)
    table.agreement("what", 2.0, 1.0)
    assert table.wrong == 2
    assert np.isnan(script["difference"](np.array([1.0, np.nan]), np.ones(2)))
    assert script["difference"](np.array([1.0, np.nan]), np.array([1.5, np.nan])) == 0.5
