"""Selection among scenarios: which is the best in one figure, replicated only as far as that needs.

Scenarios meet the same draws, replication by replication, so that differences tell more than figures. What is
decided from the figures is the business of `statistics`; here they are computed, kept, and set side by side.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.errors import UsageError
from sim.scenario.vocabulary import LOWER, better
from sim.statistics.comparison import paired_columns
from sim.statistics.intervals import t_interval
from sim.statistics.selection import Goal, Selection, kim_nelson, ocba_select
from sim.study.contenders import (
    FIRST_KN,
    FIRST_OCBA,
    Best,
    Contender,
    Question,
    Selected,
    difference_of,
)
from sim.study.distinct import Distinct
from sim.study.executor import Crew, Executor
from sim.study.headline import Key
from sim.study.outcome import Outcome
from sim.study.replicate import Job, Progress
from sim.study.summary import keys_of
from sim.study.watched import values_of, watched


def select(
    jobs: Sequence[Job],
    names: Sequence[str],
    question: Question,
    executor: Executor,
    *,
    progress: Callable[[Progress], None] | None = None,
) -> tuple[Selected, tuple[int, ...]]:
    """Choose among scenarios.

    Args:
        jobs: the scenarios with their sinks; what is kept there is used, and every new replication is.
        names: of the scenarios.
        question: what is asked.
        executor: where work is done.
        progress: called after every replication.

    Returns:
        The choice, and the replications of each scenario that it rests on, in the order of the jobs.

    Raises:
        UsageError: a question without meaning, or a figure that a replication has not.
        RunError: a replication failed.
    """
    question.check(len(jobs))
    with executor.crew({job.name: job.simulation for job in jobs}) as crew:
        figures = _Figures(jobs, names, question.figure, crew, progress)
        # The first replication shows whether there is such a figure, before others are paid for.
        figures.ahead([(0, 0)])
        key = figures.key
        best: Best = question.best or ("min" if better(key.kpi) == LOWER else "max")
        delta = math.nan if question.delta is None else difference_of(question.delta, key)
        found = _decide(figures, question, goal=best, delta=delta)
    counts = tuple(found.replications.tolist())
    values = [np.array([figures(i, r) for r in range(n)]) for i, n in enumerate(counts)]
    made = Selected(
        key=key,
        best=best,
        method="OCBA" if question.delta is None else "KN",
        delta=delta,
        confidence=question.confidence,
        budget=question.budget,
        decided=found.decided,
        probability=_probability(values, found.best, best=best),
        contenders=_contenders(values, found, key, names=names, confidence=question.confidence, best=best),
    )
    return made, counts


@dataclass
class _Figures:
    """The figure of every replication, computed as it is asked for."""

    jobs: Sequence[Job]
    names: Sequence[str]
    text: str
    crew: Crew[Outcome]
    progress: Callable[[Progress], None] | None
    values: dict[tuple[int, int], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._stored = [set() if job.fresh else job.sink.finished() for job in self.jobs]
        self._distinct = [Distinct(job.simulation.model, job.simulation.seed) for job in self.jobs]
        self._key: Key | None = None
        self._computed = 0

    @property
    def key(self) -> Key:
        assert self._key is not None
        return self._key

    def ahead(self, wanted: Sequence[tuple[int, int]]) -> None:
        """Compute what is not there, all at once."""
        places = {job.name: place for place, job in enumerate(self.jobs)}
        missing = [each for each in wanted if each not in self.values]
        for system, number in missing:
            if number in self._stored[system]:
                self._take(system, self.jobs[system].sink.read(number))
            else:
                self.crew.submit(self.jobs[system].name, [number])
        for done in self.crew.completed():
            system = places[done.key]
            self.jobs[system].sink.write(done.result)
            self._computed += 1
            self._take(system, done.result)
            if self.progress is not None:
                so_far = len(self.values)
                waiting = sum(each not in self.values for each in missing)
                self.progress(
                    Progress(done.key, finished=so_far, expected=so_far + waiting, computed=self._computed)
                )

    def _take(self, system: int, outcome: Outcome) -> None:
        self._distinct[system].add(outcome.number, outcome.fingerprint)
        if self._key is None:
            self._key = _one(watched(keys_of(outcome.kpis), [self.text]), self.text)
        value = float(values_of(outcome.kpis, [self._key])[0])
        if math.isnan(value) and self._key.kpi == "throughput" and self._key.subject.startswith("route/"):
            # A route that a scenario has not carries nothing there.
            value = 0.0
        if not math.isfinite(value):
            message = (
                f"{self._key.kpi} of {self._key.subject} has no value in replication {outcome.number} of "
                f"{self.names[system]}; select by a figure that every replication has"
            )
            raise UsageError(message)
        self.values[system, outcome.number] = value

    def __call__(self, system: int, replication: int) -> float:
        return self.values[system, replication]


def _one(keys: Sequence[Key], text: str) -> Key:
    if len(keys) == 1:
        return keys[0]
    some = ", ".join(f"'{key.kpi} of {key.subject}'" for key in keys[:4])
    message = f"{text} is {len(keys)} figures; select by one of them, e.g. {some}"
    raise UsageError(message)


def _decide(figures: _Figures, question: Question, *, goal: Goal, delta: float) -> Selection:
    systems = len(figures.jobs)
    if question.delta is None:
        assert question.budget is not None
        return ocba_select(
            figures,
            systems,
            budget=question.budget,
            first=FIRST_OCBA,
            goal=goal,
            ahead=figures.ahead,
        )
    return kim_nelson(
        figures,
        systems,
        indifference=delta,
        confidence=question.confidence,
        first=FIRST_KN,
        goal=goal,
        at_most=question.at_most,
        budget=question.budget,
        ahead=figures.ahead,
    )


def _probability(values: Sequence[NDArray[np.float64]], chosen: int, *, best: Best) -> float:
    """Estimate the probability that the choice is right, from paired differences (Bonferroni)."""
    wrong = 0.0
    for system, other in enumerate(values):
        if system == chosen:
            continue
        n = min(len(other), len(values[chosen]))
        pair = paired_columns(
            other[:n, np.newaxis],
            values[chosen][:n, np.newaxis],
            better="lower" if best == "min" else "higher",
        )[0]
        wrong += 1.0 - pair.probability_better
    return max(0.0, 1.0 - wrong)


def _contenders(
    values: Sequence[NDArray[np.float64]],
    found: Selection,
    key: Key,
    *,
    names: Sequence[str],
    confidence: float,
    best: Best,
) -> tuple[Contender, ...]:
    """Set the scenarios side by side, the chosen first, then by their means."""
    made = []
    for system, own in enumerate(values):
        interval = t_interval(own, confidence)
        n = min(len(own), len(values[found.best]))
        pair = paired_columns(
            values[found.best][:n, np.newaxis],
            own[:n, np.newaxis],
            confidence=confidence,
            adjustment="none",
        )[0]
        chosen = system == found.best
        made.append(
            Contender(
                names[system],
                chosen,
                *key,
                replications=len(own),
                mean=interval.mean,
                low=interval.low,
                high=interval.high,
                difference=pair.difference,
                difference_low=pair.low,
                difference_high=pair.high,
                n=n,
                ruled_out_after=0 if chosen else int(found.eliminated_at[system]),
            )
        )
    sign = 1.0 if best == "min" else -1.0
    return tuple(sorted(made, key=lambda each: (not each.chosen, sign * each.difference, each.scenario)))
