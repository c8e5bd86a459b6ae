"""The chain in idiomatic SimPy: a generator per consignment, a `Resource` per desk and per port.

As a SimPy user would write it from the documentation; it reads the numbers drawn before the run. What falls
due at one second is taken in the order of asking, as SimPy does, and not by the canonical key.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import simpy
from trial import Trial
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

Process = Iterator[simpy.Event]


class Port:
    """Berths, ready vessels, and what waits for one."""

    def __init__(self, env: simpy.Environment, end: int, given: Arrays) -> None:
        self.env = env
        self.berths = simpy.PriorityResource(env, BERTHS)
        self.starts, self.ends = ([int(each) for each in edge] for edge in given.closed[end])
        self.first, self.end = SLOT_FIRST[end], given.end
        self.waiting: deque[Cargo] = deque()
        self.ready: deque[simpy.Event] = deque()
        env.process(self.timetable())
        env.process(self.weather())

    def weather(self) -> Process:
        """A storm takes every berth as it falls free, and gives them back when it is over."""
        for start, end in zip(self.starts, self.ends, strict=True):
            if end <= 0:
                continue
            yield self.env.timeout(max(0, start - self.env.now))
            taken = [self.berths.request(priority=0) for _ in range(BERTHS)]
            yield self.env.timeout(end - self.env.now)
            for each in taken:
                each.cancel()
                self.berths.release(each)

    def timetable(self) -> Process:
        """Boarding closes before each slot: the vessel that has been ready longest takes what waits."""
        slot = self.first
        while slot < HANDLING:
            slot += SLOT_EVERY
        while slot < self.end:
            yield self.env.timeout(slot - HANDLING - self.env.now)
            free = self.berths.count < BERTHS and not self.berths.queue
            if self.ready and (free or not self.waiting):
                self.ready.popleft().succeed(slot)
            slot += SLOT_EVERY

    def opens(self, at: int) -> int:
        """Give the first instant from then on at which the port is open."""
        k = bisect_right(self.starts, at) - 1
        return self.ends[k] if k >= 0 and at < self.ends[k] else at


class Cargo:
    """What a consignment still has ashore and afloat, and whom to tell when all of it has landed."""

    def __init__(self, env: simpy.Environment, number: int, amount: int) -> None:
        self.number, self.left, self.afloat = number, amount, amount
        self.landed = env.event()


def vessel(env: simpy.Environment, ports: tuple[Port, Port], times: tuple[list[int], ...]) -> Process:
    """Wait for a slot, load, sail, unload."""
    load_for, sail_for, unload_for = times
    here, there = ports
    trip = 0
    while True:
        called = env.event()
        here.ready.append(called)
        slot = yield called
        aboard: list[tuple[Cargo, int]] = []
        if here.waiting:
            with here.berths.request(priority=1) as berth:
                yield berth
                room = CAPACITY * 1000
                while here.waiting and room > 0:
                    cargo = here.waiting[0]
                    amount = min(cargo.left, room)
                    aboard.append((cargo, amount))
                    cargo.left -= amount
                    room -= amount
                    if cargo.left == 0:
                        here.waiting.popleft()
                yield env.timeout(load_for[trip])
                yield env.timeout(here.opens(max(env.now, slot)) - env.now)
        else:
            yield env.timeout(here.opens(max(env.now, slot)) - env.now)
        yield env.timeout(sail_for[trip])
        here, there = there, here
        if aboard:
            with here.berths.request(priority=1) as berth:
                yield berth
                yield env.timeout(unload_for[trip])
                for cargo, amount in aboard:
                    cargo.afloat -= amount
                    if cargo.afloat == 0:
                        cargo.landed.succeed()
        trip += 1


def prepare(work: Workload) -> Trial:
    """Give a trial whose result is when each consignment was delivered."""
    given = arrays(work)
    times: Any = given.durations().T.tolist()
    arrived, flow = given.arrived.tolist(), given.flow
    bounds = np.searchsorted(flow, np.arange(int(flow[-1]) + 2)).tolist()
    servers, teu, end = given.servers.tolist(), given.teu, given.end
    handling = [each.tolist() for each in given.handling()]

    def run() -> list[int]:
        env = simpy.Environment()
        delivered = [-1] * len(arrived)
        desks = [simpy.Resource(env, count) if count > 0 else None for count in servers]
        ports = (Port(env, 0, given), Port(env, 1, given)) if given.closed else ()

        def consignment(number: int) -> Process:
            for k, time in enumerate(times[number]):
                desk = desks[k]
                if desk is not None:
                    with desk.request() as turn:
                        yield turn
                        yield env.timeout(time)
                elif servers[k] == 0:
                    yield env.timeout(time)
                else:
                    cargo = Cargo(env, number, teu)
                    ports[0].waiting.append(cargo)
                    yield cargo.landed
            delivered[number] = int(env.now)

        def source(first: int, last: int) -> Process:
            for number in range(first, last):
                yield env.timeout(arrived[number] - env.now)
                env.process(consignment(number))

        for first, last in pairwise(bounds):
            env.process(source(first, last))
        for v in range(VESSELS if ports else 0):
            env.process(vessel(env, ports, tuple(each[v] for each in handling)))
        env.run(until=end)
        return delivered

    return Trial(run=lambda _: run(), delivered=as_array)


def as_array(delivered: list[int]) -> Ints:
    """Give times as an array."""
    return np.array(delivered, dtype=np.int64)
