"""What was emitted: g CO2e per t-km, and t per year; and the t-km themselves.

Distance and emissions per t-km come from the elements; mass is that with which a step is reached. A
facility's emissions are per t handled and add no t-km.
"""

from __future__ import annotations

import numpy as np

from sim.measure.collect import KpiRows
from sim.measure.folds import Floats, ratio
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
    gram, tkm = per_consignment(view.model)
    count = view.tally.count(Rows.DELIVERED)
    emitted, moved = layout.by_pair(count * gram), layout.by_pair(count * tkm)
    laden = layout.by_pair(tkm) > 0
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
    by_element = layout.by_element(view.tally.count(Rows.LEFT) * gram)
    emits = np.flatnonzero(layout.by_element(gram))
    names = [layout.elements[k] for k in emits]
    rows.add("co2", "t/yr", names, by_element[emits] * view.per_year / GRAMS)


@of_model
def per_consignment(model: Model) -> tuple[Floats, Floats]:
    """Give grams of CO2e and t-km of one consignment by cell, distances at the window's middle."""
    layout = lay_out(model)
    middle = np.array([model.clock.end // 2], dtype=np.int64)
    mass = layout.cell_amounts[:, Measure.KG]
    distance = np.zeros(len(layout.elements))
    factor = np.zeros(len(layout.elements))
    for k, leg in enumerate(model.legs):
        distance[k] = model.parameters.at(leg.distance, middle)[0]
        factor[k] = leg.emissions
    for k, line in enumerate(model.lines, start=layout.line):
        distance[k] = line.distance
        factor[k] = line.emissions
    handled = np.zeros(len(layout.elements))
    for k, facility in enumerate(model.facilities, start=layout.facility):
        handled[k] = facility.emissions
    kgkm = mass * distance[layout.cell_element]
    gram = kgkm * factor[layout.cell_element] + mass * handled[layout.cell_element]
    return gram, np.where(layout.cell_kind == Kind.FACILITY, 0.0, kgkm / 1000)
