"""Demand: consignments arrive, choose among the open routes, and go, wait, or are turned away.

(model.md 1, Choice), as `simpy_engine.demand`.
"""

from __future__ import annotations

from typing import Final

from sim.engine.compiled_engine.arithmetic import size, stamp, value
from sim.engine.compiled_engine.contracts import admitted, allows, produces, refused
from sim.engine.compiled_engine.jit import compiled, once
from sim.engine.compiled_engine.journey import enter, may_enter
from sim.engine.compiled_engine.memory import fetch_number
from sim.engine.compiled_engine.queues import join
from sim.engine.compiled_engine.state import CASCADE, FACILITY, LEG, SHARES, World
from sim.engine.compiled_engine.workspace import LINE
from sim.engine.records import NEVER, Outcome

UNDER_WAY: Final = int(Outcome.UNDER_WAY)
TURNED_AWAY: Final = int(Outcome.TURNED_AWAY)
GONE_OUTSIDE: Final = int(Outcome.GONE_OUTSIDE)

A_LINE: Final = LINE // 8
"""Numbers in a line of the processor's cache."""


@compiled
def start(world: World, flow: int) -> None:
    """Read shares and base times."""
    one = world.flows[flow]
    now = world.clock[0].begin
    refresh(world, flow, now)
    for option in range(one.first_option, one.last_option):
        world.options[option].experience = base_time(world, option, now)


@compiled
def refresh(world: World, flow: int, now: int) -> None:
    """Read the weights of the options anew."""
    one = world.flows[flow]
    if one.choice == SHARES:
        for option in range(one.first_option, one.last_option):
            world.options[option].weight = value(world, world.options[option].share, now)


@once
def base_time(world: World, option: int, now: int) -> float:
    """Give the sum of a route's base times in seconds: what a flow expects at first."""
    one = world.options[option]
    total = 0.0
    for k in range(one.first_stop, one.first_stop + one.stops):
        stop = world.stops[k]
        if stop.kind == LEG:
            total += world.legs[stop.element].base
        elif stop.kind == FACILITY:
            total += world.facilities[stop.element].base * stop.size
        else:
            line = world.lines[stop.element]
            total += value(world, line.load, now) * size(stop, line.load_per)
            total += value(world, line.unload, now) * size(stop, line.unload_per)
            total += value(world, line.sailing, now)
    return total


@once
def offer(world: World, flow: int, now: int) -> None:
    """A flow's next consignment is offered."""
    one = world.flows[flow]
    number = one.offered
    one.offered += 1
    consignment = one.first + number
    new = world.consignments[consignment]
    new.flow = flow
    new.number = number
    new.ordinal = -1
    new.base = one.base + number * one.length
    new.since = now
    new.holder = -1
    new.option = -1
    new.admitted = NEVER
    new.finished = NEVER
    new.outcome = UNDER_WAY
    new.first_part = -1
    if one.choice == SHARES:
        by_shares(world, consignment, flow, now)
    elif one.choice == CASCADE:
        by_cascade(world, consignment, flow, now)
    else:
        by_cost(world, consignment, flow, now)


# -- the three rules of choice -----------------------------------------------------------------------------


@compiled
def by_shares(world: World, consignment: int, flow: int, now: int) -> None:
    """Draw among the open routes by their shares, renormalised."""
    one = world.flows[flow]
    only = world.options[one.first_option]
    if one.last_option - one.first_option == 1 and world.routes[only.route].open and only.weight > 0.0:
        send(world, consignment, one.first_option, now)
        return
    total = 0.0
    last = -1
    for option in range(one.first_option, one.last_option):
        entry = world.options[option]
        if world.routes[entry.route].open and entry.weight > 0.0:
            total += entry.weight
            last = option
    if last < 0:
        strand(world, consignment, flow)
        return
    threshold = world.numbers[one.chance + world.consignments[consignment].number] * total
    reached = 0.0
    chosen = last
    for option in range(one.first_option, one.last_option):
        entry = world.options[option]
        if world.routes[entry.route].open and entry.weight > 0.0:
            reached += entry.weight
            if threshold < reached:
                chosen = option
                break
    send(world, consignment, chosen, now)


@compiled
def by_cost(world: World, consignment: int, flow: int, now: int) -> None:
    """Take the largest of Gumbel noise − scale × generalised cost; ties to the first listed."""
    one = world.flows[flow]
    noise = one.chance + world.consignments[consignment].number * (one.last_option - one.first_option)
    best = -1
    best_score = 0.0
    for option in range(one.first_option, one.last_option):
        if not world.routes[world.options[option].route].open:
            continue
        score = world.numbers[noise + option - one.first_option] - one.scale * cost(world, flow, option, now)
        if best < 0 or score > best_score:
            best = option
            best_score = score
    if best < 0:
        strand(world, consignment, flow)
    elif world.options[best].stops == 0:
        settle(world, consignment, GONE_OUTSIDE, now)
        world.consignments[consignment].option = best - one.first_option
    else:
        send(world, consignment, best, now)


@once
def cost(world: World, flow: int, option: int, now: int) -> float:
    """Give the generalised cost of an option: USD per TEU, or per t for a flow without TEU."""
    one = world.flows[flow]
    entry = world.options[option]
    time_value = value(world, one.value_of_time, now)
    if entry.outside_time >= 0:
        return value(world, entry.outside_cost, now) + time_value * value(world, entry.outside_time, now)
    money = 0.0
    for price in range(entry.price, entry.price_to):
        money += value(world, world.prices[price], now)
    return money / one.units + time_value * entry.experience


@once
def by_cascade(world: World, consignment: int, flow: int, now: int) -> None:
    """Take the first open route whose contract and first step admit; none does: turned away."""
    if world.flows[flow].production and not produces(world, flow, now):
        settle(world, consignment, TURNED_AWAY, now)
        return
    offer_parcel(world, consignment, flow, False, now)


@compiled
def offer_parcel(world: World, consignment: int, flow: int, again: bool, now: int) -> None:
    """Offer a parcel to the cascade; one that is produced although no route takes it waits at its origin."""
    one = world.flows[flow]
    allowed = -1
    closed = True
    for option in range(one.first_option, one.last_option):
        entry = world.options[option]
        if not world.routes[entry.route].open:
            continue
        closed = False
        if not allows(world, option, now):
            continue
        if may_enter(world, entry.first_stop, now):
            if one.production and not again:
                admitted(world, flow, now)
            entry.used += entry.amount
            send(world, consignment, option, now)
            return
        if allowed < 0:
            allowed = option
    waits = one.production and (again or not refused(world, flow, now))
    if closed and (waits or not one.production):
        strand(world, consignment, flow)
    elif waits and allowed >= 0:
        world.options[allowed].used += world.options[allowed].amount
        send(world, consignment, allowed, now)
    else:
        settle(world, consignment, TURNED_AWAY, now)


# -- after the choice --------------------------------------------------------------------------------------


@once
def fetch_factors(world: World, option: int, number: int) -> None:
    """Have the factors brought near of the next consignments that go this way, a line of them at a time."""
    one = world.options[option]
    for k in range(one.first_stop, one.first_stop + one.stops):
        factors = world.stops[k].factors
        if 0 <= factors < len(world.numbers) - number:
            fetch_number(world.numbers, factors + number)


@compiled
def send(world: World, consignment: int, option: int, now: int) -> None:
    """Send a consignment on its route; it waits at the origin while the first step does not admit it."""
    one = world.consignments[consignment]
    one.option = option - world.flows[one.flow].first_option
    stop = world.options[option].first_stop
    one.first_stop = stop
    if one.number & (A_LINE - 1) == 0:
        fetch_factors(world, option, one.number + A_LINE)
    if may_enter(world, stop, now):
        enter(world, consignment, stop, now)
    else:
        # One that was stranded asks here only now.
        one.since = now
        world.clock[0].outside += 1
        join(world, consignment, stop)


@compiled
def settle(world: World, consignment: int, outcome: int, now: int) -> None:
    """A consignment's story ends here."""
    world.consignments[consignment].outcome = outcome
    world.consignments[consignment].finished = stamp(world, now)


@compiled
def strand(world: World, consignment: int, flow: int) -> None:
    """A consignment that found no open route waits for one."""
    one = world.flows[flow]
    world.consignments[consignment].next = -1
    if one.stranded < 0:
        one.stranded = consignment
    else:
        world.consignments[one.stranded_last].next = consignment
    one.stranded_last = consignment


@once
def choose_again(world: World, consignment: int, now: int) -> None:
    """A route may have opened: choose for one that was stranded."""
    flow = world.consignments[consignment].flow
    choice = world.flows[flow].choice
    if choice == CASCADE:
        offer_parcel(world, consignment, flow, True, now)
    elif choice == SHARES:
        by_shares(world, consignment, flow, now)
    else:
        by_cost(world, consignment, flow, now)
