"""The state of a run: one NamedTuple of tables, whose rows are records of integers, floats and flags.

Each class below is a record: its annotations are its layout in memory, read by NumPy here and by Numba in
every function that takes the world. The words are those of the SimPy engine's classes. -1 stands for "none"
in an index, `NULL` in a time (`NEVER` in a stamp). Nothing is computed here.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple, get_args, get_type_hints

import numpy as np

from sim.engine.compiled_engine.elements import (
    Door,
    Facility,
    Home,
    Leg,
    Line,
    Pool,
    Quay,
    Queue,
    Server,
    Vessel,
    VesselClass,
    Watch,
)
from sim.engine.compiled_engine.fields import Short, Table, layout
from sim.engine.compiled_engine.journeys import (
    Consignment,
    Flow,
    Holding,
    Option,
    Route,
    Row,
    Shipment,
    Step,
    Stop,
)

LEG: Final = 0
FACILITY: Final = 1
LINE: Final = 2
"""Kinds of a step, as `sim.model.network.Kind`."""

SHARES: Final = 0
LOGIT: Final = 1
CASCADE: Final = 2
"""Rules of choice."""

STOCK: Final = 2047
"""The flow of a job of a buffer's opening stock, which belongs to no flow: after all flows."""

READY, COMMITTED, LOADING, LOADED, SAILING, UNLOADING, REPAIR, WITHDRAWN = range(8)
"""What a vessel is doing."""

FULL_CALENDAR: Final = 1
FULL_FREED: Final = 2
FULL_HOMES: Final = 4
FULL_SAILINGS: Final = 8
FULL_PARTS: Final = 16
FULL_ABSENCES: Final = 32
FULL_LEVELS: Final = 64
FULL_CANCELLED: Final = 128
OUT_OF_TRIPS: Final = 256
OUT_OF_FAILURES: Final = 512
"""Why a run has to be repeated with more room: bits of `Clock.status`."""


class Clock:
    """The run's clock, and how far each growing table is filled.

    Attributes:
        midnight: seconds from a UTC midnight to the clock's start.
        page: which page of the calendar is open; `page_bits`: a page has 2 to that power seconds.
        events: how many events are on the open page; `reached`: places there that have ever been used.
        note: first row of `notes` that is no longer used, or -1; `notes`: how many have ever been used.
        sequence: how many events have ever been put in the calendar; `offer`: the next of `offers`,
            which hold a consignment's flow and number in `place_bits` bits, its number in the lowest
            `number_bits` of these, and above them when it is offered.
        freed: holders that wait for `settle`.
        home: first row of `homes` that is no longer used, or -1; `homes`: how many have ever been used.
        change: the next instant of the timeline.
        entered: steps entered; `outside`: consignments that wait at their origin for their first step.
        status: what has overflowed.
    """

    now: int
    begin: int
    end: int
    midnight: int
    page: int
    page_bits: int
    events: int
    reached: int
    note: int
    notes: int
    sequence: int
    offer: int
    place_bits: int
    number_bits: int
    freed: int
    home: int
    homes: int
    change: int
    entered: int
    outside: int
    sailings: int
    parts: int
    absences: int
    levels: int
    cancelled: int
    status: int


class Event:
    """An event on the open page: when, its canonical key, and sequence, kind and subject in one integer."""

    time: int
    key: int
    what: int


class Note:
    """An event on a later page; `next`: another of the same page, or -1."""

    time: int
    key: int
    what: int
    next: int


class Page:
    """A page of the calendar: one of its notes, or -1."""

    first: Short


class Parameter:
    """Present value of a parameter or price; a ramping one is read at the instant it is asked for."""

    value: float
    slope: float
    since: int


class Change:
    """A new value of one parameter."""

    parameter: int
    value: float
    slope: float


class Instant:
    """An instant of the timeline with its changes [first, last)."""

    time: int
    first: int
    last: int


class Interval:
    """An interval [begin, end): opening hours of the day, or closed times."""

    begin: int
    end: int


class Calendar:
    """Closed times [first, last) of a port or facility, those of standing still, the next change."""

    first: int
    last: int
    still_first: int
    still_last: int
    next: int
    closed: bool


class Sailing:
    """A trip, as `records.Sailings`; `end`: the one that it leaves."""

    line: int
    vessel: int
    trip: int
    end: int
    called: int
    ready: int
    due: int
    slot: int
    loading: int
    loaded: int
    sailed: int
    arrived: int
    berthed: int
    landed: int
    amount: int
    capacity: int


class Part:
    """A part on a vessel, as `records.Aboard`.

    `upto`: cumulated amount of its consignment after it; `next`: the consignment's next part, or -1.
    """

    consignment: Short
    ordinal: Short
    part: Short
    line: Short
    vessel: Short
    trip: Short
    next: int
    amount: int
    upto: int


class Absence:
    """An interval in which a server, or (`afloat`) a vessel, was down or withdrawn."""

    afloat: bool
    element: int
    number: int
    state: int
    begin: int
    end: int


class Level:
    """Units of a pool at home from an instant on."""

    pool: int
    time: int
    level: int


class Cancelled:
    """A slot that no vessel served."""

    line: int
    end: int
    time: int


class World(NamedTuple):
    """Everything that one replication consists of.

    `numbers` holds all that was drawn, `times` arrivals and slots, `years` when calendar years begin,
    `prices` the parameters of each option's prices, `freed` the holders that wait for
    `releases.settle`, `scratch` a copy of a list that may change while it is gone through.
    """

    clock: Table[Clock]
    page: Table[Event]
    notes: Table[Note]
    pages: Table[Page]
    offers: Table[int]
    parameters: Table[Parameter]
    changes: Table[Change]
    instants: Table[Instant]
    intervals: Table[Interval]
    calendars: Table[Calendar]
    consignments: Table[Consignment]
    shipments: Table[Shipment]
    rows: Table[Row]
    stops: Table[Stop]
    holdings: Table[Holding]
    doors: Table[Door]
    queues: Table[Queue]
    legs: Table[Leg]
    facilities: Table[Facility]
    servers: Table[Server]
    quays: Table[Quay]
    lines: Table[Line]
    classes: Table[VesselClass]
    vessels: Table[Vessel]
    pools: Table[Pool]
    watches: Table[Watch]
    homes: Table[Home]
    flows: Table[Flow]
    options: Table[Option]
    routes: Table[Route]
    steps: Table[Step]
    sailings: Table[Sailing]
    parts: Table[Part]
    absences: Table[Absence]
    levels: Table[Level]
    cancelled: Table[Cancelled]
    numbers: Table[float]
    times: Table[int]
    prices: Table[int]
    years: Table[int]
    freed: Table[int]
    scratch: Table[int]


def element_types() -> dict[str, np.dtype[Any]]:
    """Give the type of a row of each table of the world, in order."""
    plain = {int: np.dtype(np.int64), float: np.dtype(np.float64)}
    rows = {name: get_args(hint)[0] for name, hint in get_type_hints(World).items()}
    return {name: plain[row] if row in plain else layout(row) for name, row in rows.items()}
