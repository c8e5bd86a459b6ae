"""This product's engines: the compiled loop alone, draws to record tables, and the whole path to measures."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from trial import AbsentError, Trial
from workloads import SEED, Ints, Workload


def delivered_of(records: Any) -> Ints:
    """Give when each consignment was delivered, by flow and number."""
    from sim.engine.records import Outcome

    table = records.consignments
    order = np.lexsort((np.asarray(table.number), np.asarray(table.flow)))
    there = np.asarray(table.outcome) == int(Outcome.DELIVERED)
    return np.where(there, np.asarray(table.finished), -1)[order].astype(np.int64)


def rows_of(records: Any) -> int:
    """Count what has happened where no other engine does: arrivals, steps, thrice each sailing."""
    return len(records.consignments.flow) + len(records.steps) + 3 * len(records.sailings.line)


def loop(work: Workload) -> Trial:
    """The compiled loop alone, on tables laid out before."""
    compiled = _compiled()
    from sim.engine.compiled_engine import prepared_for, simulate_prepared
    from sim.engine.compiled_engine.loop import simulate_events
    from sim.engine.compiled_engine.memory import addresses
    from sim.engine.compiled_engine.tables import collect

    prepared = prepared_for(work.model)
    simulate_prepared(prepared, work.draws)

    def run(world: Any) -> Any:
        simulate_events(addresses(world))
        return world

    def delivered(world: Any) -> Ints:
        return delivered_of(collect(prepared, world))

    return Trial(run=run, setup=lambda: prepared.lay(work.draws), delivered=delivered, compiled=compiled)


def compiled(work: Workload) -> Trial:
    """The compiled engine from draws to record tables."""
    _compiled()
    from sim.engine.compiled_engine import prepared_for, simulate_prepared

    prepared = prepared_for(work.model)
    # The first replication of a model finds out how long its tables have to be.
    simulate_prepared(prepared, work.draws)
    return Trial(
        run=lambda _: simulate_prepared(prepared, work.draws), delivered=delivered_of, events=rows_of
    )


def simpy(work: Workload) -> Trial:
    """The SimPy engine from draws to record tables."""
    from sim.engine.simpy_engine import simulate

    return Trial(run=lambda _: simulate(work.model, work.draws), delivered=delivered_of, events=rows_of)


def whole(work: Workload, engine: str) -> Trial:
    """The whole path: draw, move, measure."""
    from sim.chance.reuse import forget
    from sim.study.replicate import simulate_one

    if engine == "compiled":
        _compiled()
    return Trial(
        # What was drawn of a replication is remembered; every run shall draw it anew.
        setup=forget,
        run=lambda _: simulate_one(work.model, SEED, replication=0, engine=engine)[1],  # type: ignore[arg-type]
        delivered=delivered_of,
        events=rows_of,
    )


def whole_compiled(work: Workload) -> Trial:
    """Draw, move in the compiled engine, measure."""
    return whole(work, "compiled")


def whole_simpy(work: Workload) -> Trial:
    """Draw, move in the SimPy engine, measure."""
    return whole(work, "simpy")


def _compiled() -> float:
    """Compile, or read the compiled code; give how long it took."""
    from importlib.util import find_spec

    if find_spec("numba") is None:
        message = "Numba is not installed: pip install 'middle-corridor[fast]'"
        raise AbsentError(message)
    from sim.engine import compile_engine

    begun = time.process_time()
    compile_engine()
    return time.process_time() - begun
