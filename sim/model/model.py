"""The whole of what will be simulated: one frozen `Model`, the only thing engines and measures read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sim.model.closures import Calendar, Closure
from sim.model.fleet import Line
from sim.model.flows import Flow
from sim.model.network import BerthGroup, Facility, Kind, Leg, Place, Pool, Route, Step
from sim.model.parameters import ParameterTable

MEANING = "3"
"""Version of the model's meaning: raised when the same scenario and seed give other records or measures."""


@dataclass(frozen=True)
class Clock:
    """The run's calendar.

    Attributes:
        start: start of the window, UTC; all times are integer seconds from it.
        begin: begin of the run (minus the warm-up).
        end: end of the window and of the run.
    """

    start: datetime
    begin: int
    end: int


@dataclass(frozen=True)
class Model:
    """A compiled scenario. Every tuple is ordered by id.

    `prices` holds money (USD per consignment and step, value of time); `parameters` all else.
    """

    clock: Clock
    places: tuple[Place, ...]
    legs: tuple[Leg, ...]
    facilities: tuple[Facility, ...]
    groups: tuple[BerthGroup, ...]
    lines: tuple[Line, ...]
    pools: tuple[Pool, ...]
    routes: tuple[Route, ...]
    flows: tuple[Flow, ...]
    closures: tuple[Closure, ...]
    calendars: tuple[Calendar, ...]
    parameters: ParameterTable
    prices: ParameterTable

    def element(self, step: Step) -> Leg | Facility | Line:
        """Give the leg, facility or line of a step."""
        if step.kind is Kind.LEG:
            return self.legs[step.index]
        if step.kind is Kind.FACILITY:
            return self.facilities[step.index]
        return self.lines[step.index]

    def subject(self, step: Step) -> str:
        """Give a step's subject as tables write it, e.g. `facility/alat-customs`."""
        return f"{step.kind.name.lower()}/{self.element(step).id}"
