"""What a run says on the screen: what it carries, its main routes, its worst waits, and where all is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from sim.cli.output import number, table

if TYPE_CHECKING:
    from sim.results import Run
    from sim.study.expectations import Answer
    from sim.study.outline import Outline
    from sim.study.summary import SummaryRow

MOST_WAITS = 5
MOST_LINES = 8
MOST_ROUTES = 9
MOST_REFUSED = 6
DAYS_FROM = 48.0
"""Hours from which a time is told in days."""


def tell_run(run: Run, rows: Sequence[SummaryRow]) -> None:
    """Print the summary of a run."""
    count = "1 replication" if run.replications == 1 else f"{run.replications} replications"
    engine = f"{run.manifest['engine']} engine ({run.manifest['engine_reason']})"
    click.echo(f"{run.title}: {count}, seed {run.seed}, {run.confidence:.0%} intervals, {engine}")
    for title, lines, right in sections(rows, run.outline):
        click.echo(f"\n{title}" if title else "")
        click.echo(table(lines[0], lines[1:], right=right))
    unsteady = run.manifest.get("saturated_flows") or []
    if unsteady:
        click.echo(f"\nNot stationary (the backlog grows): {', '.join(map(str, unsteady))}")
    if run.expectations:
        click.echo(f"\nExpected of itself\n{claims(run.expectations)}")


def claims(answers: Sequence[Answer]) -> str:
    """Tell answers to what a scenario expects of itself, one per line."""
    rows = [[f"  {each.verdict}", each.claim, each.found, f"at {each.at:.0%}"] for each in answers]
    return table([""] * 4, rows)


def sections(
    rows: Sequence[SummaryRow], outline: Outline
) -> list[tuple[str, list[list[str]], tuple[int, ...]]]:
    """Choose what is printed: title, lines of cells (the header first), columns aligned to the right."""
    own = [row for row in _pick(rows, "throughput", "cargo/") if row.mean > 0]
    waits = sorted(_pick(rows, "wait.mean", ""), key=lambda row: -row.mean)
    waits = [row for row in waits if row.mean > 0 and not row.subject.startswith("port/")]
    load = [row for row in _pick(rows, "load_factor.mean", "line/") if row.n > 0]
    plain = (
        ("Throughput", [*own, *_pick(rows, "throughput", "total")]),
        ("Longest waits, mean", waits[:MOST_WAITS]),
        ("Load factor of lines, mean", load[:MOST_LINES]),
        ("Shut in or turned away", _refused(rows, outline)),
    )
    found: list[tuple[str, list[list[str]], tuple[int, ...]]] = [
        (title, [[""] * 5, *(_cells(row, outline) for row in chosen)], (1, 2))
        for title, chosen in plain
        if chosen
    ]
    routes = _routes(rows, outline)
    if len(routes) > 1:
        found.insert(1, ("", routes, (1, 2, 4, 5, 7)))
    return found


def _routes(rows: Sequence[SummaryRow], outline: Outline) -> list[list[str]]:
    """Tell the main routes, one per line: what they carry, how long it takes, how often as promised."""
    from sim.study.headline import main_routes

    known = {(row.kpi, row.subject, row.unit): row for row in rows}
    header = ["Main routes", "throughput", "", "", "Transit time", "", "", "on promise", ""]
    lines = [header]
    for route in main_routes(outline, {row.key: row.mean for row in rows if row.n}, most=MOST_ROUTES):
        boxes = known.get(("throughput", route, "TEU/yr"))
        volume = boxes or known[("throughput", route, "Mt/yr")]
        time = known.get(("transit_time.mean", route, "h"))
        kept = known.get(("on_promise", route, "share"))
        told = _cells(time, outline)[1:4] if time is not None and time.n else ["–", "", ""]
        share = f"{kept.mean:.0%}" if kept is not None and kept.n else ""
        steady = all(row.stationary for row in (volume, time) if row is not None)
        lines.append(
            [f"  {route}", *_cells(volume, outline)[1:4], *told, share, "" if steady else "not stationary"]
        )
    return lines


def _refused(rows: Sequence[SummaryRow], outline: Outline) -> list[SummaryRow]:
    """Choose the flows of which most is turned away, and the total: tonnes, or boxes where nothing weighs."""
    away = [row for row in _pick(rows, "turned_away", "") if row.mean > 0]
    unit = next((unit for unit in ("t", "TEU") if any(row.unit == unit for row in away)), "consignments")
    told = [row for row in away if row.unit == unit]
    flows = [row for row in told if row.subject != "total" and row.subject not in outline.background]
    largest = sorted(flows, key=lambda row: (-row.mean, row.subject))[:MOST_REFUSED]
    return largest + [row for row in told if row.subject == "total"]


def _pick(rows: Sequence[SummaryRow], kpi: str, subject: str) -> list[SummaryRow]:
    chosen = [row for row in rows if row.kpi == kpi and row.subject.startswith(subject)]
    return [row for row in chosen if row.mean == row.mean]


def _cells(row: SummaryRow, outline: Outline) -> list[str]:
    scale, unit = unit_of(row.unit, row.mean)
    mean, half = scale * row.mean, scale * row.half_width
    name = f"  {row.subject}"
    if row.kpi in ("throughput", "turned_away") and row.subject == "total" and outline.background:
        name += ", background too"
    return [name, number(mean), within(half, mean), unit, "" if row.stationary else "not stationary"]


def unit_of(unit: str, *values: float) -> tuple[float, str]:
    """Give the factor and the unit in which figures are told: times in days from `DAYS_FROM` on.

    Args:
        unit: as measured.
        values: that are told in one unit.
    """
    if unit == "h" and max((abs(value) for value in values if value == value), default=0.0) >= DAYS_FROM:
        return 1 / 24, "d"
    return 1.0, unit


def within(half: float, mean: float) -> str:
    """Write a half-width; nothing without one, 0 where it is rounding."""
    if half != half:
        return ""
    return f"± {number(clean(half, mean), 2)}"


def clean(value: float, *beside: float) -> float:
    """Give 0 for what is only rounding beside numbers of a size."""
    size = max((abs(other) for other in beside if other == other), default=0.0)
    return 0.0 if abs(value) <= 1e-9 * size else value
