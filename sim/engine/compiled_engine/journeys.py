"""Records of what is on its way: consignments, the stops of their routes, flows and their choice.

As in `state`, a class is the layout of a row. Nothing is computed here.
"""

from __future__ import annotations

from sim.engine.compiled_engine.fields import Short, Small, Stamp


class Consignment:
    """A consignment; it is in the calendar at most once, and in at most one queue.

    Attributes:
        ordinal: which stop it is at; -1 at its origin.
        first_stop: first stop of the option chosen.
        base: row of its first step.
        since: since when it waits where it is now.
        ends: when its service ends, where an outage may put that off.
        holder: what it keeps while blocked, coded as in `journey`, or -1.
        server: number of the server that it has.
        next: who comes after it in its queue, or -1.
        first_part: its first row in `parts`, or -1.

    One line of the processor's cache.
    """

    since: int
    ends: int
    flow: Short
    number: Short
    first_stop: Short
    base: Short
    holder: Short
    next: Short
    first_part: Short
    admitted: Stamp
    finished: Stamp
    ordinal: Small
    server: Small
    option: Small
    outcome: Small


class Shipment:
    """What of a consignment waits for a vessel, is aboard, or has been landed.

    Attributes:
        waits: amount that still waits.
        boarded: amount that has been boarded.
        ashore: amount that has been landed.
        parts: parts in which it has been boarded.
        last_part: the last of its rows in `parts`, which are linked.
    """

    waits: int
    boarded: int
    ashore: int
    parts: Short
    last_part: Short


class Row:
    """Times of one step of one consignment, once entered; it was asked for when the last was left."""

    started: Stamp
    ended: Stamp
    left: Stamp
    server: Short


class Stop:
    """One step of one option of one flow: everything about it that does not change.

    Attributes:
        element: index of the leg, facility or line.
        way: 0 where the step starts at the element's `from` end, 1 at its `to` end.
        door: the door at which one waits, `queue`: the queue there, by the pools needed.
        last: of its route; `ends_alone`: a last leg whose end sets off nothing but the delivery.
        factors: where the flow's factors begin in `numbers`, or -1 where nothing is random.
        size: by how much a service is scaled.
        room: integer amount in the measure of the element's buffer or yard.
        load: integer amount in a line's measure.
        takes, takes_to: pools to take on admission, in `holdings`; `gives`, `gives_to`: those to give back.
    """

    kind: int
    element: int
    direction: int
    way: int
    last: bool
    ends_alone: bool
    door: int
    queue: int
    factors: int
    size: float
    room: int
    load: int
    kg: int
    milliteu: int
    milliwagons: int
    millitrucks: int
    millitrains: int
    takes: int
    takes_to: int
    gives: int
    gives_to: int


class Holding:
    """An amount of a pool that a stop takes or gives; `factors` of the return time as in `Stop`."""

    pool: int
    amount: int
    factors: int


class Flow:
    """A flow.

    Attributes:
        first: its first consignment; `arrivals`: where its arrival times begin in `times`; `offered`: so far.
        base: its first row; `length`: rows of a consignment.
        chance: where its uniform numbers or Gumbel noise begin in `numbers`.
        units: TEU, or tonnes, of a consignment.
        stranded, stranded_last: those that found no open route; `rescued`: those that choose again now.
        production: whether it is cut `after` seconds of refusals and comes back by a ramp.
        level, taken, due, seen, full_since, refused_last, step: of production, as in `contracts`.
    """

    first: int
    count: int
    offered: int
    arrivals: int
    base: int
    length: int
    choice: int
    first_option: int
    last_option: int
    chance: int
    value_of_time: int
    units: float
    scale: float
    memory: int
    stranded: int
    stranded_last: int
    rescued: int
    production: bool
    after: int
    ramp: int
    level: float
    taken: float
    due: float
    seen: int
    full_since: int
    refused_last: int
    step: int


class Option:
    """One entry of a choice, with its contract under `cascade`; `then` is -1 where no cap follows."""

    route: int
    share: int
    weight: float
    first_stop: int
    stops: int
    outside_cost: int
    outside_time: int
    price: int
    price_to: int
    experience: float
    updated: int
    capped: bool
    at_most: int
    then: int
    lag: int
    amount: int
    year: int
    used: int
    refused_at: int


class Route:
    """Whether a route may be chosen, and its steps [first, last) in `steps`."""

    first: int
    last: int
    open: bool


class Step:
    """A step of a route."""

    kind: int
    element: int
