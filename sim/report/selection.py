"""Which scenario was chosen: the contenders beside the best, and in words how sure the choice is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from sim.report import lettering, style
from sim.report.calendar import window
from sim.report.captions import caption
from sim.report.inputs import Source
from sim.report.study_words import figure_words
from sim.report.words import GAP, distinct, duration, listed, number, percent, plural

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.report.tables import RunLike
    from sim.study.contenders import Contender, Selected

MOST: Final = 20
"""Contenders that are drawn."""


class SelectionLike(Protocol):
    """What is read of a comparison."""

    @property
    def runs(self) -> Sequence[RunLike]:
        """The runs, the base first."""
        ...

    @property
    def selection(self) -> Selected | None:
        """The choice, where one was to be made."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the scenarios, the base first."""
        ...


def selection_figures(comparison: SelectionLike) -> Iterator[tuple[str, Figure]]:
    """Draw the contenders of a selection, where there was one.

    Args:
        comparison: with or without a selection.

    Yields:
        Name (kebab-case, of the file) and figure.
    """
    from sim.report.adapter import Results

    selected = comparison.selection
    if selected is None:
        return
    results = Results(comparison.runs[0])
    titles = titles_of(comparison)
    words = figure_words(selected.key.kpi, selected.key.subject, results.names)
    yield "selection", contenders(selected, titles=titles, figure=words, source=results.source)


def titles_of(comparison: SelectionLike) -> dict[str, str]:
    """Give the titles of the scenarios by name, with the name where two are the same."""
    names = comparison.names
    return dict(zip(names, distinct([run.title for run in comparison.runs], names), strict=True))


def scaled(selected: Selected) -> tuple[float, str]:
    """Give the factor and the unit in which the figure is told: long times in days, shares in percent."""
    unit = selected.key.unit
    if unit == "h" and max(abs(each.mean) for each in selected.contenders) >= 48:
        return 1 / 24, "d"
    return (100.0, "%") if unit == "share" else (1.0, unit)


def superlative(selected: Selected) -> str:
    """Say which end is the best."""
    return "lowest" if selected.best == "min" else "highest"


def verdict(selected: Selected, *, titles: Mapping[str, str], figure: str) -> str:
    """Say in a sentence what was chosen.

    Args:
        selected: the choice.
        titles: of the scenarios by name.
        figure: the figure in words.
    """
    scale, unit = scaled(selected)
    first = selected.chosen
    told = f"{figure}: {number(scale * first.mean)}{GAP}{unit}"
    if selected.method == "KN" and not selected.decided:
        left = [titles[each.scenario] for each in selected.contenders if not each.ruled_out_after]
        leads = f"{titles[first.scenario]} has the {superlative(selected)} {told}"
        return f"Not decided between {listed(left)}; so far {leads}"
    if selected.method == "OCBA":
        return f"By paired differences {titles[first.scenario]} so far has the {superlative(selected)} {told}"
    return f"{titles[first.scenario]} has the {superlative(selected)} {told}"


def promise(selected: Selected) -> str:
    """Say in words how sure the choice is, and by which method it was made."""
    runs = plural(selected.replications, "replication")
    if selected.method == "OCBA":
        return (
            f"OCBA (Chen et al., 2000) divided {runs} so that the best is told apart best; it promises no "
            f"probability. By the paired differences the choice is right with a probability of "
            f"{_probability(selected.probability)} at least."
        )
    delta = difference(selected)
    sure = percent(selected.confidence)
    if not selected.decided:
        return (
            f"KN (Kim and Nelson, 2001) promises {sure} only when one scenario is left; {runs} did not get "
            f"there. A higher limit goes on from here; a larger difference than {delta} ends sooner."
        )
    return (
        f"KN (Kim and Nelson, 2001), {runs} on common random numbers: if the best leads by {delta} or more, "
        f"this is it with a probability of at least {sure}; if not, it is within {delta} of the best, "
        "about as surely."
    )


def _probability(value: float) -> str:
    return f"more than 99{GAP}%" if value > 0.99 else f"about {percent(value)}"


def fate(each: Contender, selected: Selected) -> str:
    """Say what became of a scenario that was not chosen.

    Args:
        each: the scenario.
        selected: the choice.
    """
    if not each.ruled_out_after:
        return "still in" if selected.method == "KN" else ""
    # What ends within the difference that matters was not found to be worse.
    return f"left within {difference(selected)}" if abs(each.difference) <= selected.delta else "ruled out"


def difference(selected: Selected) -> str:
    """Say the smallest difference that matters, with its unit."""
    if selected.key.unit == "h":
        return duration(selected.delta)
    scale, unit = scaled(selected)
    return f"{number(scale * selected.delta)}{GAP}{_points(unit)}"


def _points(unit: str) -> str:
    return "percentage points" if unit == "%" else unit


def contenders(selected: Selected, *, titles: Mapping[str, str], figure: str, source: Source) -> Figure:
    """Draw how far each contender is behind the one chosen.

    Args:
        selected: the choice.
        titles: of the scenarios by name.
        figure: the figure in words.
        source: what it is of.

    Returns:
        For each scenario the paired difference from the chosen with its interval, beside it its mean and
        what became of it; shaded, the differences that do not matter.
    """
    scale, unit = scaled(selected)
    shown = selected.contenders[:MOST]
    with style.in_style():
        drawn = style.new_figure(2.3 + 0.32 * len(shown))
        axes = drawn.subplots()
        handles = [
            (_dot(chosen=True), "chosen"),
            (_dot(chosen=False), "not chosen, with the interval of its paired difference"),
        ]
        if math.isfinite(selected.delta):
            ends = (0.0, scale * selected.delta) if selected.best == "min" else (-scale * selected.delta, 0.0)
            axes.axvspan(*ends, color=style.IDLE.colour, zorder=0)
            handles.append((style.swatch(style.IDLE, edge=style.SOFT), "difference too small to matter"))
        reach = [0.0]
        for at, each in enumerate(shown):
            low, high = scale * each.difference_low, scale * each.difference_high
            if not each.chosen and math.isfinite(low) and math.isfinite(high):
                axes.plot([low, high], [at, at], color=style.INK, marker="|", markersize=6)
                reach += [low, high]
            fill = style.LOOKS[0].colour if each.chosen else style.PAPER
            axes.plot(
                [scale * each.difference],
                [at],
                marker="o",
                markersize=6.5,
                color=fill,
                markeredgecolor=style.INK,
            )
            reach.append(scale * each.difference)
            style.beside(axes, at, f"{number(scale * each.mean)}{GAP}{unit}  {_fate(each, selected)}")
        axes.axvline(0.0, color=style.INK, linewidth=0.9)
        room = 0.08 * (max(reach) - min(reach)) or 1.0
        axes.set_xlim(min(reach) - room, max(reach) + room)
        axes.set_ylim(len(shown) - 0.4, -0.6)
        rows = lettering.row_names(drawn, [titles[each.scenario] for each in shown], width=2.4, lines=2)
        axes.set_yticks(range(len(shown)), rows)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.locator_params(axis="x", nbins=7)
        style.grid(axes, "x")
        style.label_axes(axes, x=f"difference from the chosen ({_points(unit)})", y="scenario")
        return style.finish(
            drawn,
            title=verdict(selected, titles=titles, figure=figure),
            subtitle=(
                f"Selection among {plural(len(titles), 'scenario')} by {figure}, "
                f"{window(source.start, source.length)}, "
                f"{plural(selected.replications, 'replication')} in all"
            ),
            caption=caption(
                source,
                f"{promise(selected)} On the right: mean, replications n, and after how many it was left.",
            ),
            legend=handles,
        )


def _dot(*, chosen: bool) -> Any:
    from matplotlib.lines import Line2D

    fill = style.LOOKS[0].colour if chosen else style.PAPER
    return Line2D([], [], color=style.INK, marker="o", markerfacecolor=fill, markeredgecolor=style.INK)


def _fate(each: Contender, selected: Selected) -> str:
    if each.chosen:
        return f"n = {each.replications}"
    if each.ruled_out_after:
        return f"{fate(each, selected)} at n = {each.ruled_out_after}"
    return f"n = {each.replications}" + (", still in" if selected.method == "KN" else "")
