"""What the user wrote: scenario files read, composed, checked and resolved. Nothing is simulated here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sim.scenario.loader import check, load
    from sim.scenario.scenario import Scenario

_HOMES: Final = {
    "Scenario": "sim.scenario.scenario",
    "check": "sim.scenario.loader",
    "load": "sim.scenario.loader",
}

__all__ = ["Scenario", "check", "load"]


def __getattr__(name: str) -> Any:
    """Load a public name on first use."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    message = f"module 'sim.scenario' has no attribute {name!r}"
    raise AttributeError(message)
