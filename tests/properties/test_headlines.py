"""Which figures speak first: main routes, the family, new routes beside their rivals."""

from __future__ import annotations

import numpy as np
import pytest

from sim.study.compare import contrast
from sim.study.events import Event, new_events
from sim.study.headline import Key, headline, main_routes, scope_of
from sim.study.outline import Outline, joined
from sim.study.summary import Matrix

RNG = np.random.default_rng(3)


def volume(route: str, unit: str = "Mt/yr") -> Key:
    return Key("throughput", f"route/{route}", unit)


def work(route: str) -> Key:
    return Key("transport_work", f"route/{route}", "Mt km/yr")


def time(route: str) -> Key:
    return Key("transit_time.mean", f"route/{route}", "h")


FIGURES = {
    volume("crude"): 50.0,
    work("crude"): 80_000.0,
    volume("boxes"): 0.1,
    volume("boxes", "TEU/yr"): 7000.0,
    work("boxes"): 500.0,
    volume("promised"): 0.01,
    work("promised"): 50.0,
    volume("terminal-other"): 90.0,
    work("terminal-other"): 0.0,
    volume("closed"): 0.0,
    Key("wait.mean", "port/sea/oil", "h"): 4.0,
    Key("wait.mean", "port/sea/box", "h"): float("nan"),
    Key("load_factor.mean", "line/ships", "share"): 0.5,
    Key("throughput", "total", "Mt/yr"): 140.0,
    Key("throughput", "cargo/containers", "TEU/yr"): 7000.0,
}
OUTLINE = Outline(
    asked=("route/closed", "facility/pump", "line/ships"),
    promised=("route/promised",),
    background=("route/terminal-other", "flow/terminal-other"),
    over={
        "route/crude": ("facility/pump", "port/sea/oil"),
        "route/boxes": ("line/ships", "port/sea/box"),
        "route/terminal-other": ("facility/pump",),
    },
)


def test_main_routes_are_those_asked_about_then_promised_then_by_work():
    assert main_routes(OUTLINE, FIGURES) == ("route/crude", "route/boxes", "route/promised")
    assert main_routes(Outline(), FIGURES)[:3] == ("route/crude", "route/boxes", "route/promised")
    assert main_routes(OUTLINE, FIGURES, most=2) == ("route/crude", "route/boxes")
    # What is new in a comparison goes before what is promised; nothing new needs naming twice.
    again = Outline(promised=OUTLINE.promised, background=OUTLINE.background)
    assert main_routes(again, FIGURES, new=["route/boxes"]) == (
        "route/boxes",
        "route/promised",
        "route/crude",
    )


def test_background_speaks_only_where_there_is_nothing_else():
    only = {key: value for key, value in FIGURES.items() if key.subject == "route/terminal-other"}
    assert main_routes(OUTLINE, only) == ("route/terminal-other",)


def test_the_family_is_small_and_says_each_thing_once():
    scope = scope_of(OUTLINE, FIGURES)
    assert scope.lines == ("line/ships",)
    assert scope.ports == ("port/sea/oil",)
    found = headline([*FIGURES, time("crude"), time("terminal-other")], scope=scope)
    assert volume("boxes", "TEU/yr") in found
    assert volume("boxes") not in found
    assert volume("terminal-other") not in found
    assert time("terminal-other") not in found
    assert found[:2] == [
        Key("throughput", "total", "Mt/yr"),
        Key("throughput", "cargo/containers", "TEU/yr"),
    ]
    many = {volume(f"r{k}"): 1.0 for k in range(50)} | {time(f"r{k}"): 9.0 for k in range(50)}
    assert len(headline(many, scope=scope_of(Outline(), many))) <= 30


def test_an_outline_is_written_and_read():
    events = (Event("stop", 24.0, 48.0), Event("opens", -2.0))
    outline = Outline(
        ("total",), ("route/a",), ("flow/b",), {"route/a": ("line/c",)}, {"route/a": ("route/d",)}, events
    )
    assert Outline.of_facts(outline.facts()) == outline
    assert Outline.of_facts(None) == Outline()
    assert new_events(events[:1], outline.events) == events[1:]


def test_what_one_scenario_takes_for_its_own_is_background_for_none():
    one = Outline(background=("flow/x",), over={"route/x": ()})
    other = Outline(background=("route/x", "flow/x"), over={"route/x": ()})
    assert joined([one, other]).background == ("flow/x",)


def matrix(**columns: np.ndarray) -> Matrix:
    keys = {"old": volume("old"), "old_time": time("old"), "new": volume("new"), "new_time": time("new")}
    ordered = sorted(columns, key=lambda name: keys[name])
    return Matrix(tuple(keys[name] for name in ordered), np.array([columns[name] for name in ordered]).T)


def test_a_new_route_counts_from_nothing_and_stands_beside_the_one_it_takes_from():
    noise = RNG.normal(0, 0.01, 8)
    base = matrix(old=2 + noise, old_time=100 + noise)
    other = matrix(old=1.5 + noise, old_time=90 + noise, new=0.5 + 0 * noise, new_time=60 + noise)
    rivals = {"route/new": ("route/old",)}
    found = contrast([("a", base), ("b", other)], outlines=[Outline(), Outline(rivals=rivals)])
    rows = found.of("b")
    row = rows[volume("new")]
    assert (row.base, row.other, row.n) == (0.0, 0.5, 8)
    assert row.difference == pytest.approx(0.5)
    assert row.headline
    # It takes no time where it does not run.
    assert rows[time("new")].n == 0
    assert np.isnan(rows[time("new")].base)
    assert rows[time("new")].other == pytest.approx(60, abs=0.02)
    (entry,) = found.newcomers["b"]
    assert (entry.route, entry.rival) == ("route/new", "route/old")
    assert entry.time is not None
    assert entry.time.difference == pytest.approx(-30)
    assert (entry.time.low, entry.time.high) == pytest.approx((-30, -30))


def test_figures_of_a_disturbance_are_set_against_nothing():
    base = matrix(old=2 + RNG.normal(0, 0.01, 4))
    key = Key("time_to_recover", "total", "h")
    late = Matrix((key,), np.array([[10.0], [12.0], [np.nan], [14.0]]))
    found = contrast([("a", base), ("b", base)], derived={"b": late})
    row = found.of("b")[key]
    # The replication that does not recover is left out of the mean and of the count.
    assert (row.base, row.other, row.n) == (0.0, 12.0, 3)
