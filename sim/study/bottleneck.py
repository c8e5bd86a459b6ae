"""Where one more unit of capacity would help most: the corridor enlarged element by element, on common draws.

What one unit of an element is stands in `sim.measure.bottleneck`; here the enlarged corridors are replicated,
set against the run they are taken from, and ranked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Final

import numpy as np

from sim.errors import UsageError
from sim.measure.bottleneck import OneMore, candidates, enlarged
from sim.model.model import Model
from sim.statistics.intervals import Interval, t_interval
from sim.study.executor import Executor
from sim.study.headline import Key
from sim.study.outcome import Outcome
from sim.study.replicate import Job, MemorySink, Progress, Simulation, replicate
from sim.study.summary import Matrix, matrix

TONNES: Final = Key("throughput", "total", "Mt/yr")
BOXES: Final = Key("throughput", "cargo/containers", "TEU/yr")
TIGHT: Final = 0.75
"""Share in use from which berths and pools, which no consignment queues for, are tried as well."""


@dataclass(frozen=True)
class Gain:
    """What one more unit of an element brings.

    Attributes:
        one: the unit.
        more: delivered more in all, Mt/yr, with its interval, paired on common random numbers.
        boxes: TEU/yr of the corridor's own boxes delivered more; None in a corridor without boxes.
        shorter: consignments fewer that wait, on average over the window, everywhere together.
        waiting: the element's share of all waiting in the run, NaN for what has no queue of its own.
        price: USD a year that the unit costs, NaN where nobody knows.
        source: figure of the price, or empty.
    """

    one: OneMore
    more: Interval
    boxes: Interval | None
    shorter: Interval
    waiting: float
    price: float = float("nan")
    source: str = ""

    @property
    def per_tonne(self) -> float:
        """USD per tonne delivered more; NaN where the price is not known or nothing more is delivered."""
        sure = self.more.mean > 0 and not self.more.low <= 0
        return self.price / (1e6 * self.more.mean) if sure else float("nan")


class _LightSink(MemorySink):
    """Keeps the KPIs of replications alone: a ranking holds many of them at once."""

    def write(self, outcome: Outcome) -> None:
        """Keep one."""
        self.outcomes[outcome.number] = replace(outcome, series={}, breakdown={}, records={})


def units_of(
    model: Model, base: Sequence[Outcome], *, elements: Sequence[str] = (), most: int = 10
) -> tuple[OneMore, ...]:
    """Choose what is tried.

    Args:
        model: the corridor.
        base: its replications.
        elements: patterns of subjects (`line/*`), or none for those where most waiting is, with the berths
            and pools that are tight.
        most: how many at most, where no patterns are given.

    Raises:
        UsageError: a pattern fits no element that could be enlarged, or there is none.
    """
    every = candidates(model)
    if elements:
        for pattern in elements:
            if not any(fnmatchcase(one.subject, pattern) for one in every):
                known = ", ".join(one.subject for one in every[:5])
                message = f"no element {pattern} that could be enlarged; there are {known} and others"
                raise UsageError(message)
        return tuple(one for one in every if any(fnmatchcase(one.subject, p) for p in elements))
    means = _means(base)
    shares = waiting_shares(means)
    worst = max(shares.values(), default=0.0)

    def weight(one: OneMore) -> float:
        if one.subject in shares:
            return shares[one.subject]
        used = means.get(Key("utilisation", one.subject, "share"), 0.0)
        return worst * used if used >= TIGHT else 0.0

    ranked = sorted(every, key=lambda one: (-weight(one), one.subject))
    chosen = tuple(one for one in ranked if weight(one) > 0)[:most] or tuple(ranked[:most])
    if not chosen:
        message = "nothing in this corridor has a capacity that could be enlarged"
        raise UsageError(message)
    return chosen


def waiting_shares(means: Mapping[Key, float]) -> dict[str, float]:
    """Give each element's share of all time that consignments wait in the window, over the replications."""
    queues = {key.subject: value for key, value in means.items() if key.kpi == "queue.mean"}
    total = sum(queues.values())
    return {subject: value / total for subject, value in queues.items()} if total > 0 else {}


def gains(
    simulation: Simulation,
    base: Sequence[Outcome],
    units: Sequence[OneMore],
    executor: Executor,
    *,
    confidence: float = 0.95,
    prices: Mapping[str, tuple[float, str]] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> tuple[Gain, ...]:
    """Replicate the corridor with one more unit of each element, on the draws of the run.

    Args:
        simulation: of the run.
        base: its replications 0, 1, ….
        units: what is tried.
        executor: where.
        confidence: of intervals.
        prices: USD a year and figure of one unit, by subject.
        progress: called after every replication.

    Returns:
        The most useful first, ties by what is delivered more in boxes, then by how much less waits.
    """
    sinks = {one.subject: _LightSink() for one in units}
    jobs = [
        Job(
            one.subject,
            replace(simulation, model=enlarged(simulation.model, one), records=False),
            len(base),
            sinks[one.subject],
        )
        for one in units
    ]
    replicate(jobs, executor, progress=progress)
    before = matrix([outcome.kpis for outcome in base])
    shares = waiting_shares(_means(base))
    found = []
    for one in units:
        after = matrix([sinks[one.subject].outcomes[number].kpis for number in range(len(base))])
        price, source = (prices or {}).get(one.subject, (float("nan"), ""))
        found.append(
            Gain(
                one,
                more=t_interval(_column(after, TONNES) - _column(before, TONNES), confidence),
                boxes=t_interval(_column(after, BOXES) - _column(before, BOXES), confidence)
                if BOXES in before.keys and BOXES in after.keys
                else None,
                shorter=t_interval(_waiting(before) - _waiting(after), confidence),
                waiting=shares.get(one.subject, float("nan")),
                price=price,
                source=source,
            )
        )
    return tuple(
        sorted(
            found,
            key=lambda gain: (
                -round(gain.more.mean, 9),
                -(gain.boxes.mean if gain.boxes is not None else 0.0),
                -gain.shorter.mean,
                gain.one.subject,
            ),
        )
    )


def _means(outcomes: Sequence[Outcome]) -> dict[Key, float]:
    whole = matrix([outcome.kpis for outcome in outcomes])
    known = ~np.isnan(whole.values)
    counts = known.sum(axis=0)
    sums = np.where(known, whole.values, 0.0).sum(axis=0)
    return {key: float(sums[k] / counts[k]) for k, key in enumerate(whole.keys) if counts[k]}


def _column(figures: Matrix, key: Key) -> np.ndarray:
    if key not in figures.keys:
        return np.zeros(len(figures.values))
    return np.nan_to_num(figures.values[:, figures.keys.index(key)])


def _waiting(figures: Matrix) -> np.ndarray:
    columns = [k for k, key in enumerate(figures.keys) if key.kpi == "queue.mean"]
    out: np.ndarray = figures.values[:, columns].sum(axis=1)
    return out
