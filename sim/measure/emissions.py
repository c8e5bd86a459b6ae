"""What was emitted: g CO2e per t-km, and t per year; and the t-km themselves.

Distance and emissions per t-km come from the elements: the distance of a leg is that at departure, as for its
running time. Mass is that with which a step is reached. A facility's emissions are per t handled and add no
t-km.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.measure.collect import KpiRows
from sim.measure.folds import Bools, Floats, ratio
from sim.measure.layout import lay_out
from sim.measure.tally import Rows
from sim.measure.view import View
from sim.model.measures import Measure
from sim.model.model import Model
from sim.model.network import Kind
from sim.model.once import of_model

GRAMS = 1e6
"""Grams of a tonne, t km of a Mt km."""


def add_emissions(rows: KpiRows, view: View) -> None:
    """Add CO2e and t-km by flow, route and in all (delivered in the window), CO2e by element (left in it)."""
    layout = view.layout
    each = per_consignment(view.model)
    gram, tkm = _sums(view, Rows.DELIVERED, each)
    emitted, moved = layout.by_pair(gram), layout.by_pair(tkm)
    laden = layout.by_pair(each.tkm) > 0
    for subjects, fold in ((layout.flows, layout.by_flow), (layout.routes, layout.by_route)):
        known = np.flatnonzero(fold(laden.astype(np.float64)))
        names = [subjects[k] for k in known]
        rows.add("co2", "gCO2e/t/km", names, ratio(fold(emitted), fold(moved))[known])
        rows.add("co2", "t/yr", names, fold(emitted)[known] * view.per_year / GRAMS)
        rows.add("transport_work", "Mt km/yr", names, fold(moved)[known] * view.per_year / GRAMS)
    total, work = np.array([emitted.sum()]), np.array([moved.sum()])
    rows.add("co2", "gCO2e/t/km", ["total"], ratio(total, work))
    rows.add("co2", "t/yr", ["total"], total * view.per_year / GRAMS)
    rows.add("transport_work", "Mt km/yr", ["total"], work * view.per_year / GRAMS)
    by_element = layout.by_element(_sums(view, Rows.LEFT, each)[0])
    emits = np.flatnonzero(layout.by_element(each.gram))
    names = [layout.elements[k] for k in emits]
    rows.add("co2", "t/yr", names, by_element[emits] * view.per_year / GRAMS)


@dataclass(frozen=True)
class Each:
    """What one consignment comes to at each cell, with the distances of the run's begin; shape (C,) each.

    Attributes:
        gram: grams of CO2e.
        tkm: t-km.
        varies: where the distance changes in mid-run.
    """

    gram: Floats
    tkm: Floats
    varies: Bools


@of_model
def per_consignment(model: Model) -> Each:
    """Work out grams of CO2e and t-km of one consignment by cell."""
    layout, table = lay_out(model), model.parameters
    mass = layout.cell_amounts[:, Measure.KG]
    distance = np.zeros(len(layout.elements))
    factor = np.zeros(len(layout.elements))
    varies = np.zeros(len(layout.elements), dtype=np.bool_)
    for k, leg in enumerate(model.legs):
        distance[k] = table.base[leg.distance]
        factor[k] = leg.emissions
        varies[k] = table.varies(leg.distance)
    for k, line in enumerate(model.lines, start=layout.line):
        distance[k] = line.distance
        factor[k] = line.emissions
    handled = np.zeros(len(layout.elements))
    for k, facility in enumerate(model.facilities, start=layout.facility):
        handled[k] = facility.emissions
    kgkm = mass * distance[layout.cell_element]
    gram = kgkm * factor[layout.cell_element] + mass * handled[layout.cell_element]
    tkm = np.where(layout.cell_kind == Kind.FACILITY, 0.0, kgkm / 1000)
    return Each(gram, tkm, varies[layout.cell_element])


def _sums(view: View, chosen: Rows, each: Each) -> tuple[Floats, Floats]:
    """Sum grams of CO2e and t-km of the chosen rows by cell."""
    layout, model = view.layout, view.model
    count = view.tally.count(chosen)
    gram, tkm = count * each.gram, count * each.tkm
    for cell, some in view.rows_of(each.varies, chosen):
        leg = model.legs[int(layout.cell_index[cell])]
        distance = float(model.parameters.at(leg.distance, view.started[some]).sum())
        kgkm = float(layout.cell_amounts[cell, Measure.KG]) * distance
        gram[cell], tkm[cell] = kgkm * leg.emissions, kgkm / 1000
    return gram, tkm
