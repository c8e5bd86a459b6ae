"""Checks of flows, of how they choose, and of how much is asked for."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import pairwise
from math import isnan
from typing import Final

from sim.errors import Level
from sim.scenario.checks_claims import claims_name_what_exists
from sim.scenario.checks_routes import chosen
from sim.scenario.document import Flow, Measure
from sim.scenario.findings import nearest
from sim.scenario.scene import UNITS, Scene
from sim.units import YEAR_HOURS, to_display

_BYTES: Final = 250
"""What one consignment takes at one step, in draws, records and measures together."""
_SMALLEST: Final = 40_000_000 * _BYTES
"""Memory that is taken to be there where the machine does not say."""


def choices_exist(scene: Scene) -> None:
    """Every route that a flow may choose exists."""
    known = scene.parsed.ids["routes"]
    for key, flow in scene.document.flows.items():
        for part, name in chosen(flow):
            if not scene.has("routes", name):
                path = f"flows.{key}.choice.{part}"
                message = f"there is no route '{name}'"
                is_key = part.startswith("shares")
                hint = nearest(name, known)
                scene.add("dangling-id", path, message, expected="an id under routes:", hint=hint, key=is_key)


def shares_are_not_all_zero(scene: Scene) -> None:
    """Weights that are shared out have a sum."""
    for key, flow in scene.document.flows.items():
        if flow.choice.kind == "shares" and flow.choice.shares and not any(flow.choice.shares.values()):
            path = f"flows.{key}.choice.shares"
            scene.add("all-zero", path, f"every share of '{key}' is 0", expected="one above 0")


def seasons_are_not_all_zero(scene: Scene) -> None:
    """Monthly weights have a sum."""
    for key, flow in scene.document.flows.items():
        if not any(flow.season):
            scene.add(
                "all-zero", f"flows.{key}.season", f"every month of '{key}' is 0", expected="one above 0"
            )


def cascades_can_refuse(scene: Scene) -> None:
    """Every route of a cascade begins with a facility, or with a line that has a yard."""
    document = scene.document
    for key, flow in document.flows.items():
        for number, entry in enumerate(flow.choice.cascade):
            route = document.routes.get(entry.route)
            if route is None or not route.steps:
                continue
            first = route.steps[0]
            if first in document.facilities or not (first in document.legs or first in document.lines):
                continue
            path = f"flows.{key}.choice.cascade.{number}"
            if first in document.legs:
                message = f"'{entry.route}' begins with the leg '{first}', which always admits"
            else:
                line = document.lines[first]
                ends = [end for end in (line.origin, line.destination) if end[0] in document.ports]
                here = [end for end in ends if document.ports[end[0]].at == route.origin]
                if not here or here[0][1] in document.ports[here[0][0]].yard:
                    continue
                message = (
                    f"'{entry.route}' begins with the line '{first}' at {'/'.join(here[0])}, without a yard"
                )
            scene.add("cascade-starts-with", path, message, expected="a facility, or a line with a yard")


def outside_only_in_logit(scene: Scene) -> None:
    """Outside options have a meaning under logit alone."""
    for key, flow in scene.document.flows.items():
        for part, name in chosen(flow):
            route = scene.document.routes.get(name)
            if route is not None and route.outside_time is not None and flow.choice.kind != "logit":
                path = f"flows.{key}.choice.{part}"
                message = f"'{name}' is an outside option, and '{key}' chooses by {flow.choice.kind}"
                is_key = part.startswith("shares")
                scene.add("outside-without-logit", path, message, expected="logit", key=is_key)


def logit_is_complete(scene: Scene) -> None:
    """A logit choice has a value of time, each option once, and costs in a measure that the flow has."""
    for key, flow in scene.document.flows.items():
        if flow.choice.kind != "logit":
            continue
        if scene.parsed.flows[key].value_of_time is None:
            path = f"flows.{key}.choice.logit"
            message = f"'{key}' chooses by cost and has no value of time"
            scene.add("no-value-of-time", path, message, expected='value_of_time: "30 USD/TEU/d"', key=True)
        options = flow.choice.options
        for number, name in enumerate(options):
            path = f"flows.{key}.choice.logit.options.{number}"
            route = scene.document.routes.get(name)
            if name in options[:number]:
                scene.add("duplicate-id", path, f"'{name}' is listed twice", expected="each route once")
            if route is not None and route.outside_time is not None:
                _has(scene, key, flow, route.outside_measure, f"routes.{name}.outside.cost")


def money_has_a_measure(scene: Scene) -> None:
    """Values are per a measure that the flow has."""
    for key, flow in scene.document.flows.items():
        if flow.value:
            _has(scene, key, flow, flow.value_measure, f"flows.{key}.value")
        if flow.value_of_time:
            _has(scene, key, flow, flow.value_of_time_measure, f"flows.{key}.value_of_time")
        if flow.volume is not None and any(flow.volume.values()):
            _has(scene, key, flow, flow.volume_measure, f"flows.{key}.volume")
        for number, entry in enumerate(flow.choice.cascade):
            if entry.at_most is not None:
                _has(scene, key, flow, entry.at_most.measure, f"flows.{key}.choice.cascade.{number}.at_most")


def background_is_meant(scene: Scene) -> None:
    """Note which goods have no value where others have one: the figures of `cargo/…` leave them out."""
    flows = scene.parsed.flows
    if all(flow.value is None for flow in flows.values()):
        return
    for key, flow in flows.items():
        laden = any(measure in flow.consignment for measure in ("t", "TEU"))
        if flow.value is None and laden and "other" not in key.split("-"):
            message = (
                f"the goods of '{key}' have no value, those of other flows have: they count as background"
            )
            expected = "a value, where they are cargo of the corridor's own"
            scene.add("background", f"flows.{key}", message, expected=expected, level=Level.NOTE, key=True)


def _has(scene: Scene, key: str, flow: Flow, measure: Measure, path: str) -> None:
    if measure != "consignment" and flow.consignment.get(measure, 0.0) == 0.0:
        message = f"'{key}' has 0 {measure}, by which {path} counts"
        scene.add("nothing-to-measure", path, message, expected=f"consignment: {{{measure}: more than 0}}")


def cuts_are_of_cascades(scene: Scene) -> None:
    """Production is cut only where a cascade can turn it away."""
    for key, model in scene.parsed.flows.items():
        if model.cut is not None and model.choice.cascade is None:
            path = f"flows.{key}.cut"
            message = f"'{key}' is never turned away, so nothing is cut"
            scene.add("misplaced-key", path, message, expected="a cascade", level=Level.WARNING, key=True)


def timetables_agree(scene: Scene) -> None:
    """A timetable of arrivals and a volume beside it say the same, within one per cent."""
    clock = scene.document.clock
    for key, flow in scene.document.flows.items():
        times = flow.timetable
        if times is None or flow.volume is None:
            continue
        size = 1.0 if flow.volume_measure == "consignment" else flow.consignment.get(flow.volume_measure, 0.0)
        if times.every is not None:
            rate = size / times.every
        else:
            inside = sum(0 <= moment < clock.length for moment in times.at)
            rate = size * inside / clock.length
        volume = _mean_volume(flow, scene)
        if isnan(rate) or isnan(volume) or size == 0.0:
            continue
        if abs(rate - volume) > 0.01 * max(rate, volume):
            unit = f"{UNITS[flow.volume_measure][0]}/yr"
            said, brought = (f"{to_display(each, unit):.6g} {unit}" for each in (volume, rate))
            message = f"the timetable brings {brought}, the volume says {said}"
            path = f"flows.{key}.volume"
            scene.add("timetable-volume", path, message, expected="the same within 1 %, or no volume")


def _mean_volume(flow: Flow, scene: Scene) -> float:
    """Give the volume at the middle of the window, linear between the middles of years."""
    volume = flow.volume or {}
    if set(volume) == {0}:
        return volume[0]
    clock = scene.document.clock
    middle = clock.start.year + clock.start.timetuple().tm_yday / 366 + clock.length / 2 / (YEAR_HOURS * 3600)
    years = sorted(volume)
    points = [(year + 0.5, volume[year]) for year in years]
    if middle <= points[0][0]:
        return points[0][1]
    for (left, low), (right, high) in pairwise(points):
        if middle <= right:
            return low + (high - low) * (middle - left) / (right - left)
    return points[-1][1]


def demand_fits_memory(scene: Scene) -> None:
    """What is asked for fits the memory of the machine."""
    clock, document = scene.document.clock, scene.document
    span = clock.length + clock.warmup
    memory, total = _memory(), 0.0
    worst: tuple[float, str, float] = (0.0, "", 0.0)
    for key, flow in document.flows.items():
        steps = [len(document.routes[name].steps) for _, name in chosen(flow) if name in document.routes]
        count = _consignments(flow, span)
        rows = count * (max(steps, default=0) + 1)
        total += 0.0 if isnan(rows) else rows
        worst = max(worst, (0.0 if isnan(rows) else rows, key, count))
    if total * _BYTES > memory:
        path = f"flows.{worst[1]}.consignment"
        message = (
            f"the run asks for {total:.3g} steps of consignments, {worst[2]:.3g} consignments of "
            f"'{worst[1]}' alone, about {total * _BYTES / 1e9:.3g} GB; this machine has {memory / 1e9:.3g} GB"
        )
        scene.add("too-large", path, message, expected="larger consignments, less volume or a shorter run")
    for key, line in document.lines.items():
        for end, rule in zip(("from", "to"), line.leaves, strict=True):
            times = rule.timetable
            if times is not None and times.every and span / times.every * _BYTES > memory / 10:
                path = f"lines.{key}.leaves"
                message = f"{span / times.every:.3g} departures at the {end} end in one run"
                scene.add("too-large", path, message, expected="fewer departures")
        number = sum(vessel.count for vessel in line.vessels.values())
        if number > 100_000:
            scene.add("too-large", f"lines.{key}.vessels", f"{number:g} vessels", expected="at most 100,000")


def _consignments(flow: Flow, span: float) -> float:
    times = flow.timetable
    if times is not None:
        return span / times.every if times.every else float(len(times.at))
    size = 1.0 if flow.volume_measure == "consignment" else flow.consignment.get(flow.volume_measure, 0.0)
    return max((flow.volume or {0: 0.0}).values()) * span / size if size > 0 else 0.0


def _memory() -> float:
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):
        return float(_SMALLEST)


DEMAND_CHECKS: Final[tuple[Callable[[Scene], None], ...]] = (
    choices_exist,
    shares_are_not_all_zero,
    seasons_are_not_all_zero,
    cascades_can_refuse,
    outside_only_in_logit,
    logit_is_complete,
    money_has_a_measure,
    background_is_meant,
    cuts_are_of_cascades,
    timetables_agree,
    demand_fits_memory,
    claims_name_what_exists,
)
MOMENT_DEMAND_CHECKS: Final[tuple[Callable[[Scene], None], ...]] = (
    choices_exist,
    shares_are_not_all_zero,
    seasons_are_not_all_zero,
    outside_only_in_logit,
    demand_fits_memory,
)
