"""A view filled by compiled passes: the same columns and sums as the plain ones of `view`, read in one go.

Taken where the compiled engine has run, so that Numba is loaded. Where a row contradicts the rules nothing is
filled in, and the plain checks say what is wrong. Nothing is defined here.
"""

from __future__ import annotations

import numpy as np

from sim.measure.folds import Bools, Floats, Ints
from sim.measure.passes import read_journeys
from sim.measure.tally import Rows, Tally
from sim.measure.view import View
from sim.model.measures import Measure

STEPS = ("flow", "consignment", "route", "ordinal", "asked", "started", "ended", "left", "kg", "milliteu")
CONSIGNMENTS = ("flow", "number", "arrived", "outcome", "finished")
"""Columns that the pass reads, in its order."""


def fill(seen: View) -> None:
    """Read and check all rows of steps, and put what the view would derive from them where it keeps it."""
    model, layout, steps = seen.model, seen.layout, seen.records.steps
    is_sound, cell, times, rows, sums, spent = read_journeys(
        model.clock.begin,
        model.clock.end,
        tuple(_whole(getattr(steps, name)) for name in STEPS),
        tuple(_whole(getattr(seen.records.consignments, name)) for name in CONSIGNMENTS),
        (
            _whole(layout.cell_element),
            _whole(layout.cell_last),
            _whole(layout.first.reshape(-1)),
            np.array([len(model.routes)]),
        ),
        _whole(layout.cell_amounts[:, [Measure.KG, Measure.TEU]]),
    )
    if not is_sound:
        return
    waited, held, journey_row, journey_consignment = rows
    number, waits, blocks, stays = (_by_set(each) for each in np.moveaxis(sums, 2, 0))
    vars(seen).update(
        is_checked=True,
        cell=cell,
        asked=times[0],
        started=times[1],
        ended=times[2],
        left=times[3],
        waited=waited,
        held=held,
        journey_row=journey_row,
        journey_consignment=journey_consignment,
        tally=Tally.of(number, waited=waits, blocked=blocks, stayed=stays),
        under_way=spent.astype(np.float64),
    )


def _whole(column: Ints | Bools) -> Ints:
    return np.ascontiguousarray(column, dtype=np.int64)


def _by_set(sums: Ints) -> tuple[Floats, ...]:
    """Fold sums by cell and the sets a row is in, shape (C, 16), to those of each set."""
    codes = np.arange(sums.shape[1])
    return tuple(sums[:, codes >> place & 1 == 1].sum(axis=1).astype(np.float64) for place in Rows)
