"""`corridor compare`: paired differences of scenarios from the first, on common random numbers."""

from __future__ import annotations

from typing import Any

import click

from sim.cli.options import settings_of, study_options, watch_option


@click.command()
@click.argument("files", metavar="FILE_OR_RUN...", nargs=-1, required=True)
@watch_option
@click.option(
    "--select",
    metavar="KPI",
    help="Choose the scenario that is best in `KPI of SUBJECT`; replicate each only as far as that needs.",
)
@click.option(
    "--best", type=click.Choice(["min", "max"]), help="With --select: which is best; else as the KPI has it."
)
@click.option(
    "--delta",
    metavar="DIFFERENCE",
    help="With --select: the smallest difference that matters, e.g. '6 h'. The choice is then right with the "
    "probability --confidence (KN); --replications is the most of one scenario.",
)
@click.option(
    "--budget",
    type=click.IntRange(min=1),
    help="With --select: replications of all scenarios together; without --delta divided by OCBA.",
)
@study_options
@click.pass_context
def compare(ctx: click.Context, /, files: tuple[str, ...], **flags: Any) -> None:
    """Compare scenarios or finished runs; the first is the base.

    FILE_OR_RUN may also be one study file that names them.
    """
    from sim.cli.answers import claims
    from sim.cli.contrasts import tell_comparison
    from sim.cli.output import as_json, note, progress_bar
    from sim.cli.selection import tell_selection
    from sim.cli.studies import study_in, with_study
    from sim.cli.why import tell_why
    from sim.cli.work import draw, load_or_open, stop_on_warnings, tell_warnings
    from sim.comparing import asked_of, compare_all

    study = study_in(files, "compare")
    if study is not None:
        files = tuple(str(path) for path in study.scenarios)
        flags = with_study(study, flags, ctx)
    overrides, watch = flags.pop("overrides"), tuple(flags.pop("watch"))
    select = flags.pop("select")
    question = asked_of(select, **{name: flags.pop(name) for name in ("best", "delta", "budget")})
    settings, manner = settings_of(flags)
    given = load_or_open(files, overrides, settings=settings, manner=manner)
    with progress_bar(quiet=manner.quiet) as progress:
        comparison = compare_all(given, settings, watch=watch, question=question, progress=progress)
    drawn = draw(comparison, manner=manner) if settings.figures else ()
    if manner.format == "json":
        unsteady = comparison.unsteady
        rows = [
            {**row.__dict__, "stationary": (row.kpi, row.subject, row.unit) not in unsteady[row.scenario]}
            for row in comparison.contrast.rows
        ]
        answer = {
            "path": str(comparison.path),
            **comparison.manifest,
            "comparison": rows,
            "why": [row.__dict__ for row in comparison.reasons],
            "certainty": [row.__dict__ for row in comparison.certainty],
            "expectations": [
                {"scenario": run.name, **row.__dict__}
                for run, rows in zip(comparison.runs, comparison.expectations.values(), strict=True)
                for row in rows
            ],
            "contenders": comparison.ranking.to_dict("records"),
        }
        click.echo(as_json(answer))
    else:
        if comparison.selection is not None:
            tell_selection(comparison, comparison.selection)
        else:
            tell_comparison(comparison)
            tell_why(comparison)
        for each, told in zip(comparison.runs, comparison.expectations.values(), strict=True):
            if told:
                click.echo(f"\nExpected of {each.name} by itself\n{claims(told)}")
        click.echo()
        if drawn:
            click.echo(f"Figures: {comparison.path / 'figures'}")
        click.echo(f"Tables:  {comparison.path}")
        for each in comparison.runs:
            for text in each.notes:
                note(f"Note: {text}", quiet=manner.quiet)
            tell_warnings(each, manner=manner, named=True)
    stop_on_warnings(comparison.runs, manner=manner)
