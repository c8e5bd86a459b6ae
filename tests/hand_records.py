"""Records made by hand: tables from rows in hours, and what is left out is empty."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

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
    Slots,
    Steps,
    Vessels,
)

HOUR = 3600
TABLES = {
    "consignments": Consignments,
    "steps": Steps,
    "sailings": Sailings,
    "aboard": Aboard,
    "slots": Slots,
    "servers": Servers,
    "vessels": Vessels,
    "pools": PoolLevels,
    "opening": Opening,
}


def at(hours):
    return NULL if hours is None else round(hours * HOUR)


def table(kind, rows=()):
    columns = [field.name for field in fields(kind)]
    array = np.array([list(row) for row in rows], dtype=np.int64).reshape(len(rows), len(columns))
    return kind(*(np.ascontiguousarray(array[:, k]) for k in range(len(columns))))


def records(**rows):
    return Records(**{name: table(kind, rows.get(name, ())) for name, kind in TABLES.items()})


def journeys(model, *trips):
    """Tables of consignments and steps.

    Each trip is (flow, arrived, route, times), times one (asked, started, ended, left, server) per step
    reached, in hours; route None: turned away at once; a mapping instead of times: the columns as they are.
    """
    consignments, steps = [], []
    numbers = {}
    flows = {flow.id: k for k, flow in enumerate(model.flows)}
    routes = {route.id: k for k, route in enumerate(model.routes)}
    for flow, arrived, route, times in sorted(trips, key=lambda trip: (flows[trip[0]], trip[1])):
        f = flows[flow]
        number = numbers[f] = numbers.get(f, -1) + 1
        if route is None:
            consignments.append((f, number, at(arrived), Outcome.TURNED_AWAY, -1, NULL, at(arrived)))
            continue
        r = routes[route]
        done = len(times) == len(model.routes[r].steps) and times[-1][3] is not None
        outcome = Outcome.DELIVERED if done else Outcome.UNDER_WAY
        first = times[0][5] if len(times[0]) > 5 else times[0][0]
        finished = at(times[-1][3]) if done else NULL
        consignments.append((f, number, at(arrived), outcome, r, at(first), finished))
        amounts = model.flows[f].amounts
        for ordinal, row in enumerate(times):
            asked, started, ended, left, server = row[:5]
            moments = (at(asked), at(started), at(ended), at(left))
            steps.append((f, number, r, ordinal, *moments, amounts[0], amounts[1], server))
    return {"consignments": consignments, "steps": steps}


def changed(found, name, **columns):
    """The same records with some columns of one table replaced."""
    old = getattr(found, name)
    new = {key: np.array(values, dtype=np.int64) for key, values in columns.items()}
    return replace(found, **{name: replace(old, **new)})
