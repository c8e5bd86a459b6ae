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

    Tables: runs, kpis, summary, series, breakdown, comparison, and where records were kept steps, sailings,
    aboard, levels. Each has a column `run`.
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
    from sim.cli.output import number

    if value is None:
        return ""
    return number(value, 6) if isinstance(value, float) else str(value)
