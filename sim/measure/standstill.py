"""Standstills: sets of blocked entities none of which could go on if all others outside the set did.

The largest such set at an instant is found by starting from all that wait and taking away, again and again,
whoever could go on once everybody already taken away had gone. What is left holds itself up for ever.
Waiting for weather, a closed leg, a vessel's fill, a slot, a repair or a capacity set to 0 is none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

import numpy as np

from sim.engine.records import Records
from sim.errors import Finding, Level
from sim.measure.lines import Trips
from sim.measure.parts import parts_of
from sim.measure.scene import Keeps, Scene, Scenes, Ship, Vessel, Waiters, Waits
from sim.measure.view import HOUR, View, view
from sim.model.measures import Measure, integer_amount, part
from sim.model.model import Model
from sim.model.network import Kind, Step, Use
from sim.model.parameters import NONE
from sim.model.times import months_between


def standstills(model: Model, records: Records, at: Sequence[int]) -> list[Finding]:
    """Look for standstills at some instants.

    Args:
        model: the model that was run.
        records: what the run left.
        at: instants in seconds from the window's start.

    Returns:
        One finding for each instant at which something stands still for ever, naming all that does.
    """
    seen = view(model, records)
    return _look(Trips(seen, parts_of(seen)), at)


def standstill_findings(trips: Trips) -> list[Finding]:
    """Look at each month's end and at the end of the run; report the first."""
    seen = trips.view
    months, _ = months_between(seen.model.clock.start, begin=seen.model.clock.begin, end=seen.end)
    return _look(trips, [*months[1:].tolist(), seen.end])[:1]


def _look(trips: Trips, at: Sequence[int]) -> list[Finding]:
    scenes = Scenes(trips, at)
    found = []
    for time in scenes.times.tolist():
        # Without somebody refused admission who stays so there is none: look there first, it is cheap.
        refused = _Still(trips.view, Scene(time, tuple(scenes.refused(time)), (), frozenset()))
        if not refused.may_last():
            continue
        still = _Still(trips.view, scenes.at(time))
        still.reduce()
        if still.waiters:
            found.append(still.finding())
    return found


class _Still:
    """The set that is being reduced."""

    def __init__(self, seen: View, scene: Scene) -> None:
        self.seen = seen
        self.model = seen.model
        self.scene = scene
        self.waiters = list(scene.waiters)
        self.ships = list(scene.ships)

    def reduce(self) -> None:
        """Take away who could go on until nobody can."""
        before = -1
        while before != len(self.waiters) + len(self.ships):
            before = len(self.waiters) + len(self.ships)
            self._count()
            self.waiters = [one for one in self.waiters if not self._goes(one)]
            self.ships = [ship for ship in self.ships if not self._sails(ship)]

    def may_last(self) -> bool:
        """Tell whether any of those refused admission might stay so, whoever else waits.

        Whoever waits in a buffer goes on when a server can start; who waits in a yard, unless vessels are
        kept by consignments that they have landed. Where neither holds anybody up, pools are held for long
        by the refused alone.
        """
        before = -1
        while before != len(self.waiters):
            before = len(self.waiters)
            self._count()
            kept = any(self._step(one.cell).kind is Kind.LINE for one in self.waiters if not one.origin)
            unsure = set(range(len(self.model.pools))) if kept else self._pools_of_the_jammed()
            self.waiters = [one for one in self.waiters if self._may_stay(one, kept=kept, unsure=unsure)]
        return bool(self.waiters)

    def _pools_of_the_jammed(self) -> set[int]:
        """Pools that may be held by who waits in front of servers all of which are blocked."""
        layout = self.seen.layout
        out: set[int] = set()
        for facility, direction in [key for key in list(self.servers) if not self._server(*key)]:
            here = (layout.cell_kind == Kind.FACILITY) & (layout.cell_index == facility)
            for cell in np.flatnonzero(here & (layout.cell_direction == direction)).tolist():
                out.update(use.pool for use in self._held(cell))
        return out

    def _may_stay(self, one: Waiters, *, kept: bool, unsure: set[int]) -> bool:
        cell = one.cell if one.origin else one.cell + 1
        step, direction = self._step(cell), int(self.seen.layout.cell_direction[cell])
        if not self._pools_free(cell, unsure=unsure):
            return True
        if step.kind is Kind.FACILITY:
            return not self._server(step.index, direction)
        return kept and step.kind is Kind.LINE

    # -- what the members of the set hold ----------------------------------------------------------------

    def _count(self) -> None:
        """Add up servers, buffers, yards, pools and berths held by the members."""
        self.servers: defaultdict[tuple[int, int], int] = defaultdict(int)
        self.buffers: defaultdict[tuple[int, int], int] = defaultdict(int)
        self.yards: defaultdict[tuple[int, int], int] = defaultdict(int)
        self.pools: defaultdict[int, int] = defaultdict(int)
        self.berths: defaultdict[int, int] = defaultdict(int)
        self.cargo: defaultdict[tuple[int, int], int] = defaultdict(int)
        keeping: set[Vessel] = set()
        layout = self.seen.layout
        for one in self.waiters:
            number = one.count
            step, direction = self._step(one.cell), int(layout.cell_direction[one.cell])
            self._hold_pools(one, number)
            if one.waits is Waits.ADMISSION:
                keeping.update(one.vessels)
                if step.kind is Kind.FACILITY and not one.origin:
                    self.servers[step.index, direction] += number
            elif one.waits is Waits.SERVER:
                measure = self.model.facilities[step.index].buffer_measure
                self.buffers[step.index, direction] += number * self._amount(one.cell, measure)
            elif one.ashore:
                group = self.model.lines[step.index].groups[step.way]
                self.yards[group, direction] += number * self._in_yard(one, group)
                self.cargo[step.index, group] += number
        # A vessel whose every blocked consignment has gone on keeps its berth no longer.
        self.ships = [ship for ship in self.ships if ship.keeps is not Keeps.CARGO or ship.vessel in keeping]
        for ship in self.ships:
            if ship.keeps is Keeps.CARGO:
                self.berths[ship.group] += 1
        self.members = {ship.vessel for ship in self.ships}
        self.lines_stuck = {ship.vessel[0] for ship in self.ships} - self.scene.others - self._free_lines()

    def _free_lines(self) -> set[int]:
        """Lines of which a vessel has been taken away."""
        return {ship.vessel[0] for ship in self.scene.ships if ship.vessel not in self.members}

    def _hold_pools(self, one: Waiters, number: int) -> None:
        if one.origin:
            return
        for use in self._held(one.cell):
            self.pools[use.pool] += number * self._taken(one.cell, use.pool, use.first)

    # -- whether a member could go on --------------------------------------------------------------------

    def _goes(self, one: Waiters) -> bool:
        step, direction = self._step(one.cell), int(self.seen.layout.cell_direction[one.cell])
        if one.waits is Waits.SERVER:
            return self._server(step.index, direction)
        if one.waits is Waits.VESSEL:
            if any(vessel in self.members for vessel in one.vessels):
                return False
            return one.ashore == 0 or step.index not in self.lines_stuck
        cell = one.cell if one.origin else one.cell + 1
        return self._pools_free(cell) and self._admits(cell, direction)

    def _admits(self, cell: int, direction: int) -> bool:
        step = self._step(cell)
        if step.kind is Kind.LEG:
            return True
        if step.kind is Kind.FACILITY:
            facility = self.model.facilities[step.index]
            if self._server(step.index, direction):
                return True
            room = self._limit(facility.buffer, facility.buffer_measure)
            taken = self.buffers[step.index, direction] + self._amount(cell, facility.buffer_measure)
            return room is None or taken <= room
        group = self.model.lines[step.index].groups[step.way]
        yard = self.model.groups[group]
        room = self._limit(yard.yard, yard.yard_measure)
        return room is None or self.yards[group, direction] + self._amount(cell, yard.yard_measure) <= room

    def _server(self, facility: int, direction: int) -> bool:
        """Tell whether a server could start work for a direction; capacity 0 is no standstill."""
        number = self._number(self.model.facilities[facility].servers)
        return number == 0 or self.servers[facility, direction] < number

    def _pools_free(self, cell: int, *, unsure: Collection[int] = ()) -> bool:
        """Tell whether the pools that a step takes have enough; an unsure one has not."""
        ordinal = int(self.seen.layout.cell_ordinal[cell])
        for use in self._uses(cell):
            if use.first == ordinal:
                pool = self.model.pools[use.pool]
                size = self._limit(pool.size, pool.measure) or 0
                if use.pool in unsure or self.pools[use.pool] + self._taken(cell, use.pool, use.first) > size:
                    return False
        return True

    def _sails(self, ship: Ship) -> bool:
        if ship.keeps is Keeps.CARGO:
            return False
        berths = self._number(self.model.groups[ship.group].berths)
        if berths == 0 or self.berths[ship.group] < berths:
            return True
        # Without cargo on its side a vessel needs no berth to be called over.
        return ship.keeps is Keeps.LOADING and not self.cargo[ship.vessel[0], ship.group]

    # -- the model at this instant -----------------------------------------------------------------------

    def _step(self, cell: int) -> Step:
        layout = self.seen.layout
        return self.model.routes[int(layout.cell_route[cell])].steps[int(layout.cell_ordinal[cell])]

    def _held(self, cell: int) -> list[Use]:
        """Give the uses of pools that are held at a step."""
        ordinal = int(self.seen.layout.cell_ordinal[cell])
        return [use for use in self._uses(cell) if use.first <= ordinal <= use.last]

    def _uses(self, cell: int) -> tuple[Use, ...]:
        return self.model.routes[int(self.seen.layout.cell_route[cell])].uses

    def _amount(self, cell: int, measure: Measure) -> int:
        if measure is Measure.CONSIGNMENT:
            return 1
        return int(self.seen.layout.cell_amounts[cell, measure])

    def _taken(self, cell: int, pool: int, first: int) -> int:
        """Give the units of a pool that a consignment takes on admission to the step `first` of its route."""
        ordinal = int(self.seen.layout.cell_ordinal[cell])
        return self._amount(cell - ordinal + first, self.model.pools[pool].measure)

    def _in_yard(self, one: Waiters, group: int) -> int:
        """Give what a consignment, or what is left of it, takes up in the yard."""
        step = self._step(one.cell)
        whole = self._amount(one.cell, self.model.lines[step.index].measure)
        total = self._amount(one.cell, self.model.groups[group].yard_measure)
        return total - part(total, upto=whole - one.ashore, after=0, whole=max(whole, 1))

    def _value(self, parameter: int) -> float:
        return self.seen.parameter(parameter, self.scene.time)

    def _number(self, parameter: int) -> int:
        return 1 if parameter == NONE else int(self._value(parameter) + 1e-9)

    def _limit(self, parameter: int, measure: Measure) -> int | None:
        return None if parameter == NONE else integer_amount(self._value(parameter), measure)

    # -- the report --------------------------------------------------------------------------------------

    def finding(self) -> Finding:
        """Name all that stands still."""
        names = [self._name(one) for one in self.waiters] + [self._name_ship(ship) for ship in self.ships]
        since = f"since {self.scene.time / HOUR:,.0f} h at the latest"
        return Finding(
            code="standstill",
            level=Level.WARNING,
            where=None,
            path="",
            message=f"{since} these hold each other up for ever: {'; '.join(names)}",
            expected="room for one of them to go on",
            hint="a larger buffer or yard, one more server or berth, or a larger pool",
        )

    def _name(self, one: Waiters) -> str:
        layout = self.seen.layout
        flow = self.model.flows[int(layout.cell_flow[one.cell])].id
        shown = ", ".join(str(number) for number in one.numbers)
        left = one.count - len(one.numbers)
        more = f" and {left} more" if left else ""
        here = layout.elements[int(layout.cell_element[one.cell])]
        at = "at the origin" if one.origin else f"at {here}"
        cell = one.cell + 1 if one.waits is Waits.ADMISSION and not one.origin else one.cell
        wanted = layout.elements[int(layout.cell_element[cell])]
        vessels = "".join(f", keeping {self._vessel(vessel)}" for vessel in one.vessels)
        return f"consignment {shown}{more} of {flow} {at}, waiting {one.waits.value} {wanted}{vessels}"

    def _name_ship(self, ship: Ship) -> str:
        group = self.seen.layout.groups[ship.group]
        return f"vessel {self._vessel(ship.vessel)}, waiting {ship.keeps.value} {group}"

    def _vessel(self, vessel: Vessel) -> str:
        return self.model.lines[vessel[0]].vessels[vessel[1]]
