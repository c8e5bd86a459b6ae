"""The record tables that an engine fills: all that a run leaves, and all that measures read.

Columns are NumPy arrays; times are integer seconds from the clock's start, `NULL` for what has not
happened; ids are indices into the model's tuples. Rows stand in a canonical order, so that two engines
can be compared byte by byte. No statistic and no data frame is made here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from enum import IntEnum
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

NULL: Final = int(np.iinfo(np.int64).min)
"""A time that has not happened."""
NEVER: Final = (1 << 32) - 1
"""The same in a stamp: a time in 32 bits, seconds since the run's begin."""

Ints = NDArray[np.int64]
Stamps = NDArray[np.uint32]


class Outcome(IntEnum):
    """What became of a consignment by the end of the run."""

    UNDER_WAY = 0
    DELIVERED = 1
    TURNED_AWAY = 2
    GONE_OUTSIDE = 3


class ServerState(IntEnum):
    """Why a server of a facility is not there."""

    DOWN = 0
    WITHDRAWN = 1


@dataclass(frozen=True)
class Consignments:
    """One row per consignment offered, sorted by flow and number.

    Attributes:
        flow: index of the flow.
        number: number in its flow, from 0.
        arrived: when it was offered.
        outcome: an `Outcome`.
        route: index of the route chosen, -1 while none is or when turned away.
        admitted: when its first step admitted it.
        finished: when it was delivered, turned away or went outside.
    """

    flow: Ints
    number: Ints
    arrived: Ints
    outcome: Ints
    route: Ints
    admitted: Ints
    finished: Ints


@dataclass(frozen=True)
class Steps:
    """One row per consignment and step reached, sorted by flow, consignment, ordinal.

    The first step's `asked` is the arrival at the origin. `kg` and `milliteu` are the amounts with
    which the step was reached. `server` is the number of the facility's server, from 0, or -1.
    """

    flow: Ints
    consignment: Ints
    route: Ints
    ordinal: Ints
    asked: Ints
    started: Ints
    ended: Ints
    left: Ints
    kg: Ints
    milliteu: Ints
    server: Ints

    def __len__(self) -> int:
        return len(self.left)

    def some(self, name: str, rows: Ints) -> Ints:
        """Give a column of some rows."""
        out: Ints = getattr(self, name)[rows]
        return out

    def as_stamps(self, begin: int) -> Stamps:
        """Give started, ended, left and server in 32 bits, as `LeanSteps.stamps`, shape (rows, 4)."""
        times = np.stack([self.started, self.ended, self.left], axis=1)
        stamps = np.empty((len(times), len(LEAN)), dtype=np.uint32)
        # Of a run too long for stamps the lowest bits: as good to tell runs apart by.
        stamps[:, :-1] = np.where(times == NULL, NEVER, times - begin)
        stamps[:, -1] = self.server
        return stamps


class LeanSteps(Steps):
    """Steps of which only that is held which nothing else tells; the other columns are made when asked for.

    Attributes:
        whole: the consignments, all of them.
        length: how many steps each has reached, shape (consignments,).
        first: where the amounts of its steps begin in `amounts`, shape (consignments,).
        amounts: kg and milliteu of stops, those of a route one after the other, shape (2, stops).
        stamps: started, ended and left as stamps, and server (-1 in 32 bits), shape (rows, 4); no rows at all
            where these four are held as columns.
        begin: the run's begin, from which stamps count.
    """

    whole: Consignments
    length: Ints
    first: Ints
    amounts: Ints
    stamps: Stamps
    begin: int

    @classmethod
    def of(
        cls, whole: Consignments, *, length: Ints, first: Ints, amounts: Ints, times: Iterable[Ints]
    ) -> LeanSteps:
        """Hold what is told: `times` are started, ended, left and server, by row."""
        none = np.empty((0, len(LEAN)), dtype=np.uint32)
        held = {"length": length, "first": first, "amounts": amounts, "stamps": none, "begin": 0}
        return cls._holding(whole=whole, **held, **dict(zip(LEAN, times, strict=True)))

    @classmethod
    def stamped(
        cls, whole: Consignments, *, length: Ints, first: Ints, amounts: Ints, stamps: Stamps, begin: int
    ) -> LeanSteps:
        """Hold what is told, the times and servers as `stamps`."""
        held = {"length": length, "first": first, "amounts": amounts, "stamps": stamps, "begin": begin}
        return cls._holding(whole=whole, **held)

    @classmethod
    def _holding(cls, **held: Any) -> LeanSteps:
        made = object.__new__(cls)
        for name, value in held.items():
            object.__setattr__(made, name, value)
        return made

    @property
    def is_lean(self) -> bool:
        """Whether all other columns follow from what is held; False for one that was made of columns."""
        return "length" in vars(self)

    @property
    def is_stamped(self) -> bool:
        """Whether the times are held as stamps."""
        return self.is_lean and len(self.stamps) > 0

    def __len__(self) -> int:
        return len(self.stamps) if self.is_stamped else len(self.left)

    def as_stamps(self, begin: int) -> Stamps:
        """Give them as they are held, or make them."""
        return self.stamps if self.is_stamped else super().as_stamps(begin)

    def some(self, name: str, rows: Ints) -> Ints:
        """Give a column of some rows, without making it where it is held."""
        if not self.is_stamped or name not in LEAN:
            return super().some(name, rows)
        return _unstamped(self.stamps[rows, LEAN.index(name)], name, self.begin)

    def __getattr__(self, name: str) -> Any:
        """Make a column that has not been asked for before."""
        make = _DERIVED.get(name)
        if make is None or not self.is_lean:
            raise AttributeError(name)
        column = make(self)
        object.__setattr__(self, name, column)
        return column

    @cached_property
    def heads(self) -> Ints:
        """First row of each consignment, shape (consignments,)."""
        out: Ints = np.cumsum(self.length) - self.length
        return out


LEAN: Final = ("started", "ended", "left", "server")


def _ordinal(steps: LeanSteps) -> Ints:
    return np.arange(len(steps.left)) - np.repeat(steps.heads, steps.length)


def _asked(steps: LeanSteps) -> Ints:
    """The first step was asked for when the consignment was offered, another when the one before was left."""
    asked = np.empty_like(steps.left)
    asked[1:] = steps.left[:-1]
    there = np.flatnonzero(steps.length)
    asked[steps.heads[there]] = steps.whole.arrived[there]
    return asked


def _amount(steps: LeanSteps, place: int) -> Ints:
    out: Ints = steps.amounts[place][np.repeat(steps.first, steps.length) + steps.ordinal]
    return out


def _unstamped(held: Stamps, name: str, begin: int) -> Ints:
    """Give times, or servers, as the column of a name has them."""
    if name == "server":
        return held.view(np.int32).astype(np.int64)
    return np.where(held == NEVER, NULL, held.astype(np.int64) + begin)


def _held(name: str) -> Callable[[LeanSteps], Ints]:
    place = LEAN.index(name)
    return lambda steps: _unstamped(np.ascontiguousarray(steps.stamps[:, place]), name, steps.begin)


_DERIVED: Final[dict[str, Callable[[LeanSteps], Ints]]] = {
    "flow": lambda steps: np.repeat(steps.whole.flow, steps.length),
    "consignment": lambda steps: np.repeat(steps.whole.number, steps.length),
    "route": lambda steps: np.repeat(steps.whole.route, steps.length),
    "ordinal": _ordinal,
    "asked": _asked,
    "kg": lambda steps: _amount(steps, 0),
    "milliteu": lambda steps: _amount(steps, 1),
    **{name: _held(name) for name in LEAN},
}


@dataclass(frozen=True)
class Sailings:
    """One row per vessel and trip (one way) that was at least decided on, sorted by line, vessel, trip.

    `origin` and `destination` are berth groups. `due`: when it was decided on; `called`: the same where the
    vessel was called over; `slot`: the timetabled departure. For an empty sailing `loading`,
    `loaded`, `berthed` and `landed` are null. `landed`: unloading done. `amount` and `capacity` in integer
    units of the line's measure. `vessel` is the vessel's number in the line, from 0.
    """

    line: Ints
    vessel: Ints
    trip: Ints
    origin: Ints
    destination: Ints
    called: Ints
    ready: Ints
    due: Ints
    slot: Ints
    loading: Ints
    loaded: Ints
    sailed: Ints
    arrived: Ints
    berthed: Ints
    landed: Ints
    amount: Ints
    capacity: Ints


@dataclass(frozen=True)
class Aboard:
    """One row per part on a vessel, sorted by flow, consignment, ordinal, part."""

    flow: Ints
    consignment: Ints
    ordinal: Ints
    part: Ints
    line: Ints
    vessel: Ints
    trip: Ints
    amount: Ints


@dataclass(frozen=True)
class Slots:
    """Timetabled departures that were cancelled, sorted by line, end, time."""

    line: Ints
    end: Ints
    time: Ints


@dataclass(frozen=True)
class Servers:
    """Intervals in which a server was down or withdrawn, sorted by facility, server, begin.

    An interval still open at the run's end has `end` = `NULL`.
    """

    facility: Ints
    server: Ints
    state: Ints
    begin: Ints
    end: Ints


@dataclass(frozen=True)
class Vessels:
    """Intervals in which a vessel was under repair or withdrawn, sorted by line, vessel, begin."""

    line: Ints
    vessel: Ints
    state: Ints
    begin: Ints
    end: Ints


@dataclass(frozen=True)
class PoolLevels:
    """Units of a pool at home (not held, not returning) after each instant of change."""

    pool: Ints
    time: Ints
    level: Ints


@dataclass(frozen=True)
class Opening:
    """Jobs of a buffer's opening stock, which belongs to no flow, sorted by facility and start.

    Attributes:
        direction: whose buffer it lay in.
        amount: integer units of the buffer's measure.
        started: when its service began, `NULL` while it waits.
        ended: when its service ended.
        server: number of its server in the facility, -1 while it waits.
    """

    facility: Ints
    direction: Ints
    amount: Ints
    started: Ints
    ended: Ints
    server: Ints


@dataclass(frozen=True)
class Records:
    """All tables of one replication."""

    consignments: Consignments
    steps: Steps
    sailings: Sailings
    aboard: Aboard
    slots: Slots
    servers: Servers
    vessels: Vessels
    pools: PoolLevels
    opening: Opening

    def digest(self) -> str:
        """Give a hash over every table, equal exactly when all records are."""
        from hashlib import blake2b

        state = blake2b(digest_size=16)
        for table in fields(self):
            rows = getattr(self, table.name)
            for column in fields(rows):
                state.update(f"{table.name}.{column.name}".encode())
                state.update(np.ascontiguousarray(getattr(rows, column.name), dtype=np.int64).tobytes())
        return state.hexdigest()
