"""Study files on the command line: a file whose keys stand for the flags of its command."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.errors import UsageError

if TYPE_CHECKING:
    from sim.scenario import Study
    from sim.study.replicate import Progress
    from sim.study_plan import Announce

_IS_STUDY = re.compile(r"^study\s*:", re.MULTILINE)

FLAGS = {
    "replications": "replications",
    "precision": "precision",
    "confidence": "confidence",
    "seed": "seed",
    "engine": "engine",
    "jobs": "jobs",
    "out": "out",
    "records": "records",
    "format": "form",
    "quiet": "quiet",
    "strict": "strict",
    "watch": "watch",
    "select": "select",
    "best": "best",
    "delta": "delta",
    "budget": "budget",
    "cluster": "cluster",
    "design": "design",
    "points": "points",
    "method": "method",
    "over": "over",
    "free": "free",
    "trials": "trials",
    "hold_out": "hold_out",
    "design_seed": "design_seed",
    "bootstrap_seed": "bootstrap_seed",
}
"""Keys of a study file, with the parameter of the command that each stands for as it is."""


def study_in(files: Sequence[str], command: str) -> Study | None:
    """Read the study that a command was given instead of scenarios.

    Args:
        files: arguments of the command.
        command: its name, which must be the study's kind.

    Returns:
        The study, or None where the files are no study.

    Raises:
        UsageError: a study of another kind, or a study beside other files.
        InputError: the study has findings of level error.
    """
    studies = [file for file in files if is_study(file)]
    if not studies:
        return None
    if len(files) > 1:
        message = f"{studies[0]} is a study: it names its scenarios itself, and stands alone"
        raise UsageError(message)
    from sim.scenario import load_study

    study = load_study(files[0])
    if study.model.study != command:
        message = f"{files[0]} is a study for `corridor {study.model.study}`, not for `corridor {command}`"
        raise UsageError(message)
    return study


def with_study(study: Study, flags: Mapping[str, Any], ctx: click.Context) -> dict[str, Any]:
    """Let the keys of a study stand for the flags that were not given.

    Args:
        study: as read.
        flags: values of the command's parameters.
        ctx: knows which of them were given on the command line; these win.

    Raises:
        InputError: what the study asks has findings of level error, the same as `check` lists.
    """
    from sim.cli.main import Outcome
    from sim.study_checks import refuse_study

    merged = dict(flags)
    for key, flag in FLAGS.items():
        if key in study.model.model_fields_set and flag in flags and not _given(ctx, flag):
            value = getattr(study.model, key)
            merged[flag] = Path(value) if key == "out" else value
    if "fresh" in study.model.model_fields_set and not _given(ctx, "resume"):
        merged["resume"] = not study.model.fresh
    if "figures" in study.model.model_fields_set and not _given(ctx, "no_figures"):
        merged["no_figures"] = not study.model.figures
    outcome = ctx.find_object(Outcome)
    if study.model.debug and outcome is not None:
        outcome.is_debugged = True
    if study.model.set and "overrides" in flags:
        merged["overrides"] = (*study.overrides, *flags["overrides"])
    refuse_study(study, overrides=flags.get("overrides", ()))
    return merged


def _given(ctx: click.Context, parameter: str) -> bool:
    return ctx.get_parameter_source(parameter) is click.core.ParameterSource.COMMANDLINE


def is_study(file: str) -> bool:
    """Tell whether an argument is a study file rather than a scenario or a run."""
    from sim.scenario.files import locate
    from sim.scenario.findings import Findings
    from sim.scenario.yaml_nodes import compose

    # A scenario of the same name goes before a study.
    path = locate(file, findings=Findings()) or locate(file, findings=Findings(), below="studies")
    if path is None:
        return False
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        # What cannot be read is a finding of whoever reads it.
        return False
    if _IS_STUDY.search(text) is not None:
        return True
    # The key may stand in quotes, or in a mapping in braces.
    root = compose(text, file=file).root if "study" in text else None
    return root is not None and root.get("study") is not None


def varied_in(study: Study, more: Sequence[str]) -> list[Any]:
    """Give what a study varies; what the command line varies too wins."""
    from sim.scenario import parse_vary

    typed = [parse_vary(text if "=" in text else f"{text}=range") for text in more]
    named = {each.path for each in typed}
    return [*(each for each in study.vary if each.path not in named), *typed]


@contextmanager
def announced(*, quiet: bool) -> Iterator[tuple[Announce | None, Callable[[Progress], None] | None]]:
    """Say what a study will cost before it starts, and show how far it is on a terminal.

    Yields:
        What is to be told the cost, and what is to be called after every point.
    """
    from sim.cli.output import note, progress_bar

    if quiet:
        yield None, None
        return
    with progress_bar(quiet=False) as progress:
        yield note, progress
