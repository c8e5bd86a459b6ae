"""MSER-5 on series whose cut is known, and Welch's curve."""

import numpy as np
import pytest

import sim.statistics
from sim.errors import UsageError
from sim.statistics.warmup import mser5, welch

I = np.arange(1, 201)  # noqa: E741


@pytest.mark.parametrize(
    ("series", "cut", "warned"),
    [
        (10 * 0.9**I + ((7 * I) % 11 - 5), 20, False),
        (np.where(I <= 50, 10, I % 2), 50, False),
        (I, 100, True),
        (np.ones(200), 0, False),
        (np.full(203, 0.1), 0, False),
    ],
    ids=["decay", "step", "trend", "constant", "constant-not-exact-in-binary"],
)
def test_known_cuts(series, cut, warned):
    found = mser5(series)
    assert found.cut == cut
    assert bool(found.warning) is warned
    assert found.mean == pytest.approx(np.mean(series[cut : len(series) // 5 * 5]))


def test_the_minimum_is_the_definition_word_for_word():
    series = np.random.default_rng(1).normal(size=507).cumsum()
    found = mser5(series)
    batches = series[:505].reshape(-1, 5).mean(axis=1)
    expected = [
        ((batches[d:] - batches[d:].mean()) ** 2).sum() / (batches.size - d) ** 2
        for d in range(batches.size // 2 + 1)
    ]
    assert found.batches == pytest.approx(batches)
    assert found.statistic == pytest.approx(expected)
    assert found.cut == 5 * int(np.argmin(expected))


def test_a_step_to_a_constant_is_cut_at_the_step_even_far_from_zero():
    series = np.concatenate([np.full(40, 3.0), np.full(160, 1e9 + 0.1)])
    assert mser5(series).cut == 40


def test_moving_and_scaling_a_series_moves_no_cut():
    series = 10 * 0.9**I + ((7 * I) % 11 - 5)
    assert mser5(1e6 + 3.0 * series).cut == mser5(-series).cut == 20


def test_too_short_a_series_is_kept_whole_with_a_warning():
    found = mser5(np.arange(9.0))
    assert found.cut == 0
    assert "at least 2" in found.warning
    assert mser5([]).cut == 0


def test_nan_is_refused():
    with pytest.raises(UsageError, match="NaN"):
        mser5([1.0, float("nan")] * 10)


def test_it_is_reached_as_the_interface_says():
    assert sim.statistics.warmup.mser5(np.ones(20)).cut == 0
    assert sim.statistics.mser5 is mser5


def test_welch_smooths_as_defined():
    matrix = np.random.default_rng(2).normal(size=(4, 40))
    mean = matrix.mean(axis=0)
    smooth = welch(matrix, 5)
    assert smooth.shape == (35,)
    assert smooth[0] == pytest.approx(mean[0])
    assert smooth[2] == pytest.approx(mean[:5].mean())
    assert smooth[5] == pytest.approx(mean[:11].mean())
    assert smooth[34] == pytest.approx(mean[29:40].mean())
    assert welch(matrix, 0) == pytest.approx(mean)


def test_welch_leaves_gaps_out():
    matrix = np.ones((2, 20))
    matrix[0, 3] = np.nan
    matrix[:, 10] = np.nan
    assert welch(matrix, 2) == pytest.approx(np.ones(18))


def test_welch_refuses_a_window_over_a_quarter():
    with pytest.raises(UsageError, match="window"):
        welch(np.ones((2, 20)), 6)
