"""Lines by hand: when a vessel loads and leaves, berths, split consignments, yards. Times in hours."""

from __future__ import annotations

from sea import flow, sea

FROM_C = "z-line: {{from: port-c/box, to: port-b/box, sailing: {}, vessels: {{count: 1, capacity: 4 TEU}}}}"


def laden(run, line="ferry"):
    sailings = run.sailings(line)
    rows = zip(sailings.sailed, sailings.origin, sailings.amount, sailings.vessel, strict=True)
    return [
        (time, origin.split("/")[0][-1], amount, vessel)
        for time, origin, amount, vessel in rows
        if time is not None
    ]


def test_loading_and_unloading_take_a_berth_and_the_crossing_none():
    # 4 TEU wait at 1. Load 2 h, sail 5 h, unload 3 h: 1-3, 3-8, 8-11.
    run = sea("sailing: 5 h, load: 2 h, unload: 3 h", flows=[flow("f", [0, 1], TEU=2)])
    sailings = run.sailings("ferry")
    assert (sailings.ready, sailings.loading, sailings.loaded) == ([0], [1], [3])
    assert (sailings.sailed, sailings.arrived) == ([3], [8])
    assert (sailings.berthed, sailings.landed) == ([8], [11])
    assert run.at("ferry").started == [1, 1]
    assert run.at("ferry").ended == [11, 11]
    assert run.offered("f").finished == [11, 11]


def test_a_part_of_full_is_rounded_up_to_what_must_wait():
    # half of 4 TEU: leaves with 2.
    run = sea("sailing: 5 h, leaves: {full: 0.5}", flows=[flow("f", [0, 1, 2])])
    assert laden(run)[0] == (1, "a", 2, 0)


def test_what_comes_while_loading_is_not_boarded():
    # Loading from 1 to 3 with 4 TEU of room and full: 0.5: the one that comes at 2 waits for the next.
    run = sea("sailing: 5 h, load: 2 h, leaves: {full: 0.5}", flows=[flow("f", [0, 1, 2])])
    assert run.sailings("ferry").amount[0] == 2
    assert run.at("ferry").started == [1, 1, None]


def test_loading_per_unit():
    # 30 min per TEU, 4 TEU: 2 h; unloading 6 min per TEU: 24 min.
    run = sea(
        "sailing: 5 h, load: {mean: 30 min, per: TEU}, unload: {mean: 6 min, per: TEU}",
        flows=[flow("f", [0], TEU=4)],
    )
    sailings = run.sailings("ferry")
    assert (sailings.loaded, sailings.landed) == ([2], [7.4])


def test_payload_share_is_rounded_down_to_whole_units():
    # 0.9 of 9 TEU is 8.1: 8 TEU; of 10 TEU that wait, 8 go.
    run = sea(
        "sailing: 5 h",
        flows=[flow("f", [0], TEU=10)],
        vessels="{count: 1, capacity: 9 TEU, payload_share: 0.9}",
    )
    assert run.sailings("ferry").amount == [8]
    assert run.sailings("ferry").capacity == [8]


def test_the_oldest_part_leaves_after_its_wait():
    # 1 TEU at 0, after 3 h: loads at 3 with what has come by then (0, 2), not with that of 4.
    run = sea("sailing: 5 h, leaves: {full: 1, after: 3 h}", flows=[flow("f", [0, 2, 4])])
    assert laden(run)[0] == (3, "a", 2, 0)


def test_what_has_waited_long_leaves_with_the_next_vessel_that_is_ready():
    # One vessel: away 3-8 there; the part of 4 has waited 3 h at 7. Called over at 8 (ready there at 8, the
    # oldest has waited since 4), back at 13, laden at once.
    run = sea("sailing: 5 h, leaves: {full: 1, after: 3 h}", flows=[flow("f", [0, 4])])
    assert laden(run) == [(3, "a", 1, 0), (8, "b", 0, 0), (13, "a", 1, 0)]
    assert run.sailings("ferry").called == [None, 8, None]


def test_a_vessel_is_called_over_when_the_other_side_is_full_and_takes_along_what_waits():
    # The vessel lies at b from 5 on (first crossing 0-5). On b's side 1 TEU waits since 6. At a 4 TEU wait
    # at 9: called over at 9 with the 1 TEU.
    run = sea(
        "sailing: 5 h",
        flows=[flow("f", [0], TEU=4), flow("g", [9], TEU=4), flow("h", [6], route="east")],
    )
    assert laden(run) == [(0, "a", 4, 0), (9, "b", 1, 0), (14, "a", 4, 0)]
    assert run.sailings("ferry").called == [None, 9, None]


def test_a_vessel_that_lies_there_or_sails_there_covers_the_queue():
    # Two vessels, one at each end (split). 4 TEU at a at 0: the vessel there takes them. 4 TEU at 1: the
    # vessel at b is called over (nobody covers). 4 TEU at 2: covered by nobody either (the one sailing there
    # covers those of 1), no vessel is left at b until 5 - the first one, called over then.
    run = sea(
        "sailing: 5 h",
        flows=[flow("f", [0, 1, 2], TEU=4)],
        vessels="{count: 2, capacity: 4 TEU, start: split}",
    )
    # Vessel 0: a 0-5 b, called at 5, 5-10 a, laden 10-15. Vessel 1: called at 1, 1-6 a, laden 6-11.
    assert laden(run) == [(0, "a", 4, 0), (1, "b", 0, 1), (5, "b", 0, 0), (6, "a", 4, 1), (10, "a", 4, 0)]


def test_a_covered_queue_calls_nobody():
    # Three vessels at b, none at a. 3 TEU at a at 0 with after: 2 h: called at 2 (one vessel). It covers
    # 4 TEU, so 1 more at 3 calls nobody; 1 more at 4 is beyond its room and has waited 2 h at 6.
    run = sea(
        "sailing: 10 h, leaves: {full: 1, after: 2 h}",
        flows=[flow("f", [0], TEU=3), flow("g", [3, 4])],
        vessels="{count: 3, capacity: 4 TEU, start: to}",
    )
    assert [row[:3] for row in laden(run)[:2]] == [(2, "b", 0), (6, "b", 0)]
    assert run.sailings("ferry").called[:2] == [2, 6]


def test_the_next_vessel_is_looked_at_when_the_longest_ready_has_begun_to_load():
    # 8 TEU wait at 0, two vessels, one berth, loading 2 h: the first loads 0-2 and sails at 2, when the
    # second gets the berth: 2-4.
    run = sea(
        "sailing: 5 h, load: 2 h",
        flows=[flow("f", [0], TEU=8)],
        vessels="{count: 2, capacity: 4 TEU}",
    )
    sailings = run.sailings("ferry")
    assert sailings.loading[:2] == [0, 2]
    assert sailings.sailed[:2] == [2, 4]


def test_only_the_longest_ready_is_looked_at_even_if_a_smaller_one_would_be_full():
    # The large vessel (10 TEU) is first by number; 4 TEU would fill the small one, which is not looked at
    # before the large one has left: at 5 there are 10 TEU, at 9 the small one has its 4.
    run = sea(
        "sailing: 50 h",
        flows=[flow("f", [0, 5, 9], TEU=5)],
        vessels="{big: {count: 1, capacity: 10 TEU}, small: {count: 1, capacity: 4 TEU}}",
    )
    assert laden(run) == [(5, "a", 10, 0), (9, "a", 4, 1)]


def test_a_consignment_is_split_over_sailings_and_waits_for_its_last_part():
    # 10 TEU, 60 t, vessels of 4 TEU, full 0.5. Vessel 0 takes 4 at 0, vessel 1 takes 4 at 0 (two berths);
    # the last 2 fill half a vessel: vessel 0 is back at 10 (called at 5) and brings them 10-15.
    run = sea(
        "sailing: 5 h, leaves: {full: 0.5}",
        flows=[flow("f", [0], TEU=10, t=60)],
        vessels="{count: 2, capacity: 4 TEU}",
        berths=2,
    )
    assert run.aboard("f") == [(0, 0, 0, 0, 4), (0, 1, 1, 0, 4), (0, 2, 0, 2, 2)]
    ferry = run.at("ferry")
    assert (ferry.asked, ferry.started, ferry.ended) == ([0], [0], [15])


def test_parts_ashore_hold_neither_berth_nor_yard_and_only_the_last_vessel_waits():
    # As before, but the next step is busy until 30: the vessels with the first parts are free at 5, and the
    # one with the last part (landed 15) waits at its berth until 30.
    run = sea(
        "sailing: 5 h, leaves: {full: 0.5}",
        flows=[flow("f", [0], TEU=10, route="far"), flow("block", [0], route="gate")],
        vessels="{count: 2, capacity: 4 TEU}",
        berths=2,
        more="facilities: {gate: {at: b, service: 30 h, buffer: 0 TEU}}",
        routes="far: {from: a, direction: west, steps: [ferry, gate]}\n"
        "  gate: {from: b, direction: west, steps: [gate]}",
    )
    ferry = run.at("ferry")
    assert (ferry.ended, ferry.left) == ([15], [30])
    sailings = run.sailings("ferry")
    assert sailings.landed[:2] == [5, 5]
    # Vessel 0 was ready at 5 and called over at once.
    assert run.sailings("ferry", vessel=0).sailed == [0, 5, 10]


def test_parts_share_out_the_other_measures_so_that_they_add_up():
    # Unloading 1 h per t. 3 TEU with 10 t on vessels of 1 TEU: the cumulated thirds of 10,000 kg are 3,333
    # and 6,666: parts of 3,333, 3,333 and 3,334 kg, so the unloading takes 3.333, 3.333 and 3.334 h.
    run = sea(
        "sailing: 5 h, unload: {mean: 1 h, per: t}",
        flows=[flow("f", [0], TEU=3, t=10)],
        vessels="{count: 3, capacity: 1 TEU}",
        berths=3,
    )
    sailings = run.sailings("ferry")
    took = [round((end - at) * 3600) for end, at in zip(sailings.landed, sailings.berthed, strict=True)]
    assert took == [round(3.333 * 3600), round(3.333 * 3600), round(3.334 * 3600)]


def test_yards_are_per_direction_and_free_when_boarding_begins():
    # A yard of 4 TEU at a. Westbound consignments of 3 TEU at 0, 1, 2: only the first has room; one of
    # the other direction enters its own yard at 1, and with 6 TEU there the first vessel loads both. So the
    # second enters at 1, and the third when that one has waited 5 h and boards the second vessel.
    run = sea(
        "sailing: 50 h, leaves: {full: 1, after: 5 h}",
        flows=[flow("f", [0, 1, 2], TEU=3), flow("o", [1], TEU=3, route="other")],
        vessels="{count: 2, capacity: 6 TEU}",
        yard="4 TEU",
        routes="other: {from: a, direction: east, steps: [ferry]}",
    )
    assert run.offered("f").admitted == [0, 1, 6]
    assert run.offered("o").admitted == [1]
    assert laden(run)[:2] == [(1, "a", 6, 0), (6, "a", 3, 1)]


def test_berths_are_given_in_the_order_of_asking_over_all_lines():
    # One berth for two lines, loading 4 h each. z-line asks at 0, a-line at 1, z-line's second vessel at 2.
    run = sea(
        "sailing: 5 h, load: 4 h",
        flows=[flow("f", [1], TEU=4), flow("g", [0, 2], TEU=4, route="z")],
        lines="z-line: {from: port-a/box, to: port-b/box, sailing: 5 h, load: 4 h, "
        "vessels: {count: 2, capacity: 4 TEU}}",
        routes="z: {from: a, direction: west, steps: [z-line]}",
        berths=1,
    )
    assert run.sailings("z-line").loading == [0, 8]
    assert run.sailings("ferry").loading == [4]


def test_a_vessel_keeps_its_berth_when_it_begins_to_load_in_the_same_instant():
    # One berth at b. The ferry loads 0-2 and arrives at 7, as the other line's vessel does: ferry first, by
    # id. It unloads 7-10; a full load waits on that side: it loads 10-12 and keeps the berth meanwhile.
    run = sea(
        "sailing: 5 h, load: 2 h, unload: 3 h",
        flows=[
            flow("f", [0], TEU=4),
            flow("back", [6], TEU=4, route="east"),
            flow("g", [0], TEU=4, route="z"),
        ],
        lines=FROM_C.format("7 h"),
        routes="z: {from: c, direction: west, steps: [z-line]}",
        berths=1,
    )
    assert run.sailings("ferry").berthed[0] == 7
    assert run.sailings("ferry").landed[0] == 10
    assert run.sailings("ferry").loading[1] == 10
    assert run.sailings("z-line").berthed == [12]


def test_a_vessel_without_cargo_to_load_lies_at_anchor():
    # The same without cargo on b's side: the berth is given on at once when the ferry has unloaded at 10.
    run = sea(
        "sailing: 5 h, load: 2 h, unload: 3 h",
        flows=[flow("f", [0], TEU=4), flow("g", [0], TEU=4, route="z")],
        lines=FROM_C.format("7 h"),
        routes="z: {from: c, direction: west, steps: [z-line]}",
        berths=1,
    )
    assert run.sailings("z-line").berthed == [10]


def test_an_empty_vessel_needs_no_berth_to_be_ready():
    # b's only berth is kept until 100 by the z-line's vessel, whose consignment waits for the gate. The ferry
    # is called over at 1, arrives empty at 6 and is ready at once, and asks for the berth to load: 100.
    run = sea(
        "sailing: 5 h, unload: 3 h",
        flows=[
            flow("f", [0], TEU=4, route="z"),
            flow("block", [0], route="gate"),
            flow("back", [1], TEU=4, route="east"),
        ],
        lines=FROM_C.format("0.5 h"),
        more="facilities: {gate: {at: b, service: 100 h, buffer: 0 TEU}}",
        routes="z: {from: c, direction: west, steps: [z-line, gate]}\n"
        "  gate: {from: b, direction: west, steps: [gate]}",
    )
    sailings = run.sailings("ferry")
    assert sailings.sailed[:2] == [1, 100]
    assert sailings.berthed[0] is None
    assert sailings.ready == [0, 6]
    assert sailings.loading == [None, 100]
    # Its place in the row of those who ask was taken at 6, not at 100.
    assert run.at("z-line").left == [100]


def test_who_was_due_while_another_waited_for_the_berth_asks_when_that_one_loads():
    # At b (one berth) vessel 0 unloads 7-10. 5 TEU come at 8: 4 fill vessel 1, which asks for the berth; the
    # fifth is due at 9 (after: 1 h), but vessel 2 is looked at only when vessel 1 begins to load, at 10: it
    # asks then, and loads when vessel 1 has sailed at 12.
    run = sea(
        "sailing: 5 h, load: 2 h, unload: 3 h, leaves: {from: {full: 1}, to: {full: 1, after: 1 h}}",
        flows=[flow("f", [0], TEU=4), flow("back", [8], TEU=5, route="east")],
        vessels="{a: {count: 1, capacity: 4 TEU}, b: {count: 2, capacity: 4 TEU, start: to}}",
        length="20 h",
    )
    assert run.sailings("ferry", vessel=1).loading == [10]
    assert run.sailings("ferry", vessel=2).loading == [12]
    assert run.sailings("ferry", vessel=1).sailed == [12]


def test_lines_carry_both_ways_in_equal_measure():
    # A full load each way every 20 h, sailing 5 h, no handling: the vessel goes back and forth.
    run = sea(
        "sailing: 5 h",
        flows=[flow("f", [0, 20], TEU=4), flow("g", [0, 20], TEU=4, route="east")],
        length="40 h",
    )
    assert laden(run) == [(0, "a", 4, 0), (5, "b", 4, 0), (20, "a", 4, 0), (25, "b", 4, 0)]
