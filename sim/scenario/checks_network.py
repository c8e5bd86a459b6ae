"""Checks of what stands still: ids that refer to nothing, and elements that nothing refers to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import isfinite
from typing import Final

from sim.errors import Level
from sim.scenario.findings import listed, nearest
from sim.scenario.kinds import DURATION
from sim.scenario.scene import Scene, told


def _refers(scene: Scene, path: str, name: str, *, to: str) -> bool:
    if scene.has(to, name):
        return True
    known = scene.parsed.ids[to]
    singular = {"facilities": "facility"}.get(to, to.rstrip("s"))
    message = f"there is no {singular} '{name}'"
    expected = f"one of {to}: {listed(known)}" if known else f"an id under {to}:"
    scene.add("dangling-id", path, message, expected=expected, hint=nearest(name, known))
    return False


def places_exist(scene: Scene) -> None:
    """Every place that is named exists."""
    for key, leg in scene.parsed.legs.items():
        _refers(scene, f"legs.{key}.from", leg.from_, to="places")
        _refers(scene, f"legs.{key}.to", leg.to, to="places")
    for key, facility in scene.parsed.facilities.items():
        _refers(scene, f"facilities.{key}.at", facility.at, to="places")
    for key, port in scene.parsed.ports.items():
        _refers(scene, f"ports.{key}.at", port.at, to="places")
    for key, route in scene.parsed.routes.items():
        if route.from_ is not None:
            _refers(scene, f"routes.{key}.from", route.from_, to="places")


def lines_end_at_ports(scene: Scene) -> None:
    """Every end of a line is a port with that berth group, and the two differ."""
    for key, line in scene.document.lines.items():
        ends = (("from", line.origin), ("to", line.destination))
        for end, (port, group) in ends:
            path = f"lines.{key}.{end}"
            if not port or not group or not _refers(scene, path, port, to="ports"):
                continue
            groups = scene.document.ports[port].berths if port in scene.document.ports else {group: 0.0}
            if group not in groups:
                message = f"the port '{port}' has no berth group '{group}'"
                hint = nearest(group, groups)
                expected = listed(groups) or "a port with berths"
                scene.add("dangling-id", path, message, expected=expected, hint=hint)
        if line.origin == line.destination and all(line.origin):
            scene.add("bad-value", f"lines.{key}.to", "a line to where it comes from", expected="two ends")


def closures_close_something(scene: Scene) -> None:
    """Every closure names ports or facilities that exist."""
    for key, closure in scene.document.closures.items():
        if not closure.ports and not closure.facilities:
            path = f"closures.{key}"
            scene.add("missing-key", path, "a closure of nothing", expected="ports or facilities", key=True)
        written = scene.parsed.closures[key]
        for number, name in enumerate(written.ports):
            if name not in closure.facilities:
                _refers(scene, f"closures.{key}.ports.{number}", name, to="ports")
        for number, name in enumerate(written.facilities):
            _refers(scene, f"closures.{key}.facilities.{number}", name, to="facilities")


def vessels_carry_something(scene: Scene) -> None:
    """Every vessel may load at least one whole unit."""
    for key, line in scene.document.lines.items():
        for name, vessel in line.vessels.items():
            size, measure = vessel.capacity.value * vessel.payload_share, vessel.capacity.measure
            if told(1.0, measure) and size < (1000.0 if measure == "t" else 1.0):
                path = f"lines.{key}.vessels.{name}".rstrip(".")
                message = f"a vessel of '{key}' may load {told(size, measure)}"
                scene.add("vessel-too-small", path, message, expected=f"at least one whole unit of {measure}")


def vessels_fail_by_the_calendar(scene: Scene) -> None:
    """A vessel's failures count all time, and wait until it has unloaded: it has no other way."""
    for key, line in scene.parsed.lines.items():
        if line.outages is None:
            continue
        for name, other, legal in (("clock", "working", "calendar"), ("job", "resumed", "finished")):
            if name in line.outages.model_fields_set and getattr(line.outages, name) == other:
                path, message = f"lines.{key}.outages.{name}", f"a vessel's outages have no '{name}: {other}'"
                scene.add("bad-value", path, message, expected=f"{name}: {legal}, or no '{name}'")


def levels_fit_buffers(scene: Scene) -> None:
    """What lies in a buffer at the start has room there, and is served in a measure that it has."""
    for key, facility in scene.document.facilities.items():
        level, room = facility.level, facility.buffer
        if level is None or room is None:
            continue
        if facility.per not in ("consignment", room.measure):
            message = f"a level in {room.measure}, of which a service per {facility.per} takes no time"
            expected = f"service per {room.measure} or per consignment, or a buffer in {facility.per}"
            scene.add("nothing-to-measure", f"facilities.{key}.level", message, expected=expected)
        most = level.mean * (level.points[-1] if level.points else 1.0)
        if most > room.value:
            message = (
                f"a level of up to {told(most, room.measure)} in a buffer of {told(room.value, room.measure)}"
            )
            scene.add("does-not-fit", f"facilities.{key}.level", message, expected="no more than the buffer")


def counts_are_whole(scene: Scene) -> None:
    """Warn of half a server, vessel or berth: it is none."""
    document = scene.document
    counts = [(f"facilities.{key}.servers", one.servers) for key, one in document.facilities.items()]
    counts += [
        (f"lines.{key}.vessels.{name}.count" if name else f"lines.{key}.vessels.count", vessel.count)
        for key, line in document.lines.items()
        for name, vessel in line.vessels.items()
    ]
    counts += [
        (f"ports.{key}.berths.{group}", number)
        for key, port in document.ports.items()
        for group, number in port.berths.items()
    ]
    for path, number in counts:
        if isfinite(number) and abs(number - round(number)) > 1e-9:
            message = f"only whole ones count: {int(number)} of {number:g}"
            scene.add("part-of-one", path, message, expected="a whole number", level=Level.WARNING)


def work_comes_to_an_end(scene: Scene) -> None:
    """No way, and no unit at a rate, takes longer than the longest time that the engines can count."""
    for key, leg in scene.document.legs.items():
        if leg.distance > leg.speed * DURATION.high:
            years = leg.distance / leg.speed / _YEAR
            message = f"{leg.distance:g} km take {years:.3g} years at this speed"
            scene.add("out-of-range", f"legs.{key}.speed", message, expected=_IN_TIME)
    for key, facility in scene.document.facilities.items():
        if facility.rate is not None and 0.0 < facility.rate * DURATION.high < 1.0:
            message = f"a kg, TEU or other unit takes {1.0 / facility.rate / _YEAR:.3g} years at this rate"
            scene.add("out-of-range", f"facilities.{key}.rate", message, expected=_IN_TIME)


_YEAR: Final = 365.25 * 86_400
_IN_TIME: Final = f"at most {DURATION.high / _YEAR:,.0f} years"


def _unused(scene: Scene, section: str, used: Iterable[str], words: str) -> None:
    for key in sorted(set(scene.parsed.ids.get(section, ())) - set(used)):
        message = f"nothing refers to '{key}'"
        scene.add("unused", f"{section}.{key}", message, expected=words, level=Level.NOTE, key=True)


def nothing_unused(scene: Scene) -> None:
    """Elements that nothing refers to are noted."""
    parsed, document = scene.parsed, scene.document
    steps = {step for route in document.routes.values() for step in route.steps}
    for section in ("legs", "facilities", "lines"):
        _unused(scene, section, steps, "a step of a route")
    pools = {use.pool for route in document.routes.values() for use in route.uses}
    _unused(scene, "pools", pools, "a use of a route")
    ends = {end for line in document.lines.values() for end in (line.origin, line.destination)}
    ports = {port for port, _ in ends}
    _unused(scene, "ports", ports, "an end of a line")
    for key in sorted(ports.intersection(parsed.ports)):
        for group in sorted(parsed.ports[key].berths):
            if (key, group) not in ends:
                path, message = (
                    f"ports.{key}.berths.{group}",
                    f"no line ends at the berths '{group}' of '{key}'",
                )
                expected = "an end of a line"
                scene.add("unused", path, message, expected=expected, level=Level.NOTE, key=True)
    places = {end for leg in parsed.legs.values() for end in (leg.from_, leg.to)}
    places |= {facility.at for facility in parsed.facilities.values()}
    places |= {port.at for port in parsed.ports.values()}
    places |= {route.from_ for route in parsed.routes.values() if route.from_ is not None}
    _unused(scene, "places", places, "an end of a leg, or where something stands")
    _unused(scene, "levers", scene.used_levers, "a quantity with scale: this lever")


REFERENCE_CHECKS: Final[tuple[Callable[[Scene], None], ...]] = (
    places_exist,
    lines_end_at_ports,
    closures_close_something,
    vessels_carry_something,
    levels_fit_buffers,
    vessels_fail_by_the_calendar,
)
"""What needs no more than one element and the ids of all others."""

NETWORK_CHECKS: Final[tuple[Callable[[Scene], None], ...]] = (
    *REFERENCE_CHECKS,
    counts_are_whole,
    work_comes_to_an_end,
    nothing_unused,
)
