"""What commands that run something share: loading, warnings, figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.output import note
from sim.errors import InputError, Level, RunError, UsageError

if TYPE_CHECKING:
    from sim.cli.options import Manner
    from sim.errors import Finding
    from sim.plan import Settings
    from sim.results import Comparison, Run
    from sim.scenario import Scenario
    from sim.study_results import StudyResult


def load_all(files: Sequence[str], overrides: Sequence[str], *, manner: Manner) -> list[Scenario]:
    """Load scenarios, telling their warnings.

    Args:
        files: paths or bare names.
        overrides: `--set` pairs, applied to each.
        manner: how to speak; `strict` turns warnings into a stop.

    Raises:
        InputError: findings of all files at once.
    """
    from sim.verbs import load

    refuse_studies(files)
    scenarios: list[Scenario] = []
    found: list[Finding] = []
    for file in files:
        try:
            scenarios.append(load(file, overrides=overrides))
        except InputError as error:
            found += error.findings
    warnings = [
        finding for scenario in scenarios for finding in scenario.findings if finding.level is Level.WARNING
    ]
    if found:
        raise InputError(found)
    if manner.strict and warnings:
        raise InputError(warnings)
    for finding in warnings:
        note(str(finding), quiet=manner.quiet)
    return scenarios


def refuse_studies(files: Sequence[str]) -> None:
    """Refuse study files where scenarios are expected.

    Args:
        files: paths or bare names.

    Raises:
        UsageError: one of them is a study.
    """
    from sim.cli.studies import is_study

    for file in files:
        if is_study(file):
            message = f"{file} is a study, not a scenario: give it to the command that its key `study` names"
            raise UsageError(message)


def load_or_open(
    files: Sequence[str], overrides: Sequence[str], *, settings: Settings, manner: Manner
) -> list[Scenario | Run]:
    """Load scenarios, and open those names that are finished runs.

    Raises:
        UsageError: `--set` beside a finished run.
    """
    from sim.store.runs import is_stored_run
    from sim.verbs import open_run

    stored = [file for file in files if is_stored_run(file, settings.out)]
    if stored and overrides:
        message = f"{', '.join(stored)}: stored, so that --set cannot reach it; give the scenario instead"
        raise UsageError(message)
    loaded = iter(load_all([file for file in files if file not in stored], overrides, manner=manner))
    return [open_run(file, out=settings.out) if file in stored else next(loaded) for file in files]


def draw(result: Run | Comparison | StudyResult, *, manner: Manner) -> tuple[Path, ...]:
    """Draw the figures of a result, unless they stand there and nothing has changed."""
    from sim.store.figures import figure_files

    known = figure_files(result.path / "figures")
    if known and not getattr(result, "changed", True):
        return known
    if not manner.quiet:
        note("drawing figures …", quiet=not _terminal())
    with missing_signs_told(quiet=manner.quiet):
        return result.figures()


@contextmanager
def missing_signs_told(*, quiet: bool) -> Iterator[None]:
    """Tell as a note, without its place in the code, that figures drawn in a block lack signs."""
    import warnings

    from sim.report.lettering import MissingSigns

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", MissingSigns)
        yield
    for each in caught:
        if issubclass(each.category, MissingSigns):
            note(f"Note: {each.message}", quiet=quiet)
        else:
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)


def tell_warnings(run: Run, *, manner: Manner, named: bool = False) -> None:
    """Tell the warnings of a run that its scenario did not give.

    Args:
        run: the run.
        manner: how to speak.
        named: whether to say whose they are, where several runs are told of.
    """
    of = f" {run.name}:" if named else ""
    for warning in _warnings(run):
        numbers = warning["replications"]
        where = f" (replications {_listed(numbers)})" if numbers else ""
        note(f"Warning [{warning['code']}]:{of} {warning['message']}{where}", quiet=manner.quiet)


def stop_on_warnings(runs: Sequence[Run], *, manner: Manner) -> None:
    """With `--strict`, let the warnings of a run be a failure; its results stay.

    Raises:
        RunError: a run has warnings.
    """
    if not manner.strict:
        return
    texts = [f"{run.name}: [{each['code']}] {each['message']}" for run in runs for each in _warnings(run)]
    if texts:
        message = "warnings, with --strict:\n" + "\n".join(f"    {text}" for text in texts)
        raise RunError(message)


def _warnings(run: Run) -> list[dict[str, object]]:
    found = run.manifest.get("warnings")
    return found if isinstance(found, list) else []


def _listed(numbers: object) -> str:
    found = [str(each) for each in numbers] if isinstance(numbers, list) else []
    return ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")


def _terminal() -> bool:
    import sys

    return sys.stderr.isatty()
