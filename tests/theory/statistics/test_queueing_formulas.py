"""The known queues: printed digits, limits, and agreement with one another."""

import numpy as np
import pytest

from sim.errors import UsageError
from sim.statistics import queueing
from sim.statistics.intervals import t_interval

FAILURES = {"failure_rate": 0.05, "repair_rate": 0.5}


def test_t1_single_server():
    assert queueing.mm1(0.5, 1).wait == pytest.approx(1.0)
    assert queueing.mm1(0.9, 1).wait == pytest.approx(9.0)


def test_t2_four_servers():
    found = queueing.mmc(0.25, 0.1, servers=4)
    assert found.wait == pytest.approx(2.132378, abs=5e-7)
    assert found.utilisation == pytest.approx(0.625)


@pytest.mark.parametrize(("cv", "wait"), [(0.0, 2.0), (0.5**0.5, 3.0), (1.0, 4.0)])
def test_t3_general_service(cv, wait):
    assert queueing.mg1(0.8, 1.0, cv=cv).wait == pytest.approx(wait)


def test_t4_one_waiting_place():
    found = queueing.mmck(3, 4, servers=2, capacity=3)
    assert found.number == pytest.approx(0.762340, abs=5e-7)
    assert found.refused == pytest.approx(0.0493601, abs=5e-8)


def test_t5_tandem():
    first, second = queueing.tandem(0.5, [1.0, 0.8])
    assert first.number == pytest.approx(1.0)
    assert second.number == pytest.approx(1.666667, abs=5e-7)
    assert first.time + second.time == pytest.approx(5.333333, abs=5e-7)


def test_t6_erlang_b():
    assert queueing.erlang_b(3, 2.0) == pytest.approx(0.2105263, abs=5e-8)


def test_t7_ferry_with_ample_room():
    assert queueing.ferry(8 / 24, 24).wait == 12.0
    assert queueing.ferry(8 / 24, 24, room=60).wait == pytest.approx(12.0)


def test_t8_ferry_with_room_for_ten():
    found = queueing.ferry(8 / 24, 24, room=10)
    assert found.wait == pytest.approx(14.635867, abs=5e-7)
    assert found.left_behind == pytest.approx(0.8786223, abs=5e-8)
    assert found.not_full == pytest.approx(0.6152826, abs=5e-8)


def test_t9_leaves_when_full():
    assert queueing.fill_wait(10, 2.0) == 2.25


def test_t10_weather():
    assert queueing.weather_wait(20.0, 5.0) == pytest.approx(1.0)


def test_t11_failures_with_the_job_resumed():
    found = queueing.mm1_resumed(0.5, 1.0, **FAILURES)
    assert found.time == pytest.approx(2.666667, abs=5e-7)
    assert found.down == pytest.approx(0.05)


def test_t11b_failures_with_the_job_finished_first():
    found = queueing.mm1_after_job(0.5, 1.0, **FAILURES)
    assert found.time == pytest.approx(2.521303, abs=5e-7)
    assert found.down == pytest.approx(0.047619, abs=5e-7)


def test_t12_first_25_customers():
    delays = queueing.mm1_first_delays(1.0, 10 / 9, customers=25)
    assert delays.mean() == pytest.approx(2.1244893, abs=5e-8)
    assert delays[0] == 0.0
    assert (np.diff(delays) > 0).all()


def test_the_chain_from_empty_settles_at_the_formula():
    assert queueing.mm1_first_delays(0.5, 1.0, customers=300)[-1] == pytest.approx(1.0, abs=1e-6)


def test_formulas_agree_where_they_meet():
    many = queueing.mmck(0.9, 1.0, servers=1, capacity=2000)
    one = queueing.mm1(0.9, 1.0)
    assert (many.wait, many.number, many.refused) == pytest.approx((one.wait, one.number, 0.0), abs=1e-9)
    loss = queueing.mmck(2.0, 1.0, servers=3, capacity=3)
    assert loss.refused == pytest.approx(queueing.erlang_b(3, 2.0))
    assert queueing.mg1(0.9, 1.0, cv=1.0).wait == pytest.approx(one.wait)
    assert queueing.erlang_c(1, 0.7) == pytest.approx(0.7)
    assert queueing.mmck(500.0, 1.0, servers=400, capacity=900).refused == pytest.approx(0.2, abs=1e-3)


def test_failures_that_never_come_change_nothing():
    rare = {"failure_rate": 1e-12, "repair_rate": 0.5}
    for found in (queueing.mm1_resumed(0.5, 1.0, **rare), queueing.mm1_after_job(0.5, 1.0, **rare)):
        assert found.time == pytest.approx(2.0)
        assert found.down == pytest.approx(0.0, abs=1e-9)


def test_a_nearly_full_ferry_is_solved_on_enough_states():
    generator = np.random.default_rng(1)
    left, total = 0, 0
    arrivals = generator.poisson(9.5, size=400_000)
    for come in arrivals.tolist():
        left = max(0, left + come - 10)
        total += left
    assert queueing.ferry(9.5, 1.0, room=10).left_behind == pytest.approx(total / arrivals.size, rel=0.1)


def test_lindley_is_the_recursion():
    generator = np.random.default_rng(2)
    gaps, work = generator.exponential(1.0, (3, 50)), generator.exponential(0.9, (3, 50))
    waits = queueing.lindley(gaps, work)
    for row in range(3):
        wait = 0.0
        for k in range(50):
            wait = max(0.0, wait + work[row, k - 1] - gaps[row, k]) if k else 0.0
            assert waits[row, k] == pytest.approx(wait, abs=1e-12)


def test_lindley_meets_the_first_25_customers():
    generator = np.random.default_rng(3)
    gaps, work = generator.exponential(1.0, (20_000, 25)), generator.exponential(0.9, (20_000, 25))
    assert 2.1244893 in t_interval(queueing.lindley(gaps, work).mean(axis=1), 0.999)


@pytest.mark.parametrize(
    "overloaded",
    [
        lambda: queueing.mm1(1.0, 1.0),
        lambda: queueing.mmc(5.0, 1.0, servers=4),
        lambda: queueing.mg1(2.0, 1.0, cv=0.0),
        lambda: queueing.ferry(1.0, 10.0, room=10),
        lambda: queueing.mm1_resumed(0.95, 1.0, **FAILURES),
        lambda: queueing.mm1_after_job(0.96, 1.0, **FAILURES),
    ],
)
def test_without_a_long_run_there_is_no_mean(overloaded):
    with pytest.raises(UsageError, match="load"):
        overloaded()


def test_what_has_no_meaning_is_refused():
    with pytest.raises(UsageError, match="rate"):
        queueing.mm1(-1.0, 1.0)
    with pytest.raises(UsageError, match="places"):
        queueing.mmck(1.0, 1.0, servers=3, capacity=2)
