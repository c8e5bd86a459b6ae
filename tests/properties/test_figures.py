"""Figures: named axes with units, no text cut or overlapping, the same bytes every time, readable in grey."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from datetime import UTC, datetime
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import BboxBase

from sim.report import lettering, render, style
from sim.report.calendar import month_starts
from sim.report.differences import forest
from sim.report.inputs import (
    Curve,
    Difference,
    Estimate,
    Journey,
    JourneyStep,
    Link,
    Load,
    Need,
    RouteTimes,
    Source,
    Span,
    Spot,
)
from sim.report.map import corridor_map
from sim.report.oil import export_layers, flow_shift
from sim.report.resilience import bottlenecks, resilience_curve
from sim.report.side_by_side import transit_side_by_side
from sim.report.transit import transit_distribution, where_time_goes
from sim.report.volumes import throughput_by_month, utilisation, worst_queues

START = datetime(2024, 1, 1, tzinfo=UTC)
SOURCE = Source("Middle Corridor in 2024", 8, START, 8784.0, 0.95, "Numbers rest on 12 published figures.")
LONG = "Kazakhstan – Batumi, oil products in tank wagons by Kuryk and Alat and then by the single track"
NAN = math.nan


def routes(count: int = 3, *, title: str = "Xi'an – Poti", scale: float = 1.0) -> list[RouteTimes]:
    chance = np.random.default_rng(count)
    return [
        RouteTimes.of_samples(
            f"{title} {k}",
            [scale * chance.gamma(9, 40 + 9 * k, size=60) for _ in range(SOURCE.replications)],
            promise=scale * 400 if k else NAN,
        )
        for k in range(count)
    ]


def journeys(count: int = 3, *, title: str = "Xi'an – Poti", scale: float = 1.0) -> list[Journey]:
    step = JourneyStep
    return [
        Journey(
            f"{title} {k}",
            (
                step("Xi'an – Altynkol", 0, 0, scale * 66, 0),
                step("Altynkol gauge change", scale * 2, scale * (1 + k), 0, scale * 3),
                step("Altynkol – Aktau", scale, 0, scale * 100, scale * 5),
                step(f"{title} ferry", scale * 38, 0, scale * 30, 0),
            ),
        )
        for k in range(count)
    ]


def curves(
    count: int, *, unit: str = "kt/month", hours: float = 8784.0, step: float | None = None
) -> list[Curve]:
    chance = np.random.default_rng(7)
    at = (
        np.array(month_starts(START, low=0.0, high=hours - 1))
        if step is None
        else np.arange(0.0, hours, step)
    )
    shape = (SOURCE.replications, at.size)
    return [Curve(f"Place {k} west", unit, at, (k + 1) * chance.gamma(4, 10, shape)) for k in range(count)]


def rows(count: int, *, scale: float = 1.0, label: str = "transit time, Xi'an – Poti") -> list[Difference]:
    units = ("Mt/yr", "h", "%", "USD/TEU")
    return [
        Difference(f"{label} {k}", units[k % 4], 10 * scale, 11 * scale, (k - 2) * scale, (k - 3) * scale,
                   (k - 1) * scale, 0.01 * k)
        for k in range(count)
    ]  # fmt: skip


LOADS = [
    Load("Alat terminal", "facility", Estimate(0.77, 0.75, 0.79), 0.04, 0.01),
    Load("Kuryk – Alat rail ferry", "line", Estimate(0.66, 0.6, 0.7), 0.0, 0.2),
    Load("Aktau port, oil berths", "berths", Estimate(0.45)),
    Load(LONG, "leg", Estimate(1.2, 1.1, 1.3)),
]
SPOTS = [
    Spot("Xi'an", 34.4, 109.05, 1),
    Spot("Altynkol", 44.19, 80.28, 2),
    Spot("Aktau", 43.6, 51.22, 4),
    Spot("Alat", 39.96, 49.42, 5),
    Spot("Tbilisi", 41.69, 44.83, 3),
    Spot("Poti", 42.15, 41.66, 3),
    Spot("Julfa", 38.95, 45.63, 0),
]


def link(name: str, mode: str, one: int, other: int, volume: float) -> Link:
    ends = (SPOTS[one].lat, SPOTS[one].lon), (SPOTS[other].lat, SPOTS[other].lon)
    return Link(name, mode, ends, volume, closed=volume == 0)


LINKS = [
    link("Xi'an – Altynkol", "rail", 0, 1, 0.3),
    link("Altynkol – Aktau", "rail", 1, 2, 0.4),
    link("Aktau – Alat", "sea", 2, 3, 2.0),
    link("Alat – Tbilisi", "rail", 3, 4, 1.6),
    link("Tbilisi – Poti", "road", 4, 5, 0.6),
    link("Alat – Ceyhan", "pipe", 3, 5, 60.0),
    link("Alat – Julfa", "rail", 3, 6, 0.0),
]
OUTAGES = [Span("CPC left with one mooring", 6000, 7000), Span("Storm", 8600, 9000)]
NEEDS = [
    Need("Alat terminal", "one more server", Estimate(41000, 30000, 52000), "t/yr", 0.2),
    Need("Aktau – Alat feeder", "one more vessel", Estimate(-300, -900, 400), "t/yr", 0.33),
]


def share_curve() -> Curve:
    found = curves(1, unit="%", step=168.0)[0]
    return Curve("Crude delivered", "%", found.hours, np.clip(found.values, 50, 108))


def changed(*, low: float) -> Difference:
    return Difference("Xi'an – Poti 1", "h", 440.0, 528.0, 88.0, low, 176.0 - low, 0.01)


def beside(*changes: Difference) -> Figure:
    times = {"Base": routes(), "Other": routes(scale=1.2)}
    return transit_side_by_side(times, {"Other": changes}, source=SOURCE)


DRAWINGS = {
    "transit": lambda: transit_distribution(routes(), source=SOURCE),
    "transit-many": lambda: transit_distribution(routes(12, title=LONG), source=SOURCE),
    "transit-none": lambda: transit_distribution([], source=SOURCE),
    "time": lambda: where_time_goes(journeys(), source=SOURCE),
    "time-many": lambda: where_time_goes(journeys(12, title=LONG), source=SOURCE),
    "time-none": lambda: where_time_goes([], source=SOURCE),
    "side": lambda: beside(changed(low=20.0)),
    "side-five": lambda: transit_side_by_side({f"{LONG} {k}": routes() for k in range(5)}, {}, source=SOURCE),
    **{f"months-{k}": lambda k=k: throughput_by_month(curves(k), source=SOURCE) for k in range(8)},
    "queues": lambda: worst_queues(
        curves(5, unit="consignments waiting", step=168.0), source=SOURCE, closed=curves(1, unit="share")
    ),
    "queues-one": lambda: worst_queues(curves(1, unit="consignments waiting"), source=SOURCE),
    "queues-none": lambda: worst_queues([], source=SOURCE),
    "utilisation": lambda: utilisation(LOADS, source=SOURCE),
    "utilisation-none": lambda: utilisation([], source=SOURCE),
    "forest": lambda: forest(rows(9), base="Base", other="Other", source=SOURCE),
    "forest-many": lambda: forest(rows(40, label=LONG), base=LONG, other=LONG, source=SOURCE),
    "forest-none": lambda: forest([], base="Base", other="Other", source=SOURCE),
    "map": lambda: corridor_map(LINKS, SPOTS, source=SOURCE),
    "map-small": lambda: corridor_map(LINKS[3:5], SPOTS[3:6], source=SOURCE),
    "exports": lambda: export_layers(curves(8, unit="Mt/month"), source=SOURCE, outages=OUTAGES),
    "exports-none": lambda: export_layers([], source=SOURCE),
    "shift": lambda: flow_shift(
        {"CPC": 63, "Atyrau – Samara": 8.6, "Rail": 0.1, **{f"{LONG} {k}": 0.3 * k for k in range(8)}},
        {"CPC": 38, "Atyrau – Samara": 15, "shut in": 18.7, **{f"{LONG} {k}": 0.5 * k for k in range(8)}},
        unit="Mt/yr",
        event="CPC left with one mooring",
        source=SOURCE,
    ),
    "resilience": lambda: resilience_curve(
        share_curve(), source=SOURCE, disturbances=OUTAGES, lost=2e6, recovery=1440
    ),
    "bottlenecks": lambda: bottlenecks(NEEDS, source=SOURCE),
    "bottlenecks-none": lambda: bottlenecks([], source=SOURCE),
}


def outside(figure: Figure) -> list[str]:
    """Give the texts that reach beyond the canvas."""
    renderer = lettering.renderer_of(figure)
    width, height = figure.get_size_inches()
    found = []
    whole = figure.get_tightbbox(renderer)
    if whole.x0 < -0.01 or whole.y0 < -0.01 or whole.x1 > width + 0.01 or whole.y1 > height + 0.01:
        found.append(f"axes reach {whole} of {width} x {height}")
    for text in figure.findobj(lambda artist: isinstance(artist, Text) and not artist.get_in_layout()):
        if text.get_text() and text.get_visible():
            box = text.get_window_extent(renderer)
            if (
                box.x0 < -1
                or box.y0 < -1
                or box.x1 > width * figure.dpi + 1
                or box.y1 > height * figure.dpi + 1
            ):
                found.append(text.get_text())
    return found


def cover(one: BboxBase, other: BboxBase) -> bool:
    return (
        min(one.x1, other.x1) - max(one.x0, other.x0) > 1
        and min(one.y1, other.y1) - max(one.y0, other.y0) > 1
    )


def crowded(figure: Figure) -> list[str]:
    """Give what the header, the legend or the caption cover."""
    renderer = lettering.renderer_of(figure)
    blocks = [(text.get_text(), text.get_window_extent(renderer)) for text in figure.texts]
    blocks = [(name, box) for name, box in blocks if name.strip()]
    # Names on a map are written on the figure, inside their panel.
    frames = [axes.get_window_extent(renderer) for axes in figure.axes]
    blocks = [
        (name, box)
        for name, box in blocks
        if not any(f.x0 <= box.x0 and box.x1 <= f.x1 and f.y0 <= box.y0 and box.y1 <= f.y1 for f in frames)
    ]
    blocks += [("legend", legend.get_window_extent(renderer)) for legend in figure.legends]
    for axes in figure.axes:
        inside = [(text.get_text(), text.get_window_extent(renderer)) for text in axes.texts]
        rows = [name for name in axes.get_yticklabels() if name.get_text()] if axes.get_yticks().size else []
        inside += [(name.get_text(), name.get_window_extent(renderer)) for name in rows]
        inside += [("y label", axes.yaxis.label.get_window_extent(renderer))]
        assert [
            f"{one} | {other}"
            for (one, first), (other, second) in combinations(inside, 2)
            if cover(first, second)
        ] == []
    blocks += [("axes", axes.get_tightbbox(renderer)) for axes in figure.axes]
    return [
        f"{one} | {other}"
        for (one, first), (other, second) in combinations(blocks, 2)
        if cover(first, second)
    ]


def unnamed(figure: Figure) -> list[str]:
    """Give the axes with ticks but without a name."""
    found = []
    shared = figure.get_supylabel()
    for axes in figure.axes:
        if not len(axes.get_xticks()) and not len(axes.get_yticks()):
            continue  # a map
        below = axes.xaxis.get_tick_params(which="major").get("labelbottom", True)
        if below and not axes.get_xlabel():
            found.append("x")
        left = axes.yaxis.get_tick_params(which="major").get("labelleft", True)
        if left and not axes.get_ylabel() and not shared:
            found.append("y")
    return found


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_figure_is_whole_named_and_uncrowded(name: str) -> None:
    figure = DRAWINGS[name]()
    assert figure.texts[0].get_text()
    assert outside(figure) == []
    assert crowded(figure) == []
    assert unnamed(figure) == []
    assert render(figure, "png").startswith(b"\x89PNG")


UNITS = ("(d)", "(h)", "(%)", "(UTC)", "/yr", "/month", "consignments", "Mt", "points)", "(USD/TEU)")


@pytest.mark.parametrize(
    "name", ["transit", "time", "months-3", "queues", "utilisation", "forest", "exports"]
)
def test_numeric_axes_carry_a_unit(name: str) -> None:
    figure = DRAWINGS[name]()
    labels = [axes.get_xlabel() for axes in figure.axes if axes.get_xlabel()]
    assert labels
    assert all(any(unit in label for unit in UNITS) for label in labels)


@pytest.mark.parametrize(
    "name", ["transit", "time", "months-5", "queues", "utilisation", "forest", "map", "shift"]
)
def test_drawing_twice_gives_the_same_bytes(name: str) -> None:
    import matplotlib as mpl

    first = [render(DRAWINGS[name](), form) for form in ("svg", "png")]
    with mpl.rc_context({"font.size": 20, "axes.grid": True, "svg.hashsalt": "other", "lines.linewidth": 9}):
        again = [render(DRAWINGS[name](), form) for form in ("svg", "png")]
    assert first == again
    assert b"<dc:date>" not in first[0]


def test_bytes_do_not_hang_on_the_process() -> None:
    code = (
        "import sys, hashlib; sys.path.insert(0, 'tests/properties'); import test_figures as t;"
        "print([hashlib.sha256(t.render(t.DRAWINGS[n](), 'svg')).hexdigest() for n in ('transit', 'map')])"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "MPLBACKEND": "agg"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1


def lightness(colour: str) -> float:
    """CIE L* of a colour."""
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 116 * (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]) ** (1 / 3) - 16


@pytest.mark.parametrize(
    "looks", [style.LOOKS, (style.RUNNING, style.SERVICE, style.WAITING, style.BLOCKED, style.IDLE)]
)
def test_looks_differ_in_grey(looks: tuple[style.Look, ...]) -> None:
    for one, other in combinations(looks, 2):
        assert abs(lightness(one.colour) - lightness(other.colour)) >= 9
        assert one.line != other.line
    assert len({look.hatch for look in style.LOOKS}) == len({look.marker for look in style.LOOKS}) == 6


@settings(max_examples=12, deadline=None)
@given(
    title=st.text(
        st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=90
    ),
    scale=st.sampled_from([1e-6, 1e-2, 1.0, 1e3, 1e7]),
    count=st.integers(1, 10),
)
@example(title="Q¾7𫴸ĨĄĭĨg𪼹¾ī?QġäMë熎#¾ÈĿᤐŀ$´½0𥘡£", scale=1.0, count=5)
@pytest.mark.filterwarnings("ignore:Glyph")
def test_no_title_or_scale_breaks_the_layout(title: str, scale: float, count: int) -> None:
    for figure in (
        transit_distribution(routes(count, title=title, scale=scale), source=SOURCE),
        where_time_goes(journeys(count, title=title, scale=scale), source=SOURCE),
        forest(rows(count, label=title, scale=scale), base=title, other=title, source=SOURCE),
    ):
        assert outside(figure) == []
        assert crowded(figure) == []


@pytest.mark.parametrize("days", [1, 3, 10, 40, 59, 61, 200, 366, 800, 1461, 3653])
@pytest.mark.parametrize("start", [START, datetime(2023, 11, 17, 5, tzinfo=UTC)])
def test_any_window_has_a_readable_calendar(days: int, start: datetime) -> None:
    hours = days * 24.0
    source = Source("S", 1, start, hours)
    at = np.linspace(0, hours, 12, endpoint=False)
    curve = Curve("Place", "consignments waiting", at, np.arange(1.0, 13.0)[None])
    for figure in (
        worst_queues([curve, curve], source=source),
        throughput_by_month([curve], source=source),
    ):
        assert outside(figure) == []
        assert crowded(figure) == []
        axes = figure.axes[-1]
        renderer = lettering.renderer_of(figure)
        names = [*axes.get_xticklabels(), *axes.get_xticklabels(minor=True)]
        boxes = sorted((n.get_window_extent(renderer) for n in names if n.get_text()), key=lambda box: box.x0)
        assert len(boxes) >= 2
        assert all(one.x1 <= other.x0 for one, other in pairwise(boxes))
