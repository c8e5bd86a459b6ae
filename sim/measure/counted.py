"""Consignments counted over time: offered and ended by instants, readings and batches, for all who ask, once.

From `consignments` alone. What the counts are for is written where they are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.engine.records import Outcome
from sim.measure.folds import Floats, Ints, count, total
from sim.model.times import DAY

if TYPE_CHECKING:
    from sim.measure.view import View

INSTANTS: Final = 100
"""Into how many parts the window is cut for series that are read at instants."""
BATCHES: Final = 10
"""Batches over which growth is tested."""
READINGS: Final = 360
"""Readings that a window has at least, unless they came more often than hourly."""
STEPS: Final = tuple(DAY // parts for parts in (1, 2, 3, 4, 6, 8, 12, 24))
"""Seconds that may lie between readings, so that days begin with one."""


@dataclass(frozen=True)
class Counted:
    """Consignments by flow.

    Attributes:
        offered, ended: offered, and delivered, turned away or gone outside, by each of the equally spaced
            instants of the window, both ends included, shape (flows, INSTANTS + 1).
        batches: offered in each of the window's batches, shape (flows, BATCHES).
        offered_before, delivered_before, ended_before: before each reading, which are `reading_step` apart
            from the window's start on, shape (flows, readings); what was delivered in the warm-up is left
            out.
        spent: seconds of the window between offer and end, shape (flows,).
    """

    offered: Floats
    ended: Floats
    batches: Floats
    offered_before: Floats
    delivered_before: Floats
    ended_before: Floats
    spent: Floats

    @classmethod
    def of(cls, view: View) -> Counted:
        """Count."""
        end, size = view.end, len(view.layout.flows)
        flow, arrived, finished = view.records.consignments.flow, view.arrived, view.finished
        # What stands at the window's end has not happened.
        gone, inside = np.flatnonzero(finished < end), np.flatnonzero(view.inside(arrived))
        batch = flow[inside] * BATCHES + arrived[inside] * BATCHES // end
        until = np.where(view.records.consignments.outcome == Outcome.UNDER_WAY, end, finished)
        # Sums of whole seconds far below 2**53: floats hold them exactly.
        spent = np.maximum(np.minimum(until, end) - np.maximum(arrived, 0), 0)
        return cls(
            offered=by_instant(flow, arrived, size=size, end=end),
            ended=by_instant(flow[gone], finished[gone], size=size, end=end),
            batches=count(batch, size=size * BATCHES).reshape(size, BATCHES),
            offered_before=_by_reading(flow, arrived, size=size, end=end),
            delivered_before=_by_reading(flow[view.done], finished[view.done], size=size, end=end),
            ended_before=_by_reading(flow[gone], finished[gone], size=size, end=end),
            spent=total(flow, spent, size=size),
        )

    @classmethod
    def summed(cls, by_instant: Ints, by_reading: Ints, batches: Ints, spent: Ints) -> Counted:
        """Take counts of single instants and readings, and add up those before.

        Args:
            by_instant: offered and ended, by the first sample that sees it, shape (2, flows, INSTANTS + 2).
            by_reading: offered, delivered, ended, by the first reading after it, shape
                (3, flows, readings + 1).
            batches: offered by batch.
            spent: seconds.
        """
        instants, readings = (add_up(counted) for counted in (by_instant, by_reading))
        floats = (batches.astype(np.float64), *readings, spent.astype(np.float64))
        return cls(*instants, *floats)


def reading_step(end: int) -> int:
    """Give the seconds between readings: a day, or less where the window would hold fewer than `READINGS`.

    Args:
        end: end of the window in seconds.
    """
    return next((step for step in STEPS if end >= READINGS * step), STEPS[-1])


def instant_of(times: Ints, end: int) -> Ints:
    """Give the first of the equally spaced instants that sees each time: INSTANTS t / end, rounded up."""
    place: Ints = np.minimum(-(-INSTANTS * np.maximum(times, 0) // end), INSTANTS + 1)
    return place


def by_instant(group: Ints, when: Ints, *, size: int, end: int) -> Floats:
    """Count what has happened by each of the equally spaced instants, shape (size, INSTANTS + 1)."""
    return add_up(table(group, instant_of(when, end), shape=(size, INSTANTS + 2)))


def _by_reading(flow: Ints, when: Ints, *, size: int, end: int) -> Floats:
    """Count events strictly before each reading, shape (size, readings)."""
    # An event after the reading r, or at it, is before the reading r + 1.
    step = reading_step(end)
    readings = end // step + 1
    place = np.minimum(np.maximum(when, -1) // step + 1, readings)
    return add_up(table(flow, place, shape=(size, readings + 1)))


def table(group: Ints, place: Ints, *, shape: tuple[int, int]) -> Ints:
    """Count by group and place."""
    out: Ints = np.bincount(group * shape[1] + place, minlength=shape[0] * shape[1]).reshape(shape)
    return out


def add_up(counted: Ints) -> Floats:
    """Add up along the last axis, without its last place, which lies beyond the window."""
    return np.cumsum(counted, axis=-1)[..., :-1].astype(np.float64)
