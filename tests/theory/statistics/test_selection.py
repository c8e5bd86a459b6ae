"""Kim and Nelson's procedure and OCBA: the promised probability, the formula, the bookkeeping."""

import numpy as np
import pytest

from sim.errors import UsageError
from sim.statistics.selection import kim_nelson, ocba, ocba_select


def chosen_right(trials, means, *, shared, seed, **options):
    """Share of trials in which the last system, the best, is chosen; and mean replications taken."""
    means = np.asarray(means, dtype=float)
    generator = np.random.default_rng(seed)
    right, work = 0, 0
    for _ in range(trials):
        length = 1500
        noise = np.sqrt(1 - shared) * generator.normal(size=(means.size, length))
        noise += np.sqrt(shared) * generator.normal(size=length)
        values = (means[:, np.newaxis] + noise).tolist()
        choice = kim_nelson(lambda i, r, v=values: v[i][r], means.size, **options)
        assert choice.decided
        right += choice.best == means.size - 1
        work += int(choice.replications.sum())
    return right / trials, work / trials


def test_the_best_is_chosen_as_often_as_promised_in_the_slippage_configuration():
    right, _ = chosen_right(1000, [0.0, 0.0, 0.5], shared=0.0, seed=1, indifference=0.5)
    assert right >= 0.95


def test_common_random_numbers_keep_the_promise_and_save_work():
    options = {"indifference": 0.3, "confidence": 0.9}
    right, work = chosen_right(300, [0.0, 0.0, 0.0, 0.3], shared=0.8, seed=2, **options)
    _, alone = chosen_right(100, [0.0, 0.0, 0.0, 0.3], shared=0.0, seed=2, **options)
    assert right >= 0.9
    assert work < 0.4 * alone


def test_the_lowest_can_be_the_best():
    up, _ = chosen_right(50, [0.0, 0.0, 2.0], shared=0.0, seed=3, indifference=1.0)
    draws = np.random.default_rng(3).normal([3.0, 2.0, 3.0], 1.0, size=(500, 3))
    choice = kim_nelson(lambda i, r: draws[r, i], 3, indifference=0.5, goal="min")
    assert up >= 0.95
    assert choice.best == 1
    assert choice.mean[1] == pytest.approx(draws[: choice.replications[1], 1].mean())


def test_a_poor_system_is_ruled_out_early_and_not_run_again():
    draws = np.random.default_rng(4).normal([0.0, 10.0, 10.1], 1.0, size=(5000, 3))
    calls = []

    def sample(i, r):
        calls.append((i, r))
        return draws[r, i]

    choice = kim_nelson(sample, 3, indifference=0.3)
    assert choice.replications[0] == choice.eliminated_at[0] == 10
    assert choice.replications[1:].min() > 10
    assert len(calls) == len(set(calls)) == choice.replications.sum()
    assert choice.survivors == (choice.best,)
    assert choice.eliminated_at[choice.best] == 0


def test_differences_without_variance_are_decided_at_once():
    noise = np.random.default_rng(5).normal(size=50)
    choice = kim_nelson(lambda i, r: noise[r] + 0.01 * i, 4, indifference=1.0)
    assert (choice.best, choice.decided) == (3, True)
    assert choice.replications.tolist() == [10, 10, 10, 10]


def test_the_limit_ends_it_undecided():
    draws = np.random.default_rng(6).normal(size=(30, 3))
    choice = kim_nelson(lambda i, r: draws[r, i], 3, indifference=0.01, at_most=30)
    assert not choice.decided
    assert choice.replications.max() == 30
    assert choice.best in choice.survivors


@pytest.mark.parametrize(
    ("systems", "wrong"),
    [
        (1, {"indifference": 1.0}),
        (3, {"indifference": 0.0}),
        (3, {"indifference": 1.0, "first": 1}),
        (3, {"indifference": 1.0, "confidence": 0.3}),
        (3, {"indifference": 1.0, "goal": "best"}),
        (3, {"indifference": 1.0, "at_most": 5}),
    ],
)
def test_what_has_no_meaning_is_refused(systems, wrong):
    with pytest.raises(UsageError):
        kim_nelson(lambda i, r: 0.0, systems, **wrong)


def test_a_figure_that_is_no_number_is_refused():
    with pytest.raises(UsageError, match="replication 0 of system 0"):
        kim_nelson(lambda i, r: float("nan"), 2, indifference=1.0)


def test_ocba_meets_its_two_conditions():
    mean, sd = np.array([1.0, 2.0, 3.5, 4.0]), np.array([1.0, 2.0, 1.5, 1.0])
    allocation = ocba(mean, sd, 1_000_000)
    gap = mean[3] - mean[:3]
    weights = (sd[:3] / gap) ** 2
    assert allocation.sum() == 1_000_000
    assert allocation[:3] / allocation[0] == pytest.approx(weights / weights[0], rel=1e-3)
    assert allocation[3] == pytest.approx(sd[3] * np.sqrt(((allocation[:3] / sd[:3]) ** 2).sum()), rel=1e-3)


def test_ocba_takes_nothing_back_and_spends_all():
    mean, sd = [0.0, 5.0, 6.0], [1.0, 1.0, 1.0]
    allocation = ocba(mean, sd, 61, spent=[20, 20, 20])
    assert allocation.sum() == 61
    assert (allocation >= 20).all()
    many = ocba(mean, sd, 200, spent=[20, 20, 20])
    assert many[0] == 20
    assert many.sum() == 200


def test_ocba_of_degenerate_systems():
    assert ocba([1.0, 1.0], [1.0, 1.0], 10).tolist() == [5, 5]
    assert ocba([1.0, 2.0, 3.0], [0.0, 0.0, 0.0], 10).sum() == 10
    assert ocba([1.0, 2.0, 3.0], [0.0, 1.0, 0.0], 9).sum() == 9
    assert ocba([1.0, 2.0], [0.0, 1.0], 9).tolist() == [0, 9]


def test_ocba_for_the_lowest_is_its_mirror():
    mean, sd = np.array([1.0, 2.0, 3.5]), np.array([1.0, 2.0, 1.5])
    assert ocba(mean, sd, 100).tolist() == ocba(-mean, sd, 100, goal="min").tolist()


def test_ocba_refuses_a_budget_already_spent():
    with pytest.raises(UsageError, match="budget"):
        ocba([1.0, 2.0], [1.0, 1.0], 5, spent=[3, 3])


def test_a_budget_by_ocba_beats_equal_shares():
    means = np.array([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
    generator = np.random.default_rng(9)
    clever = equal = 0
    for _ in range(300):
        draws = generator.normal(means, 1.0, size=(240, 6))
        choice = ocba_select(lambda i, r, d=draws: d[r, i], 6, budget=240, first=10)
        assert choice.replications.sum() == 240
        clever += choice.best == 5
        equal += int(np.argmax(draws[:40].mean(axis=0))) == 5
    assert clever > equal


def test_a_budget_by_ocba_is_judged_by_pairs_where_draws_are_shared():
    # What is common to all is thirty times what tells them apart: means over different numbers would deceive.
    means = 0.2 * np.array([0.0, 0.3, 0.6, 0.9, 1.2])
    generator = np.random.default_rng(4)
    right = equal = beaten = 0
    for _ in range(200):
        draws = means + 5.0 * generator.normal(size=(60, 1)) + 0.2 * generator.normal(size=(60, 5))
        choice = ocba_select(lambda i, r, d=draws: d[r, i], 5, budget=60, goal="min")
        best = choice.best
        counts = choice.replications.tolist()
        pairs = [min(count, counts[best]) for count in counts]
        # Three may each be ahead of the next, each two over pairs of their own.
        beaten += any(draws[:n, i].mean() < draws[:n, best].mean() for i, n in enumerate(pairs))
        right += best == 0
        equal += int(np.argmin(draws[:12].mean(axis=0))) == 0
    assert right >= equal
    assert beaten <= 10
