"""The compiled engine: the same records as the SimPy engine, bit for bit, tens of times sooner (Numba).

It mirrors the SimPy engine section by section: `journey` is the rule of blocking; `leg`, `facility` with
`service`, `servers` and `outages`, `line` with `vessel`, `boarding`, `yard` and `quay`, and `pool` are the
four mechanisms; `demand` with `contracts` is choice, `timeline` what changes from outside, `releases` what
becomes free. `state` is what they share, `prepare` makes it from a model and its draws, `loop` runs it,
`tables` makes the records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.chance.draws import Draws
    from sim.engine.compiled_engine.prepare import Prepared
    from sim.engine.records import Records
    from sim.model.model import Model

_prepared: list[Prepared] = []
_KEPT = 4


def simulate(model: Model, draws: Draws) -> Records:
    """Run one replication.

    Args:
        model: what is simulated.
        draws: everything chance decides, drawn for this model.

    Returns:
        The record tables, the same bytes as the SimPy engine's.
    """
    return simulate_prepared(prepared_for(model), draws)


def prepared_for(model: Model) -> Prepared:
    """Lay out a model as tables; those of the models last used are kept, for the next replications."""
    from sim.engine.compiled_engine.prepare import Prepared

    for kept in _prepared:
        if kept.model is model:
            return kept
    new = Prepared(model)
    _prepared.insert(0, new)
    del _prepared[_KEPT:]
    return new


def simulate_prepared(prepared: Prepared, draws: Draws) -> Records:
    """Run one replication of a prepared model, once more with more room where a table was too small."""
    from sim.engine.compiled_engine.loop import simulate_events
    from sim.engine.compiled_engine.memory import addresses
    from sim.engine.compiled_engine.tables import collect
    from sim.engine.compiled_engine.workspace import WORKSPACE

    while True:
        world = prepared.lay(draws)
        simulate_events(addresses(world))
        if world.clock[0]["status"] == 0:  # type: ignore[index]
            # Memory is needed most while the records are made: what only the run needed goes before.
            nothing = {name: getattr(world, name)[:0].copy() for name in ("numbers", "offers")}
            world = world._replace(**nothing)
            records = collect(prepared, world)
            del world
            WORKSPACE.let_go()
            return records
        prepared.grow(world)


def compile_now() -> None:
    """Compile everything that Python calls, or read it from the cache."""
    from sim.engine.compiled_engine.loop import simulate_events
    from sim.engine.compiled_engine.tables import fill_tables

    entries: list[tuple[Any, str]] = [
        (simulate_events, "(int64[::1],)"),
        (fill_tables, "(int64[::1], int64[:,::1], uint32[:,::1], int64[:,::1])"),
    ]
    for function, given in entries:
        function.compile(given)
