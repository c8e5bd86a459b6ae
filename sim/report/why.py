"""Why two scenarios differ: the parts of the difference of the mean transit time, element by element."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from sim.report import lettering, style
from sim.report.calendar import window
from sim.report.captions import band_words, caption, interval_note
from sim.report.inputs import Estimate, Source
from sim.report.names import Names
from sim.report.words import GAP, capital, number, plural, signed
from sim.study.why import BOXES, ROUTED

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.report.tables import RunLike
    from sim.study.compare import Contrast
    from sim.study.why import WhyRow

MOST: Final = 12
"""Elements that are drawn; the others are added up."""
LEAST: Final = 0.05
"""Hours below which a whole difference is not drawn."""

_LOOKS: Final = {
    "waiting": style.WAITING,
    "service": style.SERVICE,
    "running": style.RUNNING,
    "blocked": style.BLOCKED,
    ROUTED: style.Look("#8fc1de", "\\\\\\", ":", "D"),
}


class WhyLike(Protocol):
    """What is read of a comparison."""

    @property
    def runs(self) -> Sequence[RunLike]:
        """The runs, the base first."""
        ...

    @property
    def contrast(self) -> Contrast:
        """The differences, row by row."""
        ...

    @property
    def reasons(self) -> Sequence[WhyRow]:
        """What the differences are made of."""
        ...


def why_figures(comparison: WhyLike) -> Iterator[tuple[str, Figure]]:
    """Draw what the difference over all routes is made of, for each other scenario.

    Args:
        comparison: with its reasons.

    Yields:
        Name (kebab-case, of the file) and figure.
    """
    from sim.report.adapter import Results

    base = Results(comparison.runs[0])
    others = comparison.contrast.others
    for name, run in zip(others, comparison.runs[1:], strict=True):
        mine = [row for row in comparison.reasons if row.scenario == name]
        boxes = [row for row in mine if row.subject == BOXES]
        rows = boxes or [row for row in mine if row.subject == "total"]
        if not any(abs(row.difference) >= LEAST for row in rows):
            continue
        results = Results(run, base=base.names)
        names = {**_titles(rows, base.names), **_titles(rows, results.names)}
        source = base.source
        figure = reasons(
            rows,
            whole_of(comparison.contrast, rows[0]),
            titles=names,
            base=base.source.scenario,
            other=results.source.scenario,
            source=source,
        )
        yield f"why-{name}" if len(others) > 1 else "why", figure


def _titles(rows: Sequence[WhyRow], names: Names) -> dict[str, str]:
    return {row.element: names.title(row.element) for row in rows}


def whole_of(contrast: Contrast, one: WhyRow) -> Estimate:
    """Give the difference that parts add up to, with its interval where that is known.

    Args:
        contrast: the comparison.
        one: any of the parts.
    """
    row = contrast.of(one.scenario).get(("transit_time.mean", one.subject, "h"))
    return Estimate(math.nan) if row is None else Estimate(row.difference, row.low, row.high)


def reasons(
    rows: Sequence[WhyRow],
    whole: Estimate,
    *,
    titles: dict[str, str],
    base: str,
    other: str,
    source: Source,
) -> Figure:
    """Draw the parts of one difference, the largest element first.

    Args:
        rows: parts that add up to the difference.
        whole: the difference with its interval; NaN bounds where it has none.
        titles: of the elements.
        base: title of the base.
        other: title of the other scenario.
        source: what it is of.

    Returns:
        For each element bars to the left where time is saved and to the right where it is lost, one on
        another by what happens there, with the interval of their sum; the last row adds up what is not drawn.
    """
    by_place: dict[str, list[WhyRow]] = {}
    for row in rows:
        by_place.setdefault(row.place, []).append(row)
    size = {
        key: Estimate(row.element_difference, row.element_low, row.element_high)
        for key, (row, *_) in by_place.items()
    }
    order = sorted(by_place, key=lambda key: (-abs(size[key].mean), key))
    shown = [key for key in order[:MOST] if abs(size[key].mean) >= 0.01 * abs(size[order[0]].mean)]
    left = order[len(shown) :]
    amount = sum(each.mean for each in size.values())
    scale, unit = (
        (1 / 24, "d") if max(abs(amount), *(abs(size[key].mean) for key in shown)) >= 48 else (1.0, "h")
    )
    with style.in_style():
        count = len(shown) + bool(left)
        figure = style.new_figure(2.2 + 0.3 * count)
        axes = figure.subplots()
        used: dict[str, Any] = {}
        for at, key in enumerate(shown):
            for part in _draw_parts(axes, at, by_place[key], scale=scale):
                used.setdefault(part, style.swatch(_LOOKS[part]))
            _draw_sum(axes, at, size[key], scale=scale)
        if left:
            rest = Estimate(sum(size[key].mean for key in left))
            axes.barh(
                len(shown),
                scale * rest.mean,
                height=0.62,
                color=style.IDLE.colour,
                edgecolor=style.SOFT,
                linewidth=0.5,
            )
            _draw_sum(axes, len(shown), rest, scale=scale)
        names = ["cargo that goes another way" if key == ROUTED else titles[key] for key in shown]
        names += [plural(len(left), "other element")] if left else []
        axes.set_yticks(range(count), lettering.row_names(figure, names, width=2.6, lines=2))
        axes.set_ylim(count - 0.4, -0.6)
        axes.axvline(0.0, color=style.INK, linewidth=0.9)
        axes.tick_params(axis="y", length=0)
        axes.set_ylabel("element")
        axes.margins(x=0.06)
        style.grid(axes, "x")
        style.label_axes(axes, x=f"part of the difference of the mean transit time ({unit})")
        legend = [(used[part], part) for part in _LOOKS if part in used]
        sure = interval_note(source, "Line: {} of an element's sum. ")
        if source.replications > 1:
            legend.append((_mark(), f"sum of the element, {band_words(source)}"))
        return style.finish(
            figure,
            title=_message(whole, amount, shown, titles, other=other),
            subtitle=(
                f"What the difference from {base} in the mean transit time of all {_of(rows)} is made of. "
                f"{window(source.start, source.length)}, {plural(source.replications, 'replication')}"
            ),
            caption=caption(
                source,
                f"Right of zero: time lost, left: time saved, in the mean of all {_of(rows)} delivered. All "
                f"rows add up to {signed(amount * scale)}{GAP}{unit}. {sure}Paired on common random numbers.",
            ),
            legend=legend,
        )


def _draw_parts(axes: Any, at: int, rows: Sequence[WhyRow], *, scale: float) -> list[str]:
    """Draw what happens at an element, time lost to the right and time saved to the left; give its parts."""
    ends = {True: 0.0, False: 0.0}
    parts = _parts(rows)
    for part, amount in parts:
        look, side = _LOOKS[part], amount > 0
        axes.barh(
            at,
            scale * amount,
            left=ends[side],
            height=0.62,
            color=look.colour,
            hatch=look.hatch,
            edgecolor=style.PAPER,
            linewidth=0.4,
        )
        ends[side] += scale * amount
    return [part for part, _ in parts]


def _draw_sum(axes: Any, at: int, amount: Estimate, *, scale: float) -> None:
    """Mark the sum of a row with its interval, and write it beside the row."""
    text = signed(scale * amount.mean)
    if math.isfinite(amount.low) and math.isfinite(amount.high):
        ends = [scale * amount.low, scale * amount.high]
        # White under the line, so that it shows on dark bars too.
        axes.plot(ends, [at, at], color=style.PAPER, linewidth=2.6, solid_capstyle="butt")
        axes.plot(ends, [at, at], color=style.INK, linewidth=1.0, marker="|", markersize=5)
        axes.plot(
            [scale * amount.mean],
            [at],
            marker="D",
            markersize=4,
            color=style.PAPER,
            markeredgecolor=style.INK,
        )
        text += f" ± {number(scale * (amount.high - amount.low) / 2, 2)}"
    style.beside(axes, at, text)


def _mark() -> Any:
    from matplotlib.lines import Line2D

    return Line2D(
        [], [], color=style.INK, linewidth=1.0, marker="D", markersize=4, markerfacecolor=style.PAPER
    )


def _of(rows: Sequence[WhyRow]) -> str:
    return "boxes" if rows[0].subject == BOXES else "consignments"


def _parts(rows: Sequence[WhyRow]) -> list[tuple[str, float]]:
    """Add up by what happens; what is nothing is left out."""
    found: dict[str, float] = {}
    for row in rows:
        found[row.component] = found.get(row.component, 0.0) + row.difference
    return [(part, found[part]) for part in _LOOKS if abs(found.get(part, 0.0)) > 0.0]


def _message(
    whole: Estimate, amount: float, shown: Sequence[str], titles: dict[str, str], *, other: str
) -> str:
    """Say how large the difference is, whether it is sure, and where most of it comes from."""
    size = f"{number(abs(amount) / 24)}{GAP}d" if abs(amount) >= 48 else f"{number(abs(amount), 2)}{GAP}h"
    word = "longer" if amount > 0 else "shorter"
    first = "because cargo goes another way" if shown[0] == ROUTED else f"at {titles[shown[0]]}"
    told = f"the mean journey is {size} {word}"
    if math.isfinite(whole.low) and whole.low <= 0 <= whole.high:
        told = "no sure change of the mean journey"
    return capital(f"{other}: {told}; most changes {first}")
