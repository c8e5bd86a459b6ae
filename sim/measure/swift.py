"""A view filled by compiled passes: the same sums as the plain ones of `view`, read in one go.

Taken where the compiled engine has run, so that Numba is loaded. Where a row contradicts the rules nothing is
filled in, and the plain checks say what is wrong. Nothing is defined here.
"""

from __future__ import annotations

import numpy as np

from sim.engine.records import LeanSteps
from sim.measure.counted import Counted, reading_step
from sim.measure.deliveries import Deliveries, promises
from sim.measure.folds import Bools, Floats, Ints
from sim.measure.moves import Moves
from sim.measure.occupancy import Services
from sim.measure.parts import Parts
from sim.measure.passes import SERVER_BITS, read_aboard, read_consignments, read_journeys
from sim.measure.stores import stores_of
from sim.measure.tally import Rows, Tally
from sim.measure.view import COUNTS, View
from sim.measure.waiting import Waiting
from sim.model.measures import Measure

JOURNEYS = ("flow", "route", "arrived", "admitted", "outcome", "finished")
ABOARD = ("flow", "consignment", "ordinal", "line", "vessel", "trip", "amount")
"""Columns that the passes read, in their order."""


def fill(seen: View) -> None:
    """Read and check all rows of steps, and put what the view would derive from them where it keeps it."""
    model, layout, steps = seen.model, seen.layout, seen.records.steps
    if not isinstance(steps, LeanSteps) or not steps.is_stamped:
        return
    stores = stores_of(model)
    is_sound, sums, by_flow, waits, work, held, late, moves = read_journeys(
        model.clock.begin,
        model.clock.end,
        steps.stamps,
        (*(_whole(getattr(seen.records.consignments, name)) for name in JOURNEYS), _whole(steps.length)),
        (
            _whole(layout.cell_element),
            _whole(layout.cell_kind),
            _whole(layout.cell_index),
            _whole(layout.cell_last),
            _whole(layout.first.reshape(-1)),
            np.array([len(model.routes)]),
            np.array([len(layout.elements)]),
        ),
        (stores.of_cell, stores.amount),
    )
    if not is_sound:
        return
    first, last, busy = work
    # A facility that no flow can reach serves none.
    spent = np.zeros(len(model.facilities) << SERVER_BITS)
    spent[: len(busy)] = busy[: len(spent)]
    number, waited, blocks, stays = _by_set(sums)
    under_way, delivered, left = by_flow.T.astype(np.float64)
    vars(seen).update(
        is_checked=True,
        services=Services(first, last, SERVER_BITS, spent),
        held=held[0],
        held_cell=held[1],
        late=tuple(late),
        moves=Moves(*moves),
        journeys_over=(delivered, left),
        tally=Tally.of(number, waited=waited, blocked=blocks, stayed=stays),
        under_way=under_way,
    )
    vars(seen).update(waiting=Waiting.summed(*waits, view=seen))
    read_offers(seen)


def read_offers(seen: View) -> None:
    """Read `consignments`, and put what the view would derive from it where it keeps it."""
    model, table, layout = seen.model, seen.records.consignments, seen.layout
    counts, counted, delivered = read_consignments(
        model.clock.begin,
        model.clock.end,
        reading_step(model.clock.end),
        seen.months,
        tuple(_whole(getattr(table, name)) for name in ("flow", "arrived", "outcome", "route", "finished")),
        (_whole(layout.pair), promises(model), np.array([layout.pairs])),
    )
    by_month, seconds, kept, turned_away, of_flow, of_route = delivered
    vars(seen).update(
        counts=dict(zip(COUNTS, counts.astype(np.float64), strict=True)),
        counted=Counted.summed(*counted),
        deliveries=Deliveries.summed(
            seen,
            by_month=by_month,
            seconds=seconds,
            kept=kept,
            turned_away=turned_away,
            of_flow=of_flow,
            of_route=of_route,
        ),
    )


def find_parts(parts: Parts) -> None:
    """Read and check `aboard`, and put what the parts would look up where they keep it."""
    seen = parts.view
    if not seen.is_checked:
        return
    records, layout, stores = seen.records, seen.layout, stores_of(seen.model)
    sailings, table, steps = records.sailings, records.consignments, records.steps
    assert isinstance(steps, LeanSteps)
    begin = seen.model.clock.begin
    is_sound, columns, held, carried, moves = read_aboard(
        seen.end - begin,
        tuple(_whole(getattr(records.aboard, name)) for name in ABOARD),
        (
            *(_whole(getattr(sailings, name)) for name in ("line", "vessel", "trip")),
            seen.cut(sailings.loading) - begin,
        ),
        (
            *(_whole(getattr(table, name)) for name in ("flow", "number", "route")),
            _whole(steps.length),
        ),
        steps.stamps,
        (
            _whole(layout.first),
            _whole(layout.cell_amounts[:, Measure.KG]),
            _whole(layout.cell_amounts[:, Measure.TEU]),
            _whole(parts.whole_of_cell),
            stores.of_cell,
            stores.amount,
        ),
    )
    if is_sound:
        own, kg, milliteu = carried.astype(np.float64)
        vars(parts).update(
            is_checked=True,
            trip=columns[0],
            row=columns[1],
            held=held,
            carried=own,
            weights={Measure.KG: kg, Measure.TEU: milliteu},
            moves=Moves(*moves),
        )


def _whole(column: Ints | Bools) -> Ints:
    return np.ascontiguousarray(column, dtype=np.int64)


def _by_set(sums: Ints) -> list[tuple[Floats, ...]]:
    """Fold several sums by cell and the sets a row is in, shape (C, 16, sums), to those of each set."""
    codes = np.arange(sums.shape[1])
    member = np.array([codes >> place & 1 for place in Rows], dtype=np.float64)
    # Whole numbers far below 2**53: floats add them up exactly.
    folded = np.ascontiguousarray((member @ sums.astype(np.float64)).transpose(2, 1, 0))
    return [tuple(each) for each in folded]
