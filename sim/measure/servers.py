"""What servers of facilities did: busy, blocked, down, withdrawn, idle; the balance of each server.

Precedence where states overlap: withdrawn, down, busy, blocked, idle. A server blocked in one direction
may serve the other meanwhile (model.md 3, Blocking): then it is busy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.engine.records import ServerState
from sim.errors import BalanceError
from sim.measure.collect import KpiRows
from sim.measure.folds import Floats, Ints, ratio, total
from sim.measure.layout import counted
from sim.measure.quantiles import BITS
from sim.measure.spans import Spans, pack
from sim.measure.view import View


@dataclass(frozen=True)
class ServerTimes:
    """Seconds of the window by server; all columns of shape (servers,).

    Attributes:
        facility: index of the facility.
        server: number in the facility.
        busy: in service.
        idle: in commission with nothing to do.
        down: failed.
        blocked: held by a consignment that its next step does not admit.
        withdrawn: not in commission.
    """

    facility: Ints
    server: Ints
    busy: Floats
    idle: Floats
    down: Floats
    blocked: Floats
    withdrawn: Floats


def server_times(view: View) -> ServerTimes:
    """Work out what each server did in the window.

    Raises:
        BalanceError: where a server serves two consignments at once.
    """
    services = view.services
    blocked = _blocked(view)
    work, seconds = _work(view)
    found = work.overlap()
    if found is not None:
        place, number = divmod(found >> BITS, 1 << services.bits)
        time = (found & ((1 << BITS) - 1)) + view.model.clock.begin
        name = view.model.facilities[place].id
        msg = f"facility {name}: server {number} starts a second service at {time} s"
        raise BalanceError(msg)
    gone = _recorded(view, ServerState.WITHDRAWN)
    down = _recorded(view, ServerState.DOWN)
    lengths = _lengths((gone, down, blocked), work=work, seconds=seconds, since=-view.model.clock.begin)
    facility, server = _numbered(view, work)
    away, failed, at_work, held = (each[(facility << services.bits) | server] for each in lengths)
    return ServerTimes(
        facility=facility,
        server=server,
        busy=at_work - failed,
        idle=view.end - held,
        down=failed - away,
        blocked=held - at_work,
        withdrawn=away,
    )


def _lengths(sets: tuple[Spans, Spans, Spans], *, work: Spans, seconds: Floats, since: int) -> list[Floats]:
    """Give for how long servers were away, away or down, these or at work, these or blocked.

    Args:
        sets: when servers were withdrawn, down and blocked.
        work: all services.
        seconds: of each server's services in the window.
        since: the window's start, in the time of the sets.
    """
    gone, down, blocked = sets
    # A server that was always there and never blocked has worked for as long as its services lasted.
    several = np.zeros(len(seconds), dtype=np.bool_)
    for spans in sets:
        several[spans.begin >> BITS] = True
    filled = [gone.merged().since(since)]
    for spans in (down, work.of_owners(np.flatnonzero(several)), blocked):
        filled.append(filled[-1] | spans.since(since) if len(spans.begin) else filled[-1])
    lengths = [spans.length(len(seconds)) for spans in filled]
    steady = np.where(several, 0.0, seconds)
    return [*lengths[:2], lengths[2] + steady, lengths[3] + steady]


def add_servers(rows: KpiRows, view: View, times: ServerTimes) -> None:
    """Add utilisation, blocked and down share of facilities: of the time of servers in commission."""
    names = view.layout.elements[view.layout.facility : view.layout.line]

    def fold(seconds: Floats) -> Floats:
        return total(times.facility, seconds, size=len(names))

    there = fold(view.end - times.withdrawn)
    rows.add("utilisation", "share", names, ratio(fold(times.busy), there))
    rows.add("blocked_share", "share", names, ratio(fold(times.blocked), there))
    rows.add("down_share", "share", names, ratio(fold(times.down), there))


def _numbered(view: View, work: Spans) -> tuple[Ints, Ints]:
    """List the servers that there have been, by facility and number."""
    most = counted(view.model)
    absent, bits = view.records.servers, view.services.bits
    # The last service of each facility is one of its highest-numbered server that has served.
    upto = np.searchsorted(work.begin, np.arange(1, len(most) + 1) << bits << BITS)
    served = np.flatnonzero(np.diff(upto, prepend=0))
    highest = work.begin[upto[served] - 1] >> BITS & ((1 << bits) - 1)
    for facility, server in ((served, highest), (absent.facility, absent.server)):
        np.maximum.at(most, facility, server + 1)
    facility = np.repeat(np.arange(len(most)), most)
    return facility, np.arange(len(facility)) - (np.cumsum(most) - most)[facility]


def _blocked(view: View) -> Spans:
    """When servers were held by consignments that their next step did not admit."""
    server = view.records.steps.some("server", view.held)
    some = np.flatnonzero((server >= 0) & (view.times("started", view.held) < view.end))
    rows, begin = view.held[some], view.model.clock.begin
    owner = (view.layout.cell_index[view.held_cell[some]] << view.services.bits) | server[some]
    return Spans.of(owner, view.times("ended", rows) - begin, view.times("left", rows) - begin)


def _work(view: View) -> tuple[Spans, Floats]:
    """Give when servers served, opening stocks too, and for how many seconds of the window each did."""
    begin, services, opening = view.model.clock.begin, view.services, view.records.opening
    jobs = np.flatnonzero(view.cut(opening.started) < view.end)
    started, ended = view.cut(opening.started)[jobs], view.cut(opening.ended)[jobs]
    owner = (opening.facility[jobs] << services.bits) | opening.server[jobs]
    first = np.concatenate([services.begin, pack(owner, started - begin)])
    last = np.concatenate([services.end, pack(owner, ended - begin)])
    first.sort()
    last.sort()
    spent = np.maximum(ended, 0) - np.maximum(started, 0)
    return Spans(first, last), services.spent + total(owner, spent, size=len(services.spent))


def _recorded(view: View, state: ServerState) -> Spans:
    servers = view.records.servers
    begin = view.model.clock.begin
    chosen = np.flatnonzero(servers.state == state)
    owner = (servers.facility[chosen] << view.services.bits) | servers.server[chosen]
    return Spans.of(owner, view.cut(servers.begin[chosen]) - begin, view.cut(servers.end[chosen]) - begin)
