"""Flags that several commands share, declared once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

if TYPE_CHECKING:
    from sim.plan import Settings

F = TypeVar("F", bound=Callable[..., Any])
Format = Literal["table", "json"]


@dataclass(frozen=True)
class Manner:
    """How a command speaks.

    Attributes:
        format: `table` for people, `json` for programs.
        quiet: whether only the answer is printed.
        strict: whether warnings stop the work.
    """

    format: Format
    quiet: bool
    strict: bool


def _stacked(options: list[Callable[[F], F]]) -> Callable[[F], F]:
    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


debug_option = click.option(
    "--debug", is_flag=True, expose_value=False, help="Show the traceback of an error."
)
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="A table for people, or JSON for programs.",
)
out_option = click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("results"),
    show_default=True,
    help="Folder of results.",
)
set_option = click.option(
    "--set",
    "overrides",
    metavar="PATH=VALUE",
    multiple=True,
    help="Change one value; any unambiguous tail of its path will do. May be repeated.",
)
quiet_option = click.option("--quiet", "-q", is_flag=True, help="Print the answer only.")
strict_option = click.option("--strict", is_flag=True, help="Let warnings stop the work.")
seed_option = click.option("--seed", type=click.IntRange(min=0), help="Seed of the simulation.")
engine_option = click.option(
    "--engine",
    type=click.Choice(["auto", "simpy", "compiled"]),
    default="auto",
    show_default=True,
    help="Which engine; all give the same results.",
)


_ALL_ALIKE = "no meaning for {command}: every point is given the same --replications"
_FIGURES_ALONE = "no meaning for {command}, whose points keep figures alone"


def study_options(command: F) -> F:
    """Add the flags of every command that runs replications."""
    return _common(command)


def point_options(command: str, *, precision: bool = False) -> Callable[[F], F]:
    """Add the same flags to a command that runs points, with help on those that it refuses.

    Args:
        command: its name.
        precision: whether it replicates until intervals are narrow.
    """
    alike = None if precision else f"Has {_ALL_ALIKE.format(command=command)}."
    alone = f"Has {_FIGURES_ALONE.format(command=command)}."
    return lambda function: _common(function, precision=alike, records=alone)


def _common(command: F, *, precision: str | None = None, records: str | None = None) -> F:
    return _stacked(
        [
            set_option,
            click.option("--replications", "-n", type=click.IntRange(min=1), help="How many replications."),
            click.option(
                "--precision",
                type=click.FloatRange(min=0, max=1, min_open=True, max_open=True),
                help=precision
                or "Replicate until half-widths are this share of their means, e.g. 0.05; "
                "--replications is then the most.",
            ),
            click.option(
                "--confidence",
                type=click.FloatRange(min=0, max=1, min_open=True, max_open=True),
                help="Of the intervals, e.g. 0.95.",
            ),
            seed_option,
            engine_option,
            click.option(
                "--jobs",
                "-j",
                type=click.IntRange(min=1),
                help="Processes; one per core where that is worth it, if not given.",
            ),
            click.option(
                "--cluster",
                metavar="ADDRESS",
                help="Work on the workers of a running Dask scheduler, e.g. tcp://127.0.0.1:8786.",
            ),
            out_option,
            click.option(
                "--resume/--fresh",
                default=True,
                help="Use what is stored, or compute all anew.",
            ),
            click.option("--records", is_flag=True, help=records or "Keep the record tables too."),
            click.option("--no-figures", is_flag=True, help="Draw no figures."),
            format_option,
            quiet_option,
            strict_option,
            debug_option,
        ]
    )(command)


watch_option = click.option(
    "--watch",
    multiple=True,
    metavar="KPI",
    help="Ask of this KPI, or of `KPI of SUBJECT`, instead of the headline figures. May be repeated.",
)
design_seed_option = click.option(
    "--design-seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Seed of where points lie; it never touches the simulation.",
)
bootstrap_seed_option = click.option(
    "--bootstrap-seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Seed of the bootstrap and of other draws of the analysis.",
)


def refuse_without_meaning(command: str, settings: Settings, *, precision: bool = False) -> None:
    """Refuse flags that every command takes and this one can do nothing with.

    Args:
        command: its name.
        settings: what was asked.
        precision: whether it replicates until intervals are narrow.

    Raises:
        UsageError: one of them was given.
    """
    if settings.records:
        message = f"--records has {_FIGURES_ALONE.format(command=command)}"
        raise click.UsageError(message)
    if settings.precision is not None and not precision:
        message = f"--precision has {_ALL_ALIKE.format(command=command)}"
        raise click.UsageError(message)


def settings_of(given: dict[str, Any]) -> tuple[Settings, Manner]:
    """Sort the flags of `study_options` into how to run and how to speak.

    Args:
        given: flags by name; they are taken out.
    """
    import logging

    from sim.plan import Settings

    manner = Manner(given.pop("form"), given.pop("quiet"), given.pop("strict"))
    logging.getLogger("sim").setLevel(logging.ERROR if manner.quiet else logging.NOTSET)
    settings = Settings(
        replications=given.pop("replications"),
        precision=given.pop("precision"),
        confidence=given.pop("confidence"),
        seed=given.pop("seed"),
        engine=given.pop("engine"),
        jobs=given.pop("jobs"),
        cluster=given.pop("cluster"),
        out=given.pop("out"),
        resume=given.pop("resume"),
        records=given.pop("records"),
        figures=not given.pop("no_figures"),
    )
    return settings, manner
