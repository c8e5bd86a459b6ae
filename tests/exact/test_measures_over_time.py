"""Measures of what changes in mid-run: each is read when it is used, worked out on paper. Times in hours."""

from __future__ import annotations

import pytest
from hand_records import journeys, records
from harness import scenario, simulate

from sim.measure import measure
from sim.model.compile import compile_model

DESK = """
clock: {{start: 2024-01-01, length: 10 h, warmup: 2 h}}
places: {{a: {{country: KZ}}, b: {{country: AZ}}}}
facilities:
  desk: {{at: a, task: customs, servers: 2, service: 1 h}}
legs:
  run: {{from: a, to: b, mode: rail, distance: 100 km, speed: 50 km/h, emissions: 20 gCO2/t/km}}
routes:
  west: {{from: a, direction: west, steps: [desk, run]}}
flows:
  ore: {{consignment: {{t: 5, TEU: 2}}, arrivals: {{timetable: {{at: [1 h]}}}}, value_of_time: 2 USD/t/h,
        choice: {{shares: {{west: 1}}}}}}
timeline: [{{title: change, {change}}}]
"""

TRIPS = (
    ("ore", -1, "west", ((-1, -1, 0, 0, 0), (0, 0, 2, 2, -1))),
    ("ore", 1, "west", ((1, 1, 2, 2, 0), (2, 3, 5, 5, -1))),
    ("ore", 1, "west", ((1, 1, 3, 4, 1), (4, 4, 6, 6, -1))),
    ("ore", 2, "west", ((2, 4, 5, 5, 1), (5, 5, 7, 7, -1))),
    ("ore", 8, "west", ((8, 8, 9, 9, 0), (9, 9, None, None, -1))),
)
"""Four are delivered: at 2, 5, 6 and 7."""


def desk(change):
    model = compile_model(scenario(DESK.format(change=change)))
    return measure(model, records(**journeys(model, *TRIPS))).kpis


@pytest.mark.parametrize(
    ("change", "at_desk", "on_run", "journey"),
    [
        # 6 USD from 3 to 5, else 2: a stay is valued by the hours it has of each.
        (
            "at: 3 h, until: 5 h, set: {flows.ore.value_of_time: 6 USD/t/h}",
            (2 + 2 + (4 + 6) + (2 + 12) + 2) / 5,
            (4 + (2 + 12) + (6 + 2) + 4) / 4,
            (3 * 2 + 4 * 2 + 5 * 2 + 5 * 2) / 4,
        ),
        # From 2 USD at 1 to 6 at 5, straight.
        (
            "at: 1 h, ramp: 4 h, set: {flows.ore.value_of_time: 6 USD/t/h}",
            (2 + 2.5 + 3 * 3.5 + 3 * 4.5 + 6) / 5,
            ((2 + 2.5) + 3 * 4.5 + (5.5 + 6) + 12) / 4,
            (3 * 3 + 4 * 6 + 5 * 6 + 5 * 6) / 4,
        ),
        # Before the window, in the first hour of which one stays at the desk.
        (
            "at: -0.5 h, set: {flows.ore.value_of_time: 6 USD/t/h}",
            (1 + 3 + 6 + 18 + 18 + 6) / 5,
            (12 + 18 + 12 + 12) / 4,
            (18 + 24 + 30 + 30) / 4,
        ),
    ],
)
def test_time_is_valued_while_it_passes_that_of_journeys_at_delivery(change, at_desk, on_run, journey):
    kpis = desk(change)
    for subject, value in (
        ("facility/desk", at_desk),
        ("leg/run", on_run),
        ("route/west", journey),
        ("flow/ore", journey),
    ):
        assert kpis.get("cost_time", subject, "USD/t") == pytest.approx(value)
        assert kpis.get("cost", subject, "USD/TEU") == pytest.approx(value * 5 / 2)


def test_a_route_of_one_step_costs_what_its_step_does():
    text = """
clock: {start: 2024-01-01, length: 100 d}
places: {x: {}}
facilities: {desk: {at: x, task: customs, servers: 9, service: 10 h}}
routes: {r: {from: x, direction: west, steps: [desk]}}
flows:
  f: {consignment: {TEU: 1}, volume: 1 TEU/d, arrivals: regular, value_of_time: 1 USD/TEU/h,
      choice: {shares: {r: 1}}}
timeline: [{title: rush, at: 45 d, until: 55 d, set: {flows.f.value_of_time: 11 USD/TEU/h}}]
"""
    run = simulate(text)
    kpis = measure(run.model, run.records).kpis
    # One a day from day 1 to 99, of which ten in the rush.
    for subject in ("facility/desk", "route/r", "flow/f"):
        assert kpis.get("cost_time", subject, "USD/TEU") == pytest.approx((89 * 10 + 10 * 110) / 99)


@pytest.mark.parametrize(
    ("change", "km"),
    [
        # Departures at 0, 3, 4, 5, and 9, which does not arrive: the change is in force at its instant.
        ("at: 4 h, until: 5 h, set: {legs.run.distance: 1100 km}", 100 + 100 + 1100 + 100),
        ("at: 3 h, set: {legs.run.distance: 1100 km}", 100 + 1100 + 1100 + 1100),
        ("at: 2 h, ramp: 4 h, set: {legs.run.distance: 500 km}", 100 + 200 + 300 + 400),
        ("at: -1 h, ramp: 5 h, set: {legs.run.distance: 600 km}", 200 + 500 + 600 + 600),
    ],
)
def test_a_leg_is_as_long_as_at_departure(change, km):
    kpis = desk(change)
    per_year = 8766 / 10
    assert kpis.get("co2", "leg/run", "t/yr") == pytest.approx(km * 5 * 20e-6 * per_year)
    for subject in ("flow/ore", "route/west", "total"):
        assert kpis.get("transport_work", subject, "Mt km/yr") == pytest.approx(km * 5e-6 * per_year)
        assert kpis.get("co2", subject, "t/yr") == pytest.approx(km * 5 * 20e-6 * per_year)
        assert kpis.get("co2", subject, "gCO2e/t/km") == pytest.approx(20)


def test_a_detour_in_a_tenth_of_the_window():
    run = simulate("""
clock: {start: 2024-01-01, length: 100 d}
places: {x: {}, y: {}}
legs:
  rail: {from: x, to: y, mode: rail, distance: 100 km, speed: 100 km/h, emissions: 20 gCO2/t/km}
routes: {r: {from: x, direction: west, steps: [rail]}}
flows:
  f: {consignment: {TEU: 1, t: 10}, volume: 1 TEU/d, arrivals: regular, choice: {shares: {r: 1}}}
timeline: [{title: detour, at: 45 d, until: 55 d, set: {legs.rail.distance: 1100 km}}]
""")
    kpis = measure(run.model, run.records).kpis
    # One a day from day 1 to 99, of which ten take the detour.
    moved = (89 * 100 + 10 * 1100) * 10e-6 * 8766 / 2400
    for subject in ("flow/f", "route/r", "total"):
        assert kpis.get("transport_work", subject, "Mt km/yr") == pytest.approx(moved)
    for subject in ("flow/f", "leg/rail"):
        assert kpis.get("co2", subject, "t/yr") == pytest.approx(20 * moved)


PORT = """
clock: {{start: 2024-01-01, length: {length}}}
places: {{a: {{}}, b: {{}}}}
ports: {{p: {{at: a, berths: {{box: 1}}}}, q: {{at: b, berths: {{box: 9}}}}}}
lines:
  ferry: {{from: p/box, to: q/box, sailing: 1 h, load: {load}, vessels: {{count: 3, capacity: 1 TEU}},
          leaves: {{full: 1.0}}}}
routes: {{r: {{from: a, direction: west, steps: [ferry]}}}}
flows: {{f: {{consignment: {{TEU: 1}}, arrivals: {{timetable: {arrivals}}}, choice: {{shares: {{r: 1}}}}}}}}
timeline: [{{title: works, {change}, set: {{ports.p.berths.box: {berths}}}}}]
"""


@pytest.mark.parametrize(
    ("change", "berths", "there"),
    [
        # Straight, there would be more than one from the first hour; the second berth is there at the end.
        ("at: 0 h, ramp: 40 h", 2, 30),
        # Two as soon as the line is at 2, at 10 h.
        ("at: 0 h, ramp: 10 h", 2, 10 + 2 * 20),
        # Hourly from half past one: 1, 2.3, 3.6, 4.9, 6.2, and 7.5 from half past six.
        ("at: 1.5 h, ramp: 5 h", 7.5, 2.5 + 2 + 3 + 4 + 6 + 7 * 23.5),
        # From one to none: there is no whole berth from the first step on, an hour into the ramp.
        ("at: 10 h, ramp: 10 h", 0, 11),
        # A change in no time, as ever.
        ("at: 20 h", 4, 20 + 4 * 10),
    ],
)
def test_berths_under_a_ramp_are_whole_ones(change, berths, there):
    # One vessel loads from 5 to 9, and no other wants the berth.
    run = simulate(
        PORT.format(length="30 h", load="4 h", arrivals="{at: [5 h]}", change=change, berths=berths)
    )
    found = measure(run.model, run.records).kpis.get("utilisation", "port/p/box")
    assert run.sailings("ferry").loading[0] == 5
    assert found == pytest.approx(4 / there)


def test_half_a_berth_is_none():
    text = PORT.format(length="30 h", load="4 h", arrivals="{at: [5 h]}", change="at: 29 h", berths=1)
    run = simulate(text.replace("box: 1}", "box: 1.5}", 1))
    found = measure(run.model, run.records).kpis.get("utilisation", "port/p/box")
    assert found == pytest.approx(4 / 30)


def test_the_only_berth_of_a_long_ramp_is_in_use_all_the_time():
    times = "{every: 8 h, first: 8 h}"
    run = simulate(
        PORT.format(length="100 d", load="20 h", arrivals=times, change="at: 0 d, ramp: 110 d", berths=2)
    )
    # From the first consignment at 8 h to the end, but for nothing: the berth is given on at once.
    found = measure(run.model, run.records).kpis.get("utilisation", "port/p/box")
    assert found == pytest.approx(2392 / 2400)


@pytest.mark.parametrize(
    ("change", "owned"),
    [
        # A wagon an hour, then 10 h at 110.
        ("at: 0 h, ramp: 10 h, set: {pools.flats.size: 110 wagons}", sum(range(100, 110)) + 10 * 110),
        # Half a wagon an hour, of which a pool has halves too: it is counted in thousandths.
        ("at: 0 h, ramp: 10 h, set: {pools.flats.size: 105 wagons}", 100 * 10 + 0.5 * 45 + 10 * 105),
        ("at: 0.5 h, ramp: 10 h, set: {pools.flats.size: 0 wagons}", 0.5 * 100 + sum(range(10, 101, 10))),
    ],
)
def test_a_pool_under_a_ramp_owns_what_the_engine_gave_it(change, owned):
    run = simulate(f"""
clock: {{start: 2024-01-01, length: 20 h}}
places: {{a: {{}}, b: {{}}}}
pools: {{flats: {{size: 100 wagons, returns: 0 h}}}}
legs: {{run: {{from: a, to: b, mode: rail, distance: 100 km, speed: 100 km/h}}}}
routes: {{r: {{from: a, direction: west, steps: [run], uses: {{flats: {{from: run, to: run}}}}}}}}
flows:
  f: {{consignment: {{wagons: 1}}, arrivals: {{timetable: {{at: [30 h]}}}}, choice: {{shares: {{r: 1}}}}}}
timeline: [{{title: more, {change}}}]
""")
    kpis = measure(run.model, run.records).kpis
    # Nobody takes a wagon: all that is owned is at home.
    assert kpis.get("level.mean", "pool/flats") == pytest.approx(owned / 20)
    assert kpis.get("utilisation", "pool/flats") == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("change", "hours"),
    [
        # 1, 2, 3 and 4 trains an hour from 0, 1, 2 and 3 h.
        ("at: 0 h, ramp: 3 h, set: {legs.run.train_paths: 4 trains/h}", 1 + 1 / 2 + 2 / 3 + 1 / 4),
        ("at: 1 h, set: {legs.run.train_paths: 4 trains/h}", 1 + 4 / 4),
    ],
)
def test_a_train_path_under_a_ramp_is_as_long_as_the_engine_kept_it(change, hours):
    run = simulate(f"""
clock: {{start: 2024-01-01, length: 10 h}}
places: {{a: {{}}, b: {{}}}}
legs:
  run: {{from: a, to: b, mode: rail, distance: 1 km, speed: 100 km/h, train_paths: 1 trains/h}}
routes: {{r: {{from: a, direction: west, steps: [run]}}}}
flows:
  f: {{consignment: {{trains: 1}}, choice: {{shares: {{r: 1}}}},
      arrivals: {{timetable: {{at: [0.5 h, 1.5 h, 2.2 h, 2.6 h, 5 h]}}}}}}
timeline: [{{title: more, {change}}}]
""")
    # Nobody waits: all leave as they come.
    kpis = measure(run.model, run.records).kpis
    assert kpis.get("utilisation", "leg/run") == pytest.approx(hours / 10)
