"""Compiles routes: steps by position, pool uses by ordinal, outside options.

A leg or line is used both ways; which way is known from where the consignment is. Steps that do not join
up are a finding of the language; met here, they end the compilation.
"""

from __future__ import annotations

from collections import Counter

from sim.errors import Finding, InputError, Level
from sim.model.elements import Ranks, sorted_items
from sim.model.network import Direction, Kind, Route, Step, Use
from sim.model.paths import Paths
from sim.scenario import document as doc


def compile_routes(document: doc.Document, *, paths: Paths, ranks: Ranks) -> tuple[Route, ...]:
    """Give the routes in order of id.

    Args:
        document: the resolved scenario.
        paths: where outside time and cost are registered.
        ranks: index of every element.

    Raises:
        InputError: where the steps of a route do not join up.
    """
    return tuple(
        _outside(key, one, paths=paths)
        if one.outside_time is not None
        else _route(key, document, ranks=ranks)
        for key, one in sorted_items(document.routes)
    )


def _outside(key: str, one: doc.Route, *, paths: Paths) -> Route:
    # Mass is held in kg, but generalised cost of a flow without TEU is told per t.
    grain = 1000.0 if one.outside_measure == "t" else 1.0
    source, path = ("routes", key), f"routes.{key}.outside"
    return Route(
        id=key,
        title=one.title,
        origin=-1,
        direction=_direction(one),
        steps=(),
        uses=(),
        promise=one.promise,
        outside_time=paths.add(f"{path}.time", source, read=lambda route: route.outside_time),
        outside_cost=paths.add(
            f"{path}.cost", source, read=lambda route: (route.outside_cost or 0.0) * grain
        ),
    )


def _route(key: str, document: doc.Document, *, ranks: Ranks) -> Route:
    one = document.routes[key]
    return Route(
        id=key,
        title=one.title,
        origin=-1 if one.origin is None else ranks.places[one.origin],
        direction=_direction(one),
        steps=_steps(key, document, ranks=ranks),
        uses=tuple(_use(one, use, ranks=ranks) for use in one.uses),
        promise=one.promise,
    )


def _direction(one: doc.Route) -> Direction:
    return Direction.EAST if one.direction == "east" else Direction.WEST


def _steps(key: str, document: doc.Document, *, ranks: Ranks) -> tuple[Step, ...]:
    """Follow a route from place to place."""
    one = document.routes[key]
    position = one.origin or ""
    seen: Counter[str] = Counter()
    steps = []
    for ordinal, step in enumerate(one.steps):
        kind, index, ends = _element(step, document, ranks=ranks)
        if position not in ends:
            raise _apart(key, step, ordinal=ordinal, position=position, ends=ends)
        way = 0 if position == ends[0] else 1
        arrival = ends[1 - way]
        steps.append(Step(kind, index, way, (ranks.places[position], ranks.places[arrival]), seen[step]))
        seen[step] += 1
        position = arrival
    return tuple(steps)


def _element(step: str, document: doc.Document, *, ranks: Ranks) -> tuple[Kind, int, tuple[str, str]]:
    """Find a step's element by id, and the places of its two ends."""
    if step in document.legs:
        leg = document.legs[step]
        return Kind.LEG, ranks.legs[step], (leg.origin, leg.destination)
    if step in document.facilities:
        at = document.facilities[step].at
        return Kind.FACILITY, ranks.facilities[step], (at, at)
    if step in document.lines:
        line = document.lines[step]
        origin, destination = (document.ports[port].at for port, _ in (line.origin, line.destination))
        return Kind.LINE, ranks.lines[step], (origin, destination)
    return Kind.LEG, -1, ("", "")


def _apart(key: str, step: str, *, ordinal: int, position: str, ends: tuple[str, str]) -> InputError:
    return InputError(
        [
            Finding(
                code="steps-do-not-join",
                level=Level.ERROR,
                where=None,
                path=f"routes.{key}.steps.{ordinal}",
                message=f"{step} does not begin where the consignment is, at {position}",
                expected=f"a step at {position}",
                hint=f"{step} is at {' and '.join(sorted(set(ends)))}" if ends[0] else f"{step} is not known",
            )
        ]
    )


def _use(one: doc.Route, use: doc.PoolUse, *, ranks: Ranks) -> Use:
    """Hold a pool from the first step of one id to the last step of another."""
    last = max(index for index, step in enumerate(one.steps) if step == use.last)
    return Use(ranks.pools[use.pool], one.steps.index(use.first), last)
