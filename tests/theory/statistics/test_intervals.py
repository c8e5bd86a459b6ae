"""Confidence intervals against published samples and against scipy."""

import numpy as np
import pytest
from scipy import stats

from sim.errors import UsageError
from sim.statistics.intervals import (
    Quantile,
    bootstrap_interval,
    simultaneous_intervals,
    t_interval,
    t_intervals,
)

TEN = [1.53, 1.66, 1.24, 2.34, 2.00, 1.69, 2.69, 2.86, 1.70, 2.60]


def test_three_values_have_the_known_half_width():
    interval = t_interval([10, 20, 30])
    assert interval.half_width == pytest.approx(24.8413771, abs=5e-8)
    assert (interval.mean, interval.sd, interval.n, interval.confidence) == (20.0, 10.0, 3, 0.95)
    assert interval.low == interval.mean - interval.half_width
    assert interval.high == interval.mean + interval.half_width


def test_ten_values_have_the_known_interval():
    interval = t_interval(TEN, 0.90)
    assert interval.mean == pytest.approx(2.031, abs=1e-12)
    assert interval.half_width == pytest.approx(0.3222834, abs=5e-8)
    assert 2.0 in interval
    assert 1.7 not in interval


def test_one_value_has_a_mean_and_no_interval():
    interval = t_interval([7.0])
    assert (interval.mean, interval.n) == (7.0, 1)
    assert np.isnan([interval.sd, interval.low, interval.high, interval.half_width]).all()


def test_no_value_has_nothing():
    interval = t_interval([])
    assert interval.n == 0
    assert np.isnan([interval.mean, interval.sd, interval.low, interval.high]).all()


def test_a_constant_sample_is_certain_to_the_last_bit():
    interval = t_interval([0.1] * 7)
    assert (interval.mean, interval.sd, interval.low, interval.high) == (0.1, 0.0, 0.1, 0.1)


def test_a_large_mean_costs_no_digits():
    shifted = t_interval(np.array(TEN) + 1e9, 0.90)
    assert shifted.half_width == pytest.approx(0.3222834, abs=1e-6)


def test_columns_are_as_one_by_one_and_nan_is_left_out_of_its_own():
    matrix = np.column_stack([TEN, TEN[::-1], [np.nan] * 9 + [1.0], [np.nan] * 10])
    matrix[0, 1] = np.nan
    intervals = t_intervals(matrix, 0.9)
    assert intervals.n.tolist() == [10, 9, 1, 0]
    assert intervals[0] == t_interval(TEN, 0.9)
    assert intervals[1] == t_interval(TEN[:9][::-1], 0.9)
    assert len(list(intervals)) == len(intervals) == 4
    assert np.isnan(intervals.half_width[2:]).all()


def test_simultaneous_intervals_count_only_columns_that_have_one():
    matrix = np.column_stack([TEN, TEN, [np.nan] * 10])
    together = simultaneous_intervals(matrix, 0.9)
    assert together.confidence == 0.9
    assert together.half_width[0] == pytest.approx(t_interval(TEN, 0.95).half_width)


def test_simultaneous_intervals_hold_together_as_often_as_promised():
    draws = np.random.default_rng(1).normal(size=(2000, 8, 5))
    together = [simultaneous_intervals(one, 0.9) for one in draws]
    hold = np.mean([(np.abs(each.mean) <= each.half_width).all() for each in together])
    assert hold >= 0.9 - 3.3 * np.sqrt(0.09 / 2000)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0, float("nan")])
def test_a_confidence_that_is_no_share_is_refused(confidence):
    with pytest.raises(UsageError, match="confidence"):
        t_interval(TEN, confidence)


def test_infinite_values_and_wrong_shapes_are_refused():
    with pytest.raises(UsageError, match="infinite"):
        t_interval([1.0, float("inf")])
    with pytest.raises(UsageError, match="dimensions"):
        t_interval([[1.0]])


@pytest.mark.parametrize("method", ["bca", "percentile"])
@pytest.mark.parametrize("statistic", [np.mean, np.median, Quantile(0.9)])
def test_bootstrap_agrees_with_scipy(method, statistic):
    sample = np.random.default_rng(3).gamma(2.0, size=60)
    ours = bootstrap_interval(sample, statistic, method=method, resamples=9999, seed=4)
    theirs = stats.bootstrap(
        (sample,),
        statistic,
        method="BCa" if method == "bca" else method,
        n_resamples=9999,
        rng=np.random.default_rng(5),
    ).confidence_interval
    width = theirs.high - theirs.low
    assert ours.low == pytest.approx(theirs.low, abs=0.1 * width)
    assert ours.high == pytest.approx(theirs.high, abs=0.1 * width)
    assert ours.estimate == pytest.approx(float(statistic(sample, axis=-1)))
    assert ours.method == method


def test_bootstrap_depends_on_its_own_seed_alone():
    first = bootstrap_interval(TEN, Quantile(0.5), seed=1)
    np.random.default_rng(1).normal(size=5)
    assert first == bootstrap_interval(TEN, Quantile(0.5), seed=1)
    assert first != bootstrap_interval(TEN, Quantile(0.5), seed=2)


def test_bootstrap_of_little_or_nothing():
    assert np.isnan(bootstrap_interval([], np.mean).estimate)
    one = bootstrap_interval([2.0, np.nan], np.mean)
    assert (one.estimate, one.n) == (2.0, 1)
    assert np.isnan([one.low, one.high]).all()
    alike = bootstrap_interval([2.0] * 5, np.mean)
    assert (alike.low, alike.high, alike.method) == (2.0, 2.0, "percentile")


def test_bootstrap_covers_the_ninetieth_percentile():
    generator = np.random.default_rng(11)
    truth = -np.log(0.1)
    covered = 0
    for trial in range(400):
        interval = bootstrap_interval(
            generator.exponential(size=60), Quantile(0.9), confidence=0.9, resamples=400, seed=trial
        )
        covered += interval.low <= truth <= interval.high
    assert 0.84 <= covered / 400 <= 0.96


def test_bootstrap_refuses_what_has_no_meaning():
    with pytest.raises(UsageError, match="method"):
        bootstrap_interval(TEN, np.mean, method="basic")
    with pytest.raises(UsageError, match="resamples"):
        bootstrap_interval(TEN, np.mean, resamples=0)
