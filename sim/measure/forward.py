"""Time only goes forward and amounts add up: checks of single rows that a closing statement rests on.

Each check is one function that raises; nothing is measured here.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from sim.engine.records import Outcome
from sim.errors import BalanceError
from sim.measure.folds import Bools, Ints
from sim.measure.parts import Parts
from sim.measure.view import View
from sim.model.measures import Measure


def check(view: View, parts: Parts) -> None:
    """Run all checks.

    Raises:
        BalanceError: naming the first row that contradicts the rules.
    """
    if not view.is_checked:
        check_order(view)
        check_joints(view)
        check_ends(view)
        check_amounts(view)
    check_aboard(view, parts)


def check_order(view: View) -> None:
    """Within a step: asked, started, ended, left, in this order."""
    columns = (("asked", view.asked), ("started", view.started), ("ended", view.ended), ("left", view.left))
    for (earlier, first), (later, second) in pairwise(columns):
        _refuse(view, second < first, f"was {later} before it was {earlier}")


def check_joints(view: View) -> None:
    """Between steps: the next is asked at the instant at which the one before is left."""
    ordinal = view.records.steps.ordinal
    follows = ordinal[1:] > 0
    torn = follows & ((ordinal[1:] != ordinal[:-1] + 1) | (view.asked[1:] != view.left[:-1]))
    _refuse(view, np.append([False], torn), "was asked at another time than the step before was left")


def check_ends(view: View) -> None:
    """A journey begins with the offer and ends with the delivery."""
    consignments = view.records.consignments
    at, head = view.journeys.consignment, view.journeys.row
    last = head + view.journeys.length - 1
    _refuse_at(
        view, view.asked[head] != view.arrived[at], head, "was asked at another time than it was offered"
    )
    done = consignments.outcome[at] == Outcome.DELIVERED
    over = view.layout.cell_last[view.cell[last]] & (view.left[last] < view.end)
    _refuse_at(view, done != over, last, "is over without delivery, or delivered without being over")
    _refuse_at(
        view, done & (view.left[last] != view.finished[at]), last, "was left at another time than delivered"
    )


def check_amounts(view: View) -> None:
    """A consignment reaches a step with its flow's amounts, as changed by the facilities before."""
    steps, amounts = view.records.steps, view.layout.cell_amounts
    for name, column, measure in (("kg", steps.kg, Measure.KG), ("milliteu", steps.milliteu, Measure.TEU)):
        wrong = column != amounts[:, measure][view.cell]
        _refuse(view, wrong, f"came with another amount of {name} than its flow's")


def check_aboard(view: View, parts: Parts) -> None:
    """Parts add up to consignments and to what vessels carry, within their capacity."""
    aboard, sailings = view.records.aboard, view.records.sailings
    carried = parts.carried
    off = (carried != sailings.amount) | (sailings.amount > sailings.capacity)
    if off.any():
        k = int(np.flatnonzero(off)[0])
        line = view.model.lines[int(sailings.line[k])]
        msg = (
            f"{line.vessels[int(sailings.vessel[k])]} on trip {int(sailings.trip[k])} carries "
            f"parts of {int(carried[k])}, says {int(sailings.amount[k])}, "
            f"and may carry {int(sailings.capacity[k])}"
        )
        raise BalanceError(msg)
    if parts.is_checked or not len(aboard.flow):
        return
    heads = np.flatnonzero(parts.begins)
    last = np.append(heads[1:], len(parts.upto)) - 1
    row, carried, whole = parts.row[last], parts.upto[last], parts.whole[last]
    landed = view.times("ended", row) < view.end
    _refuse_at(
        view,
        (carried > whole) | (landed & (carried != whole)),
        row,
        "was carried in parts that do not add up",
    )


def _refuse(view: View, wrong: Bools, what: str) -> None:
    if wrong.any():
        raise _error(view, int(np.flatnonzero(wrong)[0]), what)


def _refuse_at(view: View, wrong: Bools, rows: Ints, what: str) -> None:
    if wrong.any():
        raise _error(view, int(rows[np.flatnonzero(wrong)[0]]), what)


def _error(view: View, row: int, what: str) -> BalanceError:
    steps = view.records.steps
    ordinal = int(steps.ordinal[row])
    step = view.model.subject(view.model.routes[int(steps.route[row])].steps[ordinal])
    flow = view.model.flows[int(steps.flow[row])].id
    times = ", ".join(f"{name} {getattr(view, name)[row]}" for name in ("asked", "started", "ended", "left"))
    number = int(steps.consignment[row])
    return BalanceError(f"flow {flow}: consignment {number} at step {ordinal} ({step}) {what} ({times} s)")
