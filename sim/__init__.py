"""The open simulator of the Middle Corridor.

The public face: `load, run, compare, sweep, sensitivity, calibrate, bottleneck, simulate, query` and
their types.
Nothing is imported before it is asked for, so that `import sim` costs nothing and has no side effect.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from sim.version import __version__

if TYPE_CHECKING:
    from sim import statistics
    from sim.capacity import Bottlenecks, bottleneck
    from sim.errors import CorridorError, Finding, InputError, Level, RunError, UsageError, Where
    from sim.frames import query
    from sim.replication import Replication
    from sim.results import Comparison, Run
    from sim.scenario import Scenario
    from sim.study_results import Calibration, Sensitivity, Sweep
    from sim.study_verbs import calibrate, sensitivity, sweep
    from sim.verbs import compare, load, run, simulate

_HOMES: Final = {
    "Bottlenecks": "sim.capacity",
    "Calibration": "sim.study_results",
    "Comparison": "sim.results",
    "CorridorError": "sim.errors",
    "Finding": "sim.errors",
    "InputError": "sim.errors",
    "Level": "sim.errors",
    "Replication": "sim.replication",
    "Run": "sim.results",
    "RunError": "sim.errors",
    "Scenario": "sim.scenario",
    "Sensitivity": "sim.study_results",
    "Sweep": "sim.study_results",
    "UsageError": "sim.errors",
    "Where": "sim.errors",
    "bottleneck": "sim.capacity",
    "calibrate": "sim.study_verbs",
    "compare": "sim.verbs",
    "load": "sim.verbs",
    "query": "sim.frames",
    "run": "sim.verbs",
    "sensitivity": "sim.study_verbs",
    "simulate": "sim.verbs",
    "sweep": "sim.study_verbs",
}

__all__ = [
    "Bottlenecks",
    "Calibration",
    "Comparison",
    "CorridorError",
    "Finding",
    "InputError",
    "Level",
    "Replication",
    "Run",
    "RunError",
    "Scenario",
    "Sensitivity",
    "Sweep",
    "UsageError",
    "Where",
    "__version__",
    "bottleneck",
    "calibrate",
    "compare",
    "load",
    "query",
    "run",
    "sensitivity",
    "simulate",
    "statistics",
    "sweep",
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
