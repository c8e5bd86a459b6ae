"""Interventions, by hand: set, scale, add, ramp, several at once, vessels that come and go. In hours."""

from __future__ import annotations

import pytest
from harness import simulate
from sea import flow, sea


def desk(timeline, times, *, facility="servers: 1, service: 10 h", clock="length: 300 h", levers=""):
    at = ", ".join(f"{time} h" for time in times)
    entries = "\n".join(f"  - {entry}" for entry in timeline)
    return simulate(f"""
clock: {{start: 2024-01-01, {clock}}}
{levers}
places: {{x: {{}}}}
facilities: {{desk: {{at: x, {facility}}}}}
routes: {{r: {{from: x, direction: west, steps: [desk]}}}}
flows:
  f: {{consignment: {{TEU: 1}}, arrivals: {{timetable: {{at: [{at}]}}}}, choice: {{shares: {{r: 1}}}}}}
timeline:
{entries}
""")


def took(run):
    steps = run.at("desk")
    return [
        None if end is None else round(end - start, 6)
        for start, end in zip(steps.started, steps.ended, strict=True)
    ]


def test_set_scale_and_add_apply_in_file_order_and_end_by_recomputing():
    # Service 10 h. From 20: x 2 = 20. From 50: + 5 = 25. At 80 the scaling ends: 10 + 5 = 15. At 110 the
    # addition ends: 10.
    run = desk(
        [
            "{title: slower, at: 20 h, until: 80 h, scale: {facilities.desk.service: 2}}",
            "{title: more, at: 50 h, lasts: 60 h, add: {facilities.desk.service: 5 h}}",
        ],
        [0, 20, 50, 80, 110],
    )
    assert took(run) == [10, 20, 25, 15, 10]


def test_file_order_counts_not_the_order_in_time():
    # First + 5 (from 50), then x 2 (from 20): (10 + 5) x 2 = 30 at 60; 20 before; 15 after the scaling ends.
    run = desk(
        [
            "{title: more, at: 50 h, add: {facilities.desk.service: 5 h}}",
            "{title: slower, at: 20 h, until: 100 h, scale: {facilities.desk.service: 2}}",
        ],
        [0, 20, 60, 100],
    )
    assert took(run) == [10, 20, 30, 15]


def test_a_set_value_hides_what_stands_before_it_while_it_lasts():
    run = desk(
        [
            "{title: slower, at: 10 h, scale: {facilities.desk.service: 2}}",
            "{title: fixed, at: 40 h, until: 70 h, set: {facilities.desk.service: 3 h}}",
        ],
        [0, 10, 40, 70],
    )
    assert took(run) == [10, 20, 3, 20]


def test_a_ramp_runs_straight_and_falls_back_at_its_end():
    # From 100 to 200 the service rises from 10 to 30 h: 10 at 100, 15 at 125, 25 at 175, 30 at 230; base at
    # 250.
    run = desk(
        ["{title: ramp, at: 100 h, ramp: 100 h, until: 250 h, set: {facilities.desk.service: 30 h}}"],
        [0, 100, 125, 175, 230, 250],
        facility="servers: 9, service: 10 h",
    )
    assert took(run) == [10, 10, 15, 25, 30, 10]


def test_a_ramped_count_goes_in_whole_servers():
    # 1 server at 10, 5 at 14: the value is 1 + (t - 10), whole numbers at 11, 12, 13, 14.
    run = desk(
        ["{title: ramp, at: 10 h, ramp: 4 h, set: {facilities.desk.servers: 5}}"],
        [0, 0, 0, 0, 0],
        facility="servers: 1, service: 100 h",
    )
    assert run.at("desk").started == [0, 11, 12, 13, 14]


def test_a_date_is_taken_from_the_calendar_and_what_began_before_the_run_is_in_force():
    # Since 2023 the service takes 20 h; from 3 January (48 h) on 30 h; the warm-up begins at -24 h.
    run = desk(
        [
            "{title: long, at: 2023-06-01, set: {facilities.desk.service: 20 h}}",
            "{title: longer, at: 2024-01-03, set: {facilities.desk.service: 30 h}}",
        ],
        [-24, 0, 47, 48],
        facility="servers: 9, service: 10 h",
        clock="length: 300 h, warmup: 24 h",
    )
    assert run.offered("f").arrived == [-24, 0, 47, 48]
    assert took(run) == [20, 20, 20, 30]


def test_a_lever_reaches_all_that_hang_on_it():
    run = desk(
        ["{title: lever, at: 50 h, scale: {levers.effort: 1.5}}"],
        [0, 50],
        facility="service: {assume: 10 h, range: [5 h, 20 h], because: a case, scale: effort}",
        levers="levers: {effort: 2.0}",
    )
    assert took(run) == [20, 30]


def test_a_buffer_that_grows_lets_in_who_waits_at_the_door():
    run = desk(
        ["{title: more, at: 5 h, set: {facilities.desk.buffer: 2 TEU}}"],
        [0, 1, 2, 3],
        facility="service: 10 h, buffer: 1 TEU",
    )
    assert run.offered("f").admitted == [0, 1, 5, 10]


def test_a_buffer_that_shrinks_keeps_what_it_holds():
    # Two inside at 2; from 3 on there is room for none: the fourth waits at the door until the buffer is
    # empty and the server takes it, at 30.
    run = desk(
        ["{title: none, at: 3 h, set: {facilities.desk.buffer: 0 TEU}}"],
        [0, 1, 2, 4],
        facility="service: 10 h, buffer: 2 TEU",
    )
    assert run.at("desk").started == [0, 10, 20, 30]
    assert run.offered("f").admitted == [0, 1, 2, 30]


def test_times_of_a_line_are_read_when_they_begin():
    # Loading 2 h at 10, ramped to 12 h at 110: 1 h more in 10, sailing 5 h scaled to 10 h from 30 on.
    run = sea(
        "sailing: 5 h, load: 2 h, leaves: {full: 1}",
        flows=[flow("f", [20, 40], TEU=4)],
        vessels="{count: 2, capacity: 4 TEU}",
        more="""timeline:
  - {title: slow, at: 10 h, ramp: 100 h, set: {lines.ferry.load: 12 h}}
  - {title: far, at: 30 h, scale: {lines.ferry.sailing: 2}}""",
        length="60 h",
    )
    sailings = run.sailings("ferry")
    # At 20 loading takes 3 h: 23, arrives 28. At 40: 5 h: 45, arrives 55.
    assert sailings.loaded == [23, 45]
    assert sailings.arrived == [28, 55]


def test_a_vessel_is_withdrawn_when_it_is_next_ready_and_comes_back_where_it_left():
    # Two vessels sail at 0 (two berths) and are to be one from 2 on: vessel 1 is withdrawn at b at 5.
    # Vessel 0 takes the cargo of 40 back to a. At 50 vessel 1 comes back at b, where it takes the cargo of
    # 52, and a third, new one is ready at a, where vessel 0 (ready longer) takes the cargo of 60 and the
    # new one that of 61.
    run = sea(
        "sailing: 5 h",
        flows=[
            flow("f", [0, 0, 60, 61], TEU=4),
            flow("back", [40, 52], TEU=4, route="east"),
        ],
        vessels="{count: 2, capacity: 4 TEU}",
        berths=2,
        more="""timeline:
  - {title: one, at: 2 h, set: {lines.ferry.vessels.count: 1}}
  - {title: three, at: 50 h, set: {lines.ferry.vessels.count: 3}}""",
        length="65 h",
    )
    assert run.laid_up("ferry") == [(1, "withdrawn", 5, 50), (2, "withdrawn", 0, 50)]
    assert run.sailings("ferry", vessel=0).sailed == [0, 40, 60]
    assert run.sailings("ferry", vessel=1).sailed == [0, 52]
    assert run.sailings("ferry", vessel=2).sailed == [61]
    assert run.sailings("ferry", vessel=2).origin == ["port-a/box"]


def test_a_smaller_payload_holds_for_what_is_loaded_from_then_on():
    run = sea(
        "sailing: 5 h",
        flows=[flow("f", [0, 20], TEU=4)],
        vessels="{count: 4, capacity: 4 TEU}",
        more="timeline: [{title: low water, at: 10 h, set: {lines.ferry.vessels.payload_share: 0.5}}]",
        length="30 h",
    )
    assert run.sailings("ferry").amount[:3] == [4, 2, 2]


def test_a_berth_that_is_added_goes_to_who_asks():
    # Loading 10 h, one berth: the second vessel would load at 10; a second berth from 4 on lets it load at 4.
    run = sea(
        "sailing: 5 h, load: 10 h",
        flows=[flow("f", [0, 1], TEU=4)],
        vessels="{count: 2, capacity: 4 TEU}",
        more="timeline: [{title: berth, at: 4 h, set: {ports.port-a.berths.box: 2}}]",
    )
    assert run.sailings("ferry").loading[:2] == [0, 4]


def test_a_lower_threshold_sends_off_what_waits():
    run = sea(
        "sailing: 5 h, leaves: {full: 1}",
        flows=[flow("f", [0], TEU=2)],
        more="timeline: [{title: half, at: 7 h, set: {lines.ferry.leaves.full: 0.5}}]",
    )
    assert run.sailings("ferry").sailed == [7]


def test_a_line_without_vessels_closes_its_route():
    # No vessel 0-30: the consignment of 1 chooses the other route, and with no other waits at its origin.
    run = sea(
        "sailing: 5 h, leaves: {full: 1, after: 0 h}",
        flows=[
            flow("f", [1]),
            "g: {consignment: {TEU: 1}, arrivals: {timetable: {at: [1 h]}}, "
            "choice: {shares: {west: 0.9, other: 0.1}}}",
        ],
        vessels="{count: 0, capacity: 4 TEU}",
        lines="b-ferry: {from: port-a/box, to: port-b/box, sailing: 1 h, leaves: {full: 1, after: 0 h}, "
        "vessels: {count: 1, capacity: 4 TEU}}",
        routes="other: {from: a, direction: west, steps: [b-ferry]}",
        more="timeline: [{title: ships, at: 30 h, set: {lines.ferry.vessels.count: 1}}]",
    )
    assert run.offered("g").route == ["other"]
    assert run.offered("f").admitted == [30]
    assert run.at("ferry").started == [30]


def test_vessels_that_may_load_nothing_close_their_line_and_lie_still():
    # 10 % of 4 TEU is less than a TEU: from 10 to 30 the line is closed; the consignment of 5 waits in
    # port, that of 15 at its origin, and at 30 both sail.
    run = sea(
        "sailing: 1 h, leaves: {full: 0.5}",
        flows=[flow("f", [5, 15])],
        more="timeline: [{title: low, at: 10 h, lasts: 20 h, set: {lines.ferry.vessels.payload_share: 0.1}}]",
    )
    assert run.offered("f").admitted == [5, 30]
    assert run.sailings("ferry").sailed == [30]


@pytest.mark.parametrize(
    "entry",
    [
        "set: {lines.ferry.vessels.capacity: 0 TEU}",
        "scale: {lines.ferry.vessels.capacity: 0}",
        "add: {lines.ferry.vessels.capacity: -4 TEU}",
        "set: {lines.ferry.vessels.payload_share: 0}",
        "set: {levers.draught: 0}",
        "set: {ports.port-a.yard.box: 0 TEU}",
    ],
)
def test_what_the_timeline_brings_to_nothing_lets_nothing_pass_while_it_lasts(entry):
    # As above: the consignment of 15 comes in when all is as it was.
    run = sea(
        "sailing: 1 h, leaves: {full: 0.5}",
        flows=[flow("f", [5, 15])],
        vessels="{count: 1, capacity: 4 TEU, payload_share: {assume: 1, range: [0.5, 1], because: a case, "
        "scale: draught}}",
        yard="4 TEU",
        more=f"levers: {{draught: 1}}\ntimeline: [{{title: none, at: 10 h, lasts: 20 h, {entry}}}]",
    )
    assert run.offered("f").admitted == [5, 30]
    assert run.sailings("ferry").sailed == [30]


def test_a_pool_that_is_taken_away_for_a_while_holds_up_who_needs_it():
    # One wagon at home again at 4; none from 5 to 30.
    run = simulate("""
        places: {x: {}, y: {}}
        legs: {rail: {from: x, to: y, distance: 100 km, speed: 50 km/h}}
        pools: {flats: {size: 1 wagon, returns: 2 h}}
        routes: {r: {from: x, direction: west, steps: [rail], uses: {flats: {from: rail, to: rail}}}}
        flows:
          f:
            consignment: {wagons: 1}
            arrivals: {timetable: {at: [0 h, 6 h]}}
            choice: {shares: {r: 1}}
        timeline: [{title: none, at: 5 h, lasts: 25 h, set: {pools.flats.size: 0 wagons}}]
    """)
    assert run.at("rail").started == [0, 30]


def test_a_vessel_that_may_load_nothing_lets_the_next_one_pass():
    # The deep one has been ready longest and may load nothing from 10 to 100: the shallow one goes instead.
    run = sea(
        "sailing: 1 h, leaves: {full: 0.5}",
        flows=[flow("f", [15])],
        vessels="{deep: {count: 1, capacity: 4 TEU}, shallow: {count: 1, capacity: 2 TEU, start: from}}",
        more="timeline: [{title: low, at: 10 h, lasts: 90 h, "
        "set: {lines.ferry.vessels.deep.payload_share: 0.1}}]",
    )
    assert run.sailings("ferry").sailed == [15]
    assert run.sailings("ferry").capacity == [2]


def test_a_leg_without_a_path_lets_nobody_go():
    # No path from 1 to 10; then 12 a day.
    run = simulate("""
        places: {x: {}, y: {}}
        legs: {rail: {from: x, to: y, distance: 100 km, speed: 50 km/h, train_paths: 12 trains/day}}
        routes: {r: {from: x, direction: west, steps: [rail]}}
        flows:
          f:
            consignment: {trains: 1}
            arrivals: {timetable: {at: [0 h, 3 h, 4 h]}}
            choice: {shares: {r: 1}}
        timeline: [{title: none, at: 1 h, lasts: 9 h, set: {legs.rail.train_paths: 0 trains/day}}]
    """)
    assert run.at("rail").started == [0, 10, 12]
