"""What servers of facilities did: busy, blocked, down, withdrawn, idle; the balance of each server.

Precedence where states overlap: withdrawn, down, busy, blocked, idle. A server blocked in one direction
may serve the other meanwhile (model.md 3, Blocking): then it is busy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.engine.records import ServerState
from sim.errors import BalanceError
from sim.measure.collect import KpiRows
from sim.measure.folds import Floats, Ints, ratio, total
from sim.measure.quantiles import BITS
from sim.measure.spans import Spans
from sim.measure.view import View
from sim.model.parameters import NONE


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
    base = _number_servers(view)
    work, blocked = _work(view, base=base)
    owners = int(base[-1])
    numbers = np.diff(base)
    facility = np.repeat(np.arange(len(numbers)), numbers)
    server = np.arange(owners) - base[facility]
    start = -view.model.clock.begin
    seconds, found = _seconds(work, since=start, size=owners)
    if found is not None:
        owner, time = found >> BITS, (found & ((1 << BITS) - 1)) + view.model.clock.begin
        name = view.model.facilities[int(facility[owner])].id
        msg = f"facility {name}: server {int(server[owner])} starts a second service at {time} s"
        raise BalanceError(msg)
    gone = _recorded(view, base, ServerState.WITHDRAWN)
    down = _recorded(view, base, ServerState.DOWN)
    lengths = _lengths((gone, down, blocked), work=work, seconds=seconds, since=start)
    return ServerTimes(
        facility=facility,
        server=server,
        busy=lengths[2] - lengths[1],
        idle=view.end - lengths[3],
        down=lengths[1] - lengths[0],
        blocked=lengths[3] - lengths[2],
        withdrawn=lengths[0],
    )


class Work(NamedTuple):
    """Services: by which server, and from when until when in seconds since the run's begin."""

    server: Ints
    started: Ints
    ended: Ints


def _seconds(work: Work, *, since: int, size: int) -> tuple[Floats, int | None]:
    """Add up for how long each server served in the window.

    Returns:
        Seconds by server, and the packed begin of a service that began before another of its server ended.
    """
    spent = np.maximum(work.ended, since) - np.maximum(work.started, since)
    return total(work.server, spent, size=size), Spans.of(*work).overlap()


def _lengths(sets: tuple[Spans, Spans, Spans], *, work: Work, seconds: Floats, since: int) -> list[Floats]:
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
    chosen = np.flatnonzero(several[work.server])
    filled = [gone.merged().since(since)]
    for spans in (down, Spans.of(*(column[chosen] for column in work)), blocked):
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


def _number_servers(view: View) -> Ints:
    """Give the first server of each facility in a numbering of all, and their number at the end."""
    table, facility, server = view.model.parameters, view.services.facility, view.services.server
    # A server that comes later has a row that says it was withdrawn until then.
    most = np.array(
        [
            1 if facility.servers == NONE else int(float(table.base[facility.servers]) + 1e-9)
            for facility in view.model.facilities
        ],
        dtype=np.int64,
    )
    absent = view.records.servers
    width = int(max(server.max(initial=0), absent.server.max(initial=0))) + 1
    seen = np.bincount(facility * width + server, minlength=len(most) * width)
    seen[absent.facility * width + absent.server] += 1
    seen = seen.reshape(len(most), width)
    highest = np.where(seen.any(axis=1), width - np.argmax(seen[:, ::-1] > 0, axis=1), 0)
    return np.concatenate(([0], np.cumsum(np.maximum(most, highest))))


def _work(view: View, *, base: Ints) -> tuple[Work, Spans]:
    """Give services by the number of their server, and when servers were blocked, since the run's begin."""
    begin = view.model.clock.begin
    services = view.services
    owner = base[services.facility] + services.server
    started, ended = services.started - begin, services.ended - begin
    held = np.searchsorted(services.row, view.held)
    held = held[np.append(services.row, -1)[held] == view.held]
    blocked = Spans.of(owner[held], ended[held], view.times("left", services.row[held]) - begin)
    opening = view.records.opening
    jobs = np.flatnonzero(view.cut(opening.started) < view.end)
    if len(jobs):
        first, last = view.cut(opening.started)[jobs] - begin, view.cut(opening.ended)[jobs] - begin
        facility = opening.facility[jobs]
        several = np.diff(base)[facility] > 1
        owner_of_job = base[facility]
        for k in np.flatnonzero(several):
            left = ended.copy()
            left[held] = view.times("left", services.row[held]) - begin
            owner_of_job[k] = _lowest_idle(
                base, int(facility[k]), int(first[k]), owner=owner, started=started, left=left
            )
            owner = np.append(owner, owner_of_job[k])
            started, ended = np.append(started, first[k]), np.append(ended, last[k])
        alone = ~several
        owner = np.concatenate([owner, owner_of_job[alone]])
        started, ended = np.concatenate([started, first[alone]]), np.concatenate([ended, last[alone]])
    return Work(owner, started, ended), blocked


def _lowest_idle(base: Ints, facility: int, at: int, *, owner: Ints, started: Ints, left: Ints) -> int:
    """Give the server that took a job of the opening stock: the lowest-numbered idle one (model.md 3)."""
    taken = set(owner[(started <= at) & (at < left)].tolist())
    servers = range(int(base[facility]), int(base[facility + 1]))
    return next((server for server in servers if server not in taken), servers[0])


def _recorded(view: View, base: Ints, state: ServerState) -> Spans:
    servers = view.records.servers
    begin = view.model.clock.begin
    chosen = np.flatnonzero(servers.state == state)
    owner = base[servers.facility[chosen]] + servers.server[chosen]
    return Spans.of(owner, view.cut(servers.begin[chosen]) - begin, view.cut(servers.end[chosen]) - begin)
