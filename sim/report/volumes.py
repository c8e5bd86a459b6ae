"""What passes, and what stands in the way over time: throughput by month, queues, utilisation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.report import lettering, style
from sim.report.calendar import LONG_MONTHS, calendar_axis, hide_names, moment
from sim.report.captions import caption, interval_note, subtitle
from sim.report.inputs import Curve, Load, Source
from sim.report.words import GAP, duration, mass, number, percent

if TYPE_CHECKING:
    from datetime import datetime

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_PANELS: Final = 6
MONTH: Final = 730.5
"""Hours of an average month: a twelfth of 8,766."""

WORST_PLACES: Final = 5
MOST_LOADS: Final = 16

_KIND_LOOKS: Final = {
    "facility": style.LOOKS[0],
    "line": style.LOOKS[1],
    "berths": style.LOOKS[2],
    "leg": style.LOOKS[3],
    "pool": style.LOOKS[5],
}
_KIND_WORDS: Final = {
    "facility": "facility: servers in use",
    "line": "line: vessels under way or worked",
    "berths": "port: berths taken",
    "leg": "leg: train paths used",
    "pool": "pool: assets out",
}


def throughput_by_month(curves: Sequence[Curve], *, source: Source) -> Figure:
    """Draw what was delivered, month by month, a panel for each curve.

    Args:
        curves: rates per average month (`MONTH`) with the month's begin as time; the title speaks of
            the first. At most `MOST_PANELS` are drawn.
        source: what it is of.

    Returns:
        Steps by month with the interval of the mean as a band.
    """
    shown = curves[:MOST_PANELS]
    with style.in_style():
        figure = style.new_figure(1.5 + 1.75 * max(1, -(-len(shown) // 2)))
        for axes, curve, lowest in zip(*_panels(figure, shown), strict=True):
            _draw_months(axes, figure, curve, source=source)
            calendar_axis(axes, source.start, low=0.0, high=source.length, label=lowest)
            if not lowest:
                hide_names(axes)
        return style.finish(
            figure,
            title=_month_message(shown, source),
            subtitle=subtitle("Delivered by month", source),
            caption=caption(
                source,
                interval_note(source, "Line: mean over replications; band: its {}.")
                + " A month is 30.4 days, so that months compare.",
            ),
        )


def _panels(figure: Figure, curves: Sequence[Curve]) -> tuple[list[Axes], Sequence[Curve], list[bool]]:
    """Lay out panels in two columns, an odd first one across both; tell which are lowest in a column."""
    odd = len(curves) % 2
    rows = odd + len(curves) // 2
    cells = figure.add_gridspec(max(1, rows), 2)
    axes = [figure.add_subplot(cells[0, :])] if odd else []
    axes += [figure.add_subplot(cells[odd + k // 2, k % 2]) for k in range(len(curves) - odd)]
    lowest = [k >= len(curves) - 2 or len(curves) == 1 for k in range(len(curves))]
    return axes, curves, lowest


def _draw_months(axes: Axes, figure: Figure, curve: Curve, *, source: Source) -> None:
    edges = np.append(curve.hours, source.length)
    mean = curve.mean
    low, high = curve.band(source.confidence)
    if np.isfinite(low).any():
        axes.stairs(high, edges, baseline=low, fill=True, color=style.LOOKS[3].colour, linewidth=0)
    axes.stairs(mean, edges, baseline=None, color=style.LOOKS[0].colour, linewidth=1.6)
    axes.set_ylim(0, 1.12 * float(np.nanmax(np.append(high, mean), initial=0.0)) or 1.0)
    style.grid(axes, "y")
    style.label_axes(axes, y=curve.unit)
    axes.set_title(lettering.shortened(figure, curve.title, width=3.6, size=style.TEXT_SIZE + 0.5, bold=True))


def _month_message(curves: Sequence[Curve], source: Source) -> str:
    """Say the year's sum of the first curve and its strongest month."""
    if not curves or not np.isfinite(curves[0].mean).any():
        return "Nothing was delivered in the window"
    main = curves[0]
    mean = np.nan_to_num(main.mean)
    unit, _, _ = main.unit.partition("/")
    # A month cut by the window's edge is no weak month.
    lengths = np.diff(np.append(main.hours, source.length))
    whole = lengths >= 27 * 24
    years = source.length / 8766
    year = "the year" if 360 <= source.length / 24 <= 370 else duration(source.length)
    if years >= 1.95:
        year = f"{number(years)} years"
    # Rates are per average month.
    amount = float((mean * lengths).sum()) / MONTH
    carried = mass(1000 * amount) if unit == "kt" else f"{number(amount)}{GAP}{unit}"
    text = f"{main.title}: {carried} in {year}"
    if whole.sum() < 3 or mean[whole].min() <= 0:
        return text
    best, worst = (int(np.flatnonzero(whole)[pick(mean[whole])]) for pick in (np.argmax, np.argmin))
    excess = float(mean[best] / mean[whole].mean()) - 1
    if excess < 0.02:
        return f"{text}, much the same every month"
    return (
        f"{text}; {_month(source, main, best)} carries {percent(excess)} more than an average month, "
        f"{_month(source, main, worst)} least"
    )


def _month(source: Source, curve: Curve, index: int) -> str:
    at = moment(source.start, float(curve.hours[index]) + 1)
    several = source.length > 400 * 24
    return LONG_MONTHS[at.month - 1] + (f" {at.year}" if several else "")


def worst_queues(curves: Sequence[Curve], *, source: Source, closed: Sequence[Curve] = ()) -> Figure:
    """Draw the queues of the worst places over time, one strip under the other.

    Args:
        curves: mean number waiting over each span of time, worst place first; `WORST_PLACES` are drawn.
        source: what it is of.
        closed: share of time that weather closed a port, by month; the first is shaded behind all.

    Returns:
        Mean over replications and the band in which eight of ten replications lie.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    shown = curves[:WORST_PLACES]
    look = style.LOOKS[0]
    with style.in_style():
        rows = max(1, len(shown))
        figure = style.new_figure(1.75 + max(2.2, 1.05 * rows))
        panels = figure.subplots(rows, 1, squeeze=False, sharex=True).ravel()
        for axes, curve in zip(panels, shown, strict=False):
            _draw_queue(axes, figure, curve, source=source)
            if closed:
                _shade_closed(axes, closed[0], source)
        for axes in panels:
            calendar_axis(axes, source.start, low=0.0, high=source.length, label=axes is panels[-1])
            if axes is not panels[-1]:
                hide_names(axes)
        unit = shown[0].unit if shown else "consignments waiting"
        style.side_name(figure, f"{unit} (mean over the {_span(shown)})", height=max(1.8, 0.8 * rows))
        handles: list[tuple[Any, str]] = [
            (Line2D([], [], color=look.colour), "mean over replications"),
        ]
        if source.replications < 2:
            handles = [(Line2D([], [], color=look.colour), "the one replication")]
        if source.replications > 1:
            handles.append((Patch(facecolor=style.LOOKS[3].colour), "8 of 10 replications"))
        if closed:
            handles.append((Patch(facecolor=style.RULE), f"{closed[0].title} (darker: longer)"))
        return style.finish(
            figure,
            title=_queue_message(shown, source),
            subtitle=subtitle("Consignments waiting at the worst places", source),
            caption=caption(source, "Each strip has its own scale."),
            legend=handles,
        )


def _draw_queue(axes: Axes, figure: Figure, curve: Curve, *, source: Source) -> None:
    edges = np.append(curve.hours, source.length)
    top = curve.mean
    if curve.values.shape[0] > 1:
        low, high = curve.spread()
        axes.stairs(high, edges, baseline=low, fill=True, color=style.LOOKS[3].colour, linewidth=0)
        top = np.append(top, high)
    axes.stairs(curve.mean, edges, baseline=None, color=style.LOOKS[0].colour, linewidth=1.4)
    axes.set_ylim(0, 1.1 * float(np.nanmax(top, initial=0.0)) or 1.0)
    axes.locator_params(axis="y", nbins=4)
    style.grid(axes, "y")
    axes.set_title(lettering.shortened(figure, curve.title, width=7.5, size=style.TEXT_SIZE + 0.5, bold=True))


def _span(curves: Sequence[Curve]) -> str:
    """Name the span over which queues are averaged."""
    if not curves or curves[0].hours.size < 2:
        return "window"
    hours = float(np.median(np.diff(curves[0].hours)))
    names = {24.0: "day", 168.0: "week"}
    return names.get(hours, "month" if 600 < hours < 800 else duration(hours))


def _shade_closed(axes: Axes, curve: Curve, source: Source) -> None:
    """Shade the months behind a strip by how long weather closed the port."""
    share = np.clip(np.nan_to_num(curve.mean), 0.0, 1.0)
    edges = np.append(curve.hours, source.length)
    for index, value in enumerate(share):
        axes.axvspan(
            float(edges[index]), float(edges[index + 1]), facecolor=style.SOFT,
            alpha=float(0.6 * value), linewidth=0, zorder=0,
        )  # fmt: skip


def _queue_message(curves: Sequence[Curve], source: Source) -> str:
    """Say where the longest queue stands, how long it is and when it is longest."""
    if not curves or not np.nanmax(curves[0].mean, initial=0.0) > 0:
        return "Nothing waits anywhere"
    main = curves[0]
    mean = np.nan_to_num(main.mean)
    spans = np.diff(np.append(main.hours, source.length))
    average = float(np.average(mean, weights=spans))
    peak = int(np.argmax(mean))
    at = moment(source.start, float(main.hours[peak]) + 1)
    text = f"The longest queue stands at {main.title}: {number(average, 2)} {_what(main.unit)} on average"
    if float(mean[peak]) > 1.15 * average and source.length >= 60 * 24:
        text += f", {number(float(mean[peak]), 2)} in {_when(_span(curves), at)}"
    return text


def _when(span: str, at: datetime) -> str:
    """Name a span by its begin: a week may begin in one month and lie in the next."""
    month = f"{LONG_MONTHS[at.month - 1]} {at.year}"
    return f"the {span} of {at.day} {month}" if span == "week" else month


def _what(unit: str) -> str:
    return {"consignments waiting": "consignments"}.get(unit, unit)


def utilisation(loads: Sequence[Load], *, source: Source) -> Figure:
    """Draw how much of its time each element is in use, blocked or out of order.

    Args:
        loads: any order; the `MOST_LOADS` most used are drawn.
        source: what it is of.

    Returns:
        A bar per element, its interval as a whisker.
    """
    told = [load for load in loads if math.isfinite(load.busy.mean)]
    shown = sorted(told, key=lambda load: (-_taken(load), load.name))[:MOST_LOADS]
    with style.in_style():
        figure = style.new_figure(1.75 + 0.27 * max(3, len(shown)))
        axes = figure.subplots()
        for row, load in enumerate(shown):
            _draw_load(axes, load, at=row)
        names = lettering.row_names(figure, [load.name for load in shown], width=2.6, lines=1)
        axes.set_yticks(range(len(shown)), names)
        axes.set_ylim(max(1, len(shown)) - 0.4, -0.6)
        most = max((100 * _taken(load) for load in shown), default=0.0)
        axes.set_xlim(0, max(100.0, 1.02 * most))
        style.label_axes(axes, x="share of the window (%)", y="element")
        style.grid(axes, "x")
        axes.tick_params(axis="y", length=0)
        handles = [
            (style.swatch(look), _KIND_WORDS[kind])
            for kind, look in _KIND_LOOKS.items()
            if any(load.kind == kind for load in shown)
        ]
        for name, look in (("blocked", style.BLOCKED), ("down", style.IDLE)):
            if any(getattr(load, name) > 0 for load in shown):
                words = {"blocked": "blocked by what follows", "down": "out of order"}[name]
                handles.append((style.swatch(look), words))
        some = f"The {len(shown)} most used of {len(told)} elements. " if len(shown) < len(told) else ""
        return style.finish(
            figure,
            title=_load_message(shown),
            subtitle=subtitle("How elements spend the window", source),
            caption=caption(source, some + interval_note(source, "Whisker: {} of the share in use.")),
            legend=handles,
            columns=4,
        )


def _taken(load: Load) -> float:
    return load.busy.mean + load.blocked + load.down


def _draw_load(axes: Axes, load: Load, *, at: int) -> None:
    look = _KIND_LOOKS[load.kind]
    begin = 0.0
    for share, part in (
        (load.busy.mean, look),
        (load.blocked, style.BLOCKED),
        (load.down, style.IDLE),
    ):
        if share > 0:
            bar = axes.barh(
                at, 100 * share, left=begin, height=0.66, color=part.colour, edgecolor=part.stroke
            )
            bar.patches[0].set(hatch=part.hatch, linewidth=0.5)
            begin += 100 * share
    if math.isfinite(load.busy.low):
        # A share lies between nothing and all, whatever a few replications make of its interval.
        ends = [100 * max(0.0, load.busy.low), 100 * min(max(1.0, load.busy.mean), load.busy.high)]
        axes.plot(ends, [at, at], color=style.PAPER, linewidth=3.4, solid_capstyle="butt")
        axes.plot(ends, [at, at], color=style.INK, linewidth=1.4, marker="|", markersize=6)


def _load_message(loads: Sequence[Load]) -> str:
    """Say what is used most, and what is blocked most where that matters."""
    if not loads:
        return "No element has a capacity that could be used up"
    main = max(loads, key=lambda load: (load.busy.mean, load.name))
    if not _taken(main) > 0:
        return "Nothing is in use in the window"
    text = f"{main.name} is used most, {percent(main.busy.mean)} of the time"
    stuck = max(loads, key=lambda load: (load.blocked, load.name))
    if stuck.blocked >= 0.03:
        text += f"{' and' if stuck is main else f'; {stuck.name} stands'} blocked {percent(stuck.blocked)}"
    return text
