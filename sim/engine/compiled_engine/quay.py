"""Quays: what a port's parameters say of its berths and its yard, as `simpy_engine.quay`.

Who gets a berth is in `vessel`, who enters the yard in `yard`.
"""

from __future__ import annotations

from sim.engine.compiled_engine.arithmetic import count, integer_amount, value
from sim.engine.compiled_engine.jit import compiled
from sim.engine.compiled_engine.state import World


@compiled
def refresh(world: World, quay: int, now: int) -> None:
    """Read the parameters anew."""
    one = world.quays[quay]
    one.berths = count(world, one.berth_number, now)
    one.limited = one.yard >= 0
    if one.limited:
        one.room = integer_amount(value(world, one.yard, now), one.yard_measure)
