"""What it cost: tariffs of legs, charges of facilities and lines, and the value of time.

All in USD per TEU and per t. Prices are read when a step starts; time spent at an element is valued second by
second as it passes, that of a whole journey at delivery.
"""

from __future__ import annotations

import numpy as np

from sim.measure.collect import KpiRows
from sim.measure.folds import Floats, Ints, ratio, total
from sim.measure.integrals import integral_upto
from sim.measure.tally import Rows
from sim.measure.view import View
from sim.model.flows import Flow
from sim.model.measures import GRAIN, Measure
from sim.model.network import Kind
from sim.model.parameters import NONE

KINDS = ("cost_tariff", "cost_charge", "cost_time")
"""The parts that `cost` is the sum of."""


def add_costs(rows: KpiRows, view: View) -> None:
    """Add cost and its parts, by flow and route (delivered in the window) and by element (left in it).

    A ratio of sums: USD of all consignments that have the measure / their amount of it, as it arrives.
    """
    layout = view.layout
    count = view.tally.count(Rows.DELIVERED)
    price = _money(view, Rows.DELIVERED)
    served = layout.cell_kind == Kind.LEG
    tariff, charge = layout.by_pair(price * served), layout.by_pair(price * ~served)
    parts = (tariff, charge, _journey_time(view))
    pairs = count[layout.pair_last]
    amounts = layout.cell_amounts[layout.pair_last]
    for subjects, group in ((layout.flows, layout.pair_flow), (layout.routes, layout.pair_route)):
        _add(rows, subjects, group=group, parts=parts, count=pairs, amounts=amounts)
    left = view.tally.count(Rows.LEFT)
    paid = _money(view, Rows.LEFT)
    _add(
        rows,
        layout.elements,
        group=layout.cell_element,
        parts=(paid * served, paid * ~served, _stay_time(view)),
        count=left,
        amounts=layout.cell_amounts,
    )


def _add(
    rows: KpiRows,
    subjects: tuple[str, ...],
    *,
    group: Ints,
    parts: tuple[Floats, Floats, Floats],
    count: Floats,
    amounts: Ints,
) -> None:
    size = len(subjects)
    for unit, measure in (("USD/TEU", Measure.TEU), ("USD/t", Measure.KG)):
        carries = amounts[:, measure] > 0
        known = np.flatnonzero(total(group, carries, size=size))
        names = [subjects[k] for k in known]
        amount = total(group, count * amounts[:, measure] / 1000, size=size)
        costs = [ratio(total(group, part * carries, size=size), amount)[known] for part in parts]
        rows.add("cost", unit, names, costs[0] + costs[1] + costs[2])
        for name, values in zip(KINDS, costs, strict=True):
            rows.add(name, unit, names, values)


def _money(view: View, chosen: Rows) -> Floats:
    """Sum the prices that the chosen rows paid by cell, in USD."""
    layout, table = view.layout, view.model.prices
    known = layout.cell_price != NONE
    price = np.where(known, table.base[layout.cell_price] if len(table.base) else 0.0, 0.0)
    out = view.tally.count(chosen) * price
    varies = np.isin(layout.cell_price, table.index) & known
    for cell, some in view.rows_of(varies, chosen):
        out[cell] = table.at(int(layout.cell_price[cell]), view.started[some]).sum()
    return out


def _stay_time(view: View) -> Floats:
    """Sum the value of the time spent at steps left in the window by cell, in USD, each second at its own."""
    layout, table, tally = view.layout, view.model.prices, view.tally
    stay = tally.waited[Rows.LEFT] + tally.worked[Rows.LEFT] + tally.blocked[Rows.LEFT]
    out: Floats = stay * _time_value(view)[layout.cell_flow]
    if not len(table.time):
        return out
    varies = np.array([table.varies(flow.value_of_time) for flow in view.model.flows], dtype=np.bool_)
    for cell, some in view.rows_of(varies[layout.cell_flow], Rows.LEFT):
        flow = view.model.flows[int(layout.cell_flow[cell])]
        since, until = (
            integral_upto(table, flow.value_of_time, times[some]) for times in (view.asked, view.left)
        )
        out[cell] = (until - since).sum() * _units(flow)
    return out


def _journey_time(view: View) -> Floats:
    """Sum the value of transit time by pair, in USD."""
    layout = view.layout
    out = view.deliveries.spent * _time_value(view)[layout.pair_flow]
    table = view.model.prices
    for f, flow in enumerate(view.model.flows if len(table.time) else ()):
        if flow.value_of_time == NONE or not table.varies(flow.value_of_time):
            continue
        units = _units(flow)
        for p in np.flatnonzero(layout.pair_flow == f):
            mine = view.done[view.pair[view.done] == p]
            worth = table.at(flow.value_of_time, view.finished[mine]) * units
            out[p] = float((worth * (view.finished[mine] - view.arrived[mine])).sum())
    return out


def _time_value(view: View) -> Floats:
    """Value of a second of one consignment of each flow in USD; where it changes, that of the run's begin."""
    base = view.model.prices.base
    return np.array(
        [
            0.0 if flow.value_of_time == NONE else float(base[flow.value_of_time]) * _units(flow)
            for flow in view.model.flows
        ]
    )


def _units(flow: Flow) -> float:
    """Amount of one consignment in the unit that its time is valued per: TEU, or t."""
    return flow.amounts[flow.unit_measure] / GRAIN[flow.unit_measure]
