"""The chain in cimba: compiled coroutines on the Cimba engine in C, for servers, vessels and ports.

What falls due at one second is taken in the order of asking, and no consignment is split between vessels.
"""

from __future__ import annotations

import time

import numpy as np
from trial import AbsentError, Trial
from workloads import (
    BERTHS,
    CAPACITY,
    FLOWS,
    HANDLING,
    SERVERS,
    SLOT_EVERY,
    SLOT_FIRST,
    Arrays,
    Ints,
    Workload,
    arrays,
)

try:
    import cimba as cb
except ImportError as missing:
    message = f"cimba is not installed ({missing}): pip install -e '.[bench]'"
    raise AbsentError(message) from missing


class Consignment(cb.Model):
    """A consignment on its way; it needs no process of its own, which cimba runs sooner."""

    chain: cb.Ref[Chain]
    number: int
    step: int = 0

    @cb.event
    def arrives(self):
        self.chain.enter(self)


class Desk(cb.Model):
    """Servers with a queue."""

    chain: cb.Ref[Chain]
    queue: cb.Store[Consignment]
    servers: int
    begun: int

    def __init__(self, chain: Chain, servers: int) -> None:
        self.chain, self.queue = chain, cb.Store()
        self.servers, self.begun = servers, 0

    @cb.process(copies=max(SERVERS))
    def serve(self):
        self.begun += 1
        if self.begun <= self.servers:
            while True:
                served = self.queue.get()
                cb.hold(self.chain.time_of(served))
                served.step += 1
                self.chain.enter(served)


class Port(cb.Model):
    """Berths, weather, a timetable, ready vessels, what waits."""

    waiting: cb.Store[Consignment]
    berths: cb.Resource
    starts: cb.Array[int]
    ends: cb.Array[int]
    ready: cb.Store[Vessel]
    slot: int
    end: int

    def __init__(self, place: int, given: Arrays) -> None:
        self.berths = cb.Resource(capacity=BERTHS)
        starts, ends = given.closed[place]
        self.starts = cb.Array([int(each) for each in starts[ends > 0]])
        self.ends = cb.Array([int(each) for each in ends[ends > 0]])
        self.ready, self.waiting = cb.Store(), cb.Store()
        first = SLOT_FIRST[place]
        while first < HANDLING:
            first += SLOT_EVERY
        self.slot, self.end = first, given.end

    @cb.process
    def weather(self):
        for k in range(len(self.starts)):
            cb.hold(max(0.0, self.starts[k] - cb.now()))
            self.berths.set_capacity(0)
            cb.hold(self.ends[k] - cb.now())
            self.berths.set_capacity(BERTHS)

    @cb.process
    def timetable(self):
        while self.slot < self.end:
            cb.hold(self.slot - HANDLING - cb.now())
            free = self.berths.available() > 0
            if self.ready.length() > 0 and (free or self.waiting.length() == 0):
                vessel = self.ready.get()
                vessel.slot = self.slot
                cb.Process(vessel.called).resume(1)
            self.slot += SLOT_EVERY

    @cb.function
    def opens(self, at: float) -> float:
        low = 0
        high = len(self.starts)
        while low < high:
            middle = (low + high) // 2
            if self.starts[middle] <= at:
                low = middle + 1
            else:
                high = middle
        if low > 0 and at < self.ends[low - 1]:
            return float(self.ends[low - 1])
        return at


class Vessel(cb.Model):
    """Waits for a slot, loads, sails, unloads."""

    here: cb.Ref[Port]
    there: cb.Ref[Port]
    slot: int
    called: int
    load_for: cb.Array[int]
    sail_for: cb.Array[int]
    unload_for: cb.Array[int]
    aboard: cb.Store[Consignment]
    room: int

    def __init__(self, times: tuple[list[int], ...], *, ports: list[Port], room: int) -> None:
        self.slot, self.called, self.room = 0, 0, room
        self.here, self.there = ports
        self.load_for, self.sail_for, self.unload_for = (cb.Array(each) for each in times)
        self.aboard = cb.Store()

    @cb.function
    def trip(self, turn: int, here: Port, there: Port) -> None:
        self.called = cb.this_process().pointer
        here.ready.put(self)
        cb.suspend()
        slot = float(self.slot)
        loads = here.waiting.length() > 0
        if loads:
            here.berths.acquire()
            while here.waiting.length() > 0 and self.aboard.length() < self.room:
                self.aboard.put(here.waiting.get())
            cb.hold(float(self.load_for[turn]))
        cb.hold(here.opens(max(cb.now(), slot)) - cb.now())
        if loads:
            here.berths.release()
        cb.hold(float(self.sail_for[turn]))
        if loads:
            there.berths.acquire()
            cb.hold(float(self.unload_for[turn]))
            while self.aboard.length() > 0:
                landed = self.aboard.get()
                landed.step += 1
                landed.chain.enter(landed)
            there.berths.release()

    @cb.process
    def sail(self):
        turn = 0
        while True:
            self.trip(turn, self.here, self.there)
            self.trip(turn + 1, self.there, self.here)
            turn += 2


class Chain(cb.Model):
    """All of it."""

    desks: list[Desk]
    ports: list[Port]
    vessels: list[Vessel]
    servers: cb.Array[int]
    times: cb.Array[int]
    arrived: cb.Array[int]
    bounds: cb.Array[int]
    begun: int
    delivered: cb.Dataset

    def __init__(self, given: Arrays) -> None:
        self.desks = [Desk(self, max(0, int(count))) for count in given.servers]
        self.ports = [Port(place, given) for place in range(len(given.closed))]
        room = CAPACITY * 1000 // given.teu
        times = zip(*(each.tolist() for each in given.handling()), strict=True)
        self.vessels = [Vessel(each, ports=self.ports, room=room) for each in times]
        self.servers = cb.Array(given.servers.tolist())
        self.times = cb.Array(given.durations().T.ravel().tolist())
        self.arrived = cb.Array(given.arrived.tolist())
        self.delivered = cb.Dataset()
        self.delivered.capture()
        last = np.searchsorted(given.flow, np.arange(int(given.flow[-1]) + 2))
        self.bounds, self.begun = cb.Array(last.tolist()), 0

    @cb.process(copies=FLOWS)
    def offer(self):
        flow = self.begun
        self.begun += 1
        if flow + 1 < len(self.bounds):
            for number in range(self.bounds[flow], self.bounds[flow + 1]):
                cb.hold(self.arrived[number] - cb.now())
                self.enter(cb.spawn(Consignment, chain=self, number=number))

    @cb.function
    def time_of(self, one: Consignment) -> float:
        return float(self.times[one.number * len(self.servers) + one.step])

    @cb.function
    def enter(self, one: Consignment) -> None:
        if one.step == len(self.servers):
            # One number says who was delivered when; both are whole, and so is it.
            self.delivered.record(cb.now() * len(self.arrived) + one.number)
            return
        servers = self.servers[one.step]
        if servers > 0:
            self.desks[one.step].queue.put(one)
        elif servers < 0:
            self.ports[0].waiting.put(one)
        else:
            time = self.time_of(one)
            one.step += 1
            cb.schedule(one.arrives, time)


def prepare(work: Workload) -> Trial:
    """Give a trial whose result is when each consignment was delivered."""
    given = arrays(work)
    chain = Chain(given)
    experiment = cb.Experiment(chain, replications=1, window=cb.Window(duration=float(given.end)))
    begun = time.process_time()
    first = experiment.run(workers=1)
    took = time.process_time() - begun
    if first.failed.any():
        message = f"cimba: {first.failure_reasons.ravel()[0]}"
        raise AbsentError(message)

    def delivered(result: cb.Results) -> Ints:
        _, told = result[chain].delivered.trial(0, 0)
        at = np.full(len(given.arrived), -1, dtype=np.int64)
        times, numbers = np.divmod(told.astype(np.int64), len(at))
        at[numbers] = times
        # What falls due at the end is still in its window, and not in ours.
        return np.where(at < given.end, at, -1)

    return Trial(run=lambda _: experiment.run(workers=1), delivered=delivered, compiled=took)
