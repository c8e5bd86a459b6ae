"""Little's law (1961), checked after every run: the number under way and the time spent must be one thing.

The mean number under way, counted from offers and ends of consignments, times the window is the time that
consignments spend in the window, added up from the rows of their steps. Two tables are read that an engine
fills in different places; when they part, one of them is wrong.
"""

from __future__ import annotations

import numpy as np

from sim.engine.records import Outcome
from sim.errors import BalanceError
from sim.measure.folds import Floats, total
from sim.measure.view import HOUR, View


def check(view: View) -> None:
    """Check the law for every flow.

    Raises:
        BalanceError: naming the first flow for which the two do not agree, with both numbers.
    """
    counted, spent = view.counted.spent, _spent(view)
    wrong = np.flatnonzero(counted != spent)
    if len(wrong):
        flow = int(wrong[0])
        mean = [float(each[flow]) / HOUR / view.hours for each in (counted, spent)]
        message = (
            f"flow {view.model.flows[flow].id}: {mean[0]:.9g} consignments under way in the mean by their "
            f"offers and ends, {mean[1]:.9g} by the time in their steps"
        )
        raise BalanceError(message)


def _spent(view: View) -> Floats:
    """Add up the time from being asked to being left at every step, by flow, in consignment-seconds.

    Who waits at the origin for a route to open has no row of a step yet, and never has one where none
    takes it then and it is turned away.
    """
    here, consignments = view.at_origin, view.records.consignments
    until = np.where(
        consignments.outcome[here] == Outcome.UNDER_WAY, view.end, view.cut(consignments.finished[here])
    )
    spent = np.minimum(until, view.end) - np.maximum(view.offered_at(here), 0)
    return view.under_way + total(consignments.flow[here], np.maximum(spent, 0), size=len(view.model.flows))
