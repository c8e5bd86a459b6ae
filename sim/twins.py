"""What the disturbances of a comparison cost: each scenario beside its undisturbed twin.

The twin is the scenario without the entries of its timeline that the base has not. As a rule that is the
base; where it is not, it is run too, on the same draws. Nothing is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sim.results import Run

if TYPE_CHECKING:
    from sim.plan import Settings
    from sim.scenario import Scenario
    from sim.study.outcome import Outcome
    from sim.study.replicate import Progress
    from sim.study.summary import Matrix


@dataclass(frozen=True)
class Disturbed:
    """What disturbances cost.

    Attributes:
        figures: by name of the disturbed scenario, its figures in every replication.
        twins: by the same name the twin that was run for it; where there is none it is the base.
        unmade: names of those beside the base only because another version made them, so that no twin of
            theirs can be made.
    """

    figures: Mapping[str, Matrix] = field(default_factory=dict)
    twins: Mapping[str, Run] = field(default_factory=dict)
    unmade: tuple[str, ...] = ()


@dataclass(frozen=True)
class Compared:
    """The runs of a comparison.

    Attributes:
        names: what they are called, the base first.
        given: the scenario of each, or the run that was opened.
        runs: the finished runs.
        outcomes: the replications that all of them have.
    """

    names: Sequence[str]
    given: Sequence[Scenario | Run]
    runs: Sequence[Run]
    outcomes: Sequence[Sequence[Outcome]]


def disturbed(
    compared: Compared, settings: Settings, *, progress: Callable[[Progress], None] | None = None
) -> Disturbed:
    """Measure what the timelines of the others disturb that the base's leaves alone.

    Args:
        compared: the runs.
        settings: of the comparison, with which twins are run.
        progress: called after every replication of a twin.
    """
    from sim.study.disturbance import disturbance_of, disturbances
    from sim.study.events import new_events, new_places
    from sim.study.outline import joined

    runs, outcomes = compared.runs, compared.outcomes
    found: dict[str, Matrix] = {}
    made: dict[str, Run] = {}
    unmade: list[str] = []
    for name, given, run, each in zip(
        compared.names[1:], compared.given[1:], runs[1:], outcomes[1:], strict=True
    ):
        events = new_events(runs[0].outline.events, run.outline.events)
        about = disturbance_of(
            events,
            hours=float(run.manifest["clock"]["length_h"]),
            outline=joined([runs[0].outline, run.outline]),
        )
        if about is None or run.manifest["clock"] != runs[0].manifest["clock"]:
            continue
        twin = _twin(given, run, new_places(runs[0].outline.events, run.outline.events))
        if twin is None:
            unmade.append(name)
        digest = str(runs[0].manifest["hash"]) if twin is None else _digest(twin, run.seed)
        whole = [one for one in (*runs, *made.values()) if one.replications >= len(each)]
        known = {str(one.manifest["hash"]): one for one in reversed(whole)}
        if digest not in known and twin is not None:
            known[digest] = _run(twin, settings, seed=run.seed, pairs=len(each), progress=progress)
        other = known[digest]
        before = outcomes[0]
        if other is not runs[0]:
            made[name] = other
            before = [other.folder.read(number) for number in range(len(each))]
        found[name] = disturbances(zip(before, each, strict=True), about)
    return Disturbed(found, made, tuple(unmade))


def _twin(given: Scenario | Run, run: Run, entries: Sequence[int]) -> Scenario | None:
    """Make the scenario without some entries of its timeline.

    Returns:
        The scenario, or None where a run was made by another version: it cannot be made again, and the base
        has to do.
    """
    from sim.model.model import MEANING
    from sim.scenario import load

    scenario = load(run.path / "scenario.yaml") if isinstance(given, Run) else given
    if isinstance(given, Run) and scenario.digest(MEANING, seed=run.seed) != run.manifest["hash"]:
        return None
    return scenario.without(entries, name=f"{run.name}-undisturbed")


def _digest(scenario: Scenario, seed: int) -> str:
    from sim.model.model import MEANING

    return scenario.digest(MEANING, seed=seed)


def _run(
    twin: Scenario,
    settings: Settings,
    *,
    seed: int,
    pairs: int,
    progress: Callable[[Progress], None] | None,
) -> Run:
    from sim.verbs import run_all

    asked = replace(settings, seed=seed, replications=pairs, precision=None, records=False)
    return run_all([twin], asked, progress=progress)[0]
