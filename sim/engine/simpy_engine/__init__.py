"""The SimPy engine: the reference, written to be read. One module per mechanism.

`calendar` says which event is next, `journey` is the rule of blocking, `leg`, `facility`, `line` + `vessel` +
`quay` and `pool` are the four mechanisms, `demand` is choice, `timeline` is what changes from outside,
`tables` makes the records.
No YAML, no files, no statistics, no plotting.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.chance.draws import Draws
    from sim.engine.records import Records
    from sim.model.model import Model


def simulate(model: Model, draws: Draws) -> Records:
    """Run one replication.

    Args:
        model: what is simulated.
        draws: everything chance decides, drawn for this model.

    Returns:
        The record tables; the same bytes for the same arguments.
    """
    with garbage_left_lying():
        return records_of_one_world(model, draws)


def records_of_one_world(model: Model, draws: Draws) -> Records:
    """Make a world, let it run, and let go of it."""
    from sim.engine.simpy_engine.tables import collect
    from sim.engine.simpy_engine.world import World

    world = World(model, draws)
    world.run()
    return collect(world)


@contextmanager
def garbage_left_lying() -> Iterator[None]:
    """Do without the search for garbage: a world keeps all it makes until its end, then goes as a whole."""
    searches = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searches:
            gc.enable()
