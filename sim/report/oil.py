"""Where the oil goes: exports by route over time, and how they move when one route fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.report import lettering, style
from sim.report.calendar import calendar_axis
from sim.report.captions import caption, subtitle
from sim.report.inputs import Curve, Source, Span
from sim.report.words import GAP, listed, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_LAYERS: Final = len(style.LOOKS)

_OTHERS: Final = "other routes"

Floats = NDArray[np.float64]


def export_layers(curves: Sequence[Curve], *, source: Source, outages: Sequence[Span] = ()) -> Figure:
    """Draw exports by route as stacked layers over time, outages shaded.

    Args:
        curves: amounts by span of time (a month, a week), one per route, all with the same times and
            unit; the smallest beyond `MOST_LAYERS` are joined into the last layer.
        source: what it is of.
        outages: stretches to shade, with their titles.

    Returns:
        Layers of the means over replications, the largest at the bottom.
    """
    from matplotlib.patches import Patch

    layers = _layers(curves)
    with style.in_style():
        figure = style.new_figure(5.2)
        axes = figure.subplots()
        top = _stack(axes, layers, end=source.length)
        shade(axes, figure, outages, top=top, end=source.length)
        calendar_axis(axes, source.start, low=0.0, high=source.length)
        style.label_axes(axes, y=f"crude oil ({layers[0].unit})" if layers else "crude oil")
        style.grid(axes, "y")
        handles: list[tuple[Any, str]] = [
            (style.swatch(look), layer.title) for look, layer in zip(style.LOOKS, layers, strict=False)
        ]
        if outages:
            handles.append((Patch(facecolor=style.ALARM, alpha=0.2), "outage"))
        return style.finish(
            figure,
            title=_export_message(layers, source, outages),
            subtitle=subtitle("Crude oil delivered by route, mean over replications", source),
            caption=caption(source, _month_note(layers)),
            legend=handles,
            columns=4,
        )


def _month_note(layers: Sequence[Curve]) -> str:
    by_month = bool(layers) and layers[0].unit.endswith("/month")
    return "A month is 30.4 days, so that months compare." if by_month else ""


def _layers(curves: Sequence[Curve]) -> list[Curve]:
    """Put the largest first and join what is too small to be told apart."""
    ranked = sorted(curves, key=lambda curve: (-float(np.nansum(curve.mean)), curve.title))
    ranked = [curve for curve in ranked if np.nansum(curve.mean) > 0]
    if len(ranked) <= MOST_LAYERS:
        return ranked
    rest = ranked[MOST_LAYERS - 1 :]
    values = np.sum([np.nan_to_num(curve.values) for curve in rest], axis=0)
    return [*ranked[: MOST_LAYERS - 1], Curve(_OTHERS, rest[0].unit, rest[0].hours, values)]


def _stack(axes: Axes, layers: Sequence[Curve], *, end: float) -> float:
    """Draw the layers; give the height of the highest point."""
    below: Floats | None = None
    for look, layer in zip(style.LOOKS, layers, strict=False):
        edges = np.append(layer.hours, end)
        mean = np.nan_to_num(layer.mean)
        base = np.zeros_like(mean) if below is None else below
        below = base + mean
        patch = axes.stairs(
            below,
            edges,
            baseline=base,
            fill=True,
            facecolor=look.colour,
            edgecolor=style.PAPER,
            linewidth=0.3,
        )
        patch.set_hatch(look.hatch)
    return 1.0 if below is None else float(below.max(initial=0.0)) or 1.0


def shade(axes: Axes, figure: Figure, spans: Sequence[Span], *, top: float, end: float) -> None:
    """Shade stretches of time and write their titles above the shading, making room for them.

    Args:
        axes: with hours on the horizontal axis.
        figure: of the axes, by which titles are measured.
        spans: stretches.
        top: highest data point; titles stand above it.
        end: last hour drawn.
    """
    per_inch = end / (style.WIDTH - 1.6)
    reach = 1.03 * top
    lines: list[float] = []
    for span in sorted(spans, key=lambda span: (span.begin, -span.end, span.title)):
        low, high = max(0.0, span.begin), min(end, span.end)
        if high <= low:
            continue
        axes.fill(
            [low, high, high, low],
            [0, 0, reach, reach],
            facecolor=style.ALARM,
            alpha=0.16,
            linewidth=0,
            zorder=4,
        )
        axes.vlines([low, high], 0, reach, color=style.ALARM, linewidth=0.8, linestyle="--", zorder=4)
        name = lettering.shortened(figure, f" {span.title} ", width=end / per_inch, size=style.SMALL_SIZE)
        wide = lettering.text_width(figure, name, size=style.SMALL_SIZE) * per_inch
        # Over the middle of its stretch, and no farther than the ends of the axis.
        begin = max(0.0, min((low + high - wide) / 2, end - wide))
        line = next((k for k, free in enumerate(lines) if free <= begin), len(lines))
        lines[line : line + 1] = [begin + wide]
        axes.text(
            begin,
            (1.075 + 0.07 * line) * top,
            name,
            size=style.SMALL_SIZE,
            color=style.ALARM,
            ha="left",
            va="center",
            zorder=5,
            bbox={"facecolor": style.PAPER, "edgecolor": "none", "pad": 0.5},
        ).set_in_layout(False)
    axes.set_ylim(0, (1.06 + 0.07 * max(1, len(lines))) * top)


def _export_message(layers: Sequence[Curve], source: Source, outages: Sequence[Span]) -> str:
    """Say what the outage took away, or which route carries most."""
    if not layers:
        return "No crude oil is exported"
    total = np.sum([np.nan_to_num(layer.mean) for layer in layers], axis=0)
    first = layers[0]
    if outages:
        middle = first.hours + np.diff(np.append(first.hours, source.length)) / 2
        during = np.any([(middle >= span.begin) & (middle < span.end) for span in outages], axis=0)
        if during.any() and not during.all():
            before = float(total[~during].mean())
            change = float(total[during].mean()) / before - 1 if before else 0.0
            main = max(outages, key=lambda span: (span.end - span.begin, span.title))
            if abs(change) >= 0.01:
                word = "less" if change < 0 else "more"
                amount = number(100 * abs(change), 2)
                return f"{main.title}: {amount}{GAP}% {word} crude oil is exported while it lasts"
            return f"{main.title}: as much crude oil is exported while it lasts"
    share = float(np.nansum(first.mean) / total.sum())
    return f"{first.title} carries {number(100 * share, 2)}{GAP}% of the crude oil"


def flow_shift(
    before: Mapping[str, float],
    during: Mapping[str, float],
    *,
    unit: str,
    event: str,
    source: Source,
    columns: tuple[str, str] = ("before", "during"),
    shut_in: str = "shut in",
) -> Figure:
    """Draw how a flow is shared out without and with an event, as bands that widen and narrow.

    Args:
        before: amount by route before, or undisturbed, in `unit`.
        during: amount by route during; what is not exported any more may stand as its own entry.
        unit: of the amounts.
        event: what happens, e.g. `CPC left with one mooring`.
        source: what it is of.
        columns: names of the two columns.
        shut_in: the entry that is no route: what is not exported.

    Returns:
        Two columns of stacked amounts joined by bands (after Sankey, 1898).
    """
    before, after = _joined(before, during, apart=shut_in)
    titles = sorted(
        {*before, *after},
        key=lambda title: (title == shut_in, title == _OTHERS, -before.get(title, 0.0), title),
    )
    looks = {title: look for title, look in zip(titles, style.LOOKS, strict=False) if title != shut_in}
    total = max(sum(before.values()), sum(after.values()), 1e-12)
    gap = 0.03 * total
    with style.in_style():
        figure = style.new_figure(5.4)
        axes = figure.subplots()
        places = [_heap(amounts, titles, gap=gap) for amounts in (before, after)]
        for title in titles:
            _band(axes, places[0][title], places[1][title], look=looks.get(title, style.IDLE))
        lowest = max(bottom for heap in places for _, bottom in heap.values())
        for side, amounts in enumerate((before, after)):
            name = _name_heap(axes, figure, places[side], amounts, left=side == 0, least=0.06 * total)
            lowest = max(lowest, name)
        axes.set_xlim(-0.85, 1.85)
        axes.set_ylim(lowest + gap, -gap)
        axes.set_xticks([0.0, 1.0], columns)
        axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.tick_params(axis="x", length=0, labelsize=style.TEXT_SIZE)
        style.label_axes(axes, x=event, y=f"amount ({unit}), by width of the band")
        return style.finish(
            figure,
            title=_shift_message(before, after, unit=unit, event=event, shut_in=shut_in),
            subtitle=subtitle("How the crude oil is shared among routes", source),
            caption=caption(source, "Mean over replications. Bands are as wide as the amounts."),
        )


def _joined(
    before: Mapping[str, float], during: Mapping[str, float], *, apart: str
) -> tuple[dict[str, float], dict[str, float]]:
    """Join the routes that are too thin to be seen, so that every band has a look of its own."""
    size = {title: max(before.get(title, 0.0), during.get(title, 0.0)) for title in {*before, *during}}
    routes = sorted((title for title in size if title != apart), key=lambda title: (-size[title], title))
    least = 0.012 * sum(before.values())
    thin = [t for place, t in enumerate(routes) if size[t] < least or place >= len(style.LOOKS) - 1]
    thin = thin if len(thin) > 1 else []
    found = []
    for amounts in (before, during):
        kept = {title: amount for title, amount in amounts.items() if title not in thin}
        rest = sum(amounts.get(title, 0.0) for title in thin)
        found.append(kept | ({_OTHERS: rest} if thin else {}))
    return found[0], found[1]


def _heap(
    amounts: Mapping[str, float], titles: Sequence[str], *, gap: float
) -> dict[str, tuple[float, float]]:
    """Give top and bottom of each entry of one column."""
    places, at = {}, 0.0
    for title in titles:
        amount = amounts.get(title, 0.0)
        places[title] = (at, at + amount)
        at += amount + (gap if amount > 0 else 0.0)
    return places


def _band(axes: Axes, left: tuple[float, float], right: tuple[float, float], *, look: style.Look) -> None:
    across = np.linspace(0.0, 1.0, 41)
    ease = across * across * (3 - 2 * across)
    low = left[0] + (right[0] - left[0]) * ease
    high = left[1] + (right[1] - left[1]) * ease
    axes.fill_between(
        across, low, high, facecolor=look.colour, hatch=look.hatch, edgecolor=look.stroke, linewidth=0.3
    )
    for x, (top, bottom) in ((-0.03, left), (1.0, right)):
        if bottom > top:
            axes.bar(x, bottom - top, width=0.03, bottom=top, align="edge", color=look.colour)


def _name_heap(
    axes: Axes,
    figure: Figure,
    places: Mapping[str, tuple[float, float]],
    amounts: Mapping[str, float],
    *,
    left: bool,
    least: float,
) -> float:
    """Write the names beside a column, pushed apart where the amounts are small; give where the last ends."""
    drawn = [title for title, (top, bottom) in places.items() if bottom > top]
    # A name and its amount stay together: the amount follows the last word.
    whole = [f"{title}{2 * GAP}{number(amounts[title])}" for title in drawn]
    names = dict(zip(drawn, lettering.row_names(figure, whole, width=2.2, lines=3), strict=True))
    free = at = -np.inf
    for title in drawn:
        top, bottom = places[title]
        # More lines need more room, above and below.
        tall = least * (1.0 + 0.9 * names[title].count("\n"))
        at = max((top + bottom) / 2, free + tall / 2)
        free = at + tall / 2
        axes.text(
            -0.05 if left else 1.05,
            at,
            names[title],
            size=style.SMALL_SIZE,
            ha="right" if left else "left",
            va="center",
            linespacing=1.1,
        )
    return float(free)


def _shift_message(
    before: Mapping[str, float], during: Mapping[str, float], *, unit: str, event: str, shut_in: str
) -> str:
    """Say which route loses, which gain, and what is shut in."""
    change = {title: during.get(title, 0.0) - before.get(title, 0.0) for title in {*before, *during}}
    stopped = change.pop(shut_in, 0.0)
    if not change or max(before.values(), default=0.0) <= 0:
        return "Nothing is exported"
    loser = min(change, key=lambda title: (change[title], title))
    if change[loser] >= 0:
        return f"{event}: no route loses"
    # A gain that could not be seen in the figure is not worth a word.
    seen = [title for title in change if change[title] > 0.02 * -change[loser]]
    gains = sorted(seen, key=lambda title: (-change[title], title))[:2]
    text = f"{event}: {loser} loses {number(-change[loser])}{GAP}{unit}"
    if gains:
        text += f", {listed([f'{title} takes {number(change[title])}' for title in gains])}"
    if stopped > 0:
        text += f"; {number(stopped)}{GAP}{unit} more is shut in"
    return text
