"""Training as a recorded graph is training, bit for bit: the graph's calls are the processor's own here."""

import gc
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from device_threads import threads_on
from played_gpu import PlayedGPU, played_gpu

import verify.device
import verify.training.group as group_module
import verify.training.jobs as jobs
from verify.training import TASKS, train
from verify.training.group import TrainingGroup, network_bytes
from verify.training.measures import measure
from verify.training.networks import Identity
from verify.training.optimizers import OPTIMIZERS, Optimizer
from verify.training.settings import settings_for

SIZE, EPOCHS = 10, 4
ARRAYS = ("loss", "norms", "strengths", "left", "right")
IDENTITIES = [Identity(SIZE, g, seed) for g, seed in ((0.0, 0), (0.9, 1))]
NONLINEARITIES = ("tanh", "relu", "linear")


@pytest.fixture
def gpu(monkeypatch) -> Iterator[PlayedGPU]:
    monkeypatch.setattr("verify.training.update.WARM_UP", 1)
    with played_gpu() as played:
        yield played


def trained(name, device, epochs=EPOCHS, states=None, **settings):
    task = TASKS[name]
    asked = settings_for(task, SIZE, 0.9, epochs=epochs, **settings)
    return TrainingGroup(task, IDENTITIES, asked, device, states)


def same(first, second):
    for one, other in zip(first, second, strict=True):
        for name in ARRAYS:
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
        for name in ("W", "m", "w"):
            np.testing.assert_array_equal(getattr(one.end, name), getattr(other.end, name), err_msg=name)


CASES = [
    pytest.param(
        name,
        optimizer,
        NONLINEARITIES[(i + j) % 3],
        (None, 0.05)[(i + j) % 2],
        marks=() if name == "romo" else pytest.mark.slow,
    )
    for i, name in enumerate(sorted(TASKS))
    for j, optimizer in enumerate(OPTIMIZERS)
]
"""Every task with every optimizer and nonlinearity, every optimizer with and without clipping."""


@pytest.mark.parametrize(("name", "optimizer", "nonlinearity", "clip"), CASES)
def test_a_recorded_update_is_the_update(gpu, name, optimizer, nonlinearity, clip):
    settings = {"optimizer": optimizer, "nonlinearity": nonlinearity, "clip": clip}
    here = trained(name, "cpu", **settings).run()
    assert len({float(run.loss[k]) for run in here for k in range(EPOCHS)}) > EPOCHS  # it moves
    there = trained(name, "cuda", **settings)
    same(here, there.run())
    assert gpu.graphs == 1


def test_an_epoch_is_few_launches(gpu):
    """Trials loaded, one graph, the loss kept; an update without a graph is some 530."""
    group, seen = trained("flip-flop", "cuda", epochs=EPOCHS, train=("W",)), []
    group.every = 10 * EPOCHS  # looks at dW are launches of their own
    group.run(lambda: seen.append(gpu.launches))
    assert len(seen) == EPOCHS
    assert max(np.diff(seen)) <= 6
    before = gpu.launches
    group.update._once()
    assert gpu.launches - before > 500


@pytest.mark.slow
@pytest.mark.parametrize("part", ["W", "m", "w"])
def test_one_part_learns_there_as_here(gpu, part):
    same(trained("romo", "cpu", train=(part,)).run(), trained("romo", "cuda", train=(part,)).run())


def test_every_rate_is_its_own_graph(gpu):
    for rate in (0.001, 0.004):
        same(trained("romo", "cpu", rate=rate).run(), trained("romo", "cuda", rate=rate).run())
    assert gpu.graphs == 2


def test_blocks_of_trials_change_under_the_graph(gpu, monkeypatch):
    """Each block is another tensor; what the graph reads is filled anew."""
    monkeypatch.setattr("verify.training.batches.BLOCK", 2)
    same(trained("romo", "cpu").run(), trained("romo", "cuda").run())


@pytest.mark.slow
def test_a_state_restored_goes_on_in_the_graph(gpu, tmp_path, monkeypatch):
    """A new group from a saved state; and a group that has its graph already, put back to one."""
    monkeypatch.setattr(group_module, "SAVED_EVERY", 2)
    whole = trained("mante", "cpu", epochs=7).run()

    class Stop(Exception):
        pass

    group = trained("mante", "cuda", epochs=7, states=tmp_path)

    def stop():
        if group.epoch == 5:
            raise Stop

    with pytest.raises(Stop):
        group.run(stop)
    group._restore(tmp_path)
    assert group.epoch == 4
    same(whole, group.run())
    assert gpu.graphs == 1
    for path in tmp_path.iterdir():
        path.unlink()
    group = trained("mante", "cuda", epochs=7, states=tmp_path)
    with pytest.raises(Stop):
        group.run(stop)
    resumed = trained("mante", "cuda", epochs=7, states=tmp_path)
    assert resumed.epoch == 4
    same(whole, resumed.run())


def test_another_number_of_trials_is_refused_there_as_here(gpu):
    """Buffers are of one shape; no batch is smaller than the others."""
    for device in ("cpu", "cuda"):
        group = trained("romo", device)
        fewer = tuple(array[:, :, :20] for array in group.batches(0))
        with pytest.raises(RuntimeError, match=r"size|match"):
            group.update(fewer)


def test_a_graph_holds_all_it_needs_and_what_it_needs_is_held(gpu):
    """Nothing that it reads has been freed, and nothing is left of it afterwards."""
    before = gpu.memory.live
    group = trained("romo", "cuda")
    group.run()
    gc.collect()
    group.run()
    assert gpu.memory.live > before
    group.update(group.batches(0))
    del group
    gc.collect()
    assert gpu.memory.live == before


class CountsInPython(Optimizer):
    """The fault of which the count in a tensor keeps: Adam's correction is that of one step for ever."""

    steps = 0

    def step(self):
        self.steps += 1
        self.count.fill_(self.steps - 1)
        super().step()


class Rebinds(Optimizer):
    """Parameters that are new tensors after each step."""

    def step(self):
        super().step()
        self.state = [[tensor + 0 for tensor in slot] for slot in self.state]


@pytest.mark.parametrize("fault", [CountsInPython, Rebinds])
def test_planted_faults_are_seen(gpu, monkeypatch, fault):
    """On the processor both optimizers are right; in a graph they are not."""
    plain = trained("romo", "cpu").run()
    monkeypatch.setattr("verify.training.update.Optimizer", fault)
    same(plain, trained("romo", "cpu").run())
    with pytest.raises((AssertionError, RuntimeError), match=r"not equal|freed after it was recorded"):
        same(plain, trained("romo", "cuda").run())


@pytest.mark.slow
def test_groups_side_by_side_on_one_device(gpu, monkeypatch):
    """Two threads; each records, and neither may spoil the other's recording."""
    monkeypatch.setattr(jobs, "ThreadPoolExecutor", threads_on(gpu))
    settings = {"epochs": 4, "dtype": "float64"}
    here = train(TASKS["romo"], SIZE, (0.0, 0.9), (0, 1), **settings)
    there = train(TASKS["romo"], SIZE, (0.0, 0.9), (0, 1), device="cuda", workers=2, **settings)
    same(here, there)
    assert gpu.graphs == 2
    assert verify.device.recorded(verify.device._RECORDING.locked, torch.device("cuda:0"))[1] is True


@pytest.mark.slow
@pytest.mark.parametrize("name", ["romo", "cosine"])
def test_measures_there_are_measures_here(gpu, name):
    run = trained(name, "cpu").run()[1]
    here, there = (measure(TASKS[name], run, 20, device) for device in ("cpu", "cuda"))
    np.testing.assert_array_equal(here.truncation_loss, there.truncation_loss)
    assert here.shuffled_loss == there.shuffled_loss


@pytest.mark.slow
@pytest.mark.parametrize(("name", "size"), [("flip-flop", 64), ("mante", 24), ("romo", 24), ("cosine", 64)])
def test_memory_is_what_is_said_of_it(name, size):
    """`network_bytes` is no less than a group takes, and not much more."""
    task = TASKS[name]
    settings = settings_for(task, size, 0.9, epochs=1)
    with played_gpu() as gpu:
        TrainingGroup(task, [Identity(size, 0.9, seed) for seed in range(3)], settings, "cuda").run()
    said = 3 * network_bytes(task, size, settings)
    assert 0.7 * said < gpu.memory.peak <= said


def test_the_number_that_is_said_to_fit_fits(gpu):
    task, size = TASKS["romo"], 24
    each = network_bytes(task, size, settings_for(task, size, 0.9))

    def lone(count, group):
        return train(task, size, (0.9,), range(count), device="cuda", group=group, epochs=1)

    with played_gpu(room=5.5 * each) as small, pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "ThreadPoolExecutor", threads_on(small))
        with pytest.raises(verify.device.NoRoom) as said:
            lone(12, None)
        asked = "no memory for 12 networks of N = 24 as one computation"
        assert str(said.value) == f"device cuda: {asked}; allowed here is --group 5 or less"
        assert len(lone(12, 5)) == 12
