"""The verb `bottleneck`: what one more unit of each element's capacity delivers, on the draws of a run.

Joins store, model, study and report for it. Nothing is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import CorridorError, UsageError
from sim.results import Run

if TYPE_CHECKING:
    import pandas as pd

    from sim.measure.bottleneck import OneMore
    from sim.model.model import Model
    from sim.scenario import Scenario
    from sim.study.bottleneck import Gain
    from sim.study.replicate import Engine, Progress


@dataclass(frozen=True)
class Bottlenecks:
    """What one more unit of each element brings, the most useful first.

    Attributes:
        run: the run it was asked of.
        path: the ranking as a file, `bottleneck.csv` in the run's folder.
        gains: element by element.
    """

    run: Run
    path: Path
    gains: tuple[Gain, ...] = field(repr=False)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The ranking as it is in `bottleneck.csv`."""
        import pandas as pd

        return pd.read_csv(self.path)

    def figures(self) -> tuple[Path, ...]:
        """Draw the ranking and write it among the run's figures.

        Returns:
            The files.
        """
        from sim.report.needs import bottleneck_figure
        from sim.results import rendered
        from sim.store.atomic import write_bytes
        from sim.store.bottlenecks import FIGURE

        folder = self.run.path / "figures"
        drawn = rendered([(FIGURE, bottleneck_figure(self.run, self.gains))])
        return tuple(write_bytes(folder / f"{name}.{form}", content) for name, form, content in drawn)


@dataclass(frozen=True)
class Trial:
    """What will be tried, known before it is: so that its cost can be told first.

    Attributes:
        run: the run.
        model: its corridor.
        units: one more unit of each element that is tried.
        seconds: of one replication as far as is known, or NaN.
    """

    run: Run
    model: Model = field(repr=False)
    units: tuple[OneMore, ...]
    seconds: float

    @property
    def replications(self) -> int:
        """How many replications it takes in all."""
        return len(self.units) * self.run.replications


def trial_of(run: Run, *, elements: Sequence[str] = (), most: int = 10) -> Trial:
    """Choose what is tried of a run; see `bottleneck`."""
    from sim.model.compile import compile_model
    from sim.model.model import MEANING
    from sim.scenario import load
    from sim.study.bottleneck import units_of

    model = run.model
    if model is None:
        scenario = load(run.path / "scenario.yaml")
        if scenario.digest(MEANING, seed=run.seed) != run.manifest["hash"]:
            message = (
                f"{run.path.name} was made by another version of the model or of its figures; "
                "run its scenario again"
            )
            raise UsageError(message)
        model = compile_model(scenario)
    base = [run.folder.read(number) for number in range(run.replications)]
    seconds = float(run.manifest.get("wall_time_s", "nan")) / max(1, run.replications)
    return Trial(run, model, units_of(model, base, elements=elements, most=most), seconds)


def bottleneck(
    run: Run | Scenario | str | Path,
    *,
    elements: Sequence[str] = (),
    most: int = 10,
    jobs: int | None = 1,
    engine: Engine = "auto",
    out: str | Path = "results",
    progress: Callable[[Progress], None] | None = None,
) -> Bottlenecks:
    """Rank elements by what one more unit of their capacity delivers on the same draws.

    Args:
        run: a finished run, or a scenario, which is run first.
        elements: patterns of subjects that are tried (`line/*`, `port/aktau/container`); those where most
            waiting is, and tight berths and pools, where none are given.
        most: how many elements, where no patterns are given.
        jobs: processes; None takes one per core when that is worth it.
        engine: which engine.
        out: folder of results, for a scenario.
        progress: called after every replication.

    Returns:
        The ranking; it is also written as `bottleneck.csv` in the run's folder.

    Raises:
        UsageError: a pattern fits no element, or the run is of another version.
    """
    from sim.verbs import run as run_scenario

    done = (
        run
        if isinstance(run, Run)
        else run_scenario(run, jobs=jobs, engine=engine, out=out, progress=progress)
    )
    return try_out(trial_of(done, elements=elements, most=most), jobs=jobs, engine=engine, progress=progress)


def try_out(
    trial: Trial,
    *,
    jobs: int | None = 1,
    engine: Engine = "auto",
    progress: Callable[[Progress], None] | None = None,
) -> Bottlenecks:
    """Do what was planned, and keep the ranking."""
    from sim.store.bottlenecks import write_bottlenecks
    from sim.study.bottleneck import gains
    from sim.study.executor import executor_for
    from sim.study.prices import unit_prices
    from sim.study.replicate import Simulation

    run = trial.run
    found = gains(
        Simulation(trial.model, run.seed, engine),
        [run.folder.read(number) for number in range(run.replications)],
        trial.units,
        executor_for(jobs),
        confidence=run.confidence,
        prices=unit_prices(trial.model, trial.units, _figure),
        progress=progress,
    )
    return Bottlenecks(run, write_bottlenecks(run.path, found), found)


def _figure(ref: str) -> float | None:
    """Give the number of a figure, or None where the figures do not know it."""
    from sim.scenario.seeds import load_seeds

    try:
        return load_seeds().figure(ref).value
    except CorridorError:
        return None
