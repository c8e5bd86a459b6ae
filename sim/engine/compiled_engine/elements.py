"""Records of what stands still or sails: elements, their servers and vessels, their doors and queues.

As in `state`, a class is the layout of a row; the words are those of the SimPy engine's classes. Nothing is
computed here.
"""

from __future__ import annotations

from sim.engine.compiled_engine.fields import Pair


class Door:
    """Who waits outside an element in one direction: queues [first, last), by the pools needed."""

    first: int
    last: int
    waiting: int


class Queue:
    """Consignments in a row, oldest first."""

    head: int
    tail: int


class Leg:
    """A leg; pairs are by path: by direction, or the first alone on a single track."""

    distance: int
    speed: int
    opened: int
    train_paths: int
    single_track: bool
    hours: int
    hours_to: int
    alone: bool
    open: bool
    ramps: bool
    base: float
    door: int
    queue: int
    free_from: Pair
    wakes: Pair


class Facility:
    """A facility; pairs are by direction.

    Attributes:
        first_server: its servers are the rows from here, `most` at all times of the run.
        number: servers in commission; `known`: the most there have been; `clocks`: failure clocks started.
        commissioned, down, up, serving: sets of servers, as the bits of an integer.
        held: how many consignments hold a server blocked; `holding`: which servers, as bits.
        queue: queues of the buffer, by direction, from here.
    """

    service: int
    servers: int
    buffer: int
    buffer_measure: int
    rate: bool
    hours: int
    hours_to: int
    calendar: int
    door: int
    queue: int
    works: bool
    ramps: bool
    closed: bool
    limited: bool
    base: float
    room: int
    filled: Pair
    wakes: int
    first_server: int
    most: int
    number: int
    known: int
    clocks: int
    commissioned: int
    down: int
    up: int
    serving: Pair
    held: Pair
    holding: Pair
    outages: bool
    on_calendar: bool
    resumed: bool
    every: int
    lasts: int


class Server:
    """One server.

    Attributes:
        held: how many blocked consignments hold it, by direction.
        job: the consignment it serves, where it may fail, or -1.
        left: working seconds to the next failure; `due`: goes down when the job in hand is finished.
        failures: so far; `every`, `lasts`: where its factors begin in `numbers`, or -1; `drawn`: how many.
        down_since, withdrawn_since: or NULL.
    """

    facility: int
    held: Pair
    job: int
    left: int
    due: bool
    failures: int
    every: int
    lasts: int
    drawn: int
    down_since: int
    withdrawn_since: int


class Quay:
    """A berth group with the yard behind it; `asking` and `asking_last` are the vessels that want a berth."""

    berth_number: int
    yard: int
    yard_measure: int
    calendar: int
    door: int
    closed: bool
    limited: bool
    berths: int
    lying: int
    room: int
    filled: Pair
    asking: int
    asking_last: int


class Line:
    """A vessel service; pairs are by end, `queue` is the first of its two queues.

    Attributes:
        slots: first slot of the timetable in `times`, or -1; `slots_to`: after its last; `slot`: the next;
            `rings`: when the next alarm of an end rings at which boarding may close.
        handled_share: units that loading is timed per in one of the vessels' own, of the cargo with most.
        open: whether a vessel is in service that may load.
        cover: capacity of the vessels that are at an end and have not begun to load, or sail there.
        ready: the vessel that has been ready longest.
        triggers: amounts at which the line must be looked at again.
    """

    quay: Pair
    measure: int
    first_vessel: int
    last_vessel: int
    first_class: int
    last_class: int
    queue: int
    full: Pair
    after: Pair
    slots: Pair
    slots_to: Pair
    slot: Pair
    rings: Pair
    sailing: int
    look_ahead: int
    load: int
    load_per: int
    handled_share: float
    unload: int
    unload_per: int
    outages: bool
    every: int
    lasts: int
    open: bool
    waiting: Pair
    cover: Pair
    ready: Pair
    triggers: Pair
    wakes: int


class VesselClass:
    """Vessels that are alike; `left` counts down while they are numbered."""

    count: int
    capacity: int
    payload_share: int
    left: int


class Vessel:
    """One vessel.

    Attributes:
        end: 0 at the line's `from` port or last left from there, 1 at its `to` port.
        covers: the end whose queue it is set against when others are called over, or -1.
        listed: stands among the ready; `next_ready`, `next_asking`: who comes after it.
        voyage: row of its present trip in `sailings`.
        parts, parts_to: what is aboard, rows of `parts`.
        blocked: consignments landed whole from it that their next step does not admit yet.
        slot: timetabled departure it sails at, or NULL.
        fails_at: or NULL where it never does.
        sailing, load, unload: where its factors by trip begin in `numbers`, or -1; `drawn`: how many trips.
        every, lasts, drawn_failures: the same of its failures.
    """

    line: int
    number: int
    kind: int
    end: int
    covers: int
    state: int
    has_berth: bool
    in_service: bool
    listed: bool
    ready_since: int
    next_ready: int
    next_asking: int
    trips: int
    failures: int
    fails_at: int
    voyage: int
    parts: int
    parts_to: int
    blocked: int
    slot: int
    capacity: int
    withdrawn_since: int
    sailing: int
    load: int
    unload: int
    drawn: int
    every: int
    lasts: int
    drawn_failures: int


class Pool:
    """A pool; `free` counts the units at home; `first`, `last`: who may wait for it, rows of `watches`."""

    size_of: int
    returns: int
    measure: int
    size: int
    free: int
    level: int
    first: int
    last: int


class Watch:
    """A queue at a door in which a pool is waited for; `place` breaks ties, `kind` and `element` open it."""

    queue: int
    place: int
    kind: int
    element: int
    since: int
    tie: int
    head: int


class Home:
    """Units of a pool on their way home; `next` links the rows that are not in use."""

    pool: int
    amount: int
    next: int
