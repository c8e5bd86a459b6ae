"""How much of a leg's train paths is used."""

from __future__ import annotations

import numpy as np

from sim.engine.paths import parameters_in_force
from sim.measure.collect import KpiRows
from sim.measure.layout import directions_used
from sim.measure.tally import Rows
from sim.measure.view import View
from sim.model.measures import GRAIN, Measure
from sim.model.parameters import NONE


def add_paths(rows: KpiRows, view: View) -> None:
    """Add the utilisation of legs with train paths: share of the headways of the window used.

    A departure uses trains x headway, as it was at that instant: a ramp of paths goes in hourly steps.
    Headways count once for each direction that any flow uses, once in all on a single track; opening hours do
    not shorten them. Of a leg that never has a path no share can be used: its utilisation is NaN.
    """
    legs = [k for k, leg in enumerate(view.model.legs) if leg.train_paths != NONE]
    directions = directions_used(view.layout)
    values = np.full(len(legs), np.nan)
    trains = view.layout.cell_amounts[:, Measure.TRAINS] / GRAIN[Measure.TRAINS]
    if legs:
        used = view.layout.by_element(view.tally.count(Rows.STARTED) * trains)
    for place, k in enumerate(legs):
        leg = view.model.legs[k]
        paths = 1 if leg.single_track else max(1, int(directions[k]))
        table = parameters_in_force(view.model)
        if table.varies(leg.train_paths):
            mine = np.flatnonzero(view.inside(view.started) & (view.element == k))
            headway = 1.0 / table.at(leg.train_paths, view.started[mine])
            spent = float((headway * trains[view.cell[mine]]).sum())
        elif table.base[leg.train_paths] > 0:
            spent = float(used[k]) / float(table.base[leg.train_paths])
        else:
            continue
        values[place] = spent / (paths * view.end)
    rows.add("utilisation", "share", [view.layout.elements[k] for k in legs], values)
