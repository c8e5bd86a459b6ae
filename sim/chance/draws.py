"""Everything chance decides in one replication, drawn before it begins.

Indexed by the consignment's number in its flow, a vessel's trip, a server's failure, a closure's ordinal;
so a change to one element leaves the draws of every other as they were. Engines only look up.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.chance.arrivals import Times, arrivals
from sim.chance.blocks import Blocks
from sim.chance.calendars import Intervals, closed_times, merged
from sim.chance.reuse import remembered
from sim.chance.shapes import Factors, factors
from sim.chance.streams import generator
from sim.model.flows import Flow
from sim.model.model import Model
from sim.model.network import Kind, Route, Shape, Step
from sim.model.weather import BEYOND

TRIPS = 256
"""Trips in a block of a vessel's draws."""
FAILURES = 64
"""Failures in a block of a server's or vessel's draws."""

RouteFactors = tuple[Factors | None, ...]
"""Per step of a route the factors by consignment number, or None for a step without a spread of its own."""


@dataclass(frozen=True)
class VesselDraws:
    """Factors of one vessel by trip; a trip is one way, counted from 0, laden or empty."""

    sailing: Blocks
    load: Blocks
    unload: Blocks


@dataclass(frozen=True)
class OutageDraws:
    """Factors of one server's or vessel's failures, counted from 0."""

    every: Blocks
    lasts: Blocks


@dataclass(frozen=True, eq=False)
class Draws:
    """The draws of one replication; flows, facilities, lines, pools, calendars by index in the model.

    Attributes:
        seed: seed of the experiment.
        replication: its number.
        arrivals: arrival times in seconds by flow, ascending, shape (N,) each.
        choice_uniform: uniform numbers by flow, shape (N,); empty where no share is drawn.
        gumbel: standard Gumbel noise by flow, shape (N, options); (0, options) but under logit.
        factors: by flow, option and ordinal the factors of a leg or facility, shape (N,), or None where
            it is fixed, or where the step is a line.
        pool_returns: factors of the return time by (flow, pool), shape (N,); only where it is random.
        level: opening level of a buffer by facility, in the base unit of its measure.
        calendars: by calendar when it is closed.
        standstills: by calendar when handling stands still, a part of the former.
    """

    model: Model
    seed: int
    replication: int
    arrivals: tuple[Times, ...]
    choice_uniform: tuple[Factors, ...]
    gumbel: tuple[NDArray[np.float64], ...]
    factors: tuple[tuple[RouteFactors, ...], ...]
    pool_returns: Mapping[tuple[int, int], Factors]
    level: Mapping[int, float]
    calendars: tuple[Intervals, ...]
    standstills: tuple[Intervals, ...]
    _vessels: dict[tuple[int, int], VesselDraws] = field(default_factory=dict, repr=False)
    _outages: dict[tuple[str, int, int], OutageDraws] = field(default_factory=dict, repr=False)

    def vessel(self, line: int, vessel: int) -> VesselDraws:
        """Give the draws of a vessel.

        Args:
            line: index of the line.
            vessel: number in the line, from 0.
        """
        if (line, vessel) not in self._vessels:
            service = self.model.lines[line]
            name = service.vessels[vessel]
            self._vessels[line, vessel] = VesselDraws(
                sailing=self._blocks("vessel", name, "sailing", shape=service.sailing_shape, size=TRIPS),
                load=self._blocks("vessel", name, "load", shape=service.load.shape, size=TRIPS),
                unload=self._blocks("vessel", name, "unload", shape=service.unload.shape, size=TRIPS),
            )
        return self._vessels[line, vessel]

    def vessel_outage(self, line: int, vessel: int) -> OutageDraws:
        """Give the failures of a vessel of a line with outages.

        Args:
            line: index of the line.
            vessel: number in the line, from 0.
        """
        key = ("vessel", line, vessel)
        if key not in self._outages:
            service = self.model.lines[line]
            assert service.outage is not None
            self._outages[key] = OutageDraws(
                *(
                    self._blocks("vessel", service.vessels[vessel], name, shape=shape, size=FAILURES)
                    for name, shape in (
                        ("every", service.outage.every_shape),
                        ("lasts", service.outage.lasts_shape),
                    )
                )
            )
        return self._outages[key]

    def facility_outage(self, facility: int, server: int) -> OutageDraws:
        """Give the failures of a server of a facility with outages.

        Args:
            facility: index of the facility.
            server: number of the server, from 0.
        """
        key = ("facility", facility, server)
        if key not in self._outages:
            one = self.model.facilities[facility]
            assert one.outage is not None
            self._outages[key] = OutageDraws(
                *(
                    self._blocks("server", one.id, str(server), name, shape=shape, size=FAILURES)
                    for name, shape in (("every", one.outage.every_shape), ("lasts", one.outage.lasts_shape))
                )
            )
        return self._outages[key]

    def _blocks(self, *names: str, shape: Shape, size: int) -> Blocks:
        return Blocks(self.seed, self.replication, *names, shape=shape, size=size)


def draw(model: Model, *, seed: int, replication: int) -> Draws:
    """Draw everything that chance decides in one replication.

    Args:
        model: the compiled scenario.
        seed: seed of the experiment, not negative.
        replication: number of the replication, from 0.

    Returns:
        The draws; what has no known length (trips, failures) is drawn block by block when asked for, and is
        the same whenever that is.
    """
    times = tuple(
        arrivals(flow, seed=seed, replication=replication, end=model.clock.end) for flow in model.flows
    )
    drawn = [
        _FlowDraws(model, flow, seed=seed, replication=replication, count=len(mine))
        for flow, mine in zip(model.flows, times, strict=True)
    ]
    closed = [
        closed_times(one, seed=seed, replication=replication, until=model.clock.end + BEYOND)
        for one in model.closures
    ]
    return Draws(
        model=model,
        seed=seed,
        replication=replication,
        arrivals=times,
        choice_uniform=tuple(one.uniform() for one in drawn),
        gumbel=tuple(one.gumbel() for one in drawn),
        factors=tuple(one.options() for one in drawn),
        pool_returns={
            (index, pool): values for index, one in enumerate(drawn) for pool, values in one.returns().items()
        },
        level=_levels(model, seed=seed, replication=replication),
        calendars=tuple(merged([closed[index] for index in one.closures]) for one in model.calendars),
        standstills=tuple(
            merged([closed[index] for index in one.closures if model.closures[index].stops_handling])
            for one in model.calendars
        ),
    )


def _levels(model: Model, *, seed: int, replication: int) -> dict[int, float]:
    """Draw the opening levels of buffers, in base units."""
    levels = {}
    for index, facility in enumerate(model.facilities):
        if facility.level is not None:
            mean, shape = facility.level
            stream = generator(seed, replication, "level", facility.id)
            levels[index] = max(0.0, mean * float(factors(shape, stream, 1)[0]))
    return levels


class _FlowDraws:
    """Draws of one flow's consignments, by their number."""

    def __init__(self, model: Model, flow: Flow, *, seed: int, replication: int, count: int) -> None:
        self._model = model
        self._flow = flow
        self._seed = seed
        self._replication = replication
        self._count = count
        self._known: dict[tuple[Kind, int, int], Factors | None] = {}

    def _drawn(self, *names: str, law: Hashable, draw: Callable[[np.random.Generator], Factors]) -> Factors:
        """Draw numbers of a law by consignment, or take those that another model has drawn."""
        return remembered(
            self._seed,
            self._replication,
            (names, law, self._count),
            lambda: draw(generator(self._seed, self._replication, *names)),
        )

    def _shaped(self, *names: str, shape: Shape) -> Factors:
        return self._drawn(*names, law=shape, draw=lambda stream: factors(shape, stream, self._count))

    def _routes(self) -> list[Route]:
        return [self._model.routes[option.route] for option in self._flow.options]

    def uniform(self) -> Factors:
        """Draw what decides among shares."""
        if self._flow.choice != "shares":
            return np.empty(0)
        return self._drawn(
            "choice", self._flow.id, law="uniform", draw=lambda stream: stream.random(self._count)
        )

    def gumbel(self) -> NDArray[np.float64]:
        """Draw the noise of a logit choice, a stream per route, so that another option leaves the rest."""
        noise = np.empty((self._count if self._flow.choice == "logit" else 0, len(self._flow.options)))
        if len(noise):
            for option, route in enumerate(self._routes()):
                noise[:, option] = self._drawn(
                    "gumbel", self._flow.id, route.id, law="gumbel", draw=self._noise
                )
        return noise

    def _noise(self, stream: np.random.Generator) -> Factors:
        return -np.log(stream.standard_exponential(self._count))

    def options(self) -> tuple[RouteFactors, ...]:
        """Draw the factors of every step of every option; routes with a step in common share its factors."""
        return tuple(tuple(self._step(step) for step in route.steps) for route in self._routes())

    def _step(self, step: Step) -> Factors | None:
        key = (step.kind, step.index, step.occurrence)
        if key not in self._known:
            self._known[key] = self._factors(step)
        return self._known[key]

    def _factors(self, step: Step) -> Factors | None:
        if step.kind is Kind.LINE:
            return None
        elements = self._model.legs if step.kind is Kind.LEG else self._model.facilities
        element = elements[step.index]
        if element.shape.family == "fixed":
            return None
        names = ("step", self._flow.id, step.kind.name.lower(), element.id, str(step.occurrence))
        return self._shaped(*names, shape=element.shape)

    def returns(self) -> dict[int, Factors]:
        """Draw the factors of the return times of pools that this flow's consignments hold."""
        pools = sorted({use.pool for route in self._routes() for use in route.uses})
        return {
            pool: self._shaped(
                "returns", self._flow.id, self._model.pools[pool].id, shape=self._model.pools[pool].shape
            )
            for pool in pools
            if self._model.pools[pool].shape.family != "fixed"
        }
