"""The chain in Ciw, as far as it can be said there: no vessels, berths or weather.

The ferry is a service by slots, of a vessel's capacity each, and takes as long as loading, sailing and
unloading do; so its times are others, and only the amount of work is alike. The station is the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from trial import AbsentError, Trial
from workloads import CAPACITY, HANDLING, SAILING, SLOT_EVERY, SLOT_FIRST, Arrays, Ints, Workload, arrays

try:
    import ciw
except ImportError as missing:
    message = f"Ciw is not installed ({missing}): pip install -e '.[bench]'"
    raise AbsentError(message) from missing

Key = tuple[str, int]


class Gaps(ciw.dists.Distribution):
    """Times between the arrivals of a flow, as they were drawn."""

    def __init__(self, arrived: list[int]) -> None:
        self._gaps = iter(np.diff(arrived, prepend=0).tolist())

    def sample(self, t: Any = None, ind: Any = None) -> float:
        return next(self._gaps, float("inf"))


class Drawn(ciw.dists.Distribution):
    """Times of a step, as they were drawn for each consignment."""

    def __init__(self, times: list[int], numbers: dict[Key, int]) -> None:
        self._times, self._numbers = times, numbers

    def sample(self, t: Any = None, ind: Any = None) -> float:
        return self._times[number_of(ind, self._numbers)]


def number_of(individual: Any, numbers: dict[Key, int]) -> int:
    """Give a consignment's number over all flows: the next of its flow when it is first asked for."""
    if not hasattr(individual, "number"):
        flow = individual.customer_class
        individual.number = numbers[flow]
        numbers[flow] += 1
    number: int = individual.number
    return number


def prepare(work: Workload) -> Trial:
    """Give a trial; on the station its result is when each customer left."""
    given = arrays(work)
    times: Any = given.durations().tolist()
    bounds = np.searchsorted(given.flow, np.arange(int(given.flow[-1]) + 2)).tolist()

    def run() -> Any:
        simulation = ciw.Simulation(network(given, times, bounds))
        simulation.simulate_until_max_time(given.end)
        return simulation

    def delivered(simulation: Any) -> Ints:
        at = np.full(len(given.arrived), -1, dtype=np.int64)
        for individual in simulation.nodes[-1].all_individuals:
            at[individual.number] = individual.data_records[-1].exit_date
        return np.where(at < given.end, at, -1)

    return Trial(run=lambda _: run(), delivered=None if given.closed else delivered)


def network(given: Arrays, times: Any, bounds: list[int]) -> Any:
    """Write the chain as a Ciw network."""
    flows = [f"flow-{k}" for k in range(len(bounds) - 1)]
    numbers: dict[Any, int] = dict(zip(flows, bounds, strict=False))
    steps = len(times)
    batches = CAPACITY * 1000 // given.teu
    slots = list(range(SLOT_FIRST[0], given.end, SLOT_EVERY))
    servers: list[Any] = []
    services: list[Any] = []
    for k, count in enumerate(given.servers.tolist()):
        if count < 0:
            servers.append(ciw.Slotted(slots=slots, slot_sizes=[batches] * len(slots)))
            services.append(ciw.dists.Deterministic(2 * HANDLING + SAILING))
        else:
            servers.append(count if count > 0 else float("inf"))
            services.append(Drawn(times[k], numbers))
    arrivals = {
        flow: [Gaps(given.arrived[first:last].tolist())] + [None] * (steps - 1)
        for flow, first, last in zip(flows, bounds, bounds[1:], strict=False)
    }
    onward = [[float(to == at + 1) for to in range(steps)] for at in range(steps)]
    return ciw.create_network(
        arrival_distributions=arrivals,
        service_distributions=dict.fromkeys(flows, services),
        routing=dict.fromkeys(flows, onward),
        number_of_servers=servers,
    )
