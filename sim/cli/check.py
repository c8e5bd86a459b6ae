"""`corridor check`: findings only, nothing is run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import (
    debug_option,
    engine_option,
    format_option,
    out_option,
    quiet_option,
    seed_option,
    set_option,
    strict_option,
)

if TYPE_CHECKING:
    from sim.errors import Finding


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--run", "running", is_flag=True, help="Run them, and answer what they expect of themselves.")
@click.option(
    "--junit",
    type=click.Path(path_type=Path, dir_okay=False),
    help="With --run: write the answers as JUnit XML too.",
)
@click.option("--replications", "-n", type=click.IntRange(min=1), help="With --run: how many.")
@click.option(
    "--precision",
    type=click.FloatRange(min=0, max=1, min_open=True, max_open=True),
    help="With --run: replicate until half-widths are this share of their means.",
)
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="With --run: processes.")
@click.option("--cluster", metavar="ADDRESS", help="With --run: a running Dask scheduler.")
@click.option("--all", "-v", "everything", is_flag=True, help="List the notes on packaged files too.")
@seed_option
@engine_option
@out_option
@set_option
@format_option
@quiet_option
@strict_option
@debug_option
@click.pass_context
def check(
    ctx: click.Context,
    /,
    files: tuple[str, ...],
    overrides: tuple[str, ...],
    running: bool,
    everything: bool,
    **flags: Any,
) -> None:
    """Say what is wrong with scenarios; exit 0 when nothing is, else 1.

    Errors and warnings are listed in full, notes where they are on files of one's own; those on the packaged
    files beneath are counted. With --run also whether scenarios keep what they `expect` of themselves: a
    claim that fails is exit 1.
    """
    from sim.cli.output import as_json, finding_facts
    from sim.errors import Level

    form, quiet, strict = flags["form"], flags["quiet"], flags["strict"]
    if not running:
        for name in ("junit", "replications", "precision", "jobs", "cluster"):
            if flags[name] is not None:
                message = f"--{name} has a meaning only with --run"
                raise click.UsageError(message)
    found = {file: _findings(file, overrides) for file in files}
    told = list(dict.fromkeys(finding for findings in found.values() for finding in findings))
    aside = [] if everything else [f for f in told if f.level is Level.NOTE and _packaged(f, files)]
    stops = (Level.ERROR, Level.WARNING) if strict else (Level.ERROR,)
    wrong = any(finding.level in stops for finding in told)
    if running and not wrong:
        from sim.cli.expectations import answer
        from sim.cli.output import note

        for finding in told:
            if finding not in aside:
                note(str(finding), quiet=quiet)
        ctx.exit(answer(_scenarios(files, overrides), **flags))
    if form == "json":
        click.echo(as_json([{"scenario": file, **finding_facts(f)} for file in files for f in found[file]]))
    else:
        for finding in told:
            if finding.level in stops if quiet else finding not in aside:
                click.echo(str(finding))
        if not quiet:
            click.echo(_counted([finding.level.value for finding in told], files, aside=len(aside)))
    ctx.exit(1 if wrong else 0)


def _scenarios(files: tuple[str, ...], overrides: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """Give the scenarios with what is set in each: in place of a study file those that it names."""
    from sim.cli.studies import is_study
    from sim.scenario import load_study

    found: list[tuple[str, tuple[str, ...]]] = []
    for file in files:
        if is_study(file):
            study = load_study(file)
            found += [(str(path), (*study.overrides, *overrides)) for path in study.scenarios]
        else:
            found.append((file, overrides))
    return list(dict.fromkeys(found))


def _findings(file: str, overrides: tuple[str, ...]) -> list[Finding]:
    from sim.cli.studies import is_study
    from sim.errors import InputError
    from sim.scenario import check as findings_of
    from sim.scenario import load_study
    from sim.study_checks import check_study

    if not is_study(file):
        return findings_of(file, overrides=overrides)
    try:
        study = load_study(file)
    except InputError as error:
        return list(error.findings)
    return check_study(study, overrides=overrides)


def _packaged(finding: Finding, files: tuple[str, ...]) -> bool:
    """Tell whether a finding is on a file that came with the product and was not asked about."""
    from sim.errors import CorridorError
    from sim.scenario.data import data_root
    from sim.scenario.files import named

    if finding.where is None:
        return False
    path = Path(finding.where.file).resolve()
    try:
        shared = data_root(path) / "scenarios"
    except CorridorError:
        return False
    return path.is_relative_to(shared) and path not in {named(file) for file in files}


def _counted(levels: list[str], files: tuple[str, ...], *, aside: int) -> str:
    where = files[0] if len(files) == 1 else f"{len(files)} scenarios"
    if not levels:
        return f"{where}: nothing found"
    counts = {level: levels.count(level) for level in ("error", "warning", "note") if level in levels}
    told = ", ".join(f"{count} {level}{'s' if count > 1 else ''}" for level, count in counts.items())
    if not aside:
        return f"{where}: {told}"
    part = "" if aside == len(levels) else f"{aside} of them "
    return f"{where}: {told}, {part}on packaged files that are joined or extended; --all lists them"
