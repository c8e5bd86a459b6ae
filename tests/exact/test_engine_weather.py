"""Closures laid out by hand: ports, handling that stands still, look-ahead, facilities. Times in hours."""

from __future__ import annotations

from harness import simulate
from sea import flow, sea

STORM = "closures: {storm: {ports: [port-a, port-b], share_closed: 0.1, lasts: 1 h}}"
HARD = STORM.replace("lasts: 1 h", "lasts: 1 h, stops_handling: true")
FULL = [flow("f", [0], TEU=4)]


def test_a_closed_port_lets_nobody_sail():
    # Loaded at 2, closed 1-6 (handling goes on): sails at 6, and keeps the berth until then.
    run = sea("sailing: 5 h, load: 2 h", flows=FULL, more=STORM, closed={"port/port-a": [(1, 6)]})
    sailings = run.sailings("ferry")
    assert (sailings.loaded, sailings.sailed, sailings.arrived) == ([2], [6], [11])


def test_a_closed_port_lets_nobody_berth():
    # Arrives at 7, closed 6-20: berths at 20, unloads 3 h.
    run = sea(
        "sailing: 5 h, load: 2 h, unload: 3 h", flows=FULL, more=STORM, closed={"port/port-b": [(6, 20)]}
    )
    sailings = run.sailings("ferry")
    assert (sailings.arrived, sailings.berthed, sailings.landed) == ([7], [20], [23])


def test_an_instant_at_which_a_closure_begins_is_closed_and_the_one_it_ends_is_open():
    # Loaded at 2: closed from 2 on. Arrives (6 + 5 =) 11: closed until 11.
    run = sea(
        "sailing: 5 h, load: 2 h",
        flows=FULL,
        more=STORM,
        closed={"port/port-a": [(2, 6)], "port/port-b": [(8, 11)]},
    )
    assert run.sailings("ferry").sailed == [6]
    assert run.sailings("ferry").berthed == [11]


def test_handling_goes_on_in_a_storm_unless_it_stops():
    # Unloading 7-10; closed 8-12: done at 10, or with the work standing still at 14.
    more = {"closed": {"port/port-b": [(8, 12)]}}
    goes_on = sea("sailing: 5 h, load: 2 h, unload: 3 h", flows=FULL, more=STORM, **more)
    assert goes_on.sailings("ferry").landed == [10]
    stops = sea("sailing: 5 h, load: 2 h, unload: 3 h", flows=FULL, more=HARD, still=more["closed"], **more)
    assert stops.sailings("ferry").landed == [14]


def test_work_done_at_the_instant_a_closure_begins_is_done():
    closed = {"port/port-b": [(10, 12)]}
    run = sea("sailing: 5 h, load: 2 h, unload: 3 h", flows=FULL, more=HARD, still=closed, closed=closed)
    assert run.sailings("ferry").landed == [10]


def test_a_vessel_alongside_loads_in_a_storm():
    # Closed 6-30: berthed 5, landed 8, a full load waits there since 6: it begins to load at 8 without
    # berthing anew, is loaded at 10 and sails at 30.
    run = sea(
        "sailing: 3 h, load: 2 h, unload: 3 h",
        flows=[*FULL, flow("back", [6], TEU=4, route="east")],
        more=STORM,
        closed={"port/port-b": [(6, 30)]},
    )
    sailings = run.sailings("ferry")
    assert sailings.loading == [0, 8]
    assert sailings.sailed == [2, 30]


def test_look_ahead_waits_for_an_open_destination():
    # Sailing 5 h (base), ready to sail at 2; b is closed 6-20. L = 3 h: 2 + 3 = 5 is open: it sails at 2.
    # L = 4 h: t + 4 is closed for t from 2 to 16. L = 5 h: until 15. L = 10 h is min(10, 5) = 5: 15.
    for ahead, sailed in ((0, 2), (3, 2), (4, 16), (5, 15), (10, 15)):
        run = sea(
            f"sailing: 5 h, load: 2 h, look_ahead: {ahead} h",
            flows=FULL,
            more=STORM,
            closed={"port/port-b": [(6, 20)]},
        )
        assert run.sailings("ferry").sailed == [sailed], ahead


def test_look_ahead_needs_both_ends_open():
    # b closed 6-20: t >= 15 at the earliest with L = 5; a closed 14-18: 18; b closed again 22-25: t + 5 = 23
    # is closed, so t >= 20; a closed 19-21: 21, and 26 is open.
    run = sea(
        "sailing: 5 h, load: 2 h, look_ahead: 5 h",
        flows=FULL,
        more=STORM,
        closed={"port/port-a": [(14, 18), (19, 21)], "port/port-b": [(6, 20), (22, 25)]},
    )
    assert run.sailings("ferry").sailed == [21]


def test_a_port_closed_at_the_begin_of_the_run():
    run = sea("sailing: 5 h", flows=FULL, more=STORM, closed={"port/port-a": [(-10, 3)]})
    assert run.sailings("ferry").loading == [3]
    assert run.sailings("ferry").sailed == [3]


def test_those_who_wait_at_anchor_berth_in_their_order_when_the_port_opens():
    # Two vessels arrive at 5 and 6, one berth, unloading 4 h; b is closed 4-10: 10-14 and 14-18.
    run = sea(
        "sailing: 5 h, unload: 4 h",
        flows=[flow("f", [0, 1], TEU=4)],
        vessels="{count: 2, capacity: 4 TEU}",
        more=STORM,
        closed={"port/port-b": [(4, 10)]},
    )
    assert run.sailings("ferry").berthed == [10, 14]


def test_weather_at_a_facility_stops_starts_and_work_only_where_it_says_so():
    # Service 4 h, closed 2-10. The first is under way: ends at 4; the second starts at 10. With the work
    # standing still: the first has 2 h left at 2 and ends at 12, the second 12-16.
    text = """
        places: {x: {}}
        facilities: {desk: {at: x, service: 4 h}}
        closures: {storm: {facilities: [desk], share_closed: 0.1, lasts: 1 h, stops_handling: STOPS}}
        routes: {r: {from: x, direction: west, steps: [desk]}}
        flows:
          f: {consignment: {TEU: 1}, arrivals: {timetable: {at: [0 h, 1 h]}}, choice: {shares: {r: 1}}}
    """
    closed = {"facility/desk": [(2, 10)]}
    goes_on = simulate(text.replace("STOPS", "false"), closed=closed)
    assert goes_on.at("desk").started == [0, 10]
    assert goes_on.at("desk").ended == [4, 14]
    stops = simulate(text.replace("STOPS", "true"), closed=closed, still=closed)
    assert stops.at("desk").started == [0, 12]
    assert stops.at("desk").ended == [12, 16]


def test_weather_does_not_close_a_route():
    # The facility is closed 0-50; the consignment of 1 chooses its route and waits in its buffer.
    run = simulate(
        """
        places: {x: {}}
        facilities: {desk: {at: x, service: 4 h}}
        closures: {storm: {facilities: [desk], share_closed: 0.1, lasts: 1 h}}
        routes: {r: {from: x, direction: west, steps: [desk]}}
        flows: {f: {consignment: {TEU: 1}, arrivals: {timetable: {at: [1 h]}}, choice: {shares: {r: 1}}}}
        """,
        closed={"facility/desk": [(0, 50)]},
    )
    assert run.offered("f").admitted == [1]
    assert run.at("desk").started == [50]
