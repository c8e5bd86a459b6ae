"""The closing statement: does the run balance, and does time only go forward?

Each side of a balance is counted from columns of its own, so that it fails when the records contradict
themselves. A run that does not balance is an error, never a warning.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np

from sim.engine.records import Outcome
from sim.errors import BalanceError
from sim.measure.folds import Floats, Ints, count
from sim.measure.names import Names
from sim.measure.servers import ServerTimes
from sim.measure.view import HOUR, View
from sim.model.measures import AMOUNTS, GRAIN, NAMES
from sim.model.model import Model
from sim.model.once import of_model


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


@dataclass(frozen=True)
class FlowBalances:
    """The balances of all flows, one row per flow and measure; columns as in `FlowBalance`, shape (n,)."""

    flow: Names
    measure: Names
    before: Floats
    offered: Floats
    delivered: Floats
    turned_away: Floats
    gone_outside: Floats
    under_way: Floats


@dataclass(frozen=True)
class ServerBalances:
    """The balances of all servers, one row each; columns as in `ServerBalance`, shape (n,)."""

    facility: Names
    server: Floats
    busy: Floats
    idle: Floats
    down: Floats
    blocked: Floats
    withdrawn: Floats
    window: Floats


@dataclass(frozen=True)
class Closing:
    """The closing statement of one replication, as columns and, when asked for, row by row."""

    by_flow: FlowBalances
    by_server: ServerBalances

    @property
    def flows(self) -> tuple[FlowBalance, ...]:
        """One row per flow and measure."""
        return tuple(FlowBalance._make(row) for row in zip(*_columns(self.by_flow), strict=True))

    @property
    def servers(self) -> tuple[ServerBalance, ...]:
        """One row per server."""
        rows = zip(*_columns(self.by_server), strict=True)
        return tuple(ServerBalance(facility, int(server), *hours) for facility, server, *hours in rows)


def _columns(rows: FlowBalances | ServerBalances) -> list[list[Any]]:
    columns = [getattr(rows, each.name) for each in fields(rows)]
    return [each.values() if isinstance(each, Names) else each.tolist() for each in columns]


def close(view: View, times: ServerTimes) -> Closing:
    """Draw up the closing statement.

    Raises:
        BalanceError: it does not balance.
    """
    return Closing(_close_flows(view), _close_servers(view, times))


class _Listed(NamedTuple):
    """The rows of a closing statement by flow: whose they are, and what one consignment is in the measure."""

    flow: Names
    measure: Names
    place: Ints
    size: Floats


@of_model
def _listed(model: Model) -> _Listed:
    """List each flow in consignments and in what these are measured in."""
    rows = []
    for place, flow in enumerate(model.flows):
        rows.append((flow.id, "consignments", place, 1.0))
        rows += [
            (flow.id, NAMES[measure], place, flow.amounts[measure] / GRAIN[measure])
            for measure in AMOUNTS
            if flow.amounts[measure]
        ]
    names, measures, places, sizes = zip(*rows, strict=True) if rows else ((), (), (), ())
    return _Listed(
        Names.of(names),
        Names.of(measures),
        np.array(places, dtype=np.int64),
        np.array(sizes, dtype=np.float64),
    )


def _close_flows(view: View) -> FlowBalances:
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
    flow, measure, place, size = _listed(view.model)
    return FlowBalances(flow, measure, *(columns[:, place] * size))


def _from_journeys(view: View) -> tuple[Floats, Floats]:
    """Count by flow the journeys that ended at a last step in the window, and who is still on the way."""
    consignments, here = view.records.consignments, view.at_origin
    delivered, on_the_way = view.journeys_over
    # Without a step row: still at the origin.
    waiting = here[(consignments.outcome[here] == Outcome.UNDER_WAY) & (view.offered_at(here) < view.end)]
    return delivered, on_the_way + count(consignments.flow[waiting], size=len(view.layout.flows))


def _close_servers(view: View, times: ServerTimes) -> ServerBalances:
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
    busy, idle, down, blocked, withdrawn = columns / HOUR
    return ServerBalances(
        facility=Names.at([facility.id for facility in view.model.facilities], times.facility),
        server=times.server.astype(np.float64),
        busy=busy,
        idle=idle,
        down=down,
        blocked=blocked,
        withdrawn=withdrawn,
        window=np.full(len(times.facility), view.hours),
    )
