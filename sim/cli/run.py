"""`corridor run`: runs the replications, prints the summary, writes results and figures."""

from __future__ import annotations

from typing import Any

import click

from sim.cli.options import settings_of, study_options


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@study_options
def run(files: tuple[str, ...], overrides: tuple[str, ...], **flags: Any) -> None:
    """Run scenarios, print their summary, write results and figures."""
    from sim.cli.answers import tell_run
    from sim.cli.output import as_json, note, progress_bar
    from sim.cli.work import draw, load_all, stop_on_warnings, tell_warnings
    from sim.verbs import run_all

    settings, manner = settings_of(flags)
    scenarios = load_all(files, overrides, manner=manner)
    with progress_bar(quiet=manner.quiet) as progress:
        runs = run_all(scenarios, settings, progress=progress)
    answers = []
    for each in runs:
        rows = each.folder.summary_rows()
        drawn = draw(each, manner=manner) if settings.figures else ()
        if manner.format == "json":
            answers.append({"path": str(each.path), **each.manifest, "summary": [r.__dict__ for r in rows]})
            continue
        tell_run(each, rows)
        click.echo()
        if drawn:
            click.echo(f"Figures: {each.path / 'figures'}")
        click.echo(f"Tables:  {each.path}")
        for text in each.notes:
            note(f"Note: {text}", quiet=manner.quiet)
        tell_warnings(each, manner=manner)
    if manner.format == "json":
        click.echo(as_json(answers))
    stop_on_warnings(runs, manner=manner)
