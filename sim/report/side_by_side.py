"""Scenarios beside each other, route by route: how long the journey takes in each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from sim.report import style
from sim.report.captions import caption, subtitle
from sim.report.inputs import Difference, RouteTimes, Source
from sim.report.transit import main_routes, only_some, route_rows, time_unit, with_interval
from sim.report.words import duration, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NOTICED: Final = 0.02
"""Share of a transit time from which a change of it is worth a word."""


def transit_side_by_side(
    scenarios: Mapping[str, Sequence[RouteTimes]],
    changes: Mapping[str, Sequence[Difference]],
    *,
    source: Source,
) -> Figure:
    """Draw the transit times of several scenarios beside each other, route by route.

    Args:
        scenarios: for each scenario's title its routes; the first is the base, which gives the order.
        changes: for each other scenario's title the paired differences in hours from the base, labelled with
            the route's title; only of routes that are stationary. The title speaks of these alone.
        source: what it is of.

    Returns:
        For each route a bar (10th to 90th percentile), median and mean per scenario.
    """
    from matplotlib.lines import Line2D

    names = list(scenarios)
    found = [{route.title: route for route in routes} for routes in scenarios.values()]
    every: dict[str, RouteTimes] = {}
    for routes in found:
        every |= {title: route for title, route in routes.items() if title not in every}
    titles = [route.title for route in main_routes(list(every.values()))]
    titles.sort(key=lambda title: (every[title].mean.mean, title))
    step = 0.8 / max(1, len(names))
    per, unit = time_unit(max((every[title].p90 for title in titles), default=0.0))
    with style.in_style():
        figure = style.new_figure(1.9 + (0.16 + 0.2 * len(names)) * max(2, len(titles)))
        axes = figure.subplots()
        for place, routes in enumerate(found):
            look, fill = _look(place)
            for row, title in enumerate(titles):
                if title in routes:
                    at = row - 0.4 + step * (place + 0.5)
                    _draw_dumbbell(axes, routes[title], at=at, look=look, fill=fill, per=per)
        route_rows(axes, figure, titles)
        for row in range(len(titles) - 1):
            axes.axhline(row + 0.5, color=style.RULE, linewidth=0.6)
        style.label_axes(axes, x=f"transit time from origin to delivery ({unit})", y="route")
        style.grid(axes, "x")
        axes.set_xlim(left=0.0)
        axes.set_ylim(len(titles) - 0.45, -0.55)
        return style.finish(
            figure,
            title=_side_message(found, changes, shown=titles, source=source),
            subtitle=subtitle("Transit time of consignments delivered in the window, by scenario", source),
            caption=caption(
                source,
                only_some(len(titles), len(every)) + "Bar: 10th to 90th percentile; upright stroke: median; "
                f"marker: mean{with_interval(source)}.",
            ),
            legend=[
                (
                    Line2D([], [], color=look.pen, marker=look.marker, linestyle=look.line, mfc=fill),
                    name,
                )
                for (look, fill), name in zip(map(_look, range(len(names))), names, strict=True)
            ],
            columns=3,
        )


def _draw_dumbbell(
    axes: Axes, route: RouteTimes, *, at: float, look: style.Look, fill: str, per: float
) -> None:
    axes.plot([route.p10 / per, route.p90 / per], [at, at], color=look.pen, linestyle=look.line, linewidth=2)
    axes.plot([route.p50 / per], [at], color=look.pen, marker="|", markersize=9, markeredgewidth=1.6)
    if math.isfinite(route.mean.low):
        axes.plot([route.mean.low / per, route.mean.high / per], [at, at], color=style.INK, linewidth=2.4)
    axes.plot(
        [route.mean.mean / per], [at], color=fill, marker=look.marker, markersize=6.5,
        markeredgecolor=style.INK, markeredgewidth=0.7,
    )  # fmt: skip


def _side_message(
    found: Sequence[Mapping[str, RouteTimes]],
    changes: Mapping[str, Sequence[Difference]],
    *,
    shown: Sequence[str],
    source: Source,
) -> str:
    """Say on which of the routes shown the mean time surely changes most against the base, and where."""
    base = found[0]
    if not any(title in base and title in routes for routes in found[1:] for title in shown):
        return "No route delivers in both scenarios"
    told = [(name, row) for name, rows in changes.items() for row in rows if row.label in shown]
    if not told:
        return "No main route is stationary, so that no change of transit time holds for longer"
    large = [(name, row) for name, row in told if abs(row.difference) >= NOTICED * row.base]
    if not large:
        return "No main route takes noticeably longer or shorter"
    # As sure as in the forest beside it: for all that was asked at once, so that the two agree.
    sure = [(name, row) for name, row in large if row.significant]
    if not sure:
        runs = plural(source.replications, "replication")
        return f"No main route's transit time changes surely at {runs}"
    name, row = max(sure, key=lambda one: (abs(one[1].difference), one[0], one[1].label))
    return (
        f"{name}: {row.label} takes {duration(abs(row.difference))} "
        f"{'longer' if row.difference > 0 else 'less'}, {duration(row.other)} instead of {duration(row.base)}"
    )


def _look(place: int) -> tuple[style.Look, str]:
    """Give the look of a scenario and the fill of its marker: hollow where looks come a second time."""
    turn, kind = divmod(place, len(style.LOOKS))
    look = style.LOOKS[kind]
    return look, style.PAPER if turn % 2 else look.pen
