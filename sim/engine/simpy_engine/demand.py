"""Demand: a flow's consignments arrive, choose among the open routes, and go, wait, or are turned away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sim.engine.records import Outcome
from sim.engine.rules import STEP_BITS, identity
from sim.engine.simpy_engine.calendar import Calendar, Callbacks, Entry
from sim.engine.simpy_engine.columns import column, joined
from sim.engine.simpy_engine.contracts import Contract, Production
from sim.engine.simpy_engine.journey import ARRIVAL, Consignment, Stop, may_enter, move_on

if TYPE_CHECKING:
    from sim.engine.simpy_engine.world import World
    from sim.model import flows


def arrivals(sources: list[Source], env: Calendar) -> Iterator[Entry]:
    """Give the arrivals of all flows, in the calendar's order; a consignment is its own event."""
    at = joined([np.array(source.arrived, dtype=np.int64) for source in sources])
    flow = joined([np.full(len(source.arrived), source.rank, dtype=np.int64) for source in sources])
    number = joined([np.arange(len(source.arrived), dtype=np.int64) for source in sources])
    tie, base, rows = (
        np.array([getattr(source, what) for source in sources], dtype=np.int64)[flow]
        for what in ("tie", "base", "rows")
    )
    tie += number << STEP_BITS
    order = np.lexsort((tie, at))
    keys = (at, flow, number, tie, base + number * rows)
    for since, rank, each, own, row in zip(*(key[order].tolist() for key in keys), strict=True):
        source = sources[rank]
        consignment = Consignment(env, source, each, own, row, since)
        consignment.callbacks = source.calls
        yield since, ARRIVAL + own, 0, consignment


class Source:
    """One flow.

    Attributes:
        arrived: arrival times by number.
        outcome: what became of each by the choice made for it; who is delivered has left its last step.
        option: which option each chose, or -1.
        finished: when each was turned away or went outside.
        stops: per option the stops of its route; empty for an outside option.
        origins: per option the stop before the first.
        is_sure: whether there is but one option.
        base: row of the first consignment.
        rows: rows of each: one for its origin and one per step of the longest route.
        routes: per option the index of its route.
        returns: per pool the factors of the return time by number.
        stranded: those that found no open route, oldest first.
    """

    def __init__(self, world: World, rank: int, data: flows.Flow) -> None:
        draws = world.draws
        self.world = world
        self.rank = rank
        self.data = data
        self.arrived: list[int] = draws.arrivals[rank].tolist()
        number = len(self.arrived)
        self.outcome = column(number, Outcome.UNDER_WAY)
        self.option = column(number, -1)
        self.finished = column(number)
        self.routes = [option.route for option in data.options]
        self.stops: list[list[Stop]] = []
        self.origins: list[Stop | None] = []
        self.returns: dict[int, list[float]] = {}
        self.length = 0
        self.base = 0
        self.rows = 1
        self.stranded: list[Consignment] = []
        self.uniform: list[float] = draws.choice_uniform[rank].tolist()
        self.gumbel: list[list[float]] = draws.gumbel[rank].tolist()
        self.weights: list[float] = []
        self.is_sure = len(data.options) == 1
        self.contracts = [Contract(world, option.cap, data) for option in data.options]
        self.production = Production(data.cut, world.begin) if data.cut is not None else None
        self.experience: list[float] = []
        self.updated = [world.begin] * len(data.options)
        self.pick = {"shares": self.by_shares, "logit": self.by_cost, "cascade": self.by_cascade}[data.choice]
        self.calls: Callbacks = [self.pick]
        self.tie = identity(rank, 0)

    def start(self) -> None:
        """Read shares and base times."""
        self.refresh()
        self.experience = [self.world.base_time(stops) for stops in self.stops]

    def refresh(self) -> None:
        """Read the weights of the options anew."""
        if self.data.choice == "shares":
            self.weights = [self.world.value(option.share) for option in self.data.options]

    # -- the three rules of choice: a consignment is offered ----------------------------------------------

    def by_shares(self, consignment: Consignment) -> None:
        """Draw among the open routes by their shares, renormalised."""
        now = self.world.env.instant
        is_open = self.world.route_open
        routes, weights = self.routes, self.weights
        if self.is_sure and is_open[routes[0]] and weights[0] > 0.0:
            self.send(consignment, 0, now)
            return
        total = 0.0
        last = -1
        for option, route in enumerate(routes):
            if is_open[route] and weights[option] > 0.0:
                total += weights[option]
                last = option
        if last < 0:
            self.stranded.append(consignment)
            return
        threshold = self.uniform[consignment.number] * total
        reached = 0.0
        chosen = last
        for option, route in enumerate(routes):
            if is_open[route] and weights[option] > 0.0:
                reached += weights[option]
                if threshold < reached:
                    chosen = option
                    break
        self.send(consignment, chosen, now)

    def by_cost(self, consignment: Consignment) -> None:
        """Take the largest of Gumbel noise − scale × generalised cost; ties to the first listed."""
        now = self.world.env.instant
        noise = self.gumbel[consignment.number]
        best = -1
        best_score = 0.0
        for option, route in enumerate(self.routes):
            if not self.world.route_open[route]:
                continue
            score = noise[option] - self.data.scale * self.cost(option)
            if best < 0 or score > best_score:
                best, best_score = option, score
        if best < 0:
            self.stranded.append(consignment)
        elif not self.stops[best]:
            self.settle(consignment, Outcome.GONE_OUTSIDE, now)
            self.option[consignment.number] = best
        else:
            self.send(consignment, best, now)

    def cost(self, option: int) -> float:
        """Give the generalised cost of an option: USD per TEU, or per t for a flow without TEU."""
        world, data = self.world, self.data
        time_value = world.price(data.value_of_time)
        route = world.model.routes[self.routes[option]]
        if route.is_outside:
            return world.value(route.outside_cost) + time_value * world.value(route.outside_time)
        money = 0.0
        for price in data.options[option].prices:
            money += world.price(price)
        units = data.amounts[data.unit_measure] / 1000
        return money / units + time_value * self.experience[option]

    def by_cascade(self, consignment: Consignment) -> None:
        """Take the first open route whose contract and first step admit; none does: turned away."""
        now = self.world.env.instant
        production = self.production
        if production is not None and not production.produces(now):
            self.settle(consignment, Outcome.TURNED_AWAY, now)
            return
        self.offer(consignment, now, again=False)

    def offer(self, consignment: Consignment, now: int, *, again: bool) -> None:
        """Offer a parcel to the cascade.

        What is produced although no route takes it (within the lag of a cut, or it was stranded before)
        waits at its origin for the first open route that its contracts allow.
        """
        production = self.production
        allowed = -1
        closed = True
        for option, route in enumerate(self.routes):
            if not self.world.route_open[route]:
                continue
            closed = False
            if not self.contracts[option].allows(now):
                continue
            if may_enter(self.stops[option][0]):
                if production is not None and not again:
                    production.admitted(now)
                self.contracts[option].use(now)
                self.send(consignment, option, now)
                return
            if allowed < 0:
                allowed = option
        waits = production is not None and (again or not production.refused(now))
        if closed and (waits or production is None):
            self.stranded.append(consignment)
        elif waits and allowed >= 0:
            self.contracts[allowed].use(now)
            self.send(consignment, allowed, now)
        else:
            self.settle(consignment, Outcome.TURNED_AWAY, now)

    # -- after the choice -------------------------------------------------------------------------------

    def send(self, consignment: Consignment, option: int, now: int) -> None:
        """Send a consignment on its route; it waits at the origin while the first step does not admit it."""
        self.option[consignment.number] = option
        origin = self.origins[option]
        assert origin is not None
        consignment.stop = origin
        move_on(self.world, consignment, now)

    def settle(self, consignment: Consignment, outcome: Outcome, now: int) -> None:
        """A consignment's story ends here."""
        self.outcome[consignment.number] = int(outcome)
        self.finished[consignment.number] = now

    def learn(self, consignment: Consignment, now: int) -> None:
        """A consignment has arrived: the flow's experience of its route is updated."""
        option = self.option[consignment.number]
        since = now - self.updated[option]
        span = since + self.data.memory
        took = float(now - self.arrived[consignment.number])
        if span > 0:
            self.experience[option] += (took - self.experience[option]) * since / span
        else:
            self.experience[option] = took
        self.updated[option] = now

    def choose_again(self, consignment: Consignment, now: int) -> None:
        """A route may have opened: choose for one that was stranded."""
        if self.data.choice == "cascade":
            self.offer(consignment, now, again=True)
        else:
            self.pick(consignment)
