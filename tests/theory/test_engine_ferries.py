"""The engine's lines against answers known exactly (T7 to T10), and the lines property.

Each answer must lie inside the run's own 99.9 % interval over independent replications; seeds are fixed.
Times are hours.
"""

from __future__ import annotations

import numpy as np
import pytest
from harness import replicate, simulate

from sim.engine.records import NULL, Records
from sim.statistics import queueing, t_interval

HOUR = 3600

FERRY = """
clock: {{start: 2024-01-01, length: {length} h, warmup: {warmup} h}}
places: {{a: {{}}, b: {{}}}}
ports: {{port-a: {{at: a, berths: {{box: 9}}}}, port-b: {{at: b, berths: {{box: 9}}}}}}
lines:
  ferry: {{from: port-a/box, to: port-b/box, sailing: 1 h, vessels: {vessels}, leaves: {leaves}}}
routes: {{r: {{from: a, direction: west, steps: [ferry]}}}}
flows:
  f: {{consignment: {{TEU: 1}}, volume: {rate} TEU/h, arrivals: poisson, choice: {{shares: {{r: 1}}}}}}
{more}
"""

DAILY = "{timetable: {every: 24 h, first: 0 h}}"


def ferry(*, leaves, vessels, rate, length=12_000, warmup=480, more="", replications=12) -> list[Records]:
    text = FERRY.format(leaves=leaves, vessels=vessels, rate=rate, length=length, warmup=warmup, more=more)
    return replicate(text, replications)


def holds(values, exact: float, *, within: float) -> None:
    interval = t_interval(list(values), 0.999)
    assert abs(interval.mean - exact) <= interval.half_width, interval
    assert interval.half_width <= within * exact, interval


def mean_wait(records: Records) -> float:
    steps = records.steps
    chosen = (steps.asked >= 0) & (steps.started != NULL)
    return float((steps.started - steps.asked)[chosen].mean()) / HOUR


def test_t7_a_daily_ferry_with_ample_room():
    runs = ferry(leaves=DAILY, vessels="{count: 3, capacity: 100 TEU}", rate=1 / 3)
    holds(map(mean_wait, runs), queueing.ferry(1 / 3, 24.0).wait, within=0.03)


def test_t8_a_daily_ferry_that_leaves_some_behind():
    theory = queueing.ferry(8 / 24, 24.0, room=10)
    assert (theory.wait, theory.left_behind, theory.not_full) == pytest.approx(
        (14.635867, 0.8786223, 0.6152826), abs=1e-6
    )
    runs = ferry(leaves=DAILY, vessels="{count: 3, capacity: 10 TEU}", rate=8 / 24)
    holds(map(mean_wait, runs), theory.wait, within=0.08)
    holds((left_behind(records) for records in runs), theory.left_behind, within=0.5)
    holds((not_full(records) for records in runs), theory.not_full, within=0.15)


def laden_ways(records: Records) -> np.ndarray:
    """Rows of departures from the first port within the window."""
    sailings = records.sailings
    return np.flatnonzero((sailings.origin == 0) & (sailings.sailed >= 0))


def left_behind(records: Records) -> float:
    steps = records.steps
    sailed = records.sailings.sailed[laden_ways(records)]
    started = np.where(steps.started == NULL, np.iinfo(np.int64).max, steps.started)
    return float(np.mean([((steps.asked <= at) & (started > at)).sum() for at in sailed]))


def not_full(records: Records) -> float:
    rows = laden_ways(records)
    return float((records.sailings.amount[rows] < records.sailings.capacity[rows]).mean())


def test_t9_a_ferry_that_leaves_when_ten_are_on_board():
    # Vessels come back every quarter of an hour, so one is always at hand.
    runs = ferry(
        leaves="{from: {full: 1}, to: {timetable: {every: 15 min, first: 0 h}}}",
        vessels="{count: 20, capacity: 10 TEU}",
        rate=2.0,
        length=2_000,
        warmup=100,
    )
    exact = queueing.fill_wait(10, 2.0)
    assert exact == 2.25
    holds(map(mean_wait, runs), exact, within=0.03)


def test_t10_weather_at_the_port_of_departure():
    # Empty vessels are due at instants that have nothing to do with the weather, and need no berth: each
    # waits for what is left of the closure it meets.
    runs = ferry(
        leaves="{from: {timetable: {every: 13 h, first: 0 h}}, to: {timetable: {every: 13 h, first: 0 h}}}",
        vessels="{count: 9, capacity: 1 TEU}",
        rate=1e-9,
        length=30_000,
        more="closures: {storm: {ports: [port-a], share_closed: 0.2, lasts: ~exp 5 h}}",
    )
    exact = queueing.weather_wait(20.0, 5.0)
    assert exact == 1.0
    holds((weather_wait(records) for records in runs), exact, within=0.2)


def weather_wait(records: Records) -> float:
    """Mean time from slot to departure: no slot is cancelled, so the k-th departure has the k-th slot."""
    assert not (records.slots.end == 0).any()
    sailings = records.sailings
    sailed = np.sort(sailings.sailed[(sailings.origin == 0) & (sailings.sailed != NULL)])
    step, begin = 13 * HOUR, -480 * HOUR
    slots = -(-begin // step) * step + step * np.arange(len(sailed))
    assert (sailed >= slots).all()
    return float((sailed - slots)[slots >= 0].mean()) / HOUR


@pytest.mark.parametrize(("vessels", "kt"), [(2, 1_490), (4, 2_950), (6, 3_920)])
def test_vessels_bound_what_a_line_delivers(vessels, kt):
    # One-way, sailing 20 h, loading and unloading 12 h, room 12 kt, 1 kt/h offered over 4,000 h (3,999 kt).
    run = simulate(f"""
        clock: {{start: 2024-01-01, length: 4000 h}}
        places: {{a: {{}}, b: {{}}}}
        ports: {{port-a: {{at: a, berths: {{bulk: 9}}}}, port-b: {{at: b, berths: {{bulk: 9}}}}}}
        lines:
          ship:
            from: port-a/bulk
            to: port-b/bulk
            sailing: 20 h
            load: 12 h
            unload: 12 h
            vessels: {{count: {vessels}, capacity: 12 kt, start: split}}
        routes: {{r: {{from: a, direction: west, steps: [ship]}}}}
        flows:
          f: {{consignment: {{t: 1000}}, volume: 1 kt/h, arrivals: regular, choice: {{shares: {{r: 1}}}}}}
    """)
    outcome = run.offered("f").outcome
    assert len(outcome) == 3_999
    assert outcome.count("delivered") == pytest.approx(kt, abs=10)
