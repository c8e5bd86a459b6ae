"""Who waited for what at an instant: blocked and waiting consignments, and vessels that may be kept.

The picture from which standstills are read. Consignments of one cell that wait for the same are alike, so
they are counted in classes; those in parts on vessels stand alone. No judgement is made here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from sim.engine.records import NULL, ServerState
from sim.measure.folds import Bools, Ints, is_among
from sim.measure.lines import Trips
from sim.model.network import Kind

NAMED = 4
"""Consignments of a class whose numbers are kept; the others are counted."""

Vessel = tuple[int, int]
"""Line, and number of the vessel in it."""


class Waits(Enum):
    """What a consignment waits for."""

    ADMISSION = "to be admitted by"
    SERVER = "for a server of"
    VESSEL = "for a vessel of"


class Keeps(Enum):
    """What keeps a vessel."""

    CARGO = "to be rid of its cargo at"
    BERTH = "for a berth to unload at"
    LOADING = "for a berth to load at"


@dataclass(frozen=True)
class Waiters:
    """Consignments that are alike: of one cell, waiting for the same.

    Attributes:
        waits: for what.
        cell: cell of the step at which they are; at their origin that of the first step.
        origin: True for those at their origin.
        count: how many they are.
        numbers: the numbers of the first of them in the flow.
        vessels: the vessels that they keep from being ready, or that carry parts of them.
        ashore: amount of each that waits in the yard, in integer units of the line's measure.
    """

    waits: Waits
    cell: int
    origin: bool
    count: int
    numbers: tuple[int, ...]
    vessels: tuple[Vessel, ...] = ()
    ashore: int = 0


@dataclass(frozen=True)
class Ship:
    """A vessel that may be kept: by what, and at which berth group."""

    vessel: Vessel
    keeps: Keeps
    group: int


@dataclass(frozen=True)
class Scene:
    """An instant.

    Attributes:
        time: seconds from the window's start.
        waiters: consignments that wait.
        ships: vessels that may be kept.
        others: lines with a vessel that goes on whatever happens.
    """

    time: int
    waiters: tuple[Waiters, ...]
    ships: tuple[Ship, ...]
    others: frozenset[int]


@dataclass(frozen=True)
class _Stays:
    """Step rows and the time [since, until) that each spent in one state, only those that see an instant."""

    row: Ints
    cell: Ints
    since: Ints
    until: Ints

    def at(self, time: int) -> Ints:
        return self.row[(self.since <= time) & (time < self.until)]

    def counted(self, time: int, *, origin: bool) -> list[Waiters]:
        """Count those of each cell, without their numbers."""
        number = np.bincount(self.cell[(self.since <= time) & (time < self.until)])
        return [
            Waiters(Waits.ADMISSION, cell, origin, int(number[cell]), ())
            for cell in np.flatnonzero(number).tolist()
        ]


class Scenes:
    """Shows one replication at chosen instants."""

    def __init__(self, trips: Trips, at: Sequence[int]) -> None:
        view = self._view = trips.view
        self._parts = trips.parts
        self._trips = trips
        # Nothing happens at the run's end any more: the second before shows what it left.
        self.times = np.unique(np.clip(np.asarray(at, dtype=np.int64), view.model.clock.begin, view.end - 1))
        stays = ~view.layout.cell_last[view.held_cell]
        blocked, cell = view.held[stays], view.held_cell[stays]
        self._blocked = self._stays(blocked, cell, view.times("ended", blocked), view.times("left", blocked))
        # Only before a first step is one asked for before it admits.
        self._origin = self._stays(*view.late)

    def _stays(self, row: Ints, cell: Ints, since: Ints, until: Ints) -> _Stays:
        place = np.searchsorted(self.times, since)
        next_time = np.append(self.times, self._view.end)[place]
        seen = next_time < until
        return _Stays(row[seen], cell[seen], since[seen], until[seen])

    def refused(self, time: int) -> list[Waiters]:
        """Give who is refused admission, without their numbers and the vessels that they keep."""
        return [*self._blocked.counted(time, origin=False), *self._origin.counted(time, origin=True)]

    def at(self, time: int) -> Scene:
        """Show an instant."""
        view = self._view
        layout = view.layout
        blocked, origin = self._blocked.at(time), self._origin.at(time)
        kept = self._kept(blocked)
        waiters = self._classes(Waits.ADMISSION, blocked, kept=kept)
        waiters += self._classes(Waits.ADMISSION, origin, origin=True)
        rows = np.flatnonzero((view.asked <= time) & (time < view.ended))
        rows = rows[view.admitted(rows) <= time]
        kind = layout.cell_kind[view.cells_at(rows)]
        before = view.started[rows] > time
        waiters += self._classes(Waits.SERVER, rows[before & (kind == Kind.FACILITY)])
        waiters += self._at_lines(rows[kind == Kind.LINE], time)
        ships, others = self._ships(
            time, {vessel for one in waiters for vessel in one.vessels if not one.ashore}
        )
        return Scene(time, tuple(waiters), tuple(ships), frozenset(others))

    def _classes(
        self, waits: Waits, rows: Ints, *, origin: bool = False, kept: dict[int, Vessel] | None = None
    ) -> list[Waiters]:
        """Group rows by cell."""
        view = self._view
        cells = view.cells_at(rows)
        order = np.argsort(cells, kind="stable")
        cells = cells[order]
        heads = np.flatnonzero(np.append([True], cells[1:] != cells[:-1])[: len(cells)])
        counts = np.diff(heads, append=len(cells))
        vessels: defaultdict[int, set[Vessel]] = defaultdict(set)
        if kept:
            for cell, vessel in zip(view.cells_at(np.array(list(kept))).tolist(), kept.values(), strict=True):
                vessels[cell].add(vessel)
        out = []
        for head, count in zip(heads.tolist(), counts.tolist(), strict=True):
            cell = int(cells[head])
            first = view.numbers_at(rows[order[head : head + min(count, NAMED)]]).tolist()
            out.append(Waiters(waits, cell, origin, count, tuple(first), tuple(sorted(vessels[cell]))))
        return out

    def _kept(self, rows: Ints) -> dict[int, Vessel]:
        """Give the vessel that brought the last part of each consignment blocked after a line."""
        trips = self._trips
        chosen = np.flatnonzero(is_among(trips.last_part_row, rows, size=len(self._view.records.steps)))
        aboard = self._view.records.aboard
        part = trips.last_part[chosen]
        keys = zip(aboard.line[part].tolist(), aboard.vessel[part].tolist(), strict=True)
        return dict(zip(trips.last_part_row[chosen].tolist(), keys, strict=True))

    def _at_lines(self, rows: Ints, time: int) -> list[Waiters]:
        """Whole consignments in the yard by cell; those of which a part has been taken one by one."""
        view, parts = self._view, self._parts
        whole = rows[view.started[rows] > time]
        out = self._classes(Waits.VESSEL, whole)
        amounts = parts.whole_of_cell
        out = [replace(one, ashore=int(amounts[one.cell])) for one in out]
        taken = rows[view.started[rows] <= time]
        sailings, aboard = view.records.sailings, view.records.aboard
        chosen = np.flatnonzero(is_among(parts.row, taken, size=len(view.records.steps)))
        loading = view.cut(sailings.loading)[parts.trip[chosen]]
        landed = view.cut(sailings.landed)[parts.trip[chosen]]
        boarded: defaultdict[int, int] = defaultdict(int)
        carriers: defaultdict[int, set[Vessel]] = defaultdict(set)
        for part, begun, down in zip(chosen.tolist(), loading.tolist(), landed.tolist(), strict=True):
            if begun > time:
                continue
            row = int(parts.row[part])
            boarded[row] += int(aboard.amount[part])
            if down > time:
                carriers[row].add((int(aboard.line[part]), int(aboard.vessel[part])))
        of_taken = (view.cells_at(taken).tolist(), view.numbers_at(taken).tolist())
        for row, cell, number in zip(taken.tolist(), *of_taken, strict=True):
            ashore = int(amounts[cell]) - boarded[row]
            vessels = tuple(sorted(carriers[row]))
            out.append(Waiters(Waits.VESSEL, cell, False, 1, (number,), vessels, ashore))
        return out

    def _ships(self, time: int, keeping: set[Vessel]) -> tuple[list[Ship], set[int]]:
        """Say of every vessel in service what may keep it."""
        view, trips = self._view, self._trips
        sailings = view.records.sailings
        # Trips of a vessel stand in order: the last one decided on is the one before the next vessel's.
        known = np.flatnonzero(trips.decided <= time)
        line_of, number_of = sailings.line[known], sailings.vessel[known]
        final = np.append((line_of[1:] != line_of[:-1]) | (number_of[1:] != number_of[:-1]), [True])
        rows = known[final[: len(known)]]
        vessels = zip(sailings.line[rows].tolist(), sailings.vessel[rows].tolist(), strict=True)
        last: dict[Vessel, int] = dict(zip(vessels, rows.tolist(), strict=True))
        absent = self._absent(time)
        ships: list[Ship] = []
        others: set[int] = set()
        for number, line in enumerate(view.model.lines):
            homes = _homes(line.vessel_class, [one.start for one in line.classes], line.groups)
            for rank in range(len(line.vessels)):
                vessel = (number, rank)
                state = absent.get(vessel)
                if state == ServerState.WITHDRAWN:
                    continue
                k = last.get(vessel, -1)
                ship = (
                    Ship(vessel, Keeps.LOADING, homes[rank])
                    if k < 0
                    else self._ship(vessel, k, time, keeping)
                )
                if ship is None or state == ServerState.DOWN:
                    others.add(number)
                else:
                    ships.append(ship)
        return ships, others

    def _ship(self, vessel: Vessel, trip: int, time: int, keeping: set[Vessel]) -> Ship | None:
        """Say what may keep a vessel whose latest trip is given; None if nothing can."""
        view, sailings = self._view, self._view.records.sailings

        def later(times: Ints) -> bool:
            return int(view.cut(times[trip : trip + 1])[0]) > time

        if later(sailings.loading) and later(sailings.sailed):
            # Called over: it needs a berth to take along what waits, none to sail empty.
            empty = int(sailings.loading[trip]) == NULL != int(sailings.sailed[trip])
            return None if empty else Ship(vessel, Keeps.LOADING, int(sailings.origin[trip]))
        group = int(sailings.destination[trip])
        if later(sailings.arrived):
            return None
        if int(self._trips.released[trip]) <= time:
            return Ship(vessel, Keeps.LOADING, group)
        if later(sailings.berthed):
            return Ship(vessel, Keeps.BERTH, group)
        if later(sailings.landed):
            return None
        return Ship(vessel, Keeps.CARGO, group) if vessel in keeping else None

    def _absent(self, time: int) -> dict[Vessel, int]:
        vessels, cut = self._view.records.vessels, self._view.cut
        now: Bools = (cut(vessels.begin) <= time) & (time < cut(vessels.end))
        rows = np.flatnonzero(now)
        return {(int(vessels.line[k]), int(vessels.vessel[k])): int(vessels.state[k]) for k in rows}


def _homes(kinds: tuple[int, ...], starts: list[str], groups: tuple[int, int]) -> list[int]:
    """Give the berth group at which each vessel lies at the start."""
    placed: defaultdict[int, int] = defaultdict(int)
    out = []
    for kind in kinds:
        end = placed[kind] % 2 if starts[kind] == "split" else int(starts[kind] == "to")
        placed[kind] += 1
        out.append(groups[end])
    return out
