"""What is the corridor's own cargo: boxes, dry goods and crude, apart from traffic that only loads terminals.

A scenario carries background traffic, which makes queues real and is no part of the corridor's count; totals
over everything say little to a planner. Here flows are sorted into kinds of cargo and summed by kind.
"""

from __future__ import annotations

import numpy as np

from sim.measure.collect import KpiRows
from sim.measure.folds import Bools, Floats, ratio
from sim.measure.layout import lay_out
from sim.measure.view import HOUR, View
from sim.measure.volumes import MILLION_TONNES, THOUSAND
from sim.model.flows import Flow
from sim.model.measures import Measure
from sim.model.model import Model
from sim.model.once import of_model
from sim.scenario.vocabulary import CARGO


@of_model
def background(model: Model) -> tuple[bool, ...]:
    """Tell for each flow whether it is background traffic.

    Traffic of others (`other` is a word of its id), and goods without a value where other goods have one.
    """
    valued = any(flow.value > 0 for flow in model.flows)
    return tuple(
        "other" in flow.id.split("-") or (valued and flow.value == 0 and flow.amounts[Measure.KG] > 0)
        for flow in model.flows
    )


def is_crude(flow: Flow) -> bool:
    """Tell whether a flow is crude oil, by its commodity."""
    return flow.commodity.startswith("crude")


@of_model
def cargo(model: Model) -> dict[str, Bools]:
    """Give the flows of each kind of cargo that the model has, without background."""
    own = ~np.array(background(model), dtype=np.bool_)
    crude = np.array([is_crude(flow) for flow in model.flows], dtype=np.bool_)
    amounts = lay_out(model).flow_amounts
    boxes, mass = amounts[:, Measure.TEU] > 0, amounts[:, Measure.KG] > 0
    kinds = (own & boxes, own & mass & ~crude, own & mass & crude)
    return {kind: flows for kind, flows in zip(CARGO, kinds, strict=True) if flows.any()}


def add_cargo(rows: KpiRows, view: View) -> None:
    """Add throughput by kind of cargo, and the mean transit time of boxes, each box counting alike."""
    layout = view.layout
    found = cargo(view.model)
    number = view.deliveries.number
    for kind, flows in found.items():
        measure, unit, grain = (
            (Measure.TEU, "TEU/yr", THOUSAND)
            if kind == "containers"
            else (Measure.KG, "Mt/yr", MILLION_TONNES)
        )
        amount = number * layout.cell_amounts[layout.pair_last, measure] * flows[layout.pair_flow]
        rows.add("throughput", unit, [f"cargo/{kind}"], [amount.sum() * view.per_year / grain])
    if "containers" in found:
        rows.add("transit_time.mean", "h", ["cargo/containers"], _box_time(view, found["containers"]) / HOUR)


def _box_time(view: View, flows: Bools) -> Floats:
    layout = view.layout
    spent = view.deliveries.spent
    boxes = layout.cell_amounts[layout.pair_last, Measure.TEU] * flows[layout.pair_flow]
    return ratio(np.array([(spent * boxes).sum()]), np.array([(view.deliveries.number * boxes).sum()]))
