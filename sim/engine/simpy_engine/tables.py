"""Turn the columns of a finished world into record tables, in their canonical order."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import numpy as np

from sim.engine.records import (
    NULL,
    Aboard,
    Consignments,
    LeanSteps,
    Opening,
    Outcome,
    PoolLevels,
    Records,
    Sailings,
    Servers,
    ServerState,
    Slots,
    Steps,
    Vessels,
)
from sim.engine.simpy_engine.columns import Ints, columns, joined, sorted_columns

if TYPE_CHECKING:
    from sim.engine.simpy_engine.demand import Source
    from sim.engine.simpy_engine.world import World


def collect(world: World) -> Records:
    """Give the records of a world whose run has ended."""
    offered = consignments(world)
    return Records(
        consignments=offered,
        steps=steps(world, offered),
        sailings=sailings(world),
        aboard=aboard(world),
        slots=Slots(*sorted_columns(world.cancelled, 3)),
        servers=Servers(*columns(server_rows(world), 5)),
        vessels=Vessels(*columns(vessel_rows(world), 5)),
        pools=pool_levels(world),
        opening=opening(world),
    )


def consignments(world: World) -> Consignments:
    """One row per consignment offered, in order of flow and number."""
    left = np.asarray(world.left, dtype=np.int64)
    parts: list[tuple[Ints, ...]] = []
    for source in world.sources:
        offered = bisect_left(source.arrived, world.model.clock.end)
        option = np.array(source.option[:offered], dtype=np.int64)
        outcome = np.array(source.outcome[:offered], dtype=np.int64)
        finished = np.array(source.finished[:offered], dtype=np.int64)
        number = np.arange(offered, dtype=np.int64)
        origin = source.base + number * source.rows
        last = lengths(source)[option]
        delivered = (last > 0) & (left[origin + last] != NULL)
        parts.append(
            (
                np.full(offered, source.rank, dtype=np.int64),
                number,
                np.array(source.arrived[:offered], dtype=np.int64),
                np.where(delivered, Outcome.DELIVERED, outcome),
                np.array([*source.routes, -1], dtype=np.int64)[option],
                left[origin],
                np.where(delivered, left[origin + last], finished),
            )
        )
    return Consignments(*(joined([part[k] for part in parts]) for k in range(7)))


def lengths(source: Source) -> Ints:
    """How many steps each option has; at the end of the list, for who has chosen none: 0."""
    return np.array([*(len(stops) for stops in source.stops), 0], dtype=np.int64)


def steps(world: World, offered: Consignments) -> Steps:
    """One row per step asked for. A consignment that still waits at its origin has its first row too."""
    columns = [np.asarray(each, dtype=np.int64) for each in (world.started, world.ended, world.left)]
    columns.append(np.asarray(world.server, dtype=np.int64))
    reached: list[Ints] = []
    firsts: list[Ints] = []
    times: list[list[Ints]] = [[], [], [], []]
    amounts: list[tuple[int, int]] = []
    for source, number in zip(
        world.sources, np.bincount(offered.flow, minlength=len(world.sources)), strict=True
    ):
        chosen = np.asarray(source.option, dtype=np.int64)[:number]
        started, ended, left, server = (
            column[source.base : source.base + number * source.rows].reshape(number, source.rows)
            for column in columns
        )
        # A step is asked for when the stop before it is left, the first one at the arrival.
        there = left[:, :-1] != NULL
        there[:, :1] = chosen[:, np.newaxis] >= 0
        there &= np.arange(source.length) < lengths(source)[chosen][:, np.newaxis]
        reached.append(there.sum(axis=1))
        for found, column in zip(times, (started, ended, left, server), strict=True):
            found.append(column[:, 1:][there])
        # Who leaves a step as soon as it has ended was not blocked there.
        blocked, gone = times[1][-1], times[2][-1]
        times[1][-1] = np.where(blocked == NULL, gone, blocked)
        beginnings = []
        for stops in source.stops:
            beginnings.append(len(amounts))
            amounts += [stop.amounts[:2] for stop in stops]
        firsts.append(np.array([*beginnings, 0], dtype=np.int64)[chosen])
    return LeanSteps.of(
        offered,
        length=joined(reached),
        first=joined(firsts),
        amounts=np.array(amounts, dtype=np.int64).reshape(-1, 2).T.copy(),
        times=[joined(each) for each in times],
    )


def sailings(world: World) -> Sailings:
    """One row per vessel and trip that was decided on."""
    rows: list[tuple[int, ...]] = []
    for line in world.lines:
        groups = line.data.groups
        rows += sorted(
            (
                line.rank,
                each.vessel,
                each.trip,
                groups[each.origin],
                groups[1 - each.origin],
                each.called,
                each.ready,
                each.due,
                each.slot,
                each.loading,
                each.loaded,
                each.sailed,
                each.arrived,
                each.berthed,
                each.landed,
                each.amount,
                each.capacity,
            )
            for each in line.sailings
        )
    return Sailings(*columns(rows, 17))


def aboard(world: World) -> Aboard:
    """One row per part boarded: by flow, consignment, ordinal and part."""
    rows = np.array(world.aboard_rows, dtype=np.int64).reshape(-1, 8).T
    order = np.lexsort(rows[3::-1])
    return Aboard(*(each[order] for each in rows))


def server_rows(world: World) -> list[tuple[int, ...]]:
    """Intervals in which servers were down or withdrawn; those not over have no end."""
    rows: list[tuple[int, ...]] = [row for row in world.server_rows if row[3] < world.model.clock.end]
    for facility in world.facilities:
        servers = facility.servers
        rows += [
            (facility.rank, server, int(state), since, NULL)
            for (server, state), since in servers.since.items()
        ]
    return clipped(world, rows)


def vessel_rows(world: World) -> list[tuple[int, ...]]:
    """Intervals in which vessels were under repair or withdrawn."""
    rows: list[tuple[int, ...]] = [*world.vessel_rows]
    for line in world.lines:
        rows += [
            (line.rank, vessel, int(ServerState.WITHDRAWN), since, NULL)
            for vessel, since in line.withdrawn.items()
        ]
    return clipped(world, rows)


def clipped(world: World, rows: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Sort intervals; one that would end after the run has no end."""
    end = world.model.clock.end
    ordered = sorted((element, number, begin, state, until) for element, number, state, begin, until in rows)
    return [
        (element, number, state, begin, until if until != NULL and until < end else NULL)
        for element, number, begin, state, until in ordered
    ]


def pool_levels(world: World) -> PoolLevels:
    """Units at home after each instant of change, its last value.

    A pool that has shrunk below what is out has nothing at home, and takes back what returns.
    """
    rows: list[tuple[int, ...]] = []
    for pool in world.pools:
        levels = dict(pool.changes)
        rows += [(pool.rank, time, max(level, 0)) for time, level in levels.items()]
    return PoolLevels(*columns(rows, 3))


def opening(world: World) -> Opening:
    """Jobs of the opening stock."""
    rows: list[tuple[int, ...]] = [
        (
            facility.rank,
            job.stop.direction,
            job.stop.room,
            world.started[job.row],
            world.left[job.row],
            int(world.server[job.row]),
        )
        for facility, job in world.stock
    ]
    return Opening(*columns(rows, 6))
