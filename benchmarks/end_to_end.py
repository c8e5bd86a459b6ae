"""What a replication costs from draw to store, and what it costs to have others compute it.

    python benchmarks/end_to_end.py [replications]

Milliseconds of processor time (median over replications; the first is left out), for the baseline without and
with oil in the compiled engine; then what a process pool costs for each replication in the process that hands
them out, measured with work that takes no time and gives results of the usual size.
"""

from __future__ import annotations

import pickle
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.chance.draws import draw
from sim.engine import run
from sim.measure import measure
from sim.model.compile import compile_model
from sim.model.model import Model
from sim.scenario import load
from sim.store.runs import RunFolder
from sim.study.executor import Processes
from sim.study.heap import keep_freed_memory
from sim.study.outcome import Outcome
from sim.study.tabulate import tabulate

SEED = 2024
PARTS = ("draw", "move", "measure", "tabulate", "store")


def baseline(*, oil: bool) -> Model:
    """Compile the baseline, with its crude flows or without."""
    model = compile_model(load("baseline"))
    if oil:
        return model
    return replace(model, flows=tuple(flow for flow in model.flows if not flow.id.startswith("crude-")))


def parts(model: Model, *, replications: int = 10, engine: str = "compiled") -> dict[str, float]:
    """Time the parts of a replication.

    Args:
        model: what is simulated.
        replications: how many, after one that is not counted.
        engine: which engine.

    Returns:
        Milliseconds of processor time of each part, the median.
    """
    keep_freed_memory()
    spent: dict[str, list[float]] = {part: [] for part in PARTS}

    def timed(part: str, work: Callable[[], Any]) -> Any:
        begun = time.process_time()
        result = work()
        spent[part].append(1000 * (time.process_time() - begun))
        return result

    with tempfile.TemporaryDirectory() as folder:
        sink = RunFolder(Path(folder), version="benchmark")
        for number in range(replications + 1):
            draws = timed("draw", lambda number=number: draw(model, seed=SEED, replication=number))
            records = timed("move", lambda draws=draws: run(model, draws, engine=engine))
            found = timed("measure", lambda r=records, d=draws: measure(model, r, d.calendars))
            outcome = timed(
                "tabulate",
                lambda number=number, found=found, records=records: tabulate(
                    number, model, measures=found, records=records
                ),
            )
            timed("store", lambda outcome=outcome: sink.write(outcome))
    return {part: statistics.median(each[1:]) for part, each in spent.items()}


@dataclass(frozen=True)
class Idle:
    """Work that takes next to no time and gives a result of the usual size, as bytes."""

    outcome: bytes

    def __call__(self, number: int) -> Outcome:
        """Give an outcome that shares nothing with any other."""
        outcome: Outcome = pickle.loads(self.outcome)
        return replace(outcome, number=number)


def overhead(model: Model, *, workers: int = 2, replications: int = 1000) -> float:
    """Time what a process pool costs the process that hands out replications and takes them back.

    Args:
        model: whose results are sent about.
        workers: processes.
        replications: how many, after some in which the processes start.

    Returns:
        Milliseconds of processor time for each replication.
    """
    draws = draw(model, seed=SEED, replication=0)
    records = run(model, draws)
    outcome = tabulate(0, model, measures=measure(model, records, draws.calendars), records=records)
    with Processes(workers).crew({"idle": Idle(pickle.dumps(outcome))}) as crew:
        crew.submit("idle", range(4 * workers))
        for _ in crew.completed():
            pass
        begun = time.process_time()
        crew.submit("idle", range(replications))
        for _ in crew.completed():
            pass
        return 1000 * (time.process_time() - begun) / replications


def main() -> None:
    """Print the table."""
    replications = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    print(" ".join(f"{name:>10s}" for name in ("ms", *PARTS, "sum", "simulate")))
    for name, oil in (("dry", False), ("with oil", True)):
        found = parts(baseline(oil=oil), replications=replications)
        simulated = found["draw"] + found["move"] + found["measure"]
        figures = (*found.values(), sum(found.values()), simulated)
        print(f"{name:>10s}", " ".join(f"{figure:10.1f}" for figure in figures))
    print(f"a pool of 2 processes costs {overhead(baseline(oil=True)):.2f} ms for each replication")


if __name__ == "__main__":
    main()
