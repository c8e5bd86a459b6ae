"""A study of many points on its way to a folder: settings, identity, manifest, and the work itself.

Joins scenario, study and store for the verbs `sweep`, `sensitivity` and `calibrate`; what is made of the
points is theirs. Nothing is printed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import CorridorError, UsageError
from sim.plan import Settings, own_version

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sim.scenario import Scenario
    from sim.store.studies import StudyFolder
    from sim.study.factors import Factor
    from sim.study.points import PointOutcome, Simulated
    from sim.study.replicate import Progress
    from sim.study.space import Space

Announce = Callable[[str], None]
"""Told in plain words what a study will cost, before it costs it."""


@dataclass(frozen=True)
class StudyPlan:
    """A study with its work and its folder.

    Attributes:
        kind: `sweep`, `sensitivity` or `calibration`.
        scenario: with the seed that is used.
        space: what is turned.
        design: coordinates after point 0, shape (points, factors).
        settings: how points are run.
        asked: what was asked, for `study.yaml`.
        default_replications: of a point, where none are asked for.
        watch: figures that are kept; see `sim.study.watched`.
        notes: what a reader should know of how it was laid out.
        firm: how many points of the design name the study; later ones follow from what these gave.
        apart: the point from which replications are used that no earlier point has met.
        made: points computed since the study began, shared with plans that have more points: where nothing
            stored counts, these do.
    """

    kind: str
    scenario: Scenario
    space: Space
    design: NDArray[np.float64]
    settings: Settings
    asked: Mapping[str, object]
    default_replications: int = 5
    watch: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())
    firm: int | None = None
    apart: int | None = None
    made: set[int] = field(default_factory=set, compare=False, repr=False)

    @cached_property
    def call(self) -> Simulated:
        """The work of every point."""
        from sim.study.points import Simulated
        from sim.study.precision import MOST, Precision
        from sim.study.sweep import work_of

        settings = self.settings
        count = settings.replications
        if count is None:
            count = self.default_replications if settings.precision is None else MOST
        precision = None
        if settings.precision is not None:
            precision = Precision(settings.precision, self.confidence)
        seed = self.scenario.document.experiment.seed
        template = Simulated(self.space, self.design, count, seed, settings.engine, self.watch, precision)
        # What becomes of a backlog is asked where figures are read one by one, not where they are fitted.
        judged = self.confidence if self.kind == "sweep" else None
        return replace(work_of(self.space, self.design, template), apart=self.apart, judged=judged)

    @property
    def confidence(self) -> float:
        """Of every interval."""
        given = self.settings.confidence
        return self.scenario.document.experiment.confidence if given is None else given

    @property
    def size(self) -> int:
        """How many points there are, the scenario as it stands included."""
        return len(self.design) + 1

    @cached_property
    def digest(self) -> str:
        """Eight digits that name the study: the same question has the same."""
        from sim.model.model import MEANING

        call = self.call
        told = {
            "kind": self.kind,
            "scenario": self.scenario.digest(MEANING),
            "factors": [_identity(factor) for factor in self.space.factors],
            "replications": call.replications,
            "precision": None
            if call.precision is None
            else [call.precision.share, call.precision.confidence],
            "watch": list(self.watch),
            "asked": dict(self.asked),
        }
        state = blake2b(json.dumps(told, sort_keys=True).encode(), digest_size=4)
        state.update(np.ascontiguousarray(self.design[: self.firm]).tobytes())
        return state.hexdigest()

    @cached_property
    def path(self) -> Path:
        """The study's folder."""
        from sim.store.studies import study_folder_name

        return self.settings.out / study_folder_name(self.kind, self.scenario.name, self.digest)

    @cached_property
    def folder(self) -> StudyFolder:
        """The study's folder as the store knows it."""
        from sim.store.studies import StudyFolder

        return StudyFolder(self.path, own_version(), fresh=not self.settings.resume)

    def compute(
        self,
        *,
        announce: Announce | None = None,
        progress: Callable[[Progress], None] | None = None,
        label: str = "",
    ) -> tuple[PointOutcome, ...]:
        """Compute every point that is missing.

        The scenario as it stands comes first: it shows what a point takes, and that what is watched exists.

        Args:
            announce: told what it will cost.
            progress: called after every point.
            label: the method in words, for `announce`.

        Raises:
            RunError: a point failed twice.
        """
        from sim.study.executor import InProcess, executor_for
        from sim.study.points import evaluate

        call, folder = self.call, self.folder
        most = "at most " if call.precision is not None else ""
        runs = f"{self.size * call.replications:,} replications"
        cost = f"{label}{self.size:,} points × {most}{call.replications} replications = {most}{runs}"
        if announce is not None:
            announce(cost)
        self.begin()
        sink = _Kept(folder, folder.finished() | self.made, self.made)
        executor = executor_for(self.settings.jobs, cluster=self.settings.cluster)
        try:
            if 0 not in sink.known:
                begun = perf_counter()
                evaluate(call, [0], InProcess(), sink=sink, name=self.path.name)
                each = perf_counter() - begun
                left = self.size - len(sink.known)
                if announce is not None and left > 0:
                    takes = _duration(each * left / executor.workers)
                    crew = f"{executor.workers} worker{'' if executor.workers == 1 else 's'}"
                    announce(f"{each:.2g} s a point: about {takes} on {crew}")
            return evaluate(
                call, range(self.size), executor, sink=sink, name=self.path.name, progress=progress
            )
        except KeyboardInterrupt as interrupt:
            from sim.verbs import Interrupted

            self.stop("interrupted")
            done = len(sink.known)
            message = (
                f"{done} of {self.size} points are finished and kept. The same command goes on from there."
            )
            raise Interrupted(message) from interrupt
        except CorridorError as error:
            self.stop("failed", why=str(error))
            raise

    def begin(self) -> None:
        """Write what is known before the first point."""
        from sim.store.manifest import write_manifest

        scenario = self.scenario
        self.folder.write_study(self.described(), scenario.resolved(kept=True), scenario.data_files)
        write_manifest(self.path, self.facts("running"))

    def stop(self, state: str, *, why: str = "") -> None:
        """Note in the manifest that work ended early."""
        from sim.store.manifest import write_manifest

        write_manifest(self.path, {**self.facts(state), "error": why})

    def finish(self, content: Mapping[str, object], *, seconds: float) -> dict[str, Any]:
        """Write the manifest of a finished study; give what it says."""
        from sim.store.manifest import plain, write_manifest

        made = {**self.facts("finished"), "notes": self.notes, **content, "wall_time_s": round(seconds, 3)}
        write_manifest(self.path, made)
        self.folder.tidy()
        return plain(made)

    def described(self) -> dict[str, Any]:
        """Give the study as plain values: what was asked, and every factor with its values."""
        call = self.call
        asked: dict[str, Any] = dict(self.asked)
        return {
            **asked,
            "of": self.scenario.name,
            "replications": call.replications,
            "seed": call.seed,
            "watch": list(self.watch),
            "factors": {factor.name: _told(factor) for factor in self.space.factors},
        }

    def facts(self, state: str) -> dict[str, object]:
        """Give what the manifest always says."""
        from sim.engine import engine_for
        from sim.model.model import MEANING
        from sim.store.manifest import versions

        call = self.call
        return {
            "kind": self.kind,
            "state": state,
            "scenario": self.scenario.name,
            "title": self.scenario.document.title,
            "hash": self.digest,
            "seed": call.seed,
            "engine": engine_for(call.engine)[0],
            "meaning": MEANING,
            "confidence": self.confidence,
            "points": self.size,
            "replications": call.replications,
            "asked": dict(self.asked),
            "versions": versions(own_version()),
        }


@dataclass(frozen=True)
class _Kept:
    """A folder whose finished points are those that counted when the study began or were made since."""

    folder: StudyFolder
    known: set[int]
    made: set[int]

    def finished(self) -> set[int]:
        return self.known

    def write(self, outcome: PointOutcome) -> None:
        self.folder.write(outcome)
        self.known.add(outcome.number)
        self.made.add(outcome.number)

    def read(self, number: int) -> PointOutcome:
        return self.folder.read(number)


def seeded(scenario: Scenario, seed: int | None) -> Scenario:
    """Give the scenario with another seed of the simulation."""
    if seed is None or seed == scenario.document.experiment.seed:
        return scenario
    return scenario.override({"experiment": {"seed": seed}}, name=scenario.name)


def checked(settings: Settings) -> Settings:
    """Refuse settings without meaning.

    Raises:
        UsageError: a share outside (0, 1), or no replication.
    """
    for name in ("confidence", "precision"):
        value = getattr(settings, name)
        if value is not None and not 0.0 < value < 1.0:
            message = f"{name} is {value}; a share between 0 and 1 expected"
            raise UsageError(message)
    if settings.replications is not None and settings.replications < 1:
        message = f"{settings.replications} replications; at least 1 expected"
        raise UsageError(message)
    return settings


def dict_of(rows: Sequence[object]) -> tuple[tuple[str, ...], list[list[object]]]:
    """Give dataclass rows as columns and cells, for a table."""
    from dataclasses import fields

    if not rows:
        return (), []
    names = tuple(each.name for each in fields(rows[0]))  # type: ignore[arg-type]
    return names, [[getattr(row, name) for name in names] for row in rows]


def _identity(factor: Factor) -> list[object]:
    dials = [[dial.path, dial.low, dial.high, dial.unit, dial.scaled] for dial in factor.dials]
    return [factor.name, dials, [level.label for level in factor.levels]]


def _told(factor: Factor) -> dict[str, object]:
    if factor.levels:
        return {"values": [level.label for level in factor.levels]}
    first = factor.dials[0]
    told: dict[str, object] = {
        "low": f"{first.low:.10g} {first.unit}".rstrip(),
        "high": f"{first.high:.10g} {first.unit}".rstrip(),
        "source": factor.source,
    }
    if len(factor.dials) > 1:
        told["turns"] = [dial.path for dial in factor.dials]
    return told


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
