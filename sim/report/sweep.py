"""How the figures of a run answer to what a sweep varies."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from sim.report import lettering, style
from sim.report.captions import band_words, caption, subtitle
from sim.report.inputs import Source
from sim.report.names import Names
from sim.report.study_words import figure_words, parameter, scaled
from sim.report.words import GAP, capital, number, plural

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.study.factors import Factor
    from sim.study.headline import Key
    from sim.study.sweep import SweepRow, Swept

MOST_FIGURES: Final = 8
MOST_LINES: Final = len(style.LOOKS)
MOST_PANELS: Final = 6


def sweep_figures(swept: Swept, *, source: Source, names: Names) -> Iterator[tuple[str, Figure]]:
    """Draw each of the first figures over what was varied.

    Args:
        swept: a finished sweep.
        source: what it is of.
        names: titles of the scenario's elements.

    Yields:
        Name (kebab-case, of the file) and figure.
    """
    drawn = 0
    for key in swept.keys:
        rows = [row for row in swept.rows if row.key == key and math.isfinite(row.mean)]
        if drawn >= MOST_FIGURES or len({round(row.mean, 12) for row in rows}) < 2:
            continue
        drawn += 1
        slug = f"{key.kpi}-{key.subject}".replace("_", "-").replace(".", "-").replace("/", "-")
        yield f"sweep-{slug}", response(swept, key, source=source, names=names)


def response(swept: Swept, key: Key, *, source: Source, names: Names) -> Figure:
    """Draw one figure of a run over the factors.

    Args:
        swept: a finished sweep.
        key: which figure.
        source: what it is of.
        names: titles of the scenario's elements.

    Returns:
        One factor as a line, two as a line for each value of the shorter, more as a panel for each factor.
    """
    rows = {row.point: row for row in swept.rows if row.key == key and math.isfinite(row.mean)}
    scale, unit = scaled(key.kpi, key.unit, [row.mean for row in rows.values()])
    what = figure_words(key.kpi, key.subject, names)
    factors = swept.space.factors
    lines = _laid_on_a_grid(swept)
    with style.in_style():
        if lines:
            figure = style.new_figure(4.6)
            axes = figure.subplots()
            legend = _lines(axes, swept, rows, names, scale=scale)
            # Broken into lines, so that it does not run up into the header.
            style.label_axes(
                axes, y=lettering.wrapped(figure, f"{what} ({unit})", width=2.4, size=style.TEXT_SIZE)
            )
        else:
            count = min(len(factors), MOST_PANELS)
            across = 2 if count in (2, 4) else min(3, count)
            down = -(-count // across)
            figure = style.new_figure(1.9 + 2.3 * down)
            panels = figure.subplots(down, across, squeeze=False, sharey=True).ravel()
            for place, axes in enumerate(panels):
                if place < count:
                    _cloud(axes, swept, rows, place, names, figure, scale=scale)
                else:
                    axes.set_visible(False)
            style.side_name(figure, f"{what} ({unit})", height=max(1.8, 1.8 * down))
            legend = []
        return style.finish(
            figure,
            title=_message(rows, what, swept, names, scale=scale, unit=unit),
            subtitle=subtitle(
                f"{capital(what)} at {plural(len(rows) - 1, 'point')}",
                source,
                windowed=not _moves_clock(swept),
            ),
            caption=caption(
                source,
                (f"Bars: {band_words(source)} of each mean. " if lines else "Dots: means. ")
                + _unsteady_words(rows)
                + "All points meet the same random draws.",
            ),
            legend=legend,
        )


def _moves_clock(swept: Swept) -> bool:
    """Tell whether the points have windows of their own."""
    paths = [factor.name for factor in swept.space.factors]
    paths += [path for f in swept.space.factors for level in f.levels for path, _ in level.overrides]
    return any(path.partition(".")[0] == "clock" for path in paths)


def _laid_on_a_grid(swept: Swept) -> bool:
    """Tell whether points make a line, or a few lines of which each has all values of the other factor."""
    values = [[round(float(each), 12) for each in column] for column in swept.coordinates.T]
    sizes = [len(set(column)) for column in values]
    few = all(size <= max(12, f.size) for size, f in zip(sizes, swept.space.factors, strict=True))
    if len(sizes) != 2:
        return few and len(sizes) == 1
    return few and len(set(zip(*values, strict=True))) == sizes[0] * sizes[1] and min(sizes) <= MOST_LINES


def _lines(
    axes: Axes, swept: Swept, rows: dict[int, SweepRow], names: Names, *, scale: float
) -> list[tuple[Artist, str]]:
    from matplotlib.lines import Line2D

    factors = swept.space.factors
    sizes = [len({round(float(each), 12) for each in swept.coordinates[:, p]}) for p in range(len(factors))]
    along = sizes.index(max(sizes))
    other = 1 - along if len(factors) == 2 else None
    groups: dict[str, list[int]] = {}
    for point in range(1, len(swept.coordinates) + 1):
        if point in rows:
            label = "" if other is None else swept.labels(point)[other]
            groups.setdefault(label, []).append(point)
    at = _positions(swept, along)
    room = (max(at.values()) - min(at.values())) or 1.0
    handles: list[tuple[Artist, str]] = []
    shown = list(groups.items())[:MOST_LINES]
    for place, (look, (label, points)) in enumerate(zip(style.LOOKS, shown, strict=False)):
        points.sort(key=lambda point: at[point])
        # A little aside, so that intervals at one value do not hide each other.
        aside = 0.012 * room * (place - (len(shown) - 1) / 2)
        x = [at[point] + aside for point in points]
        means = [scale * rows[point].mean for point in points]
        half = [scale * (rows[point].high - rows[point].low) / 2 for point in points]
        reach = [each if math.isfinite(each) else 0.0 for each in half]
        axes.errorbar(
            x, means, yerr=reach, color=look.pen, linestyle=look.line, marker=look.marker, capsize=2.5
        )
        _hollow(axes, look, x, means, [rows[point].stationary for point in points])
        if label and other is not None:
            words = f"{parameter(factors[other].name, names)} = {label}"
            handles.append((Line2D([], [], color=look.pen, linestyle=look.line, marker=look.marker), words))
    if any(not row.stationary for point, row in rows.items() if point):
        mark = Line2D([], [], color=style.INK, linestyle="", marker="o", markerfacecolor=style.PAPER)
        handles.append((mark, "hollow: not stationary"))
    if 0 in rows:
        axes.axhline(scale * rows[0].mean, color=style.RULE, linewidth=1.4, zorder=0)
    _name_axis(axes, swept, along, names)
    style.grid(axes, "y")
    return handles


def _positions(swept: Swept, place: int) -> dict[int, float]:
    """Give where each point stands along a factor: its value, or its place where values are no numbers."""
    factor = swept.space.factors[place]
    column = swept.coordinates[:, place].tolist()
    if factor.levels and not _numbered(factor):
        return {point: float(factor.place(each)) for point, each in enumerate(column, start=1)}
    return {point: factor.number(each) for point, each in enumerate(column, start=1)}


def _numbered(factor: Factor) -> bool:
    """Tell whether values given by hand have numbers of their own; dates of one year share the year's."""
    found = [level.number for level in factor.levels]
    return all(math.isfinite(each) for each in found) and len(set(found)) == len(found)


def _name_axis(axes: Axes, swept: Swept, place: int, names: Names) -> None:
    factor: Factor = swept.space.factors[place]
    name = parameter(factor.name, names, turned=max(1, len(factor.dials)))
    if factor.levels and not _numbered(factor):
        axes.set_xticks(range(len(factor.levels)), [level.label for level in factor.levels])
    elif factor.levels:
        axes.set_xticks([level.number for level in factor.levels], [level.label for level in factor.levels])
    else:
        axes.locator_params(axis="x", nbins=6)
    axes.set_xlabel(f"{name} ({factor.unit})" if factor.unit else name)


def _cloud(
    axes: Axes,
    swept: Swept,
    rows: dict[int, SweepRow],
    place: int,
    names: Names,
    figure: Figure,
    *,
    scale: float,
) -> None:
    at = _positions(swept, place)
    points = [point for point in rows if point]
    look = style.LOOKS[0]
    x = [at[point] for point in points]
    means = [scale * rows[point].mean for point in points]
    axes.plot(x, means, linestyle="none", marker=look.marker, markersize=3.2, color=look.colour)
    _hollow(axes, look, x, means, [rows[point].stationary for point in points], size=3.2)
    if 0 in rows:
        axes.axhline(scale * rows[0].mean, color=style.RULE, linewidth=1.4, zorder=0)
    _name_axis(axes, swept, place, names)
    name = lettering.wrapped(figure, axes.get_xlabel(), width=2.6, size=style.SMALL_SIZE)
    axes.set_xlabel(name, size=style.SMALL_SIZE)
    axes.locator_params(axis="both", nbins=5)
    style.grid(axes, "y")


def _hollow(
    axes: Axes,
    look: style.Look,
    x: Sequence[float],
    means: Sequence[float],
    steady: Sequence[bool],
    *,
    size: float | None = None,
) -> None:
    """Draw the marks of points that are not stationary anew, hollow."""
    moved = [(across, up) for across, up, calm in zip(x, means, steady, strict=True) if not calm]
    if not moved:
        return
    marks = axes.plot(*zip(*moved, strict=True), linestyle="none", marker=look.marker, color=look.pen)
    marks[0].set(markerfacecolor=style.PAPER, zorder=3)
    if size is not None:
        marks[0].set_markersize(size)


def _unsteady_words(rows: dict[int, SweepRow]) -> str:
    """Say what the grey line is, and what hollow marks are where there are any."""
    base = "Grey line: the scenario as it stands"
    if 0 in rows and not rows[0].stationary:
        base += ", itself not stationary"
    if all(row.stationary for point, row in rows.items() if point):
        return f"{base}. "
    return f"Hollow: not stationary; a backlog grows, and the mean with the window. {base}. "


def _message(
    rows: dict[int, SweepRow], what: str, swept: Swept, names: Names, *, scale: float, unit: str
) -> str:
    points = [row for point, row in rows.items() if point]
    least, most = (pick(points, key=lambda row: row.mean) for pick in (min, max))
    ends = [f"{number(scale * row.mean)}{GAP}{unit}".rstrip() for row in (least, most)]
    factors = swept.space.factors
    if not any(row.difference_low > 0 or row.difference_high < 0 for row in points):
        # Which point has the least mean and which the most may be chance then, as ever in one replication.
        return capital(f"{what}: no sure effect, {ends[0]} to {ends[1]}")
    if len(factors) > 2:
        unsteady = "" if least.stationary and most.stationary else ", not all stationary"
        return capital(f"{what} lies between {ends[0]} and {ends[1]}{unsteady}")
    called = [parameter(factor.name, names).rpartition(": ")[2] for factor in factors]
    where = [
        ", ".join(f"{name} {label}" for name, label in zip(called, swept.labels(row.point), strict=True))
        + ("" if row.stationary else ", not stationary")
        for row in (least, most)
    ]
    return capital(f"{what}: from {ends[0]} ({where[0]}) to {ends[1]} ({where[1]})")
