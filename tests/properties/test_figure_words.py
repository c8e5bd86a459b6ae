"""Titles of figures say no more than the intervals bear out, and count what was asked."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from matplotlib.figure import Figure

from sim.cli.contrasts import resilience_lines
from sim.report import lettering, render, style
from sim.report.calibration import cloud, intervals, observed_simulated
from sim.report.contrast import asked, differences, surest
from sim.report.differences import forest
from sim.report.inputs import Curve, Difference, Estimate, Link, Need, RouteTimes, Source, Span, Spot
from sim.report.map import corridor_map
from sim.report.names import Names
from sim.report.oil import flow_shift
from sim.report.resilience import bottlenecks, resilience_curve
from sim.report.side_by_side import transit_side_by_side
from sim.report.sweep import response
from sim.report.volumes import worst_queues
from sim.study.compare import ComparisonRow, Contrast
from sim.study.events import Event
from sim.study.factors import Factor, Level
from sim.study.fit import Fit, FitRow, FreeParameter
from sim.study.headline import Key
from sim.study.space import Space
from sim.study.sweep import SweepRow, Swept

if TYPE_CHECKING:
    from sim.report.adapter import Results
    from sim.scenario import Scenario

SOURCE = Source("Middle Corridor in 2024", 8, datetime(2024, 1, 1, tzinfo=UTC), 8784.0)


def title(figure: Figure) -> str:
    found = next(text.get_text() for text in figure.texts if text.get_weight() == "bold")
    return found.replace("\n", " ").replace("\xa0", " ")


def times(name: str, mean: float) -> RouteTimes:
    return RouteTimes(name, Estimate(mean, mean - 5, mean + 5), 0.8 * mean, mean, 1.3 * mean)


def change(name: str, *, by: float, p: float) -> Difference:
    return Difference(name, "h", 400.0, 400.0 + by, by, by - 1.0, by + 1.0, p)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([("North", -33.0, 0.3), ("South", 12.0, 0.01)], "Other: South takes 12 h longer, 17.2 d instead of"),
        ([("North", -33.0, 0.3), ("South", 1.0, 0.01)], "No main route's transit time changes surely at 8"),
        # As in the forest: sure by itself is not sure for all that is asked at once.
        ([("South", 12.0, 0.06)], "No main route's transit time changes surely at 8 replications"),
        ([("North", -33.0, math.nan)], "No main route's transit time changes surely at 8 replications"),
        ([("North", 1.0, 0.01), ("South", 0.0, 1.0)], "No main route takes noticeably longer or shorter"),
        ([("Elsewhere", 90.0, 0.01)], "No main route is stationary"),
    ],
)
def test_transit_times_are_said_to_change_only_where_that_is_sure(
    changes: list[tuple[str, float, float]], said: str
) -> None:
    routes = [times("North", 400.0), times("South", 400.0)]
    rows = [change(name, by=by, p=p) for name, by, p in changes]
    drawn = transit_side_by_side({"Base": routes, "Other": routes}, {"Other": rows}, source=SOURCE)
    assert title(drawn).startswith(said)


def test_transit_times_of_other_routes_are_not_compared() -> None:
    drawn = transit_side_by_side(
        {"Base": [times("North", 400.0)], "Other": [times("South", 400.0)]}, {"Other": []}, source=SOURCE
    )
    assert title(drawn) == "No route delivers in both scenarios"


def need(name: str, mean: float, half: float) -> Need:
    return Need(name, "one more berth", Estimate(mean, mean - half, mean + half), "kt/yr", 0.1)


@pytest.mark.parametrize(
    ("gains", "said"),
    [
        ([(13, 17), (2, 4), (-1, 3)], "None of the 3 elements tried surely delivers more with one unit more"),
        ([(13, 17)], "One more berth at Place 0 does not surely deliver more"),
        ([(13, 17), (4, 1)], "Place 1 is the bottleneck: one more berth delivers 4 kt/yr more"),
        ([(-1, math.nan), (0, math.nan)], "None of the 2 elements tried delivers more with one unit more"),
    ],
)
def test_a_bottleneck_is_named_only_where_its_gain_is_sure(
    gains: list[tuple[float, float]], said: str
) -> None:
    needs = [need(f"Place {k}", *gain) for k, gain in enumerate(gains)]
    assert title(bottlenecks(needs, source=SOURCE)) == said


def compared(kpi: str, subject: str, *, by: float, half: float) -> ComparisonRow:
    p = 0.5 if abs(by) < half else 0.01
    return ComparisonRow(
        "other", kpi, subject, "h", 100.0, 100.0 + by, 8, by, by - half, by + half, p, 1.0, headline=True
    )


def test_the_differences_farthest_from_nought_are_drawn_and_all_that_were_asked_are_counted() -> None:
    rows = [compared("delay.mean", f"flow/a{k}", by=0.1 * k, half=1.0) for k in range(12)]
    rows += [
        compared("delay.mean", "flow/other", by=5.0, half=1.0),
        compared("delay.mean", "flow/z", by=-3.0, half=1.0),
        compared("delay.mean", "flow/wide", by=40.0, half=60.0),
    ]
    contrast = Contrast(
        "base", ("other",), 8, 0.95, tuple(rows), watch=("delay",), background=frozenset({"flow/other"})
    )
    drawn = differences(contrast, "other", cast("Results", SimpleNamespace(names=Names({}))))
    labels = [row.label for row in drawn]
    assert labels[:3] == ["delay (mean), Z", "delay (mean), A11", "delay (mean), A10"]
    assert "delay (mean), Other" not in labels
    every = asked(contrast, "other")
    figure = forest(drawn, base="Base", other="Other", source=SOURCE, asked=len(every))
    assert title(figure) == "Other cannot be told from Base in any of 15 figures"
    # The printed table is headed by the same rows.
    assert [row.subject for row in sorted(every, key=surest)][:2] == ["flow/other", "flow/z"]


def test_the_figures_that_differ_are_counted_whether_drawn_or_not() -> None:
    sure = Difference("wait, Alat", "h", 10.0, 8.0, -2.0, -3.0, -1.0, 0.001)
    figure = forest([sure], base="Base", other="Other", source=SOURCE, asked=40, differ=5)
    assert title(figure) == "Other: 2 h less wait, Alat (−20 %); 4 other figures differ"


def test_the_printed_block_and_the_figure_say_whether_they_count_background() -> None:
    rows = [
        replace(
            compared(kpi, subject, by=by, half=1e3), unit="t", headline=(kpi, subject) == ("shut_in", "total")
        )
        for kpi, subject, by in (
            ("shut_in", "total", 5.51e6),
            ("shut_in", "cargo/crude", 4.64e6),
            ("lost", "total", 5.51e6),
            ("lost", "cargo/crude", 4.64e6),
            ("lost", "cargo/dry", 0.0),
        )
    ]
    events = {"other": (Event("Pipe stopped", 0.0, 720.0),)}
    own = Contrast("base", ("other",), 8, 0.95, tuple(rows), events=events)
    shared = replace(own, background=frozenset({"flow/transit"}))
    results = cast("Results", SimpleNamespace(names=Names({})))
    drawn = {row.label for row in differences(shared, "other", results)}
    assert "shut in, whole corridor, background too" in drawn
    told = {line[0].strip(): line[1] for line in resilience_lines(shared, "other")}
    assert told["shut in or turned away, without background"] == "4.64"
    assert "shut in or turned away" in {line[0].strip() for line in resilience_lines(own, "other")}


@pytest.mark.parametrize(("low", "is_sure"), [(-0.5, False), (0.0, False), (0.5, True), (math.nan, False)])
def test_a_sweep_promises_no_effect_that_no_point_bears_out(low: float, is_sure: bool) -> None:
    factors = (Factor("flows.boxes.volume", levels=tuple(Level(f"{k} TEU/yr", k) for k in (1.0, 2.0))),)
    key = Key("transit_time.mean", "route/west", "h")
    rows = tuple(
        SweepRow(point, *key, 8, 400.0 + point, 1.0, 399.0, 401.0, 1.0, low, 2.0) for point in (1, 2)
    )
    swept = Swept(Space(cast("Scenario", None), factors), np.array([[0.25], [0.75]]), (key,), rows, 0.95)
    title = response(swept, key, source=SOURCE, names=Names({})).texts[0].get_text().replace("\n", " ")
    assert ("no sure effect" in title) != is_sure
    assert ("(" in title) == is_sure


def laid_out(places: list[tuple[float, float]], count: int) -> Figure:
    """Draw a sweep of two factors of so many values with points at these places."""
    key = Key("transit_time.mean", "route/west", "h")
    levels = tuple(Level(str(k), float(k)) for k in range(count))
    factors = (Factor("levers.slow", levels=levels), Factor("levers.draught", levels=levels))
    rows = tuple(
        SweepRow(point, *key, 8, 400.0 + point, 1.0, 399.0, 401.0, point, point - 0.5, point + 0.5)
        for point in range(len(places) + 1)
    )
    swept = Swept(Space(cast("Scenario", None), factors), np.array(places), (key,), rows, 0.95)
    return response(swept, key, source=SOURCE, names=Names({}))


@pytest.mark.parametrize(("count", "panels"), [(3, 1), (7, 2)])
def test_every_point_of_two_factors_is_drawn(count: int, panels: int) -> None:
    values = [(k + 0.5) / count for k in range(count)]
    for places, drawn_in in (
        ([(one, other) for one in values for other in values], panels),
        (list(zip(values, values[1:] + values[:1], strict=True)), 2),
    ):
        figure = laid_out(places, count)
        assert len(figure.axes) == drawn_in
        for axes in figure.axes:
            marked = [line for line in axes.lines if line.get_marker() in ("o", "s", "^", "D", "v", "P")]
            seen = [up for line in marked for up in line.get_ydata()]
            assert sorted({round(24 * y) for y in seen}) == [401 + k for k in range(len(places))]


@pytest.mark.parametrize("paths", [("clock.start",), ("flows.boxes.volume",), ("a.x", "b.y", "c.z")])
def test_a_sweep_names_no_window_that_it_moves_and_its_axis_stays_below_the_header(
    paths: tuple[str, ...],
) -> None:
    dates = ("2024-01-01", "2024-04-01", "2024-07-01")
    factors = tuple(
        Factor(path, levels=tuple(Level(date, 2024.0, overrides=((path, date),)) for date in dates))
        for path in paths
    )
    key = Key("transit_time.p90", "route/xian-absheron-over-altynkol-and-aktau-container-feeder", "h")
    rows = tuple(
        SweepRow(point, *key, 8, 400.0 + point, 1.0, 399.0, 401.0, point, point - 0.5, point + 0.5)
        for point in range(4)
    )
    places = np.repeat([[0.1], [0.5], [0.9]], len(paths), axis=1)
    swept = Swept(Space(cast("Scenario", None), factors), places, (key,), rows, 0.95)
    figure = response(swept, key, source=SOURCE, names=Names({}))
    words = " ".join(text.get_text().replace("\n", " ") for text in figure.texts)
    assert ("31 Dec 2024" in words) == (paths != ("clock.start",))
    # Each date has a place of its own.
    assert len({float(x) for line in figure.axes[0].lines[:1] for x in line.get_xdata()}) == 3
    renderer = lettering.renderer_of(figure)
    (header,) = (text for text in figure.texts if text.get_text().endswith("8 replications"))
    names = [*figure.texts, figure.axes[0].yaxis.label]
    (side,) = (text for text in names if text.get_rotation() == 90 and text.get_text())
    below = header.get_window_extent(renderer).y0
    assert 0 < side.get_window_extent(renderer).y0 < side.get_window_extent(renderer).y1 < below


def test_names_of_oil_routes_are_broken_and_not_cut() -> None:
    route = "Tengiz – Ceyhan by rail, tanker and BTC"
    figure = flow_shift(
        {"CPC": 54.7, route: 1.1}, {"CPC": 13.8, route: 2.0}, unit="Mt/yr", event="", source=SOURCE
    )
    told = [text.get_text().replace("\n", " ").replace("\xa0", " ") for text in figure.axes[0].texts]
    assert {f"{route}  1.1", f"{route}  2"} <= set(told)


def test_a_week_with_the_longest_queue_is_named_by_its_day() -> None:
    at = np.arange(0.0, 8784.0, 168.0)
    waiting = np.ones((1, at.size))
    waiting[0, 39] = 9.0
    figure = worst_queues([Curve("Alat", "consignments waiting", at, waiting)], source=SOURCE)
    assert title(figure).endswith("on average, 9 in the week of 30 September 2024")
    months = np.array([0.0, 744.0, 1440.0, 2184.0])
    values = np.array([[1.0, 1.0, 9.0, 1.0]])
    figure = worst_queues([Curve("Alat", "consignments waiting", months, values)], source=SOURCE)
    assert title(figure).endswith("in March 2024")


def test_markers_at_the_ends_of_a_range_are_drawn_whole() -> None:
    chance = np.random.default_rng(5)
    ends = ((0.0, 10.0), (10.0, 0.0), (5.0, 10.0))
    told = tuple(
        FreeParameter(
            f"lines.l{k}.rate", "h", base, 0.0, 10.0, value, 1.0, 9.5, 0.6, "weakly identified", "", 0.0
        )
        for k, (base, value) in enumerate(ends)
    )
    fit = Fit(told, (), chance.uniform(0, 10, (400, 3)), np.zeros(3), 0.95, 2.0, 1.0)
    for draw in (intervals, cloud):
        figure = draw(fit, source=SOURCE, names=Names({}))
        renderer = lettering.renderer_of(figure)
        seen = 0
        for axes in figure.axes:
            frame = axes.get_window_extent(renderer)
            for line in axes.lines:
                if len(line.get_xdata()) == 1:
                    seen += 1
                    box = line.get_window_extent(renderer)
                    assert frame.x0 <= box.x0
                    assert box.x1 <= frame.x1
                    assert frame.y0 <= box.y0
                    assert box.y1 <= frame.y1
        assert seen == 6


@pytest.mark.parametrize("count", [1, 8])
def test_a_fit_by_one_replication_is_said_to_have_no_interval(count: int) -> None:
    missed = FitRow("throughput", "route/west", "t/yr", "fitted", 10.0, 1.0, 8.0, 9.5, math.nan, math.nan,
                    -0.5, 9.0, 1.0, 0.9)  # fmt: skip
    fit = Fit((), (missed,), np.zeros((4, 0)), np.zeros(0), 0.95, 2.0, 1.0)
    figure = observed_simulated(fit, source=replace(SOURCE, replications=count), names=Names({}))
    words = " ".join(text.get_text().replace("\n", " ") for text in figure.texts)
    assert ("no interval can be given" in words) == (count == 1)
    assert ("Lines: " in words) == (count > 1)


def test_no_name_on_the_map_lies_on_the_marker_of_a_place_or_on_a_broad_line() -> None:
    spots = [
        Spot("Dostyk", 45.25, 82.48, 2),
        Spot("Alashankou", 45.17, 82.57, 3),
        Spot("Atyrau", 47.1, 51.9, 3),
        Spot("Chengdu", 30.7, 104.1, 1),
        Spot("Horadiz", 39.45, 47.34, 0),
    ]
    links = [
        Link(f"{one.name} – {other.name}", mode, ((one.lat, one.lon), (other.lat, other.lon)), volume)
        for one, other, mode, volume in (
            (spots[2], spots[1], "pipe", 20.0),
            (spots[0], spots[3], "rail", 1.0),
            (spots[2], spots[4], "rail", 1.0),
        )
    ]
    figure = corridor_map(links, spots, source=SOURCE)
    # What is drawn is where it then stands.
    assert render(figure, "png")
    renderer = lettering.renderer_of(figure)
    boxes = {text.get_text(): text.get_window_extent(renderer) for text in figure.texts}
    axes = figure.axes[0]
    marks = [line.get_xydata()[0] for line in axes.lines if len(line.get_xdata()) == 1]
    assert len(marks) == len(spots)
    thick = next(line for line in axes.lines if line.get_linewidth() > 10).get_xydata()
    path = np.linspace(thick[0], thick[-1], 500)
    for spot in spots:
        assert not any(boxes[spot.name].contains(*axes.transData.transform(mark)) for mark in [*marks, *path])


def test_links_between_the_same_places_lie_side_by_side_on_the_map() -> None:
    alat, turkmenbashi = Spot("Alat", 39.96, 49.42, 5), Spot("Turkmenbashi", 40.02, 52.97, 4)
    ends = (alat.lat, alat.lon), (turkmenbashi.lat, turkmenbashi.lon)
    links = [
        Link("Rail ferry", "sea", ends, 2.0),
        Link("Ro-ro", "sea", ends[::-1], 0.5),
        Link("Tunnel", "rail", ends, 1.0),
        Link("Second tunnel", "rail", ends, 0.0, closed=True),
    ]
    figure = corridor_map(links, [alat, turkmenbashi], source=SOURCE)
    assert render(figure, "png")
    drawn = []
    for line in figure.axes[0].lines:
        if line.get_color() != style.PAPER and len(line.get_xdata()) > 1:
            points = np.column_stack([line.get_xdata(), line.get_ydata()])
            middle = line.get_transform().transform(points).mean(axis=0) * 72 / figure.dpi
            drawn.append((middle, line.get_linewidth()))
    assert len(drawn) == len(links)
    for (one, wide), (other, broad) in combinations(drawn, 2):
        assert np.hypot(*(one - other)) > (wide + broad) / 2


def test_the_name_of_a_stretch_stands_above_it_and_on_no_line() -> None:
    weeks = np.arange(0.0, 8784.0, 168.0)
    share = Curve("Crude delivered", "%", weeks, np.full((1, weeks.size), 80.0))
    spans = [
        Span("CPC left with one mooring", 1440.0, 1700.0),
        Span("A pump station is out", 1900.0, 2200.0),
        Span("Storm", 8700.0, 8784.0),
    ]
    figure = resilience_curve(share, source=SOURCE, disturbances=spans)
    assert render(figure, "png")
    axes = figure.axes[0]
    renderer = lettering.renderer_of(figure)
    ends = [path.vertices for lines in axes.collections for path in lines.get_paths() if len(path) == 2]
    assert len(ends) == 6
    highest = max(float(axes.transData.transform(end)[:, 1].max()) for end in ends)
    for text, span in zip(axes.texts, spans, strict=True):
        box = text.get_window_extent(renderer)
        assert text.get_text().strip() == span.title
        assert box.y0 > highest
        assert box.x0 < float(axes.transData.transform(((span.begin + span.end) / 2, 0.0))[0]) < box.x1 + 1
