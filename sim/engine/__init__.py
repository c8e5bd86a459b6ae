"""What happens: two engines, one model, one set of draws, the same record tables.

An engine knows nothing of YAML, files, statistics or plotting, and holds no statistic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sim.errors import UsageError

if TYPE_CHECKING:
    from sim.chance.draws import Draws
    from sim.engine.records import Records
    from sim.model.model import Model

EngineName = Literal["auto", "simpy", "compiled"]


def engine_for(wanted: str) -> tuple[str, str]:
    """Choose the engine.

    Args:
        wanted: `auto`, `simpy` or `compiled`.

    Returns:
        The engine's name, and why it was taken.

    Raises:
        UsageError: if there is no such engine.
    """
    if wanted in {"auto", "simpy"}:
        return "simpy", "the reference engine"
    message = f"there is no engine {wanted!r}; engines are auto, simpy"
    raise UsageError(message)


def run(model: Model, draws: Draws, *, engine: str = "auto") -> Records:
    """Run one replication and give its record tables.

    Args:
        model: what is simulated.
        draws: everything chance decides, from `sim.chance.draws.draw`.
        engine: which engine; all give the same tables.
    """
    engine_for(engine)
    from sim.engine.simpy_engine import simulate

    return simulate(model, draws)
