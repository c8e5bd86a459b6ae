"""The same loop as `loop.c` in plain Python: `heapq`, lists, and nothing that could be left out."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np
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

SERVED, RAN, OFFERED, CLOSURE, HANDLED, ARRIVED, SLOT, SAILS = range(8)


class Vessel:
    """A vessel: its number, port, trip, slot, berth and cargo."""

    __slots__ = ("aboard", "berth", "end", "loading", "number", "ready", "slot", "trip")

    def __init__(self, number: int) -> None:
        self.number, self.end, self.trip, self.slot, self.ready = number, 0, -1, 0, 0
        self.berth = self.loading = False
        self.aboard: list[tuple[int, int]] = []


class Sea:
    """The ferry: two ports with weather and berths, seven vessels, what waits."""

    def __init__(self, given: Arrays, heap: list[Any]) -> None:
        self.heap, self.end, self.teu = heap, given.end, given.teu
        self.handling = [each.tolist() for each in given.handling()]
        self.edges = [(starts.tolist(), ends.tolist()) for starts, ends in given.closed]
        self.waiting: deque[int] = deque()
        self.left: dict[int, int] = {}
        self.ashore: dict[int, int] = {}
        self.fleet = [Vessel(number) for number in range(VESSELS)]
        self.ready: list[list[Vessel]] = [list(self.fleet), []]
        self.asking: list[deque[Vessel]] = [deque(), deque()]
        self.lying, self.closed, self.at, self.slot = [0, 0], [False, False], [0, 0], list(SLOT_FIRST)
        for end, (starts, ends) in enumerate(self.edges):
            while self.at[end] < len(ends) and ends[self.at[end]] <= 0:
                self.at[end] += 1
            self.closed[end] = self.at[end] < len(starts) and starts[self.at[end]] <= 0
            self.await_closure(end)
            while self.slot[end] < HANDLING:
                self.slot[end] += SLOT_EVERY
            self.await_slot(end)

    def push(self, time: int, turn: int, *, number: int, step: int, kind: int, subject: Any) -> None:
        heappush(self.heap, (time, turn, 0, number, step, kind, subject))

    def await_closure(self, end: int) -> None:
        starts, ends = self.edges[end]
        if self.at[end] < len(starts):
            time = (ends if self.closed[end] else starts)[self.at[end]]
            self.push(time, 0, number=end, step=0, kind=CLOSURE, subject=end)

    def turn(self, end: int, now: int) -> None:
        self.closed[end] = not self.closed[end]
        if not self.closed[end]:
            self.at[end] += 1
        self.berths(end, now)
        self.await_closure(end)

    def await_slot(self, end: int) -> None:
        if self.slot[end] < self.end:
            self.push(self.slot[end] - HANDLING, 24, number=end, step=0, kind=SLOT, subject=end)

    def close_boarding(self, end: int, now: int) -> None:
        cargo = end == 0 and bool(self.waiting)
        free = not self.closed[end] and not self.asking[end] and self.lying[end] < BERTHS
        if self.ready[end] and (free or not cargo):
            one = min(self.ready[end], key=lambda each: (each.ready, each.number))
            self.ready[end].remove(one)
            one.slot = self.slot[end]
            one.trip += 1
            if cargo:
                one.loading = True
                self.asking[end].append(one)
                self.berths(end, now)
            else:
                self.plan(one, now)
        self.slot[end] += SLOT_EVERY
        self.await_slot(end)

    def plan(self, one: Vessel, now: int) -> None:
        starts, ends = self.edges[one.end]
        at = max(now, one.slot)
        k = bisect_right(starts, at) - 1
        if k >= 0 and at < ends[k]:
            at = ends[k]
        self.push(at, 32, number=one.number, step=one.trip, kind=SAILS, subject=one.number)

    def berths(self, end: int, now: int) -> None:
        while self.asking[end] and not self.closed[end] and self.lying[end] < BERTHS:
            one = self.asking[end].popleft()
            self.lying[end] += 1
            one.berth = True
            if one.loading:
                self.board(one)
            time = now + self.handling[0 if one.loading else 2][one.number][one.trip]
            self.push(time, 9, number=one.number, step=one.trip, kind=HANDLED, subject=one.number)

    def board(self, one: Vessel) -> None:
        room = CAPACITY * 1000
        while self.waiting and room > 0:
            who = self.waiting[0]
            amount = min(self.left.setdefault(who, self.teu), room)
            one.aboard.append((who, amount))
            room -= amount
            self.left[who] -= amount
            if self.left[who] == 0:
                self.waiting.popleft()

    def release(self, one: Vessel, now: int) -> None:
        one.berth = False
        self.lying[one.end] -= 1
        self.berths(one.end, now)

    def handled(self, number: int, now: int) -> list[int]:
        """Loading or unloading has ended; give who is ashore whole."""
        one = self.fleet[number]
        if one.loading:
            one.loading = False
            self.plan(one, now)
            return []
        landed = []
        for who, amount in one.aboard:
            self.ashore[who] = self.ashore.get(who, 0) + amount
            if self.ashore[who] == self.teu:
                landed.append(who)
        one.aboard = []
        self.anchor(one, now)
        self.release(one, now)
        return landed

    def anchor(self, one: Vessel, now: int) -> None:
        one.ready = now
        self.ready[one.end].append(one)

    def sails(self, number: int, now: int) -> None:
        one = self.fleet[number]
        if one.berth:
            self.release(one, now)
        one.end = 1 - one.end
        time = now + self.handling[1][number][one.trip]
        self.push(time, 11, number=number, step=one.trip, kind=ARRIVED, subject=number)

    def arrives(self, number: int, now: int) -> None:
        one = self.fleet[number]
        if one.aboard:
            self.asking[one.end].append(one)
            self.berths(one.end, now)
        else:
            self.anchor(one, now)


def prepare(work: Workload) -> Trial:
    """Give a trial whose result is how many events there were, and when each consignment was delivered."""
    given = arrays(work)
    times: Any = given.durations().tolist()
    arrived, flow, servers, end = (
        given.arrived.tolist(),
        given.flow.tolist(),
        given.servers.tolist(),
        given.end,
    )
    first = np.searchsorted(given.flow, np.arange(flow[-1] + 1)).tolist()
    steps, count = len(servers), len(arrived)

    def run() -> tuple[int, list[int]]:
        heap: list[Any] = [(arrived[i], 16, flow[i], 0, 0, OFFERED, i) for i in first]
        heapify(heap)
        sea = Sea(given, heap) if given.closed else None
        idle, queues = servers.copy(), [deque[int]() for _ in range(steps)]
        at, delivered = [0] * count, [-1] * count
        events = 0

        def enter(i: int, k: int, now: int) -> None:
            at[i] = k
            if k == steps:
                delivered[i] = now
            elif servers[k] > 0:
                if idle[k] > 0 and not queues[k]:
                    idle[k] -= 1
                    heappush(heap, (now + times[k][i], 8, flow[i], i, k, SERVED, i))
                else:
                    queues[k].append(i)
            elif servers[k] == 0:
                heappush(heap, (now + times[k][i], 16, flow[i], i, k + 1, RAN, i))
            elif sea is not None:
                sea.waiting.append(i)

        while heap and heap[0][0] < end:
            now, _, _, _, _, kind, i = heappop(heap)
            events += 1
            if kind == SERVED:
                k = at[i]
                enter(i, k + 1, now)
                if queues[k]:
                    j = queues[k].popleft()
                    heappush(heap, (now + times[k][j], 8, flow[j], j, k, SERVED, j))
                else:
                    idle[k] += 1
            elif kind == RAN:
                enter(i, at[i] + 1, now)
            elif kind == OFFERED:
                if i + 1 < count and flow[i + 1] == flow[i]:
                    heappush(heap, (arrived[i + 1], 16, flow[i], i + 1, 0, OFFERED, i + 1))
                enter(i, 0, now)
            elif sea is None:
                continue
            elif kind == HANDLED:
                for j in sea.handled(i, now):
                    enter(j, at[j] + 1, now)
            elif kind == ARRIVED:
                sea.arrives(i, now)
            elif kind == SAILS:
                sea.sails(i, now)
            elif kind == SLOT:
                sea.close_boarding(i, now)
            else:
                sea.turn(i, now)
        return events, delivered

    def delivered_of(result: tuple[int, list[int]]) -> Ints:
        return np.array(result[1], dtype=np.int64)

    return Trial(run=lambda _: run(), delivered=delivered_of, events=lambda result: result[0])
