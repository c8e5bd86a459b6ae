"""`corridor sensitivity`: which parameters matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import (
    bootstrap_seed_option,
    design_seed_option,
    point_options,
    refuse_without_meaning,
    settings_of,
    watch_option,
)

if TYPE_CHECKING:
    from sim.study.sensitivity import Influence
    from sim.study_results import Sensitivity

MOST_FIGURES = 6
MOST_FACTORS = 8


@click.command()
@click.argument("file", metavar="FILE")
@click.option(
    "--method",
    type=click.Choice(["morris", "sobol"]),
    default="morris",
    show_default=True,
    help="Morris' effects screen many parameters; Sobol' indices share the variance among a few.",
)
@click.option("--points", type=click.IntRange(min=2), help="Trajectories (10) or base points (64).")
@click.option(
    "--over",
    multiple=True,
    metavar="PATH",
    help="A parameter, an element, a section or a figure; everything that has a range, if not given.",
)
@design_seed_option
@bootstrap_seed_option
@watch_option
@point_options("sensitivity")
@click.pass_context
def sensitivity(ctx: click.Context, /, file: str, **flags: Any) -> None:
    """Find out which parameters matter; their ranges come from the figures.

    FILE may also be a study file that says all of this.
    """
    from sim.cli.output import as_json, note
    from sim.cli.studies import announced, study_in, with_study
    from sim.cli.work import draw, load_all
    from sim.study_verbs import sensitivity as run_sensitivity

    study = study_in([file], "sensitivity")
    if study is not None:
        file, flags = str(study.scenarios[0]), with_study(study, flags, ctx)
    overrides = flags.pop("overrides")
    names = ("method", "points", "design_seed", "bootstrap_seed", "watch")
    own = {name: flags.pop(name) for name in names}
    over = flags.pop("over") or None
    settings, manner = settings_of(flags)
    refuse_without_meaning("sensitivity", settings)
    scenario = load_all([file], overrides, manner=manner)[0]
    with announced(quiet=manner.quiet) as (announce, progress):
        result = run_sensitivity(
            scenario,
            over=over,
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
        rows = [row.__dict__ for row in result.influences]
        click.echo(as_json({"path": str(result.path), **result.manifest, "sensitivity": rows}))
        return
    _tell(result)
    click.echo()
    if drawn:
        click.echo(f"Figures: {result.path / 'figures'}")
    click.echo(f"Tables:  {result.path}")
    for text in result.notes:
        note(f"Note: {text}", quiet=manner.quiet)


def _tell(result: Sensitivity) -> None:
    """Print, for the first figures, the factors that stand clear of the noise."""
    from sim.cli.output import table

    manifest = result.manifest
    word = "Morris' mean absolute effects" if result.method == "morris" else "Sobol' total indices"
    each = manifest["replications"]
    click.echo(
        f"{manifest['title']}: {word} of {manifest['parameters']} parameters over their ranges, "
        f"{manifest['points']:,} points × {each} replication{'' if each == 1 else 's'}"
    )
    groups: dict[tuple[str, str, str], list[Influence]] = {}
    for row in result.influences:
        groups.setdefault((row.kpi, row.subject, row.unit), []).append(row)
    for (kpi, subject, unit), rows in list(groups.items())[:MOST_FIGURES]:
        clear = [row for row in rows if row.heard or not row.is_noise_known]
        click.echo(f"\n{kpi} of {subject}{f', {unit}' if result.method == 'morris' else ''}")
        if not clear:
            click.echo("  nothing stands clear of the noise")
            continue
        size = "effect" if result.method == "morris" else "index"
        header = ["  parameter", size, "interval", "noise"]
        click.echo(table(header, [_cells(row) for row in clear[:MOST_FACTORS]], right=(1, 3)))
        if not rows[0].is_noise_known:
            click.echo("  (one replication of each point: what is noise is not known)")
        if told := _others(len(clear) - MOST_FACTORS, len(rows) - len(clear), size):
            click.echo(f"  ({told})")
    if len(groups) > MOST_FIGURES:
        click.echo(f"\n({len(groups) - MOST_FIGURES} more figures in sensitivity.csv)")


def _others(more: int, lost: int, size: str) -> str:
    """Say what the table does not show: parameters that matter less, and those of which nothing is heard."""
    told = []
    if more > 0:
        told.append(f"{more} more {'stands' if more == 1 else 'stand'} clear of the noise")
    if lost == 1:
        told.append(f"the {size} of 1 parameter cannot be told from noise")
    elif lost:
        plural = "effects" if size == "effect" else "indices"
        told.append(f"the {plural} of {lost} parameters cannot be told from noise")
    return "; ".join(told)


def _cells(row: Influence) -> list[str]:
    from sim.cli.output import number

    bounds = f"{number(row.low, 3)} … {number(row.high, 3)}"
    return [f"  {row.factor}", number(row.size, 3), bounds, number(row.floor, 2)]
