"""What was delivered in the window and how long it took, gathered once for all who ask: by pair, by month.

From `consignments` alone. What the figures are for is written where they are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.engine.records import Outcome
from sim.measure.counted import table
from sim.measure.folds import Floats, Ints, count, total
from sim.measure.quantiles import Groups
from sim.measure.spans import pack
from sim.model.model import Model
from sim.model.once import of_model

if TYPE_CHECKING:
    from sim.measure.view import View


@dataclass(frozen=True)
class Deliveries:
    """Consignments delivered in the window, from offer to delivery; a pair is a flow on a route.

    Attributes:
        by_month: how many, by the month of delivery, shape (pairs, months).
        seconds: their transit time, likewise.
        kept: how many kept the route's promise, shape (pairs,).
        turned_away: how many of each flow were turned away, by month, shape (flows, months).
        of_flow: seconds of transit by flow.
        of_route: seconds of transit by route.
    """

    by_month: Floats
    seconds: Floats
    kept: Floats
    turned_away: Floats
    of_flow: Groups
    of_route: Groups

    @property
    def number(self) -> Floats:
        """How many, shape (pairs,)."""
        out: Floats = self.by_month.sum(axis=1)
        return out

    @property
    def spent(self) -> Floats:
        """Their seconds of transit, shape (pairs,)."""
        out: Floats = self.seconds.sum(axis=1)
        return out

    @classmethod
    def of(cls, view: View) -> Deliveries:
        """Gather the deliveries."""
        done, months = view.done, view.months
        consignments, size = view.records.consignments, view.layout.pairs
        flow, route, pair = consignments.flow[done], consignments.route[done], view.pair[done]
        finished = view.finished[done]
        spent = finished - view.arrived[done]
        month = month_of(months, finished)
        shape = (size, len(months))
        # Sums of whole seconds far below 2**53: floats hold them exactly.
        seconds = total(pair * len(months) + month, spent, size=size * len(months)).reshape(shape)
        turned = np.flatnonzero(view.finished_inside & (consignments.outcome == Outcome.TURNED_AWAY))
        last = month_of(months, view.finished[turned])
        lasting = np.flatnonzero(spent)
        return cls.summed(
            view,
            by_month=table(pair, month, shape=shape),
            seconds=seconds,
            kept=count(pair[spent <= promises(view.model)[route]], size=size),
            turned_away=table(consignments.flow[turned], last, shape=(len(view.layout.flows), len(months))),
            of_flow=pack(flow[lasting], spent[lasting]),
            of_route=pack(route[lasting], spent[lasting]),
        )

    @classmethod
    def summed(
        cls,
        view: View,
        *,
        by_month: Ints,
        seconds: Ints | Floats,
        kept: Ints | Floats,
        turned_away: Ints,
        of_flow: Ints,
        of_route: Ints,
    ) -> Deliveries:
        """Take what has been counted, and sort.

        Args:
            view: the replication.
            by_month: as above.
            seconds: as above.
            kept: as above.
            turned_away: as above.
            of_flow: seconds of transit that are not 0, packed with the flow, in any order; they are sorted in
                place.
            of_route: the same with the route.
        """
        layout, floats = view.layout, by_month.astype(np.float64)
        number = floats.sum(axis=1)
        return cls(
            floats,
            seconds.astype(np.float64, copy=False),
            kept.astype(np.float64, copy=False),
            turned_away.astype(np.float64),
            Groups.packed(of_flow, number=layout.by_flow(number).astype(np.int64)),
            Groups.packed(of_route, number=layout.by_route(number).astype(np.int64)),
        )


def month_of(months: Ints, times: Ints) -> Ints:
    """Give the month of each time, counted from the window's first."""
    return np.searchsorted(months, times, side="right") - 1


@of_model
def promises(model: Model) -> Floats:
    """Give how many seconds each route promises; NaN without a promise."""
    return np.array([np.nan if one.promise is None else one.promise for one in model.routes])
