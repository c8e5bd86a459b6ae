"""A scenario on its way to a stored run: settings, plan, and what is written when it ends.

Joins scenario, model, study, statistics and store for one run; the verbs use it. Nothing is printed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sim.errors import UsageError
from sim.results import Run

if TYPE_CHECKING:
    from sim.gathering import Gathering
    from sim.measure.backlog import Unsteady
    from sim.scenario import Scenario
    from sim.store.runs import RunFolder
    from sim.study.gathered import Gathered
    from sim.study.outcome import Table
    from sim.study.outline import Outline
    from sim.study.output_analysis import Start
    from sim.study.replicate import Engine, Job, Replicated, Simulation


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How runs are made; every field is a flag of the command line.

    Attributes:
        replications: how many; None takes the scenario's. With `precision`, the most.
        precision: replicate until half-widths are this share of the mean, or None.
        seed: of the simulation; None takes the scenario's.
        confidence: of intervals; None takes the scenario's.
        engine: which engine.
        jobs: processes; None takes one per core when that is worth it.
        cluster: address of a running Dask scheduler, or None to work on this machine.
        out: folder of results.
        resume: whether stored replications are used; False computes all afresh.
        records: whether record tables are kept.
        figures: whether figures are drawn.
    """

    replications: int | None = None
    precision: float | None = None
    seed: int | None = None
    confidence: float | None = None
    engine: Engine = "auto"
    jobs: int | None = 1
    cluster: str | None = None
    out: Path = Path("results")
    resume: bool = True
    records: bool = False
    figures: bool = True


@dataclass(frozen=True)
class Plan:
    """A scenario with the folder and the work it was given."""

    scenario: Scenario
    digest: str
    confidence: float
    asked: int
    engine: tuple[str, str]
    job: Job
    path: Path
    outline: Outline
    gathering: Gathering

    @property
    def _folder(self) -> RunFolder:
        return _folder(self.path, records=self._simulation.records)

    @cached_property
    def _resolved(self) -> str:
        from sim.store.runs import as_yaml

        return as_yaml(self.scenario.resolved(kept=True))

    @property
    def _simulation(self) -> Simulation:
        return self.job.simulation

    def stop(self, state: str, *, why: str = "") -> str:
        """Note in the manifest that work ended early, and what is finished."""
        from sim.store.manifest import write_manifest

        stored = len([number for number in self.job.sink.finished() if number < self.asked])
        write_manifest(self.path, {**self._so_far(state, stored=stored), "error": why})
        return f"{stored} of {self.asked} replications of {self.scenario.name} are finished and kept"

    def begin(self) -> None:
        """Write what is known before the first replication, unless the run stands there finished."""
        from sim.store.manifest import FINISHED, RUNNING, state_in, write_manifest

        if state_in(self.path) != FINISHED:
            self._folder.write_scenario(self._resolved, self.scenario.data_files)
            write_manifest(self.path, self._so_far(RUNNING))

    def _so_far(self, state: str, *, stored: int = 0) -> dict[str, object]:
        """Give what the manifest says before the end: of tables that stand from before, all that it said."""
        from sim.store.manifest import standing

        before = standing(self.path)
        if before is None:
            return {**self._facts(state), "replications": self._counts(stored)}
        told, held = before
        return {**told, "state": state, "replications": self._counts(held)}

    def finish(self, done: Replicated, *, seconds: float) -> Run:
        """Write the tables and the manifest."""
        from sim.store.manifest import plain, read_manifest, standing, write_manifest

        folder, model, before = self._folder, self._simulation.model, standing(self.path)
        if done.computed == 0 and folder.merged():
            # Asked again with nothing new, a run is answered from what stands there.
            content, _ = self._content(self.gathering.statistics(done.replications), done)
            old = read_manifest(self.path)
            if all(old.get(key) == value for key, value in plain(content).items()):
                return Run(self.path, model=model, notes=done.notes, changed=False)
        found, tables = self.gathering.upto(done.replications)
        content, touched = self._content(found, done)
        folder.write_scenario(self._resolved, self.scenario.data_files)
        lost = folder.merge(tables, summary=found.rows(confidence=self.confidence, touched=touched))
        self.gathering.close()
        write_manifest(self.path, {**content, "wall_time_s": round(seconds, 3)})
        notes = done.notes
        if before is not None and before[1] > done.replications:
            notes += (
                f"the tables of {self.path.name} were of {before[1]} replications and are of "
                f"{done.replications} now, as asked; `corridor run` with --replications {before[1]} makes "
                "the former again from what is kept",
            )
        if lost:
            notes += (
                f"{', '.join(lost)} held other replications and were put away; --records makes them again",
            )
        return Run(self.path, model=model, notes=notes, computed=done.computed)

    def _content(self, found: Gathered, done: Replicated) -> tuple[dict[str, object], Unsteady]:
        """Give what the manifest of the finished run says, and which figures are not stationary."""
        from sim.measure.backlog import unsteady
        from sim.study.expectations import answers

        expect = self.scenario.document.expect
        saturated = found.saturated(confidence=self.confidence)
        touched = unsteady(self._simulation.model, saturated)
        unsure = [key for key in found.keys if touched.touches(key.kpi, key.subject)]
        claims = answers(expect, found.claims(), known=found.keys, saturated=unsure, forgiving=True)
        start = self._start(found.series, saturated)
        content = {
            **self._facts("finished"),
            "replications": self._counts(done.replications),
            "notes": done.notes,
            "saturated_flows": saturated,
            "warm_up": start.facts(),
            "warnings": [
                *found.noticed.warnings(self.scenario.findings, saturated=saturated),
                *start.warnings(),
            ],
            "expectations": [answer.__dict__ for answer in claims],
            "outline": self.outline.facts(),
            "closing_statement": found.statement.facts(),
        }
        return content, touched

    def _start(self, series: Sequence[Table], saturated: Sequence[str]) -> Start:
        """Ask whether the warm-up was long enough."""
        from sim.study.output_analysis import look_at_start

        scenario = self.scenario
        changes = scenario.changes_at([1.0] * len(scenario.interventions))
        return look_at_start(
            self._simulation.model,
            scenario.document,
            series,
            moved=[change.path for change in changes],
            saturated=saturated,
        )

    def _counts(self, finished: int) -> dict[str, object]:
        if self.job.precision is None:
            return {"asked": self.asked, "finished": finished}
        return {
            "asked": finished,
            "finished": finished,
            "precision": self.job.precision.share,
            "most": self.asked,
        }

    def _facts(self, state: str) -> dict[str, object]:
        from sim.model.model import MEANING
        from sim.store.manifest import versions

        document = self.scenario.document
        return {
            "kind": "run",
            "state": state,
            "scenario": self.scenario.name,
            "title": document.title,
            "summary": document.summary,
            "hash": self.digest,
            "seed": self._simulation.seed,
            "engine": self.engine[0],
            "engine_reason": self.engine[1],
            "meaning": MEANING,
            "confidence": self.confidence,
            "clock": {
                "start": document.clock.start.isoformat(),
                "length_h": document.clock.length / 3600,
                "warmup_h": document.clock.warmup / 3600,
            },
            "versions": versions(own_version()),
        }


MOST_FOLLOWED: Final = 4
"""Scenarios whose replications are gathered while they are computed: each holds some in memory meanwhile."""


@contextmanager
def planned(scenarios: Sequence[Scenario], settings: Settings) -> Iterator[list[Plan]]:
    """Plan several runs that are made at once; what is held for them is let go of at the end."""
    plans = [plan_of(scenario, settings) for scenario in scenarios]
    if len(plans) > MOST_FOLLOWED:
        plans = [replace(plan, job=replace(plan.job, follow=None)) for plan in plans]
    try:
        yield plans
    finally:
        for plan in plans:
            plan.gathering.close()


def plan_of(scenario: Scenario, settings: Settings) -> Plan:
    """Compile a scenario, find its folder, and write down what is going to be done.

    Args:
        scenario: loaded.
        settings: how it is to be run.

    Raises:
        UsageError: a setting without meaning.
    """
    from sim.engine import engine_for
    from sim.gathering import Gathering
    from sim.model.compile import compile_model
    from sim.model.model import MEANING
    from sim.store.runs import run_folder_name
    from sim.study.outline import outline_of
    from sim.study.precision import MOST, Precision
    from sim.study.replicate import Job, Simulation

    experiment = scenario.document.experiment
    seeded = scenario
    if settings.seed is not None and settings.seed != experiment.seed:
        seeded = scenario.override({"experiment": {"seed": settings.seed}}, name=scenario.name)
    confidence = experiment.confidence if settings.confidence is None else settings.confidence
    if not 0.0 < confidence < 1.0:
        message = f"confidence is {confidence}; a share between 0 and 1 expected"
        raise UsageError(message)
    if settings.precision is not None and not 0.0 < settings.precision < 1.0:
        message = f"precision is {settings.precision}; a share between 0 and 1 expected"
        raise UsageError(message)
    asked = settings.replications
    if asked is None:
        asked = experiment.replications if settings.precision is None else MOST
    if asked < 1:
        message = f"{asked} replications of {scenario.name}; at least 1 expected"
        raise UsageError(message)
    digest = seeded.digest(MEANING)
    path = settings.out / run_folder_name(scenario.name, digest)
    model = compile_model(seeded)
    engine = engine_for(settings.engine, model)
    outline = outline_of(model, seeded)
    precision = None
    if settings.precision is not None:
        precision = Precision(settings.precision, confidence, outline=outline)
    gathering = Gathering(
        _folder(path, records=False), model, scenario=scenario.name, claims=seeded.document.expect
    )
    job = Job(
        name=path.name,
        simulation=Simulation(model, seeded.document.experiment.seed, settings.engine, settings.records),
        replications=asked,
        sink=_folder(path, records=settings.records),
        precision=precision,
        fresh=not settings.resume,
        # How many replications precision will take is known at the end only.
        follow=gathering.follow if precision is None else None,
    )
    plan = Plan(seeded, digest, confidence, asked, engine, job, path, outline, gathering)
    plan.begin()
    return plan


def _folder(path: Path, *, records: bool) -> RunFolder:
    from sim.store.runs import RunFolder

    return RunFolder(path, own_version(), records=records)


def own_version() -> str:
    """Give the version of the product."""
    from sim.version import __version__

    return __version__
