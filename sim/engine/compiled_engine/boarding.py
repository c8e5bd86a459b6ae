"""Boarding and landing: split consignments and what they take of each measure (model.md 2, 3).

As the last section of `simpy_engine.line`.
"""

from __future__ import annotations

from sim.engine.compiled_engine.arithmetic import CONSIGNMENT, amount_of, as_handled, part, stamp
from sim.engine.compiled_engine.jit import compiled, once
from sim.engine.compiled_engine.journey import held_berth, move_on
from sim.engine.compiled_engine.queues import remove_head
from sim.engine.compiled_engine.state import FULL_PARTS, World


@once
def board(world: World, vessel: int, now: int) -> int:
    """Take the oldest first up to the capacity, splitting the last; give the amount boarded."""
    clock = world.clock[0]
    one = world.vessels[vessel]
    line = world.lines[one.line]
    quay = world.quays[line.quay[one.end]]
    queue = line.queue + one.end
    trip = world.sailings[one.voyage].trip
    room = one.capacity
    one.parts = clock.parts
    while world.queues[queue].head >= 0 and room > 0:
        if clock.parts >= len(world.parts):
            clock.status |= FULL_PARTS
            break
        consignment = world.queues[queue].head
        boards = world.consignments[consignment]
        shipment = world.shipments[consignment]
        stop = world.stops[boards.first_stop + boards.ordinal]
        amount = min(shipment.waits, room)
        before = shipment.boarded
        shipment.boarded += amount
        if before == 0:
            world.rows[boards.base + boards.ordinal].started = stamp(world, now)
        quay.filled[stop.direction] -= part(stop.room, shipment.boarded, before, stop.load)
        row = world.parts[clock.parts]
        row.next = -1
        if boards.first_part < 0:
            boards.first_part = clock.parts
        else:
            world.parts[shipment.last_part].next = clock.parts
        shipment.last_part = clock.parts
        clock.parts += 1
        row.consignment = consignment
        row.ordinal = boards.ordinal
        row.part = shipment.parts
        row.line = one.line
        row.vessel = one.number
        row.trip = trip
        row.amount = amount
        row.upto = shipment.boarded
        shipment.parts += 1
        room -= amount
        shipment.waits -= amount
        if shipment.waits == 0:
            remove_head(world, queue)
    one.parts_to = clock.parts
    boarded = one.capacity - room
    line.waiting[one.end] -= boarded
    return boarded


@compiled
def handled_size(world: World, vessel: int, per: int) -> float:
    """Give by how much loading or unloading is scaled: what is aboard, in the measure it is timed per."""
    if per == CONSIGNMENT:
        return 1.0
    one = world.vessels[vessel]
    same = per == world.lines[one.line].measure
    total = 0
    for k in range(one.parts, one.parts_to):
        row = world.parts[k]
        if same:
            total += row.amount
            continue
        carried = world.consignments[row.consignment]
        stop = world.stops[carried.first_stop + carried.ordinal]
        total += part(amount_of(stop, per), row.upto, row.upto - row.amount, stop.load)
    return as_handled(per, total)


@once
def land_part(world: World, vessel: int, row: int, now: int) -> bool:
    """Put a part ashore; a consignment that is whole asks for its next step.

    False when it is whole and its next step does not admit it: the vessel waits.
    """
    landed = world.parts[row]
    consignment = world.consignments[landed.consignment]
    shipment = world.shipments[landed.consignment]
    shipment.ashore += landed.amount
    if shipment.ashore < world.stops[consignment.first_stop + consignment.ordinal].load:
        return True
    world.rows[consignment.base + consignment.ordinal].ended = stamp(world, now)
    if move_on(world, landed.consignment, now):
        return True
    consignment.holder = held_berth(vessel)
    return False
