"""Measures of vessels, berths, yards and pools: numbers worked out on paper. Times in hours."""

from __future__ import annotations

import numpy as np
import pytest
from sea import flow, sea

from sim.measure import measure
from sim.measure.tables import record_tables

YEAR = 8766


def of(run, closed=None):
    pairs = None
    if closed is not None:
        pairs = [
            tuple(np.array([round(one[k] * 3600) for one in closed.get(each.subject, [])]) for k in (0, 1))
            for each in run.model.calendars
        ]
    return measure(run.model, run.records, pairs)


def test_one_round():
    # 4 TEU wait at 1. Load 1-3, sail 3-8, unload 8-11; then called over by the next 4 at 12: empty 12-17,
    # load 17-19, sail 19-24, unload 24-27; ready at 27 to the end at 40.
    run = sea(
        "sailing: 5 h, load: 2 h, unload: 3 h",
        flows=[flow("f", [0, 1, 12], TEU=2, t=10), flow("g", [12], TEU=2, t=10)],
        length="40 h",
    )
    kpis = of(run).kpis
    line = "line/ferry"
    assert kpis.get("sailings", line) == 3
    assert kpis.get("load_factor.mean", line) == pytest.approx(2 / 3)
    assert kpis.get("load_factor.laden", line) == 1
    assert kpis.get("fill_wait.mean", line) == pytest.approx((1 + 1 + 0) / 3)
    assert kpis.get("berth_wait.mean", line) == 0
    assert kpis.get("weather_wait.mean", line) == 0
    assert kpis.get("round_trip.mean", line) == 16
    assert kpis.get("utilisation", line) == pytest.approx((10 + 15) / 40)
    assert kpis.get("throughput", line, "TEU/yr") == pytest.approx(8 * YEAR / 40)
    assert kpis.get("throughput", line, "Mt/yr") == pytest.approx(40e-6 * YEAR / 40)
    for port in ("port/port-a/box", "port/port-b/box"):
        assert kpis.get("throughput", port, "TEU/yr") == pytest.approx(8 * YEAR / 40)
    assert kpis.get("utilisation", "port/port-a/box") == pytest.approx(4 / 40)
    assert kpis.get("utilisation", "port/port-b/box") == pytest.approx(6 / 40)
    assert kpis.get("wait.mean", line) == pytest.approx((1 + 0 + 5 + 5) / 4)
    assert kpis.get("running.mean", line) == 10


def test_weather_holds_a_loaded_vessel_at_its_berth():
    closed = {"port/port-a": [(2.0, 6.0), (40.0, 90.0)]}
    run = sea(
        "sailing: 5 h, load: 2 h, unload: 3 h",
        flows=[flow("f", [1], TEU=4)],
        more="closures: {storm: {ports: [port-a], share_closed: 0.1, lasts: 1 h}}",
        closed=closed,
        length="50 h",
    )
    kpis = of(run, closed).kpis
    assert kpis.get("weather_wait.mean", "line/ferry") == 3
    assert kpis.get("utilisation", "port/port-a/box") == pytest.approx(5 / 50)
    assert kpis.get("closed_share", "port/port-a") == pytest.approx(14 / 50)
    series = of(run, closed).series
    assert series.get("closed_share", "port/port-a")[1].tolist() == pytest.approx([14 / 50])


STORM = "closures: {storm: {ports: [port-a, port-b], share_closed: 0.1, lasts: 1 h}}"


def test_a_closed_port_is_weather_wherever_it_holds_a_vessel_up():
    # Full at 1, the port closed 0-10: loads 10-12, closed again 11-15: sails at 15, there at 20; port-b is
    # closed 18-24: unloads 24-27. Nine berths in each port, so that nobody waits for one.
    closed = {"port/port-a": [(0.0, 10.0), (11.0, 15.0)], "port/port-b": [(18.0, 24.0)]}
    run = sea(
        "sailing: 5 h, load: 2 h, unload: 3 h",
        flows=[flow("f", [1], TEU=4)],
        berths=9,
        more=STORM,
        closed=closed,
        length="50 h",
    )
    kpis = of(run, closed).kpis
    assert kpis.get("weather_wait.mean", "line/ferry") == 9 + 3 + 4
    assert kpis.get("berth_wait.mean", "line/ferry") == 0
    assert kpis.get("fill_wait.mean", "line/ferry") == 1


def test_a_berth_that_is_missing_to_load_is_a_wait_for_a_berth():
    # Full at 1; the berths are there from 9 on, and the port is closed 3-5.
    closed = {"port/port-a": [(3.0, 5.0)]}
    run = sea(
        "sailing: 5 h, load: 2 h, unload: 3 h",
        flows=[flow("f", [1], TEU=4)],
        more=STORM + "\ntimeline: [{title: none, at: 0 h, lasts: 9 h, set: {ports.port-a.berths.box: 0}}]",
        closed=closed,
        length="50 h",
    )
    assert run.sailings("ferry").loading == [9]
    kpis = of(run, closed).kpis
    assert kpis.get("berth_wait.mean", "line/ferry") == 6
    assert kpis.get("weather_wait.mean", "line/ferry") == 2
    assert kpis.get("fill_wait.mean", "line/ferry") == 1


def test_a_slot_that_is_awaited_is_no_weather():
    # Boarding of the slot at 20 closes at 18, one TEU is loaded by 18.5. The next slot is empty and held by
    # a closed port from 43 to 47.
    closed = {"port/port-a": [(43.0, 47.0)]}
    run = sea(
        "sailing: 5 h, load: 0.5 h/TEU, unload: 0 h, leaves: {from: {timetable: {every: 24 h, first: 20 h}}, "
        "to: {full: 1}}",
        flows=[flow("f", [1])],
        vessels="{count: 2, capacity: 4 TEU, start: from}",
        more=STORM,
        closed=closed,
        length="50 h",
    )
    assert run.sailings("ferry").loading == [18, None]
    assert run.sailings("ferry").sailed == [20, 47]
    kpis = of(run, closed).kpis
    assert kpis.get("weather_wait.mean", "line/ferry") == pytest.approx((0 + 3) / 2)
    assert kpis.get("fill_wait.mean", "line/ferry") == (18 + 42) / 2


def test_split_consignments_leave_the_yard_part_by_part():
    # 6 TEU on a vessel for 4: 4 at 0, the rest at 0 + 12 (back at 12): 6 t of 9 t, then 3 t.
    run = sea(
        "sailing: 5 h, load: 0 h, unload: 1 h, leaves: {full: 0.1}",
        flows=[flow("f", [0], TEU=6, t=9)],
        yard="20 t",
        length="100 h",
    )
    found = of(run)
    second = run.sailings("ferry").loading[-1]
    assert second == 11
    kpis = found.kpis
    yard = "port/port-a/box"
    assert kpis.get("level.max", yard) == 3
    assert kpis.get("level.mean", yard) == pytest.approx(3 * second / 100)
    assert kpis.get("throughput", "line/ferry", "Mt/yr") == pytest.approx(9e-6 * YEAR / 100)
    table = record_tables(run.model, run.records)
    levels = table["levels"]
    owner, names = levels["subject"]
    rows = [
        (names[k], time, value)
        for k, time, value in zip(owner, levels["time"], levels["value"], strict=True)
        if names[k] == yard
    ]
    assert rows == [(yard, 0, 3), (yard, second, 0)]
    assert table["aboard"]["amount"].tolist() == [4, 2]
    assert table["steps"]["kg"].tolist() == [9000]
    assert table["steps"]["teu"].tolist() == [6]


def test_a_full_berth_makes_the_next_wait():
    # Two vessels with 4 TEU each arrive at 5; one berth: 5-8, 8-11.
    run = sea(
        "sailing: 5 h, load: 0 h, unload: 3 h",
        flows=[flow("f", [0, 0], TEU=4)],
        vessels="{count: 2, capacity: 4 TEU}",
        length="20 h",
    )
    kpis = of(run).kpis
    assert kpis.get("berth_wait.mean", "line/ferry") == 1.5
    assert kpis.get("utilisation", "port/port-b/box") == pytest.approx(6 / 20)
    assert kpis.get("utilisation", "line/ferry") == pytest.approx((8 + 11) / 40)


def test_what_is_not_admitted_keeps_the_berth():
    # Landed at 6, but the desk (one server, no room) is taken by an earlier one until 20.
    run = sea(
        "sailing: 5 h, load: 0 h, unload: 1 h",
        flows=[flow("f", [0], TEU=4, route="through"), flow("g", [4], TEU=1, route="by-land")],
        routes="""
  through: {from: a, direction: west, steps: [ferry, desk]}
  by-land: {from: b, direction: west, steps: [desk]}""",
        more="facilities: {desk: {at: b, task: customs, servers: 1, service: 16 h, buffer: 0 TEU}}",
        length="40 h",
    )
    kpis = of(run).kpis
    assert kpis.get("blocked.mean", "line/ferry") == 14
    assert kpis.get("utilisation", "port/port-b/box") == pytest.approx(15 / 40)
    assert kpis.get("utilisation", "line/ferry") == pytest.approx(20 / 40)


def test_timetable_slots_without_a_vessel_are_counted():
    run = sea(
        "sailing: 30 h, leaves: {from: {timetable: {every: 10 h, first: 5 h}}, to: {full: 1}}",
        flows=[flow("f", [1], TEU=4)],
        length="40 h",
    )
    kpis = of(run).kpis
    assert kpis.get("sailings", "line/ferry") == 1
    assert kpis.get("cancelled", "line/ferry") == 3


def test_a_pool_at_home_held_and_coming_back():
    run = sea(
        "sailing: 5 h, load: 0 h, unload: 0 h",
        flows=[flow("f", [0], TEU=4, wagons=30, route="with-wagons")],
        routes="""
  with-wagons: {from: a, direction: west, steps: [ferry], uses: {flats: {from: ferry, to: ferry}}}""",
        more="pools: {flats: {size: 100 wagons, returns: 10 h}}",
        length="30 h",
    )
    kpis = of(run).kpis
    assert kpis.get("level.min", "pool/flats") == 70
    assert kpis.get("level.max", "pool/flats") == 100
    assert kpis.get("level.mean", "pool/flats") == pytest.approx(100 - 30 * 15 / 30)
    assert kpis.get("utilisation", "pool/flats") == pytest.approx(0.15)
