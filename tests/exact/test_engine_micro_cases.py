"""The exact micro-cases E1 to E9: answers known in advance, met to the tick. Times in hours."""

from __future__ import annotations

from itertools import pairwise

import pytest
from harness import simulate

ONE_DESK = """
    clock: {start: 2024-01-01, length: LENGTH}
    places: {a: {}}
    facilities: {desk: FACILITY}
    routes: {r: {from: a, direction: west, steps: [desk]}}
    flows:
      f:
        consignment: {TEU: 1}
        arrivals: {timetable: ARRIVALS}
        choice: CHOICE
"""


def one_desk(facility, arrivals, *, choice="{shares: {r: 1}}", length="300 h", timeline=""):
    text = ONE_DESK.replace("LENGTH", length).replace("FACILITY", facility)
    text = text.replace("ARRIVALS", arrivals).replace("CHOICE", choice)
    return simulate(text + (f"    timeline: {timeline}\n" if timeline else ""))


def at(*times):
    return "{at: [" + ", ".join(f"{time} h" for time in times) + "]}"


def test_e1_every_other_arrival_is_turned_away():
    run = one_desk("{at: a, service: 1.5 h, buffer: 0 TEU}", at(*range(1, 101)), choice="{cascade: [r]}")
    outcome = run.offered("f").outcome
    assert outcome == ["delivered", "turned_away"] * 50
    desk = run.at("desk")
    assert desk.ended[-1] == 100.5
    assert sum(end - start for start, end in zip(desk.started, desk.ended, strict=True)) == 75


def test_e2_a_release_comes_before_an_arrival_at_the_same_instant():
    run = one_desk("{at: a, service: 1 h, buffer: 0 TEU}", at(*range(10)), choice="{cascade: [r]}")
    assert run.offered("f").outcome == ["delivered"] * 10
    assert run.at("desk").ended == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]


def test_e3_work_in_progress_is_never_interrupted():
    timeline = """
      - {title: more, at: 1 h, set: {facilities.desk.servers: 3}}
      - {title: fewer, at: 2 h, set: {facilities.desk.servers: 1}}
    """
    run = one_desk("{at: a, servers: 1, service: 2 h}", at(0, 0, 0), timeline=timeline)
    assert run.at("desk").ended == [2, 3, 3]


@pytest.mark.parametrize("choice", ["{shares: {r: 1}}", "{cascade: [r]}"])
def test_e4_a_drop_in_capacity_comes_before_the_next_start(choice):
    timeline = """
      - {title: open, at: 5 h, set: {facilities.desk.servers: 1}}
      - {title: closed, at: 10 h, set: {facilities.desk.servers: 0}}
      - {title: open again, at: 15 h, set: {facilities.desk.servers: 1}}
    """
    run = one_desk("{at: a, servers: 0, service: 5 h}", at(0, 0, 0), choice=choice, timeline=timeline)
    assert run.at("desk").ended == [10, 20, 25]


FERRY = """
    clock: {start: 2024-01-01, length: 5.5 h}
    places: {a: {}, b: {}}
    ports: {port-a: {at: a, berths: {box: 1}}, port-b: {at: b, berths: {box: 1}}}
    lines:
      ferry: {from: port-a/box, to: port-b/box, sailing: 1 h, vessels: VESSELS, leaves: LEAVES}
    routes: {r: {from: a, direction: west, steps: [ferry]}}
    flows: {f: {consignment: {TEU: 1}, arrivals: {timetable: ARRIVALS}, choice: {shares: {r: 1}}}}
"""


def ferry(leaves, arrivals, *, vessels="{count: 1, capacity: 2 TEU}"):
    text = FERRY.replace("LEAVES", leaves).replace("ARRIVALS", arrivals).replace("VESSELS", vessels)
    return simulate(text)


def test_e5_a_ferry_that_waits_until_it_is_full():
    run = ferry("{full: 1}", at(0, 1, 2, 3))
    sailings = run.sailings("ferry")
    assert list(zip(sailings.sailed, sailings.arrived, sailings.amount, strict=True)) == [
        (1, 2, 2),
        (3, 4, 0),
        (4, 5, 2),
    ]


def test_e5b_a_ferry_that_waits_half_an_hour_at_most():
    run = ferry("{full: 1, after: 0.5 h}", at(0, 1, 2, 3))
    sailings = run.sailings("ferry")
    assert list(zip(sailings.sailed, sailings.arrived, sailings.amount, strict=True)) == [
        (0.5, 1.5, 1),
        (1.5, 2.5, 0),
        (2.5, 3.5, 2),
        (3.5, 4.5, 0),
        (4.5, None, 1),
    ]


def test_e6_a_timetable_takes_what_waits_up_to_its_room():
    run = ferry(
        "{timetable: {every: 1 h, first: 1 h}}",
        at(0.3, 0.5, 0.7, 1.2, 1.3, 1.8, 2.6, 2.7, 3.1),
        vessels="{count: 5, capacity: 2 TEU}",
    )
    assert run.at("ferry").started == [1, 1, 2, 2, 3, 3, 4, 4, 5]
    assert run.cancelled("ferry") == [(1, 1)]


def test_e7_blocking_after_service():
    run = simulate("""
        places: {a: {}}
        facilities:
          first: {at: a, service: 0.1 h}
          second: {at: a, service: 3 h, buffer: 0 TEU}
        routes: {r: {from: a, direction: west, steps: [first, second]}}
        flows:
          f:
            consignment: {TEU: 1}
            arrivals: {timetable: {at: [1 h, 2 h, 3 h, 4 h]}}
            choice: {shares: {r: 1}}
    """)
    first, second = run.at("first"), run.at("second")
    assert first.ended == [1.1, 2.1, 4.2, 7.2]
    assert first.left == [1.1, 4.1, 7.1, 10.1]
    blocked = [round(left - end, 6) for left, end in zip(first.left, first.ended, strict=True)]
    assert blocked == [0, 2, 2.9, 2.9]
    assert second.ended == second.left == [4.1, 7.1, 10.1, 13.1]


def test_e8_what_ends_with_the_window_is_not_in_it():
    run = one_desk("{at: a, service: 1 h}", at(*range(24)), length="24 h")
    outcome = run.offered("f").outcome
    assert outcome == ["delivered"] * 23 + ["under_way"]
    assert run.at("desk").ended[-1] is None


def test_e9_opposing_flows_never_stand_still():
    # Each direction alone passes one consignment an hour (two stations in a row of one hour each); a server
    # held in one direction serves the other meanwhile, so at least every other hour somebody arrives.
    run = simulate("""
        clock: {start: 2024-01-01, length: 1000 h}
        places: {a: {}}
        facilities:
          left: {at: a, service: 1 h, buffer: 1 TEU}
          right: {at: a, service: 1 h, buffer: 1 TEU}
        routes:
          west: {from: a, direction: west, steps: [right, left]}
          east: {from: a, direction: east, steps: [left, right]}
        flows:
          w:
            consignment: {TEU: 1}
            arrivals: {timetable: {every: 30 min, first: 0 h}}
            choice: {shares: {west: 1}}
          e:
            consignment: {TEU: 1}
            arrivals: {timetable: {every: 20 min, first: 0 h}}
            choice: {shares: {east: 1}}
    """)
    for flow in ("w", "e"):
        finished = sorted(time for time in run.offered(flow).finished if time is not None)
        assert len(finished) > 300
        gaps = [after - before for before, after in pairwise(finished)]
        assert max(gaps) <= 10
