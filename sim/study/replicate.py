"""Replications: which are missing, where they are computed, and when there are enough.

Runs one scenario or several at once and hands each finished replication to a sink. Files, figures and
intervals are not known here. A result depends on the model, the seed and the replication's number, never on
the number of workers or the order in which they finish.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from sim.engine import run as run_engine
from sim.engine.records import Records
from sim.errors import UsageError
from sim.measure import Measures, measure
from sim.model.model import Model
from sim.study.distinct import Distinct
from sim.study.executor import Executor
from sim.study.heap import keep_freed_memory
from sim.study.outcome import Outcome
from sim.study.precision import Precision, Watch
from sim.study.tabulate import tabulate

Engine = Literal["auto", "simpy", "compiled"]


def simulate_one(
    model: Model, seed: int, *, replication: int, engine: Engine = "auto"
) -> tuple[Measures, Records]:
    """Simulate and measure one replication.

    Args:
        model: what is simulated.
        seed: of the simulation.
        replication: its number, from 0; it enters every random stream.
        engine: which engine moves it; all give the same records.

    Returns:
        The measures, and the records they are a function of.

    Raises:
        BalanceError: the records contradict themselves.
        RunError: the engine cannot run this model.
    """
    from sim.chance.draws import draw

    keep_freed_memory()
    draws = draw(model, seed=seed, replication=replication)
    records = run_engine(model, draws, engine=engine)
    calendars = draws.calendars
    del draws  # of millions of consignments it would take room that measures need
    return measure(model, records, calendars=calendars), records


@dataclass(frozen=True)
class Simulation:
    """The work of a run: called with a replication's number, it simulates it. Sent to workers.

    Attributes:
        model: what is simulated.
        seed: of the simulation.
        engine: which engine.
        records: whether record tables come back too.
    """

    model: Model
    seed: int
    engine: Engine = "auto"
    records: bool = False

    def __call__(self, number: int) -> Outcome:
        """Simulate one replication."""
        measures, records = simulate_one(self.model, self.seed, replication=number, engine=self.engine)
        return tabulate(number, self.model, measures=measures, records=records, keep=self.records)


class ReplicationSink(Protocol):
    """Where finished replications go, and come from when they are there already."""

    def finished(self) -> set[int]:
        """Give the numbers of the replications that need not be run again."""
        ...

    def write(self, outcome: Outcome) -> None:
        """Keep one replication, at once and whole."""
        ...

    def read(self, number: int) -> Outcome:
        """Give one finished replication."""
        ...

    def fingerprint(self, number: int) -> str:
        """Give the fingerprint of a finished replication."""
        ...


@dataclass
class MemorySink:
    """Keeps replications in memory."""

    outcomes: dict[int, Outcome] = field(default_factory=dict)

    def finished(self) -> set[int]:
        """Give the numbers kept."""
        return set(self.outcomes)

    def write(self, outcome: Outcome) -> None:
        """Keep one."""
        self.outcomes[outcome.number] = outcome

    def read(self, number: int) -> Outcome:
        """Give one."""
        return self.outcomes[number]

    def fingerprint(self, number: int) -> str:
        """Give the fingerprint of one."""
        return self.outcomes[number].fingerprint


@dataclass(frozen=True)
class Job:
    """One scenario to be replicated.

    Attributes:
        name: the scenario's, unique among the jobs.
        simulation: the work.
        replications: how many; with `precision` the most that will be run.
        sink: where they go.
        precision: replicate until precise enough, or None for a fixed number.
        fresh: whether what is finished is computed again.
        follow: called with every replication that is computed, once it is kept; in any order.
    """

    name: str
    simulation: Simulation
    replications: int
    sink: ReplicationSink
    precision: Precision | None = None
    fresh: bool = False
    follow: Callable[[Outcome], None] | None = None


@dataclass(frozen=True)
class Replicated:
    """What a job came to.

    Attributes:
        replications: numbers 0 … replications − 1 are finished, and are the answer.
        computed: how many of them were computed now; the others were stored.
        reached: whether the precision asked for was reached (True without one).
        notes: what a reader should know of how they were made.
    """

    replications: int
    computed: int
    reached: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Progress:
    """How far the work is: finished and expected in all, jobs taken together, and who finished last."""

    name: str
    finished: int
    expected: int
    computed: int


def replicate(
    jobs: Sequence[Job],
    executor: Executor,
    *,
    progress: Callable[[Progress], None] | None = None,
) -> dict[str, Replicated]:
    """Run what is missing of every job.

    A replication is handed to its sink as soon as it is finished, so an interruption loses none.

    Args:
        jobs: scenarios with their sinks; all are worked on at once.
        executor: where.
        progress: called after every replication.

    Returns:
        What each job came to, by name.

    Raises:
        UsageError: fewer than one replication asked for, or two jobs of one name.
        RunError: a replication failed, or two that should differ are the same.
    """
    if len({job.name for job in jobs}) < len(jobs):
        message = f"two scenarios of one name among {', '.join(job.name for job in jobs)}"
        raise UsageError(message)
    states = {job.name: _State(job) for job in jobs}
    wanted = [
        (number, name) for name, state in states.items() for number in state.next_numbers(executor.workers)
    ]
    if wanted:
        with executor.crew({job.name: job.simulation for job in jobs}) as crew:
            # One replication of all scenarios after the other: they share most of its draws.
            for number, name in sorted(wanted, key=lambda each: each[0]):
                crew.submit(name, [number])
            for done in crew.completed():
                state = states[done.key]
                state.take(done.result)
                crew.submit(done.key, state.next_numbers(executor.workers))
                if progress is not None:
                    progress(
                        Progress(
                            name=done.key,
                            finished=sum(each.finished for each in states.values()),
                            expected=sum(each.expected for each in states.values()),
                            computed=sum(each.computed for each in states.values()),
                        )
                    )
    return {name: state.result() for name, state in states.items()}


class _State:
    """Book-keeping of one job: what is there, what has been asked for, whether it is enough."""

    def __init__(self, job: Job) -> None:
        if job.replications < 1:
            message = f"{job.replications} replications of {job.name}; at least 1 expected"
            raise UsageError(message)
        self._job = job
        self._stored = set() if job.fresh else job.sink.finished()
        self._new: set[int] = set()
        self._begun = 0
        self._finished = 0
        self._watch = Watch(job.precision, job.replications) if job.precision else None
        self._distinct = Distinct(job.simulation.model, job.simulation.seed)
        self._checked = False
        self._goal = self._next_goal()

    @property
    def finished(self) -> int:
        """How many of the replications begun so far, 0, 1, … in order, are finished."""
        return self._finished

    @property
    def expected(self) -> int:
        if self._watch is None:
            return self._goal
        return max(self._goal, self._watch.expected)

    @property
    def computed(self) -> int:
        return len(self._new)

    def next_numbers(self, workers: int) -> Iterable[int]:
        """Give what is to be computed now, moving the goal while precision asks for more."""
        wanted = self._begin()
        while self._watch is not None and not self._watch.done and self.finished >= self._goal:
            self._look(self._watch)
            if not self._watch.done:
                self._goal = min(self._job.replications, self._goal + max(1, workers))
            wanted += self._begin()
        return wanted

    def _begin(self) -> list[int]:
        """Give what is missing up to the goal and was not asked for before."""
        numbers = range(self._begun, self._goal)
        self._begun = max(self._begun, self._goal)
        missing = [number for number in numbers if number not in self._stored]
        self._finished += len(numbers) - len(missing)
        return missing

    def take(self, outcome: Outcome) -> None:
        if not self._checked:
            # What is stored is read only when something new could equal it.
            self._checked = True
            for number in sorted(self._stored):
                if number < self._goal:
                    self._distinct.add(number, self._job.sink.fingerprint(number))
        self._distinct.add(outcome.number, outcome.fingerprint)
        self._job.sink.write(outcome)
        if self._job.follow is not None:
            self._job.follow(outcome)
        self._new.add(outcome.number)
        self._finished += 1

    def result(self) -> Replicated:
        count = self._goal if self._watch is None else self._watch.count
        notes = [*self._distinct.notes]
        if self._watch is not None:
            notes += self._watch.notes
        return Replicated(
            replications=count,
            computed=len([number for number in self._new if number < count]),
            reached=self._watch is None or self._watch.reached,
            notes=tuple(notes),
        )

    def _next_goal(self) -> int:
        if self._watch is None:
            return self._job.replications
        return min(self._job.replications, self._watch.first_look)

    def _look(self, watch: Watch) -> None:
        while watch.seen < self._goal:
            watch.see(self._job.sink.read(watch.seen).kpis)
        watch.decide()


__all__ = [
    "Engine",
    "Job",
    "MemorySink",
    "Progress",
    "Replicated",
    "ReplicationSink",
    "Simulation",
    "replicate",
    "simulate_one",
]
