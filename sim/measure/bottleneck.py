"""Where one more unit of capacity would help most.

For each element that can be enlarged: what one more unit of it is, and the model with it. These models are
run and ranked in `sim.study.bottleneck`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from sim.model.fleet import Line, VesselClass
from sim.model.model import Model
from sim.model.network import Kind
from sim.model.parameters import NONE, Param, ParameterTable
from sim.model.times import DAY

Kinds = Literal["add", "scale"]


@dataclass(frozen=True)
class OneMore:
    """One more unit of an element.

    Attributes:
        subject: the element, `facility/…`, `leg/…`, `line/…`, `port/…`, `pool/…`.
        parameter: the parameter of the model that is raised.
        path: its dotted path in the scenario.
        how: whether `by` is added to it or multiplies it.
        by: the amount in base units, or the factor.
        words: what it is, for a reader.
    """

    subject: str
    parameter: Param
    path: str
    how: Kinds
    by: float
    words: str


def candidates(model: Model) -> tuple[OneMore, ...]:
    """List one more unit of everything that some flow uses and that can be enlarged.

    A server; a tenth of a rate; a train path a day and direction; a vessel of the line's largest class; a
    berth; a tenth of a pool. Buffers and yards are no capacity: they move a queue and do not shorten it.
    """
    used = {
        (step.kind, step.index)
        for flow in model.flows
        for option in flow.options
        for step in model.routes[option.route].steps
    }
    pools = {
        use.pool for flow in model.flows for option in flow.options for use in model.routes[option.route].uses
    }
    out: list[OneMore] = []

    def add(subject: str, parameter: Param, *, how: Kinds, by: float, words: str) -> None:
        out.append(OneMore(subject, parameter, model.parameters.names[parameter], how, by, words))

    for index, leg in enumerate(model.legs):
        if (Kind.LEG, index) in used and leg.train_paths != NONE:
            add(
                f"leg/{leg.id}", leg.train_paths, how="add", by=1.0 / DAY, words="a train path a day each way"
            )
    for index, facility in enumerate(model.facilities):
        if (Kind.FACILITY, index) not in used:
            continue
        name = f"facility/{facility.id}"
        if facility.rate:
            add(name, facility.service, how="scale", by=1.1, words="a tenth of its rate")
        else:
            add(name, facility.servers, how="add", by=1.0, words="a server")
    groups: set[int] = set()
    for index, line in enumerate(model.lines):
        if (Kind.LINE, index) in used:
            largest = _largest(model, line)
            vessel = f"a vessel of class {largest.id}" if largest.id else "a vessel"
            add(f"line/{line.id}", largest.count, how="add", by=1.0, words=vessel)
            groups.update(line.groups)
    for index in sorted(groups):
        group = model.groups[index]
        add(f"port/{group.id}", group.berths, how="add", by=1.0, words="a berth")
    for index in sorted(pools):
        pool = model.pools[index]
        add(f"pool/{pool.id}", pool.size, how="scale", by=1.1, words="a tenth of it")
    return tuple(out)


def enlarged(model: Model, one: OneMore) -> Model:
    """Give the model with one more unit, at all times.

    Args:
        model: the model.
        one: which unit, from `candidates`.
    """
    table = model.parameters
    add = one.by if one.how == "add" else 0.0
    factor = one.by if one.how == "scale" else 1.0
    mine = table.index == one.parameter
    base = table.base.copy()
    base[one.parameter] = base[one.parameter] * factor + add
    parameters = ParameterTable(
        names=table.names,
        base=base,
        time=table.time,
        index=table.index,
        value=np.where(mine, table.value * factor + add, table.value),
        slope=np.where(mine, table.slope * factor, table.slope),
    )
    lines = tuple(_with_vessel(line, one.parameter) for line in model.lines)
    return replace(model, parameters=parameters, lines=lines)


def _largest(model: Model, line: Line) -> VesselClass:
    """Give the class with the largest vessels; ties to the first."""
    return max(line.classes, key=lambda one: float(model.parameters.base[one.capacity]))


def _with_vessel(line: Line, count: Param) -> Line:
    """Name one more vessel of the class whose count is given."""
    for number, one in enumerate(line.classes):
        if one.count == count:
            name = f"{line.id}/{one.id}-{one.most + 1}" if one.id else f"{line.id}/{one.most + 1}"
            place = sum(kind <= number for kind in line.vessel_class)
            classes = (*line.classes[:number], replace(one, most=one.most + 1), *line.classes[number + 1 :])
            return replace(
                line,
                classes=classes,
                vessels=(*line.vessels[:place], name, *line.vessels[place:]),
                vessel_class=(*line.vessel_class[:place], number, *line.vessel_class[place:]),
            )
    return line
