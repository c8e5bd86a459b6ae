"""The workloads that engines are timed on, as scenarios, models and plain arrays.

`corridor`: five flows along one chain of 16 steps (8 desks, 7 running times, a ferry line by timetable with 7
vessels, 3 berths a port, weather) for 425 days, 9,240 consignments on average. `corridor50`: the same cargo
in consignments a fiftieth as large. `station`: M/M/1 at load .5, a million customers. `baseline`: the
scenario of that name. The first three are written in the language of scenarios, so the product's engines run
them as they run anything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from sim.chance.draws import Draws, draw
from sim.model.compile import compile_model
from sim.model.model import Model
from sim.scenario import Scenario, load

HOUR = 3600
DAYS = 425
FLOWS = 5
DESKS = 8
VESSELS = 7
BERTHS = 3
CAPACITY = 600
HANDLING = 5 * HOUR
SAILING = 16 * HOUR
SLOT_EVERY = 8 * HOUR
SLOT_FIRST = (6 * HOUR, 2 * HOUR)
RUNNING = (10, 16, 22, 12, 18, 24, 14)
SERVERS = (2, 1, 3, 2, 2, 1, 3, 2)
TEU_PER_DAY = 9240 * 50 / DAYS
CUSTOMERS = 1_000_000
SEED = 7

Ints = NDArray[np.int64]


def chain(granularity: float) -> str:
    """Write the corridor as a scenario: steps desk, leg, desk, leg, …, the ferry in the middle.

    Args:
        granularity: into how many consignments 50 TEU are cut.
    """
    legs, desks, steps = [], [], []
    leg = 0
    for k in range(DESKS):
        minutes = 0.7 * SERVERS[k] * 1440 / TEU_PER_DAY
        service = f"{{mean: {minutes:.6f} min, per: TEU, cv: 0.5, shape: gamma}}"
        desks.append(f"  desk-{k}: {{at: p{k}, servers: {SERVERS[k]}, service: {service}}}")
        steps.append(f"desk-{k}")
        if k == DESKS // 2 - 1:
            steps.append("ferry")
            continue
        legs.append(
            f"  leg-{leg}: {{from: p{k}, to: p{k + 1}, mode: rail, distance: {RUNNING[leg] * 40} km, "
            "speed: 40 km/h, cv: 0.2}"
        )
        steps.append(f"leg-{leg}")
        leg += 1
    handling = "{mean: 5 h, cv: 0.2, shape: gamma}"
    slots = [f"{{timetable: {{every: 8 h, first: {first // HOUR} h}}}}" for first in SLOT_FIRST]
    flows = [
        f"  flow-{k}: {{consignment: {{TEU: {50 / granularity:g}}}, volume: {TEU_PER_DAY / FLOWS:.6f} TEU/d, "
        "arrivals: poisson, choice: {shares: {west: 1}}}"
        for k in range(FLOWS)
    ]
    return "\n".join(
        [
            f"clock: {{start: 2024-01-01, length: {DAYS} d}}",
            f"experiment: {{seed: {SEED}}}",
            "places: {" + ", ".join(f"p{k}: {{}}" for k in range(DESKS + 1)) + "}",
            "legs:",
            *legs,
            "facilities:",
            *desks,
            "ports:",
            f"  here: {{at: p{DESKS // 2 - 1}, berths: {{any: {BERTHS}}}}}",
            f"  there: {{at: p{DESKS // 2}, berths: {{any: {BERTHS}}}}}",
            "closures: {storm: {ports: [here, there], share_closed: 0.08, lasts: 10 h}}",
            "lines:",
            "  ferry:",
            "    from: here/any",
            "    to: there/any",
            "    distance: 400 km",
            f"    sailing: {{mean: {SAILING // HOUR} h, cv: 0.1, shape: gamma}}",
            f"    vessels: {{count: {VESSELS}, capacity: {CAPACITY} TEU}}",
            f"    load: {handling}",
            f"    unload: {handling}",
            f"    leaves: {{from: {slots[0]}, to: {slots[1]}}}",
            "routes:",
            f"  west: {{from: p0, direction: west, steps: [{', '.join(steps)}]}}",
            "flows:",
            *flows,
        ]
    )


def station(customers: int) -> str:
    """Write M/M/1 at load .5 as a scenario: one customer an hour on average, half an hour of service."""
    return "\n".join(
        [
            f"clock: {{start: 2024-01-01, length: {customers} h}}",
            f"experiment: {{seed: {SEED}}}",
            "places: {x: {}}",
            "facilities: {desk: {at: x, service: ~exp 30 min}}",
            "routes: {r: {from: x, direction: west, steps: [desk]}}",
            "flows:",
            "  f: {consignment: {TEU: 1}, volume: 1 TEU/h, arrivals: poisson, choice: {shares: {r: 1}}}",
        ]
    )


@dataclass(frozen=True)
class Workload:
    """A workload ready to run."""

    name: str
    model: Model
    draws: Draws


def scenario_of(name: str, scale: float = 1.0) -> Scenario:
    """Load a workload's scenario.

    Args:
        name: of the workload.
        scale: a share of the customers, or how many times as finely the cargo is cut; of `baseline` it
            cuts the consignments of every flow, 0 those of trains into wagons and boxes.
    """
    if name == "baseline":
        scenario = load("baseline")
        return scenario if scale == 1 else cut(scenario, scale)
    if name == "station":
        text = station(round(CUSTOMERS * scale))
    else:
        text = chain((50 if name == "corridor50" else 1) * scale)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "workload.yaml"
        path.write_text(text, encoding="utf-8")
        return load(path)


def cut(scenario: Scenario, pieces: float) -> Scenario:
    """Cut every consignment of a scenario into so many, or (`pieces` 0) trains into wagons and boxes.

    Trucks and parcels of oil stay whole in the latter.
    """
    flows = {}
    for name, flow in scenario.document.flows.items():
        wagons = flow.consignment.get("wagons", 0.0) or flow.consignment.get("TEU", 0.0) / 2
        into = pieces or (1.0 if name.startswith("crude-") else max(1.0, wagons))
        sizes = {
            measure: amount / into / (1000 if measure == "t" else 1)
            for measure, amount in flow.consignment.items()
        }
        flows[name] = {"consignment": {measure: amount for measure, amount in sizes.items() if amount}}
    return scenario.override({"flows": flows, "targets": []}, name=f"{scenario.name}-fine")


@lru_cache(maxsize=1)
def workload(name: str, scale: float = 1.0) -> Workload:
    """Load, compile and draw a workload; `scale` as in `scenario_of`."""
    model = compile_model(scenario_of(name, scale))
    return Workload(name, model, draw(model, seed=SEED, replication=0))


@dataclass(frozen=True)
class Arrays:
    """What was drawn for the corridor or the station, as plain arrays over N consignments by flow and number.

    Attributes:
        arrived: seconds, shape (N,).
        flow: shape (N,).
        factors: of each step, shape (steps, N); of the ferry all one.
        base: seconds per consignment of each step.
        servers: of each step, 0 for a leg, -1 for the ferry.
        teu: thousandths of a TEU of a consignment.
        end: seconds at which the run ends.
        load: factors by vessel and trip; so `sail` and `unload`.
        closed: (starts, ends) of each port.
    """

    arrived: Ints
    flow: Ints
    factors: NDArray[np.float64]
    base: NDArray[np.float64]
    servers: Ints
    teu: int
    end: int
    load: NDArray[np.float64]
    sail: NDArray[np.float64]
    unload: NDArray[np.float64]
    closed: tuple[tuple[Ints, Ints], ...]

    def durations(self) -> Ints:
        """Give how long each step takes each consignment in whole seconds, shape (steps, N)."""
        times = self.base[:, None] * self.factors
        times[self.servers > 0] *= self.teu / 1000
        return (times + 0.5).astype(np.int64)

    def handling(self) -> tuple[Ints, Ints, Ints]:
        """Give how long vessels load, sail and unload in whole seconds, by vessel and trip."""
        given = ((HANDLING, self.load), (SAILING, self.sail), (HANDLING, self.unload))
        load_for, sail_for, unload_for = ((base * factors + 0.5).astype(np.int64) for base, factors in given)
        return load_for, sail_for, unload_for


def arrays(work: Workload) -> Arrays:
    """Give a workload's draws as plain arrays."""
    model, draws = work.model, work.draws
    counts = [len(each) for each in draws.arrivals]
    route = model.routes[0]
    steps = len(route.steps)
    factors = np.ones((steps, sum(counts)))
    base, servers = np.zeros(steps), np.zeros(steps, dtype=np.int64)
    value = model.parameters.base
    for k, step in enumerate(route.steps):
        given = [each for flow in range(len(counts)) if (each := draws.factors[flow][0][k]) is not None]
        if given:
            factors[k] = np.concatenate(given)
        if step.kind.name == "LEG":
            leg = model.legs[step.index]
            base[k] = value[leg.distance] / value[leg.speed]
        elif step.kind.name == "FACILITY":
            facility = model.facilities[step.index]
            base[k], servers[k] = value[facility.service], int(value[facility.servers])
        else:
            servers[k] = -1
    trips = [draws.vessel(0, vessel) for vessel in range(VESSELS)] if model.lines else []
    most = 4 * DAYS
    return Arrays(
        arrived=np.concatenate(draws.arrivals),
        flow=np.repeat(np.arange(len(counts)), counts),
        factors=factors,
        base=base,
        servers=servers,
        teu=model.flows[0].amounts[1],
        end=model.clock.end,
        load=np.array([each.load.upto(most)[:most] for each in trips]),
        sail=np.array([each.sailing.upto(most)[:most] for each in trips]),
        unload=np.array([each.unload.upto(most)[:most] for each in trips]),
        closed=tuple((each.starts, each.ends) for each in draws.calendars),
    )
