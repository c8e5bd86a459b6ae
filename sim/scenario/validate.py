"""From the composed tree to checked models, element by element, so that one wrong element hides no other.

Turns what pydantic objects to into findings with file, line, column and the nearest legal key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from sim.errors import Where
from sim.scenario.composition import Body
from sim.scenario.findings import Findings, nearest
from sim.scenario.forms import Value, read_value
from sim.scenario.merge import mapping
from sim.scenario.nodes import Node
from sim.scenario.refusals import report, translate
from sim.scenario.salvage import Salvaged, salvage
from sim.scenario.schema import (
    ClockModel,
    ClosureModel,
    ExperimentModel,
    FacilityModel,
    LegModel,
    LineModel,
    PlaceModel,
    PoolModel,
    PortModel,
    is_kebab,
)
from sim.scenario.schema_demand import (
    DefaultsModel,
    ExpectModel,
    FlowModel,
    InterventionModel,
    RouteModel,
    TargetModel,
)

M = TypeVar("M", bound=BaseModel)

_MODES = ("rail", "road", "sea", "pipe")


@dataclass
class Parsed:
    """The models of a scenario, those that could be made; `ids` has every id that was written."""

    clock: ClockModel | None = None
    experiment: ExperimentModel = field(default_factory=ExperimentModel)
    levers: dict[str, Value] = field(default_factory=dict)
    places: dict[str, PlaceModel] = field(default_factory=dict)
    legs: dict[str, LegModel] = field(default_factory=dict)
    facilities: dict[str, FacilityModel] = field(default_factory=dict)
    ports: dict[str, PortModel] = field(default_factory=dict)
    closures: dict[str, ClosureModel] = field(default_factory=dict)
    lines: dict[str, LineModel] = field(default_factory=dict)
    pools: dict[str, PoolModel] = field(default_factory=dict)
    routes: dict[str, RouteModel] = field(default_factory=dict)
    flows: dict[str, FlowModel] = field(default_factory=dict)
    timeline: dict[int, InterventionModel] = field(default_factory=dict)
    targets: dict[int, TargetModel] = field(default_factory=dict)
    expect: dict[int, ExpectModel] = field(default_factory=dict)
    ids: dict[str, tuple[str, ...]] = field(default_factory=dict)
    partial: dict[tuple[str, str], Salvaged[Any]] = field(default_factory=dict)
    """What could be read of the elements that are wrong, by section and id (or number)."""


_SECTIONS: Final[dict[str, type[BaseModel]]] = {
    "places": PlaceModel,
    "legs": LegModel,
    "facilities": FacilityModel,
    "ports": PortModel,
    "closures": ClosureModel,
    "lines": LineModel,
    "pools": PoolModel,
    "routes": RouteModel,
    "flows": FlowModel,
}
_LISTED: Final[dict[str, type[BaseModel]]] = {
    "timeline": InterventionModel,
    "targets": TargetModel,
    "expect": ExpectModel,
}
_NAMED: Final = (("ports", "berths"), ("lines", "vessels"))


def with_defaults(body: Body) -> Body:
    """Put the defaults of each mode under the legs and lines that do not give their own values."""
    defaults = body.get("defaults")
    if defaults is None:
        return body
    result = dict(body)
    for section, model in (("legs", LegModel), ("lines", LineModel)):
        node = body.get(section)
        if node is None:
            continue
        legal = {info.alias or name for name, info in model.model_fields.items()}
        elements: dict[str, Node] = {}
        for key, element in node.value.items():
            elements[key] = element
            if not isinstance(element.value, dict):
                continue
            mode = element.get("mode")
            name = "sea" if section == "lines" else str(mode.value) if mode is not None else "rail"
            under = defaults.get(name)
            if under is not None and isinstance(under.value, dict):
                inherited = {k: v for k, v in under.value.items() if k in legal}
                elements[key] = mapping({**inherited, **_given(element)}, element)
        result[section] = mapping(elements, node)
    return result


def _given(node: Node) -> dict[str, Node]:
    return {key: child for key, child in node.value.items() if child.value is not None}


def validate(body: Body, findings: Findings, *, file: str) -> Parsed:
    """Check every element of a composed tree.

    Args:
        body: its sections, defaults already filled in.
        findings: gets what is wrong.
        file: the scenario's file, for what is missing in it.
    """
    parsed = Parsed()
    for section, model in _SECTIONS.items():
        parsed.ids[section] = ()
        node = body.get(section)
        if node is None:
            continue
        parsed.ids[section] = tuple(sorted(node.value))
        made = getattr(parsed, section)
        for key in sorted(node.value):
            child = node.value[key]
            _check_id(key, child, f"{section}.{key}", findings)
            _check_names(section, child, f"{section}.{key}", findings)
            one = _element(model, child, f"{section}.{key}", findings, parsed)
            if one is not None:
                made[key] = one
    for section, model in _LISTED.items():
        node = body.get(section)
        for number, child in enumerate(node.value if node is not None else ()):
            one = _element(model, child, f"{section}.{number}", findings, parsed)
            if one is not None:
                getattr(parsed, section)[number] = one
    _singles(body, parsed, findings, file=file)
    _shared_ids(body, parsed, findings, file=file)
    return parsed


def _singles(body: Body, parsed: Parsed, findings: Findings, *, file: str) -> None:
    clock = body.get("clock")
    if clock is None:
        findings.add(
            "missing-key",
            Where(file, 1, 1),
            "clock",
            "no clock",
            expected="clock: {start: 2024-01-01, length: 366 d}",
        )
    else:
        parsed.clock = _element(ClockModel, clock, "clock", findings, parsed)
    if "experiment" in body:
        made = _element(ExperimentModel, body["experiment"], "experiment", findings)
        parsed.experiment = made or parsed.experiment
    if "levers" in body:
        for key, child in body["levers"].value.items():
            _check_id(key, child, f"levers.{key}", findings)
            value = read_form(child, f"levers.{key}", findings)
            if value is not None:
                parsed.levers[key] = value
        parsed.ids["levers"] = tuple(sorted(body["levers"].value))
    if "defaults" in body:
        for key, child in body["defaults"].value.items():
            if key not in _MODES:
                findings.add(
                    "unknown-key",
                    child.key_where,
                    f"defaults.{key}",
                    f"no mode '{key}'",
                    expected=", ".join(_MODES),
                    hint=nearest(key, _MODES),
                )
            else:
                _element(DefaultsModel, child, f"defaults.{key}", findings)


def read_form(node: Node, path: str, findings: Findings) -> Value | None:
    """Read a quantity that stands alone."""
    from pydantic_core import PydanticCustomError

    try:
        return read_value(node.data())
    except PydanticCustomError as error:
        report(error.type, dict(error.context or {}), node, path, findings)
        return None


def _element(
    model: type[M], node: Node, path: str, findings: Findings, parsed: Parsed | None = None
) -> M | None:
    """Make the model of an element.

    Args:
        model: which.
        node: the element.
        path: its dotted path.
        findings: gets what is wrong with it.
        parsed: keeps what can still be read of an element that is wrong; None: it is not looked at further.

    Returns:
        The model, also where nothing but an unknown key is wrong; None where a field cannot be read.
    """
    data = _plain(node, keep=("set", "scale", "add") if path.startswith("timeline") else ())
    if data is None:
        data = {}
    try:
        return model.model_validate(data)
    except ValidationError as errors:
        for error in errors.errors(include_url=False):
            translate(error, model, node, path, findings)
    left = salvage(model, data) if parsed is not None and isinstance(data, dict) else None
    if left is None or parsed is None:
        return None
    if left.lost:
        section, _, key = path.partition(".")
        parsed.partial[section, key] = left
        return None
    return left.model


def _plain(node: Node, *, keep: tuple[str, ...] = ()) -> Any:
    """Give plain data without the keys that are set to null."""
    if isinstance(node.value, dict):
        return {
            key: child.data() if key in keep else _plain(child)
            for key, child in node.value.items()
            if child.value is not None
        }
    if isinstance(node.value, list):
        return [_plain(child) for child in node.value]
    return node.value


def _check_id(key: str, node: Node, path: str, findings: Findings) -> None:
    if not is_kebab(key):
        better = "-".join(filter(None, "".join(c if c.isalnum() else " " for c in key.lower()).split()))
        hint = f"write '{better}'" if is_kebab(better) else ""
        findings.add(
            "bad-id", node.key_where, path, f"the id '{key}'", expected="kebab-case: a-z, 0-9, -", hint=hint
        )


def _check_names(section: str, node: Node, path: str, findings: Findings) -> None:
    for where, key in _NAMED:
        below = node.get(key) if where == section else None
        if below is None or not isinstance(below.value, dict):
            continue
        for name, child in below.value.items():
            if isinstance(child.value, dict) or key == "berths":
                if key == "vessels" and name in ("count", "capacity", "payload_share", "start"):
                    continue
                _check_id(name, child, f"{path}.{key}.{name}", findings)


def _shared_ids(body: Body, parsed: Parsed, findings: Findings, *, file: str) -> None:
    """Check that legs, facilities and lines share one set of ids.

    What the scenario's own file adds under an id of its base is found there and not looked at further: steps
    mean the base's element, or every route over it would be wrong too.
    """
    seen: dict[str, tuple[str, Node]] = {}
    for section in ("legs", "facilities", "lines"):
        for key, child in body[section].value.items() if section in body else ():
            if key not in seen:
                seen[key] = (section, child)
                continue
            other, first = seen[key]
            there, node = section, child
            if first.key_where.file == file and child.key_where.file != file:
                there, node, other, first = other, first, section, child
            findings.add(
                "duplicate-id",
                node.key_where,
                f"{there}.{key}",
                f"'{key}' is also in {other}, {first.key_where}",
                expected="one id over legs, facilities and lines",
            )
            if node.key_where.file == file != first.key_where.file:
                getattr(parsed, there).pop(key, None)
                parsed.partial.pop((there, key), None)
            seen[key] = (other, first)
