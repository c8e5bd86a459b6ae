"""What a disturbance costs and where one more unit helps: resilience curve and bottleneck bars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.report import lettering, style
from sim.report.calendar import calendar_axis
from sim.report.captions import band_words, caption, interval_note, subtitle
from sim.report.inputs import Curve, Need, Source, Span
from sim.report.oil import shade
from sim.report.words import GAP, capital, duration, mass, number, part_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_NEEDS: Final = 12


def resilience_curve(
    performance: Curve,
    *,
    source: Source,
    disturbances: Sequence[Span] = (),
    lost: float = math.nan,
    recovery: float | None = None,
) -> Figure:
    """Draw performance against the undisturbed twin, with the area between them.

    Args:
        performance: delivered in each span of time as a share of the undisturbed twin's, in percent.
        source: what it is of.
        disturbances: stretches to shade.
        lost: tonnes delivered less in the window, or NaN.
        recovery: hours to recovery after the disturbance began, NaN where not within the run, None where
            that is not the same in all replications.

    Returns:
        The curve, its band, and the area lost (the resilience triangle of Bruneau et al., 2003).
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    edges = np.append(performance.hours, source.length)
    mean = np.nan_to_num(performance.mean, nan=100.0)
    with style.in_style():
        figure = style.new_figure(4.8)
        axes = figure.subplots()
        axes.stairs(
            np.full_like(mean, 100.0), edges, baseline=np.minimum(mean, 100.0), fill=True, hatch="////",
            facecolor=style.WAITING.colour, edgecolor=style.PAPER, linewidth=0,
        )  # fmt: skip
        top = float(np.nanmax(mean, initial=100.0))
        if performance.values.shape[0] > 1:
            low, high = performance.band(source.confidence)
            for bound in (low, high):
                axes.stairs(bound, edges, baseline=None, color=style.SOFT, linewidth=0.8, linestyle=":")
            top = max(top, float(np.nanmax(high)))
        axes.stairs(mean, edges, baseline=None, color=style.LOOKS[0].colour, linewidth=1.8)
        axes.axhline(100.0, color=style.INK, linewidth=0.9)
        shade(axes, figure, disturbances, top=top, end=source.length)
        calendar_axis(axes, source.start, low=0.0, high=source.length)
        style.label_axes(axes, y="share of the undisturbed twin (%)")
        style.grid(axes, "y")
        handles: list[tuple[Any, str]] = [
            (Line2D([], [], color=style.LOOKS[0].colour), "delivered"),
            (
                Patch(facecolor=style.WAITING.colour, hatch="////", edgecolor=style.PAPER, linewidth=0),
                "less than undisturbed",
            ),
        ]
        if performance.values.shape[0] > 1:
            handles.append((Line2D([], [], color=style.SOFT, linestyle=":"), band_words(source)))
        return style.finish(
            figure,
            title=_resilience_message(performance.title, mean, lost=lost, recovery=recovery),
            subtitle=subtitle(f"{performance.title}, against its twin on the same draws", source),
            caption=caption(source, "Above 100 %, what had waited is caught up."),
            legend=handles,
        )


def _resilience_message(name: str, mean: np.ndarray[Any, Any], *, lost: float, recovery: float | None) -> str:
    """Say how far delivery falls, what is lost and when it is well again."""
    deepest = float(mean.min(initial=100.0))
    if deepest > 99.5:
        return f"{name}: the disturbance leaves no trace"
    text = f"{name} falls to {part_of(deepest / 100)} of normal"
    if math.isfinite(lost):
        text += f", {mass(lost)} are lost"
    if recovery is None:
        return text
    if math.isfinite(recovery):
        return f"{text}; it has recovered after {duration(recovery)}"
    return f"{text}; it does not recover within the run"


def bottlenecks(needs: Sequence[Need], *, source: Source) -> Figure:
    """Draw what one more unit of each element delivers, beside its share of all waiting.

    Args:
        needs: any order; the `MOST_NEEDS` with the largest gain are drawn.
        source: what it is of.

    Returns:
        Two bar panels with common rows, the most useful element on top.
    """
    ranked = sorted(needs, key=lambda need: (-need.gain.mean, need.name))[:MOST_NEEDS]
    unit = ranked[0].unit if ranked else "t/yr"
    with style.in_style():
        figure = style.new_figure(1.75 + 0.34 * max(3, len(ranked)))
        gains, waits = figure.subplots(1, 2, sharey=True, width_ratios=[3, 2])
        rows = range(len(ranked))
        gains.barh(rows, [need.gain.mean for need in ranked], height=0.62, color=style.LOOKS[0].colour)
        for row, need in enumerate(ranked):
            if math.isfinite(need.gain.low):
                ends = [need.gain.low, need.gain.high]
                gains.plot(ends, [row, row], color=style.PAPER, linewidth=3.4)
                gains.plot(ends, [row, row], color=style.INK, linewidth=1.4, marker="|", markersize=6)
        shares = [100 * need.waiting for need in ranked]
        waits.barh(
            rows,
            shares,
            height=0.62,
            color=style.WAITING.colour,
            hatch="///",
            edgecolor=style.PAPER,
            linewidth=0,
        )
        names = [f"{need.name}: {need.change}" for need in ranked]
        gains.set_yticks(
            rows, [lettering.wrapped(figure, name, width=2.3, size=style.SMALL_SIZE) for name in names]
        )
        gains.set_ylim(max(1, len(ranked)) - 0.4, -0.6)
        gains.axvline(0.0, color=style.INK, linewidth=0.8)
        for axes in (gains, waits):
            style.grid(axes, "x")
            axes.tick_params(axis="y", length=0)
            axes.locator_params(axis="x", nbins=6)
        style.label_axes(gains, x=f"delivered more ({unit})", y="one more unit of")
        style.label_axes(waits, x="share of all waiting (%)")
        return style.finish(
            figure,
            title=_need_message(needs),
            subtitle=subtitle("What one more unit of capacity delivers, on the same draws", source),
            caption=caption(source, interval_note(source, "Whisker: {}, paired on common random numbers.")),
        )


def _need_message(needs: Sequence[Need]) -> str:
    """Name the bottleneck, and where waiting misleads; nothing that its interval does not bear out."""
    if not needs:
        return "No element was tried"
    helps = [need for need in needs if need.gain.mean > 0 and not need.gain.low <= 0]
    if not helps:
        # Only these were tried, and few replications hide a small gain.
        surely = "surely " if any(math.isfinite(need.gain.low) for need in needs) else ""
        if len(needs) == 1:
            return f"{capital(needs[0].change)} at {needs[0].name} does not {surely}deliver more"
        return f"None of the {len(needs)} elements tried {surely}delivers more with one unit more"
    first = max(helps, key=lambda need: need.gain.mean)
    gain = f"{number(first.gain.mean)}{GAP}{first.unit}"
    text = f"{first.name} is the bottleneck: {first.change} delivers {gain} more"
    most = max(needs, key=lambda need: (need.waiting, need.name))
    if most is not first and most.waiting > 0:
        text += f"; most waiting is at {most.name}"
    return text
