"""Checks of routes, and of the consignments that go along them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isnan
from typing import Final

from sim.scenario.document import Facility, Flow, Leg, Line, Measure, Route
from sim.scenario.findings import listed, nearest
from sim.scenario.scene import Scene, told
from sim.scenario.walk import Walk, walk


def _steps(scene: Scene) -> list[str]:
    return [key for section in ("legs", "facilities", "lines") for key in scene.parsed.ids[section]]


def steps_exist(scene: Scene) -> None:
    """Every step of a route is a leg, a facility or a line."""
    known = _steps(scene)
    for key, model in scene.parsed.routes.items():
        for number, step in enumerate(model.steps or ()):
            if step not in known:
                path = f"routes.{key}.steps.{number}"
                message = f"there is no leg, facility or line '{step}'"
                scene.add("dangling-id", path, message, expected="an id of those", hint=nearest(step, known))


def reverses_exist(scene: Scene) -> None:
    """Every reverse is of a route with steps, and not of itself."""
    routes = scene.parsed.routes
    for key, model in routes.items():
        if model.reverse is None:
            continue
        path, seen = f"routes.{key}.reverse", [key]
        while model.reverse is not None:
            name = model.reverse
            if not scene.has("routes", name):
                known = scene.parsed.ids["routes"]
                message = f"there is no route '{name}'"
                scene.add(
                    "dangling-id", path, message, expected="an id under routes:", hint=nearest(name, known)
                )
                break
            if name in seen:
                circle = " → ".join([*seen, name])
                scene.add(
                    "cycle", path, f"routes reverse each other: {circle}", expected="a route with steps"
                )
                break
            if name not in routes:
                break
            seen.append(name)
            model = routes[name]
        else:
            if model.outside is not None:
                message = f"'{seen[-1]}' is an outside option, which has no reverse"
                scene.add("bad-value", path, message, expected="a route with steps")


def follow(scene: Scene, route: Route) -> Walk | None:
    """Follow a resolved route; None where something on it is not known."""
    if route.origin is None or not route.steps:
        return None
    document = scene.document
    return walk(
        route.origin,
        route.steps,
        legs=document.legs,
        facilities=document.facilities,
        lines=document.lines,
        ports=document.ports,
    )


def steps_join(scene: Scene) -> None:
    """Every step begins where the one before it ends."""
    document = scene.document
    for key, route in document.routes.items():
        model = scene.parsed.routes[key]
        path = follow(scene, route)
        if model.steps is None or path is None or path.broken is None:
            continue
        step, here = route.steps[path.broken], path.places[-1]
        places = scene.parsed.ids["places"]
        known = (document.legs, document.facilities, document.lines)
        if sum(step in section for section in known) > 1:
            continue
        if here not in places or any(end not in places for end in path.ends):
            continue
        where = (
            "where the route begins" if path.broken == 0 else f"where '{route.steps[path.broken - 1]}' ends"
        )
        scene.add(
            "steps-do-not-join",
            f"routes.{key}.steps.{path.broken}",
            f"'{step}' is at {' and '.join(path.ends)}, not at {here}, {where}",
            expected=f"a step at {here}",
            hint=_joining(scene, here),
        )


def _joining(scene: Scene, here: str) -> str:
    document = scene.document
    there = [key for key, facility in document.facilities.items() if facility.at == here]
    there += [key for key, leg in document.legs.items() if here in (leg.origin, leg.destination)]
    return f"there are {listed(there, most=5)}" if there else ""


def uses_are_on_route(scene: Scene) -> None:
    """Every pool exists and is held between two steps of the route, the first not after the last."""
    for key, route in scene.document.routes.items():
        for use in route.uses:
            path = f"routes.{key}.uses.{use.pool}"
            if not scene.has("pools", use.pool):
                known = scene.parsed.ids["pools"]
                message = f"there is no pool '{use.pool}'"
                expected = f"one of pools: {listed(known)}"
                scene.add(
                    "dangling-id", path, message, expected=expected, hint=nearest(use.pool, known), key=True
                )
            if not route.steps:
                continue
            for end, step in (("from", use.first), ("to", use.last)):
                if step not in route.steps:
                    message = f"'{step}' is no step of the route '{key}'"
                    hint = nearest(step, route.steps)
                    scene.add(
                        "step-not-in-route", f"{path}.{end}", message, expected="a step of it", hint=hint
                    )
            last = max((n for n, step in enumerate(route.steps) if step == use.last), default=None)
            if use.first in route.steps and last is not None and route.steps.index(use.first) > last:
                message = f"'{use.pool}' is held from '{use.first}', which comes after '{use.last}'"
                scene.add("step-not-in-route", path, message, expected="from before to")


def chosen(flow: Flow) -> Iterator[tuple[str, str]]:
    """Give (part of the path, route) of every choice of a flow."""
    choice = flow.choice
    for name in choice.shares:
        yield f"shares.{name}", name
    for number, entry in enumerate(choice.cascade):
        yield f"cascade.{number}", entry.route
    for number, name in enumerate(choice.options):
        yield f"logit.options.{number}", name


def consignments_pass(scene: Scene) -> None:
    """A consignment has what each step of its routes serves, loads or limits by, and fits.

    Where a route breaks off, all is said that does not hang on the step at which it does.
    """
    for key, flow in scene.document.flows.items():
        for _, name in chosen(flow):
            route = scene.document.routes.get(name)
            if route is not None:
                _Passage(scene, key, flow, name, route).check(follow(scene, route))


class _Passage:
    """One flow on one route, step by step.

    Attributes:
        sure: False from the first step on that is not known: what it makes of a consignment is not either.
    """

    def __init__(self, scene: Scene, key: str, flow: Flow, name: str, route: Route) -> None:
        self.scene, self.key, self.name, self.route = scene, key, name, route
        self.amounts: dict[Measure, float] = {**flow.consignment, "consignment": 1.0}
        self.sure = True

    def check(self, path: Walk | None) -> None:
        held = {use.first: use.pool for use in self.route.uses}
        ways = () if path is None else path.ways
        for number, step in enumerate(self.route.steps):
            element = self.scene.step(step)
            way = ways[number] if number < len(ways) else None
            if step in held:
                self._pool(held[step])
            if element is None or (path is not None and path.broken == number):
                self.sure = False
            elif isinstance(element, Leg):
                if element.train_paths is not None:
                    self._needs("trains", f"legs.{step}.train_paths", "has train paths")
            elif isinstance(element, Facility):
                self._facility(step, element)
            elif isinstance(element, Line):
                self._line(step, element, way)

    def _facility(self, step: str, facility: Facility) -> None:
        at = f"facilities.{step}"
        kind = "rate" if facility.rate is not None else "service"
        self._needs(facility.per, f"{at}.{kind}", "serves by it")
        if facility.buffer is not None:
            path, measure = f"{at}.buffer", facility.buffer.measure
            self._needs(measure, path, "limits by it")
            if facility.buffer.value > 0:
                self._fits(measure, facility.buffer.value, path, f"the buffer of '{step}'")
        for measure, factor in facility.changes.items():
            self.amounts[measure] *= factor

    def _line(self, step: str, line: Line, way: int | None) -> None:
        at = f"lines.{step}"
        # A capacity that could not be read stands there without a number, in no measure of its own.
        rooms = (vessel.capacity for vessel in line.vessels.values())
        measures = {room.measure for room in rooms if not isnan(room.value)}
        for measure in sorted(measures):
            self._needs(measure, f"{at}.vessels", "carries")
        self._needs(line.load.per, f"{at}.load", "loads by it")
        self._needs(line.unload.per, f"{at}.unload", "unloads by it")
        if way is None:
            return
        port, group = line.destination if way else line.origin
        found = self.scene.document.ports.get(port)
        yard = found.yard.get(group) if found is not None else None
        if yard is not None:
            path = f"ports.{port}.yard.{group}"
            self._needs(yard.measure, path, "limits by it")
            self._fits(yard.measure, yard.value, path, f"the yard {port}/{group}")

    def _pool(self, name: str) -> None:
        pool = self.scene.document.pools.get(name)
        if pool is not None and not isnan(pool.size.value):
            path = f"pools.{name}.size"
            self._needs(pool.size.measure, path, "counts by it")
            self._fits(pool.size.measure, pool.size.value, path, f"the pool '{name}'")

    def _needs(self, measure: Measure, path: str, why: str) -> None:
        if self.amounts.get(measure, 0.0) == 0.0:
            self.scene.add(
                "nothing-to-measure",
                f"flows.{self.key}.consignment",
                f"'{self.key}' has 0 {measure}, but {path} on its route '{self.name}' {why}",
                expected=f"{measure}: more than 0",
                about=(path,),
            )

    def _fits(self, measure: Measure, room: float, path: str, what: str) -> None:
        if room == 0.0 and self.scene.moment:
            # The timeline closes it, whoever comes: no matter of size.
            return
        size = self.amounts.get(measure, 0.0)
        if self.sure and size > room * (1 + 1e-12):
            self.scene.add(
                "does-not-fit",
                f"flows.{self.key}.consignment.{measure}",
                f"{told(size, measure)} of '{self.key}' never fit {what}, {told(room, measure)} ({path})",
                expected=f"a consignment of at most {told(room, measure)}, or more room",
                about=(path,),
            )


ROUTE_CHECKS: Final[tuple[Callable[[Scene], None], ...]] = (
    steps_exist,
    reverses_exist,
    steps_join,
    uses_are_on_route,
    consignments_pass,
)
MOMENT_ROUTE_CHECKS: Final[tuple[Callable[[Scene], None], ...]] = (consignments_pass,)
