"""Differences of two systems against published samples and scipy, and the degenerate cases."""

import numpy as np
import pytest
from scipy import stats

from sim.errors import UsageError
from sim.statistics.comparison import independent, paired, paired_columns
from sim.statistics.multiplicity import adjust, bonferroni, holm, shared_confidence

A = [126.97, 124.31, 126.68, 122.66, 127.23]
B = [118.21, 120.22, 122.45, 122.68, 119.40]


def test_paired_numbers():
    found = paired(B, A, confidence=0.90)
    assert found.difference == pytest.approx(4.978, abs=1e-12)
    assert found.low == pytest.approx(1.6491, abs=5e-5)
    assert found.high == pytest.approx(8.3069, abs=5e-5)
    assert found.p == pytest.approx(0.0332808, abs=5e-8)
    assert found.n == 5
    assert found.sd == pytest.approx(np.std(np.subtract(A, B), ddof=1))
    assert found.probability_better == pytest.approx(1 - found.p / 2)
    assert found.share_better == 0.8
    assert found.variance_reduction == pytest.approx(
        (np.var(A, ddof=1) + np.var(B, ddof=1)) / np.var(np.subtract(A, B), ddof=1)
    )


def test_welch_numbers():
    found = independent(B, A)
    assert found.df == pytest.approx(7.992386, abs=5e-7)
    assert found.p == pytest.approx(0.0039835, abs=5e-8)
    theirs = stats.ttest_ind(A, B, equal_var=False)
    assert found.p == pytest.approx(theirs.pvalue)
    bounds = theirs.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((bounds.low, bounds.high))


def test_the_better_side():
    lower = paired(B, A, better="lower")
    assert lower.probability_better == pytest.approx(1 - paired(B, A).probability_better)
    assert lower.share_better == pytest.approx(0.2)


def test_turning_the_question_round_turns_the_answer_round():
    there, back = paired(A, B), paired(B, A)
    assert (back.difference, back.low, back.high) == pytest.approx(
        (-there.difference, -there.high, -there.low)
    )
    assert there.p == pytest.approx(back.p)


def test_identical_samples():
    same = paired(A, A)
    assert (same.difference, same.low, same.high, same.p) == (0.0, 0.0, 0.0, 1.0)
    assert (same.probability_better, same.share_better) == (0.5, 0.5)


def test_a_constant_difference_is_as_sure_as_its_sign():
    more = paired([1.0, 2.0, 4.0], [1.5, 2.5, 4.5])
    assert (more.difference, more.low, more.high, more.p) == (0.5, 0.5, 0.5, 0.25)
    assert more.probability_better == 1 - 1 / 8
    assert paired([1.0, 2.0, 4.0], [1.5, 2.5, 4.5], better="lower").probability_better == 1 / 8
    assert more.variance_reduction == np.inf
    inexact = paired(A, np.array(A) + 0.1)
    assert (inexact.p, inexact.sd) == (0.5 ** (len(A) - 1), 0.0)


def test_rounding_is_not_a_difference():
    base = np.array(A)
    assert paired(base, np.nextafter(base, np.inf)).p == 1.0
    assert paired(base, base * 3 / 3).difference == 0.0


def test_gaps_and_little_data():
    gaps = paired([1.0, np.nan, 3.0, 4.0], [2.0, 3.0, np.nan, 7.0])
    assert (gaps.n, gaps.difference) == (2, 2.0)
    one = paired([1.0], [2.0])
    assert one.difference == 1.0
    assert np.isnan([one.low, one.high, one.p, one.probability_better]).all()
    assert np.isnan(paired([], []).difference)
    alone = independent([1.0], [2.0, 3.0])
    assert alone.difference == 1.5
    assert np.isnan(alone.p)


def test_independent_samples_that_do_not_vary():
    same = independent([2.0, 2.0], [2.0, 2.0, 2.0])
    assert (same.difference, same.p, same.low, same.high) == (0.0, 1.0, 0.0, 0.0)
    assert independent([2.0, 2.0], [3.0, 3.0]).p == 0.0


def test_columns_are_as_one_by_one():
    generator = np.random.default_rng(5)
    base = generator.normal(size=(12, 6))
    other = base + generator.normal(0.3, 0.5, size=(12, 6))
    other[3, 2] = np.nan
    many = paired_columns(base, other)
    assert len(many) == 6
    for column in range(6):
        alone = paired(base[:, column], other[:, column])
        assert many[column].p == pytest.approx(alone.p)
        assert many[column].low == pytest.approx(alone.low)
        assert many[column].variance_reduction == pytest.approx(alone.variance_reduction)
    assert many.p_adjusted == pytest.approx(holm(many.p))
    wide = paired_columns(base, other, simultaneous=True)
    assert wide.low[0] == pytest.approx(
        paired(base[:, 0], other[:, 0], confidence=shared_confidence(0.95, 6)).low
    )
    assert wide.p == pytest.approx(many.p)


def test_common_random_numbers_bring_what_the_reduction_says():
    generator = np.random.default_rng(6)
    weather = generator.normal(size=4000)
    base = weather + 0.2 * generator.normal(size=4000)
    other = weather + 0.2 * generator.normal(size=4000)
    assert paired(base, other).variance_reduction == pytest.approx(2 * 1.04 / 0.08, rel=0.1)
    assert paired(base, generator.permutation(other)).variance_reduction == pytest.approx(1.0, rel=0.1)


def test_a_true_null_is_rejected_as_often_as_stated():
    draws = np.random.default_rng(7).normal(size=(2, 6, 20000))
    many = paired_columns(draws[0], draws[1])
    assert np.mean(many.p < 0.05) == pytest.approx(0.05, abs=0.006)
    assert np.mean((many.low <= 0) & (many.high >= 0)) == pytest.approx(0.95, abs=0.006)


def test_adjusted_p_values():
    p = [0.01, 0.04, 0.03, 0.005]
    assert bonferroni(p) == pytest.approx([0.04, 0.16, 0.12, 0.02])
    assert holm(p) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert adjust(p, "none") == pytest.approx(p)
    assert (holm(p) <= bonferroni(p)).all()
    assert holm([0.9, 0.8]).tolist() == [1.0, 1.0]
    assert holm([]).size == 0


def test_questions_not_asked_are_not_counted():
    assert holm([0.01, np.nan, 0.04])[0] == pytest.approx(0.02)
    assert np.isnan(bonferroni([0.01, np.nan])[1])
    assert bonferroni([0.01, np.nan])[0] == pytest.approx(0.01)


def test_shared_confidence():
    assert shared_confidence(0.95, 5) == pytest.approx(0.99)
    with pytest.raises(UsageError, match="family"):
        shared_confidence(0.95, 0)


def test_what_has_no_meaning_is_refused():
    with pytest.raises(UsageError, match="shape"):
        paired([1.0, 2.0], [1.0])
    with pytest.raises(UsageError, match="better"):
        paired(A, B, better="faster")
    with pytest.raises(UsageError, match="outside"):
        holm([1.2])
    with pytest.raises(UsageError, match="adjustment"):
        adjust([0.1], "sidak")
