"""The JSON Schema of scenario and study files, for editors: made from the models, their docstrings in it."""

from __future__ import annotations

import ast
import inspect
from copy import deepcopy
from functools import cache
from types import ModuleType
from typing import Any

from pydantic import BaseModel

from sim.scenario import schema, schema_demand
from sim.scenario.composition import ELEMENTS, LISTS
from sim.scenario.schema_demand import ScenarioFile

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema of a scenario file.

    Returns:
        A schema in which a file that `extends` another may leave keys out, and any other may not.
    """
    whole = ScenarioFile.model_json_schema(by_alias=True)
    definitions: dict[str, Any] = whole.pop("$defs")
    _describe(definitions, whole, (schema, schema_demand))
    _allow_short_forms(definitions)
    facility = definitions["FacilityModel"]
    quantity = facility["properties"].pop("selector")
    facility["additionalProperties"] = {**quantity, "description": "The value of the key that rate.by names."}
    partial = {f"Changed{name}": _loosened(each) for name, each in deepcopy(definitions).items()}
    properties = whole["properties"]
    strict = {key: deepcopy(each) for key, each in properties.items() if key in (*ELEMENTS, *LISTS)}
    loose = {key: _renamed(deepcopy(each)) if key in ELEMENTS else each for key, each in properties.items()}
    loose["add"] = {
        "type": "object",
        "description": properties["add"].get("description", ""),
        "properties": strict,
        "additionalProperties": False,
    }
    loose["provenance"] = {"type": "object", "description": "Written by `show`; not read."}
    return {
        "$schema": _DRAFT,
        "title": "Scenario of the Middle Corridor simulator",
        "description": whole.get("description", ""),
        "type": "object",
        "properties": loose,
        "additionalProperties": False,
        "if": {"required": ["extends"]},
        "else": {"properties": strict},
        "$defs": {**definitions, **partial},
    }


def _allow_short_forms(definitions: dict[str, Any]) -> None:
    """Allow what the models turn into their long form before they look at it."""

    def ref(name: str) -> dict[str, Any]:
        return {"$ref": f"#/$defs/{name}"}

    vessels = definitions["LineModel"]["properties"]["vessels"]
    vessels.pop("additionalProperties", None)
    vessels.pop("type", None)
    classes = {"type": "object", "minProperties": 1, "additionalProperties": ref("VesselsModel")}
    vessels["anyOf"] = [ref("VesselsModel"), classes]
    arrivals = definitions["FlowModel"]["properties"]["arrivals"]
    arrivals.pop("$ref", None)
    arrivals.pop("allOf", None)
    arrivals["anyOf"] = [{"enum": ["poisson", "regular"]}, ref("ArrivalsModel")]
    arrivals["default"] = "poisson"
    definitions["ArrivalsModel"]["properties"].pop("kind")
    cascade = definitions["ChoiceModel"]["properties"]["cascade"]
    entry = {"anyOf": [{"type": "string"}, ref("CascadeModel")]}
    cascade["anyOf"] = [{"type": "array", "items": entry}, {"type": "null"}]
    uses = definitions["RouteModel"]["properties"]["uses"]
    spans = {"anyOf": [ref("UseModel"), {"type": "array", "items": ref("UseModel")}]}
    uses["anyOf"] = [{"type": "object", "additionalProperties": spans}, {"type": "null"}]


def _renamed(part: Any) -> Any:
    if isinstance(part, dict):
        return {
            key: each.replace("#/$defs/", "#/$defs/Changed") if key == "$ref" else _renamed(each)
            for key, each in part.items()
        }
    return [_renamed(each) for each in part] if isinstance(part, list) else part


def _loosened(part: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = _renamed(part)
    made.pop("required", None)
    for key, each in made.get("properties", {}).items():
        told = {"description": each.pop("description")} if "description" in each else {}
        made["properties"][key] = {**told, "anyOf": [each, {"type": "null"}]}
    return made


def _describe(definitions: dict[str, Any], whole: dict[str, Any], modules: tuple[ModuleType, ...]) -> None:
    """Put the docstring under each field into its description."""
    for module in modules:
        for name, fields in _docstrings(module).items():
            target = whole if name == "ScenarioFile" else definitions.get(name)
            model = getattr(module, name)
            if target is None or not issubclass(model, BaseModel):
                continue
            for field, text in fields.items():
                alias = model.model_fields[field].alias or field
                target["properties"].get(alias, {})["description"] = text


@cache
def _docstrings(module: ModuleType) -> dict[str, dict[str, str]]:
    """Read the docstrings under the fields of a module's classes from its source."""
    found: dict[str, dict[str, str]] = {}
    for node in ast.parse(inspect.getsource(module)).body:
        if not isinstance(node, ast.ClassDef):
            continue
        fields: dict[str, str] = {}
        for one, two in zip(node.body, node.body[1:], strict=False):
            if not isinstance(one, ast.AnnAssign) or not isinstance(one.target, ast.Name):
                continue
            if isinstance(two, ast.Expr) and isinstance(two.value, ast.Constant):
                fields[one.target.id] = str(two.value.value)
        found[node.name] = fields
    return found
