"""What the user wrote: scenario files read, composed, checked and resolved. Nothing is simulated here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

__all__ = ["Scenario"]


def __getattr__(name: str) -> Any:
    """Load the public type on first use."""
    if name == "Scenario":
        from sim.scenario.scenario import Scenario

        return Scenario
    message = f"module 'sim.scenario' has no attribute {name!r}"
    raise AttributeError(message)
