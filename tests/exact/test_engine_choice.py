"""Choice among routes, by hand: shares, cascades with contracts and cuts, logit. Times in hours."""

from __future__ import annotations

import pytest
from harness import simulate


def at(*times):
    return "{timetable: {at: [" + ", ".join(f"{time} h" for time in times) + "]}}"


def two_legs(flow, *, legs="", timeline="", routes="", clock="length: 200 h"):
    """Two parallel legs of 2 h and 5 h, each a route."""
    return simulate(f"""
clock: {{start: 2024-01-01, {clock}}}
places: {{x: {{}}, y: {{}}}}
legs:
  short: {{from: x, to: y, distance: 100 km, speed: 50 km/h, {legs}}}
  long: {{from: x, to: y, distance: 100 km, speed: 20 km/h, {legs}}}
routes:
  quick: {{from: x, direction: west, steps: [short]}}
  slow: {{from: x, direction: west, steps: [long]}}
  {routes}
flows:
  f: {{consignment: {{TEU: 10, t: 100}}, {flow}}}
{timeline}
""")


def test_shares_are_renormalised_over_the_open_routes():
    # quick has 99 of 100, but is closed 10-20: all who come then go slow.
    run = two_legs(
        f"arrivals: {at(*range(10, 20), *range(20, 30))}, choice: {{shares: {{quick: 1, slow: 1.0e-9}}}}",
        timeline="timeline: [{title: shut, at: 10 h, lasts: 10 h, set: {legs.short.open: false}}]",
    )
    assert run.offered("f").route == ["slow"] * 10 + ["quick"] * 10


def test_without_an_open_route_consignments_wait_and_choose_when_one_opens():
    run = two_legs(
        f"arrivals: {at(1, 2, 35)}, choice: {{shares: {{quick: 1}}}}",
        timeline="timeline: [{title: shut, at: 0 h, lasts: 30 h, set: {legs.short.open: false}}]",
    )
    assert run.at("short").asked == [1, 2, 35]
    assert run.at("short").started == [30, 30, 35]


def test_shares_change_by_the_timeline():
    run = two_legs(
        f"arrivals: {at(1, 11, 21)}, choice: {{shares: {{quick: 1, slow: 0}}}}",
        timeline="timeline: [{title: other, at: 10 h, lasts: 10 h, "
        "set: {flows.f.choice.shares: {quick: 0, slow: 1}}}]",
    )
    assert run.offered("f").route == ["quick", "slow", "quick"]


def test_a_share_that_ramps_up_from_nothing_takes_the_stranded_along():
    # The slow leg is shut and the quick one has no share before 10: the one of 5 waits until 11, when the
    # ramp has its first hour behind it.
    run = two_legs(
        f"arrivals: {at(5)}, choice: {{shares: {{quick: 0, slow: 1}}}}",
        timeline="""timeline:
  - {title: shut, at: 0 h, set: {legs.long.open: false}}
  - {title: ramp, at: 10 h, ramp: 100 h, set: {flows.f.choice.shares.quick: 1}}""",
    )
    assert run.at("short").started == [11]


CASCADE = """
    clock: {start: CLOCK}
    places: {x: {}}
    facilities:
      first: {at: x, service: 10 h, buffer: 10 kt}
      second: {at: x, service: 10 h, buffer: 0 kt}
    routes:
      r1: {from: x, direction: west, steps: [first]}
      r2: {from: x, direction: west, steps: [second]}
    flows:
      f: {consignment: {t: 10000}, arrivals: ARRIVALS, choice: {cascade: CHOICE}}
"""


def cascade(arrivals, choice="[r1, r2]", *, clock="2024-01-01, length: 200 h"):
    text = CASCADE.replace("CLOCK", clock).replace("ARRIVALS", arrivals).replace("CHOICE", choice)
    return simulate(text)


def test_a_cascade_takes_the_first_that_admits_and_turns_the_rest_away():
    # 0: first's server. 1: first's buffer. 2: second's server. 3: nobody. 10 (a release comes first): the one
    # in the buffer starts, so the buffer has room again: first.
    run = cascade(at(0, 1, 2, 3, 10))
    assert run.offered("f").route == ["r1", "r1", "r2", None, "r1"]
    assert run.offered("f").outcome == ["delivered", "delivered", "delivered", "turned_away", "delivered"]
    assert run.offered("f").finished[3] == 3


def test_a_contract_is_per_calendar_year():
    # At most 20 kt a year by r1; the run begins on 31 December 2023 (-24 h) in the warm-up. Two parcels
    # before the new year, one refused (second), then two more in 2024 and one refused.
    run = cascade(
        at(-23, -12, -1, 1, 20, 40),
        "[{route: r1, at_most: 20 kt/yr}, r2]",
        clock="2024-01-01, length: 100 h, warmup: 24 h",
    )
    assert run.offered("f").route == ["r1", "r1", "r2", "r1", "r1", "r2"]


def test_a_contract_is_renegotiated_a_lag_after_it_first_refused():
    # 10 kt a year; the second parcel (at 20) is refused and starts the lag of 30 h; at 45 still 10 kt; from
    # 50 on 30 kt a year: two more parcels, then refused again.
    run = cascade(
        at(0, 20, 45, 60, 80, 100),
        "[{route: r1, at_most: 10 kt/yr, renegotiated: {to: 30 kt/yr, after: 30 h}}, r2]",
    )
    assert run.offered("f").route == ["r1", "r2", "r2", "r1", "r1", "r2"]


def test_a_cascade_waits_at_its_origin_while_every_route_is_closed():
    run = simulate("""
        places: {x: {}}
        facilities: {first: {at: x, service: 1 h, buffer: 10 kt}}
        routes: {r1: {from: x, direction: west, steps: [first]}}
        flows:
          f: {consignment: {t: 10000}, arrivals: {timetable: {at: [5 h]}}, choice: {cascade: [r1]}}
        timeline: [{title: shut, at: 0 h, lasts: 20 h, set: {facilities.first.servers: 0}}]
    """)
    assert run.offered("f").admitted == [20]
    assert run.offered("f").outcome == ["delivered"]


def test_a_cascade_may_begin_with_a_line_that_has_a_yard():
    # A yard of 20 kt: parcels of 10 kt at 0, 1 and 2; the ferry never leaves (30 kt): the third goes by r2.
    run = simulate("""
        places: {x: {}, y: {}}
        ports:
          port-x: {at: x, berths: {oil: 1}, yard: {oil: 20 kt}}
          port-y: {at: y, berths: {oil: 1}}
        facilities: {second: {at: x, service: 1 h, buffer: 0 kt}}
        lines:
          tanker: {from: port-x/oil, to: port-y/oil, sailing: 5 h, vessels: {count: 1, capacity: 30 kt}}
        routes:
          r1: {from: x, direction: west, steps: [tanker]}
          r2: {from: x, direction: west, steps: [second]}
        flows:
          f:
            consignment: {t: 10000}
            arrivals: {timetable: {at: [0 h, 1 h, 2 h]}}
            choice: {cascade: [r1, r2]}
    """)
    assert run.offered("f").route == ["r1", "r1", "r2"]


def test_production_is_cut_after_its_lag_and_comes_back_by_a_ramp():
    # A parcel an hour, served in half an hour; the desk is closed by weather from 100.5 to 150.25. The
    # parcels of 101 and 102 are refused within the lag of 2 h: produced, they wait at the field. From 103
    # on every parcel is shut in. When the desk is open again the two that waited go, and production comes
    # back over 20 h: some parcels are missing in it, later none.
    run = simulate(
        """
        places: {x: {}}
        facilities: {desk: {at: x, service: 30 min, buffer: 0 kt}}
        closures: {storm: {facilities: [desk], share_closed: 0.1, lasts: 1 h}}
        routes: {r: {from: x, direction: west, steps: [desk]}}
        flows:
          f:
            consignment: {t: 5000}
            arrivals: {timetable: {every: 1 h, first: 0 h}}
            choice: {cascade: [r]}
            cut: {after: 2 h, ramp: 20 h}
        """,
        closed={"facility/desk": [(100.5, 150.25)]},
    )
    outcome = run.offered("f").outcome
    assert outcome[:101] == ["delivered"] * 101
    assert outcome[101:103] == ["delivered"] * 2
    assert run.offered("f").admitted[101:103] == [150.25, 150.75]
    assert outcome[103:151] == ["turned_away"] * 48
    back = [value == "delivered" for value in outcome[151:175]]
    assert 5 <= back.count(False) <= 15
    assert set(outcome[175:199]) == {"delivered"}


LOGIT = "choice: {logit: {options: OPTIONS, scale: 1 /USD, memory: MEMORY}}, value_of_time: 24 USD/TEU/d"


def logit(arrivals, options, *, memory="30 d", **more):
    choice = LOGIT.replace("OPTIONS", options).replace("MEMORY", memory)
    return two_legs(f"arrivals: {arrivals}, {choice}", **more)


def test_logit_takes_the_cheapest_where_costs_lie_far_apart():
    # Time is worth 1 USD per TEU and hour, the scale is 1 per USD; the tariffs are equal; 3 h are 3 USD
    # only, so the shares are 0.95 and 0.05. With 1,000 USD per TEU more by the quick leg everybody goes
    # slow.
    many = at(*(hour / 10 for hour in range(1000)))
    both = logit(many, "[quick, slow]").offered("f").route
    assert 0.93 < both.count("quick") / 1000 < 0.97
    dear = logit(
        many,
        "[quick, slow]",
        timeline="timeline: [{title: dear, at: 0 h, set: {legs.short.tariff: 1000 USD/TEU}}]",
        legs="tariff: 0 USD/TEU",
    )
    assert set(dear.offered("f").route) == {"slow"}


@pytest.mark.parametrize(("cost", "share"), [("1000 USD/TEU", 0), ("0 USD/TEU", 1)])
def test_an_outside_option_is_a_fixed_time_and_cost(cost, share):
    # Outside takes 1 h. At 1,000 USD nobody takes it; at 0 USD everybody, with 500 USD on both legs.
    run = logit(
        at(*range(100)),
        "[quick, slow, outside]",
        legs="tariff: 500 USD/TEU",
        routes=f"outside: {{outside: {{time: 1 h, cost: {cost}}}}}",
    )
    outcome = run.offered("f").outcome
    assert outcome.count("gone_outside") == 100 * share
    gone = [k for k, value in enumerate(outcome) if value == "gone_outside"]
    assert [run.offered("f").finished[k] for k in gone] == [float(k) for k in gone]
    assert {run.offered("f").route[k] for k in gone} <= {"outside"}


def test_a_cost_per_tonne_where_a_flow_has_no_teu():
    # 100 t at 2 USD/t against 0.001 USD/t: far apart per tonne (2), not apart if it were taken per kg.
    run = simulate("""
        places: {x: {}, y: {}}
        legs:
          dear: {from: x, to: y, distance: 100 km, speed: 50 km/h, tariff: 2 USD/t}
          cheap: {from: x, to: y, distance: 100 km, speed: 50 km/h, tariff: 0.001 USD/t}
        routes:
          one: {from: x, direction: west, steps: [dear]}
          two: {from: x, direction: west, steps: [cheap]}
          away: {outside: {time: 2 h, cost: 4 USD/t}}
        flows:
          f:
            consignment: {t: 100}
            value_of_time: 0 USD/t/d
            arrivals: {timetable: {every: 1 h, first: 0 h}}
            choice: {logit: {options: [one, two, away], scale: 20 /USD, memory: 1 d}}
    """)
    assert set(run.offered("f").route) == {"two"}


def test_experience_moves_the_choice_at_each_delivery():
    # quick is a desk of 1 h, but 40 come at once at 0. With next to no memory the experience is the last
    # delivery's time: those who come from 45 on have learnt 40 h against the 5 h of slow.
    run = simulate(
        """
        places: {x: {}, y: {}}
        facilities: {desk: {at: x, service: 1 h}}
        legs: {long: {from: x, to: y, distance: 100 km, speed: 20 km/h}}
        routes:
          quick: {from: x, direction: west, steps: [desk]}
          slow: {from: x, direction: west, steps: [long]}
        flows:
          f:
            consignment: {TEU: 1}
            value_of_time: 24 USD/TEU/d
            arrivals: {timetable: {at: [ALL, 45 h, 46 h, 47 h, 100 h]}}
            choice: {logit: {options: [quick, slow], scale: 10 /USD, memory: 1 s}}
    """.replace("ALL", ", ".join(["0 h"] * 40))
    )
    route = run.offered("f").route
    # Nothing is delivered at 0: all see 1 h against 5 h, 4 USD apart at 10 per USD.
    assert route[:40] == ["quick"] * 40
    assert route[40:] == ["slow"] * 4


def test_memory_slows_experience():
    # The same with a memory of 10 d: s moves from 1 h by (x - s) x 1 / (1 + 240) at each delivery, an hour
    # apart: after forty of x = 1, 2, …, 40 it is under 5 h still: they go on by quick.
    run = simulate(
        """
        places: {x: {}, y: {}}
        facilities: {desk: {at: x, service: 1 h}}
        legs: {long: {from: x, to: y, distance: 100 km, speed: 20 km/h}}
        routes:
          quick: {from: x, direction: west, steps: [desk]}
          slow: {from: x, direction: west, steps: [long]}
        flows:
          f:
            consignment: {TEU: 1}
            value_of_time: 24 USD/TEU/d
            arrivals: {timetable: {at: [ALL, 45 h]}}
            choice: {logit: {options: [quick, slow], scale: 100 /USD, memory: 10 d}}
    """.replace("ALL", ", ".join(["0 h"] * 40))
    )
    experience = 1.0
    for took in range(1, 41):
        experience += (took - experience) / 241
    assert experience < 4.9
    assert run.offered("f").route[-1] == "quick"


def test_regular_arrivals_come_when_the_demand_reaches_a_whole_consignment():
    # 5 TEU an hour in consignments of 10 TEU: 2, 4, 6, …; what falls on the end of the window is not in it.
    run = two_legs("volume: 5 TEU/h, arrivals: regular, choice: {shares: {quick: 1}}", clock="length: 10 h")
    assert run.offered("f").arrived == [2, 4, 6, 8]
