"""The closing statement: does the run balance, and does time only go forward?

Each side of a balance is counted from columns of its own, so that it fails when the records contradict
themselves. A run that does not balance is an error, never a warning.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.engine.records import Outcome
from sim.errors import BalanceError
from sim.measure.folds import Floats, count
from sim.measure.servers import ServerTimes
from sim.measure.view import HOUR, View
from sim.model.measures import AMOUNTS, GRAIN, NAMES


class FlowBalance(NamedTuple):
    """One flow in one measure; amounts in consignments, t, TEU, wagons, trucks, trains as offered.

    before + offered = delivered + turned_away + gone_outside + under_way.
    """

    flow: str
    measure: str
    before: float
    offered: float
    delivered: float
    turned_away: float
    gone_outside: float
    under_way: float


class ServerBalance(NamedTuple):
    """One server of a facility, hours: busy + idle + down + blocked + withdrawn = window."""

    facility: str
    server: int
    busy: float
    idle: float
    down: float
    blocked: float
    withdrawn: float
    window: float


class Closing(NamedTuple):
    """The closing statement of one replication."""

    flows: tuple[FlowBalance, ...]
    servers: tuple[ServerBalance, ...]


def close(view: View, times: ServerTimes) -> Closing:
    """Draw up the closing statement.

    Raises:
        BalanceError: it does not balance.
    """
    return Closing(_close_flows(view), _close_servers(view, times))


def _close_flows(view: View) -> tuple[FlowBalance, ...]:
    """Delivered and under way are counted from journeys, all else from `consignments`."""
    found = view.counts
    delivered, under_way = _from_journeys(view)
    columns = np.stack(
        [
            found["under_way_before"],
            found["offered"],
            delivered,
            found["turned_away"],
            found["gone_outside"],
            under_way,
        ]
    )
    off = columns[0] + columns[1] - columns[2:].sum(axis=0)
    if off.any():
        f = int(np.flatnonzero(off)[0])
        before, offered, done, turned, outside, left = columns[:, f].astype(int).tolist()
        msg = (
            f"flow {view.model.flows[f].id} does not balance: {before} under way at the window's start "
            f"+ {offered} offered, but {done} delivered + {turned} turned away + {outside} gone outside "
            f"+ {left} under way at its end"
        )
        raise BalanceError(msg)
    rows = []
    for flow, entries in zip(view.model.flows, columns.T.tolist(), strict=True):
        rows.append(FlowBalance(flow.id, "consignments", *entries))
        for measure in AMOUNTS:
            if flow.amounts[measure]:
                size = flow.amounts[measure] / GRAIN[measure]
                rows.append(
                    FlowBalance._make((flow.id, NAMES[measure], *(size * entry for entry in entries)))
                )
    return tuple(rows)


def _from_journeys(view: View) -> tuple[Floats, Floats]:
    """Count by flow the journeys that ended at a last step in the window, and who is still on the way."""
    consignments, here = view.records.consignments, view.at_origin
    delivered, on_the_way = view.journeys_over
    # Without a step row: still at the origin.
    waiting = here[(consignments.outcome[here] == Outcome.UNDER_WAY) & (view.offered_at(here) < view.end)]
    return delivered, on_the_way + count(consignments.flow[waiting], size=len(view.layout.flows))


def _close_servers(view: View, times: ServerTimes) -> tuple[ServerBalance, ...]:
    """The parts of a server's time add up to the window, and none is negative."""
    columns = np.stack([times.busy, times.idle, times.down, times.blocked, times.withdrawn])
    off = (columns.sum(axis=0) != view.end) | (columns < 0).any(axis=0)
    if off.any():
        k = int(np.flatnonzero(off)[0])
        busy, idle, down, blocked, withdrawn = columns[:, k].astype(int).tolist()
        msg = (
            f"facility {view.model.facilities[int(times.facility[k])].id}, server {int(times.server[k])}: "
            f"busy {busy} + idle {idle} + down {down} + blocked {blocked} + withdrawn {withdrawn} s "
            f"is not the window of {view.end} s"
        )
        raise BalanceError(msg)
    names = [view.model.facilities[f].id for f in times.facility.tolist()]
    hours = [column.tolist() for column in columns / HOUR]
    window = [view.hours] * len(names)
    rows = zip(names, times.server.tolist(), *hours, window, strict=True)
    return tuple(ServerBalance._make(row) for row in rows)
