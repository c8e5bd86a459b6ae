"""Demand: flows with their consignments, arrivals and choice among routes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.model.measures import Measure
from sim.model.parameters import NONE, Param


@dataclass(frozen=True)
class Cap:
    """A contract: at most so much a calendar year, until renegotiated.

    Attributes:
        at_most: integer units of `measure` (kg, thousandths) let in per calendar year.
        measure: what is counted.
        then: the cap after renegotiation, or None where it never changes.
        lag: seconds from the first refusal to the renegotiated cap.
    """

    at_most: int
    measure: Measure
    then: int | None = None
    lag: int = 0


@dataclass(frozen=True)
class Option:
    """One entry of a choice.

    Attributes:
        route: index of the route.
        share: weight under `shares`; `NONE` otherwise.
        cap: contract under `cascade`, or None.
        prices: per step of the route, a parameter of `Model.prices`: USD for a whole consignment.
    """

    route: int
    share: Param = NONE
    cap: Cap | None = None
    prices: tuple[Param, ...] = ()


@dataclass(frozen=True)
class Cut:
    """Production that is cut `after` seconds of refusals and comes back over `ramp` seconds."""

    after: int
    ramp: int


@dataclass(frozen=True)
class Flow:
    """Demand of one commodity.

    Attributes:
        amounts: kg, thousandths of TEU, wagons, trucks, trains of one consignment.
        arrivals: how they arrive.
        demand_time: seconds from the clock's start, ascending, from the run's begin to its end.
        demand: expected number of consignments cumulated at `demand_time`, linear between.
        slots: arrival times in seconds, where `arrivals` is `timetable`.
        choice: which rule chooses among `options`; under `shares` they stand in order of id,
            under `cascade` and `logit` as listed.
        scale: logit scale per USD.
        memory: seconds of memory of experienced transit time.
        value: USD per unit of `unit_measure` (TEU, else t).
        value_of_time: parameter of `Model.prices`, USD per unit of `unit_measure` and second.
        unit_measure: TEU for a flow that has TEU, else mass: what generalised cost is per.
    """

    id: str
    commodity: str
    amounts: tuple[int, int, int, int, int]
    arrivals: Literal["poisson", "regular", "timetable"]
    demand_time: NDArray[np.int64]
    demand: NDArray[np.float64]
    slots: NDArray[np.int64]
    choice: Literal["shares", "cascade", "logit"]
    options: tuple[Option, ...]
    scale: float
    memory: int
    cut: Cut | None
    value: float
    value_of_time: Param
    unit_measure: Measure
