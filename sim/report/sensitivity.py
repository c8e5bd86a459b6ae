"""Which parameters matter: a ranking for each figure, with intervals and the noise floor."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from sim.report import lettering, style
from sim.report.captions import caption, subtitle
from sim.report.inputs import Source
from sim.report.names import Names
from sim.report.study_words import figure_words, parameter, scaled
from sim.report.words import GAP, capital, number, percent, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.study.sensitivity import Influence

MOST_ROWS: Final = 14
"""Parameters that are drawn for one figure."""
MOST_SHARE: Final = 1.5
"""Of the variance: what reaches beyond is not drawn."""
MOST_FIGURES: Final = 8

_HEARD: Final = style.Look("#8fc1de", "", "-", "o")
_LOST: Final = style.Look("#e4e7ec", "////", "-", "o")


def sensitivity_figures(
    rows: Sequence[Influence], *, source: Source, names: Names, points: int, turned: dict[str, int]
) -> Iterator[tuple[str, Figure]]:
    """Draw the ranking of parameters for each of the first figures.

    Args:
        rows: by figure, the most influential parameter first.
        source: what it is of.
        names: titles of the scenario's elements.
        points: how many were simulated.
        turned: by factor, how many parameters it turns.

    Yields:
        Name (kebab-case, of the file) and figure.
    """
    groups: dict[tuple[str, str, str], list[Influence]] = {}
    for row in rows:
        groups.setdefault((row.kpi, row.subject, row.unit), []).append(row)
    for (kpi, subject, _), found in list(groups.items())[:MOST_FIGURES]:
        slug = f"{kpi}-{subject}".replace("_", "-").replace(".", "-").replace("/", "-")
        yield (
            f"sensitivity-{slug}",
            ranking(found, source=source, names=names, points=points, turned=turned),
        )


def ranking(
    rows: Sequence[Influence], *, source: Source, names: Names, points: int, turned: dict[str, int]
) -> Figure:
    """Draw how strongly each parameter moves one figure.

    Args:
        rows: of one figure, the most influential first; the first `MOST_ROWS` are drawn.
        source: what it is of.
        names: titles of the scenario's elements.
        points: how many were simulated.
        turned: by factor, how many parameters it turns.

    Returns:
        Bars with their bootstrap intervals, and for each the floor that noise alone would reach.
    """
    from matplotlib.lines import Line2D

    shown = rows[:MOST_ROWS]
    first = rows[0]
    morris = hasattr(first, "mu_star")
    scale, unit = scaled(first.kpi, first.unit, [row.high for row in rows]) if morris else (100.0, "%")
    what = figure_words(first.kpi, first.subject, names)
    with style.in_style():
        figure = style.new_figure(2.3 + 0.27 * len(shown))
        axes = figure.subplots()
        _draw(axes, shown, scale=scale)
        labels = [
            lettering.shortened(
                figure,
                parameter(row.factor, names, turned=turned.get(row.factor, 1)),
                width=3.3,
                size=style.SMALL_SIZE,
            )
            for row in shown
        ]
        axes.set_yticks(range(len(shown)), labels)
        axes.set_ylabel("parameter")
        word = "mean absolute effect over the range" if morris else "total share of the variance"
        style.label_axes(axes, x=f"{word} ({unit})" if unit else word)
        interval = (Line2D([], [], color=style.INK, linewidth=1.4), f"{percent(source.confidence)} interval")
        floor = Line2D([], [], color=style.ALARM, linestyle="", marker="|", markersize=11, markeredgewidth=2)
        handles = [
            (style.swatch(_HEARD, edge=style.SOFT), "clear of the noise"),
            (style.swatch(_LOST, edge=style.SOFT), "not to be told from noise"),
            interval,
            (floor, "noise floor"),
        ]
        if not first.is_noise_known:
            handles = [(style.swatch(_LOST, edge=style.SOFT), "noise not known"), interval]
        return style.finish(
            figure,
            title=_message(rows, what, names, scale=scale, unit=unit, turned=turned),
            subtitle=subtitle(
                f"What moves {what}: {plural(points, 'point')}, {plural(len(rows), 'parameter')}", source
            ),
            caption=caption(source, _how(rows, morris=morris)),
            legend=handles,
        )


def _draw(axes: Axes, rows: Sequence[Influence], *, scale: float) -> None:
    for at, row in enumerate(rows):
        look = _HEARD if row.heard else _LOST
        axes.barh(
            at,
            scale * row.size,
            height=0.62,
            color=look.colour,
            hatch=look.hatch,
            edgecolor=style.SOFT,
            linewidth=0.5,
        )
        axes.plot(
            [scale * row.low, scale * row.high],
            [at, at],
            color=style.INK,
            linewidth=1.4,
            marker="|",
            markersize=5,
        )
        if math.isfinite(row.floor):
            axes.plot(
                [scale * row.floor] * 2, [at - 0.42, at + 0.42], color=style.ALARM, linewidth=2.0, zorder=4
            )
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(left=min(0.0, *(scale * row.low for row in rows)))
    if _is_vague(rows):
        axes.set_xlim(right=scale * MOST_SHARE)
    axes.tick_params(axis="y", length=0)
    style.grid(axes, "x")


def _message(
    rows: Sequence[Influence], what: str, names: Names, *, scale: float, unit: str, turned: dict[str, int]
) -> str:
    heard = [row for row in rows if row.heard or not row.is_noise_known]
    if not heard:
        return f"No parameter moves {what} more than the simulation's own noise"
    first = heard[0]
    name = parameter(first.factor, names, turned=turned.get(first.factor, 1))
    size = f"{number(scale * first.size)}{GAP}{unit}".rstrip()
    if _is_vague(rows):
        return capital(f"{what}: {name} weighs most; with more points one could say how much")
    if hasattr(first, "mu_star"):
        return capital(f"{what}: moved most by {name}, {size} over its range")
    return capital(f"{what}: {size} of what varies comes from {name}")


def _is_vague(rows: Sequence[Influence]) -> bool:
    """Tell whether shares of the variance are known too badly to be told: they reach far beyond all of it."""
    if hasattr(rows[0], "mu_star"):
        return False
    return rows[0].size > 1.05 or max(row.high for row in rows) > MOST_SHARE


def _how(rows: Sequence[Influence], *, morris: bool) -> str:
    left = len(rows) - min(len(rows), MOST_ROWS)
    method = (
        "Morris' elementary effects (1991), steps of two thirds of a range"
        if morris
        else "Sobol' total indices (1993), Saltelli's scheme"
    )
    parts = [
        method,
        "bars by size, intervals by the bootstrap",
        "noise floor: what the random draws alone would give, from the replications of each point"
        if rows[0].is_noise_known
        else "one replication of each point does not tell what is noise",
    ]
    if _is_vague(rows):
        parts.append("intervals that leave the picture reach beyond all of the variance: too few points")
    if left > 0:
        parts.append(f"{plural(left, 'weaker parameter')} not drawn")
    return capital("; ".join(parts)) + "."
