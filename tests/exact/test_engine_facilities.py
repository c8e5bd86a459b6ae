"""Facilities by hand: blocking, buffers, directions, servers, hours, rates, changes. Times in hours."""

from __future__ import annotations

import pytest
from harness import simulate

from sim.measure import measure


def test_a_chain_of_blocked_desks_moves_up_in_one_instant():
    # c takes 10 h. The first reaches c at 2 and leaves it at 12; the second is served by b at 3, the third
    # by a at 3 and both are held there; at 12 the second goes to c, the third to b, at the same instant.
    run = simulate("""
        places: {x: {}}
        facilities:
          a: {at: x, service: 1 h, buffer: 0 TEU}
          b: {at: x, service: 1 h, buffer: 0 TEU}
          c: {at: x, service: 10 h, buffer: 0 TEU}
        routes: {r: {from: x, direction: west, steps: [a, b, c]}}
        flows:
          f:
            consignment: {TEU: 1}
            arrivals: {timetable: {at: [0 h, 1 h, 2 h, 3 h]}}
            choice: {shares: {r: 1}}
    """)
    a, b, c = run.at("a"), run.at("b"), run.at("c")
    # The fourth asks at 3 but a is held by the third until 12: it starts at 12, ends 13, held until 22.
    assert a.started == [0, 1, 2, 12]
    assert a.ended == [1, 2, 3, 13]
    assert a.left == [1, 2, 12, 22]
    assert b.started == [1, 2, 12, 22]
    assert b.ended == [2, 3, 13, 23]
    assert b.left == [2, 12, 22, 32]
    assert c.started == [2, 12, 22, 32]
    assert c.ended == [12, 22, 32, 42]
    assert a.asked == [0, 1, 2, 3]


def test_what_is_refused_at_the_end_of_a_leg_waits_there_and_holds_up_nobody():
    # The desk serves 5 h and has no room. Three trains arrive at 1, 2, 3; another flow passes the leg freely.
    run = simulate("""
        places: {x: {}, y: {}}
        legs: {rail: {from: x, to: y, distance: 100 km, speed: 100 km/h}}
        facilities: {desk: {at: y, service: 5 h, buffer: 0 TEU}}
        routes:
          r: {from: x, direction: west, steps: [rail, desk]}
          s: {from: x, direction: west, steps: [rail]}
        flows:
          f: {consignment: {TEU: 1}, arrivals: {timetable: {at: [0 h, 1 h, 2 h]}}, choice: {shares: {r: 1}}}
          g: {consignment: {TEU: 1}, arrivals: {timetable: {at: [1.5 h]}}, choice: {shares: {s: 1}}}
    """)
    rail, desk = run.at("rail", flow="f"), run.at("desk")
    assert rail.ended == [1, 2, 3]
    assert rail.left == [1, 6, 11]
    assert desk.started == [1, 6, 11]
    assert run.offered("g").finished == [2.5]


def test_a_buffer_takes_whole_consignments_only():
    # Buffer 5 TEU, consignments of 3 TEU, service 4 h: one served, one in the buffer, the next waits at
    # the origin until 4, when the second goes to the server and leaves its room.
    run = simulate("""
        places: {x: {}}
        facilities: {desk: {at: x, service: 4 h, buffer: 5 TEU}}
        routes: {r: {from: x, direction: west, steps: [desk]}}
        flows:
          f: {consignment: {TEU: 3}, arrivals: {timetable: {at: [0 h, 1 h, 2 h]}}, choice: {shares: {r: 1}}}
    """)
    assert run.offered("f").admitted == [0, 1, 4]
    assert run.at("desk").started == [0, 4, 8]
    assert run.at("desk").asked == [0, 1, 2]


def test_a_small_consignment_does_not_overtake_a_large_one_at_the_door():
    # Buffer 4 TEU. Large (4 TEU) ones at 0, 1, 2; the small one (1 TEU) at 3 would fit nowhere before the
    # large one of 2, which is admitted at 10, when the one of 1 starts; the small one at 20.
    run = simulate("""
        places: {x: {}}
        facilities: {desk: {at: x, service: 10 h, buffer: 4 TEU}}
        routes: {r: {from: x, direction: west, steps: [desk]}}
        flows:
          large:
            consignment: {TEU: 4}
            arrivals: {timetable: {at: [0 h, 1 h, 2 h]}}
            choice: {shares: {r: 1}}
          small: {consignment: {TEU: 1}, arrivals: {timetable: {at: [3 h]}}, choice: {shares: {r: 1}}}
    """)
    assert run.offered("large").admitted == [0, 1, 10]
    assert run.offered("small").admitted == [20]
    assert run.at("desk", flow="small").started == [30]


def test_buffers_are_per_direction_and_servers_are_shared():
    # One server, service 2 h, 1 TEU of buffer each way. West at 0, 0, 0; east at 1, 1.
    # West 1 starts at 0, west 2 waits inside, west 3 outside. East 1 enters its own buffer at 1, east 2 not.
    # At 2 the server goes to who waits longest: west 2 (since 0); west 3 enters. At 4: west 3 entered the
    # buffer at 2, east 1 at 1: east 1; east 2 enters at 4. At 6 west 3, at 8 east 2.
    run = simulate("""
        places: {x: {}}
        facilities: {desk: {at: x, service: 2 h, buffer: 1 TEU}}
        routes:
          w: {from: x, direction: west, steps: [desk]}
          e: {from: x, direction: east, steps: [desk]}
        flows:
          fw: {consignment: {TEU: 1}, arrivals: {timetable: {at: [0 h, 0 h, 0 h]}}, choice: {shares: {w: 1}}}
          fe: {consignment: {TEU: 1}, arrivals: {timetable: {at: [1 h, 1 h]}}, choice: {shares: {e: 1}}}
    """)
    assert run.offered("fw").admitted == [0, 0, 2]
    assert run.offered("fe").admitted == [1, 4]
    assert run.at("desk", flow="fw").started == [0, 2, 6]
    assert run.at("desk", flow="fe").started == [4, 8]


def test_a_blocked_consignment_holds_its_server_against_its_own_direction_only():
    # West goes through desk and then a gate that is busy until 20. It is done at the desk at 1 and held.
    # East asks at 2: the server may serve it, 2 to 3. A second westbound one asks at 2 and must wait.
    run = simulate("""
        places: {x: {}}
        facilities:
          desk: {at: x, service: 1 h}
          gate: {at: x, service: 20 h, buffer: 0 TEU}
        routes:
          g: {from: x, direction: west, steps: [gate]}
          w: {from: x, direction: west, steps: [desk, gate]}
          e: {from: x, direction: east, steps: [desk]}
        flows:
          block: {consignment: {TEU: 1}, arrivals: {timetable: {at: [0 h]}}, choice: {shares: {g: 1}}}
          fw: {consignment: {TEU: 1}, arrivals: {timetable: {at: [0 h, 2 h]}}, choice: {shares: {w: 1}}}
          fe: {consignment: {TEU: 1}, arrivals: {timetable: {at: [2 h, 2.5 h]}}, choice: {shares: {e: 1}}}
    """)
    desk = run.at("desk", flow="fw")
    assert desk.ended == [1, 21]
    assert desk.left == [20, 40]
    assert desk.started == [0, 20]
    assert run.at("desk", flow="fe").started == [2, 3]
    assert run.at("desk", flow="fe").left == [3, 4]


def test_with_two_servers_one_blocked_one_may_still_serve_its_direction():
    # Two servers, the westbound one done at 1 holds one of them; the other serves west 2 from 2 to 3 and is
    # then held too; west 3 (at 4) must wait until the gate opens at 20 and one server is free of the held.
    run = simulate("""
        places: {x: {}}
        facilities:
          desk: {at: x, servers: 2, service: 1 h}
          gate: {at: x, service: 20 h, buffer: 0 TEU}
        routes:
          g: {from: x, direction: west, steps: [gate]}
          w: {from: x, direction: west, steps: [desk, gate]}
        flows:
          block: {consignment: {TEU: 1}, arrivals: {timetable: {at: [0 h]}}, choice: {shares: {g: 1}}}
          fw: {consignment: {TEU: 1}, arrivals: {timetable: {at: [0 h, 2 h, 4 h]}}, choice: {shares: {w: 1}}}
    """)
    desk = run.at("desk", flow="fw")
    assert desk.started == [0, 2, 20]
    assert desk.left == [20, 40, 60]
    assert desk.server == [0, 1, 0]


def test_a_freed_place_goes_to_the_longest_blocked_and_ties_go_by_id():
    # Three desks feed one gate without room. first and second are blocked from 2 on, third from 1.5.
    # The gate falls free at 10: third; at 20 the tie between a-flow and b-flow goes by id, at 30 the other.
    run = simulate("""
        places: {x: {}}
        facilities:
          d1: {at: x, service: 2 h}
          d2: {at: x, service: 2 h}
          d3: {at: x, service: 1.5 h}
          gate: {at: x, service: 10 h, buffer: 0 TEU}
        routes:
          g: {from: x, direction: west, steps: [gate]}
          r1: {from: x, direction: west, steps: [d1, gate]}
          r2: {from: x, direction: west, steps: [d2, gate]}
          r3: {from: x, direction: west, steps: [d3, gate]}
        flows:
          block: {consignment: {TEU: 1}, arrivals: {timetable: {at: [0 h]}}, choice: {shares: {g: 1}}}
          b-flow: {consignment: {TEU: 1}, arrivals: {timetable: {at: [0 h]}}, choice: {shares: {r1: 1}}}
          a-flow: {consignment: {TEU: 1}, arrivals: {timetable: {at: [0 h]}}, choice: {shares: {r2: 1}}}
          z-flow: {consignment: {TEU: 1}, arrivals: {timetable: {at: [0 h]}}, choice: {shares: {r3: 1}}}
    """)
    started = {flow: run.at("gate", flow=flow).started for flow in ("z-flow", "a-flow", "b-flow")}
    assert started == {"z-flow": [10], "a-flow": [20], "b-flow": [30]}


def test_the_lowest_numbered_idle_server_takes_the_next_job():
    # Services of 3 h at 0, 1, 2 on servers 0, 1, 2; at 3 server 0 is idle again, at 4.5 server 1 is too, and
    # server 0 busy until 6: jobs at 3 and 4.5 take 0 and 1; at 6 both 0 and 2 are idle: 0.
    run = simulate("""
        places: {x: {}}
        facilities: {desk: {at: x, servers: 3, service: 3 h}}
        routes: {r: {from: x, direction: west, steps: [desk]}}
        flows:
          f:
            consignment: {TEU: 1}
            arrivals: {timetable: {at: [0 h, 1 h, 2 h, 3 h, 4.5 h, 6 h]}}
            choice: {shares: {r: 1}}
    """)
    assert run.at("desk").server == [0, 1, 2, 0, 1, 0]


def test_service_is_scaled_by_size():
    # 20 min per wagon: 3 wagons 1 h, 6 wagons 2 h; 0.5 h per kt: 3 kt 1.5 h.
    run = simulate("""
        places: {x: {}}
        facilities:
          wagons: {at: x, servers: 2, service: 20 min, per: wagon}
          mass: {at: x, servers: 2, service: 0.5 h, per: kt}
        routes: {r: {from: x, direction: west, steps: [wagons, mass]}}
        flows:
          few:
            consignment: {wagons: 3, t: 3000}
            arrivals: {timetable: {at: [0 h]}}
            choice: {shares: {r: 1}}
          many:
            consignment: {wagons: 6, t: 1000}
            arrivals: {timetable: {at: [0 h]}}
            choice: {shares: {r: 1}}
    """)
    assert run.at("wagons", flow="few").ended == [1]
    assert run.at("wagons", flow="many").ended == [2]
    assert run.at("mass", flow="few").ended == [2.5]
    assert run.at("mass", flow="many").ended == [2.5]


def test_hours_bound_the_start_of_service_not_its_end():
    # Open 22:00-02:00 over midnight. Asked at 1 h: starts at once, ends 4. Asked at 1.5: server busy until 4,
    # closed then; starts at 22. Asked at 3: after it, at 25 (01:00). Asked at 26: 02:00 is closed, next 46.
    run = simulate("""
        places: {x: {}}
        facilities: {desk: {at: x, service: 3 h, hours: ["22:00-02:00"]}}
        routes: {r: {from: x, direction: west, steps: [desk]}}
        flows:
          f:
            consignment: {TEU: 1}
            arrivals: {timetable: {at: [1 h, 1.5 h, 3 h, 26 h]}}
            choice: {shares: {r: 1}}
    """)
    assert run.at("desk").started == [1, 22, 25, 46]


def test_outside_hours_a_desk_without_room_admits_nobody():
    # Open 08:00-10:00; both wait outside until then; the second until the first is done.
    run = simulate("""
        places: {x: {}}
        facilities: {desk: {at: x, service: 1 h, buffer: 0 TEU, hours: ["08:00-10:00"]}}
        routes: {r: {from: x, direction: west, steps: [desk]}}
        flows:
          f: {consignment: {TEU: 1}, arrivals: {timetable: {at: [1 h, 2 h]}}, choice: {shares: {r: 1}}}
    """)
    assert run.offered("f").admitted == [8, 9]


def test_a_rate_is_read_from_its_table_when_work_starts():
    # 10 kt at 5 kt/h is 2 h. From 1 h on one mooring: 2 kt/h, 5 h. From 8 h none: nothing starts until 20,
    # when 3 moorings are back. Starts 0, 2, 7 (before 8) end 2, 7, 12; the last starts at 20 and ends 22.
    run = simulate("""
        places: {x: {}}
        facilities:
          cpc:
            at: x
            rate: {by: moorings, table: {0: 0 kt/h, 1: 2 kt/h, 3: 5 kt/h}}
            moorings: 3
            per: t
        routes: {r: {from: x, direction: west, steps: [cpc]}}
        flows:
          f:
            consignment: {t: 10000}
            arrivals: {timetable: {at: [0 h, 0 h, 0 h, 0 h]}}
            choice: {shares: {r: 1}}
        timeline:
          - {title: one, at: 1 h, set: {facilities.cpc.moorings: 1}}
          - {title: none, at: 8 h, lasts: 12 h, set: {facilities.cpc.moorings: 0}}
          - {title: three, at: 20 h, set: {facilities.cpc.moorings: 3}}
    """)
    assert run.at("cpc").started == [0, 2, 7, 20]
    assert run.at("cpc").ended == [2, 7, 12, 22]


def test_changes_scale_the_amounts_with_which_a_consignment_leaves():
    # Three trains become two: 0.667 of 3 trains is 2.001, and the next desk serves 1,000 s per train.
    run = simulate("""
        places: {x: {}}
        facilities:
          regroup: {at: x, service: 1 h, changes: {trains: 0.667}}
          desk: {at: x, service: 1000 s, per: train}
        routes: {r: {from: x, direction: west, steps: [regroup, desk]}}
        flows: {f: {consignment: {trains: 3}, arrivals: {timetable: {at: [0 h]}}, choice: {shares: {r: 1}}}}
    """)
    assert run.at("desk").ended == [round((3600 + 2001) / 3600, 6)]


def test_what_lies_in_a_buffer_at_the_start_is_served_first():
    # 12 kt at the start: jobs of 5, 5 and 2 kt at 1 kt/h end at 5, 10, 12; the buffer of 15 kt has room for
    # 5 kt at 0 (5 in service), so the first parcel enters at once and is served from 12 to 17.
    run = simulate("""
        places: {x: {}}
        facilities: {farm: {at: x, rate: 1 kt/h, per: t, buffer: 15 kt, level: 12 kt}}
        routes: {r: {from: x, direction: west, steps: [farm]}}
        flows:
          f: {consignment: {t: 5000}, arrivals: {timetable: {at: [0 h, 1 h, 2 h]}}, choice: {cascade: [r]}}
    """)
    opening = run.opening("farm")
    assert opening.amount == [5_000_000, 5_000_000, 2_000_000]
    assert opening.started == [0, 5, 10]
    assert opening.ended == [5, 10, 12]
    # At 0: 7 kt wait, 5 kt fit: 12; at 1: 17 > 15, turned away; at 2 likewise.
    assert run.offered("f").outcome == ["delivered", "turned_away", "turned_away"]
    assert run.at("farm").started == [12]


def test_opening_stock_is_known_by_the_servers_that_served_it():
    # Six jobs of 4 h; a second server from 6 h on.
    run = simulate("""
        clock: {start: 2024-01-01, length: 40 h}
        places: {x: {}}
        facilities: {desk: {at: x, service: 4 h, buffer: 100 TEU, level: 6 TEU}}
        routes: {r: {from: x, direction: west, steps: [desk]}}
        flows: {f: {consignment: {TEU: 1}, arrivals: {timetable: {at: [13 h]}}, choice: {shares: {r: 1}}}}
        timeline: [{at: 6 h, set: {facilities.desk.servers: 2}}]
    """)
    opening = run.opening("desk")
    assert opening.started == [0, 4, 6, 8, 10, 12]
    assert opening.server == [0, 0, 1, 0, 1, 0]
    found = measure(run.model, run.records)
    assert [(one.busy, one.withdrawn) for one in found.closing.servers] == [(16, 0), (12, 6)]
    assert found.kpis.get("utilisation", "facility/desk") == pytest.approx(28 / (40 + 34))


def test_opening_stock_passes_servers_that_are_down():
    text = """
        clock: {start: 2024-01-01, length: 200 h}
        places: {x: {}}
        facilities:
          desk:
            {at: x, servers: 2, service: 4 h, buffer: 100 TEU, level: 30 TEU,
             outages: {every: 10 h, lasts: 6 h}}
        routes: {r: {from: x, direction: west, steps: [desk]}}
        flows: {f: {consignment: {TEU: 1}, arrivals: {timetable: {every: 3 h}}, choice: {shares: {r: 1}}}}
    """
    for replication in range(8):
        run = simulate(text, replication=replication)
        opening, steps = run.opening("desk"), run.at("desk")
        served = [
            (begin, min(end if end is not None else 200, 200))
            for table in (opening, steps)
            for begin, end in zip(table.started, table.ended, strict=True)
            if begin is not None and begin < 200
        ]
        found = measure(run.model, run.records)
        busy = sum(one.busy for one in found.closing.servers)
        assert busy == pytest.approx(sum(end - begin for begin, end in served))


def test_pools_and_doors_hold_up_only_those_who_need_what_lacks():
    # One wagon, back after 10 h. The second wagon user waits at the origin; a third consignment that needs
    # no wagon passes it at the same desk.
    run = simulate("""
        places: {x: {}}
        facilities: {desk: {at: x, servers: 5, service: 1 h, buffer: 100 TEU}}
        pools: {wagons: {size: 1 wagon, returns: 10 h}}
        routes:
          r: {from: x, direction: west, steps: [desk], uses: {wagons: {from: desk, to: desk}}}
          s: {from: x, direction: west, steps: [desk]}
        flows:
          f:
            consignment: {TEU: 1, wagons: 1}
            arrivals: {timetable: {at: [0 h, 1 h]}}
            choice: {shares: {r: 1}}
          g: {consignment: {TEU: 1}, arrivals: {timetable: {at: [2 h]}}, choice: {shares: {s: 1}}}
    """)
    assert run.at("desk", flow="f").started == [0, 11]
    assert run.at("desk", flow="g").started == [2]
    assert run.pool("wagons") == [(0, 0), (11, 0), (22, 1)]
