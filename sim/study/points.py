"""Points: the scenario at one place of a study's space, replicated, and how all of them are computed.

A point is one unit of work and is kept as soon as it is finished. All points meet the same replications of
the same seed, so that differences between them are on common random numbers. What the values mean is not
known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.errors import CorridorError, RunError, UsageError
from sim.measure.backlog import unsteady
from sim.study.executor import Executor
from sim.study.gathered import Gathered
from sim.study.headline import Key
from sim.study.precision import Precision, Watch
from sim.study.replicate import Engine, Progress, Simulation
from sim.study.space import Space
from sim.study.summary import keys_of
from sim.study.watched import values_of, watched

FAILURES: Final = (CorridorError, ArithmeticError, ValueError, LookupError, MemoryError, OSError)
"""What may go wrong at one point only; anything else stops the work at once."""


@dataclass(frozen=True)
class PointOutcome:
    """What one point gave.

    Attributes:
        number: which point, from 0.
        keys: the figures watched.
        values: shape (replications, figures); NaN where a figure is not defined.
        saturated: flows whose backlog grows through the window, where backlogs were judged.
        unsteady: of the figures, those that describe no lasting state for it.
        judged: the confidence at which they were, when the point was computed; None where nobody asked.
    """

    number: int
    keys: tuple[Key, ...]
    values: NDArray[np.float64]
    saturated: tuple[str, ...] = ()
    unsteady: frozenset[Key] = frozenset()
    judged: float | None = None

    @property
    def means(self) -> NDArray[np.float64]:
        """Mean of each figure over the replications in which it is defined, shape (figures,)."""
        known = ~np.isnan(self.values)
        count = known.sum(axis=0)
        total = np.where(known, self.values, 0.0).sum(axis=0)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)


class Evaluate(Protocol):
    """Work by point: called with its number. Sent to workers."""

    def __call__(self, number: int) -> PointOutcome:
        """Compute one point."""
        ...


@dataclass(frozen=True)
class Simulated:
    """Computes points by simulation.

    Attributes:
        space: what is turned.
        coordinates: shape (points, factors); a row of NaN is the scenario as it stands.
        replications: of each point; with `precision` the most.
        seed: of the simulation, the same at every point.
        engine: which engine.
        watch: which figures are kept; see `watched`.
        precision: replicate each point until precise enough, or None for a fixed number.
        apart: the point from which replications are used that no earlier point has met.
        judged: the confidence at which a backlog is said to grow, as a run says it of its flows; None where
            nobody asks.
    """

    space: Space
    coordinates: NDArray[np.float64]
    replications: int
    seed: int
    engine: Engine = "auto"
    watch: tuple[str, ...] = ()
    precision: Precision | None = None
    apart: int | None = None
    judged: float | None = None

    def __call__(self, number: int) -> PointOutcome:
        """Compute one point; a failure is tried once more before it is final."""
        try:
            return self.compute(number)
        except UsageError:
            # What was asked makes no sense; a second time it makes none either.
            raise
        except FAILURES:
            pass
        try:
            return self.compute(number)
        except FAILURES as error:
            message = f"{self.describe(number)} failed twice: {error}"
            raise RunError(message) from error

    def compute(self, number: int) -> PointOutcome:
        """Compute one point."""
        from sim.model.compile import compile_model

        place = self.coordinates[number]
        scenario = self.space.scenario if np.isnan(place).all() else self.space.at(place.tolist())
        model = compile_model(scenario)
        simulation = Simulation(model, self.seed, self.engine)
        keys: tuple[Key, ...] = ()
        rows: list[NDArray[np.float64]] = []
        watch = None if self.precision is None else Watch(self.precision, self.replications)
        backlogs = None if self.judged is None else Gathered(model)
        first = self.replications if self.apart is not None and number >= self.apart else 0
        for replication in range(first, first + self.replications):
            outcome = simulation(replication)
            kpis = outcome.kpis
            if backlogs is not None:
                backlogs.take(outcome)
            if not rows:
                keys = watched(keys_of(kpis), self.watch)
            rows.append(values_of(kpis, keys))
            if watch is not None:
                watch.see(kpis)
                if watch.seen >= watch.first_look:
                    watch.decide()
                if watch.done:
                    break
        values = np.array(rows, dtype=np.float64).reshape(len(rows), len(keys))
        saturated: tuple[str, ...] = ()
        if backlogs is not None and self.judged is not None:
            saturated = backlogs.saturated(confidence=self.judged)
        touched = unsteady(model, saturated)
        doubtful = frozenset(key for key in keys if touched.touches(key.kpi, key.subject))
        return PointOutcome(number, keys, values, saturated, doubtful, self.judged)

    def describe(self, number: int) -> str:
        """Name a point for a reader."""
        place = self.coordinates[number]
        if np.isnan(place).all():
            return f"point {number} (the scenario as it stands)"
        return f"point {number} ({self.space.describe(place.tolist())})"


class PointSink(Protocol):
    """Where finished points go, and come from when they are there already."""

    def finished(self) -> set[int]:
        """Give the numbers of the points that need not be computed again."""
        ...

    def write(self, outcome: PointOutcome) -> None:
        """Keep one point, at once and whole."""
        ...

    def read(self, number: int) -> PointOutcome:
        """Give one finished point."""
        ...


def evaluate(
    call: Evaluate,
    numbers: Iterable[int],
    executor: Executor,
    *,
    sink: PointSink,
    name: str = "points",
    progress: Callable[[Progress], None] | None = None,
) -> tuple[PointOutcome, ...]:
    """Compute the points that are missing.

    A point is handed to its sink as soon as it is finished, so an interruption loses none.

    Args:
        call: the work.
        numbers: which points are wanted.
        executor: where.
        sink: what is there already, and where the others go.
        name: of the study, for progress.
        progress: called after every point.

    Returns:
        All points wanted, by number.

    Raises:
        RunError: a point failed twice; it is named.
    """
    wanted = sorted(set(numbers))
    stored = sink.finished()
    missing = [number for number in wanted if number not in stored]
    if missing:
        with executor.crew({name: call}) as crew:
            crew.submit(name, missing)
            for computed, done in enumerate(crew.completed(), start=1):
                sink.write(done.result)
                if progress is not None:
                    finished = len(wanted) - len(missing) + computed
                    progress(Progress(name, finished=finished, expected=len(wanted), computed=computed))
    return tuple(sink.read(number) for number in wanted)


def shared_keys(outcomes: Sequence[PointOutcome]) -> tuple[Key, ...]:
    """Give the figures that every point has, in the order of the first."""
    common = (
        set(outcomes[0].keys).intersection(*(outcome.keys for outcome in outcomes)) if outcomes else set()
    )
    return tuple(key for key in (outcomes[0].keys if outcomes else ()) if key in common)


def stacked(outcomes: Sequence[PointOutcome], keys: Sequence[Key]) -> NDArray[np.float64]:
    """Lay points with equally many replications on one another.

    Returns:
        Values, shape (points, replications, figures).

    Raises:
        RunError: points have different numbers of replications.
    """
    counts = {len(outcome.values) for outcome in outcomes}
    if len(counts) > 1:
        message = f"points have {min(counts)} to {max(counts)} replications; one number for all expected"
        raise RunError(message)
    columns = []
    for outcome in outcomes:
        place = {key: column for column, key in enumerate(outcome.keys)}
        columns.append(outcome.values[:, [place[key] for key in keys]])
    return np.array(columns, dtype=np.float64)
