"""Pools: reusable assets that a consignment holds over some steps and that come back after a return time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.engine.rules import Turn, order, seconds
from sim.engine.simpy_engine.calendar import Alarm
from sim.engine.simpy_engine.journey import Consignment, Element
from sim.model.measures import integer_amount

if TYPE_CHECKING:
    from sim.engine.simpy_engine.world import World
    from sim.model import network


class Pool:
    """One pool; `free` counts the units at home."""

    def __init__(self, world: World, rank: int, data: network.Pool) -> None:
        self.world = world
        self.rank = rank
        self.data = data
        self.size = integer_amount(world.value(data.size), data.measure)
        self.free = self.size
        self.elements: list[Element] = []
        self.changes: list[tuple[int, int]] = []
        self.changes.append((world.begin, self.free))

    def take(self, amount: int, now: int) -> None:
        """Hold units from now on."""
        self.free -= amount
        self.changes.append((now, self.free))

    def grants(self, amount: int, *, since: int, tie: int) -> bool:
        """Tell whether there are enough units at home, and nobody waits longer for more than there are.

        Args:
            amount: units wanted.
            since: since when whoever wants them has waited.
            tie: its place among those that have waited equally long.
        """
        if self.free < amount:
            return False
        for element in self.elements:
            for door in element.doors:
                if not door.waiting:
                    continue
                for needs, queue in door.queues.items():
                    if queue and self.rank in needs and (queue[0].since, queue[0].tie) < (since, tie):
                        takes = queue[0].wanted.takes
                        if any(pool is self and self.free < wanted for pool, wanted in takes):
                            return False
        return True

    def give(self, consignment: Consignment, amount: int, now: int) -> None:
        """Release units; they are home again after the return time."""
        source = consignment.source
        if source is None:
            return
        factors = source.returns.get(self.rank)
        factor = factors[consignment.number] if factors is not None else 1.0
        back = now + seconds(self.world.value(self.data.returns) * factor)
        Alarm(self.world.env, lambda _: self.home(amount)).ring(
            back, order(Turn.POOL_RETURN, self.rank, consignment.number, source.rank)
        )

    def home(self, amount: int) -> None:
        """Units are back: who has waited longest for them goes first."""
        now = self.world.env.instant
        self.free += amount
        self.changes.append((now, self.free))
        self.serve(now)

    def renew(self, now: int) -> None:
        """The pool owns more or fewer units from now on."""
        size = integer_amount(self.world.value(self.data.size), self.data.measure)
        if size != self.size:
            self.free += size - self.size
            self.size = size
            self.changes.append((now, self.free))

    def changed(self, now: int) -> None:
        """There may be more units: let in those who wait."""
        self.serve(now)

    def serve(self, now: int) -> None:
        """Let in those who wait for this pool, longest first, until it has too few for the next."""
        while True:
            heads: list[tuple[int, int, int, Element, Consignment]] = []
            for place, element in enumerate(self.elements):
                for door in element.doors:
                    for needs, queue in door.queues.items():
                        if queue and self.rank in needs:
                            heads.append((queue[0].since, queue[0].tie, place, element, queue[0]))
            heads.sort(key=lambda head: head[:3])
            for _, _, _, element, head in heads:
                if any(pool is self and pool.free < amount for pool, amount in head.wanted.takes):
                    return
                before = self.free
                element.open_door(now)
                if self.free != before:
                    break
            else:
                return

    def watch(self, element: Element) -> None:
        """Remember an element at whose doors somebody may wait for this pool."""
        if element not in self.elements:
            self.elements.append(element)
