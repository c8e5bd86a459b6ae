"""Record tables as a reader sees them: ids for indices, hours for seconds, NaN for what has not happened.

Columns and their order are those of the published results; nothing is measured here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.engine.records import NULL, Outcome, Records
from sim.measure.folds import Floats, Ints
from sim.measure.levels import build_levels
from sim.measure.parts import parts_of
from sim.measure.view import HOUR, View, view
from sim.model.measures import GRAIN, Measure
from sim.model.model import Model


class Coded(NamedTuple):
    """A column of ids: codes into categories in order of id, -1 for none.

    Attributes:
        codes: shape (rows,).
        categories: every id there is, used or not.
    """

    codes: Ints
    categories: tuple[str, ...]


Column = Ints | Floats | Coded
Table = dict[str, Column]

OUTCOMES = ("under way", "delivered", "turned away", "gone outside")
"""How `Outcome` is written."""


def record_tables(model: Model, records: Records) -> dict[str, Table]:
    """Give the record tables of one replication.

    Args:
        model: the model that was run.
        records: what the run left.

    Returns:
        `steps`, `sailings`, `aboard`, `levels` and `consignments`, each as named columns; times in hours
        since the clock's start, amounts on vessels and levels in t, TEU, wagons, …
    """
    seen = view(model, records)
    return {
        "steps": _steps(seen),
        "sailings": _sailings(seen),
        "aboard": _aboard(seen),
        "levels": _levels(seen),
        "consignments": _consignments(seen),
    }


def _hours(times: Ints) -> Floats:
    return np.where(times == NULL, np.nan, times / HOUR)


def _coded(codes: Ints, names: Sequence[str]) -> Coded:
    """Code ids alphabetically, whatever order the indices are in."""
    categories = tuple(sorted(names))
    rank = {name: k for k, name in enumerate(categories)}
    order = np.array([*(rank[name] for name in names), -1], dtype=np.int64)
    return Coded(order[codes], categories)


def _flows(seen: View, codes: Ints) -> Coded:
    return _coded(codes, [flow.id for flow in seen.model.flows])


def _routes(seen: View, codes: Ints) -> Coded:
    return _coded(codes, [route.id for route in seen.model.routes])


def _steps(seen: View) -> Table:
    steps = seen.records.steps
    ids = [subject.partition("/")[2] for subject in seen.layout.elements]
    return {
        "flow": _flows(seen, steps.flow),
        "consignment": steps.consignment,
        "route": _routes(seen, steps.route),
        "ordinal": steps.ordinal,
        "step": _coded(seen.element, ids),
        "asked": _hours(steps.asked),
        "started": _hours(steps.started),
        "ended": _hours(steps.ended),
        "left": _hours(steps.left),
        "kg": steps.kg,
        "teu": steps.milliteu / GRAIN[Measure.TEU],
    }


def _vessels(seen: View, line: Ints, vessel: Ints) -> Coded:
    names = [name for one in seen.model.lines for name in one.vessels]
    first = np.concatenate(([0], np.cumsum([len(one.vessels) for one in seen.model.lines]))).astype(np.int64)
    return _coded(first[line] + vessel, names)


def _grains(seen: View, line: Ints) -> Floats:
    grain = np.array([GRAIN[one.measure] for one in seen.model.lines], dtype=np.float64)
    out: Floats = grain[line]
    return out


def _sailings(seen: View) -> Table:
    sailings = seen.records.sailings
    groups = [group.id for group in seen.model.groups]
    times = ("called", "ready", "loading", "loaded", "sailed", "arrived", "berthed", "landed")
    grain = _grains(seen, sailings.line)
    return {
        "line": _coded(sailings.line, [line.id for line in seen.model.lines]),
        "vessel": _vessels(seen, sailings.line, sailings.vessel),
        "trip": sailings.trip,
        "origin": _coded(sailings.origin, groups),
        "destination": _coded(sailings.destination, groups),
        **{name: _hours(getattr(sailings, name)) for name in times},
        "amount": sailings.amount / grain,
        "capacity": sailings.capacity / grain,
    }


def _aboard(seen: View) -> Table:
    aboard = seen.records.aboard
    return {
        "flow": _flows(seen, aboard.flow),
        "consignment": aboard.consignment,
        "part": aboard.part,
        "vessel": _vessels(seen, aboard.line, aboard.vessel),
        "trip": aboard.trip,
        "amount": aboard.amount / _grains(seen, aboard.line),
    }


def _levels(seen: View) -> Table:
    levels = build_levels(seen, parts_of(seen))
    return {
        "subject": Coded(levels.owner, levels.stores.subjects),
        "time": levels.time / HOUR,
        "value": levels.value,
    }


def _consignments(seen: View) -> Table:
    consignments = seen.records.consignments
    return {
        "flow": _flows(seen, consignments.flow),
        "consignment": consignments.number,
        "arrived": _hours(consignments.arrived),
        "outcome": Coded(consignments.outcome, OUTCOMES[: len(Outcome)]),
        "route": _routes(seen, consignments.route),
        "admitted": _hours(consignments.admitted),
        "finished": _hours(consignments.finished),
    }
