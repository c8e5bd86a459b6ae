"""How long the journey takes, and where the time goes: figures of transit time by route."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.report import lettering, style
from sim.report.captions import band_words, caption, subtitle
from sim.report.inputs import Journey, JourneyStep, RouteTimes, Source
from sim.report.words import capital, duration, part_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ROUTES: Final = 8
"""Routes drawn in one figure; the busiest are kept."""

_MEAN: Final = style.LOOKS[1].colour

_KINDS: Final = (
    ("waiting", "waiting", style.WAITING),
    ("service", "service", style.SERVICE),
    ("running", "running", style.RUNNING),
    ("blocked", "blocked (done, cannot go on)", style.BLOCKED),
)


def transit_distribution(routes: Sequence[RouteTimes], *, source: Source) -> Figure:
    """Draw the distribution of transit time for each route.

    Args:
        routes: in order of importance, the title speaks of the first; the first `MOST_ROUTES` are
            drawn, from the quickest to the slowest.
        source: what it is of.

    Returns:
        A row per route: distribution, bar from the 10th to the 90th percentile, median, mean with interval.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    chosen = main_routes(routes)
    shown = sorted(chosen, key=lambda route: (route.mean.mean, route.title))
    per, unit = time_unit(max((route.p90 for route in shown), default=0.0))
    with style.in_style():
        figure = style.new_figure(1.9 + 0.55 * max(2, len(shown)))
        axes = figure.subplots()
        for row, route in enumerate(shown):
            _draw_times(axes, route, at=row, per=per)
        route_rows(axes, figure, [route.title for route in shown])
        style.label_axes(axes, x=f"transit time from origin to delivery ({unit})", y="route")
        style.grid(axes, "x")
        axes.set_xlim(left=0.0)
        handles = [
            (Patch(facecolor=style.LOOKS[3].colour, edgecolor=style.INK, linewidth=0.6), "distribution"),
            (Line2D([], [], color=style.INK, linewidth=4), "10th to 90th percentile"),
            (
                Line2D([], [], color=style.INK, marker="|", markersize=9, linestyle="", markeredgewidth=1.8),
                "median",
            ),
            (
                Line2D([], [], color=_MEAN, linewidth=2.2, marker="o", mfc=style.PAPER, mec=style.INK),
                f"mean{with_interval(source)}",
            ),
        ]
        if any(math.isfinite(route.promise) for route in shown):
            handles.append(
                (Line2D([], [], color=style.ALARM, marker="v", linestyle="", markersize=6), "promised")
            )
        return style.finish(
            figure,
            title=_transit_message(chosen),
            subtitle=subtitle("Transit time of consignments delivered in the window, by route", source),
            caption=caption(
                source,
                only_some(len(shown), len(routes))
                + "Distributions are drawn to one height, without the slowest "
                "0.5 % of consignments.",
            ),
            legend=handles,
            columns=5,
        )


def _draw_times(axes: Axes, route: RouteTimes, *, at: float, per: float) -> None:
    """Draw one route's row: the density above a bar of quantiles."""
    if route.share.size:
        kept = int(np.searchsorted(np.cumsum(route.share), 0.995)) + 1
        edges, share = route.edges[: kept + 1], route.share[:kept]
        width = np.diff(edges)
        density = np.divide(share, width, out=np.zeros_like(share), where=width > 0)
        peak = float(density.max(initial=0.0))
        if peak > 0:
            axes.stairs(
                at - 0.08 - 0.58 * density / peak,
                edges / per,
                baseline=at - 0.08,
                fill=True,
                facecolor=style.LOOKS[3].colour,
                edgecolor=style.INK,
                linewidth=0.6,
            )
    y = at + 0.1
    axes.plot([route.p10 / per, route.p90 / per], [y, y], color=style.INK, linewidth=4, solid_capstyle="butt")
    axes.plot([route.p50 / per], [y], color=style.INK, marker="|", markersize=11, markeredgewidth=1.8)
    if math.isfinite(route.mean.low):
        ends = [route.mean.low / per, route.mean.high / per]
        axes.plot(ends, [y, y], color=_MEAN, linewidth=2.2, solid_capstyle="butt")
    axes.plot(
        [route.mean.mean / per], [y], marker="o", color=style.INK, markerfacecolor=style.PAPER, markersize=5
    )
    if math.isfinite(route.promise):
        axes.plot([route.promise / per], [y + 0.13], marker="v", color=style.ALARM, markersize=5)


def _transit_message(routes: Sequence[RouteTimes]) -> str:
    """Say the time of the busiest route, and its bad tail."""
    if not routes:
        return "Nothing was delivered in the window"
    main = routes[0]
    text = f"{main.title} takes {duration(main.mean.mean)} on average"
    if math.isfinite(main.p90) and main.p90 > 1.02 * main.mean.mean:
        text += f"; one consignment in ten takes more than {duration(main.p90)}"
    return text


def where_time_goes(journeys: Sequence[Journey], *, source: Source, least: float = 0.04) -> Figure:
    """Draw each route as a strip of time: waiting, service, running, blocked, step by step.

    Args:
        journeys: routes with their steps in order; the first `MOST_ROUTES` are drawn.
        source: what it is of.
        least: share of the longest strip from which a step is named.

    Returns:
        Strips in hours or days from the origin, the long steps named above them.
    """
    shown = [journey for journey in journeys[:MOST_ROUTES] if journey.total > 0]
    longest = max((journey.total for journey in shown), default=0.0)
    per, unit = time_unit(longest)
    with style.in_style():
        figure = style.new_figure(1.9 + 0.72 * max(2, len(shown)))
        axes = figure.subplots()
        for row, journey in enumerate(shown):
            _draw_strip(axes, journey, at=row, per=per)
        route_rows(axes, figure, [journey.title for journey in shown])
        style.label_axes(axes, x=f"mean time since arrival at the origin ({unit})", y="route")
        style.grid(axes, "x")
        axes.set_xlim(0.0, 1.02 * longest / per if longest else 1.0)
        axes.set_ylim(max(1, len(shown)) - 0.55, -0.75)
        handles = [(style.swatch(look), label) for _, label, look in _KINDS]
        finished = style.finish(
            figure,
            title=_time_message(shown),
            subtitle=subtitle("Mean time of a delivered consignment along its route", source),
            caption=caption(
                source,
                only_some(len(shown), len(journeys)) + "Thin lines part the elements of the route, in order.",
            ),
            legend=handles,
        )
        for row, journey in enumerate(shown):
            _name_steps(axes, finished, journey, at=row, least=least * longest, per=per)
        return finished


def _draw_strip(axes: Axes, journey: Journey, *, at: int, per: float) -> None:
    """Draw one route's strip and the lines between its elements."""
    begin = 0.0
    for step in journey.steps:
        for name, _, look in _KINDS:
            hours = getattr(step, name)
            if hours > 0:
                axes.barh(
                    at,
                    hours / per,
                    left=begin / per,
                    height=0.42,
                    color=look.colour,
                    hatch=look.hatch,
                    edgecolor=style.PAPER,
                    linewidth=0,
                )
                begin += hours
        if step.total > 0.004 * journey.total:
            axes.plot([begin / per] * 2, [at - 0.27, at + 0.27], color=style.INK, linewidth=0.7)


def _name_steps(axes: Axes, figure: Figure, journey: Journey, *, at: int, least: float, per: float) -> None:
    """Write the names of the long steps above the strip, the longest first, never over one another."""
    scale = axes.transData
    origin = float(scale.transform((0.0, 0.0))[0])
    per_hour = (float(scale.transform((1.0, 0.0))[0]) - origin) / per / figure.dpi
    begins = np.cumsum([0.0, *(step.total for step in journey.steps)])
    edge = float(axes.get_xlim()[1]) * per * per_hour
    taken: list[tuple[float, float]] = []
    for index in sorted(range(len(journey.steps)), key=lambda k: (-journey.steps[k].total, k)):
        step = journey.steps[index]
        start = float(begins[index]) * per_hour
        end = start + lettering.text_width(figure, step.name, size=7.0) + 0.08
        if step.total < least or end > edge or any(start < b and a < end for a, b in taken):
            continue
        taken.append((start, end))
        name = axes.text(start / per_hour / per, at - 0.31, step.name, size=7.0, ha="left", va="bottom")
        name.set_in_layout(False)


def _time_message(journeys: Sequence[Journey]) -> str:
    """Say what share of the first route's time is not spent moving or served, and where most of it goes."""
    if not journeys:
        return "Nothing was delivered in the window"
    main = journeys[0]
    idle = sum(step.waiting + step.blocked for step in main.steps)
    share = "nothing" if idle < 0.005 * main.total else part_of(idle / main.total)
    is_held = sum(step.blocked for step in main.steps) >= 0.005 * main.total
    lies = "waiting or blocked" if is_held else "waiting"
    text = f"{capital(share)} of the {duration(main.total)} of {main.title} is {lies}"

    def lost(step: JourneyStep) -> float:
        return step.waiting + step.blocked

    worst = max(main.steps, key=lost)
    if idle > 0 and lost(worst) / main.total >= 0.05:
        how = "most of it" if lost(worst) > idle / 2 else "longest"
        text += f", {how} at {worst.name} ({duration(lost(worst))})"
    return text


def main_routes(routes: Sequence[RouteTimes]) -> list[RouteTimes]:
    """Keep the first routes that delivered anything."""
    return [route for route in routes if math.isfinite(route.mean.mean)][:MOST_ROUTES]


def route_rows(axes: Axes, figure: Figure, titles: Sequence[str]) -> None:
    """Name the rows of a figure, the first on top."""
    axes.set_yticks(range(len(titles)), lettering.row_names(figure, titles, width=1.75, lines=3))
    axes.set_ylim(max(1, len(titles)) - 0.5, -0.85)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def with_interval(source: Source) -> str:
    """Name the interval after the mean, where there is one."""
    return f" with its {band_words(source)}" if source.replications > 1 else ""


def time_unit(longest: float) -> tuple[float, str]:
    """Give the hours of the axis' unit and its name: days, or hours where journeys are short."""
    return (1.0, "h") if longest < 72 else (24.0, "d")


def only_some(shown: int, every: int) -> str:
    """Say that not all routes are drawn, or nothing."""
    return f"The {shown} main routes of {every}. " if shown < every else ""
