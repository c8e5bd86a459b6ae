"""What a comparison says of its causes: the parts of the difference, and what pairing saved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from sim.cli.answers import unit_of, within
from sim.cli.output import number, table

if TYPE_CHECKING:
    from sim.results import Comparison
    from sim.study.why import WhyRow

MOST = 5
"""Elements that are printed for each scenario; all are in why.csv."""
MOST_PARTS = 2
"""Parts that are told of an element."""
LEAST = 0.05
"""Hours below which an element is not worth a line."""


def tell_why(comparison: Comparison) -> None:
    """Print what the difference of the mean transit time over all routes is made of, element by element."""
    from sim.report.why import whole_of
    from sim.report.words import plural

    for name in comparison.contrast.others:
        rows, of = _rows(comparison, name)
        elements = _elements(rows)
        shown = [each for each in elements if abs(each[0].element_difference) >= LEAST][:MOST]
        if not shown:
            continue
        amount = sum(row.difference for row in rows)
        whole = whole_of(comparison.contrast, rows[0])
        half = (whole.high - whole.low) / 2
        lead = f"Why {name}" if len(comparison.contrast.others) > 1 else "Why"
        scale, unit = unit_of("h", amount, *(each[0].element_difference for each in shown))
        sure = f" {within(scale * half, scale * amount)}" if math.isfinite(half) else ""
        open_ = ", not to be told from none" if whole.low <= 0 <= whole.high else ""
        told = f"{_signed(scale * amount)}{sure} {unit}{open_}"
        click.echo(f"\n  {lead}: the mean transit time of all {of} changes by {told}; it is the sum of")
        click.echo(table([""] * 4, [_cells(each, scale, unit) for each in shown], right=(1,)))
        rest = scale * (amount - sum(each[0].element_difference for each in shown))
        if left := len(elements) - len(shown):
            others = f"{plural(left, 'other element')}, together {_signed(rest)} {unit}"
            click.echo(f"    ({others}; routes one by one in why.csv)")
    saved = comparison.manifest.get("variance_reduction")
    if isinstance(saved, (int, float)) and math.isfinite(saved) and saved > 1:
        click.echo(
            f"\n  Common random numbers cut the variance of the differences {number(float(saved), 2)}-fold "
            "(median of the\n  headline figures). Intervals that hold at once, who is better: certainty.csv"
        )


def _rows(comparison: Comparison, name: str) -> tuple[list[WhyRow], str]:
    """Give the parts for boxes, or for all cargo where there are none."""
    mine = [row for row in comparison.reasons if row.scenario == name]
    boxes = [row for row in mine if row.subject == "cargo/containers"]
    if boxes:
        return boxes, "boxes"
    return [row for row in mine if row.subject == "total"], "consignments"


def _elements(rows: Sequence[WhyRow]) -> list[list[WhyRow]]:
    """Gather the parts of each element, the element that adds most first."""
    found: dict[str, list[WhyRow]] = {}
    for row in rows:
        found.setdefault(row.place, []).append(row)
    return sorted(found.values(), key=lambda each: (-abs(each[0].element_difference), each[0].place))


def _cells(rows: Sequence[WhyRow], scale: float, unit: str) -> list[str]:
    from sim.study.why import ROUTED

    first = rows[0]
    amount, half = scale * first.element_difference, scale * (first.element_high - first.element_low) / 2
    sure = within(half, amount) if math.isfinite(half) else ""
    if first.place == ROUTED:
        return ["    cargo goes another way", _signed(amount), f"{sure} {unit}", _turns(rows)]
    parts = sorted(
        (row for row in rows if abs(row.difference) >= LEAST), key=lambda row: -abs(row.difference)
    )
    told = ", ".join(f"{row.component} {_signed(scale * row.difference)}" for row in parts[:MOST_PARTS])
    return [f"    {first.element}", _signed(amount), f"{sure} {unit}", told]


def _turns(rows: Sequence[WhyRow]) -> str:
    """Name the route that gains most of the cargo, and the one that loses most."""
    routes = sorted((row for row in rows if row.element != row.subject), key=lambda row: row.base - row.other)
    gain = [row.element for row in routes if row.other > row.base][:1]
    lose = [row.element for row in reversed(routes) if row.other < row.base][:1]
    told = [f"most {word} {some[0]}" for word, some in (("to", gain), ("from", lose)) if some]
    return ", ".join(told)


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + number(value, 2 if abs(value) < 100 else 3)
