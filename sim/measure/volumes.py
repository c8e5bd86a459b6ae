"""How much: what was offered, delivered, turned away, gone outside, is under way, and throughput.

Counts of consignments and amounts; no times of single consignments.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.measure.collect import KpiRows
from sim.measure.folds import Floats, Ints
from sim.measure.parts import Parts
from sim.measure.tally import Rows
from sim.measure.view import View
from sim.model.measures import Measure

MILLION_TONNES = 1e9
"""Kilograms of a million tonnes."""
THOUSAND = 1000.0
"""Kilograms of a tonne, thousandths of a TEU."""


def add_volumes(rows: KpiRows, view: View) -> None:
    """Add the five counts of each flow and of all, in consignments, t and TEU.

    `under_way` is what has been offered and is neither delivered, turned away nor gone outside at the
    window's end. t and TEU are those with which consignments were offered.
    """
    for name, number in view.counts.items():
        if name != "under_way_before":
            _add_counts(rows, view, name=name, number=number)


def _add_counts(rows: KpiRows, view: View, *, name: str, number: Floats) -> None:
    layout = view.layout
    rows.add(name, "consignments", [*layout.flows, "total"], [*number, number.sum()])
    for unit, measure in (("t", Measure.KG), ("TEU", Measure.TEU)):
        size = offered_amounts(view, measure)
        amount = number * size / THOUSAND
        carriers = np.flatnonzero(size)
        if len(carriers):
            subjects = [*(layout.flows[f] for f in carriers), "total"]
            rows.add(name, unit, subjects, [*amount[carriers], amount.sum()])


def offered_amounts(view: View, measure: Measure) -> Ints:
    """Give the amount of one consignment of each flow when offered, shape (flows,)."""
    out: Ints = view.layout.flow_amounts[:, measure]
    return out


def add_throughput(rows: KpiRows, view: View, parts: Parts) -> None:
    """Add throughput per year by flow, route, country, element, berth group and in all.

    Flow, route, country, total: delivered in the window, with the amounts that arrive. Leg and facility:
    whose running or service ended in it. Line: landed in it. Berth group: landed and loaded in it.
    """
    layout = view.layout
    pairs, cells = view.deliveries.number, view.tally.count(Rows.ENDED)
    for unit, measure, grain in (("Mt/yr", Measure.KG, MILLION_TONNES), ("TEU/yr", Measure.TEU, THOUSAND)):
        scale = view.per_year / grain
        final = layout.cell_amounts[layout.pair_last, measure]
        passing = layout.cell_amounts[:, measure]
        by_pair = pairs * final * scale
        ever = (final > 0).astype(np.float64)
        _add_known(rows, unit, layout.flows, layout.by_flow(by_pair), layout.by_flow(ever))
        _add_known(rows, unit, layout.routes, layout.by_route(by_pair), layout.by_route(ever))
        touched = layout.country_pairs
        countries = [f"country/{code}" for code in layout.countries]
        _add_known(rows, unit, countries, touched @ by_pair, touched @ ever)
        element = layout.by_element(cells * passing * scale)
        element[layout.line :] = parts.landed(measure) * scale
        used = layout.by_element((passing > 0).astype(np.float64))
        _add_known(rows, unit, layout.elements, element, used)
        groups = (parts.landed_at(measure) + parts.loaded_at(measure)) * scale
        _add_known(rows, unit, layout.groups, groups, _groups_used(view, used[layout.line :]))
        if ever.any():
            rows.add("throughput", unit, ["total"], [by_pair.sum()])


def _groups_used(view: View, lines: Floats) -> Floats:
    used = np.zeros(len(view.model.groups))
    for line, known in zip(view.model.lines, lines, strict=True):
        used[list(line.groups)] += known
    return used


def _add_known(rows: KpiRows, unit: str, subjects: Sequence[str], values: Floats, known: Floats) -> None:
    """Leave out subjects that no flow with this measure can ever use."""
    chosen = np.flatnonzero(known).tolist()
    rows.add("throughput", unit, [subjects[k] for k in chosen], values[chosen])
