"""Who waited where and for how long, gathered once for all who ask: by element, by week, by instant.

From rows of steps and, for those who never came to their first step, from `consignments`. What the figures
are for is written where they are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.engine.records import Outcome
from sim.measure.counted import INSTANTS, add_up, instant_of, table
from sim.measure.folds import Floats, Ints, total
from sim.measure.quantiles import Groups
from sim.measure.spans import pack
from sim.measure.tally import Rows
from sim.model.times import DAY

if TYPE_CHECKING:
    from sim.measure.view import View

WEEK = 7 * DAY
"""Seconds of a week."""


@dataclass(frozen=True)
class Waiting:
    """Waits of consignments at elements.

    Those that still wait at their origin for their first step have no step row yet and are counted in, so
    that Little's law (1961) holds exactly: queue.mean x window = sum of waits in the window.

    Attributes:
        lengths: seconds waited by those that started in the window, by element.
        begun: from when those waited that did so in the window, at least 0, packed with the element.
        gone: until when, of those that no longer wait at the window's end; both ascending.
        spent: seconds that consignments waited at each element in each week, shape (elements, weeks).
        at_instants: how many of each flow wait at equally spaced instants, shape (flows, INSTANTS + 1).
    """

    lengths: Groups
    begun: Ints
    gone: Ints
    spent: Floats
    at_instants: Floats

    @classmethod
    def of(cls, view: View) -> Waiting:
        """Gather the waits."""
        waits, end = view.waits, view.end
        inside = np.flatnonzero(view.inside(waits.started))
        lengths = pack(waits.element[inside], waits.started[inside] - waits.asked[inside])
        some = np.flatnonzero(waits.started > 0)
        at_origin = _at_origin(view)
        consignments = view.records.consignments
        flow, route = consignments.flow[at_origin], consignments.route[at_origin]
        first = view.layout.cell_element[view.layout.first[flow, route]]
        element = np.concatenate([waits.element[some], first])
        of_flow = np.concatenate([waits.flow[some], flow])
        since = np.maximum(np.concatenate([waits.asked[some], view.offered_at(at_origin)]), 0)
        until = np.concatenate([waits.started[some], np.full(len(at_origin), end)])
        over = np.flatnonzero(until < end)
        shape = (len(view.layout.elements), weeks_of(end))
        weeks = _by_week(element, since, shape=shape) - _by_week(element, until, shape=shape)
        shape = (len(view.layout.flows), INSTANTS + 2)
        instants = table(of_flow, instant_of(since, end), shape=shape)
        instants -= table(of_flow[over], instant_of(until[over], end), shape=shape)
        begun, gone = pack(element, since), pack(element[over], until[over])
        return cls.summed(lengths, begun, gone, weeks, instants, view=view)

    @classmethod
    def summed(
        cls, lengths: Ints, begun: Ints, gone: Ints, weeks: Ints, instants: Ints, *, view: View
    ) -> Waiting:
        """Take what has been counted of single waits, weeks and instants; sort and add up.

        Args:
            lengths: seconds waited, packed with the element, in any order; these three are sorted in place.
            begun: as above.
            gone: as above.
            weeks: waits begun less those over in each week, and the sum of their times, shape
                (2, elements, weeks).
            instants: waits begun less those over by the first instant that sees it, shape
                (flows, INSTANTS + 2).
            view: the replication.
        """
        number = view.layout.by_element(view.tally.count(Rows.STARTED)).astype(np.int64)
        begun.sort()
        gone.sort()
        edges = np.minimum(np.arange(1, weeks.shape[2] + 1) * WEEK, view.end)
        counted, times = np.cumsum(weeks, axis=2)
        # Waited by each week's end: since the begins of all waits begun, less since the ends of all over.
        waited = (counted * edges - times).astype(np.float64)
        spent = np.diff(waited, axis=1, prepend=0.0)
        return cls(Groups.packed(lengths, number=number), begun, gone, spent, add_up(instants))


def _by_week(element: Ints, times: Ints, *, shape: tuple[int, int]) -> Ints:
    """Count times by element and week, and add them up, shape (2, elements, weeks)."""
    code = element * shape[1] + np.minimum(times // WEEK, shape[1] - 1)
    size = shape[0] * shape[1]
    # Sums of whole seconds far below 2**53: floats hold them exactly.
    summed = total(code, times, size=size).astype(np.int64)
    return np.stack([np.bincount(code, minlength=size), summed]).reshape(2, *shape)


def weeks_of(end: int) -> int:
    """Give the weeks that a window has, the last perhaps shorter."""
    return -(-end // WEEK)


def _at_origin(view: View) -> Ints:
    here = view.at_origin
    outcome = view.records.consignments.outcome[here]
    waiting: Ints = here[(outcome == Outcome.UNDER_WAY) & (view.pair[here] >= 0)]
    return waiting
