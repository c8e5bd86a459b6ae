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
