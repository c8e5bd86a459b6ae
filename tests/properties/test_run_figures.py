"""From a run's tables to its figures: what is drawn of a small made-up corridor, and what its titles say."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.report import comparison_figures, render, run_figures
from sim.report.adapter import Results, source_words
from sim.report.geography import links_and_spots
from sim.report.names import Names, hours
from sim.report.petroleum import crude_routes, during, instant
from sim.study.compare import ComparisonRow, Contrast
from sim.study.events import Event

REPLICATIONS = 4
TREE: dict[str, Any] = {
    "places": {
        "xian": {"name": "Xi'an port station", "country": "CN", "lat": 34.4, "lon": 109.05},
        "aktau": {"name": "Aktau port", "country": "KZ", "lat": 43.6, "lon": 51.22},
        "alat": {"name": "Alat (Port of Baku)", "country": "AZ", "lat": 39.96, "lon": 49.42},
        "tengiz": {"name": "Tengiz / Kulsary", "country": "KZ", "lat": 46.15, "lon": 53.38},
        "horadiz": {"name": "Horadiz", "country": "AZ", "lat": 39.45, "lon": 47.34},
        "nowhere": {"name": "Nowhere", "country": "", "lat": 0.0, "lon": 0.0},
    },
    "legs": {
        "xian-aktau": {"from": "xian", "to": "aktau", "mode": "rail"},
        "tengiz-aktau": {"from": "tengiz", "to": "aktau", "mode": "pipe"},
        "tengiz-aktau-rail": {"from": "tengiz", "to": "aktau", "mode": "rail"},
        "alat-horadiz": {"from": "alat", "to": "horadiz", "mode": "rail", "open": False},
    },
    "facilities": {"alat-customs-road-east": {"at": "alat", "task": "customs"}},
    "ports": {"aktau": {"at": "aktau"}, "alat": {"at": "alat"}},
    "lines": {"aktau-alat-feeder": {"from": "aktau/container", "to": "alat/container"}},
    "routes": {
        "west": {
            "title": "Xi'an – Alat",
            "promise": "11 days",
            "steps": ["xian-aktau", "aktau-alat-feeder", "alat-customs-road-east", "tengiz-aktau"],
        },
        "pipe": {"title": "Tengiz – Aktau", "steps": ["tengiz-aktau"]},
        "rail": {"title": "Tengiz – Aktau by rail", "steps": ["tengiz-aktau-rail"]},
    },
    "flows": {
        "china-west": {"commodity": "containers", "choice": {"shares": {"west": 1}}},
        "crude-kz": {
            "commodity": "crude",
            "choice": {"cascade": ["pipe", {"route": "rail", "at_most": "1 Mt/yr"}]},
        },
    },
    "timeline": [
        {
            "title": "Pipe stopped",
            "at": "2024-03-01",
            "lasts": "30 d",
            "set": {"legs.tengiz-aktau.open": False},
        },
        {"title": "Dredging", "at": "400 d", "set": {"levers.draught": 1.1}},
    ],
    "targets": [{"kpi": "transit_time.mean", "of": "route/west", "observed": "12 d"}],
    "provenance": {
        "routes.west.promise": {"value": 12.0, "unit": "d", "kind": "assumption"},
        "legs.xian-aktau.distance": {"value": 1.0, "kind": "figure", "source": "seeds/land/rail-km"},
    },
}
MONTHS = np.array([0.0, 744.0, 1440.0, 2184.0])
WEEKS = np.arange(0.0, 2904.0, 168.0)


def fake_run(*, name: str = "base", slow: float = 1.0, tree: dict[str, Any] | None = None) -> SimpleNamespace:
    """Make a run of made-up tables over the first four months of 2024."""
    chance = np.random.default_rng(3)
    kpis: list[tuple[int, str, str, float, str]] = []
    series: list[tuple[int, str, str, float, float]] = []
    steps: list[tuple[int, str, int, str, float, float, float, float]] = []
    for number in range(REPLICATIONS):
        noise = 1 + 0.05 * chance.standard_normal()
        for subject, unit, value in (
            ("route/west", "TEU/yr", 9000.0),
            ("route/west", "Mt/yr", 0.12),
            ("route/pipe", "Mt/yr", 50.0),
            ("route/rail", "Mt/yr", 1.0),
            ("flow/china-west", "TEU/yr", 9000.0),
            ("flow/china-west", "Mt/yr", 0.12),
            ("flow/crude-kz", "Mt/yr", 51.0),
            ("leg/xian-aktau", "Mt/yr", 0.12),
            ("leg/tengiz-aktau", "Mt/yr", 50.0),
            ("line/aktau-alat-feeder", "Mt/yr", 0.12),
        ):
            kpis.append((number, "throughput", subject, value * noise, unit))
        for subject, mean in (("west", 300 * slow), ("pipe", 190.0), ("rail", np.nan)):
            for tail, factor in (("mean", 1.0), ("p10", 0.8), ("p50", 0.95), ("p90", 1.4)):
                kpis.append((number, f"transit_time.{tail}", f"route/{subject}", mean * factor * noise, "h"))
            kpis.append((number, "transit_time.mean", "flow/china-west", 300.0, "h"))
        for subject, share in (("facility/alat-customs-road-east", 0.7), ("port/aktau/container", 0.3)):
            kpis.append((number, "utilisation", subject, share * noise, "share"))
        kpis.append((number, "blocked_share", "facility/alat-customs-road-east", 0.1, "share"))
        kpis.append((number, "queue.mean", "line/aktau-alat-feeder", 3 * noise, "consignments"))
        for month, at in enumerate(MONTHS):
            west, pipe = 0.12 * (1 + 0.1 * month) * noise, 50.0 * noise
            for subject, value in (
                ("flow/china-west", west),
                ("route/west", west),
                ("flow/crude-kz", pipe),
                ("route/pipe", pipe * (0.5 if slow > 1 and month == 2 else 1)),
                ("route/rail", 1.0),
            ):
                series.append((number, "throughput", subject, at, value))
            series.append((number, "throughput_teu", "flow/china-west", at, 75000 * west))
            series.append(
                (number, "turned_away", "flow/crude-kz", at, 20.0 if slow > 1 and month == 2 else 0.0)
            )
            series.append((number, "closed_share", "port/aktau", at, 0.1 * month))
        delivered = 0.0
        for day in range(122):
            series.append((number, "delivered_t", "cargo/crude", 24.0 * day, delivered))
            delivered += 1000 * (0.5 if slow > 1 and 60 <= day < 90 else 1.0) * noise
        series += [(number, "queue", "line/aktau-alat-feeder", at, 3 * noise) for at in WEEKS]
        for at, count in ((240.0, 5.0), (246.0, 9.0), (300.0, 2.0 + number)):
            series.append((number, "transit_count", "route/west", at, count))
        steps.append((number, "route/west", 0, "leg/xian-aktau", 1.0, 0.0, 120.0, 30.0))
        steps.append((number, "route/west", 1, "line/aktau-alat-feeder", 99.0 * slow, 0.0, 50.0, 0.0))
    return SimpleNamespace(
        name=name,
        title=f"The {name} case",
        replications=REPLICATIONS,
        confidence=0.95,
        manifest={
            "clock": {"start": "2024-01-01T00:00:00+00:00", "length_h": 2904.0},
            "saturated_flows": ["china-west"],
            "outline": {"asked": ["route/west"], "promised": ["route/west"]},
        },
        resolved=TREE if tree is None else tree,
        kpis=pd.DataFrame(kpis, columns=["replication", "kpi", "subject", "value", "unit"]),
        series=pd.DataFrame(series, columns=["replication", "series", "subject", "time", "value"]),
        breakdown=pd.DataFrame(
            steps,
            columns=["replication", "route", "ordinal", "step", "waiting", "service", "running", "blocked"],
        ),
    )


def titles(figures: Any) -> dict[str, str]:
    found = {}
    for name, figure in figures:
        title = next(text.get_text() for text in figure.texts if text.get_weight() == "bold")
        found[name] = title.replace("\n", " ").replace("\xa0", " ")
    return found


def test_a_run_is_drawn_and_each_title_says_the_finding() -> None:
    found = titles(run_figures(fake_run()))
    assert list(found) == [
        "transit-times",
        "where-time-goes",
        "throughput-by-month",
        "queues",
        "utilisation",
        "map",
        "oil-exports",
    ]
    assert found["transit-times"].startswith("Xi'an – Alat takes 12.")
    assert found["where-time-goes"] == (
        "43 % of the 12.5 d of Xi'an – Alat is waiting or blocked, most of it at Aktau – Alat feeder (4.12 d)"
    )
    assert "Aktau – Alat feeder" in found["queues"]
    assert found["utilisation"].startswith("Alat customs road eastward is used most, 69")
    assert "by pipeline Tengiz – Aktau (pipe)" in found["map"]


def test_what_is_not_stationary_is_said_under_every_figure() -> None:
    for _, figure in run_figures(fake_run()):
        assert any("Not stationary" in text.get_text().replace("\n", " ") for text in figure.texts)


def test_the_order_of_rows_and_frames_leaves_the_bytes() -> None:
    first = [render(figure, "svg") for _, figure in run_figures(fake_run())]
    other = fake_run()
    for name in ("kpis", "series", "breakdown"):
        frame = getattr(other, name)
        mixed = frame.sample(frac=1.0, random_state=1)
        setattr(other, name, mixed.sort_values("replication", kind="stable").reset_index(drop=True))
    assert [render(figure, "svg") for _, figure in run_figures(other)] == first


def row(kpi: str, subject: str, unit: str, *, base: float, other: float, p: float) -> ComparisonRow:
    change = other - base
    ends = (change - 1, change + 1)
    family = kpi in ("throughput", "transit_time.mean")
    return ComparisonRow("slow", kpi, subject, unit, base, other, 4, change, *ends, p, p, headline=family)


ROWS = (
    row("throughput", "total", "Mt/yr", base=51.1, other=50.9, p=0.2),
    row("throughput", "route/west", "Mt/yr", base=0.12, other=0.12, p=1.0),
    row("transit_time.mean", "route/west", "h", base=300, other=330, p=0.001),
    row("lost", "cargo/crude", "t", base=0.0, other=15000.0, p=0.3),
    row("time_to_recover", "cargo/crude", "h", base=0.0, other=720.0, p=0.3),
)
EVENTS = {"slow": (Event("Pipe stopped", 1440.0, 2160.0),)}


def test_a_comparison_is_drawn_with_its_outage() -> None:
    base = fake_run(tree=TREE | {"timeline": []})
    contrast = Contrast("base", ("slow",), REPLICATIONS, 0.95, ROWS, events=EVENTS)
    runs = (base, fake_run(name="slow", slow=1.1))
    comparison = SimpleNamespace(runs=runs, contrast=contrast, twins={})
    found = titles(comparison_figures(comparison))
    assert list(found) == ["differences", "resilience", "oil-shift", "oil-exports", "transit-times"]
    assert found["differences"] == "The slow case: 30 h more transit time, Xi'an – Alat (+10 %)"
    assert found["resilience"] == (
        "Crude oil delivered falls to half of normal, 15 kt are lost; it has recovered after 30 d"
    )
    assert "Pipe stopped: Tengiz – Aktau loses" in found["oil-shift"]
    assert "more is shut in" in found["oil-shift"]
    assert found["transit-times"].startswith("No main route is stationary")
    for run in runs:
        run.manifest["saturated_flows"] = []
    found = titles(comparison_figures(comparison))
    assert found["transit-times"].startswith("The slow case: Xi'an – Alat takes 30 h longer")


def test_a_route_that_has_another_title_in_one_scenario_is_one_route() -> None:
    retitled = {key: value | {"title": f"{value['title']} anew"} for key, value in TREE["routes"].items()}
    retitled["new"] = {"title": "Xi'an – Alat", "steps": []}
    base, slow = fake_run(tree=TREE | {"timeline": []}), fake_run(slow=1.1, tree=TREE | {"routes": retitled})
    for run in (base, slow):
        run.manifest["saturated_flows"] = []
    contrast = Contrast("base", ("slow",), REPLICATIONS, 0.95, ROWS, events=EVENTS)
    drawn = dict(comparison_figures(SimpleNamespace(runs=(base, slow), contrast=contrast, twins={})))
    rows = [label.get_text().replace("\n", " ") for label in drawn["transit-times"].axes[0].get_yticklabels()]
    assert [row.replace("\xa0", " ") for row in rows] == ["Tengiz – Aktau", "Xi'an – Alat"]
    assert "Tengiz – Aktau loses" in titles(drawn.items())["oil-shift"]
    names = Names(TREE | {"routes": retitled}, base=Names(TREE))
    again = Names(TREE | {"routes": {"new": {"title": "Another"}}}, base=names)
    assert names.title("route/new") == again.title("route/new") == "Xi'an – Alat (new)"


def test_with_more_than_two_scenarios_each_has_its_forest() -> None:
    rows = (*ROWS, *(replace(one, scenario="other") for one in ROWS))
    contrast = Contrast("base", ("slow", "other"), REPLICATIONS, 0.95, rows)
    runs = (fake_run(), fake_run(name="slow", slow=1.1), fake_run(name="other", slow=1.2))
    found = titles(comparison_figures(SimpleNamespace(runs=runs, contrast=contrast, twins={})))
    assert {"differences-slow", "differences-other", "transit-times"} <= set(found)


def test_a_run_without_anything_draws_nothing_and_does_not_fail() -> None:
    run = fake_run(tree={})
    run.manifest["saturated_flows"] = []
    for name in ("kpis", "series", "breakdown"):
        setattr(run, name, getattr(run, name).iloc[:0])
    assert list(run_figures(run)) == []


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        ("route/west", "Xi'an – Alat"),
        ("leg/xian-aktau", "Xi'an – Aktau"),
        ("leg/tengiz-aktau", "Tengiz – Aktau (pipe)"),
        ("leg/tengiz-aktau-rail", "Tengiz – Aktau (rail)"),
        ("line/aktau-alat-feeder", "Aktau – Alat feeder"),
        ("facility/alat-customs-road-east", "Alat customs road eastward"),
        ("port/aktau/container", "Aktau port, container berths"),
        ("flow/crude-kz", "Crude KZ"),
        ("country/KZ", "KZ"),
        ("total", "Whole corridor"),
        ("pool/fitting-platforms", "Fitting platforms"),
    ],
)
def test_subjects_have_names(subject: str, title: str) -> None:
    assert Names(TREE).title(subject).replace("\xa0", " ") == title


def test_the_map_takes_what_carries_or_is_closed_and_has_a_place() -> None:
    results = Results(fake_run())
    links, spots = links_and_spots(TREE, results.kpis, results.names)
    assert {(link.mode, link.closed) for link in links} == {
        ("rail", False),
        ("pipe", False),
        ("sea", False),
        ("rail", True),
    }
    assert [spot.name for spot in spots] == ["Aktau", "Alat", "Horadiz", "Tengiz", "Xi'an"]


def test_promise_and_histogram_are_read() -> None:
    west = Results(fake_run()).route_times()[0]
    assert west.promise == 288.0
    assert west.edges[0] == 240.0
    assert west.edges[-1] == 306.0
    assert west.share.sum() == pytest.approx(1.0)
    assert west.share[2:10].sum() == 0.0


def test_crude_is_found_by_commodity_and_outages_by_what_they_touch() -> None:
    results = Results(fake_run())
    assert crude_routes(TREE) == ["pipe", "rail"]
    assert [(span.title, span.begin, span.end) for span in results.outages()] == [
        ("Pipe stopped", 1440.0, 2160.0)
    ]
    amounts = during(results.exports(), results.outages(), end=2904.0)
    assert amounts["Tengiz – Aktau by rail"] == pytest.approx(1.0)


def test_durations_and_instants_are_read() -> None:
    start = Results(fake_run()).source.start
    assert hours("9 days") == 216.0
    assert hours({"value": 9.0, "unit": "d"}) == 216.0
    assert np.isnan(hours(None))
    assert instant("2024-01-02", start) == 24.0
    assert instant("400 d", start) == 9600.0


def test_sources_are_counted() -> None:
    assert source_words(TREE) == (
        "Numbers rest on 1 published figure (land) and 1 assumption, listed by corridor show --sources."
    )
    assert source_words({}) == ""


def test_very_many_boxes_are_told_in_thousands() -> None:
    run = fake_run()
    boxes = run.series["series"] == "throughput_teu"
    run.series.loc[boxes, "value"] *= 1000.0
    found = {curve.title: curve for curve in Results(run).months()}
    assert found["Containers"].unit == "kTEU/month"
    assert 500 < np.nanmean(found["Containers"].values) < 1500
