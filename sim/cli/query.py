"""`corridor query`: SQL over all stored tables."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli.options import debug_option, format_option, out_option


@click.command()
@click.argument("sql")
@out_option
@format_option
@debug_option
def query(sql: str, out: Path, form: str) -> None:
    """Ask SQL of everything stored.

    Tables of runs: runs, kpis, summary, series, breakdown, bottleneck, and where records were kept steps,
    sailings, aboard, levels. Of studies and comparisons: studies, comparison, why, certainty, selection,
    sweep, sensitivity, fit, parameters, posterior, points, and results (every figure at every point).
    Each has a column run, the name of its folder. A name alone shows a table.
    """
    from sim.cli.output import as_json, table
    from sim.store.query import query as ask

    answer = ask(sql, out)
    if form == "json":
        click.echo(as_json([dict(zip(answer.columns, row, strict=True)) for row in answer.rows]))
        return
    cells = [[_cell(value) for value in row] for row in answer.rows]
    right = [
        column
        for column in range(len(answer.columns))
        if any(isinstance(row[column], (int, float)) for row in answer.rows)
    ]
    click.echo(table(answer.columns, cells, right=right))


def _cell(value: object) -> str:
    """Write a value as a program would: no separators, six digits, no zeros that say nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, float):
        return str(value)
    # Whole amounts are told to the last digit, however many there are.
    return f"{value:.0f}" if 1e6 <= abs(value) < 1e15 else f"{value:.6g}"
