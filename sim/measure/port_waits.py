"""How long consignments wait in a port for a vessel, by berth group.

A line's own wait joins both of its ports; here it is told where one waits.
"""

from __future__ import annotations

import numpy as np

from sim.measure.collect import KpiRows
from sim.measure.folds import ratio, total
from sim.measure.tally import Rows
from sim.measure.view import HOUR, View
from sim.model.network import Kind


def add_port_waits(rows: KpiRows, view: View) -> None:
    """Add `wait.mean` of berth groups: from reaching the port to the first loading, begun in the window."""
    layout = view.layout
    cells = np.flatnonzero(layout.cell_kind == Kind.LINE)
    if not len(cells):
        return
    group = np.array(
        [
            view.model.lines[line].groups[way]
            for line, way in zip(
                layout.cell_index[cells].tolist(), layout.cell_way[cells].tolist(), strict=True
            )
        ],
        dtype=np.int64,
    )
    size = len(layout.groups)
    spent = total(group, view.tally.waited[Rows.STARTED][cells], size=size)
    number = total(group, view.tally.count(Rows.STARTED)[cells], size=size)
    used = np.unique(group)
    rows.add("wait.mean", "h", [layout.groups[g] for g in used], ratio(spent, number)[used] / HOUR)
