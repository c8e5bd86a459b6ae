"""The chain in salabim: a component per consignment and vessel, a `Resource` per desk and per port.

Generators rather than greenlets, no trace and no monitors, which salabim runs soonest.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from trial import AbsentError, Trial
from workloads import (
    BERTHS,
    CAPACITY,
    HANDLING,
    SLOT_EVERY,
    SLOT_FIRST,
    VESSELS,
    Arrays,
    Ints,
    Workload,
    arrays,
)

try:
    import salabim
except ImportError as missing:
    message = f"salabim is not installed ({missing}): pip install -e '.[bench]'"
    raise AbsentError(message) from missing

Process = Iterator[Any]


class Port:
    """Berths, ready vessels, what waits, and when storms close it."""

    def __init__(self, env: salabim.Environment, place: int, given: Arrays) -> None:
        self.berths = salabim.Resource(capacity=BERTHS, monitor=False, env=env)
        starts, ends = given.closed[place]
        self.starts, self.ends = starts[ends > 0].tolist(), ends[ends > 0].tolist()
        self.first, self.end = SLOT_FIRST[place], given.end
        self.waiting: deque[Consignment] = deque()
        self.ready: deque[Vessel] = deque()
        Weather(port=self, env=env)
        Timetable(port=self, env=env)

    def opens(self, at: float) -> float:
        """Give the first instant from then on at which the port is open."""
        k = bisect_right(self.starts, at) - 1
        return self.ends[k] if k >= 0 and at < self.ends[k] else at


class Weather(salabim.Component):
    """A storm leaves no berth to be claimed."""

    def setup(self, port: Port) -> None:
        self.port = port

    def process(self) -> Process:
        for start, end in zip(self.port.starts, self.port.ends, strict=True):
            yield self.hold(max(0, start - self.env.now()))
            self.port.berths.set_capacity(0)
            yield self.hold(end - self.env.now())
            self.port.berths.set_capacity(BERTHS)


class Timetable(salabim.Component):
    """Boarding closes before each slot: the vessel that has been ready longest takes what waits."""

    def setup(self, port: Port) -> None:
        self.port = port

    def process(self) -> Process:
        port, slot = self.port, self.port.first
        while slot < HANDLING:
            slot += SLOT_EVERY
        while slot < port.end:
            yield self.hold(slot - HANDLING - self.env.now())
            free = port.berths.available_quantity() > 0 and not port.berths.requesters()
            if port.ready and (free or not port.waiting):
                vessel = port.ready.popleft()
                vessel.slot = slot
                vessel.activate()
            slot += SLOT_EVERY


class Vessel(salabim.Component):
    """Waits for a slot, loads, sails, unloads."""

    def setup(self, ports: list[Port], times: tuple[list[int], ...], room: int) -> None:
        self.ports, self.times, self.room, self.slot = ports, times, room, 0

    def process(self) -> Process:
        load_for, sail_for, unload_for = self.times
        here, there = self.ports
        trip = 0
        while True:
            here.ready.append(self)
            yield self.passivate()
            aboard: list[Consignment] = []
            if here.waiting:
                yield self.request(here.berths)
                while here.waiting and len(aboard) < self.room:
                    aboard.append(here.waiting.popleft())
                yield self.hold(load_for[trip])
            yield self.hold(here.opens(max(self.env.now(), self.slot)) - self.env.now())
            self.release()
            yield self.hold(sail_for[trip])
            here, there = there, here
            if aboard:
                yield self.request(here.berths)
                yield self.hold(unload_for[trip])
                for consignment in aboard:
                    consignment.activate()
                self.release()
            trip += 1


class Consignment(salabim.Component):
    """One consignment on its way."""

    def setup(self, number: int, chain: Chain) -> None:
        self.number, self.chain = number, chain

    def process(self) -> Process:
        chain = self.chain
        for desk, time in zip(chain.desks, chain.times[self.number], strict=True):
            if isinstance(desk, Port):
                desk.waiting.append(self)
                yield self.passivate()
            elif desk is None:
                yield self.hold(time)
            else:
                yield self.request(desk)
                yield self.hold(time)
                self.release(desk)
        chain.delivered[self.number] = int(self.env.now())


class Source(salabim.Component):
    """The consignments of a flow set out."""

    def setup(self, numbers: range, chain: Chain) -> None:
        self.numbers, self.chain = numbers, chain

    def process(self) -> Process:
        arrived = self.chain.arrived
        for number in self.numbers:
            yield self.hold(arrived[number] - self.env.now())
            Consignment(number=number, chain=self.chain, env=self.env)


class Chain:
    """What all share."""

    desks: list[Any]

    def __init__(self, given: Arrays) -> None:
        self.times: Any = given.durations().T.tolist()
        self.arrived = given.arrived.tolist()
        self.delivered: list[int] = []


def prepare(work: Workload) -> Trial:
    """Give a trial whose result is when each consignment was delivered."""
    given = arrays(work)
    chain = Chain(given)
    bounds = np.searchsorted(given.flow, np.arange(int(given.flow[-1]) + 2)).tolist()
    times = list(zip(*(each.tolist() for each in given.handling()), strict=True))
    salabim.yieldless(False)

    def run() -> list[int]:
        env = salabim.Environment(trace=False, yieldless=False)
        ports = [Port(env, place, given) for place in range(len(given.closed))]
        chain.delivered = [-1] * len(chain.arrived)
        chain.desks = [
            salabim.Resource(capacity=count, monitor=False, env=env)
            if count > 0
            else ports[0]
            if count
            else None
            for count in given.servers.tolist()
        ]
        for first, last in pairwise(bounds):
            Source(numbers=range(first, last), chain=chain, env=env)
        for each in times[: VESSELS if ports else 0]:
            Vessel(ports=ports, times=each, room=CAPACITY * 1000 // given.teu, env=env)
        env.run(till=given.end)
        return chain.delivered

    def delivered(result: list[int]) -> Ints:
        at = np.array(result, dtype=np.int64)
        return np.where(at < given.end, at, -1)

    return Trial(run=lambda _: run(), delivered=delivered)
