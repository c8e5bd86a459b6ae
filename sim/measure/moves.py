"""What came into a buffer or yard and what went out of it, and when: the changes from which levels are made.

A buffer and a yard hold only what waits, both directions together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.measure.folds import Ints
from sim.measure.spans import pack
from sim.measure.stores import stores_of
from sim.model.network import Kind

if TYPE_CHECKING:
    from sim.measure.parts import Parts
    from sim.measure.view import View


class Moves(NamedTuple):
    """Changes of levels, in any order.

    Attributes:
        key: the store, as in `Stores`, packed with the time in seconds since the run's begin.
        change: integer units that come in, negative for those that go out.
    """

    key: Ints
    change: Ints

    @classmethod
    def joined(cls, moves: Sequence[Moves]) -> Moves:
        """Put several together."""
        return cls(*(np.concatenate(columns) for columns in zip(*moves, strict=True)))


def _stays(view: View, owner: Ints, *, since: Ints, until: Ints, amount: Ints) -> Moves:
    """Give an entry and, where it happens within the run, a departure for each stay that lasts."""
    begin = view.model.clock.begin
    lasting = np.flatnonzero((until > since) & (amount > 0) & (owner >= 0))
    going = lasting[until[lasting] < view.end]
    key = np.concatenate(
        [pack(owner[lasting], since[lasting] - begin), pack(owner[going], until[going] - begin)]
    )
    return Moves(key, np.concatenate([amount[lasting], -amount[going]]))


def moves_of(view: View) -> Moves:
    """Give what consignments move as wholes: in and out of buffers, and into yards.

    In a buffer from admission to the start of service; into a yard on admission. The first step's admission
    stands with the consignment.
    """
    stores, layout, begin = stores_of(view.model), view.layout, view.model.clock.begin
    waits = view.waits
    cell = view.cell[waits.row]
    served = np.flatnonzero(layout.cell_kind[cell] == Kind.FACILITY)
    at = cell[served]
    buffers = _stays(
        view,
        stores.of_cell[at],
        since=waits.admitted[served],
        until=waits.started[served],
        amount=stores.amount[at],
    )
    row = np.flatnonzero((layout.cell_kind == Kind.LINE)[view.cell])
    row = row[stores.of_cell[view.cell[row]] >= 0]
    at = view.cell[row]
    yards = Moves(pack(stores.of_cell[at], view.admitted(row) - begin), stores.amount[at])
    return Moves.joined([buffers, yards])


def opening_moves(view: View) -> Moves:
    """Give what the opening stock moves, which lies in buffers from the run's begin."""
    opening, stores = view.records.opening, stores_of(view.model)
    return _stays(
        view,
        stores.of_facility[opening.facility],
        since=np.full(len(opening.facility), view.model.clock.begin, dtype=np.int64),
        until=view.cut(opening.started),
        amount=opening.amount,
    )


def taken(parts: Parts) -> Moves:
    """Give what vessels take out of yards: each part when the loading begins of the trip that takes it."""
    view, stores = parts.view, stores_of(parts.view.model)
    some = np.flatnonzero(stores.of_cell[parts.cell] >= 0)
    loading = view.cut(view.records.sailings.loading)[parts.trip[some]] - view.model.clock.begin
    return Moves(pack(stores.of_cell[parts.cell[some]], loading), -parts.amounts(stores.amount)[some])
