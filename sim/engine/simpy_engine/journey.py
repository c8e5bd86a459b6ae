"""A consignment's journey: how it asks for its next step, is let in, leaves, or waits at a door.

Blocking after service (model.md 3): a consignment leaves its step only when the next admits it. The rule
is here, once, for every kind of element; what admitting means is the element's own.
"""

from __future__ import annotations

from array import array
from collections import deque
from typing import TYPE_CHECKING, Protocol

import numpy as np
from simpy.events import Event

from sim.engine.rules import FOREVER, TURN_SHIFT, Turn, seconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.engine.simpy_engine.calendar import Calendar, Callbacks
    from sim.engine.simpy_engine.demand import Source
    from sim.engine.simpy_engine.pool import Pool
    from sim.engine.simpy_engine.world import World

    Floats = NDArray[np.float64]

ARRIVAL = Turn.ARRIVAL << TURN_SHIFT


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
        ordinal: which step of its route it is, from 0; -1 for the origin.
        following: the next stop; None after the last.
        take: how the element lets in.
        admits: how the element is asked for room; None where it never lacks any.
        key: class, kind and step of its end in the canonical key of the calendar.
        factors: mean-one factors by consignment number, or None where nothing is random.
        times: seconds of service or running by consignment number, at the element's base time of the start;
            None where nothing is random.
        time: those seconds where nothing is random.
        amounts: kg, thousandths of TEU, wagons, trucks, trains on reaching the step.
        size: by how much a service is scaled.
        room: integer amount in the measure of the element's buffer or yard.
        load: integer amount in a line's measure.
        takes: pools to take on admission, with the amounts.
        gives: pools to give back on leaving, with the amounts.
        needs: ids of the pools taken, the key of the queue at a door.
        teaches: whether the flow learns from a delivery here how long the route takes (under logit).
        is_free: no room and no pool may lack here, so that who comes first is admitted.
        is_quiet: the last step of a route, whose end gives no pool back and teaches nothing.
    """

    __slots__ = (
        "admits",
        "amounts",
        "direction",
        "door",
        "element",
        "end",
        "factors",
        "following",
        "gives",
        "is_free",
        "is_quiet",
        "key",
        "load",
        "needs",
        "ordinal",
        "room",
        "size",
        "take",
        "takes",
        "teaches",
        "time",
        "times",
    )

    def __init__(self, element: Element, *, direction: int, end: int, ordinal: int, key: int) -> None:
        self.element = element
        self.door = element.doors[direction]
        self.take = element.take
        self.admits = element.admits if element.limited else None
        self.direction = direction
        self.end = end
        self.ordinal = ordinal
        self.key = key
        self.following: Stop | None = None
        self.factors: Floats | None = None
        self.times: array[int] | None = None
        self.time = 0
        self.amounts: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
        self.size = 1.0
        self.room = 0
        self.load = 0
        self.takes: tuple[tuple[Pool, int], ...] = ()
        self.is_free = False
        self.gives: tuple[tuple[Pool, int], ...] = ()
        self.needs: tuple[int, ...] = ()
        self.teaches = False
        self.is_quiet = False

    def reckon(self, base: float) -> None:
        """Work out how long the step takes each consignment: base time × its factor × its size."""
        if self.factors is None:
            self.time = seconds(base * self.size)
        else:
            times = np.floor(base * self.factors * self.size + 0.5).astype(np.int64)
            self.times = array("q", times.tobytes())

    def reckon_one(self, number: int, base: float) -> int:
        """Work out how long the step takes one consignment, at the base time of this instant."""
        factor = 1.0 if self.factors is None else float(self.factors[number])
        return seconds(base * factor * self.size)


class Consignment(Event):
    """A consignment is its own event: it is in the calendar at most once, for its next change.

    Attributes:
        source: the flow it belongs to; None for a job of a facility's opening stock.
        number: number in its flow.
        stop: where it is: the origin of the option chosen, or one of its steps.
        row: row of its present stop in the record columns.
        since: since when it waits where it is now.
        ends: when its service ends, where an outage may put that off.
        server: number of the server that it has.
        holder: what it keeps while blocked; None at its origin and at the end of a leg.
        ashore: amount of a split consignment that has been landed.
        boarded: amount that has been boarded.
        parts: parts in which it has been boarded.
        tie: its place among those that have waited equally long, and the fixed part of its events' keys.
    """

    _ok = True
    _value = None
    # Consignments are many, and each is looked at again long after: small ones stay nearer.
    __slots__ = (
        "ashore",
        "boarded",
        "callbacks",
        "ends",
        "env",
        "holder",
        "number",
        "parts",
        "row",
        "server",
        "since",
        "source",
        "stop",
        "tie",
    )

    def __init__(
        self, env: Calendar, source: Source | None, number: int, tie: int, row: int, since: int
    ) -> None:
        self.env = env
        self.source = source
        self.number = number
        self.tie = tie
        self.row = row
        self.since = since
        self.holder: Holder | None = None
        self.stop: Stop
        self.callbacks: Callbacks
        # Set anew by each facility and each line.
        self.server: int
        self.ends: int
        self.ashore: int
        self.boarded: int
        self.parts: int

    @property
    def wanted(self) -> Stop:
        """The stop that it waits for, outside its door."""
        stop = self.stop.following
        assert stop is not None
        return stop


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
            if best is not None and (best.since, best.tie) < (head.since, head.tie):
                continue
            if all(pool.grants(amount, since=head.since, tie=head.tie) for pool, amount in head.wanted.takes):
                best = head
        return best

    def leave(self, consignment: Consignment) -> None:
        """Take the head of a queue away."""
        self.queues[consignment.wanted.needs].popleft()
        self.waiting -= 1


def origin_of(first: Stop) -> Stop:
    """Give a route's origin: a stop before its first step, which all leave and nobody enters."""
    origin = Stop(first.element, direction=first.direction, end=first.end, ordinal=-1, key=ARRIVAL)
    origin.following = first
    return origin


def move_on(world: World, consignment: Consignment, now: int, *, admitted: bool = False) -> bool:
    """Leave the present stop, whose service or running has ended, or wait at the door of the next.

    Whoever leaves is taken in by the next step, or is delivered after the last one. Pools go back and are
    taken, a row of the record ends and the next begins. Who leaves a step as soon as it has ended needs no
    note of its end. The holder is told by the caller.

    Args:
        world: the world.
        consignment: who would leave.
        now: the present instant.
        admitted: whether the next step has been asked already.

    Returns:
        True when the consignment has left.
    """
    stop = consignment.stop
    following = stop.following
    if not (
        admitted
        or following is None
        or (following.is_free and not following.door.waiting)
        or may_enter(following)
    ):
        world.ended[consignment.row] = now
        consignment.since = now
        following.door.join(consignment, following.needs)
        return False
    row = consignment.row
    world.left[row] = now
    if stop.gives:
        for pool, amount in stop.gives:
            pool.give(consignment, amount, now)
    if following is None:
        if stop.teaches:
            learn(consignment, now)
        return True
    if following.takes:
        for pool, amount in following.takes:
            pool.take(amount, now)
    consignment.stop = following
    consignment.row = row + 1
    consignment.since = now
    take = following.take
    take(consignment, following, now)
    return True


def may_enter(stop: Stop) -> bool:
    """Tell whether a consignment that comes now is admitted: room, pools, and nobody before it."""
    door = stop.door
    if door.waiting and (door.queues.get(stop.needs) or door.first() is not None):
        return False
    if stop.takes and not all(pool.grants(amount, since=FOREVER, tie=0) for pool, amount in stop.takes):
        return False
    admits = stop.admits
    return admits is None or admits(stop)


def learn(consignment: Consignment, now: int) -> None:
    """Under logit a flow remembers how long its consignments took."""
    assert consignment.source is not None
    consignment.source.learn(consignment, now)


def let_in(world: World, consignment: Consignment, now: int) -> None:
    """Let in the head of a door's queue: it leaves where it was, and frees what it kept there.

    What it frees goes on at the end of the present event (`Calendar.settle`), so that whoever is let in
    there finds everything in its place.
    """
    stop = consignment.wanted
    stop.door.leave(consignment)
    holder = consignment.holder
    consignment.holder = None
    move_on(world, consignment, now, admitted=True)
    if holder is not None:
        world.env.freed.append((holder, consignment))
