"""The calendar: events in order of time, canonical key and, last, sequence (model.md 2).

A desk calendar of pages, each of so many seconds: what falls due later is noted on its page in any order, and
only the open page is kept in order, as a heap. So an event costs the same however many are in the calendar
(R. Brown, 1988, "Calendar queues"). Each node of the heap has four children, so that it is shallow. When
consignments are offered is known before the run: `offers` is a list in order, beside the calendar.
"""

from __future__ import annotations

from typing import Final

from sim.engine.compiled_engine.fields import Table
from sim.engine.compiled_engine.jit import compiled, hot, once
from sim.engine.compiled_engine.memory import fetch
from sim.engine.compiled_engine.state import FULL_CALENDAR, Event, World
from sim.engine.rules import FOREVER, ID_BITS, NUMBER_BITS, STEP_BITS, Turn

CHANGE, CLOSURE, HOURS, SERVER_FAILS, VESSEL_FAILS, SERVER_REPAIRED, VESSEL_REPAIRED = range(7)
SERVICE_ENDS, HANDLED, HOME, VESSEL_ARRIVES, LEG_ENDS, SLOT, LOOK, LET_GO, SAILS = range(7, 16)
"""Kinds of an event: what is to be done with its subject."""

KIND_SHIFT: Final = 27
SEQUENCE_SHIFT: Final = 32
CHILDREN: Final = 4
SUBJECT: Final = (1 << KIND_SHIFT) - 1
KIND: Final = (1 << (SEQUENCE_SHIFT - KIND_SHIFT)) - 1
TURN_SHIFT: Final = ID_BITS + NUMBER_BITS + STEP_BITS
ARRIVAL: Final = int(Turn.ARRIVAL)


@hot
def tie(rank: int, number: int) -> int:
    """Give the part of a key that does not change, as `rules.identity`."""
    return ((rank << NUMBER_BITS) | (number + 1)) << STEP_BITS


@hot
def order(turn: int, rank: int, number: int, step: int) -> int:
    """Give the canonical key of an event, as `rules.order`."""
    return (turn << TURN_SHIFT) | tie(rank, number) | (step & 0xFFFF)


@hot
def earlier(heap: Table[Event], one: int, other: int) -> int:
    """Tell by 1 or 0 whether one event comes before another: an integer, so that no branch is guessed at."""
    a = heap[one]
    b = heap[other]
    before = int(a.time < b.time)
    if a.time == b.time:
        before = int(a.key < b.key or (a.key == b.key and a.what < b.what))
    return before


@hot
def put(heap: Table[Event], place: int, event: int) -> None:
    """Copy an event to another place."""
    to = heap[place]
    of = heap[event]
    to.time = of.time
    to.key = of.key
    to.what = of.what


@compiled
def schedule(world: World, at: int, key: int, kind: int, subject: int) -> None:
    """Put an event in the calendar; what falls due when the run is over is left out."""
    clock = world.clock[0]
    if at >= clock.end:
        return
    clock.sequence += 1
    what = (clock.sequence << SEQUENCE_SHIFT) | (kind << KIND_SHIFT) | subject
    page = (at - clock.begin) >> clock.page_bits
    if page <= clock.page:
        rise(world, at, key, what)
        return
    place = clock.note
    if place >= 0:
        clock.note = world.notes[place].next
    else:
        place = clock.notes
        if place >= len(world.notes):
            clock.status |= FULL_CALENDAR
            return
        clock.notes = place + 1
    note = world.notes[place]
    note.time = at
    note.key = key
    note.what = what
    note.next = world.pages[page].first
    world.pages[page].first = place


@once
def turn_page(world: World) -> None:
    """Open the next page on which anything is noted, or on which a consignment is offered, and order it."""
    clock = world.clock[0]
    last = len(world.pages)
    if clock.offer < len(world.offers):
        last = (world.offers[clock.offer] >> clock.place_bits) >> clock.page_bits
    page = clock.page + 1
    while page < last and world.pages[page].first < 0:
        page += 1
    clock.page = page
    if page == len(world.pages):
        return
    first = world.pages[page].first
    last_note = first
    place = first
    while place >= 0:
        note = world.notes[place]
        rise(world, note.time, note.key, note.what)
        kind = (note.what >> KIND_SHIFT) & KIND
        if kind in (SERVICE_ENDS, LEG_ENDS):
            fetch(world.consignments[note.what & SUBJECT])
        last_note = place
        place = note.next
    if first >= 0:
        world.notes[last_note].next = clock.note
        clock.note = first


@hot
def is_offer(world: World) -> bool:
    """Tell whether the next to happen is an offer, not an event of the open page."""
    clock = world.clock[0]
    if clock.offer == len(world.offers):
        return False
    since = world.offers[clock.offer] >> clock.place_bits
    if clock.events == 0:
        return since >> clock.page_bits <= clock.page
    event = world.page[0]
    if clock.begin + since != event.time:
        return clock.begin + since < event.time
    flow = next_flow(world)
    return (ARRIVAL << TURN_SHIFT) + tie(flow, world.flows[flow].offered) < event.key


@hot
def next_flow(world: World) -> int:
    """Give the flow that offers next."""
    clock = world.clock[0]
    return (world.offers[clock.offer] & ((1 << clock.place_bits) - 1)) >> clock.number_bits


@hot
def fetch_offered(world: World, ahead: int) -> None:
    """Have what will be written of a consignment that is offered soon brought near."""
    clock = world.clock[0]
    if clock.offer + ahead < len(world.offers):
        place = world.offers[clock.offer + ahead] & ((1 << clock.place_bits) - 1)
        flow = world.flows[place >> clock.number_bits]
        number = place & ((1 << clock.number_bits) - 1)
        fetch(world.consignments[flow.first + number])
        if flow.length > 0:
            fetch(world.rows[flow.base + number * flow.length])


@compiled
def rise(world: World, at: int, key: int, what: int) -> None:
    """Put an event on the open page: it rises from the end of the heap as long as it comes before."""
    clock = world.clock[0]
    heap = world.page
    # The last row of the table holds what has no place yet.
    new = len(heap) - 1
    event = heap[new]
    event.time = at
    event.key = key
    event.what = what
    place = clock.events
    if place >= new - 2 * CHILDREN:
        clock.status |= FULL_CALENDAR
        return
    clock.events = place + 1
    if place >= clock.reached:
        clock.reached = place + CHILDREN
        for beyond in range(place, place + 2 * CHILDREN):
            heap[beyond].time = FOREVER
    while place > 0:
        above = (place - 1) >> 2
        if earlier(heap, above, new):
            break
        put(heap, place, above)
        place = above
    put(heap, place, new)


@hot
def remove_first(world: World) -> None:
    """Take away the first event of the open page: the last one sinks from its place.

    The earliest child rises as long as it comes before. What lies beyond the last event is for ever away, so
    that there are always four children to choose from.
    """
    clock = world.clock[0]
    heap = world.page
    size = clock.events - 1
    clock.events = size
    event = len(heap) - 1
    put(heap, event, size)
    heap[size].time = FOREVER
    place = 0
    child = 1
    while child < size:
        left = child + earlier(heap, child + 1, child)
        right = child + 2 + earlier(heap, child + 3, child + 2)
        first = left + (right - left) * earlier(heap, right, left)
        if earlier(heap, event, first):
            break
        put(heap, place, first)
        place = first
        child = (place << 2) + 1
    if size > 0:
        put(heap, place, event)
