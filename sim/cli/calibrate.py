"""`corridor calibrate`: free parameters fitted to the targets of a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import (
    bootstrap_seed_option,
    design_seed_option,
    point_options,
    refuse_without_meaning,
    settings_of,
)

if TYPE_CHECKING:
    from sim.study_results import Calibration


@click.command()
@click.argument("file", metavar="FILE")
@click.option(
    "--free",
    multiple=True,
    metavar="PATH[=lo..hi]",
    help="A parameter that may change, within the range of its figure or another. May be repeated.",
)
@click.option(
    "--trials", type=click.IntRange(min=1), help="Points simulated; 15 for each parameter and 15 more."
)
@click.option(
    "--hold-out",
    multiple=True,
    metavar="TARGET",
    help="Predict this target instead of fitting it: `KPI of SUBJECT`, a KPI or a subject. May be repeated.",
)
@design_seed_option
@bootstrap_seed_option
@point_options("calibrate")
@click.pass_context
def calibrate(ctx: click.Context, /, file: str, **flags: Any) -> None:
    """Fit parameters to the scenario's targets, and say which of them the targets can tell.

    FILE may also be a study file that says all of this.
    """
    from sim.cli.output import as_json, note
    from sim.cli.studies import announced, study_in, with_study
    from sim.cli.work import draw, load_all
    from sim.study_verbs import calibrate as run_calibrate

    study = study_in([file], "calibrate")
    if study is not None:
        file, flags = str(study.scenarios[0]), with_study(study, flags, ctx)
    overrides, free = flags.pop("overrides"), tuple(flags.pop("free"))
    own = {name: flags.pop(name) for name in ("trials", "hold_out", "design_seed", "bootstrap_seed")}
    settings, manner = settings_of(flags)
    refuse_without_meaning("calibrate", settings)
    scenario = load_all([file], overrides, manner=manner)[0]
    with announced(quiet=manner.quiet) as (announce, progress):
        result = run_calibrate(
            scenario,
            free,
            **own,
            replications=settings.replications,
            confidence=settings.confidence,
            seed=settings.seed,
            engine=settings.engine,
            jobs=settings.jobs,
            cluster=settings.cluster,
            out=settings.out,
            resume=settings.resume,
            announce=announce,
            progress=progress,
        )
    drawn = draw(result, manner=manner) if settings.figures else ()
    if manner.format == "json":
        answer = {
            "path": str(result.path),
            **result.manifest,
            "parameters": [row.__dict__ for row in result.fit.parameters],
            "fit": [row.__dict__ for row in result.fit.targets],
        }
        click.echo(as_json(answer))
        return
    _tell(result)
    click.echo()
    if drawn:
        click.echo(f"Figures: {result.path / 'figures'}")
    click.echo(f"Overlay: {result.overlay}")
    click.echo(f"Tables:  {result.path}")
    for text in result.notes:
        note(f"Note: {text}", quiet=manner.quiet)


def _tell(result: Calibration) -> None:
    """Print what was found, and observed against simulated."""
    from sim.cli.output import number, table
    from sim.report.words import plural

    fit = result.fit
    click.echo(
        f"{result.manifest['title']}: {plural(len(fit.parameters), 'parameter')}, "
        f"{plural(len(fit.targets), 'target')}, "
        f"{fit.confidence:.0%} intervals; sum of squared misses {number(fit.loss_before, 3)} before, "
        f"{number(fit.loss, 3)} now\n"
    )
    rows = [
        [
            f"  {row.factor}",
            number(row.base),
            number(row.value),
            f"{number(row.low, 3)} … {number(row.high, 3)}",
            row.unit,
            row.verdict + (f", traded with {row.traded_with}" if row.traded_with else ""),
        ]
        for row in fit.parameters
    ]
    click.echo(table(["  parameter", "before", "found", "interval", "", ""], rows, right=(1, 2)))
    click.echo()
    rows = [
        [
            f"  {row.kpi} {row.subject}",
            number(row.observed),
            number(row.tolerance, 2),
            number(row.before),
            number(row.simulated),
            f"{row.miss:+.1f}",
            row.unit,
            f"{number(row.without)} ± {number(row.without_sd, 2)}",
            "" if row.role == "fitted" else row.role,
        ]
        for row in fit.targets
    ]
    header = ["  target", "observed", "±", "before", "now", "miss", "", "from the others", ""]
    click.echo(table(header, rows, right=(1, 2, 3, 4, 5)))
    click.echo("  (misses in tolerances, on replications that nothing was fitted to)")
