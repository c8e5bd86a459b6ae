"""Legs and pools by hand: headway, single track, hours, closing, assets held and returned. Times in hours."""

from __future__ import annotations

from harness import simulate


def rail(leg, *, flows, routes="w: {from: x, direction: west, steps: [rail]}", more=""):
    return simulate(f"""
clock: {{start: 2024-01-01, length: 200 h}}
places: {{x: {{}}, y: {{}}}}
legs: {{rail: {{from: x, to: y, distance: 100 km, speed: 50 km/h, {leg}}}}}
routes:
  {routes}
flows:
  {flows}
{more}
""")


def flow(name, times, *, trains=1.0, route="w"):
    at = ", ".join(f"{time} h" for time in times)
    return (
        f"{name}: {{consignment: {{trains: {trains}}}, arrivals: {{timetable: {{at: [{at}]}}}}, "
        f"choice: {{shares: {{{route}: 1}}}}}}"
    )


def test_running_time_is_distance_over_speed():
    assert rail("open: true", flows=flow("f", [0, 0.5])).at("rail").ended == [2, 2.5]


def test_headway_is_scaled_by_trains():
    # 12 trains a day: 2 h a train. 1.5 trains take 3 h: departures 0, 3, 6, then 20.
    run = rail("train_paths: 12 trains/day", flows=flow("f", [0, 0, 1, 20], trains=1.5))
    assert run.at("rail").started == [0, 3, 6, 20]
    assert run.at("rail").ended == [2, 5, 8, 22]
    # The leg always admits: what came before the leg is left at once.
    assert run.offered("f").admitted == [0, 0, 1, 20]


def test_paths_are_per_direction_on_double_track():
    both = "\n  ".join([flow("f", [0, 0]), flow("g", [0, 0], route="e")])
    routes = "w: {from: x, direction: west, steps: [rail]}\n  e: {from: y, direction: east, steps: [rail]}"
    run = rail("train_paths: 12 trains/day", flows=both, routes=routes)
    assert run.at("rail", flow="f").started == [0, 2]
    assert run.at("rail", flow="g").started == [0, 2]


def test_paths_are_shared_on_a_single_track():
    # First come first served over both directions, ties by id of the flow: f, f, g, g.
    both = "\n  ".join([flow("f", [0, 0]), flow("g", [0, 0], route="e")])
    routes = "w: {from: x, direction: west, steps: [rail]}\n  e: {from: y, direction: east, steps: [rail]}"
    run = rail("train_paths: 12 trains/day, single_track: true", flows=both, routes=routes)
    assert run.at("rail", flow="f").started == [0, 2]
    assert run.at("rail", flow="g").started == [4, 6]


def test_paths_go_by_the_direction_of_the_route_not_by_the_way_over_the_leg():
    # A westbound route may use the leg from its `to` end: it shares the path with the other westbound one.
    both = "\n  ".join([flow("f", [0]), flow("g", [0], route="v")])
    routes = "w: {from: x, direction: west, steps: [rail]}\n  v: {from: y, direction: west, steps: [rail]}"
    run = rail("train_paths: 12 trains/day", flows=both, routes=routes)
    assert run.at("rail", flow="f").started == [0]
    assert run.at("rail", flow="g").started == [2]


def test_hours_over_midnight():
    # 21:00-02:00. 1 h: open. 2 h: the end is not in it, 21. 23 h: open. 25.9 (01:54) open. 26 (02:00): 45.
    run = rail('hours: ["21:00-02:00"]', flows=flow("f", [1, 2, 23, 25.9, 26]))
    assert run.at("rail").started == [1, 21, 23, 25.9, 45]


def test_hours_and_headway_together():
    # Four trains wait at 21; 2 h a train: 21, 23, 25 (01:00), and the next would be 27 (03:00): 45.
    run = rail('hours: ["21:00-02:00"], train_paths: 12 trains/day', flows=flow("f", [3, 4, 5, 6]))
    assert run.at("rail").started == [21, 23, 25, 45]


def test_two_windows_a_day():
    run = rail('hours: ["06:00-07:00", "12:00-13:00"]', flows=flow("f", [0, 6.5, 7, 13]))
    assert run.at("rail").started == [6, 6.5, 12, 30]


def test_a_closed_leg_lets_those_on_it_arrive_and_the_others_wait():
    # Closed from 3 to 10 as the second leg of the route: the first train is on it, the second has chosen
    # before and waits at its departure point; the third arrives at its origin while the route is closed
    # and waits there until 10.
    run = simulate("""
        places: {x: {}, y: {}, z: {}}
        legs:
          first: {from: x, to: y, distance: 100 km, speed: 50 km/h}
          second: {from: y, to: z, distance: 100 km, speed: 50 km/h}
        routes: {r: {from: x, direction: west, steps: [first, second]}}
        flows:
          f:
            consignment: {t: 1}
            arrivals: {timetable: {at: [0 h, 2 h, 5 h]}}
            choice: {shares: {r: 1}}
        timeline: [{title: closed, at: 3 h, lasts: 7 h, set: {legs.second.open: false}}]
    """)
    assert run.at("second").started == [2, 10, 12]
    assert run.at("second").ended == [4, 12, 14]
    assert run.at("first").started == [0, 2, 10]
    assert run.offered("f").admitted == [0, 2, 10]
    assert run.at("first").asked == [0, 2, 5]


def test_more_paths_from_a_date():
    # 2 h a train until 5, 1 h afterwards: 0, 2, 4 (headway of 2 begun before), 6, 7, 8.
    run = rail(
        "train_paths: 12 trains/day",
        flows=flow("f", [0, 0, 0, 0, 0, 0]),
        more="timeline: [{title: more, at: 5 h, set: {legs.rail.train_paths: 24 trains/day}}]",
    )
    assert run.at("rail").started == [0, 2, 4, 6, 7, 8]


def test_a_speed_is_read_at_departure():
    # 100 km at 50 km/h, from 1 h on at 25 km/h; the ramp of the third entry is half way at 15 h: 37.5 km/h.
    run = rail(
        "open: true",
        flows=flow("f", [0, 1, 15, 30]),
        more="""timeline:
  - {title: slow, at: 1 h, set: {legs.rail.speed: 25 km/h}}
  - {title: faster, at: 10 h, ramp: 10 h, add: {legs.rail.speed: 25 km/h}}""",
    )
    assert run.at("rail").ended == [2, 5, round(15 + 100 / 37.5, 6), 32]


POOL = """
    places: {x: {}, y: {}}
    legs: {rail: {from: x, to: y, distance: 100 km, speed: 50 km/h}}
    facilities: {desk: {at: y, service: 1 h}}
    pools: {wagons: {size: SIZE, returns: 10 h}}
    routes:
      r: {from: x, direction: west, steps: [rail, desk], uses: {wagons: {from: rail, to: LAST}}}
    flows:
      f: {consignment: {wagons: 5}, arrivals: {timetable: {at: [0 h, 1 h, 2 h]}}, choice: {shares: {r: 1}}}
"""


def test_a_pool_is_held_until_the_next_step_admits_and_then_returns():
    # 12 wagons, 5 each. Taken at 0 and 1; the third waits. Released when the leg is left, at 2 and 3, home
    # at 12 and 13: the third goes at 12.
    run = simulate(POOL.replace("SIZE", "12 wagons").replace("LAST", "rail"))
    assert run.at("rail").started == [0, 1, 12]
    assert run.pool("wagons") == [(0, 7), (1, 2), (12, 2), (13, 7), (24, 12)]


def test_a_pool_is_held_over_several_steps():
    # Held until the desk is left: 3, and (the desk is busy until 3) 4; home at 13 and 14.
    run = simulate(POOL.replace("SIZE", "12 wagons").replace("LAST", "desk"))
    assert run.at("rail").started == [0, 1, 13]
    assert run.at("desk").left == [3, 4, 16]


def test_a_pool_that_shrinks_takes_back_what_returns():
    # 15 wagons, all out by 2. From 3 on the pool owns 10: at 12 the first five return and are withdrawn,
    # at 13 and 14 the others come home.
    timeline = "    timeline: [{title: fewer, at: 3 h, set: {pools.wagons.size: 10 wagons}}]\n"
    run = simulate(POOL.replace("SIZE", "15 wagons").replace("LAST", "rail") + timeline)
    assert run.at("rail").started == [0, 1, 2]
    levels = dict(run.pool("wagons"))
    assert [levels[time] for time in (0, 1, 2)] == [10, 5, 0]
    assert [levels.get(time, 0) for time in (3, 12, 13, 14)] == [0, 0, 5, 10]


def test_a_pool_that_grows_lets_the_longest_waiting_go_at_once():
    timeline = "    timeline: [{title: more, at: 3 h, set: {pools.wagons.size: 10 wagons}}]\n"
    run = simulate(POOL.replace("SIZE", "5 wagons").replace("LAST", "rail") + timeline)
    # The first has the only five; at 3 five more are there for the second; the third takes those that are
    # home at 12 (released at 2).
    assert run.at("rail").started == [0, 3, 12]


def test_who_waits_longest_for_a_pool_is_not_overtaken_at_another_door():
    # 10 wagons, 6 out until 16 (released at 2 + return 14). The train of 5 at 1 waits at leg p; the one of 4
    # at leg q, which the 4 at home would do for, may not overtake it. At 16 all 10 are home: p, then q.
    run = simulate("""
        places: {x: {}, y: {}}
        legs:
          p: {from: x, to: y, distance: 100 km, speed: 50 km/h}
          q: {from: x, to: y, distance: 100 km, speed: 50 km/h}
        pools: {wagons: {size: 10 wagons, returns: 14 h}}
        routes:
          rp: {from: x, direction: west, steps: [p], uses: {wagons: {from: p, to: p}}}
          rq: {from: x, direction: west, steps: [q], uses: {wagons: {from: q, to: q}}}
        flows:
          six: {consignment: {wagons: 6}, arrivals: {timetable: {at: [0 h]}}, choice: {shares: {rp: 1}}}
          five: {consignment: {wagons: 5}, arrivals: {timetable: {at: [1 h]}}, choice: {shares: {rp: 1}}}
          four: {consignment: {wagons: 4}, arrivals: {timetable: {at: [2 h]}}, choice: {shares: {rq: 1}}}
    """)
    assert run.at("p", flow="five").started == [16]
    assert run.at("q", flow="four").started == [16]
