"""What the user wrote: scenario files read, composed, checked and resolved. Nothing is simulated here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sim.scenario.loader import check, load
    from sim.scenario.scenario import Scenario
    from sim.scenario.schema_json import json_schema
    from sim.scenario.study_file import Study, Vary, load_study, parse_vary

_HOMES: Final = {
    "Scenario": "sim.scenario.scenario",
    "check": "sim.scenario.loader",
    "load": "sim.scenario.loader",
    "json_schema": "sim.scenario.schema_json",
    "load_study": "sim.scenario.study_file",
    "parse_vary": "sim.scenario.study_file",
    "Study": "sim.scenario.study_file",
    "Vary": "sim.scenario.study_file",
}

__all__ = ["Scenario", "Study", "Vary", "check", "json_schema", "load", "load_study", "parse_vary"]


def __getattr__(name: str) -> Any:
    """Load a public name on first use."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    message = f"module 'sim.scenario' has no attribute {name!r}"
    raise AttributeError(message)
