"""`corridor runs`: what is stored."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli.options import debug_option, format_option, out_option


@click.command()
@out_option
@format_option
@debug_option
def runs(out: Path, form: str) -> None:
    """List what is stored: runs, then comparisons and studies."""
    from sim.cli.output import as_json, table
    from sim.store.query import stored_besides
    from sim.store.runs import describe, stored_runs

    found = [describe(folder) for folder in stored_runs(out)]
    besides = stored_besides(out)
    if form == "json":
        click.echo(as_json([*found, *besides]))
        return
    if not found:
        click.echo(f"No runs in {out}; `corridor run FILE` makes one.")
    header = ["run", "state", "replications", "seed", "title"]
    rows = [
        [
            str(each["run"]),
            str(each["state"]),
            _finished(each["stored"], each["asked"]),
            str(each["seed"]),
            str(each["title"]),
        ]
        for each in found
    ]
    if rows:
        click.echo(table(header, rows, right=(3,)))
    if besides:
        header = ["study", "kind", "state", "title"]
        told = [[str(each.get(name, "")) for name in ("run", *header[1:])] for each in besides]
        click.echo("\n" + table(header, told))


def _finished(stored: object, asked: object) -> str:
    """Tell how many replications there are, and of how many where some are still to come."""
    return f"{stored} of {asked}" if int(str(stored)) < int(str(asked)) else str(stored)
