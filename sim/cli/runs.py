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
    """List the runs that are stored."""
    from sim.cli.output import as_json, table
    from sim.store.runs import describe, stored_runs

    found = [describe(folder) for folder in stored_runs(out)]
    if form == "json":
        click.echo(as_json(found))
        return
    if not found:
        click.echo(f"No runs in {out}; `corridor run FILE` makes one.")
        return
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
    click.echo(table(header, rows, right=(3,)))


def _finished(stored: object, asked: object) -> str:
    """Tell how many replications there are, and of how many where some are still to come."""
    return f"{stored} of {asked}" if int(str(stored)) < int(str(asked)) else str(stored)
