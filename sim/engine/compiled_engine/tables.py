"""From the tables of a finished world to records, in their canonical order, as `simpy_engine.tables`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.compiled_engine.jit import entry, hot
from sim.engine.compiled_engine.memory import addresses, fetch, open_world
from sim.engine.compiled_engine.network import Rows
from sim.engine.compiled_engine.prepare import Prepared
from sim.engine.compiled_engine.state import World
from sim.engine.records import (
    LEAN,
    NEVER,
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

Ints = NDArray[np.int64]
SOON = 16
"""Consignments ahead whose parts are asked for, so that they are near when they are read."""
UNDER_WAY = int(Outcome.UNDER_WAY)
WITHDRAWN = int(ServerState.WITHDRAWN)


def collect(prepared: Prepared, world: World) -> Records:
    """Give the records of a world whose run has ended."""
    tables: Any = world
    clock: Any = tables.clock[0]
    consignments, steps, aboard = on_the_way(tables)
    return Records(
        consignments=consignments,
        steps=steps,
        sailings=sailings(prepared, tables.sailings[: clock["sailings"]]),
        aboard=aboard,
        slots=slots(tables.cancelled[: clock["cancelled"]]),
        servers=Servers(*absences(prepared, tables, afloat=False)),
        vessels=Vessels(*absences(prepared, tables, afloat=True)),
        pools=pool_levels(tables.levels[: clock["levels"]]),
        opening=opening(tables),
    )


def column(rows: Rows, name: str) -> Ints:
    """Give one field of a table as an array of its own."""
    return np.ascontiguousarray(rows[name], dtype=np.int64)


def times_of(rows: Rows, name: str, begin: int) -> Ints:
    """Give one field of stamps as an array of times."""
    found = column(rows, name)
    return np.where(found == NEVER, NULL, found + begin)


def columns(table: Ints) -> list[Ints]:
    """Give the columns of a table of integers, each an array of its own."""
    return [np.ascontiguousarray(each) for each in table]


def on_the_way(world: Any) -> tuple[Consignments, Steps, Aboard]:
    """One row per consignment offered, per step asked for, per part aboard, by flow and number."""
    clock: Any = world.clock[0]
    offered = np.empty((9, int(world.flows["offered"].sum())), dtype=np.int64)
    stamps = np.empty((int(clock["entered"] + clock["outside"]), len(LEAN)), dtype=np.uint32)
    aboard = np.empty((8, int(clock["parts"])), dtype=np.int64)
    fill_tables(addresses(world), offered, stamps, aboard)
    consignments = Consignments(*offered[:7])
    amounts = np.stack([column(world.stops, "kg"), column(world.stops, "milliteu")])
    steps = LeanSteps.stamped(
        consignments,
        length=offered[7],
        first=offered[8],
        amounts=amounts,
        stamps=stamps,
        begin=int(clock["begin"]),
    )
    return consignments, steps, Aboard(*aboard)


@hot
def lengthened(stamped: int, begin: int) -> int:
    """Give a stamp as a time."""
    return NULL if stamped == NEVER else stamped + begin


@entry
def fill_tables(block: Any, offered: Any, stamps: Any, aboard: Any) -> None:
    """Write the tables of consignments, steps, parts; one that waits at its origin has its first step too."""
    world = open_world(block)
    begin = world.clock[0].begin
    row = 0
    place = 0
    carried = 0
    for k in range(len(world.flows)):
        flow = world.flows[k]
        for number in range(flow.offered):
            if number + SOON < flow.offered:
                # What was carried lies anywhere in its table.
                coming = world.consignments[flow.first + number + SOON].first_part
                if coming >= 0:
                    fetch(world.parts[coming])
            one = world.consignments[flow.first + number]
            offered[0, row] = k
            offered[1, row] = number
            offered[2, row] = world.times[flow.arrivals + number]
            offered[3, row] = one.outcome
            offered[4, row] = -1
            offered[5, row] = lengthened(one.admitted, begin)
            offered[6, row] = lengthened(one.finished, begin)
            offered[7, row] = 0
            offered[8, row] = 0
            row += 1
            if one.option < 0:
                continue
            option = world.options[flow.first_option + one.option]
            offered[4, row - 1] = option.route
            if one.ordinal < 0 and one.outcome != UNDER_WAY:
                continue
            length = max(one.ordinal, 0) + 1
            offered[7, row - 1] = length
            offered[8, row - 1] = option.first_stop
            if one.ordinal < 0:
                stamps[place, 0] = NEVER
                stamps[place, 1] = NEVER
                stamps[place, 2] = NEVER
                stamps[place, 3] = NEVER
                place += 1
                continue
            for ordinal in range(length):
                step = world.rows[one.base + ordinal]
                stamps[place, 0] = step.started
                stamps[place, 1] = step.ended
                stamps[place, 2] = step.left
                stamps[place, 3] = step.server
                place += 1
            link = one.first_part
            while link >= 0:
                part = world.parts[link]
                aboard[0, carried] = k
                aboard[1, carried] = number
                aboard[2, carried] = part.ordinal
                aboard[3, carried] = part.part
                aboard[4, carried] = part.line
                aboard[5, carried] = part.vessel
                aboard[6, carried] = part.trip
                aboard[7, carried] = part.amount
                carried += 1
                link = part.next


def sailings(prepared: Prepared, rows: Rows) -> Sailings:
    """One row per vessel and trip that was decided on."""
    # All fields are whole numbers of one width: a matrix is turned to columns many times sooner than records.
    # Trips of a vessel stand in order as they are decided on.
    vessel = rows["line"] * (rows["vessel"].max(initial=0) + 1) + rows["vessel"]
    order = np.argsort(vessel, kind="stable")
    names = rows.dtype.names or ()
    matrix = np.ascontiguousarray(rows).view(np.int64).reshape(len(rows), len(names))
    column = dict(zip(names, np.ascontiguousarray(matrix[order].T), strict=True))
    groups = np.array([line.groups for line in prepared.model.lines], dtype=np.int64).reshape(-1, 2)
    return Sailings(
        origin=groups[column["line"], column["end"]],
        destination=groups[column["line"], 1 - column["end"]],
        **{name: values for name, values in column.items() if name != "end"},
    )


def slots(rows: Rows) -> Slots:
    """Slots that no vessel served."""
    rows = rows[np.lexsort((rows["time"], rows["end"], rows["line"]))]
    return Slots(line=column(rows, "line"), end=column(rows, "end"), time=column(rows, "time"))


def absences(prepared: Prepared, world: Any, *, afloat: bool) -> list[Ints]:
    """Intervals in which servers or vessels were down or withdrawn; those not over have no end."""
    clock: Any = world.clock[0]
    end = prepared.model.clock.end
    rows = world.absences[: clock["absences"]]
    rows = rows[rows["afloat"] == afloat]
    if not afloat:
        rows = rows[rows["begin"] < end]
    found = [np.stack([rows[name] for name in ("element", "number", "begin", "state", "end")])]
    owners = world.vessels if afloat else world.servers
    for name, state in (("withdrawn_since", WITHDRAWN), ("down_since", 1 - WITHDRAWN)):
        if afloat and name == "down_since":
            continue
        here = np.flatnonzero(owners[name] != NULL)
        element = owners["line" if afloat else "facility"][here]
        first = 0 if afloat else world.facilities["first_server"][element]
        number = owners["number"][here] if afloat else here - first
        kinds, ends = np.full(len(here), state), np.full(len(here), NULL)
        found.append(np.stack([element, number, owners[name][here], kinds, ends]))
    table = np.concatenate(found, axis=1)
    element, number, begin, kind, until = columns(table[:, np.lexsort(table[::-1])])
    until = np.where(until < end, until, NULL)
    return [element, number, kind, begin, until]


def pool_levels(rows: Rows) -> PoolLevels:
    """Units at home after each instant of change; a pool that owns less than is out has nothing at home."""
    rows = rows[np.argsort(rows["pool"], kind="stable")]
    return PoolLevels(
        pool=column(rows, "pool"), time=column(rows, "time"), level=np.maximum(column(rows, "level"), 0)
    )


def opening(world: Any) -> Opening:
    """Jobs of the opening stock, which stand after all consignments."""
    jobs = world.consignments[int(world.flows["count"].sum()) :]
    stops = world.stops[jobs["first_stop"]]
    rows = world.rows[jobs["base"]]
    begin = int(world.clock[0]["begin"])
    return Opening(
        facility=column(stops, "element"),
        direction=column(stops, "direction"),
        amount=column(stops, "room"),
        started=times_of(rows, "started", begin),
        ended=times_of(rows, "ended", begin),
        server=column(rows, "server"),
    )
