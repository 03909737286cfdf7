"""The played GPU itself: it refuses what a GPU refuses, and a graph holds what a graph holds."""

import gc
import threading
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from played_gpu import PlayedGPU, played_gpu
from torch._subclasses.fake_tensor import FakeTensorMode

from verify.device import recorded

CUDA = torch.device("cuda")
NOT_PERMITTED = "not permitted when stream is capturing"


@pytest.fixture
def gpu() -> Iterator[PlayedGPU]:
    with played_gpu() as played:
        yield played


MIXED = {
    "matrix here": lambda there, here: there + here,
    "matrix here first": lambda there, here: here * there,
    "number here": lambda there, here: there + here[0, 0],
    "number there, matrix here": lambda there, here: here + there[0, 0],
    "into here": lambda there, here: here.add_(there),
    "into a number here": lambda there, here: here.sum().add_(there[0, 0]),
    "product": lambda there, here: there @ here,
    "batched, out": lambda there, here: torch.bmm(there[None], there[None], out=here[None].clone()),
    "stacked": lambda there, here: torch.stack([there, here]),
    "where": lambda there, here: torch.where(there > 0, there, here),
    "where, condition here": lambda there, here: torch.where(here > 0, there, 0),
    "where, a number here": lambda there, here: torch.where(there > 0, there, here[0, 0]),
    "copied here": lambda there, here: here.copy_(there),
    "solved": lambda there, here: torch.linalg.solve_ex(there, here),
    "moved first": lambda there, here: there @ here.to(there.device),
    "made like one": lambda there, here: there @ torch.zeros_like(there) + there.new_ones(3, 3),
    "made here": lambda there, here: there @ torch.eye(3),
    "made there": lambda there, here: there @ torch.eye(3, device=there.device),
    "from numpy": lambda there, here: there @ torch.from_numpy(np.eye(3, dtype="float32")),
}


@pytest.mark.parametrize("name", MIXED)
def test_devices_mix_where_torchs_own_fake_tensors_let_them(name):
    """torch's FakeTensorMode knows shapes and devices by other code, and no numbers."""
    said = []
    for mode in (FakeTensorMode(allow_non_fake_inputs=True), played_gpu()):
        with mode:
            there, here = torch.ones(3, 3, device="cuda"), torch.ones(3, 3)
            try:
                said.append(str(getattr(MIXED[name](there, here), "device", "")))
            except RuntimeError:
                said.append("refused")
    assert said[0].removesuffix(":0") == said[1].removesuffix(":0")


def test_numpy_gets_no_tensor_of_the_device(gpu):
    W = torch.ones(2, device="cuda")
    for read in (lambda: W.numpy(), lambda: np.asarray(W), lambda: np.multiply(2, W)):
        with pytest.raises(TypeError, match="numpy"):
            read()
    np.testing.assert_array_equal(W.cpu().numpy(), 1)


def test_numbers_survive_the_journey(gpu):
    values = np.random.default_rng(0).standard_normal((2, 3))
    for made in (
        torch.tensor(values, device=CUDA),
        torch.as_tensor(values, device="cuda:0"),
        torch.from_numpy(values).to("cuda"),
        torch.zeros(1, dtype=torch.float64, device="cuda").new_tensor(values),
        torch.empty(2, 3, dtype=torch.float64, device="cuda").copy_(torch.from_numpy(values)),
    ):
        assert (made.device, made.is_cuda) == (torch.device("cuda:0"), True)
        np.testing.assert_array_equal(made.cpu().numpy(), values)


def test_views_and_changes_in_place_are_of_one_memory(gpu):
    W = torch.zeros(3, 4, device="cuda")
    W.mT[1].add_(1)
    W.diagonal().mul_(2)
    W[0].squeeze_().copy_(W[1])
    assert (W[0] @ W.T).tolist() == [4, 4, 2]  # of vector and matrix: torch squeezes in place
    assert W.tolist() == [[0, 2, 0, 0], [0, 2, 0, 0], [0, 1, 0, 0]]


def test_a_graph_runs_nothing_while_it_is_recorded_and_all_of_it_at_each_replay(gpu):
    W, out = torch.ones(3, device="cuda"), torch.zeros(3, device="cuda")
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        square = W * W
        square[1:].add_(1)
        torch.mul(square, 2, out=out)
        W += 1
    assert W.tolist() == [1, 1, 1]
    assert out.tolist() == [0, 0, 0]
    assert np.isnan(square.tolist()).all()
    for w in (1, 2):
        graph.replay()
        assert out.tolist() == [2 * w * w, 2 * w * w + 2, 2 * w * w + 2]
        assert W.tolist() == [w + 1] * 3
    assert square.tolist() == [4, 5, 5]


@pytest.mark.parametrize(
    ("name", "work"),
    [
        ("the host reads", lambda W: W.sum().item()),
        ("a branch", lambda W: 1 if W.any() else 0),
        ("a float", lambda W: float(W[0])),
        ("a list", lambda W: W.tolist()),
        ("a copy to the host", lambda W: W.cpu()),
        ("a copy into the host's", lambda W: torch.zeros(3).copy_(W)),
        ("a number made there", lambda W: W * torch.tensor(3.0, device="cuda")),
        ("numbers made like W", lambda W: W * W.new_tensor([1.0, 2.0, 3.0])),
        ("numbers of numpy", lambda W: W * torch.as_tensor(np.ones(3, "float32"), device=CUDA)),
        ("copied from the host", lambda W: W.copy_(torch.ones(3))),
        ("waits", lambda W: torch.cuda.synchronize()),
        ("indices", lambda W: W.nonzero()),
        ("a choice by a mask", lambda W: W[W > 0]),
        ("a factorisation", lambda W: torch.linalg.svdvals(W.outer(W))),
        ("a generator of one's own", lambda W: torch.randn(3, device="cuda", generator=torch.Generator())),
        ("a graph", lambda W: recorded(lambda: W + 1, W.device)),
    ],
)
def test_a_recording_refuses(gpu, name, work):
    W = torch.ones(3, device="cuda")
    if name != "a graph":
        work(W)
    with pytest.raises(RuntimeError, match=NOT_PERMITTED), torch.cuda.graph(torch.cuda.CUDAGraph()):
        work(W)


def test_what_the_host_worked_out_stays_as_it_was(gpu):
    """Adam's bias correction by a count in Python: the fault that a recorded optimizer may have."""
    W, count = torch.zeros(1, device="cuda"), 0

    def step():
        nonlocal count
        count += 1
        W.add_(1 / count)

    replay, _ = recorded(step, W.device)  # the first is done in earnest
    W.zero_()
    for _ in range(3):
        replay()
    assert W.tolist() == [1.5]  # three times 1/2, where 1/2 + 1/3 + 1/4 was meant


def test_a_tensor_rebound_since_is_not_seen(gpu):
    rate, W = torch.ones(1, device="cuda"), torch.zeros(1, device="cuda")
    old = rate

    def step():
        W.add_(rate)

    replay, _ = recorded(step, W.device)
    rate = 5 * rate
    W.zero_()
    replay()
    assert W.tolist() == [1]
    old.fill_(2)
    replay()
    assert W.tolist() == [3]
    del old
    gc.collect()
    with pytest.raises(RuntimeError, match="freed after it was recorded"):
        replay()


def test_streams_that_do_not_wait_are_found(gpu):
    W, beside = torch.ones(3, device="cuda"), torch.cuda.Stream()
    with torch.cuda.stream(beside), pytest.raises(RuntimeError, match="a race"):
        W.add_(1)
    beside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(beside):
        W.add_(1)
    with pytest.raises(RuntimeError, match="a race"):
        W.sum()
    torch.cuda.current_stream().wait_stream(beside)
    total = W.sum()
    with torch.cuda.stream(beside):
        W.sum()  # both read
        with pytest.raises(RuntimeError, match="a race"):
            W.mul_(2)  # the other may still read
    assert float(total) == 6  # the host waits
    with torch.cuda.stream(beside):
        W.mul_(2)


@pytest.mark.parametrize("mode", ["global", "thread_local"])
def test_another_thread_may_not_wait_unless_the_recording_minds_its_own(gpu, mode):
    """CUDA's capture modes; a thread that reads a number spoils a recording in mode global."""
    W, said = torch.ones(3, device="cuda"), []

    def beside():
        with gpu.enter():
            try:
                said.append(float(torch.ones(1, device="cuda")))
            except RuntimeError as problem:
                said.append(str(problem))

    with torch.cuda.graph(torch.cuda.CUDAGraph(), capture_error_mode=mode):
        W.add_(1)
        thread = threading.Thread(target=beside)
        thread.start()
        thread.join()
    assert said == [1.0] if mode == "thread_local" else NOT_PERMITTED in said[0]


def test_memory_is_counted(gpu):
    W = torch.zeros(1000, device="cuda")
    view = W[:10]
    assert gpu.memory.live == 4000
    del W
    assert gpu.memory.live == 4000
    sums = (view + 1) + (view + 2)
    assert (gpu.memory.live, gpu.memory.peak) == (4040, 4120)
    del view, sums
    assert gpu.memory.live == 0
    W = torch.zeros(1000, device="cuda")
    replay, _ = recorded(lambda: W.copy_(W * 2 + 1), W.device)
    assert gpu.memory.live == 4000 + 8000  # the graph's own: a product and a sum
    del replay, _
    gc.collect()
    assert gpu.memory.live == 4000
    with played_gpu(room=5000):
        with pytest.raises(torch.OutOfMemoryError, match="out of memory"):
            torch.zeros(1000, device="cuda") + torch.zeros(1000, device="cuda")
        assert torch.cuda.mem_get_info() == (5000, 5000)
