"""Stopping: how many replications are enough for the precision that was asked for.

Holds the sequential rule with look-ahead. It decides from figures already measured; who runs the next
replication, and where, is the business of a study.

The rule is one on prefixes: replications are read in the order of their number, whatever order they
finished in, so that a run that was resumed or spread over processes stops at the same number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.errors import UsageError
from sim.statistics.intervals import t_interval
from sim.statistics.samples import FloatArray, IntArray, anchors, as_matrix, as_sample, checked_confidence
from sim.statistics.student import t_critical

BoolArray = NDArray[np.bool_]

SMALLEST = 3
"""The smallest number of replications that is ever called enough."""


@dataclass(frozen=True)
class Needed:
    """How many replications one figure needs.

    Attributes:
        n: the smallest number that is enough; None when it was not reached.
        run: how many values were looked at, those of the look-ahead included.
        reached: whether n was found.
        mean: of the first n values (of all, when not reached).
        half_width: of the first n values (of all, when not reached).
    """

    n: int | None
    run: int
    reached: bool
    mean: float
    half_width: float


@dataclass(frozen=True)
class Decision:
    """What the figures so far say about going on.

    Attributes:
        done: no further replication is to be run: precise enough, or `at_most` has been reached.
        reached: precise enough.
        n: the smallest number of replications at which every figure is precise enough; None until then.
        run: how many replications were looked at.
        slowest_kpi: the name of the figure that takes longest; empty when there is none to wait for.
        ratio: the slowest figure's half-width over the one allowed, at all replications so far; NaN
            when there is none.
        expected: how many replications it will take in all, as far as the sd so far tells, look-ahead
            included; for an estimate of what is left.
        undefined: names of figures that had a value in no replication; they are not waited for.
    """

    done: bool
    reached: bool
    n: int | None
    run: int
    slowest_kpi: str
    ratio: float
    expected: int
    undefined: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PrecisionRule:
    """Replicate until every half-width is small enough, and stays so (Hoad, Robinson and Davies, 2010).

    Enough is the smallest n >= 3 at which, for each figure, the half-width of the first n replications
    and of each of the next `look_ahead` sizes is at most max(precision × |mean|, floor). The look-ahead
    guards against three replications that agree by chance. The mean may be negative; where it may be
    near zero no relative precision is ever reached, and only `floor` (or `at_most`) ends the run.

    Attributes:
        kpis: names of the figures, one per column; distinct.
        precision: half-width as a share of |mean|, above 0.
        confidence: of the half-width, between 0 and 1.
        look_ahead: how many further sizes must hold too, at least 0.
        minimum: replications run before anything is decided, at least 3.
        floor: a half-width that is always small enough, in the unit of the figure: one number, or one
            per figure, at least 0.
        at_most: replications after which the rule gives up, reached or not.
    """

    kpis: tuple[str, ...] = ("value",)
    precision: float = 0.05
    confidence: float = 0.95
    look_ahead: int = 10
    minimum: int = 5
    floor: float | Sequence[float] = 0.0
    at_most: int = 1000

    def __post_init__(self) -> None:
        checked_confidence(self.confidence)
        floors = np.asarray(self.floor, dtype=np.float64)
        legal = {
            "at least one figure is needed, and no name twice": 0 < len(self.kpis) == len(set(self.kpis)),
            f"precision is {self.precision}; a finite share above 0 expected": 0 < self.precision < math.inf,
            f"look_ahead is {self.look_ahead}; at least 0 expected": self.look_ahead >= 0,
            f"minimum is {self.minimum}; at least {SMALLEST} expected": self.minimum >= SMALLEST,
            f"at_most is {self.at_most}; at least the minimum of {self.minimum} expected": self.at_most
            >= self.minimum,
            f"floor is {self.floor}; one finite number of at least 0, or one per figure, expected": (
                floors.shape in ((), (len(self.kpis),))
                and bool((floors >= 0.0).all() and np.isfinite(floors).all())
            ),
        }
        for message, holds in legal.items():
            if not holds:
                raise UsageError(message)

    def update(self, matrix: ArrayLike) -> Decision:
        """Decide from all replications so far.

        Args:
            matrix: figures of replications 0, 1, …, shape (replications, kpis), all of them each time;
                the answer depends on nothing else. A NaN, a figure not defined in that replication,
                is left out of the mean and the half-width of its figure.

        Returns:
            Whether to stop, and which figure is holding things up.

        Raises:
            UsageError: another number of columns than names, or an infinite value.
        """
        array = as_matrix(matrix, "the matrix of figures")
        if array.shape[1] != len(self.kpis):
            message = f"the matrix has {array.shape[1]} columns for {len(self.kpis)} figures"
            raise UsageError(message)
        # What lies beyond the limit is not read: one by one it would never have been run.
        array = array[: self.at_most]
        run = int(array.shape[0])
        unseen = np.flatnonzero(np.isnan(array).all(axis=0)).tolist()
        undefined = tuple(self.kpis[column] for column in unseen)
        if run < self.minimum:
            expected = max(self.minimum, SMALLEST + self.look_ahead)
            return Decision(False, False, None, run, "", math.nan, expected, undefined)

        ratio, count = self._ratios(array)
        # A figure without any value so far is not waited for; judged size by size, so that the answer
        # does not depend on how many replications came at once.
        precise = (count == 0) | ((ratio <= 1.0) & (count >= SMALLEST))
        precise[: SMALLEST - 1] = False
        n = _first_run(precise.all(axis=1), self.look_ahead)
        slowest = self._slowest(precise, ratio=ratio[-1], count=count[-1])
        expected = run
        if n is None:
            expected = self._expected(precise.all(axis=1), ratio=ratio[-1], count=count[-1])
        return Decision(
            done=n is not None or run >= self.at_most,
            reached=n is not None,
            n=n,
            run=run,
            slowest_kpi="" if slowest is None else self.kpis[slowest],
            ratio=math.nan if slowest is None else float(ratio[-1, slowest]),
            expected=expected,
            undefined=undefined,
        )

    def _ratios(self, array: FloatArray) -> tuple[FloatArray, IntArray]:
        """Give half-width over the one allowed, and the count, of each prefix, shape (run, kpis)."""
        seen = ~np.isnan(array)
        anchor = anchors(array)
        distance = np.where(seen, array - anchor, 0.0)
        count = np.cumsum(seen, axis=0)
        first = np.cumsum(distance, axis=0)
        second = np.cumsum(distance**2, axis=0)
        sizes = np.arange(array.shape[0] + 1)
        critical = t_critical(self.confidence, sizes - 1)[count]
        with np.errstate(divide="ignore", invalid="ignore"):
            shift = first / count
            variance = np.maximum(second - first * shift, 0.0) / (count - 1)
            half_width = critical * np.sqrt(variance / count)
            allowed = np.maximum(self.precision * np.abs(anchor + shift), np.asarray(self.floor))
            ratio = np.where(half_width == 0.0, 0.0, half_width / allowed)
        return ratio, count

    def _slowest(self, precise: BoolArray, *, ratio: FloatArray, count: IntArray) -> int | None:
        """Give the column that is precise last; among those not yet so, the one furthest from it."""
        columns = np.flatnonzero(count > 0).tolist()
        ready = {column: _first_run(precise[:, column], self.look_ahead) for column in columns}
        waiting = [column for column in columns if ready[column] is None]
        if waiting:
            return max(waiting, key=lambda column: math.inf if math.isnan(ratio[column]) else ratio[column])
        return max(columns, key=lambda column: ready[column] or 0, default=None)

    def _expected(self, precise: BoolArray, *, ratio: FloatArray, count: IntArray) -> int:
        """Extrapolate by the worst figure: the half-width falls with the root of the number."""
        run = precise.size
        if precise[-1]:
            since = int(np.argmin(precise[::-1])) if not precise.all() else run
            return min(self.at_most, run + self.look_ahead + 1 - since)
        known = ratio[count > 1]
        worst = float(known.max()) if known.size else math.inf
        if not worst * worst * run < self.at_most:
            return self.at_most
        return min(self.at_most, max(run + 1, math.ceil(worst * worst * run)) + self.look_ahead)


def _first_run(holds: BoolArray, look_ahead: int) -> int | None:
    """Give the smallest size from which the condition holds look_ahead + 1 times on end."""
    length = look_ahead + 1
    if holds.size < length:
        return None
    total = np.concatenate(([0], np.cumsum(holds)))
    starts = np.flatnonzero(total[length:] - total[:-length] == length)
    return int(starts[0]) + 1 if starts.size else None


def replications_needed(
    values: ArrayLike | Callable[[int], float],
    precision: float = 0.05,
    *,
    confidence: float = 0.95,
    look_ahead: int = 10,
    minimum: int = 5,
    floor: float = 0.0,
    at_most: int = 1000,
) -> Needed:
    """Find how many replications one figure needs; see `PrecisionRule` for the rule.

    Args:
        values: the figure of replications 0, 1, …, shape (n,); or a function that runs replication k
            and returns it, called with k = 0, 1, … until the rule is met or `at_most` calls are made.
        precision: half-width as a share of |mean|, above 0.
        confidence: of the half-width, between 0 and 1.
        look_ahead: how many further sizes must hold too, at least 0.
        minimum: values looked at before anything is decided, at least 3.
        floor: a half-width that is always small enough, in the unit of the values.
        at_most: how many values are looked at in any case.

    Returns:
        The smallest number that is enough, or that it was not reached.

    Raises:
        UsageError: an argument out of range.
    """
    rule = PrecisionRule(
        precision=precision,
        confidence=confidence,
        look_ahead=look_ahead,
        minimum=minimum,
        floor=floor,
        at_most=at_most,
    )
    if callable(values):
        seen: list[float] = []
        decision = rule.update(np.empty((0, 1)))
        while not decision.done:
            seen.append(float(values(len(seen))))
            decision = rule.update(np.array(seen)[:, np.newaxis])
        sample = np.array(seen)
    else:
        sample = as_sample(values)[:at_most]
        decision = rule.update(sample[:, np.newaxis])
    counted = decision.n if decision.n is not None else sample.size
    interval = t_interval(sample[:counted], confidence)
    return Needed(decision.n, int(sample.size), decision.reached, interval.mean, interval.half_width)
