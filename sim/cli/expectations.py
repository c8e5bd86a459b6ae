"""`corridor check --run`: what scenarios claim of themselves, answered as a table and as JUnit XML."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sim.expected import Expected
    from sim.plan import Settings


def answer(files: Sequence[tuple[str, tuple[str, ...]]], **given: Any) -> int:
    """Run scenarios, tell the answers, and give the exit code.

    Args:
        files: scenarios, already found to be without errors, and the `--set` pairs of each.
        given: flags of the command by name.

    Returns:
        1 when a claim fails, or with `strict` when one is undecided; else 0.
    """
    from sim.cli.options import Manner
    from sim.cli.output import as_json, progress_bar
    from sim.cli.work import load_all
    from sim.expected import expect
    from sim.study.expectations import junit

    quiet, strict, form = given["quiet"], given["strict"], given["form"]
    # The findings have been told; here only what is claimed.
    manner = Manner(form, True, False)
    scenarios = [made for file, overrides in files for made in load_all([file], overrides, manner=manner)]
    with progress_bar(quiet=quiet) as progress:
        found = expect(scenarios, _settings(given), progress=progress)
    target: Path | None = given["junit"]
    if target is not None:
        from sim.store.atomic import write_text

        write_text(target, junit([(each.run.name, each.answers) for each in found]))
    if form == "json":
        click.echo(
            as_json([{"scenario": each.run.name, **row.__dict__} for each in found for row in each.answers])
        )
    else:
        _tell(found)
        if target is not None:
            click.echo(f"\nJUnit: {target}")
    verdicts = {row.verdict for each in found for row in each.answers}
    return int("fails" in verdicts or (strict and "undecided" in verdicts))


def _settings(given: dict[str, Any]) -> Settings:
    from sim.plan import Settings

    names = ("replications", "precision", "seed", "engine", "jobs", "cluster", "out")
    return Settings(**{name: given[name] for name in names}, figures=False)


def _tell(found: tuple[Expected, ...]) -> None:
    from sim.cli.answers import claims

    for each in found:
        count = each.run.replications
        click.echo(f"{each.run.title}: {'1 replication' if count == 1 else f'{count} replications'}")
        if not each.answers:
            click.echo("  expects nothing of itself")
            continue
        click.echo(claims(each.answers))
