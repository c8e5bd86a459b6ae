"""Vessels that leave by timetable, by hand. Times in hours."""

from __future__ import annotations

from sea import flow, sea

DAILY = "timetable: {every: 24 h, first: 12 h}"
ONE_WAY = f"leaves: {{from: {{{DAILY}}}, to: {{full: 1, after: 0 h}}}}"


def test_boarding_closes_at_departure_less_the_loading_time():
    # Loading 2 h, departure 12: what waits at 10 goes, what comes at 10.5 waits for 36.
    run = sea(
        f"sailing: 5 h, load: 2 h, {ONE_WAY}",
        flows=[flow("f", [9, 10, 10.5])],
        vessels="{count: 2, capacity: 4 TEU}",
    )
    sailings = run.sailings("ferry")
    assert sailings.loading[0] == 10
    assert sailings.loaded[0] == 12
    assert (sailings.sailed[0], sailings.amount[0]) == (12, 2)
    assert run.at("ferry").started == [10, 10, 34]


def test_with_loading_per_unit_boarding_closes_for_a_full_vessel():
    # 30 min per TEU, 4 TEU full: 2 h before 12. One TEU is loaded from 10 to 10.5 and sails at 12.
    run = sea(
        f"sailing: 5 h, load: {{mean: 30 min, per: TEU}}, {ONE_WAY}",
        flows=[flow("f", [9, 10.5])],
        vessels="{count: 2, capacity: 4 TEU}",
    )
    sailings = run.sailings("ferry")
    assert (sailings.loading[0], sailings.loaded[0], sailings.sailed[0]) == (10, 10.5, 12)
    assert sailings.amount[0] == 1


def test_a_vessel_leaves_full_part_full_or_empty():
    # Departures 12, 36, 60 with 4 TEU of room: 6 wait at 12, none at 36 but the 2 left, nothing at 60.
    run = sea(
        f"sailing: 5 h, {ONE_WAY}",
        flows=[flow("f", [0], TEU=6)],
        vessels="{count: 3, capacity: 4 TEU}",
    )
    sailings = run.sailings("ferry")
    west = [
        row for row in zip(sailings.sailed, sailings.amount, sailings.origin, strict=True) if "-a" in row[2]
    ]
    assert [row[:2] for row in west[:3]] == [(12, 4), (36, 2), (60, 0)]


def test_a_slot_without_a_ready_vessel_is_cancelled():
    # One vessel that takes 20 h each way: away 12 to 32 and back (called over by what waits: none does, so it
    # leaves b by b's own timetable at 36) at 56: the slot of 36 is cancelled, that of 60 is not.
    run = sea(f"sailing: 20 h, leaves: {{{DAILY}}}", flows=[flow("f", [0, 30])], length="70 h")
    assert run.cancelled("ferry") == [(0, 36), (1, 12), (1, 60)]
    sailings = run.sailings("ferry")
    assert sailings.sailed == [12, 36, 60]
    assert sailings.amount == [1, 0, 1]


def test_a_slot_without_a_berth_when_loading_must_begin_is_cancelled():
    # The only berth of b is kept by a vessel with a consignment that waits for the gate until 40. b's slots
    # of 12 and 36 (loading 2 h before) find no berth; the vessel itself is free at 40 and takes the one of
    # 60.
    run = sea(
        f"sailing: 1 h, load: 2 h, leaves: {{from: {{full: 1}}, to: {{{DAILY}}}}}",
        flows=[
            flow("f", [0], TEU=4, route="far"),
            flow("block", [0], route="gate"),
            flow("back", [0], TEU=2, route="east"),
        ],
        more="facilities: {gate: {at: b, service: 40 h, buffer: 0 TEU}}",
        routes="far: {from: a, direction: west, steps: [ferry, gate]}\n"
        "  gate: {from: b, direction: west, steps: [gate]}",
        length="70 h",
    )
    assert run.cancelled("ferry") == [(1, 12), (1, 36)]
    assert run.sailings("ferry").sailed == [2, 60]


def test_a_slot_finds_the_berth_of_a_vessel_that_has_unloaded_at_that_instant():
    # One berth at b. The first vessel lies there at anchor from 5 on (empty), the second unloads 7-10: at 10,
    # when loading for the slot of 12 begins, it gives its berth to the first.
    run = sea(
        "sailing: 5 h, unload: 3 h, load: 2 h, "
        "leaves: {from: {timetable: {at: [0 h, 2 h]}}, to: {timetable: {at: [12 h]}}}",
        flows=[flow("f", [0], TEU=4), flow("back", [1], route="east")],
        vessels="{count: 3, capacity: 4 TEU, start: split}",
        length="30 h",
    )
    # Vessels 0 and 2 start at a, vessel 1 at b. The slot of 0 would have begun to load before the start.
    assert run.sailings("ferry", vessel=0).sailed == [2]
    assert run.sailings("ferry", vessel=0).landed == [10]
    assert run.cancelled("ferry") == []
    assert run.sailings("ferry", vessel=1).loading == [10]
    assert run.sailings("ferry", vessel=1).sailed == [12]


def test_a_timetabled_vessel_waits_for_its_port_to_open():
    # Closed 11 to 15: loaded by 12, sails at 15.
    run = sea(
        f"sailing: 5 h, load: 2 h, {ONE_WAY}",
        flows=[flow("f", [9])],
        more="closures: {storm: {ports: [port-a], share_closed: 0.1, lasts: 1 h}}",
        closed={"port/port-a": [(11, 15)]},
        length="40 h",
    )
    assert (run.sailings("ferry").loaded[0], run.sailings("ferry").sailed[0]) == (12, 15)


def test_a_timetable_of_clock_times_is_carried_back_into_the_warm_up():
    # Every 12 h at 06:00 and 18:00; the run begins at -18: departures -18, -6, 6, 18.
    run = sea(
        'sailing: 1 h, leaves: {from: {timetable: {every: 12 h, first: "06:00"}}, to: {full: 1, after: 0 h}}',
        flows=[flow("f", [-18, -10, 0, 10])],
        vessels="{count: 5, capacity: 4 TEU}",
        length="24 h",
        warmup="18 h",
    )
    sailings = run.sailings("ferry")
    assert sailings.sailed == [-18, -6, 6, 18]
    assert sailings.amount == [1, 1, 1, 1]


def test_other_days_timetable_of_arrivals():
    # Every 24 h from 6 h on; the run begins at -48: arrivals at -42, -18, 6, 30.
    run = sea(
        "sailing: 1 h, leaves: {full: 1, after: 0 h}",
        flows=[
            "f: {consignment: {TEU: 1}, arrivals: {timetable: {every: 24 h, first: 6 h}}, "
            "choice: {shares: {west: 1}}}"
        ],
        vessels="{count: 9, capacity: 4 TEU}",
        length="48 h",
        warmup="48 h",
    )
    assert run.offered("f").arrived == [-42, -18, 6, 30]
    assert run.at("ferry").started == [-42, -18, 6, 30]


def test_boarding_closes_for_a_full_vessel_in_the_measure_that_loading_is_timed_per():
    # Four boxes of 10 t fill a vessel: 40 t x 0.1 h; the slot of 20 closes at 16, and what is loaded is not
    # late. Boxes of 5 t take half as long, but a full vessel may have the heavy ones.
    run = sea(
        "sailing: 5 h, load: 0.1 h/t, unload: 0 h, leaves: {from: {timetable: {every: 24 h, first: 20 h}}, "
        "to: {full: 1}}",
        flows=[flow("heavy", [1, 2, 15, 17], TEU=1, t=10), flow("light", [3], TEU=1, t=5)],
        vessels="{count: 2, capacity: 4 TEU, start: from}",
        length="60 h",
    )
    assert run.sailings("ferry").loading == [16, 40]
    assert run.sailings("ferry").loaded == [19.5, 41]
    assert run.sailings("ferry").sailed == [20, 44]


TWO_DAYS = "leaves: {timetable: {every: 48 h, first: 0 h}}"
"""Slots of both ends at 0, 48, 96, …"""


def two_days(*, load: str, more: str = "", vessels: str = "{count: 2, capacity: 9 TEU, start: from}"):
    """Run two vessels; boxes come at 0, 40, 70 and 80. Give the sailings from a that have loaded."""
    return loaded(
        sea(
            f"sailing: 5 h, load: {load}, {TWO_DAYS}",
            flows=[flow("f", [0, 40, 70, 80])],
            vessels=vessels,
            length="140 h",
            more=f"timeline: [{more}]",
        )
    )


def loaded(run):
    """Give (loading, loaded, sailed, amount) of the sailings from a that had something to load."""
    rows = run.sailings("ferry")
    columns = (rows.origin, rows.loading, rows.loaded, rows.sailed, rows.amount)
    return [row[1:] for row in zip(*columns, strict=True) if row[0] == "port-a/box" and row[1] is not None]


def test_boarding_closes_sooner_when_loading_has_become_longer():
    # From 60 on 20 h instead of 2: for the slot of 96 boarding closes at 76, with the box of 70 aboard.
    slow = "{title: slow, at: 60 h, set: {lines.ferry.load: 20 h}}"
    assert two_days(load="2 h", more=slow) == [(46, 48, 48, 2), (76, 96, 96, 1)]


def test_boarding_closes_later_when_loading_has_become_shorter():
    # From 60 on 2 h instead of 20: boarding for 96 closes at 94, not at 76: the box of 80 comes too.
    fast = "{title: fast, at: 60 h, set: {lines.ferry.load: 2 h}}"
    assert two_days(load="20 h", more=fast) == [(28, 48, 48, 1), (94, 96, 96, 3)]


def test_boarding_that_should_have_closed_before_a_change_closes_at_the_change():
    # 20 h from 85 on: it should have closed at 76. It closes at 85, and the vessel sails when it is loaded.
    slow = "{title: slow, at: 85 h, set: {lines.ferry.load: 20 h}}"
    assert two_days(load="2 h", more=slow)[1] == (85, 105, 105, 2)


def test_a_change_that_is_over_before_boarding_closes_changes_nothing():
    # 20 h from 60 to 70 only: the alarm of 76 rings in vain, boarding closes at 94; that of 142 closes once.
    slow = "{title: slow, at: 60 h, lasts: 10 h, set: {lines.ferry.load: 20 h}}"
    assert two_days(load="2 h", more=slow)[:2] == [(46, 48, 48, 2), (94, 96, 96, 2)]


def test_while_the_loading_time_ramps_boarding_closes_by_its_steps():
    # 2 h at 60 to 20 h at 78: an hour each hour. At 76 it is 18 h, and closing falls on 78; at 77, 19 h, on
    # 77: closed then, loaded in 19 h.
    slow = "{title: slow, at: 60 h, ramp: 18 h, set: {lines.ferry.load: 20 h}}"
    assert two_days(load="2 h", more=slow)[1] == (77, 96, 96, 1)
    # 20 h at 60 to 2 h at 96, half an hour less each hour: at 76 it is 12 h (closing at 84), at 84 8 h (88),
    # at 88 6 h (90), at 90 5 h (91), at 91 4.5 h (91.5): closed then.
    fast = "{title: fast, at: 60 h, ramp: 36 h, set: {lines.ferry.load: 2 h}}"
    assert two_days(load="20 h", more=fast)[1] == (91.5, 96, 96, 3)


def test_boarding_counts_on_the_vessels_in_service_only():
    # 6 min a TEU. The large class joins at 80 at the soonest: until then a full vessel has 10 TEU, boarding
    # closes at 11 for 12; from 80 on it has 100, and the slot of 84 closes at once. While none is in service,
    # it closes as for the largest there ever is, at 2: a ship that comes at 1 takes the slot, one at 5 not.
    ferry = (
        "sailing: 1 h, load: {mean: 6 min, per: TEU}, leaves: {from: {timetable: {every: 24 h, first: 12 h}}"
    )
    large = "{title: a large ship, at: 80 h, set: {lines.ferry.vessels.large.count: 1}}"
    for more, closes in (("", 83), (large, 80)):
        run = sea(
            f"{ferry}, to: {{full: 0.1, after: 0 h}}}}",
            flows=[flow("f", [0, 10.5, 79], TEU=5), flow("back", [20], route="east")],
            vessels="{large: {count: 0, capacity: 100 TEU}, small: {count: 1, capacity: 10 TEU}}",
            length="90 h",
            more=f"timeline: [{more}]",
        )
        assert loaded(run) == [(11, 12, 12, 10), (closes, closes + 0.5, 84, 5)]
    for at, amounts in ((1, [5]), (5, [])):
        run = sea(
            f"{ferry}, to: {{full: 1}}}}",
            flows=[flow("f", [0], TEU=5)],
            vessels="{count: 0, capacity: 100 TEU}",
            length="30 h",
            more=f"timeline: [{{title: it comes, at: {at} h, set: {{lines.ferry.vessels.count: 1}}}}]",
        )
        assert [row[3] for row in loaded(run)] == amounts


def test_boarding_counts_on_what_a_full_vessel_holds_when_it_closes():
    # 1 h a TEU, 9 TEU: closes at 39 for 48, at 87 for 96; from 85 on low water leaves 3 TEU: closes at 93.
    low = "{title: low water, at: 85 h, set: {lines.ferry.vessels.capacity: 3 TEU}}"
    assert two_days(load="{mean: 1 h, per: TEU}", more=low)[1] == (93, 96, 96, 3)
