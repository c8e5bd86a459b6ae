"""What happens: two engines, one model, one set of draws, the same record tables.

An engine knows nothing of YAML, files, statistics or plotting, and holds no statistic.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from sim.errors import UsageError

if TYPE_CHECKING:
    from sim.chance.draws import Draws
    from sim.engine.records import Records
    from sim.model.model import Model


NAMES = ("auto", "simpy", "compiled")


def engine_for(wanted: str, model: Model | None = None) -> tuple[str, str]:
    """Choose the engine.

    Args:
        wanted: `auto`, `simpy` or `compiled`.
        model: what it is for, where it is known: a model may have what only the SimPy engine can do.

    Returns:
        The engine's name, and why it was taken.

    Raises:
        UsageError: if there is no such engine, or it is not installed, or it cannot run the model.
    """
    if wanted not in NAMES:
        message = f"there is no engine {wanted!r}; engines are {', '.join(NAMES)}"
        raise UsageError(message)
    if wanted == "simpy":
        return "simpy", "the reference engine, as asked for"
    obstacle = _obstacle(model)
    if not obstacle:
        asked = ", as asked for" if wanted == "compiled" else ""
        return "compiled", f"the same records as the SimPy engine, sooner{asked}"
    if wanted == "compiled":
        message = f"the compiled engine cannot be taken: {obstacle}"
        raise UsageError(message)
    return "simpy", f"the reference engine, since {obstacle}"


def _obstacle(model: Model | None) -> str:
    """Say why the compiled engine cannot be taken, or nothing."""
    if find_spec("numba") is None:
        return "Numba is not installed (it comes with the extra `fast`: pip install 'middle-corridor[fast]')"
    if model is None:
        return ""
    from sim.engine.limits import beyond

    return beyond(model)


def run(model: Model, draws: Draws, *, engine: str = "auto") -> Records:
    """Run one replication and give its record tables.

    Args:
        model: what is simulated.
        draws: everything chance decides, from `sim.chance.draws.draw`.
        engine: which engine; all give the same tables.
    """
    name, _ = engine_for(engine, model)
    if name == "compiled":
        from sim.engine import compiled_engine

        return compiled_engine.simulate(model, draws)
    from sim.engine import simpy_engine

    return simpy_engine.simulate(model, draws)


def compile_engine() -> None:
    """Compile the compiled engine now, or read it from the cache; for those who time it alone."""
    from sim.engine.compiled_engine import compile_now

    compile_now()
