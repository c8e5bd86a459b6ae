"""The stopping rule: known answers, signs, zeros, gaps, and independence of how replications arrive."""

import numpy as np
import pytest

from sim.errors import UsageError
from sim.statistics.intervals import t_interval
from sim.statistics.stopping import PrecisionRule, replications_needed


def normal(mean, sd):
    return lambda k: float(np.random.default_rng(k).normal(mean, sd))


def first(n, mean, sd):
    return np.array([normal(mean, sd)(k) for k in range(n)])


@pytest.mark.parametrize(("mean", "sd", "n"), [(100, 4, 3), (1, 1, 332)])
def test_known_numbers(mean, sd, n):
    needed = replications_needed(normal(mean, sd), 0.1)
    assert (needed.n, needed.run, needed.reached) == (n, n + 10, True)
    assert needed.half_width <= 0.1 * abs(needed.mean)
    assert replications_needed(first(n + 50, mean, sd), 0.1).n == n
    assert replications_needed(first(n + 9, mean, sd), 0.1).n is None


def test_it_is_the_definition_word_for_word():
    values = first(400, 1, 1)

    def holds(n):
        interval = t_interval(values[:n])
        return interval.half_width <= 0.1 * abs(interval.mean)

    naive = next(n for n in range(3, 400) if all(holds(m) for m in range(n, n + 11)))
    assert replications_needed(values, 0.1).n == naive == 332


def test_a_negative_mean_is_the_mirror_of_a_positive_one():
    values = first(400, 1, 1)
    assert replications_needed(-values, 0.1).n == replications_needed(values, 0.1).n


def test_near_zero_the_floor_ends_it():
    needed = replications_needed(normal(0, 1), 0.1, floor=0.3)
    assert needed.reached
    assert needed.half_width <= 0.3
    assert 30 < needed.n < 70


def test_near_zero_without_a_floor_it_gives_up():
    needed = replications_needed(normal(0, 1), 0.1, at_most=200)
    assert (needed.n, needed.run, needed.reached) == (None, 200, False)


@pytest.mark.parametrize("value", [0.0, 0.1, -3.0])
def test_a_constant_is_enough_at_three(value):
    assert replications_needed([value] * 13, 0.01).n == 3


def test_minimum_and_look_ahead():
    calls = []
    replications_needed(lambda k: calls.append(k) or 1.0, 0.1, look_ahead=0, minimum=5)
    assert calls == [0, 1, 2, 3, 4]
    assert replications_needed([1.0] * 12, 0.1).n is None


def test_several_figures_wait_for_the_slowest():
    matrix = np.column_stack([first(500, 100, 4), first(500, 1, 1), first(500, -50, 10)])
    rule = PrecisionRule(kpis=("easy", "hard", "middling"), precision=0.1)
    early = rule.update(matrix[:60])
    assert (early.done, early.reached, early.n, early.slowest_kpi) == (False, False, None, "hard")
    assert early.ratio > 1.0
    assert 60 < early.expected <= 1000
    late = rule.update(matrix)
    assert (late.done, late.n, late.slowest_kpi, late.expected) == (True, 332, "hard", 500)


def test_a_floor_per_figure():
    matrix = np.column_stack([first(60, 100, 4), first(60, 0, 1)])
    rule = PrecisionRule(kpis=("a", "b"), precision=0.1, floor=(0.0, 0.5))
    assert rule.update(matrix).done


def test_the_answer_does_not_depend_on_how_replications_arrive():
    generator = np.random.default_rng(8)
    matrix = generator.normal(1.0, 0.4, size=(300, 3))
    matrix[:25, 1] = np.nan
    matrix[generator.random(300) < 0.2, 2] = np.nan
    rule = PrecisionRule(kpis=("a", "late", "gaps"), precision=0.1)
    one_by_one = next(d for d in (rule.update(matrix[:n]) for n in range(1, 301)) if d.done)
    assert one_by_one.n is not None
    assert one_by_one.run == one_by_one.n + 10
    for size in (one_by_one.run, one_by_one.run + 7, 300):
        assert rule.update(matrix[:size]).n == one_by_one.n


def test_what_lies_beyond_the_limit_is_not_read():
    rule = PrecisionRule(precision=0.1, at_most=100)
    decision = rule.update(first(400, 1, 1)[:, np.newaxis])
    assert (decision.done, decision.reached, decision.run) == (True, False, 100)


def test_figures_without_any_value_are_named_and_not_waited_for():
    matrix = np.column_stack([np.full(13, np.nan), np.ones(13)])
    decision = PrecisionRule(kpis=("never", "always")).update(matrix)
    assert (decision.done, decision.n, decision.undefined) == (True, 3, ("never",))
    nothing = PrecisionRule(kpis=("never",)).update(matrix[:, :1])
    assert (nothing.done, nothing.slowest_kpi) == (True, "")


def test_the_estimate_of_what_is_left_is_of_the_right_size():
    rule = PrecisionRule(precision=0.1)
    assert rule.update(np.empty((0, 1))).expected == 13
    assert 200 < rule.update(first(150, 1, 1)[:, np.newaxis]).expected < 600
    assert rule.update(np.ones((8, 1))).expected == 13


@pytest.mark.parametrize(
    "wrong",
    [
        {"precision": 0.0},
        {"precision": float("nan")},
        {"look_ahead": -1},
        {"minimum": 2},
        {"at_most": 4},
        {"floor": -1.0},
        {"floor": (1.0, 2.0)},
        {"kpis": ()},
        {"kpis": ("a", "a")},
        {"confidence": 95},
    ],
)
def test_what_has_no_meaning_is_refused(wrong):
    with pytest.raises(UsageError):
        PrecisionRule(**wrong)


def test_a_matrix_of_another_width_is_refused():
    with pytest.raises(UsageError, match="columns"):
        PrecisionRule(kpis=("a", "b")).update(np.ones((5, 3)))
