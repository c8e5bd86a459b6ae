"""What a run and a comparison say on the screen: the headline figures, the worst waits, and where all is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from sim.cli.output import number, table

if TYPE_CHECKING:
    from sim.results import Comparison, Run
    from sim.study.compare import ComparisonRow
    from sim.study.summary import SummaryRow

MOST_ROUTES = 12
MOST_WAITS = 5
MOST_LINES = 10
MOST_DIFFERENCES = 20
DAYS_FROM = 48.0
"""Hours from which a time is told in days."""


def tell_run(run: Run, rows: Sequence[SummaryRow]) -> None:
    """Print the summary of a run."""
    count = "1 replication" if run.replications == 1 else f"{run.replications} replications"
    engine = f"{run.manifest['engine']} engine ({run.manifest['engine_reason']})"
    click.echo(f"{run.title}: {count}, seed {run.seed}, {run.confidence:.0%} intervals, {engine}")
    for title, chosen in sections(rows):
        click.echo(f"\n{title}")
        click.echo(table([""] * 5, [_cells(row) for row in chosen], right=(1, 2)))
    unsteady = run.manifest.get("saturated_flows") or []
    if unsteady:
        click.echo(f"\nNot stationary (the backlog grows): {', '.join(map(str, unsteady))}")


def sections(rows: Sequence[SummaryRow]) -> list[tuple[str, list[SummaryRow]]]:
    """Choose the few figures that are printed, under their titles."""
    transit = {row.subject: row for row in _pick(rows, "transit_time.mean", "route/")}
    throughput = _busiest(rows, transit)[:MOST_ROUTES]
    busiest = [row.subject for row in throughput]
    waits = sorted(_pick(rows, "wait.mean", ""), key=lambda row: -row.mean)
    load = _pick(rows, "load_factor.mean", "line/")
    found = [
        (
            "Throughput",
            [*_pick(rows, "throughput", "total"), *throughput],
        ),
        ("Transit time, mean", [transit[subject] for subject in busiest if subject in transit]),
        ("Longest waits, mean", [row for row in waits if row.mean > 0][:MOST_WAITS]),
        ("Load factor of lines", [row for row in load if row.n > 0][:MOST_LINES]),
        ("Shut in or turned away", [row for row in _pick(rows, "shut_in", "") if row.mean > 0]),
    ]
    return [(title, chosen) for title, chosen in found if chosen]


def _busiest(rows: Sequence[SummaryRow], transit: Mapping[str, SummaryRow]) -> list[SummaryRow]:
    """Order routes by what is under way on them, each in the unit in which it carries the larger share.

    By Little's law: what passes in a year times how long it takes, as shares of all tonnes and all boxes.
    """
    total = {row.unit: row.mean for row in _pick(rows, "throughput", "total")}
    best: dict[str, SummaryRow] = {}
    weight: dict[str, float] = {}
    for row in _pick(rows, "throughput", "route/"):
        share = row.mean / total[row.unit] if total.get(row.unit) else 0.0
        known = best.get(row.subject)
        if known is None or share > known.mean / (total.get(known.unit) or 1.0):
            best[row.subject] = row
        hours = transit[row.subject].mean if row.subject in transit else 0.0
        weight[row.subject] = weight.get(row.subject, 0.0) + share * hours
    order = sorted(best, key=lambda subject: (-weight[subject], subject))
    return [best[subject] for subject in order if best[subject].mean > 0]


def _pick(rows: Sequence[SummaryRow], kpi: str, subject: str) -> list[SummaryRow]:
    chosen = [row for row in rows if row.kpi == kpi and row.subject.startswith(subject)]
    return [row for row in chosen if row.mean == row.mean]


def _cells(row: SummaryRow) -> list[str]:
    mean, half, unit = row.mean, row.half_width, row.unit
    if unit == "h" and mean >= DAYS_FROM:
        mean, half, unit = mean / 24, half / 24, "d"
    within = f"± {number(half, 2)}" if half == half else ""
    return [f"  {row.subject}", number(mean), within, unit, "" if row.stationary else "not stationary"]


def tell_comparison(comparison: Comparison) -> None:
    """Print the headline differences of a comparison."""
    contrast = comparison.contrast
    pairs = "1 pair" if contrast.replications == 1 else f"{contrast.replications} pairs"
    click.echo(
        f"Other minus base ({contrast.base}), {pairs} of replications on common random numbers, "
        f"{contrast.confidence:.0%} intervals, p adjusted by Holm"
    )
    for name in contrast.others:
        rows = [row for row in contrast.headline() if row.scenario == name]
        moved = [row for row in rows if row.difference != 0 and row.difference == row.difference]
        # The surest first, and then the order of the family; without a p-value the family's alone.
        moved.sort(key=lambda row: (row.p_adjusted, row.p) if row.p == row.p else (1.0, 1.0))
        click.echo(f"\n{name}")
        if not moved:
            click.echo("  no headline figure differs")
            continue
        shown = moved[:MOST_DIFFERENCES]
        header = ["", "base", "other", "difference", "interval", "", "p"]
        click.echo(table(header, [_difference(row) for row in shown], right=(1, 2, 3, 6)))
        rest = len(moved) - len(shown)
        same = len(rows) - len(moved)
        more = [f"{rest} more in comparison.csv"] if rest else []
        more += [f"{same} headline figures do not differ"] if same else []
        if more:
            click.echo(f"  ({'; '.join(more)})")


def _difference(row: ComparisonRow) -> list[str]:
    scale, unit = 1.0, row.unit
    if unit == "h" and max(abs(row.base), abs(row.other)) >= DAYS_FROM:
        scale, unit = 1 / 24, "d"
    sign = "+" if row.difference > 0 else ""
    p = "< 0.001" if row.p_adjusted < 0.001 else number(row.p_adjusted, 2)
    return [
        f"  {row.kpi} {row.subject}",
        number(row.base * scale),
        number(row.other * scale),
        sign + number(row.difference * scale, 3),
        f"{number(row.low * scale, 3)} … {number(row.high * scale, 3)}",
        unit,
        p,
    ]
