"""What differs between scenarios, and how sure that is: the forest of paired differences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sim.report import lettering, style
from sim.report.captions import caption, interval_note, subtitle
from sim.report.inputs import Difference, Source
from sim.report.words import GAP, duration, number, signed, stars, told_apart

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ROWS: Final = 24
LONG: Final = 40
"""Letters from which a label takes two lines."""

_MARK: Final = {True: style.LOOKS[0].colour, False: style.PAPER}


def forest(
    rows: Sequence[Difference],
    *,
    base: str,
    other: str,
    source: Source,
    asked: int = 0,
    differ: int = 0,
) -> Figure:
    """Draw paired differences with their intervals, a panel for each unit.

    Args:
        rows: headline figures in order of importance; the first `MOST_ROWS` with a value are drawn.
        base: title of the scenario that is compared with.
        other: title of the scenario that is compared.
        source: what it is of.
        asked: how many figures were compared, where that is more than the rows.
        differ: how many of them surely differ, where that is more than among the rows.

    Returns:
        For each figure the difference with its interval against a zero line, the two means and the
        mark of the adjusted p-value beside it.
    """
    from matplotlib.lines import Line2D

    told = [row for row in rows if math.isfinite(row.difference)]
    shown = told[:MOST_ROWS]
    units = list(dict.fromkeys(row.unit for row in shown)) or [""]
    groups = [[row for row in shown if row.unit == unit] for unit in units]
    with style.in_style():
        heights = [max(1.3, len(group)) * _spacing(group) + 1.55 for group in groups]
        figure = style.new_figure(1.75 + max(1.6, 0.3 * sum(heights)))
        panels = figure.subplots(len(groups), 1, squeeze=False, height_ratios=heights).ravel()
        for axes, unit, group in zip(panels, units, groups, strict=True):
            _draw_group(axes, figure, group, unit=unit)
        style.side_name(figure, "figure compared", height=max(1.3, 0.2 * sum(heights)))
        handles = [
            (
                Line2D([], [], color=style.INK, marker="o", markerfacecolor=fill, markeredgecolor=style.INK),
                words,
            )
            for fill, words in (
                (_MARK[True], "adjusted p below 0.05"),
                (_MARK[False], "not to be told from no difference"),
            )
        ]
        return style.finish(
            figure,
            title=_message(shown, base=base, other=other, asked=asked, differ=differ),
            subtitle=subtitle(f"Difference to {base}, paired on common random numbers", source),
            caption=caption(
                source,
                (
                    f"Drawn are {len(shown)} of {asked} figures compared, the surest of each kind. "
                    if asked > len(shown)
                    else ""
                )
                + interval_note(source, "Line: {} of the difference.")
                + " Marks: *** p below 0.001, ** 0.01, * 0.05, "
                "n.s. not significant, adjusted for the number of questions (Holm). "
                "On the right: mean of the base, mean of the other.",
            ),
            legend=handles,
        )


def _spacing(group: Sequence[Difference]) -> float:
    """Give how far apart rows lie: farther where a label takes two lines, or signs of a taller font."""
    room = 1.35 if any(len(row.label) > LONG for row in group) else 1.0
    return room * (1.2 if any(lettering.is_foreign(row.label) for row in group) else 1.0)


def _draw_group(axes: Axes, figure: Figure, group: Sequence[Difference], *, unit: str) -> None:
    """Draw the rows of one unit with their own scale, which always shows zero."""
    ends = [0.0]
    for at, row in enumerate(group):
        sure = math.isfinite(row.low) and math.isfinite(row.high)
        low, high = (row.low, row.high) if sure else (row.difference, row.difference)
        ends += [low, high]
        axes.plot([low, high], [at, at], color=style.INK, linewidth=1.6, marker="|", markersize=6)
        axes.plot(
            [row.difference],
            [at],
            marker="o",
            markersize=6,
            color=_MARK[row.significant],
            markeredgecolor=style.INK,
        )
        before, after = told_apart(row.base, row.other)
        style.beside(
            axes,
            at,
            f"{before} → {after}{GAP}{unit}  {_mark(row)}",
        )
    axes.axvline(0.0, color=style.INK, linewidth=0.9)
    room = 0.08 * (max(ends) - min(ends)) or 1.0
    axes.set_xlim(min(ends) - room, max(ends) + room)
    axes.set_ylim(max(1, len(group)) - 0.4, -0.6)
    names = lettering.row_names(figure, [row.label for row in group], width=2.6, lines=2)
    axes.set_yticks(range(len(group)), names)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.locator_params(axis="x", nbins=7)
    style.grid(axes, "x")
    style.label_axes(axes, x=f"difference ({_points(unit)})" if unit else "difference")


def _mark(row: Difference) -> str:
    """Mark how sure a difference is; that none shows in the mean does not make all pairs the same."""
    if row.difference == 0 and not (row.low < 0 or row.high > 0):
        return "same"
    return stars(row.p_adjusted)


def _points(unit: str) -> str:
    """Name the unit of a difference: that of two percentages is the percentage point."""
    return "percentage points" if unit == "%" else unit


def _message(rows: Sequence[Difference], *, base: str, other: str, asked: int, differ: int) -> str:
    """Say the first significant difference in words, and how many there are."""
    if not rows:
        return f"{other} and {base} share no figure"
    sure = [row for row in rows if row.significant]
    if not sure:
        return f"{other} cannot be told from {base} in any of {max(asked, len(rows))} figures"
    first = sure[0]
    hours = {"h": 1.0, "d": 24.0}.get(first.unit)
    amount = duration(hours * abs(first.difference)) if hours else ""
    amount = amount or f"{number(abs(first.difference))}{GAP}{_points(first.unit)}"
    relative = first.base and first.unit != "%"
    share = f" ({signed(100 * first.difference / abs(first.base))}{GAP}%)" if relative else ""
    word = "more" if first.difference > 0 else "less"
    text = f"{other}: {amount} {word} {first.label}{share}"
    rest = max(differ, len(sure)) - 1
    return f"{text}; {rest} other figures differ" if rest > 1 else text
