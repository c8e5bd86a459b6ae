"""The engine against queueing theory: scenarios whose long-run means are known exactly (T1 to T6, T11, T12).

Each answer must lie inside the run's own 99.9 % interval over independent replications; seeds are fixed.
Times are hours.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from harness import replicate

from sim.engine.records import NULL, Outcome, Records
from sim.statistics import queueing, t_interval

HOUR = 3600

DESK = """
clock: {{start: 2024-01-01, length: {length} h, warmup: {warmup} h}}
experiment: {{seed: {seed}}}
places: {{x: {{}}}}
facilities:
  desk: {{at: x, {desk}}}
routes: {{r: {{from: x, direction: west, steps: [desk]}}}}
flows:
  f: {{consignment: {{TEU: 1}}, volume: {rate} TEU/h, arrivals: poisson, choice: {choice}}}
"""


def desk(
    desk: str,
    *,
    rate: float,
    length: int,
    warmup: int,
    replications: int = 12,
    seed: int = 1,
    choice: str = "{shares: {r: 1}}",
) -> list[Records]:
    """Run one facility with Poisson arrivals."""
    text = DESK.format(desk=desk, rate=rate, length=length, warmup=warmup, seed=seed, choice=choice)
    return replicate(text, replications)


def mean_wait(records: Records, ordinal: int = 0) -> float:
    """Mean wait of those who asked in the window and have begun, hours."""
    steps = records.steps
    chosen = (steps.asked >= 0) & (steps.started != NULL) & (steps.ordinal == ordinal)
    return float((steps.started - steps.asked)[chosen].mean()) / HOUR


def mean_time(records: Records) -> float:
    """Mean time in the system of those who came in the window and are done, hours."""
    offered = records.consignments
    done = (offered.arrived >= 0) & (offered.outcome == Outcome.DELIVERED)
    return float((offered.finished - offered.arrived)[done].mean()) / HOUR


def mean_number(records: Records, length: int, ordinal: int = 0) -> float:
    """Time-weighted mean number at a step over the window."""
    steps = records.steps
    mine = (steps.ordinal == ordinal) & (steps.asked != NULL)
    end = length * HOUR
    left = np.where(steps.left[mine] == NULL, end, steps.left[mine])
    return float((np.clip(left, 0, end) - np.clip(steps.asked[mine], 0, end)).sum()) / end


def busy_share(records: Records, length: int, servers: int) -> float:
    """Share of the window in which servers serve."""
    steps = records.steps
    mine = steps.started != NULL
    end = length * HOUR
    ended = np.where(steps.ended[mine] == NULL, end, steps.ended[mine])
    return float((np.clip(ended, 0, end) - np.clip(steps.started[mine], 0, end)).sum()) / end / servers


def down_share(records: Records, length: int) -> float:
    """Share of the window in which the server is down."""
    rows = records.servers
    end = length * HOUR
    until = np.where(rows.end == NULL, end, rows.end)
    return float((np.clip(until, 0, end) - np.clip(rows.begin, 0, end)).sum()) / end


def holds(runs: list[Records], measure: Callable[[Records], float], exact: float, *, within: float) -> None:
    """Check that the answer lies in the 99.9 % interval, and that the interval says something."""
    interval = t_interval([measure(records) for records in runs], 0.999)
    assert abs(interval.mean - exact) <= interval.half_width, interval
    assert interval.half_width <= within * exact, interval


@pytest.mark.parametrize(
    ("rate", "length", "warmup", "exact", "within"),
    [(0.5, 15_000, 500, 1.0, 0.15), (0.9, 15_000, 3_000, 9.0, 0.35)],
)
def test_t1_mm1(rate, length, warmup, exact, within):
    assert queueing.mm1(rate, 1.0).wait == pytest.approx(exact)
    holds(desk("service: ~exp 1 h", rate=rate, length=length, warmup=warmup), mean_wait, exact, within=within)


def test_t2_mm4():
    runs = desk("servers: 4, service: ~exp 10 h", rate=0.25, length=40_000, warmup=1_000)
    assert queueing.mmc(0.25, 0.1, servers=4).wait == pytest.approx(2.132378, abs=1e-6)
    holds(runs, mean_wait, 2.132378, within=0.2)
    holds(runs, lambda records: busy_share(records, 40_000, 4), 0.625, within=0.05)


@pytest.mark.parametrize(
    ("service", "exact"),
    [("1 h", 2.0), ("{mean: 1 h, shape: erlang, k: 2}", 3.0), ("{mean: 1 h, shape: exponential}", 4.0)],
)
def test_t3_mg1(service, exact):
    runs = desk(f"service: {service}", rate=0.8, length=12_000, warmup=1_000)
    holds(runs, mean_wait, exact, within=0.25)


def test_t4_mm2_with_one_waiting_place():
    runs = desk(
        "servers: 2, service: ~exp 0.25 h, buffer: 1 TEU",
        rate=3.0,
        length=4_000,
        warmup=50,
        choice="{cascade: [r]}",
    )
    theory = queueing.mmck(3.0, 4.0, servers=2, capacity=3)
    assert (theory.number, theory.refused) == pytest.approx((0.762340, 0.0493601), abs=1e-6)
    holds(runs, lambda records: mean_number(records, 4_000), theory.number, within=0.05)
    holds(runs, refused, theory.refused, within=0.15)


def refused(records: Records) -> float:
    """Share turned away of those who came in the window."""
    offered = records.consignments
    return float((offered.outcome[offered.arrived >= 0] == Outcome.TURNED_AWAY).mean())


def test_t5_tandem():
    runs = replicate(
        """
clock: {start: 2024-01-01, length: 20000 h, warmup: 1000 h}
places: {x: {}}
facilities:
  first: {at: x, service: ~exp 1 h}
  second: {at: x, service: ~exp 1.25 h}
routes: {r: {from: x, direction: west, steps: [first, second]}}
flows: {f: {consignment: {TEU: 1}, volume: 0.5 TEU/h, arrivals: poisson, choice: {shares: {r: 1}}}}
""",
        12,
    )
    first, second = queueing.tandem(0.5, (1.0, 0.8))
    assert first.time + second.time == pytest.approx(5.333333, abs=1e-6)
    holds(runs, lambda records: mean_number(records, 20_000, 0), 1.0, within=0.15)
    holds(runs, lambda records: mean_number(records, 20_000, 1), 1.666667, within=0.15)
    holds(runs, mean_time, 5.333333, within=0.15)


def test_t6_erlang_b():
    runs = desk(
        "servers: 3, service: ~exp 1 h, buffer: 0 TEU",
        rate=2.0,
        length=6_000,
        warmup=50,
        choice="{cascade: [r]}",
    )
    assert queueing.erlang_b(3, 2.0) == pytest.approx(0.2105263, abs=1e-6)
    holds(runs, refused, 0.2105263, within=0.1)


OUTAGES = "service: ~exp 1 h, outages: {{every: 20 h, lasts: 2 h, job: {}}}"


def test_t11_a_server_that_fails_while_busy_and_resumes():
    theory = queueing.mm1_resumed(0.5, 1.0, failure_rate=0.05, repair_rate=0.5)
    assert (theory.time, theory.down) == pytest.approx((2.666667, 0.05), abs=1e-6)
    runs = desk(OUTAGES.format("resumed"), rate=0.5, length=15_000, warmup=500)
    holds(runs, mean_time, theory.time, within=0.15)
    holds(runs, lambda records: down_share(records, 15_000), theory.down, within=0.15)


def test_t11b_a_server_that_finishes_the_job_in_hand():
    theory = queueing.mm1_after_job(0.5, 1.0, failure_rate=0.05, repair_rate=0.5)
    assert (theory.time, theory.down) == pytest.approx((2.521303, 0.047619), abs=1e-6)
    runs = desk(OUTAGES.format("finished"), rate=0.5, length=15_000, warmup=500)
    holds(runs, mean_time, theory.time, within=0.15)
    holds(runs, lambda records: down_share(records, 15_000), theory.down, within=0.15)


def test_t12_the_first_customers_of_a_queue_that_starts_empty():
    exact = float(queueing.mm1_first_delays(1.0, 10 / 9, customers=25).mean())
    assert exact == pytest.approx(2.1244893, abs=1e-6)

    def first_delays(records: Records) -> float:
        steps = records.steps
        return float((steps.started - steps.asked)[:25].mean()) / HOUR

    runs = desk("service: ~exp 0.9 h", rate=1.0, length=100, warmup=0, replications=1_500)
    assert all((records.steps.started[:25] != NULL).all() for records in runs)
    holds(runs, first_delays, exact, within=0.15)
