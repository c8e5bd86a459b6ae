"""`corridor report`: the figures of a stored run again, and what one more unit of capacity would deliver."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.options import debug_option, format_option, out_option, quiet_option

if TYPE_CHECKING:
    from sim.capacity import Bottlenecks
    from sim.results import Run

MOST = 10


@click.command()
@click.argument("run", metavar="RUN")
@click.option(
    "--bottleneck",
    is_flag=False,
    flag_value=MOST,
    type=click.IntRange(min=1),
    metavar="[N]",
    help="Rank the N elements (10) where most waiting is by what one more unit of capacity delivers.",
)
@click.option(
    "--elements",
    metavar="PATTERN",
    multiple=True,
    help="With --bottleneck: try these instead, e.g. 'line/*'. May be repeated.",
)
@click.option(
    "--jobs", "-j", type=click.IntRange(min=1), help="Processes; one per core where that is worth it."
)
@out_option
@format_option
@quiet_option
@debug_option
def report(
    run: str,
    bottleneck: int | None,
    elements: tuple[str, ...],
    jobs: int | None,
    out: Path,
    form: str,
    quiet: bool,
) -> None:
    """Print a stored run's summary again and draw its figures anew."""
    from sim.cli.answers import tell_run
    from sim.cli.output import as_json, note
    from sim.cli.work import missing_signs_told
    from sim.verbs import open_run

    stored = open_run(run, out=out)
    rows = stored.folder.summary_rows()
    if stored.manifest.get("state") != "finished":
        counts = stored.manifest.get("replications") or {}
        note(
            f"Note: the run was to have {counts.get('asked')} replications, and was stopped before; "
            f"its tables hold {counts.get('finished')}. The command that made it goes on",
            quiet=quiet,
        )
    asked = bottleneck is not None or bool(elements)
    ranking = _ranking(stored, elements, most=bottleneck or MOST, jobs=jobs, quiet=quiet) if asked else None
    with missing_signs_told(quiet=quiet):
        files = stored.figures() if ranking is None else ranking.figures()
    if form == "json":
        answer: dict[str, object] = {"path": str(stored.path), "figures": [str(file) for file in files]}
        if ranking is not None:
            answer["bottleneck"] = ranking.table.to_dict("records")
        click.echo(as_json(answer))
        return
    if ranking is not None:
        _tell(ranking)
    elif not quiet:
        tell_run(stored, rows)
        click.echo()
    click.echo(
        f"Figures: {stored.path / 'figures'}" if files else "Figures: none; the run has nothing to draw"
    )


def _ranking(run: Run, elements: tuple[str, ...], *, most: int, jobs: int | None, quiet: bool) -> Bottlenecks:
    """Try one more unit of each element, telling first what it will cost."""
    from sim.capacity import trial_of, try_out
    from sim.cli.output import note, progress_bar

    trial = trial_of(run, elements=elements, most=most)
    cost = f"{len(trial.units)} elements, {trial.replications} replications"
    if trial.seconds == trial.seconds:
        minutes = trial.seconds * trial.replications / 60
        cost += f", about {minutes:.0f} min" if minutes >= 1 else ", less than a minute"
    note(f"One more unit of capacity of {cost}", quiet=quiet)
    with progress_bar(quiet=quiet) as progress:
        return try_out(trial, jobs=jobs, progress=progress)


def _tell(ranking: Bottlenecks) -> None:
    """Print the ranking."""
    from sim.cli.answers import clean, within
    from sim.cli.output import number, table

    run = ranking.run
    count = "1 replication" if run.replications == 1 else f"{run.replications} replications"
    click.echo(
        f"{run.title}: what one more unit of capacity delivers on the same draws, {count}, "
        f"{run.confidence:.0%} intervals"
    )
    boxes = any(gain.boxes is not None for gain in ranking.gains)
    priced = any(gain.price == gain.price for gain in ranking.gains)
    header = [
        "",
        "one more",
        "kt/yr",
        "",
        *(["TEU/yr", ""] if boxes else []),
        "fewer waiting",
        "of all waiting",
    ]
    header += ["USD per extra t"] if priced else []
    lines = []
    for gain in ranking.gains:
        more = gain.more
        cells = [gain.one.subject, gain.one.words]
        cells += [number(clean(1000 * more.mean, 1.0), 3), within(1000 * more.half_width, 1.0)]
        if boxes:
            found = gain.boxes
            cells += [number(found.mean, 3), within(found.half_width, 1.0)] if found is not None else ["", ""]
        share = f"{gain.waiting:.1%}" if gain.waiting == gain.waiting else "–"
        cells += [number(gain.shorter.mean, 3), share]
        if priced:
            price = "price not known" if gain.price != gain.price else "delivers no more"
            cells.append(number(gain.per_tonne, 3) if gain.per_tonne == gain.per_tonne else price)
        lines.append(cells)
    click.echo(table(header, lines, right=tuple(range(2, len(header)))))
    click.echo(f"Table:   {ranking.path}")
