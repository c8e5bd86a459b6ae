"""Everything chance decides in one replication, drawn before it begins.

Indexed by the consignment's number in its flow, a vessel's trip, a server's failure, a closure's ordinal;
so a change to one element leaves the draws of every other as they were. Engines only look up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.chance.arrivals import Times, arrivals
from sim.chance.blocks import Blocks
from sim.chance.calendars import Intervals, closed_times, merged
from sim.chance.reuse import Remembered, remembered
from sim.chance.shapes import Factors, factors
from sim.chance.streams import Streams
from sim.model.flows import Flow
from sim.model.model import Model
from sim.model.network import Kind, Shape, Step
from sim.model.once import of_model
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
        choice_uniform: uniform numbers by flow, shape (N,); empty where there are no shares to draw among.
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
    times = arrivals(model, seed=seed, replication=replication)
    known, streams = remembered(seed, replication), Streams(seed, replication)
    drawn = [
        _FlowDraws(model, flow, listed, known, streams, count=len(mine))
        for flow, listed, mine in zip(model.flows, _streams(model), times, strict=True)
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
        level=_levels(model, streams),
        calendars=tuple(merged([closed[index] for index in one.closures]) for one in model.calendars),
        standstills=tuple(
            merged([closed[index] for index in one.closures if model.closures[index].stops_handling])
            for one in model.calendars
        ),
    )


def _levels(model: Model, streams: Streams) -> dict[int, float]:
    """Draw the opening levels of buffers, in base units."""
    levels = {}
    for index, facility in enumerate(model.facilities):
        if facility.level is not None:
            mean, shape = facility.level
            stream = streams.at(("level", facility.id))
            levels[index] = max(0.0, mean * float(factors(shape, stream, 1)[0]))
    return levels


class _Stream(NamedTuple):
    """A stream of one number for each consignment of a flow.

    Attributes:
        names: what it is for.
        shape: law of the numbers.
        sign: a number that stands for both, as numbers are compared sooner.
    """

    names: tuple[str, ...]
    shape: Shape
    sign: int


class _FlowStreams(NamedTuple):
    """What is drawn for a flow's steps.

    Attributes:
        steps: streams, once each.
        options: by option and ordinal which of them, -1 where nothing is random or the step is a line; routes
            with a step in common share its factors.
        returns: of the return times of pools, by pool.
    """

    steps: tuple[_Stream, ...]
    options: tuple[tuple[int, ...], ...]
    returns: Mapping[int, _Stream]


@of_model
def _streams(model: Model) -> tuple[_FlowStreams, ...]:
    """List what is drawn for the flows of a model."""
    return tuple(_streams_of(model, flow) for flow in model.flows)


def _streams_of(model: Model, flow: Flow) -> _FlowStreams:
    steps: dict[_Stream, int] = {}
    routes = [model.routes[option.route] for option in flow.options]

    def place(step: Step) -> int:
        if step.kind is Kind.LINE:
            return -1
        elements = model.legs if step.kind is Kind.LEG else model.facilities
        element = elements[step.index]
        if element.shape.family == "fixed":
            return -1
        names = ("step", flow.id, step.kind.name.lower(), element.id, str(step.occurrence))
        return steps.setdefault(_stream(names, element.shape), len(steps))

    options = tuple(tuple(place(step) for step in route.steps) for route in routes)
    pools = sorted({use.pool for route in routes for use in route.uses})
    returns = {
        pool: _stream(("returns", flow.id, model.pools[pool].id), model.pools[pool].shape)
        for pool in pools
        if model.pools[pool].shape.family != "fixed"
    }
    return _FlowStreams(tuple(steps), options, returns)


_numbers = count()
_signs: dict[tuple[tuple[str, ...], Shape], int] = {}
"""Numbers given to streams and laws in this process, so that models that share one have one number for it."""


def _stream(names: tuple[str, ...], shape: Shape) -> _Stream:
    return _Stream(names, shape, _signs.setdefault((names, shape), next(_numbers)))


class _FlowDraws:
    """Draws of one flow's consignments, by their number: taken where another model has drawn them."""

    def __init__(
        self,
        model: Model,
        flow: Flow,
        listed: _FlowStreams,
        known: Remembered,
        streams: Streams,
        *,
        count: int,
    ) -> None:
        self._model = model
        self._flow = flow
        self._listed = listed
        self._known = known
        self._streams = streams
        self._count = count

    def _shaped(self, stream: _Stream) -> Factors:
        key = (stream.sign, self._count)
        found: Factors | None = self._known.arrays.get(key)
        if found is None:
            drawn = factors(stream.shape, self._streams.at(stream.names), self._count)
            found = self._known.keep(key, drawn)
        return found

    def _drawn(self, *names: str, draw: Callable[[np.random.Generator], Factors]) -> Factors:
        key = (names, self._count)
        found: Factors | None = self._known.arrays.get(key)
        if found is None:
            found = self._known.keep(key, draw(self._streams.at(names)))
        return found

    def uniform(self) -> Factors:
        """Draw what decides among shares, where there is more than one."""
        if self._flow.choice != "shares" or len(self._flow.options) == 1:
            return np.empty(0)
        return self._drawn("choice", self._flow.id, draw=lambda stream: stream.random(self._count))

    def gumbel(self) -> NDArray[np.float64]:
        """Draw the noise of a logit choice, a stream per route, so that another option leaves the rest."""
        noise = np.empty((self._count if self._flow.choice == "logit" else 0, len(self._flow.options)))
        if len(noise):
            for place, option in enumerate(self._flow.options):
                route = self._model.routes[option.route].id
                noise[:, place] = self._drawn("gumbel", self._flow.id, route, draw=self._noise)
        return noise

    def _noise(self, stream: np.random.Generator) -> Factors:
        return -np.log(stream.standard_exponential(self._count))

    def options(self) -> tuple[RouteFactors, ...]:
        """Draw the factors of every step of every option."""
        # In the last place: what -1 stands for.
        drawn_steps = [*map(self._shaped, self._listed.steps), None]
        return tuple(tuple([drawn_steps[place] for place in option]) for option in self._listed.options)

    def returns(self) -> dict[int, Factors]:
        """Draw the factors of the return times of pools that this flow's consignments hold."""
        return {pool: self._shaped(stream) for pool, stream in self._listed.returns.items()}
