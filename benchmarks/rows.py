"""Which engine is timed on which workload, and at what size; one row, one process."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

WHOLE: Mapping[str, float] = {"corridor": 1.0, "corridor50": 1.0, "station": 1.0}


@dataclass(frozen=True)
class Engine:
    """A row of every table.

    Attributes:
        name: as printed.
        trial: module in `engines` and function that gives the trial.
        sizes: by workload the share of it that is run; the time of a smaller one is scaled up and marked.
        slow: workloads that are run under `--full` only.
        like: the engine whose times it must give: `own` takes what falls due at one second by the canonical
            key, `asking` in the order of asking.
        note: what it leaves out.
    """

    name: str
    trial: str
    sizes: Mapping[str, float]
    slow: tuple[str, ...] = ()
    like: str = "own"
    note: Mapping[str, str] = field(default_factory=dict)


OWN = {**WHOLE, "baseline": 1.0}
FINE = {"baseline, wagons and boxes": 0.0, "baseline, all cut by 50": 50.0}
NO_FERRY = {"corridor": "ferry as slotted service: no vessels, berths, weather"}

ENGINES = (
    Engine("compiled engine, loop", "own:loop", WHOLE),
    Engine("compiled engine, to record tables", "own:compiled", {**OWN, **FINE}),
    Engine("compiled engine, draw + move + measure", "own:whole_compiled", {**OWN, **FINE}),
    Engine("SimPy engine, to record tables", "own:simpy", OWN, slow=("corridor50",)),
    Engine("SimPy engine, draw + move + measure", "own:whole_simpy", OWN, slow=("corridor50", "station")),
    Engine("idiomatic SimPy", "simpy_chain", WHOLE, like="asking"),
    Engine("heapq loop", "heapq_loop", WHOLE),
    Engine("C loop", "c_loop", WHOLE),
    Engine("cimba", "cimba_chain", WHOLE, like="asking"),
    Engine("salabim", "salabim_chain", {**WHOLE, "station": 0.02}, slow=("corridor50",), like="asking"),
    Engine("Ciw", "ciw_chain", {**WHOLE, "station": 0.2}, slow=("corridor50",), like="asking", note=NO_FERRY),
)
WORKLOADS = ("corridor", "corridor50", "station", "baseline", *FINE)


@dataclass(frozen=True)
class Measured:
    """What a row's process said.

    Attributes:
        engine, workload: of the row.
        scale: the share of the workload that was run.
        seconds: of one replication of the share; nan where it was not run.
        events: of the share, as the engine counts them, or 0.
        megabytes, compiled: as in `trial.Sample`.
        why: why it was not run, or nothing.
        delivered: where the times of delivery lie, or nothing.
    """

    engine: Engine
    workload: str
    scale: float
    seconds: float = float("nan")
    events: int = 0
    megabytes: float = float("nan")
    compiled: float = 0.0
    why: str = ""
    delivered: Path | None = None


def measure(
    engine: Engine, workload: str, *, folder: Path, size: float | None = None, full: bool = False
) -> Measured:
    """Run one row in a process of its own.

    Args:
        engine: of the row.
        workload: of the row.
        folder: where times of delivery are left.
        size: multiplies what is run, for a quick look.
        full: run what is slow, and whole.
    """
    scale = engine.sizes[workload]
    if workload not in FINE:
        scale = 1.0 if full else scale
        scale *= size or 1.0
    if workload in engine.slow and not full:
        return Measured(engine, workload, scale, why="slow: --full runs it")
    kept = folder / f"{engine.trial.replace(':', '-')}-{workload.replace(' ', '-')}.npy"
    command = [sys.executable, __file__, engine.trial, workload.partition(",")[0], str(scale), str(kept)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        return Measured(engine, workload, scale, why=f"failed: {last}"[:200])
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return Measured(engine, workload, scale, delivered=kept if kept.exists() else None, **said)


def main(trial: str, workload: str, *, scale: float, kept: Path) -> None:
    """Time one row in this process, and print what was measured as JSON."""
    from trial import AbsentError, timed
    from workloads import workload as prepared

    module, _, function = trial.partition(":")
    try:
        made = getattr(importlib.import_module(f"engines.{module}"), function or "prepare")
        sample, delivered = timed(made(prepared(workload, scale)))
    except AbsentError as absent:
        print(json.dumps({"why": str(absent)}))
        return
    if delivered is not None:
        np.save(kept, delivered)
    facts = {"seconds": sample.seconds, "events": sample.events, "megabytes": sample.megabytes}
    print(json.dumps({**facts, "compiled": sample.compiled}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], scale=float(sys.argv[3]), kept=Path(sys.argv[4]))
