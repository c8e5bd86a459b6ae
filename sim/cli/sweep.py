"""`corridor sweep`: a scenario at many points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import (
    design_seed_option,
    point_options,
    refuse_without_meaning,
    settings_of,
    watch_option,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.study.sweep import SweepRow
    from sim.study_results import Sweep

MOST_POINTS = 24
"""Points that are printed; all are in the tables."""
MOST_FIGURES = 4


@click.command()
@click.argument("file", metavar="FILE")
@click.option(
    "--vary",
    multiple=True,
    metavar="PATH[=VALUES]",
    help="PATH=a,b,c, PATH=lo..hi/n, PATH=scale:a,b,c, or PATH alone for the range of its figure. "
    "May be repeated.",
)
@click.option(
    "--design",
    type=click.Choice(["grid", "lhs", "sobol"]),
    default="grid",
    show_default=True,
    help="Every combination, a Latin hypercube, or Sobol' points.",
)
@click.option("--points", type=click.IntRange(min=1), help="How many points, for lhs and sobol.")
@design_seed_option
@watch_option
@point_options("sweep", precision=True)
@click.pass_context
def sweep(ctx: click.Context, /, file: str, vary: tuple[str, ...], **flags: Any) -> None:
    """Run a scenario over values of its parameters.

    FILE may also be a study file that says all of this.
    """
    from sim.cli.output import as_json, note
    from sim.cli.studies import announced, study_in, varied_in, with_study
    from sim.cli.work import draw, load_all
    from sim.study_verbs import sweep as run_sweep

    study = study_in([file], "sweep")
    given: Any = vary
    if study is not None:
        file, flags = str(study.scenarios[0]), with_study(study, flags, ctx)
        given = varied_in(study, vary)
    overrides = flags.pop("overrides")
    own = {name: flags.pop(name) for name in ("design", "points", "design_seed", "watch")}
    settings, manner = settings_of(flags)
    refuse_without_meaning("sweep", settings, precision=True)
    scenario = load_all([file], overrides, manner=manner)[0]
    with announced(quiet=manner.quiet) as (announce, progress):
        result = run_sweep(
            scenario,
            given,
            **own,
            replications=settings.replications,
            precision=settings.precision,
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
        rows = [row.__dict__ for row in result.swept.rows]
        click.echo(as_json({"path": str(result.path), **result.manifest, "sweep": rows}))
        return
    _tell(result)
    click.echo()
    if drawn:
        click.echo(f"Figures: {result.path / 'figures'}")
    click.echo(f"Tables:  {result.path}")
    for text in result.notes:
        note(f"Note: {text}", quiet=manner.quiet)


def _within(row: SweepRow, scale: float) -> str:
    from sim.cli.answers import within
    from sim.cli.output import number

    mean, half = scale * row.mean, scale * (row.high - row.low) / 2
    return f"{number(mean)} {within(half, mean)}".rstrip()


def _mark(rows: Sequence[SweepRow | None]) -> str:
    """Say of the figures of a point which are not stationary, where not all of them are."""
    some = [row for row in rows if row is not None and row.n]
    moved = [row for row in some if not row.stationary]
    if not moved or len(moved) == len(some):
        return "not stationary" if moved else ""
    return f"not stationary: {', '.join(f'{row.kpi} {row.subject}' for row in moved)}"


def _tell(result: Sweep) -> None:
    """Print the points with the first figures watched."""
    from sim.cli.answers import unit_of
    from sim.cli.output import table

    swept = result.swept
    shown = swept.keys[:MOST_FIGURES]
    names = [factor.name for factor in swept.space.factors]
    by_point = {(row.point, row.key): row for row in swept.rows}
    count = len(swept.coordinates) + 1
    scales = [
        unit_of(key.unit, *(row.mean for row in swept.rows if row.key == key and row.n)) for key in shown
    ]
    cells = []
    for point in range(min(count, MOST_POINTS + 1)):
        found = [by_point.get((point, key)) for key in shown]
        told = [
            "–" if row is None or not row.n else _within(row, scale)
            for row, (scale, _) in zip(found, scales, strict=True)
        ]
        cells.append([f"  {point}", *swept.labels(point), *told, _mark(found)])
    header = [
        "point",
        *names,
        *(f"{key.kpi} {key.subject} ({unit})" for key, (_, unit) in zip(shown, scales, strict=True)),
        "",
    ]
    click.echo(f"{result.manifest['title']}: {count} points; point 0 is the scenario as it stands\n")
    click.echo(table(header, cells))
    rest = count - len(cells)
    more = [f"{rest} more points"] if rest > 0 else []
    more += [f"{len(swept.keys) - len(shown)} more figures"] if len(swept.keys) > len(shown) else []
    if more:
        click.echo(f"  ({' and '.join(more)} in sweep.csv)")
