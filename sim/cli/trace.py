"""`corridor trace`: one consignment's journey, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.cli.options import (
    debug_option,
    engine_option,
    format_option,
    quiet_option,
    seed_option,
    set_option,
    strict_option,
)

if TYPE_CHECKING:
    from sim.study.journey import Journey


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--flow", required=True, help="Id of the flow.")
@click.option("--number", required=True, type=click.IntRange(min=0), help="Number in the flow, from 0.")
@click.option(
    "--replication", type=click.IntRange(min=0), default=0, show_default=True, help="In which replication."
)
@set_option
@seed_option
@engine_option
@format_option
@quiet_option
@strict_option
@debug_option
def trace(
    file: str,
    flow: str,
    number: int,
    replication: int,
    overrides: tuple[str, ...],
    seed: int | None,
    engine: str,
    form: str,
    quiet: bool,
    strict: bool,
) -> None:
    """Follow one consignment from its origin to its end."""
    from sim.cli.options import Manner
    from sim.cli.output import as_json
    from sim.cli.work import load_all
    from sim.study.journey import journey_of
    from sim.verbs import simulate

    manner = Manner("json" if form == "json" else "table", quiet, strict)
    scenario = load_all([file], overrides, manner=manner)[0]
    done = simulate(scenario, replication=replication, seed=seed, engine=engine)  # type: ignore[arg-type]
    journey = journey_of(done.model, done.records, flow=flow, number=number)
    if form == "json":
        click.echo(as_json({"flow": flow, "number": number, "replication": replication, **journey.facts()}))
        return
    _tell(journey)


def _tell(journey: Journey) -> None:
    from sim.cli.output import table

    click.echo(f"{journey.flow} number {journey.number}, {journey.size}")
    click.echo(f"offered  {journey.when(journey.arrived)}")
    click.echo(f"outcome  {journey.outcome}")
    if not journey.legs:
        return
    click.echo(f"route    {journey.route}\n")
    header = ["step", "asked", "started", "ended", "left", "waiting", "in work", "blocked", "vessel"]
    rows = [
        [
            step.subject,
            journey.when(step.asked),
            journey.when(step.started),
            journey.when(step.ended),
            journey.when(step.left),
            _lasting(step.started, step.asked),
            _lasting(step.ended, step.started),
            _lasting(step.left, step.ended),
            ", ".join(step.vessels),
        ]
        for step in journey.legs
    ]
    click.echo(table(header, rows, right=(5, 6, 7)))
    if journey.finished is not None:
        click.echo(f"\n{_lasting(journey.finished, journey.arrived)} from offer to end")


def _lasting(end: int | None, begin: int | None) -> str:
    """Write a time span: minutes, hours or days."""
    if end is None or begin is None:
        return "–"
    seconds = end - begin
    if seconds < 3600:
        return f"{seconds / 60:.0f} min" if seconds else "0"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:.1f} d"
