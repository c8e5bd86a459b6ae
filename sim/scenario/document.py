"""The resolved scenario: every quantity a number in base units, every default filled in.

Frozen and plain, made by `resolve`, read by `sim.model.compile`. Base units: s, km, kg, TEU, wagon,
truck, train, consignment, USD, gCO2e; 1 FEU = 2 TEU; shares are fractions. Mappings are ordered by id.
Where a number came from is not here but in `provenance`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Measure = Literal["t", "TEU", "wagons", "trucks", "trains", "consignment"]
Family = Literal[
    "fixed", "gamma", "lognormal", "exponential", "weibull", "erlang", "triangular", "uniform", "empirical"
]


@dataclass(frozen=True)
class Random:
    """A random quantity: a mean in base units times a mean-one factor.

    Attributes:
        mean: mean in base units.
        family: law of the factor.
        cv: coefficient of variation (for erlang 1/sqrt(k)); 0 for triangular, uniform, empirical, fixed.
        points: low, mode, high | low, high | sorted empirical values, divided by the mean.
    """

    mean: float
    family: Family = "fixed"
    cv: float = 0.0
    points: tuple[float, ...] = ()


@dataclass(frozen=True)
class Price:
    """USD per unit of a measure (per t: USD/kg x 1000 is already undone: USD per kg), per km or flat."""

    measure: Measure
    usd: float
    per_km: bool = False


Prices = tuple[Price, ...]
"""Prices by measure in the order TEU, wagons, trucks, t, trains, consignment; the first that fits counts."""


@dataclass(frozen=True)
class Amount:
    """A limit or size in a measure: kg, TEU, wagons, …, not yet in thousandths."""

    value: float
    measure: Measure


@dataclass(frozen=True)
class Outages:
    """Failures: times to a failure and of repair in seconds."""

    every: Random
    lasts: Random
    clock: Literal["working", "calendar"] = "working"
    job: Literal["finished", "resumed"] = "finished"


@dataclass(frozen=True)
class Clock:
    """Start in UTC; length and warm-up in seconds."""

    start: datetime
    length: float
    warmup: float


@dataclass(frozen=True)
class Experiment:
    """How often and how surely; `seed` is the simulation's seed."""

    replications: int = 20
    seed: int = 1
    confidence: float = 0.95


@dataclass(frozen=True)
class Place:
    """A point on the map."""

    name: str
    country: str
    lat: float
    lon: float


@dataclass(frozen=True)
class Leg:
    """A journey. `speed` km/s, `distance` km, `train_paths` trains/s or None, `emissions` g/kg/km.

    `hours` are intervals of the UTC day in seconds; () means always. `cv` is the lognormal spread of the
    running time.
    """

    origin: str
    destination: str
    mode: str
    distance: float
    speed: float
    cv: float
    train_paths: float | None
    single_track: bool
    hours: tuple[tuple[int, int], ...]
    tariff: Prices
    open: bool
    emissions: float


@dataclass(frozen=True)
class Facility:
    """Servers with a queue.

    Attributes:
        service: seconds per unit of `per`, or None for a rate facility.
        rate: units of `per` (kg, TEU, …) per second, already read from the table by its selector, or None.
        rate_shape: mean-one law of the service time of a rate facility, or None where it is fixed.
        per: measure that scales the service (`consignment`: not scaled).
        buffer: room per direction for what waits, or None for no limit.
        level: what lies in the buffer at the start, in base units of the buffer's measure.
        changes: factor by measure.
        charge: prices.
    """

    at: str
    task: str
    servers: float
    service: Random | None
    rate: float | None
    per: Measure
    buffer: Amount | None
    level: Random | None
    hours: tuple[tuple[int, int], ...]
    outages: Outages | None
    changes: Mapping[Measure, float]
    charge: Prices
    emissions: float = 0.0
    """gCO2e per kg handled."""
    rate_shape: Random | None = None
    """Law of the factor on the service time of a rate facility, or None where it is fixed."""


@dataclass(frozen=True)
class Port:
    """A port: berths and yard by berth group."""

    at: str
    berths: Mapping[str, float]
    yard: Mapping[str, Amount]


@dataclass(frozen=True)
class Closure:
    """Closures: share closed by month (12 values), length by month (12 laws, seconds)."""

    ports: tuple[str, ...]
    facilities: tuple[str, ...]
    share_closed: tuple[float, ...]
    lasts: tuple[Random, ...]
    stops_handling: bool


@dataclass(frozen=True)
class Timetable:
    """Departures or arrivals: every so often from `first`, or at given times (seconds from clock start).

    `first` is seconds from the clock's start when `clock_time` is False, else seconds after midnight UTC.
    """

    every: float | None
    first: float
    clock_time: bool
    at: tuple[float, ...] = ()


@dataclass(frozen=True)
class Leaves:
    """Leaving rule of one end: a timetable, or full and after (seconds; None: waits for ever)."""

    full: float = 1.0
    after: float | None = None
    timetable: Timetable | None = None


@dataclass(frozen=True)
class Vessels:
    """One class of vessels; capacity in the line's measure."""

    count: float
    capacity: Amount
    payload_share: float
    start: Literal["from", "to", "split"]


@dataclass(frozen=True)
class Handling:
    """Loading or unloading: seconds per unit of `per` (`consignment` here means per call)."""

    time: Random
    per: Measure


@dataclass(frozen=True)
class Line:
    """A vessel service. `origin` and `destination` are (port, berth group). `distance` km.

    `vessels` has the key "" where the scenario gives one class without a name.
    """

    origin: tuple[str, str]
    destination: tuple[str, str]
    distance: float
    sailing: Random
    vessels: Mapping[str, Vessels]
    leaves: tuple[Leaves, Leaves]
    unload: Handling
    load: Handling
    look_ahead: float
    outages: Outages | None
    charge: Prices
    emissions: float


@dataclass(frozen=True)
class Pool:
    """Reusable assets; `returns` seconds."""

    size: Amount
    returns: Random


@dataclass(frozen=True)
class PoolUse:
    """Which steps (by id) a route holds a pool from and to."""

    pool: str
    first: str
    last: str


@dataclass(frozen=True)
class Route:
    """Steps by id, or an outside option: seconds and USD per TEU (or per kg).

    `outside_measure` is the measure that the outside cost is per (`TEU` or `t`).
    """

    title: str
    origin: str | None
    direction: Literal["west", "east"] | None
    promise: float | None
    steps: tuple[str, ...]
    uses: tuple[PoolUse, ...]
    outside_time: float | None = None
    outside_cost: float | None = None
    outside_measure: Measure = "TEU"


@dataclass(frozen=True)
class CascadeEntry:
    """One entry of a cascade; the caps are amounts per second, or None."""

    route: str
    at_most: Amount | None = None
    renegotiated_to: Amount | None = None
    renegotiated_after: float = 0.0


@dataclass(frozen=True)
class Choice:
    """How a flow chooses.

    Attributes:
        kind: which rule.
        shares: weight by route, for `shares`.
        cascade: entries in order, for `cascade`.
        options: routes in order, for `logit`.
        scale: per USD, for `logit`.
        memory: seconds, for `logit`.
    """

    kind: Literal["shares", "cascade", "logit"]
    shares: Mapping[str, float] = field(default_factory=dict)
    cascade: tuple[CascadeEntry, ...] = ()
    options: tuple[str, ...] = ()
    scale: float = 0.0
    memory: float = 0.0


@dataclass(frozen=True)
class Flow:
    """Demand.

    Attributes:
        volume: amount per second by year ({0: …} where it does not depend on the year), in `volume_measure`
            base units (kg, TEU, …; consignments); None where only a timetable gives it.
        consignment: base units (kg, TEU, wagons, trucks, trains) of one consignment.
        season: 12 monthly weights as written.
        value: USD per unit of `value_measure` (kg, TEU, …), or 0.
        value_of_time: USD per unit of `value_of_time_measure` and second; a share of value per day has
            been multiplied out.
        cut_after, cut_ramp: seconds, or None.
    """

    commodity: str
    volume: Mapping[int, float] | None
    volume_measure: Measure
    consignment: Mapping[Measure, float]
    arrivals: Literal["poisson", "regular", "timetable"]
    timetable: Timetable | None
    season: tuple[float, ...]
    value: float
    value_measure: Measure
    value_of_time: float
    value_of_time_measure: Measure
    choice: Choice
    cut_after: float | None = None
    cut_ramp: float = 0.0


@dataclass(frozen=True)
class Target:
    """What calibration is held to; observed and tolerance in base units of the KPI's unit as displayed.

    `of` is the subject, or what a sum is called; `subjects` are those that are summed. `kept_aside` says that
    the figure is marked `use: validate`, so calibration must not see it.
    """

    kpi: str
    of: str
    observed: float
    tolerance: float
    unit: str
    subjects: tuple[str, ...] = ()
    kept_aside: bool = False


@dataclass(frozen=True)
class Expectation:
    """A claim about a KPI: below, above or within bounds, at a level of confidence."""

    kpi: str
    of: str
    low: float | None
    high: float | None
    unit: str
    at: float


@dataclass(frozen=True)
class Intervention:
    """One entry of the timeline: seconds from the clock's start; `end` None: it stays.

    What it sets, scales or adds is applied by `Scenario.document_at`.
    """

    title: str
    start: int
    end: int | None
    ramp: int


@dataclass(frozen=True)
class Document:
    """The whole resolved scenario at one moment of its timeline."""

    title: str
    summary: str
    clock: Clock
    experiment: Experiment
    places: Mapping[str, Place]
    legs: Mapping[str, Leg]
    facilities: Mapping[str, Facility]
    ports: Mapping[str, Port]
    closures: Mapping[str, Closure]
    lines: Mapping[str, Line]
    pools: Mapping[str, Pool]
    routes: Mapping[str, Route]
    flows: Mapping[str, Flow]
    timeline: tuple[Intervention, ...]
    targets: tuple[Target, ...]
    expect: tuple[Expectation, ...]
