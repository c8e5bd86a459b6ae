"""A view filled by compiled passes: the same columns and sums as the plain ones of `view`, read in one go.

Taken where the compiled engine has run, so that Numba is loaded. Where a row contradicts the rules nothing is
filled in, and the plain checks say what is wrong. Nothing is defined here.
"""

from __future__ import annotations

import numpy as np

from sim.engine.records import LEAN, LeanSteps
from sim.measure.counted import Counted, reading_step
from sim.measure.folds import Bools, Floats, Ints
from sim.measure.occupancy import Services, Waits
from sim.measure.parts import Parts
from sim.measure.passes import SERVER_BITS, read_aboard, read_consignments, read_journeys
from sim.measure.tally import Rows, Tally
from sim.measure.view import COUNTS, View

JOURNEYS = ("flow", "route", "arrived", "admitted", "outcome", "finished")
ABOARD = ("flow", "consignment", "ordinal", "line", "vessel", "trip", "amount")
"""Columns that the passes read, in their order."""


def fill(seen: View) -> None:
    """Read and check all rows of steps, and put what the view would derive from them where it keeps it."""
    model, layout, steps = seen.model, seen.layout, seen.records.steps
    if not isinstance(steps, LeanSteps) or not steps.is_lean:
        return
    is_sound, cell, waits, (first, last), busy, ships, rows, sums, by_flow = read_journeys(
        model.clock.begin,
        model.clock.end,
        tuple(_whole(getattr(steps, name)) for name in LEAN),
        (*(_whole(getattr(seen.records.consignments, name)) for name in JOURNEYS), _whole(steps.length)),
        (
            _whole(layout.cell_element),
            _whole(layout.cell_kind),
            _whole(layout.cell_index),
            _whole(layout.cell_last),
            _whole(layout.first.reshape(-1)),
            np.array([len(model.routes)]),
        ),
    )
    if not is_sound:
        return
    count_consignments(seen)
    held, journey_row, journey_consignment = rows
    afloat, entered = ships
    # A facility that no flow can reach serves none.
    spent = np.zeros(len(model.facilities) << SERVER_BITS)
    spent[: len(busy)] = busy[: len(spent)]
    number, waited, blocks, stays = (_by_set(each) for each in np.moveaxis(sums, 2, 0))
    under_way, delivered, left = by_flow.T.astype(np.float64)
    vars(seen).update(
        is_checked=True,
        cell=cell,
        waits=Waits(*waits),
        services=Services(first, last, SERVER_BITS, spent),
        held=held,
        afloat=afloat,
        entered_afloat=entered,
        journey_row=journey_row,
        journey_consignment=journey_consignment,
        journeys_over=(delivered, left),
        tally=Tally.of(number, waited=waited, blocked=blocks, stayed=stays),
        under_way=under_way,
    )


def count_consignments(seen: View) -> None:
    """Read `consignments`, and put what the view would derive from it where it keeps it."""
    model, table = seen.model, seen.records.consignments
    columns, done, counts, *counted = read_consignments(
        model.clock.begin,
        model.clock.end,
        reading_step(model.clock.end),
        tuple(_whole(getattr(table, name)) for name in ("flow", "arrived", "outcome", "route", "finished")),
        _whole(seen.layout.pair.reshape(-1)),
        len(model.flows),
    )
    arrived, finished, pair = columns
    vars(seen).update(
        arrived=arrived,
        finished=finished,
        pair=pair,
        done=done,
        counts=dict(zip(COUNTS, counts.astype(np.float64), strict=True)),
        counted=Counted.summed(*counted),
    )


def find_parts(parts: Parts) -> None:
    """Read `aboard`, and put what the parts would look up where they keep it."""
    seen = parts.view
    records = seen.records
    columns = (
        tuple(_whole(getattr(records.aboard, name)) for name in ABOARD),
        tuple(_whole(getattr(records.sailings, name)) for name in ("line", "vessel", "trip")),
        tuple(_whole(getattr(records.consignments, name)) for name in ("flow", "number")),
        (_whole(seen.journey_row), _whole(seen.journey_consignment)),
    )
    is_found, table, begins, broken = read_aboard(*columns, _whole(seen.cell), _whole(parts.whole_of_cell))
    if is_found:
        trip, row, cell, upto, whole = table
        vars(parts).update(
            trip=trip, row=row, cell=cell, upto=upto, whole=whole, begins=begins, broken=broken
        )


def _whole(column: Ints | Bools) -> Ints:
    return np.ascontiguousarray(column, dtype=np.int64)


def _by_set(sums: Ints) -> tuple[Floats, ...]:
    """Fold sums by cell and the sets a row is in, shape (C, 16), to those of each set."""
    codes = np.arange(sums.shape[1])
    return tuple(sums[:, codes >> place & 1 == 1].sum(axis=1).astype(np.float64) for place in Rows)
