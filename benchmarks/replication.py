"""One replication of the corridor-year in the SimPy engine, beside a plain SimPy queue of as many events.

    python benchmarks/replication.py

Prints seconds of processor time (median of five), events per second and peak memory, for the baseline
with and without oil. Every row is a process of its own.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time

ROWS = ("baseline", "baseline without oil", "plain SimPy queue, Resource")
TIMES = 5


def corridor(without_oil: bool) -> tuple[float, int]:
    """Time draw, move and collect of one replication; give seconds and events."""
    from sim.chance.draws import draw
    from sim.chance.reuse import forget
    from sim.engine.simpy_engine import simulate
    from sim.model.compile import compile_model
    from sim.scenario import load

    scenario = load("baseline")
    if without_oil:
        oil = [flow for flow in scenario.document.flows if flow.startswith("crude-")]
        scenario = scenario.override({"remove": [f"flows.{flow}" for flow in oil], "targets": []}, name="dry")
    model = compile_model(scenario)
    seconds = []
    for _ in range(TIMES):
        # What was drawn of a replication is remembered; every run shall draw it anew.
        forget()
        begin = time.process_time()
        records = simulate(model, draw(model, seed=2024, replication=0))
        seconds.append(time.process_time() - begin)
    events = len(records.consignments.flow) + len(records.steps.flow) + 3 * len(records.sailings.line)
    return statistics.median(seconds), events


def plain(events: int) -> tuple[float, int]:
    """Time a textbook M/M/1 queue: a generator per customer, a Resource, five calendar events each."""
    import random

    import simpy

    def customer(env: simpy.Environment, server: simpy.Resource, service: float):
        with server.request() as turn:
            yield turn
            yield env.timeout(service)

    def source(env: simpy.Environment, server: simpy.Resource, arrivals: random.Random, number: int):
        for _ in range(number):
            yield env.timeout(arrivals.expovariate(0.5))
            env.process(customer(env, server, arrivals.expovariate(1.0)))

    seconds = []
    for _ in range(TIMES):
        begin = time.process_time()
        env = simpy.Environment()
        env.process(source(env, simpy.Resource(env), random.Random(1), events // 5))
        env.run()
        seconds.append(time.process_time() - begin)
    return statistics.median(seconds), events


def main() -> None:
    """Run every row in a process of its own and print the table."""
    if len(sys.argv) > 1:
        row, events = sys.argv[1], int(sys.argv[2])
        seconds, events = plain(events) if row == ROWS[2] else corridor(row == ROWS[1])
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{row:32s} {seconds:8.2f} s {events:9d} events {events / seconds:10.0f} /s {memory:6.0f} MB")
        return
    events = 0
    for row in ROWS:
        done = subprocess.run(
            [sys.executable, __file__, row, str(events)], capture_output=True, text=True, check=True
        )
        print(done.stdout, end="")
        events = events or int(done.stdout.split(" s ")[1].split()[0])


if __name__ == "__main__":
    main()
