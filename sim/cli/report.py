"""`corridor report`: the figures of a stored run again."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli.options import debug_option, format_option, out_option, quiet_option


@click.command()
@click.argument("run", metavar="RUN")
@out_option
@format_option
@quiet_option
@debug_option
def report(run: str, out: Path, form: str, quiet: bool) -> None:
    """Print a stored run's summary again and draw its figures anew."""
    from sim.cli.answers import tell_run
    from sim.cli.output import as_json
    from sim.verbs import open_run

    stored = open_run(run, out=out)
    rows = stored.folder.summary_rows()
    files = stored.figures()
    if form == "json":
        click.echo(as_json({"path": str(stored.path), "figures": [str(file) for file in files]}))
        return
    if not quiet:
        tell_run(stored, rows)
        click.echo()
    click.echo(f"Figures: {stored.path / 'figures'}")
