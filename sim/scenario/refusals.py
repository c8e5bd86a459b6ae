"""What pydantic objects to, turned into findings with a place, an expectation and the nearest legal name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

from pydantic import BaseModel

from sim.scenario.findings import FINDINGS, Findings, listed, nearest
from sim.scenario.nodes import Node

_RANGE = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}
_TYPES: Final = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "a text",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "int_from_float": "a whole number",
}


def translate(
    error: Mapping[str, Any], model: type[BaseModel], node: Node, path: str, findings: Findings
) -> None:
    """Turn one error of a model into a finding.

    Args:
        error: as pydantic gives it.
        model: the model that refused.
        node: the element that was refused.
        path: its dotted path.
        findings: gets the finding.
    """
    loc: list[str] = []
    for part in map(str, error["loc"]):
        held = node.nearest(*loc).value
        if part or (isinstance(held, dict) and part in held):
            loc.append(part)
    kind, context = error["type"], dict(error.get("ctx") or {})
    dotted = ".".join([path, *loc] if path else loc)
    if kind in FINDINGS:
        report(kind, context, node.nearest(*loc), dotted, findings)
        return
    here = node.nearest(*loc)
    value = error.get("input")
    if kind == "extra_forbidden":
        legal = legal_keys(model, loc[:-1])
        message = f"unknown key '{loc[-1]}'"
        hint = nearest(loc[-1], legal)
        findings.add(
            "unknown-key", here.key_where, dotted, message, expected=listed(legal, most=24), hint=hint
        )
    elif kind == "missing":
        parent = node.nearest(*loc[:-1])
        message, hint = f"no '{loc[-1]}'", ""
        if loc[-3:-2] == ["vessels"]:
            others = {name for name in node.nearest(*loc[:-2]).value if name != loc[-2]}
            message, hint = f"no '{loc[-1]}' in the class '{loc[-2]}'", nearest(loc[-2], others)
        expected = f"the key '{loc[-1]}'"
        findings.add("missing-key", parent.key_where, dotted, message, expected=expected, hint=hint)
    elif kind == "literal_error":
        legal = context["expected"].replace("'", "").replace(" or ", ", ")
        hint = nearest(str(value), legal.split(", "))
        findings.add("bad-value", here, dotted, f"'{value}' is not known here", expected=legal, hint=hint)
    elif kind in _TYPES:
        findings.add(
            "wrong-type", here, dotted, f"{_shown(value)} is not {_TYPES[kind]}", expected=_TYPES[kind]
        )
    elif kind in _RANGE or kind == "finite_number":
        expected = str(error["msg"]).removeprefix("Input should be ")
        findings.add("out-of-range", here, dotted, f"{_shown(value)} is out of range", expected=expected)
    elif kind == "too_short":
        findings.add("missing-key", here, dotted, "an empty list", expected="at least one entry")
    else:
        message = str(error["msg"])
        findings.add("bad-value", here, dotted, f"{_shown(value)}: {message}", expected=message)


def report(kind: str, context: Mapping[str, Any], node: Node, path: str, findings: Findings) -> None:
    """Turn an error of a form into a finding at the value, or at the key below it that is wrong."""
    at = str(context.get("at") or "")
    below = node.get(at) if at else None
    if below is None:
        place = node.key_where if kind == "missing-key" else node.where
    else:
        place = below.key_where if kind == "unknown-key" else below.where
    findings.add(
        kind,
        place,
        f"{path}.{at}" if at and not path.endswith(f".{at}") else path,
        str(context.get("message", "")),
        expected=str(context.get("expected", "")),
        hint=str(context.get("hint", "")),
    )


def _shown(value: Any) -> str:
    text = "nothing" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    kind = "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else ""
    return kind or (f"'{text}'" if isinstance(value, str) else text)


def legal_keys(model: type[BaseModel], loc: list[str]) -> list[str]:
    """List the legal keys of the model that stands at a place below another."""
    current: type[BaseModel] | None = model
    for part in loc:
        if current is None:
            return []
        names = {info.alias or name: info.annotation for name, info in current.model_fields.items()}
        if part in names:
            current = model_in(names[part])
    if current is None:
        return []
    return [info.alias or name for name, info in current.model_fields.items() if name != "selector"]


def model_in(annotation: Any) -> type[BaseModel] | None:
    """Find the model inside an annotation such as `dict[str, Model] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in get_args(annotation):
        found = model_in(inner)
        if found is not None:
            return found
    return None
