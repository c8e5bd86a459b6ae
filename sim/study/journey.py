"""One consignment's journey, read from the records of a replication."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches

import numpy as np

from sim.engine.records import NULL, Outcome, Records
from sim.errors import UsageError
from sim.model.measures import AMOUNTS, GRAIN, NAMES
from sim.model.model import Model
from sim.model.network import Kind


@dataclass(frozen=True)
class JourneyStep:
    """One step reached; times are seconds from the clock's start, None for what has not happened."""

    subject: str
    asked: int | None
    started: int | None
    ended: int | None
    left: int | None
    vessels: tuple[str, ...]


@dataclass(frozen=True)
class Journey:
    """What became of one consignment.

    Attributes:
        flow: id of its flow.
        number: in the flow, from 0.
        size: its amounts as text.
        arrived: when it was offered, seconds from the clock's start.
        finished: when it ended, or None while under way.
        outcome: what became of it, in words.
        route: title and id of its route, or empty.
        legs: the steps it reached, in order.
        start: the clock's start.
    """

    flow: str
    number: int
    size: str
    arrived: int
    finished: int | None
    outcome: str
    route: str
    legs: tuple[JourneyStep, ...]
    start: datetime

    def when(self, seconds: int | None) -> str:
        """Write an instant as a date; a dash for what has not happened."""
        if seconds is None:
            return "–"
        return (self.start + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M")

    def facts(self) -> dict[str, object]:
        """Give the journey as plain values: dates, and hours since the clock's start."""
        return {
            "size": self.size,
            "arrived": self.when(self.arrived),
            "finished": None if self.finished is None else self.when(self.finished),
            "outcome": self.outcome,
            "route": self.route,
            "steps": [
                {
                    "step": step.subject,
                    "asked": _hours(step.asked),
                    "started": _hours(step.started),
                    "ended": _hours(step.ended),
                    "left": _hours(step.left),
                    "vessels": list(step.vessels),
                }
                for step in self.legs
            ],
        }


def journey_of(model: Model, records: Records, *, flow: str, number: int) -> Journey:
    """Read one journey.

    Args:
        model: what was simulated.
        records: of the replication.
        flow: id of the flow.
        number: of the consignment in its flow, from 0.

    Raises:
        UsageError: no such flow, or it offered fewer consignments.
    """
    ids = [each.id for each in model.flows]
    if flow not in ids:
        near = get_close_matches(flow, ids, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"flows are {', '.join(ids)}"
        message = f"no flow {flow}; {hint}"
        raise UsageError(message)
    index = ids.index(flow)
    table = records.consignments
    rows = np.flatnonzero((table.flow == index) & (table.number == number))
    if not rows.size:
        count = int((table.flow == index).sum())
        message = f"no consignment {number} of {flow}: it offered {count}, numbered from 0"
        raise UsageError(message)
    row = int(rows[0])
    route = int(table.route[row])
    named = model.routes[route] if route >= 0 else None
    return Journey(
        flow=flow,
        number=number,
        size=_size(model.flows[index].amounts),
        arrived=int(table.arrived[row]),
        finished=_time(table.finished[row]),
        outcome=_outcome(Outcome(int(table.outcome[row])), _time(table.admitted[row])),
        route=f"{named.title} ({named.id})" if named else "",
        legs=_steps(model, records, flow=index, number=number),
        start=model.clock.start,
    )


def _steps(model: Model, records: Records, *, flow: int, number: int) -> tuple[JourneyStep, ...]:
    steps = records.steps
    found = []
    for row in np.flatnonzero((steps.flow == flow) & (steps.consignment == number)).tolist():
        step = model.routes[int(steps.route[row])].steps[int(steps.ordinal[row])]
        found.append(
            JourneyStep(
                subject=model.subject(step),
                asked=_time(steps.asked[row]),
                started=_time(steps.started[row]),
                ended=_time(steps.ended[row]),
                left=_time(steps.left[row]),
                vessels=_vessels(model, records, flow=flow, number=number, ordinal=int(steps.ordinal[row]))
                if step.kind is Kind.LINE
                else (),
            )
        )
    return tuple(found)


def _vessels(model: Model, records: Records, *, flow: int, number: int, ordinal: int) -> tuple[str, ...]:
    aboard = records.aboard
    rows = np.flatnonzero(
        (aboard.flow == flow) & (aboard.consignment == number) & (aboard.ordinal == ordinal)
    )
    return tuple(
        f"{model.lines[int(aboard.line[row])].vessels[int(aboard.vessel[row])]} trip {int(aboard.trip[row])}"
        for row in rows
    )


def _outcome(outcome: Outcome, admitted: int | None) -> str:
    if outcome is Outcome.UNDER_WAY:
        return "under way at the end of the run" if admitted is not None else "still waits at its origin"
    return outcome.name.lower().replace("_", " ")


def _size(amounts: tuple[int, ...]) -> str:
    given = []
    for measure, amount in zip(AMOUNTS, amounts, strict=True):
        name = NAMES[measure].removesuffix("s") if amount == GRAIN[measure] else NAMES[measure]
        given += [f"{amount / GRAIN[measure]:g} {name}"] if amount else []
    return ", ".join(given)


def _time(value: np.int64) -> int | None:
    return None if int(value) == NULL else int(value)


def _hours(seconds: int | None) -> float | None:
    return None if seconds is None else seconds / 3600
