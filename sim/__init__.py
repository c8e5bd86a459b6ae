"""The open simulator of the Middle Corridor.

The public face: `load, run, compare, simulate` and the types they return. Nothing is imported before it is
asked for, so that `import sim` costs nothing and has no side effect.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sim import statistics
    from sim.errors import CorridorError, Finding, InputError, Level, RunError, UsageError, Where
    from sim.results import Comparison, Replication, Run
    from sim.scenario import Scenario
    from sim.verbs import compare, load, run, simulate

__version__: Final = "0.1.0"

_HOMES: Final = {
    "Comparison": "sim.results",
    "CorridorError": "sim.errors",
    "Finding": "sim.errors",
    "InputError": "sim.errors",
    "Level": "sim.errors",
    "Replication": "sim.results",
    "Run": "sim.results",
    "RunError": "sim.errors",
    "Scenario": "sim.scenario",
    "UsageError": "sim.errors",
    "Where": "sim.errors",
    "compare": "sim.verbs",
    "load": "sim.verbs",
    "run": "sim.verbs",
    "simulate": "sim.verbs",
}

__all__ = [
    "Comparison",
    "CorridorError",
    "Finding",
    "InputError",
    "Level",
    "Replication",
    "Run",
    "RunError",
    "Scenario",
    "UsageError",
    "Where",
    "__version__",
    "compare",
    "load",
    "run",
    "simulate",
    "statistics",
]


def __getattr__(name: str) -> Any:
    """Load a public name on first use."""
    if name == "statistics":
        return import_module("sim.statistics")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    message = f"module 'sim' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted(__all__)
