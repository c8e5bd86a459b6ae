"""Where things lie that levels tell of: buffers, yards and pools, and what a consignment takes up in each.

Only the model is read here, never records. What has been there and when is in `levels`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.measure.folds import Floats, Ints
from sim.measure.layout import lay_out
from sim.model.measures import GRAIN, NAMES, Measure
from sim.model.model import Model
from sim.model.network import Kind
from sim.model.once import of_model
from sim.model.parameters import NONE


@dataclass(frozen=True)
class Stores:
    """Every buffer and yard with a limit or an opening stock, and every pool.

    Attributes:
        subjects: buffers, yards, pools, each kind in order of id.
        units: display unit of each subject.
        grain: integer units in one display unit, of each subject.
        pools: first pool among the subjects.
        of_facility: the buffer of each facility among the subjects, -1 for none, shape (facilities,).
        of_cell: the buffer or yard in which a consignment waits at a cell, -1 for none, shape (C,).
        amount: what it takes up there, in integer units, shape (C,).
    """

    subjects: tuple[str, ...]
    units: tuple[str, ...]
    grain: Floats
    pools: int
    of_facility: Ints
    of_cell: Ints
    amount: Ints


@of_model
def stores_of(model: Model) -> Stores:
    """List the stores of a model."""
    layout = lay_out(model)
    buffers = [f for f, one in enumerate(model.facilities) if one.buffer != NONE or one.level is not None]
    yards = [g for g, one in enumerate(model.groups) if one.yard != NONE]
    subjects = [layout.elements[layout.facility + f] for f in buffers]
    subjects += [layout.groups[g] for g in yards]
    subjects += [f"pool/{pool.id}" for pool in model.pools]
    measures = [model.facilities[f].buffer_measure for f in buffers]
    measures += [model.groups[g].yard_measure for g in yards]
    measures += [pool.measure for pool in model.pools]
    of_facility = np.full(len(model.facilities), -1, dtype=np.int64)
    of_facility[buffers] = np.arange(len(buffers))
    of_group = np.full(len(model.groups), -1, dtype=np.int64)
    of_group[yards] = len(buffers) + np.arange(len(yards))
    of_cell, measure = np.full((2, layout.cells), -1, dtype=np.int64)
    for kind, of_place, measured in (
        (Kind.FACILITY, of_facility, [one.buffer_measure for one in model.facilities]),
        (Kind.LINE, of_group, [one.yard_measure for one in model.groups]),
    ):
        here = np.flatnonzero(layout.cell_kind == kind)
        place = layout.cell_index[here]
        if kind is Kind.LINE:
            ends = np.array([line.groups for line in model.lines], dtype=np.int64).reshape(-1, 2)
            place = ends[place, layout.cell_way[here]]
        of_cell[here] = of_place[place]
        measure[here] = np.array(measured, dtype=np.int64)[place]
    # In the last place: one consignment, where a store counts these.
    amounts = np.hstack([layout.cell_amounts, np.ones((layout.cells, 1), dtype=np.int64)])
    return Stores(
        subjects=tuple(subjects),
        units=tuple(NAMES[m] if m is not Measure.CONSIGNMENT else "consignments" for m in measures),
        grain=np.array([GRAIN[m] for m in measures], dtype=np.float64),
        pools=len(buffers) + len(yards),
        of_facility=of_facility,
        of_cell=of_cell,
        amount=amounts[np.arange(layout.cells), measure],
    )
