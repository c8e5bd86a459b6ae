"""Stationarity: whether a backlog grows without end, so that its means mean nothing.

Holds the test behind the flag *not stationary*. How a backlog is measured is the business of
`measure`; where a run that does settle begins to be usable is `warmup`.

Why this test. A mean over a window estimates a property of the system only if the backlog has nowhere
to go. By conservation the backlog's rise is what was offered and not dealt with, so its slope, as a share
of the rate offered, is the share of demand the system cannot carry. Four things can fool a slope: chance,
hence an interval over independent replications; a trifle that a thousand replications would make
significant, hence a floor; a wave of the seasons, which tilts a least-squares line though the year ends
where it began, hence the second demand that the end lie above the start; and a line that opens in the middle
of the window, which fills and then keeps its level, hence the third demand that the latter half still rise.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from sim.errors import UsageError
from sim.statistics.intervals import Interval, t_interval
from sim.statistics.multiplicity import shared_confidence
from sim.statistics.samples import FloatArray, as_matrix, as_sample, checked_confidence

BATCHES = 10
"""Batches a single replication is cut into."""

END = 50
"""Each end is a fiftieth of the window: a week of a year, so that no timetable shows and no season."""


@dataclass(frozen=True)
class Growth:
    """How fast a backlog grows; rates in the unit of the series per unit of the times.

    Attributes:
        slope: mean over replications of the least-squares slope; for a single replication its mean
            growth over ten batches.
        low: lower bound of the slope's interval; NaN when it cannot be given.
        high: upper bound.
        rise: mean over replications of (mean of the last fiftieth − mean of the first) / (time between
            their middles); equals `slope` for a single replication.
        rise_low: lower bound of the interval of the rise.
        rise_high: upper bound of the interval of the rise.
        later: mean over replications of (mean of the last quarter − mean of the third) / a quarter; for a
            single replication its mean growth over the latter five batches.
        later_low: lower bound of its interval.
        n: replications.
        confidence: of each interval, between 0 and 1.
        floor: the rate that is still called standing still.
        growing: all three lower bounds lie above the floor.
    """

    slope: float
    low: float
    high: float
    rise: float
    rise_low: float
    rise_high: float
    later: float
    later_low: float
    n: int
    confidence: float
    floor: float
    growing: bool


@dataclass(frozen=True)
class Stretch:
    """A part of the window, and how a backlog moved in it.

    Attributes:
        start: first time of the part.
        end: last time of the part.
        growth: within it, at a confidence shared with the other parts.
    """

    start: float
    end: float
    growth: Growth


def growth(series: ArrayLike, times: ArrayLike, *, confidence: float = 0.95, floor: float = 0.0) -> Growth:
    """Decide whether a backlog grows.

    With two replications or more the spread comes from between them. A single one is cut into ten
    batches of equal length, whose increments are nearly independent when the system is saturated, and
    which, when it is not, cancel each other: then the interval is too wide and the test errs on the quiet
    side.

    Args:
        series: backlog per replication, shape (replications, times), or (times,) for a single one.
        times: increasing and about evenly spaced, at least 10, shape (times,).
        confidence: of the intervals, between 0 and 1; a system at the floor is flagged with a chance of
            at most (1 − confidence) / 2.
        floor: rate of growth that is still called standing still, at least 0. A hundredth of the rate
            offered is a fair choice: over a year it leaves a backlog of less than four days.

    Returns:
        The slope with its interval, and the verdict.

    Raises:
        UsageError: shapes that do not fit, NaN or infinite values, times that do not increase, or an
            argument out of range.
    """
    backlog, at = _read(series, times)
    level = checked_confidence(confidence)
    if not floor >= 0.0:
        message = f"floor is {floor}; a rate of at least 0 expected"
        raise UsageError(message)
    if backlog.shape[0] == 1:
        batches = _batch_rates(backlog[0], at)
        slope = t_interval(batches, level)
        return _verdict(
            slope, slope, t_interval(batches[len(batches) // 2 :], level), n=1, floor=float(floor)
        )
    return growth_of(*_rates(backlog, at), confidence=level, floor=float(floor))


def rates(paths: ArrayLike, times: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give how fast backlogs grow, as `growth_of` takes it of several replications.

    Args:
        paths: shape (paths, times).
        times: as in `growth`.

    Returns:
        Slopes, rises and rises of the latter half, as in `Growth`, shape (paths,) each.

    Raises:
        UsageError: as `growth`.
    """
    return _rates(*_read(paths, times))


def growth_of(
    slopes: ArrayLike,
    rises: ArrayLike,
    laters: ArrayLike,
    *,
    confidence: float = 0.95,
    floor: float = 0.0,
) -> Growth:
    """Decide whether a backlog grows, from its rates in two replications or more.

    Args:
        slopes: of each replication, shape (replications,).
        rises: likewise.
        laters: likewise, of the latter half.
        confidence: as in `growth`.
        floor: likewise.
    """
    slope, rise, later = (t_interval(as_sample(each), confidence) for each in (slopes, rises, laters))
    return _verdict(slope, rise, later, n=len(as_sample(slopes)), floor=floor)


def growing_stretches(
    series: ArrayLike,
    times: ArrayLike,
    *,
    stretches: int = 6,
    confidence: float = 0.95,
    floor: float = 0.0,
) -> tuple[Stretch, ...]:
    """Find the parts of the window in which a backlog grows, though over the whole it may not.

    A line that is overrun each November and catches up in spring shows no growth over a year, yet its
    mean wait of the year describes no day of it.

    Args:
        series: backlog per replication, shape (replications, times), or (times,) for a single one.
        times: increasing and about evenly spaced, at least 10 per stretch, shape (times,).
        stretches: parts of equal length, at least 1; six make two months of a year.
        confidence: that no part is flagged wrongly, shared among them by Bonferroni.
        floor: as in `growth`.

    Returns:
        The parts that grow, in order of time.

    Raises:
        UsageError: as `growth`.
    """
    backlog, at = _read(series, times)
    each = shared_confidence(confidence, stretches)
    edges = np.searchsorted(at, np.linspace(at[0], at[-1], stretches + 1)[1:-1], side="left")
    bounds = [0, *edges.tolist(), at.size - 1]
    found = []
    for start, end in pairwise(bounds):
        part = slice(start, end + 1)
        verdict = growth(backlog[:, part], at[part], confidence=each, floor=floor)
        if verdict.growing:
            found.append(Stretch(float(at[start]), float(at[end]), verdict))
    return tuple(found)


def _read(series: ArrayLike, times: ArrayLike) -> tuple[FloatArray, FloatArray]:
    at = as_sample(times, "the times")
    backlog = as_matrix(np.atleast_2d(np.asarray(series, dtype=np.float64)), "the series of backlogs")
    if backlog.shape[0] == 0 or backlog.shape[1] != at.size or at.size < BATCHES:
        message = (
            f"the series has shape {backlog.shape} and there are {at.size} times; "
            f"(replications, times) with at least {BATCHES} times expected"
        )
        raise UsageError(message)
    if np.isnan(backlog).any() or np.isnan(at).any() or (np.diff(at) <= 0.0).any():
        message = "backlogs and times must be numbers, and the times must increase"
        raise UsageError(message)
    return backlog, at


def _verdict(slope: Interval, rise: Interval, later: Interval, *, n: int, floor: float) -> Growth:
    return Growth(
        slope=slope.mean,
        low=slope.low,
        high=slope.high,
        rise=rise.mean,
        rise_low=rise.low,
        rise_high=rise.high,
        later=later.mean,
        later_low=later.low,
        n=n,
        confidence=slope.confidence,
        floor=floor,
        growing=all(each.low > floor for each in (slope, rise, later)),
    )


def _rates(backlog: FloatArray, at: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    return _slopes(backlog, at), _rises(backlog, at), _laters(backlog, at)


def _slopes(backlog: FloatArray, at: FloatArray) -> FloatArray:
    lever = at - at.mean()
    # Distances from the start keep a constant backlog at a slope of exactly 0.
    return np.asarray((backlog - backlog[:, :1]) @ lever / (lever @ lever), dtype=np.float64)


def _rises(backlog: FloatArray, at: FloatArray) -> FloatArray:
    ends = max(1, at.size // END)
    apart = at[-ends:].mean() - at[:ends].mean()
    return np.asarray((backlog[:, -ends:].mean(axis=1) - backlog[:, :ends].mean(axis=1)) / apart)


def _laters(backlog: FloatArray, at: FloatArray) -> FloatArray:
    half, last = at.size // 2, at.size - at.size // 4
    apart = at[last:].mean() - at[half:last].mean()
    return np.asarray((backlog[:, last:].mean(axis=1) - backlog[:, half:last].mean(axis=1)) / apart)


def _batch_rates(backlog: FloatArray, at: FloatArray) -> FloatArray:
    edges = np.round(np.linspace(0, at.size - 1, min(BATCHES, at.size - 1) + 1)).astype(np.int64)
    return np.asarray(np.diff(backlog[edges]) / np.diff(at[edges]), dtype=np.float64)
