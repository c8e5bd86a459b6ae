"""What a selection says on the screen: the scenario chosen, how sure that is, and the others beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.cli.output import number, table

if TYPE_CHECKING:
    from sim.results import Comparison
    from sim.study.contenders import Contender, Selected


def tell_selection(comparison: Comparison, selected: Selected) -> None:
    """Print the choice, what it promises, and all contenders, the best first."""
    from sim.report.selection import promise, scaled, titles_of, verdict

    key = selected.key
    words = verdict(selected, titles=titles_of(comparison), figure=f"{key.kpi} of {key.subject}")
    click.echo(f"{words}.\n{click.wrap_text(promise(selected), width=100)}\n")
    scale, unit = scaled(selected)
    rows = [_cells(each, selected, scale=scale) for each in selected.contenders]
    header = ["", f"mean ({unit})", "", "from the chosen", "interval", "replications", ""]
    click.echo(table(header, rows, right=(1, 2, 3, 5)))
    pairs = comparison.contrast.replications
    click.echo(f"  (differences of all other figures over the {pairs} pairs that all share: comparison.csv)")


def _cells(each: Contender, selected: Selected, *, scale: float) -> list[str]:
    from sim.report.selection import fate

    half = scale * (each.high - each.low) / 2
    cells = [f"  {each.scenario}", number(scale * each.mean), f"± {number(half, 2)}" if half == half else ""]
    if each.chosen:
        return [*cells, "", "", str(each.replications), "chosen" if selected.decided else "best so far"]
    low, high = scale * each.difference_low, scale * each.difference_high
    cells.append(("+" if each.difference > 0 else "") + number(scale * each.difference, 3))
    cells.append(f"{number(low, 3)} … {number(high, 3)}" if low == low else "")
    return [*cells, str(each.replications), fate(each, selected)]
