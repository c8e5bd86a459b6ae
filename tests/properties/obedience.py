"""Rules that hold in every run, checked on its records alone: time, conservation, order, room, opening.

Each function takes a run and raises AssertionError where a rule of model.md is broken.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

from harness import Ran

from sim.engine.records import NULL, Outcome
from sim.engine.rules import next_open
from sim.model.measures import integer_amount
from sim.model.network import Kind
from sim.model.parameters import NONE


@dataclass(frozen=True)
class Visit:
    """One step of one consignment; `came` is when the step admitted it, `None` for what has not happened."""

    flow: int
    number: int
    ordinal: int
    kind: Kind
    element: int
    way: int
    direction: int
    asked: int
    came: int
    started: int | None
    ended: int | None
    left: int | None
    amounts: tuple[int, ...]
    server: int


def known(value: int) -> int | None:
    return None if value == NULL else value


@lru_cache(maxsize=2)
def visits(run: Ran) -> list[Visit]:
    """Give every step reached, in the order of the table; those not admitted yet are left out."""
    steps, offered = run.records.steps, run.records.consignments
    admitted = {
        (flow, number): at
        for flow, number, at in zip(
            offered.flow.tolist(), offered.number.tolist(), offered.admitted.tolist(), strict=True
        )
    }
    names = (
        "flow",
        "consignment",
        "route",
        "ordinal",
        "asked",
        "started",
        "ended",
        "left",
        "kg",
        "milliteu",
        "server",
    )
    found = []
    for row in zip(*(getattr(steps, name).tolist() for name in names), strict=True):
        flow, number, route, ordinal, asked, started, ended, left, kg, milliteu, server = row
        amounts = reached(run, flow, route, ordinal)
        assert amounts[:2] == (kg, milliteu)
        step = run.model.routes[route].steps[ordinal]
        came = admitted[flow, number] if ordinal == 0 else asked
        if came == NULL:
            continue
        found.append(
            Visit(
                flow,
                number,
                ordinal,
                step.kind,
                step.index,
                step.way,
                int(run.model.routes[route].direction),
                asked,
                came,
                known(started),
                known(ended),
                known(left),
                amounts,
                server,
            )
        )
    return found


def reached(run: Ran, flow: int, route: int, ordinal: int) -> tuple[int, ...]:
    """Give the amounts with which a step is reached; the sixth measure counts each consignment as one."""
    amounts = run.model.flows[flow].amounts
    for step in run.model.routes[route].steps[:ordinal]:
        factors = run.model.facilities[step.index].changes if step.kind is Kind.FACILITY else None
        if factors is not None:
            amounts = tuple(int(amount * by + 1e-6) for amount, by in zip(amounts, factors, strict=True))
    return (*amounts, 1)


def by_element(run: Ran, kind: Kind) -> Iterator[tuple[int, list[Visit]]]:
    """Give the visits of each element of a kind."""
    groups: dict[int, list[Visit]] = defaultdict(list)
    for visit in visits(run):
        if visit.kind is kind:
            groups[visit.element].append(visit)
    yield from sorted(groups.items())


def time_goes_forward(run: Ran) -> None:
    """Journeys are chains of steps without a gap; nothing happens before its cause or outside the run."""
    clock, offered = run.model.clock, run.records.consignments
    journeys: dict[tuple[int, int], list[Visit]] = defaultdict(list)
    for visit in visits(run):
        journeys[visit.flow, visit.number].append(visit)
        times = [visit.asked, visit.came, visit.started, visit.ended, visit.left]
        happened = [time for time in times if time is not None]
        assert happened == sorted(happened)
        assert None not in times[: len(happened)]
        assert clock.begin <= happened[0] <= happened[-1] < clock.end
    columns = (
        offered.flow,
        offered.number,
        offered.arrived,
        offered.outcome,
        offered.route,
        offered.finished,
    )
    for flow, number, arrived, outcome, route, finished in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        journey = journeys.get((flow, number), [])
        assert [visit.ordinal for visit in journey] == list(range(len(journey)))
        for before, after in pairwise(journey):
            assert before.left == after.asked
        assert not journey or journey[0].asked == arrived
        if outcome == Outcome.DELIVERED:
            assert len(journey) == len(run.model.routes[route].steps)
            assert journey[-1].left == journey[-1].ended == finished
        elif outcome == Outcome.UNDER_WAY:
            assert finished == NULL
            assert not journey or journey[-1].left is None
        else:
            assert not journey
            assert arrived <= finished < clock.end


def amounts_are_conserved(run: Ran) -> None:
    """What is boarded is what there was; what a vessel carries is what was boarded, within its capacity."""
    aboard, sailings, model = run.records.aboard, run.records.sailings, run.model
    boarded: dict[tuple[int, int, int], int] = defaultdict(int)
    carried: dict[tuple[int, int, int], int] = defaultdict(int)
    columns = (aboard.flow, aboard.consignment, aboard.ordinal, aboard.part, aboard.amount)
    vessels = (aboard.line, aboard.vessel, aboard.trip)
    parts: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    for flow, number, ordinal, part, amount, line, vessel, trip in zip(
        *(column.tolist() for column in (*columns, *vessels)), strict=True
    ):
        assert amount > 0
        boarded[flow, number, ordinal] += amount
        parts[flow, number, ordinal].append(part)
        carried[line, vessel, trip] += amount
    assert all(numbers == list(range(len(numbers))) for numbers in parts.values())
    for visit in visits(run):
        if visit.kind is not Kind.LINE:
            continue
        load = boarded.get((visit.flow, visit.number, visit.ordinal), 0)
        whole = visit.amounts[model.lines[visit.element].measure]
        assert load == whole if visit.ended is not None else load <= whole
        assert (load > 0) == (visit.started is not None)
    rows = (sailings.line, sailings.vessel, sailings.trip, sailings.amount, sailings.capacity)
    for line, vessel, trip, amount, capacity in zip(*(row.tolist() for row in rows), strict=True):
        assert carried.pop((line, vessel, trip), 0) == amount <= capacity or amount == 0
    assert not carried


def first_come_first_served(run: Ran) -> None:
    """Who comes first starts first: at a facility and a leg per direction, on a line per end."""
    for kind in Kind:
        for element, found in by_element(run, kind):
            lanes: dict[int, list[Visit]] = defaultdict(list)
            for visit in found:
                shared = kind is Kind.LEG and run.model.legs[element].single_track
                lane = visit.way if kind is Kind.LINE else 0 if shared else visit.direction
                lanes[lane].append(visit)
            for lane in lanes.values():
                end = run.model.clock.end
                times = sorted(
                    (visit.came, end if visit.started is None else visit.started) for visit in lane
                )
                latest = run.model.clock.begin
                for came, group in grouped(times).items():
                    assert min(group) >= latest, (kind, element, came)
                    latest = max(latest, max(group))


def grouped(times: list[tuple[int, int]]) -> dict[int, list[int]]:
    """Give the starts of those who came at one instant together."""
    found: dict[int, list[int]] = defaultdict(list)
    for came, started in times:
        found[came].append(started)
    return found


def servers_do_one_thing_at_a_time(run: Ran) -> None:
    """No server serves two at once, or starts while it is down or withdrawn."""
    absent: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    rows = run.records.servers
    for facility, server, begin, end in zip(
        *(column.tolist() for column in (rows.facility, rows.server, rows.begin, rows.end)), strict=True
    ):
        absent[facility, server].append((begin, run.model.clock.end if end == NULL else end))
    for facility, found in by_element(run, Kind.FACILITY):
        jobs: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for visit in found:
            if visit.started is not None:
                end = run.model.clock.end if visit.ended is None else visit.ended
                jobs[visit.server].append((visit.started, end))
                # One that opens and fails at the same instant starts, and is interrupted at once.
                assert not any(
                    begin < visit.started < until for begin, until in absent[facility, visit.server]
                )
        for served in jobs.values():
            served.sort()
            assert all(before[1] <= after[0] for before, after in pairwise(served))


def nobody_waits_for_an_idle_server(run: Ran) -> None:
    """Work is conserved: who waits inside finds every server busy, or busy for or blocked in its direction.

    Facilities whose servers come, go, fail, close or keep hours are left out.
    """
    for element, found in by_element(run, Kind.FACILITY):
        facility = run.model.facilities[element]
        table = run.model.parameters
        varies = table.varies(facility.servers) or table.varies(facility.service)
        if varies or facility.outage or facility.hours or facility.calendar >= 0 or facility.level:
            continue
        number = int(table.base[facility.servers])
        served = [
            (one.started, one.ended or run.model.clock.end, one.left or run.model.clock.end, one.direction)
            for one in found
            if one.started is not None
        ]
        instants = sorted({visit.came for visit in found} | {time for job in served for time in job[:3]})
        for direction in (0, 1):
            lacking = [0, *accumulate(idle_for(direction, served, number, instants))]
            for visit in found:
                until = run.model.clock.end if visit.started is None else visit.started
                first, last = (bisect_left(instants, time) for time in (visit.came, until))
                assert visit.direction != direction or lacking[last] == lacking[first]


def idle_for(direction: int, served: list[tuple[int, ...]], number: int, instants: list[int]) -> list[bool]:
    """Tell after which instants a server could start work for a direction."""
    changes: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for started, ended, left, way in served:
        changes[started][0] += 1
        changes[ended][0] -= 1
        if way == direction:
            changes[started][1] += 1
            changes[left][1] -= 1
    busy = mine = 0
    found = []
    for now in instants:
        busy, mine = busy + changes[now][0], mine + changes[now][1]
        found.append(busy < number and mine < number)
    return found


def room_is_kept(run: Ran) -> None:
    """No buffer holds more than its room, no port more vessels than berths, no pool less than nothing."""
    table = run.model.parameters
    for element, found in by_element(run, Kind.FACILITY):
        facility = run.model.facilities[element]
        if facility.buffer == NONE or table.varies(facility.buffer):
            continue
        room = integer_amount(float(table.base[facility.buffer]), facility.buffer_measure)
        for direction in (0, 1):
            moves: list[tuple[int | None, int]] = []
            for visit in found:
                amount = visit.amounts[facility.buffer_measure]
                if visit.direction == direction:
                    moves += [(visit.came, amount), (visit.started, -amount)]
            assert highest(moves) <= room
    berths: dict[int, list[tuple[int | None, int]]] = defaultdict(list)
    sailings = run.records.sailings
    names = ("origin", "destination", "loading", "sailed", "berthed", "landed")
    for origin, destination, *times in zip(
        *(getattr(sailings, name).tolist() for name in names), strict=True
    ):
        loading, sailed, berthed, landed = (known(time) for time in times)
        if loading is not None:
            berths[origin] += [(loading, 1), (sailed, -1)]
        if berthed is not None:
            berths[destination] += [(berthed, 1), (landed, -1)]
    for group, moves in berths.items():
        if not table.varies(run.model.groups[group].berths):
            assert highest(moves) <= int(table.base[run.model.groups[group].berths])
    assert (run.records.pools.level >= 0).all()


def highest(moves: list[tuple[int | None, int]]) -> int:
    """Give the largest sum after any instant of what comes (+) and goes (-)."""
    sums: dict[int, int] = defaultdict(int)
    for time, amount in moves:
        if time is not None:
            sums[time] += amount
    level = best = 0
    for time in sorted(sums):
        level += sums[time]
        best = max(best, level)
    return best


def closed_is_closed(run: Ran) -> None:
    """Nothing starts at a closed facility or outside hours; no vessel berths at or leaves a closed port."""
    model = run.model
    midnight = model.clock.start.hour * 3600

    def is_closed(calendar: int, time: int) -> bool:
        if calendar < 0:
            return False
        starts, ends = run.draws.calendars[calendar]
        return bool(((starts <= time) & (time < ends)).any())

    for visit in visits(run):
        if visit.started is None or visit.kind is Kind.LINE:
            continue
        element = (model.legs if visit.kind is Kind.LEG else model.facilities)[visit.element]
        assert next_open(element.hours, visit.started, midnight=midnight) == visit.started
        if visit.kind is Kind.FACILITY:
            assert not is_closed(element.calendar, visit.started)
    sailings = run.records.sailings
    names = ("origin", "destination", "sailed", "berthed")
    for origin, destination, sailed, berthed in zip(
        *(getattr(sailings, name).tolist() for name in names), strict=True
    ):
        assert sailed == NULL or not is_closed(model.groups[origin].calendar, sailed)
        assert berthed == NULL or not is_closed(model.groups[destination].calendar, berthed)


RULES = (
    time_goes_forward,
    amounts_are_conserved,
    first_come_first_served,
    servers_do_one_thing_at_a_time,
    nobody_waits_for_an_idle_server,
    room_is_kept,
    closed_is_closed,
)
