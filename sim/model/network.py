"""What stands still: places, legs, facilities, ports with their berth groups, pools, routes.

Frozen and ordered by id, so that an index is also the alphabetical rank that breaks ties.
Fields of type `Param` are indices into `Model.parameters`; `NONE` means the element has no such rule.
Times are seconds, distances kilometres, amounts floats in base units (kg, TEU, …; see `measures`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from sim.model.measures import Measure
from sim.model.parameters import NONE, Param

Family = Literal[
    "fixed", "gamma", "lognormal", "exponential", "weibull", "erlang", "triangular", "uniform", "empirical"
]


@dataclass(frozen=True)
class Shape:
    """The law of a mean-one factor by which a base value is multiplied.

    Attributes:
        family: name of the distribution.
        cv: coefficient of variation; for `erlang` the cv of its k (1/sqrt(k)).
        points: low, mode, high of a triangle, low and high of a uniform, or the empirical values,
            all divided by their mean; empty otherwise.
    """

    family: Family = "fixed"
    cv: float = 0.0
    points: tuple[float, ...] = ()


FIXED = Shape()


class Direction(IntEnum):
    """By which buffers, yards and train paths are counted."""

    WEST = 0
    EAST = 1


class Kind(IntEnum):
    """Kind of a step."""

    LEG = 0
    FACILITY = 1
    LINE = 2


@dataclass(frozen=True)
class Place:
    """A point on the map; latitude and longitude in degrees."""

    id: str
    name: str
    country: str
    lat: float
    lon: float


@dataclass(frozen=True)
class Outage:
    """Failures of each server of a facility or each vessel of a line.

    Attributes:
        every: seconds of working (or calendar) time to a failure, mean.
        lasts: seconds of a repair, mean.
        every_shape: law of the time to a failure.
        lasts_shape: law of a repair.
        clock: what uses up the time to a failure. Vessels count all time.
        resumed: True where a failure interrupts the job in hand, which goes on after the repair.
    """

    every: Param
    lasts: Param
    every_shape: Shape
    lasts_shape: Shape
    clock: Literal["working", "calendar"] = "working"
    resumed: bool = False


@dataclass(frozen=True)
class Leg:
    """A journey between two places, used both ways.

    Attributes:
        ends: places at its `from` and `to` end.
        distance: kilometres.
        speed: kilometres per second.
        open: 1 while open, 0 while closed.
        train_paths: trains per second and direction, or `NONE` without a limit.
        hours: intervals of the UTC day in seconds in which a departure is allowed; () for always.
            An interval whose end is not after its start goes on over midnight.
        emissions: gCO2e per kg and km.
    """

    id: str
    ends: tuple[int, int]
    mode: str
    distance: Param
    speed: Param
    open: Param
    train_paths: Param
    single_track: bool
    hours: tuple[tuple[int, int], ...]
    shape: Shape
    emissions: float


@dataclass(frozen=True)
class Facility:
    """Servers with a queue in front.

    Attributes:
        service: seconds per unit of `per`; for a rate, units (kg, TEU, …) of `per` per second.
        rate: True where `service` is a rate: one server, service = size / rate, none starts at rate 0.
        buffer: room per direction for what waits, in units of `buffer_measure` (kg, TEU, …).
        changes: factors by which the amounts leave, in the order of `measures.AMOUNTS`, or None.
        level: mean and law of what lies in the buffer at the start (kg, TEU, …), or None.
        calendar: index into `Model.calendars`, or -1.
        emissions: gCO2e per kg handled.
    """

    id: str
    place: int
    task: str
    servers: Param
    service: Param
    rate: bool
    per: Measure
    shape: Shape
    buffer: Param
    buffer_measure: Measure
    hours: tuple[tuple[int, int], ...]
    outage: Outage | None
    changes: tuple[float, float, float, float, float] | None
    level: tuple[float, Shape] | None
    calendar: int
    emissions: float = 0.0


@dataclass(frozen=True)
class BerthGroup:
    """Berths of one kind at a port, with the yard behind them.

    Attributes:
        id: `port/group`, e.g. `aktau/container`.
        berths: how many vessels may lie there at once.
        yard: room per direction for what waits for a vessel, in units of `yard_measure`.
        calendar: index into `Model.calendars`, or -1 for a port that weather never closes.
    """

    id: str
    port: str
    place: int
    berths: Param
    yard: Param
    yard_measure: Measure
    calendar: int


@dataclass(frozen=True)
class Pool:
    """Reusable assets that come back after a return time.

    Attributes:
        size: units of `measure` owned.
        returns: mean seconds from release to the next use.
    """

    id: str
    measure: Measure
    size: Param
    returns: Param
    shape: Shape


@dataclass(frozen=True)
class Step:
    """One step of a route.

    Attributes:
        kind: leg, facility or line.
        index: which one of its kind.
        way: 0 from the `from` end to the `to` end, 1 the other way; 0 for a facility.
        places: place index where the step starts and where it ends.
        occurrence: how many times this element stood in the route before.
    """

    kind: Kind
    index: int
    way: int
    places: tuple[int, int]
    occurrence: int = 0


@dataclass(frozen=True)
class Use:
    """A pool held from admission to one step until the next step after another admits."""

    pool: int
    first: int
    last: int


@dataclass(frozen=True)
class Route:
    """An ordered list of steps, or an outside option without steps.

    Attributes:
        promise: seconds promised, or None.
        outside: seconds and USD per TEU (or per t) of an outside option, as parameters, or None.
    """

    id: str
    title: str
    origin: int
    direction: Direction
    steps: tuple[Step, ...]
    uses: tuple[Use, ...]
    promise: float | None
    outside_time: Param = NONE
    outside_cost: Param = NONE

    @property
    def is_outside(self) -> bool:
        """Tell whether this is an outside option."""
        return self.outside_time != NONE
