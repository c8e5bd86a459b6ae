"""What a calibration found: observed against simulated, the parameters with their intervals, their cloud."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from sim.report import lettering, style
from sim.report.captions import caption, subtitle
from sim.report.inputs import Source
from sim.report.names import Names
from sim.report.study_words import figure_words, parameter
from sim.report.words import GAP, capital, listed, number, percent, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.study.fit import Fit, FitRow, FreeParameter

MOST_CLOUD: Final = 5
"""Parameters whose cloud is drawn."""

EDGE: Final = 0.03
"""Share of a range left free on both sides, so that a marker at its end is drawn whole."""

_VERDICTS: Final = {
    "identified": style.Look("#16325c", "", "-", "o"),
    "weakly identified": style.Look("#8fc1de", "", "--", "s"),
    "not identified": style.Look("#e4e7ec", "////", ":", "D"),
}
_BEFORE: Final = style.LOOKS[1]
_NOW: Final = style.LOOKS[0]


def calibration_figures(fit: Fit, *, source: Source, names: Names) -> Iterator[tuple[str, Figure]]:
    """Draw what a calibration found.

    Args:
        fit: a finished calibration.
        source: what it is of.
        names: titles of the scenario's elements.

    Yields:
        Name (kebab-case, of the file) and figure.
    """
    yield "observed-simulated", observed_simulated(fit, source=source, names=names)
    yield "parameters", intervals(fit, source=source, names=names)
    if len(fit.parameters) > 1:
        yield "parameter-cloud", cloud(fit, source=source, names=names)


def observed_simulated(fit: Fit, *, source: Source, names: Names) -> Figure:
    """Draw by how many tolerances each target is missed, before and now."""
    from matplotlib.lines import Line2D

    rows = fit.targets
    with style.in_style():
        figure = style.new_figure(2.2 + 0.42 * len(rows))
        axes = figure.subplots()
        axes.axvspan(-1, 1, color=style.IDLE.colour, zorder=0)
        axes.axvline(0, color=style.INK, linewidth=0.9)
        for at, row in enumerate(rows):
            _target(axes, at, row)
        labels = [
            lettering.shortened(
                figure, figure_words(row.kpi, row.subject, names), width=3.0, size=style.SMALL_SIZE
            )
            for row in rows
        ]
        axes.set_yticks(range(len(rows)), labels)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_ylabel("target")
        axes.tick_params(axis="y", length=0)
        style.grid(axes, "x")
        style.label_axes(axes, x="simulated − observed (tolerances)")
        handles: list[tuple[Any, str]] = [
            (_dot(Line2D, _BEFORE.colour, _BEFORE.marker, filled=False), "as it stood"),
            (_dot(Line2D, _NOW.colour, _NOW.marker, filled=True), "calibrated"),
        ]
        if any(row.role == "held out" for row in rows):
            handles.append((_dot(Line2D, _NOW.colour, "D", filled=False), "calibrated, target held out"))
        inside = sum(abs(row.miss) <= 1 for row in rows)
        return style.finish(
            figure,
            title=f"{inside} of {plural(len(rows), 'target')} within tolerance after calibration, "
            f"{sum(abs(row.before - row.observed) <= row.tolerance for row in rows)} before",
            subtitle=subtitle("Observed against simulated", source),
            caption=caption(
                source,
                f"{_line_note(fit, source)} Grey: within one tolerance. On the right: observed, simulated.",
            ),
            legend=handles,
        )


def _line_note(fit: Fit, source: Source) -> str:
    if source.replications < 2:
        return "On one replication to which nothing was fitted, so that no interval can be given."
    return (
        f"Lines: {percent(fit.confidence)} interval of what is simulated with the values found, on "
        "replications to which nothing was fitted."
    )


def _dot(line: Any, colour: str, marker: str, *, filled: bool) -> Any:
    face = colour if filled else style.PAPER
    return line([], [], color=colour, linestyle="", marker=marker, markersize=6, markerfacecolor=face)


def _target(axes: Axes, at: int, row: FitRow) -> None:
    held = row.role == "held out"
    before = (row.before - row.observed) / row.tolerance
    axes.plot(
        [before],
        [at],
        marker=_BEFORE.marker,
        markersize=6,
        color=_BEFORE.colour,
        markerfacecolor=style.PAPER,
        linestyle="",
    )
    if math.isfinite(row.low):
        ends = [(end - row.observed) / row.tolerance for end in (row.low, row.high)]
        axes.plot(ends, [at, at], color=_NOW.colour, linewidth=1.6)
    axes.plot(
        [row.miss],
        [at],
        marker="D" if held else _NOW.marker,
        markersize=6,
        color=_NOW.colour,
        markerfacecolor=style.PAPER if held else _NOW.colour,
        linestyle="",
    )
    scale, unit = (1 / 24, "d") if row.unit == "h" and row.observed >= 48 else (1.0, row.unit)
    style.beside(axes, at, f"{number(scale * row.observed)} → {number(scale * row.simulated)}{GAP}{unit}")


def intervals(fit: Fit, *, source: Source, names: Names) -> Figure:
    """Draw each parameter's interval within its range, by how well the targets tell it."""
    rows = fit.parameters
    with style.in_style():
        figure = style.new_figure(2.2 + 0.4 * len(rows))
        axes = figure.subplots()
        for at, row in enumerate(rows):
            _parameter(axes, at, row)
        labels = [
            lettering.shortened(figure, parameter(row.factor, names), width=3.0, size=style.SMALL_SIZE)
            for row in rows
        ]
        axes.set_yticks(range(len(rows)), labels)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(-EDGE, 1 + EDGE)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1.0], ["low", "", "middle", "", "high"])
        axes.set_ylabel("parameter")
        axes.tick_params(axis="y", length=0)
        style.grid(axes, "x")
        style.label_axes(axes, x="place in the parameter's range (share)")
        told = [row for row in rows if row.verdict == "identified"]
        return style.finish(
            figure,
            title=_message(rows, told, names),
            subtitle=subtitle(f"What {plural(len(fit.targets), 'target')} say of the parameters", source),
            caption=caption(
                source,
                f"Bars: {percent(fit.confidence)} interval of the posterior over a uniform prior; "
                "white dot: the most probable value, all together; cross: the scenario as it stood. "
                "Identified: the interval is less than half of what the range alone gives. "
                "On the right: value and interval.",
            ),
            legend=[(style.swatch(look, edge=style.SOFT), words) for words, look in _VERDICTS.items()],
        )


def _message(rows: Sequence[FreeParameter], told: Sequence[FreeParameter], names: Names) -> str:
    if not told:
        return f"The targets identify none of {plural(len(rows), 'parameter')}"
    if len(told) == len(rows):
        return f"The targets identify all {plural(len(rows), 'parameter')}"
    named = listed([parameter(row.factor, names) for row in told[:2]])
    tail = f": {named}" if len(told) <= 2 else ""
    return capital(f"the targets identify {len(told)} of {plural(len(rows), 'parameter')}{tail}")


def _parameter(axes: Axes, at: int, row: FreeParameter) -> None:
    width = row.range_high - row.range_low
    low, high, value, base = (
        (each - row.range_low) / width for each in (row.low, row.high, row.value, row.base)
    )
    look = _VERDICTS[row.verdict]
    axes.barh(
        at,
        high - low,
        left=low,
        height=0.5,
        color=look.colour,
        hatch=look.hatch,
        edgecolor=style.SOFT,
        linewidth=0.5,
    )
    axes.plot([value], [at], marker="o", color=style.INK, markerfacecolor=style.PAPER, markersize=6)
    if 0 <= base <= 1:
        axes.plot([base], [at], marker="x", color=style.ALARM, markersize=7, markeredgewidth=1.8)
    style.beside(
        axes,
        at,
        f"{number(row.value)} [{number(row.low)}, {number(row.high)}]{GAP}{row.unit}".rstrip(),
    )


def cloud(fit: Fit, *, source: Source, names: Names) -> Figure:
    """Draw the draws from the posterior by pairs of parameters, the best told first."""
    order = _most_telling(fit.parameters)[:MOST_CLOUD]
    rows = [fit.parameters[place] for place in order]
    draws = fit.draws[:, order]
    count = len(rows)
    with style.in_style():
        figure = style.new_figure(1.9 + 1.25 * count)
        panels = figure.subplots(count, count, squeeze=False)
        for down in range(count):
            for across in range(count):
                axes = panels[down][across]
                if across > down:
                    axes.set_visible(False)
                    continue
                _panel(axes, draws, rows, down, across)
                if down == count - 1:
                    text = _short(rows[across], names)
                    axes.set_xlabel(
                        lettering.wrapped(figure, text, width=7.0 / count, size=style.SMALL_SIZE - 1),
                        size=style.SMALL_SIZE - 1,
                    )
                else:
                    axes.tick_params(axis="x", labelbottom=False)
                if across == 0 and down:
                    text = _short(rows[down], names)
                    axes.set_ylabel(
                        lettering.wrapped(figure, text, width=1.15, size=style.SMALL_SIZE - 1),
                        size=style.SMALL_SIZE - 1,
                    )
                else:
                    axes.tick_params(axis="y", labelleft=False)
        pairs = [row for row in fit.parameters if row.traded_with]
        title = "No two parameters can make up for each other"
        if pairs:
            first = pairs[0]
            one, other = parameter(first.factor, names), parameter(first.traded_with, names)
            title = capital(f"{one} and {other} can make up for each other")
        return style.finish(
            figure,
            title=title,
            subtitle=subtitle("Draws from the posterior, by pairs of parameters", source),
            caption=caption(
                source,
                "Axes span the ranges of the figures and a little more. White dot: the most probable values; "
                "cross: the scenario as it stood. On the diagonal: each parameter alone.",
            ),
        )


def _most_telling(rows: Sequence[FreeParameter]) -> list[int]:
    """Order parameters for the cloud: those that trade with another first, then the widest."""
    traded = {name for row in rows if row.traded_with for name in (row.factor, row.traded_with)}
    return sorted(
        range(len(rows)), key=lambda place: (rows[place].factor not in traded, -rows[place].narrowed)
    )


def _panel(axes: Axes, draws: Any, rows: Sequence[FreeParameter], down: int, across: int) -> None:
    one = rows[across]
    axes.set_xlim(_with_edge(one))
    axes.tick_params(labelsize=style.SMALL_SIZE - 1.5, length=2)
    axes.locator_params(nbins=3)
    if across == down:
        axes.hist(draws[:, across], bins=30, range=(one.range_low, one.range_high), color="#8fc1de")
        axes.set_yticks([])
        return
    other = rows[down]
    axes.set_ylim(_with_edge(other))
    shown = draws[:: max(1, len(draws) // 1200)]
    axes.plot(
        shown[:, across],
        shown[:, down],
        linestyle="",
        marker="o",
        markersize=1.6,
        color="#16325c",
        alpha=0.25,
    )
    axes.plot([one.base], [other.base], marker="x", color=style.ALARM, markersize=6, markeredgewidth=1.6)
    axes.plot(
        [one.value], [other.value], marker="o", color=style.INK, markerfacecolor=style.PAPER, markersize=5
    )


def _with_edge(row: FreeParameter) -> tuple[float, float]:
    """Give the ends of a panel's axis: the parameter's range and a little beyond."""
    edge = 2 * EDGE * (row.range_high - row.range_low)
    return row.range_low - edge, row.range_high + edge


def _short(row: FreeParameter, names: Names) -> str:
    name = parameter(row.factor, names)
    return f"{name} ({row.unit})" if row.unit else name
