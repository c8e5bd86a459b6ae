"""From the tables of a finished world to records, in their canonical order, as `simpy_engine.tables`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.compiled_engine.jit import entry
from sim.engine.compiled_engine.memory import addresses, open_world
from sim.engine.compiled_engine.network import Rows
from sim.engine.compiled_engine.prepare import Prepared
from sim.engine.compiled_engine.state import World
from sim.engine.records import (
    NULL,
    Aboard,
    Consignments,
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
UNDER_WAY = int(Outcome.UNDER_WAY)
WITHDRAWN = int(ServerState.WITHDRAWN)


def collect(prepared: Prepared, world: World) -> Records:
    """Give the records of a world whose run has ended."""
    tables: Any = world
    clock: Any = tables.clock[0]
    return Records(
        consignments=consignments(prepared, tables),
        steps=steps(tables),
        sailings=sailings(prepared, tables.sailings[: clock["sailings"]]),
        aboard=aboard(tables, tables.parts[: clock["parts"]]),
        slots=slots(tables.cancelled[: clock["cancelled"]]),
        servers=Servers(*absences(prepared, tables, afloat=False)),
        vessels=Vessels(*absences(prepared, tables, afloat=True)),
        pools=pool_levels(tables.levels[: clock["levels"]]),
        opening=opening(tables),
    )


def column(rows: Rows, name: str) -> Ints:
    """Give one field of a table as an array of its own."""
    return np.ascontiguousarray(rows[name], dtype=np.int64)


def columns(table: Ints) -> list[Ints]:
    """Give the columns of a table of integers, each an array of its own."""
    return [np.ascontiguousarray(each) for each in table]


def consignments(prepared: Prepared, world: Any) -> Consignments:
    """One row per consignment offered, in order of flow and number."""
    flows = world.flows
    offered = flows["offered"]
    here = np.concatenate(
        [np.arange(first, first + number) for first, number in zip(flows["first"], offered, strict=True)]
        or [np.zeros(0, dtype=np.int64)]
    )
    rows = world.consignments
    chosen = rows[: len(here)] if len(here) == int(flows["count"].sum()) else rows[here]
    flow = column(chosen, "flow")
    option = column(chosen, "option")
    # The last route of each flow's block stands for none.
    routes = np.append(world.options["route"], -1)
    return Consignments(
        flow=flow,
        number=column(chosen, "number"),
        arrived=world.times[world.flows["arrivals"][flow] + chosen["number"]],
        outcome=column(chosen, "outcome"),
        route=routes[np.where(option >= 0, flows["first_option"][flow] + option, -1)],
        admitted=column(chosen, "admitted"),
        finished=column(chosen, "finished"),
    )


@entry
def count_steps(block: Any) -> int:
    """Count the rows of the table of steps."""
    world = open_world(block)
    total = 0
    for k in range(len(world.flows)):
        flow = world.flows[k]
        for number in range(flow.offered):
            one = world.consignments[flow.first + number]
            if one.option < 0:
                continue
            total += one.ordinal + 1
            if one.ordinal < 0 and one.outcome == UNDER_WAY:
                total += 1
    return total


@entry
def fill_steps(block: Any, table: Any) -> None:
    """Write the table of steps; one that still waits at its origin has its first row too."""
    world = open_world(block)
    place = 0
    for k in range(len(world.flows)):
        flow = world.flows[k]
        for number in range(flow.offered):
            one = world.consignments[flow.first + number]
            if one.option < 0:
                continue
            waits = one.ordinal < 0 and one.outcome == UNDER_WAY
            option = world.options[flow.first_option + one.option]
            for ordinal in range(1 if waits else one.ordinal + 1):
                row = world.rows[one.base + ordinal]
                stop = world.stops[option.first_stop + ordinal]
                table[0, place] = k
                table[1, place] = number
                table[2, place] = option.route
                table[3, place] = ordinal
                table[4, place] = world.times[flow.arrivals + number] if waits else row.asked
                table[5, place] = NULL if waits else row.started
                table[6, place] = NULL if waits else row.ended
                table[7, place] = NULL if waits else row.left
                table[8, place] = stop.kg
                table[9, place] = stop.milliteu
                table[10, place] = -1 if waits else row.server
                place += 1


def steps(world: Any) -> Steps:
    """One row per step asked for."""
    block = addresses(world)
    table = np.empty((11, count_steps(block)), dtype=np.int64)
    fill_steps(block, table)
    return Steps(*table)


def sailings(prepared: Prepared, rows: Rows) -> Sailings:
    """One row per vessel and trip that was decided on."""
    rows = rows[np.lexsort((rows["trip"], rows["vessel"], rows["line"]))]
    groups = np.array([line.groups for line in prepared.model.lines], dtype=np.int64).reshape(-1, 2)
    times = ["called", "ready", "loading", "loaded", "sailed", "arrived", "berthed", "landed"]
    return Sailings(
        line=column(rows, "line"),
        vessel=column(rows, "vessel"),
        trip=column(rows, "trip"),
        origin=groups[rows["line"], rows["end"]],
        destination=groups[rows["line"], 1 - rows["end"]],
        **{name: column(rows, name) for name in [*times, "amount", "capacity"]},
    )


def aboard(world: Any, rows: Rows) -> Aboard:
    """One row per part on a vessel."""
    carried = world.consignments[rows["consignment"]]
    flow, number = column(carried, "flow"), column(carried, "number")
    order = np.lexsort((rows["part"], rows["ordinal"], number, flow))
    rows = rows[order]
    names = ("ordinal", "part", "line", "vessel", "trip", "amount")
    return Aboard(flow=flow[order], consignment=number[order], **{name: column(rows, name) for name in names})


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
    return Opening(
        facility=column(stops, "element"),
        direction=column(stops, "direction"),
        amount=column(stops, "room"),
        started=column(rows, "started"),
        ended=column(rows, "ended"),
    )


