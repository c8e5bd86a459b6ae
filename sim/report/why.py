"""Why two scenarios differ: the parts of the difference of the mean transit time, element by element."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from sim.report import lettering, style
from sim.report.captions import caption, subtitle
from sim.report.inputs import Source
from sim.report.names import Names
from sim.report.words import GAP, capital, number, percent, signed

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
    "another way": style.Look("#8fc1de", "\\\\\\", ":", "D"),
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
        boxes = [row for row in mine if row.subject == "cargo/containers"]
        rows = boxes or [row for row in mine if row.subject == "total"]
        if not any(abs(row.difference) >= LEAST for row in rows):
            continue
        results = Results(run)
        names = {**_titles(rows, base.names), **_titles(rows, results.names)}
        source = base.source
        figure = reasons(
            rows, titles=names, base=base.source.scenario, other=results.source.scenario, source=source
        )
        yield f"why-{name}" if len(others) > 1 else "why", figure


def _titles(rows: Sequence[WhyRow], names: Names) -> dict[str, str]:
    return {row.element: names.title(row.element) for row in rows}


def reasons(
    rows: Sequence[WhyRow], *, titles: dict[str, str], base: str, other: str, source: Source
) -> Figure:
    """Draw the parts of one difference, the largest element first.

    Args:
        rows: parts that add up to the difference.
        titles: of the elements.
        base: title of the base.
        other: title of the other scenario.
        source: what it is of.

    Returns:
        For each element bars to the left where time is saved and to the right where it is lost, one on
        another by what happens there; the last row adds up what is not drawn.
    """
    by_element: dict[str, list[WhyRow]] = {}
    for row in rows:
        by_element.setdefault("ways" if row.component == "another way" else row.element, []).append(row)
    size = {key: sum(row.difference for row in found) for key, found in by_element.items()}
    order = sorted(by_element, key=lambda key: (-abs(size[key]), key))
    shown = [key for key in order[:MOST] if abs(size[key]) >= 0.01 * abs(size[order[0]])]
    left = order[len(shown) :]
    scale, unit = (1 / 24, "d") if max(abs(size[key]) for key in shown) >= 48 else (1.0, "h")
    with style.in_style():
        count = len(shown) + bool(left)
        figure = style.new_figure(2.2 + 0.3 * count)
        axes = figure.subplots()
        used: dict[str, Any] = {}
        for at, key in enumerate(shown):
            ends = {True: 0.0, False: 0.0}
            for part, amount in _parts(by_element[key]):
                look = _LOOKS[part]
                side = amount > 0
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
                used.setdefault(part, style.swatch(look))
            _total(axes, at, scale * size[key])
        rest = scale * sum(size[key] for key in left)
        if left:
            axes.barh(
                len(shown), rest, height=0.62, color=style.IDLE.colour, edgecolor=style.SOFT, linewidth=0.5
            )
            _total(axes, len(shown), rest)
        names = ["cargo that goes another way" if key == "ways" else titles[key] for key in shown]
        names += [f"{len(left)} other elements"] if left else []
        labels = [lettering.shortened(figure, name, width=2.9, size=style.SMALL_SIZE) for name in names]
        axes.set_yticks(range(count), labels)
        axes.set_ylim(count - 0.4, -0.6)
        axes.axvline(0.0, color=style.INK, linewidth=0.9)
        axes.tick_params(axis="y", length=0)
        axes.set_ylabel("element")
        axes.margins(x=0.14)
        style.grid(axes, "x")
        style.label_axes(axes, x=f"part of the difference of the mean transit time ({unit})")
        whole = sum(size.values())
        return style.finish(
            figure,
            title=_message(whole, size, shown, titles, other=other),
            subtitle=subtitle(f"Why {other} differs from {base}, mean of all {_of(rows)}", source),
            caption=caption(
                source,
                "Right of zero: time lost, left: time saved, for each that is delivered. All rows add "
                f"up to {signed(whole * scale)}{GAP}{unit}. Paired on common random numbers.",
            ),
            legend=[(used[part], part) for part in _LOOKS if part in used],
        )


def _of(rows: Sequence[WhyRow]) -> str:
    return "boxes" if rows[0].subject == "cargo/containers" else "consignments"


def _parts(rows: Sequence[WhyRow]) -> list[tuple[str, float]]:
    """Add up by what happens; what is nothing is left out."""
    found: dict[str, float] = {}
    for row in rows:
        found[row.component] = found.get(row.component, 0.0) + row.difference
    return [(part, found[part]) for part in _LOOKS if abs(found.get(part, 0.0)) > 0.0]


def _total(axes: Any, at: int, amount: float) -> None:
    """Write the sum of a row beside its bar."""
    axes.annotate(
        signed(amount),
        xy=(1.0, at),
        xycoords=("axes fraction", "data"),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        ha="left",
        size=style.SMALL_SIZE,
        annotation_clip=False,
    )


def _message(
    whole: float, size: dict[str, float], shown: Sequence[str], titles: dict[str, str], *, other: str
) -> str:
    """Say how large the difference is and where most of it comes from."""
    amount = f"{number(abs(whole) / 24)}{GAP}d" if abs(whole) >= 48 else f"{number(abs(whole))}{GAP}h"
    word = "longer" if whole > 0 else "shorter"
    first = shown[0]
    share = size[first] / whole if whole else math.nan
    told = f"{other}: the mean journey is {amount} {word}"
    if first == "ways":
        return capital(f"{told}, mostly because cargo goes another way")
    if math.isfinite(share) and 0.05 < share <= 1.0:
        return capital(f"{told}, {percent(share)} of it at {titles[first]}")
    return capital(f"{told}; most changes at {titles[first]}")
