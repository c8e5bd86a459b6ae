"""A consignment's journey: how it asks for its next step, is let in, leaves, or waits at a door.

Blocking after service (model.md 3): a consignment leaves its step only when the next admits it. The rule
is here, once, for every kind of element; what admitting means is the element's own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, Protocol

from simpy.core import Environment
from simpy.events import Event

from sim.engine.rules import FOREVER, identity

if TYPE_CHECKING:
    from sim.engine.simpy_engine.demand import Source
    from sim.engine.simpy_engine.pool import Pool
    from sim.engine.simpy_engine.world import World

OPENING_STOCK = 2047
"""Rank of jobs that belong to no flow: after all flows."""

Callbacks = list[Callable[[Any], None]]


class Alarm(Event):
    """An event of the model's own: it has no value, is always well, and may be used again."""

    env: Calendar

    def __init__(self, env: Calendar, callback: Callable[[Event], None]) -> None:
        self.env = env
        self.calls: Callbacks = [callback]
        self.callbacks: Callbacks = []
        self._ok = True
        self._value = None

    def ring(self, at: int, key: int) -> None:
        """Put the event in the calendar; it may not be there already."""
        self.callbacks = self.calls
        self.env.post(self, key, at)


class Calendar(Environment):
    """SimPy's calendar. What an event has freed goes at once, before the next event, in order of freeing.

    The model's own events never fail, so a step is leaner than SimPy's.

    Attributes:
        instant: the present time in whole seconds.
        freed: places that have been freed and not yet been passed on.
    """

    def __init__(self, begin: int) -> None:
        super().__init__(initial_time=begin)
        self.instant = begin
        self.freed: deque[tuple[Holder, Consignment]] = deque()

    def post(self, event: Event, key: int, at: int) -> None:
        """Put an event in the calendar, at its place among simultaneous ones."""
        heappush(self._queue, (at, key, next(self._eid), event))  # type: ignore[misc]

    def run_before(self, end: int) -> None:
        """Process event after event, each with what it sets off at its instant, up to an instant's eve."""
        queue: list[tuple[int, int, int, Event]] = self._queue  # type: ignore[assignment]
        freed = self.freed
        while queue and queue[0][0] < end:
            now, _, _, event = heappop(queue)
            self._now = self.instant = now
            callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]
            for callback in callbacks:
                callback(event)
            if freed:
                self.settle()

    def settle(self) -> None:
        """Pass on what has been freed: one place after another, until none is left."""
        now = self.instant
        while self.freed:
            holder, consignment = self.freed.popleft()
            holder.released(consignment, now)


class Element(Protocol):
    """What a leg, a facility and a line have in common.

    Attributes:
        doors: who waits outside, per direction.
        limited: whether it may ever lack room; what is not limited need not be asked.
    """

    doors: tuple[Door, Door]
    limited: bool

    def admits(self, stop: Stop) -> bool:
        """Tell whether there is room for a consignment at this stop, nobody waiting at the door."""

    def take(self, consignment: Consignment, stop: Stop, now: int) -> None:
        """Let in a consignment that has been admitted."""

    def open_door(self, now: int) -> None:
        """Let in who waits outside, as far as there is room."""


class Holder(Protocol):
    """What a consignment keeps while it is blocked: a server, or a berth through its vessel."""

    def released(self, consignment: Consignment, now: int) -> None:
        """The consignment has been admitted by its next step."""


class Stop:
    """One step of one option of one flow: everything about it that does not change.

    Attributes:
        element: the leg, facility or line.
        door: who waits outside the element in this direction.
        direction: 0 west, 1 east.
        end: 0 where the step starts at the element's `from` end, 1 at its `to` end.
        factors: mean-one factors by consignment number, or None where nothing is random.
        amounts: kg, thousandths of TEU, wagons, trucks, trains on reaching the step.
        size: by how much a service is scaled.
        room: integer amount in the measure of the element's buffer or yard.
        load: integer amount in a line's measure.
        takes: pools to take on admission, with the amounts.
        gives: pools to give back on leaving, with the amounts.
        needs: ids of the pools taken, the key of the queue at a door.
        is_quiet: the last step of a route, whose end gives no pool back and teaches the flow nothing.
    """

    __slots__ = (
        "amounts",
        "direction",
        "door",
        "element",
        "end",
        "factors",
        "gives",
        "is_quiet",
        "last",
        "load",
        "needs",
        "room",
        "size",
        "takes",
    )

    def __init__(self, element: Element, *, direction: int, end: int, last: bool) -> None:
        self.element = element
        self.door = element.doors[direction]
        self.direction = direction
        self.end = end
        self.last = last
        self.factors: list[float] | None = None
        self.amounts: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
        self.size = 1.0
        self.room = 0
        self.load = 0
        self.takes: tuple[tuple[Pool, int], ...] = ()
        self.gives: tuple[tuple[Pool, int], ...] = ()
        self.needs: tuple[int, ...] = ()
        self.is_quiet = False


class Consignment(Event):
    """A consignment is its own event: it is in the calendar at most once, for its next change.

    Attributes:
        source: the flow it belongs to; None for a job of a facility's opening stock.
        number: number in its flow.
        stops: the stops of the option chosen.
        ordinal: which stop it is at; -1 at its origin.
        row: row of its current step in the record columns.
        since: since when it waits where it is now.
        ends: when its service ends, where an outage may put that off.
        server: number of the server that it has.
        holder: what it keeps while blocked; None at its origin and at the end of a leg.
        ashore: amount of a split consignment that has been landed.
        boarded: amount that has been boarded.
        parts: parts in which it has been boarded.
        base: row of its first step.
        tie: its place among those that have waited equally long, and the fixed part of its events' keys.
    """

    _ok = True
    _value = None

    def __init__(self, env: Environment, source: Source | None, number: int) -> None:
        self.env = env
        self.callbacks: Callbacks = []
        self.source = source
        self.number = number
        self.stops: list[Stop] = []
        self.ordinal = -1
        self.row = -1
        self.since = 0
        self.ends = 0
        self.server = -1
        self.holder: Holder | None = None
        self.ashore = 0
        self.boarded = 0
        self.parts = 0
        self.base = 0
        self.tie = identity(source.rank, number) if source is not None else identity(OPENING_STOCK, number)


class Door:
    """Who waits outside an element in one direction, oldest first.

    Those who need a pool stand in a queue of their own, so that a lack of wagons holds up nobody who
    needs none.
    """

    __slots__ = ("queues", "waiting")

    def __init__(self) -> None:
        self.queues: dict[tuple[int, ...], deque[Consignment]] = {}
        self.waiting = 0

    def join(self, consignment: Consignment, needs: tuple[int, ...]) -> None:
        """Wait at the end of the queue."""
        queue = self.queues.get(needs)
        if queue is None:
            queue = self.queues[needs] = deque()
        queue.append(consignment)
        self.waiting += 1

    def first(self) -> Consignment | None:
        """Give who has waited longest among the queue heads whose pools have enough; ties by key."""
        plain = self.queues.get(())
        if plain and len(plain) == self.waiting:
            return plain[0]
        best: Consignment | None = None
        for queue in self.queues.values():
            if not queue:
                continue
            head = queue[0]
            stop = head.stops[head.ordinal + 1]
            if best is not None and (best.since, best.tie) < (head.since, head.tie):
                continue
            if all(pool.grants(amount, since=head.since, tie=head.tie) for pool, amount in stop.takes):
                best = head
        return best

    def leave(self, consignment: Consignment) -> None:
        """Take the head of a queue away."""
        needs = consignment.stops[consignment.ordinal + 1].needs
        self.queues[needs].popleft()
        self.waiting -= 1


def move_on(world: World, consignment: Consignment, now: int) -> bool:
    """Try to leave the present step, whose service or running has just ended.

    Returns:
        True when the consignment has left: the next step admitted it, or it was delivered.
    """
    stops, ordinal = consignment.stops, consignment.ordinal
    stop = stops[ordinal]
    if stop.last:
        leave(world, consignment, stop, now)
        if consignment.source is not None:
            consignment.source.delivered(consignment, now)
        return True
    following = stops[ordinal + 1]
    if may_enter(following):
        leave(world, consignment, stop, now)
        enter(world, consignment, following, now)
        return True
    consignment.since = now
    following.door.join(consignment, following.needs)
    return False


def may_enter(stop: Stop) -> bool:
    """Tell whether a consignment that comes now is admitted: room, pools, and nobody before it."""
    door = stop.door
    if door.waiting and (door.queues.get(stop.needs) or door.first() is not None):
        return False
    for pool, amount in stop.takes:
        if not pool.grants(amount, since=FOREVER, tie=0):
            return False
    return not stop.element.limited or stop.element.admits(stop)


def leave(world: World, consignment: Consignment, stop: Stop, now: int) -> None:
    """Leave the present step: its time is known, its pools go back. The holder is told by the caller."""
    world.left[consignment.row] = now
    for pool, amount in stop.gives:
        pool.give(consignment, amount, now)


def enter(world: World, consignment: Consignment, stop: Stop, now: int) -> None:
    """Enter a step that admits: take its pools, begin its row, be taken in."""
    for pool, amount in stop.takes:
        pool.take(amount, now)
    ordinal = consignment.ordinal + 1
    consignment.ordinal = ordinal
    row = consignment.base + ordinal
    consignment.row = row
    if ordinal:
        world.asked[row] = now
    else:
        source = consignment.source
        assert source is not None
        world.asked[row] = source.arrived[consignment.number]
        source.admitted[consignment.number] = now
    consignment.since = now
    stop.element.take(consignment, stop, now)


def let_in(world: World, consignment: Consignment, now: int) -> None:
    """Let in the head of a door's queue: it leaves where it was, and frees what it kept there.

    What it frees goes on at the end of the present event (`Calendar.settle`), so that whoever is let in
    there finds everything in its place.
    """
    stop = consignment.stops[consignment.ordinal + 1]
    stop.door.leave(consignment)
    holder = consignment.holder
    consignment.holder = None
    if consignment.ordinal >= 0:
        leave(world, consignment, consignment.stops[consignment.ordinal], now)
    enter(world, consignment, stop, now)
    if holder is not None:
        world.env.freed.append((holder, consignment))
