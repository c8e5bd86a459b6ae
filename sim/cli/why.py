"""What a comparison says of its causes: the parts of the difference, and what pairing saved."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import click

from sim.cli.output import number, table

if TYPE_CHECKING:
    from sim.results import Comparison
    from sim.study.why import WhyRow

MOST = 5
"""Parts that are printed for each scenario; all are in why.csv."""
LEAST = 0.05
"""Hours below which a part is not worth a line."""


def tell_why(comparison: Comparison) -> None:
    """Print what the difference of the mean transit time over all routes is made of."""
    for name in comparison.contrast.others:
        rows, of = _rows(comparison, name)
        shown = [row for row in rows if abs(row.difference) >= LEAST][:MOST]
        if not shown:
            continue
        whole = sum(row.difference for row in rows)
        click.echo(f"\n  Why {name}: {whole:+.3g} h in the mean of all {of}, of which")
        click.echo(table([""] * 4, [_cells(row) for row in shown], right=(1,)))
        rest = whole - sum(row.difference for row in shown)
        click.echo(f"    (all other parts {rest:+.2g} h; by route in why.csv)")
    saved = comparison.manifest.get("variance_reduction")
    if isinstance(saved, (int, float)) and math.isfinite(saved):
        click.echo(
            f"\n  Common random numbers left 1 part in {number(float(saved), 2)} of the variance "
            "(median of the headline figures);\n  intervals that hold all at once are in certainty.csv"
        )


def _rows(comparison: Comparison, name: str) -> tuple[list[WhyRow], str]:
    """Give the parts for boxes, or for all cargo where there are none."""
    mine = [row for row in comparison.reasons if row.scenario == name]
    boxes = [row for row in mine if row.subject == "cargo/containers"]
    if boxes:
        return boxes, "boxes"
    return [row for row in mine if row.subject == "total"], "consignments"


def _cells(row: WhyRow) -> list[str]:
    what = f"{row.component} at {row.element}"
    if row.component == "another way" and row.element == row.subject:
        what = "flows of other sizes on one route"
    elif row.component == "another way":
        what = f"more cargo by {row.element}" if row.other > row.base else f"less cargo by {row.element}"
    half = (row.high - row.low) / 2
    within = f"± {number(half, 2)}" if math.isfinite(half) else ""
    return [f"    {what}", f"{row.difference:+.3g}", within, "h"]
