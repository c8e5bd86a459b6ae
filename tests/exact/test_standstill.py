"""Standstills: found and named where a set holds itself up, and not where it only waits. Times in hours."""

from __future__ import annotations

import pytest
from harness import simulate
from sea import flow, sea

from sim.measure import measure
from sim.measure.standstill import standstills

PLACES = "places: {a: {}, b: {}, c: {}}"


def seen(run, *hours):
    return standstills(run.model, run.records, at=[round(hour * 3600) for hour in hours])


def reported(run):
    return [each for each in measure(run.model, run.records).findings if each.code == "standstill"]


def desks(*, buffer="0 t", servers=1, steps="[one, two, one]", more=""):
    return simulate(f"""
{PLACES}
facilities:
  one: {{at: a, task: check, servers: {servers}, service: 2 h, buffer: {buffer}}}
  two: {{at: a, task: check, servers: 1, service: 2 h, buffer: 0 t}}
routes:
  west: {{from: a, direction: west, steps: {steps}}}
flows:
  {flow("f", [0, 1], t=1)}
{more}
""")


def test_a_ring_of_two_desks():
    # The first leaves `one` at 2 for `two`; the second starts at `one` at 2; at 4 each wants the other's.
    run = desks()
    assert run.at("two").ended == [4]
    assert run.at("two").left == [None]
    assert seen(run, 3) == []
    (found,) = seen(run, 100)
    assert found.code == "standstill"
    assert "consignment 0 of f at facility/two, waiting to be admitted by facility/one" in found.message
    assert "consignment 1 of f at facility/one, waiting to be admitted by facility/two" in found.message
    (found,) = reported(run)
    assert "200 h" in found.message


@pytest.mark.parametrize("room", [{"buffer": "1 t"}, {"servers": 2}, {"steps": "[one, two]"}])
def test_one_more_place_and_there_is_none(room):
    run = desks(**room)
    assert run.offered("f").outcome == ["delivered"] * 2
    assert seen(run, 3, 4, 5, 6, 7, 199) == []


def test_those_who_wait_behind_are_named_too():
    run = desks(more=f"  {flow('g', [3, 5], t=1)}")
    (found,) = seen(run, 100)
    assert "consignment 0, 1 of g at the origin, waiting to be admitted by facility/one" in found.message


def pools(size):
    return simulate(f"""
{PLACES}
legs:
  a-b: {{from: a, to: b, mode: rail, distance: 10 km, speed: 10 km/h}}
  b-c: {{from: b, to: c, mode: rail, distance: 10 km, speed: 10 km/h}}
pools:
  blue: {{size: {size}, returns: 0 h}}
  red: {{size: {size}, returns: 0 h}}
routes:
  west: {{from: a, direction: west, steps: [a-b, b-c],
         uses: {{blue: {{from: a-b, to: b-c}}, red: {{from: b-c, to: b-c}}}}}}
  east: {{from: c, direction: east, steps: [b-c, a-b],
         uses: {{red: {{from: b-c, to: a-b}}, blue: {{from: a-b, to: a-b}}}}}}
flows:
  {flow("f", [0], route="west", wagons=10)}
  {flow("g", [0], route="east", wagons=10)}
""")


def test_two_pools_taken_in_opposite_order():
    (found,) = seen(pools("10 wagons"), 100)
    assert "consignment 0 of f at leg/a-b, waiting to be admitted by leg/b-c" in found.message
    assert "consignment 0 of g at leg/b-c, waiting to be admitted by leg/a-b" in found.message
    assert seen(pools("20 wagons"), 1, 2, 100) == []


def relay(*, berths):
    """One line brings to port-b what another takes on: both need its berth, and the yard has room for one."""
    return sea(
        "sailing: 5 h, load: 0 h, unload: 1 h, leaves: {full: 1.0}",
        flows=[flow("f", [0, 0, 20], TEU=4, route="through")],
        yard="8 TEU",
        berths=berths,
        lines="""onward: {from: port-b/box, to: port-c/box, vessels: {count: 1, capacity: 20 TEU},
             sailing: 5 h, load: 1 h, unload: 1 h, leaves: {full: 1.0, after: 60 h}}""",
        routes="through: {from: a, direction: west, steps: [ferry, onward]}",
    )


def test_a_berth_kept_by_the_vessel_that_waits_for_the_one_that_needs_it():
    run = relay(berths=1)
    assert run.sailings("onward").loading in ([], [None])
    # At 50 the other vessel waits for its fill, and still cannot get a berth when it no longer does.
    (found,) = seen(run, 150)
    assert "of f at line/ferry, waiting to be admitted by line/onward, keeping ferry/1" in found.message
    assert "of f at line/onward, waiting for a vessel of line/onward" in found.message
    assert "vessel ferry/1, waiting to be rid of its cargo at port/port-b/box" in found.message
    assert "vessel onward/1, waiting for a berth to load at port/port-b/box" in found.message
    run = relay(berths=2)
    assert run.offered("f").outcome == ["delivered"] * 3
    assert seen(run, 30, 50, 66, 150) == []


def test_opposing_flows_never_stand_still():
    run = simulate(f"""
{PLACES}
facilities:
  one: {{at: a, task: check, servers: 1, service: 2 h, buffer: 1 t}}
  two: {{at: a, task: check, servers: 1, service: 3 h, buffer: 1 t}}
routes:
  west: {{from: a, direction: west, steps: [one, two]}}
  east: {{from: a, direction: east, steps: [two, one]}}
flows:
  {flow("f", range(0, 60, 2), t=1)}
  {flow("g", range(0, 60, 2), t=1, route="east")}
""")
    assert seen(run, *range(0, 200, 5)) == []


@pytest.mark.parametrize(
    "text",
    [
        # A closed leg, a capacity of 0, a line without a vessel that leaves.
        "timeline: [{title: shut, at: 5 h, set: {legs.run.open: false}}]",
        "timeline: [{title: shut, at: 5 h, set: {facilities.two.servers: 0}}]",
        "",
    ],
)
def test_waiting_is_no_standstill(text):
    run = simulate(f"""
{PLACES}
legs:
  run: {{from: a, to: b, mode: rail, distance: 10 km, speed: 10 km/h}}
facilities:
  one: {{at: a, task: check, servers: 1, service: 2 h, buffer: 1 t}}
  two: {{at: b, task: check, servers: 1, service: 2 h, buffer: 1 t}}
ports:
  p: {{at: b, berths: {{box: 1}}, yard: {{box: 3 t}}}}
  q: {{at: c, berths: {{box: 1}}}}
lines:
  ferry: {{from: p/box, to: q/box, sailing: 5 h, vessels: {{count: 1, capacity: 10 t}},
         leaves: {{full: 1}}}}
routes:
  west: {{from: a, direction: west, steps: [one, run, two, ferry]}}
flows:
  {flow("f", range(0, 40, 2), t=1)}
{text}
""")
    assert run.offered("f").outcome.count("delivered") == 0
    assert seen(run, 10, 50, 100, 199) == []
    assert reported(run) == []


def test_a_standstill_is_looked_for_at_each_month_s_end():
    run = desks(more="clock: {start: 2024-01-01, length: 80 d}\n")
    (found,) = reported(run)
    assert "744 h" in found.message
    assert len(seen(run, 3, 100, 1000)) == 2
