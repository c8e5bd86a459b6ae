"""The verb `expect`: run scenarios and answer what they claim of themselves.

Joins the runs and the study of claims; the command line is thin over it. Nothing is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.plan import Settings
    from sim.results import Run
    from sim.scenario import Scenario
    from sim.study.expectations import Answer
    from sim.study.replicate import Progress


@dataclass(frozen=True)
class Expected:
    """A run with the answers to what its scenario claims.

    Attributes:
        run: the finished run.
        answers: one for each claim, in the order of the scenario.
    """

    run: Run
    answers: tuple[Answer, ...] = field(default=())


def expect(
    scenarios: Sequence[Scenario],
    settings: Settings,
    *,
    progress: Callable[[Progress], None] | None = None,
) -> tuple[Expected, ...]:
    """Run scenarios and answer their claims.

    Args:
        scenarios: loaded, with `expect`; one without claims has no answers.
        settings: how they are run.
        progress: called after every replication.

    Raises:
        UsageError: a claim is about no figure, or in a unit that is not its.
        RunError: a replication failed.
    """
    from sim.study.expectations import answers
    from sim.study.summary import matrix
    from sim.verbs import run_all

    found = []
    for scenario, run in zip(scenarios, run_all(scenarios, settings, progress=progress), strict=True):
        figures = matrix([run.folder.read(number).kpis for number in range(run.replications)])
        unsteady = [row.key for row in run.folder.summary_rows() if not row.stationary]
        found.append(Expected(run, answers(scenario.document.expect, figures, saturated=unsteady)))
    return tuple(found)
