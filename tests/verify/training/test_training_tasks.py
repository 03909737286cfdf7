"""The tasks' trials against their definition, read off the arrays alone."""

import numpy as np
import pytest

from verify.training import TASKS, Task, Trials

DT = 0.5


def _trials(name, count=200, seed=0):
    return TASKS[name].trials(np.random.default_rng(seed), count)


@pytest.mark.parametrize("name", sorted(TASKS))
def test_trials_have_the_tasks_channels_and_are_fixed_by_the_generator(name):
    first, again, other = _trials(name), _trials(name), _trials(name, seed=1)
    assert first.inputs.shape[2] == TASKS[name].inputs
    assert first.targets.shape[2] == first.mask.shape[2] == TASKS[name].outputs
    assert all((getattr(first, f) == getattr(again, f)).all() for f in ("inputs", "targets", "mask"))
    assert set(np.unique(first.mask)) == {0, 1}
    assert name == "cosine" or (first.inputs != other.inputs).any()
    figure = TASKS[name].figure()
    assert figure.inputs.shape[0] == 1


def _pulses(inputs):
    """(onset step, channel, sign) of every pulse of a trial, and whether each lasts two steps."""
    before = np.vstack([np.zeros((1, 2)), inputs[:-1]])
    rises = np.argwhere((inputs != 0) & (before == 0))
    return [(int(n), int(c), inputs[n, c]) for n, c in sorted(map(tuple, rises))]


@pytest.mark.parametrize("bits", [False, True])
def test_flip_flop_targets_follow_the_last_pulse(bits):
    trials = _trials("flip-flop-bits" if bits else "flip-flop")
    counts = np.zeros(4)
    for inputs, targets, mask in zip(trials.inputs, trials.targets, trials.mask, strict=True):
        pulses = _pulses(inputs)
        assert pulses[0][0] == 2
        onsets = [p[0] for p in pulses] + [None]
        expected, trained, last = np.zeros_like(targets), np.zeros_like(mask), np.zeros(2)
        for (onset, channel, sign), following in zip(pulses, onsets[1:], strict=True):
            if following is not None:
                assert 20 <= following - onset < 60
            assert (inputs[onset : onset + 2, channel] == sign).all()
            counts[2 * channel + (sign > 0)] += 1
            last = np.where(np.arange(2) == channel, sign, last if bits else 0)
            expected[onset + 10 : following] = 0.5 * last
            trained[onset + 10 : following] = (last != 0) if bits else 1
        np.testing.assert_array_equal(mask, trained)
        np.testing.assert_array_equal(targets * mask, expected)
        assert np.abs(inputs).sum() == 2 * len([p for p in pulses if p[0] < 99]) + len(
            [p for p in pulses if p[0] == 99]
        )
    assert (np.abs(counts / counts.sum() - 0.25) < 4 * np.sqrt(0.25 * 0.75 / counts.sum())).all()


def test_flip_flop_figure_has_the_published_onsets():
    figure = TASKS["flip-flop"].figure()
    pulses = _pulses(figure.inputs[0])
    assert [n * DT for n, _, _ in pulses] == [1, 22.5, 36.5, 56, 72.5, 89.5]
    assert [c for _, c, _ in pulses] == [0, 0, 0, 1, 0, 1]
    assert [s for _, _, s in pulses] == [-1, 1, 1, 1, -1, -1]


def test_mante_decides_on_the_channel_of_the_context():
    trials = _trials("mante", 400)
    assert trials.inputs.shape == (400, 96, 4)
    stimulus = trials.inputs[:, 6:46]
    assert (trials.inputs[:, :6, :2] == 0).all()
    assert (trials.inputs[:, 46:, :2] == 0).all()
    context = stimulus[:, 0, :2].argmax(axis=1)
    assert (stimulus[:, :, :2] == np.eye(2)[context][:, None]).all()
    sensed = stimulus[np.arange(400), :, 2 + context].mean(axis=1)
    np.testing.assert_array_equal(trials.targets[:, 56:, 0], 0.5 * np.sign(sensed)[:, None].repeat(40, 1))
    assert (trials.targets[:, :56] == 0).all()
    assert trials.mask[:, :46].all()
    assert not trials.mask[:, 46:56].any()
    assert trials.mask[:, 56:].all()
    noise = trials.inputs[:, 50:, 2:]
    assert noise.std() == pytest.approx(0.05 / np.sqrt(DT), rel=4 / np.sqrt(2 * noise.size))


def test_romo_names_the_larger_pulse():
    trials = _trials("romo", 400)
    for inputs, targets, mask in zip(trials.inputs, trials.targets, trials.mask, strict=True):
        shown = np.flatnonzero(inputs[:, 0])
        assert list(shown[:2]) == [6, 7]
        assert len(shown) == 4
        second = shown[2]
        assert 4 <= second - 8 < 16
        first_height, second_height = inputs[6, 0], inputs[second, 0]
        assert abs(first_height - second_height) >= 0.2
        end = second + 2
        assert mask[:end].all()
        assert not mask[end : end + 10].any()
        assert mask[end + 10 : end + 30].all()
        assert not mask[end + 30 :].any()
        answer = 0.5 * (np.arange(2) == int(second_height > first_height))
        np.testing.assert_array_equal(targets[end + 10 : end + 30], np.tile(answer, (20, 1)).astype("f4"))
        assert targets.sum() == pytest.approx(10)


def test_cosine_trains_two_of_four_periods():
    trials = _trials("cosine", 1)
    time = 0.1 * np.arange(200)
    np.testing.assert_allclose(trials.targets[0, :, 0], np.cos(2 * np.pi * time / 5), atol=1e-6)
    assert trials.mask[0, :100].all()
    assert not trials.mask[0, 100:].any()


def test_trials_of_unequal_shape_or_without_a_mask_are_refused():
    with pytest.raises(ValueError, match="allowed are"):
        Trials(np.zeros((2, 3, 1)), np.zeros((2, 4, 1)), np.ones((2, 4, 1)))
    with pytest.raises(ValueError, match="mask with ones"):
        Trials(np.zeros((2, 3, 1)), np.zeros((2, 3, 1)), np.zeros((2, 3, 1)))
    assert Task("one", 1, 2, lambda rng, count: None).least_size == 3
