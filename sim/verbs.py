"""The verbs of the product: load, run, compare, simulate.

Each joins the rooms once: scenario, model, study, statistics, store. The command line and the Python face are
thin over this module. Nothing is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from sim.errors import CorridorError, RunError, UsageError
from sim.plan import Settings, planned
from sim.replication import Replication
from sim.results import Comparison, Run

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.study.contenders import Best
    from sim.study.replicate import Engine, Job, Progress


class Interrupted(KeyboardInterrupt):
    """Work was interrupted; its text says what is finished and how to go on."""


def load(source: str | Path, *, overrides: Mapping[str, object] | Sequence[str] = ()) -> Scenario:
    """Load a scenario.

    Args:
        source: a path, or the bare name of a file in `scenarios/`.
        overrides: what `--set` would change: pairs of path and value, or texts `PATH=VALUE`.

    Returns:
        The scenario, resolved; warnings are on its `findings`.

    Raises:
        InputError: it has findings of level error; all of them are carried.
    """
    from sim.scenario import load as load_scenario

    return load_scenario(source, overrides=overrides)


def run(
    scenario: Scenario | str | Path,
    *,
    replications: int | None = None,
    seed: int | None = None,
    jobs: int | None = 1,
    precision: float | None = None,
    confidence: float | None = None,
    engine: Engine = "auto",
    cluster: str | None = None,
    out: str | Path = "results",
    resume: bool = True,
    records: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Run:
    """Run the replications of a scenario, and keep them.

    What is stored already is used; an interruption loses nothing that was finished.

    Args:
        scenario: a scenario, a path, or the bare name of a file in `scenarios/`.
        replications: how many; the scenario's where it is not given. With `precision`, the most.
        seed: of the simulation; the scenario's where it is not given.
        jobs: processes; None takes one per core when that is worth it.
        precision: replicate until the half-width of each headline figure is this share of its |mean|.
        confidence: of the intervals; the scenario's where it is not given.
        engine: which engine; all give the same results.
        cluster: address of a running Dask scheduler, whose workers do the work.
        out: folder of results.
        resume: whether stored replications are used; False computes all afresh.
        records: whether record tables are kept.
        progress: called after every replication.

    Returns:
        The run, with its tables as frames. Figures are drawn when asked for.

    Raises:
        InputError: the scenario has findings of level error.
        RunError: a replication failed; what had finished is kept.
    """
    settings = Settings(
        replications=replications,
        seed=seed,
        jobs=jobs,
        precision=precision,
        confidence=confidence,
        engine=engine,
        cluster=cluster,
        out=Path(out),
        resume=resume,
        records=records,
    )
    return run_all([_scenario(scenario)], settings, progress=progress)[0]


def compare(
    scenarios: Sequence[Scenario | Run | str | Path],
    *,
    replications: int | None = None,
    seed: int | None = None,
    jobs: int | None = 1,
    precision: float | None = None,
    confidence: float | None = None,
    engine: Engine = "auto",
    cluster: str | None = None,
    out: str | Path = "results",
    resume: bool = True,
    watch: Sequence[str] = (),
    select: str | None = None,
    best: Best | None = None,
    delta: str | float | None = None,
    budget: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Comparison:
    """Compare scenarios with the first of them, on common random numbers.

    Args:
        scenarios: scenarios, paths, bare names or finished runs; the first is the base.
        replications: of each; the base's where it is not given.
        seed: of all; the base's where it is not given.
        jobs: as in `run`.
        precision: as in `run`, for each scenario.
        confidence: of the intervals; the base's where it is not given.
        engine: which engine.
        cluster: as in `run`.
        out: folder of results.
        resume: whether stored replications are used.
        watch: KPIs, or `kpi of subject`, whose p-values are corrected among themselves, instead of the
            headline figures.
        select: `kpi of subject`: choose the scenario that is best in this figure, replicating each only as
            far as that needs; `replications` is then the most of one scenario.
        best: `min` or `max`; as the KPI has it where it is not given.
        delta: the smallest difference that matters to a selection, e.g. `"6 h"`: the choice is then made by
            KN (Kim and Nelson, 2001), right with a probability of `confidence`.
        budget: replications of all scenarios together; without `delta` divided by OCBA (Chen et al., 2000).
        progress: called after every replication.

    Returns:
        The comparison; its table is also written as `comparison.csv`. With `select` its `selection` says
        which scenario was chosen.

    Raises:
        InputError: a scenario has findings of level error.
        UsageError: fewer than two scenarios, runs of different seeds, or a selection without meaning.
        RunError: a replication failed.
    """
    from sim.comparing import asked_of, compare_all

    settings = Settings(
        replications=replications,
        seed=seed,
        jobs=jobs,
        precision=precision,
        confidence=confidence,
        engine=engine,
        cluster=cluster,
        out=Path(out),
        resume=resume,
    )
    given = [item if isinstance(item, Run) else _scenario(item) for item in scenarios]
    question = asked_of(select, best=best, delta=delta, budget=budget)
    return compare_all(given, settings, watch=watch, question=question, progress=progress)


def simulate(
    scenario: Scenario | str | Path,
    *,
    replication: int = 0,
    seed: int | None = None,
    engine: Engine = "auto",
) -> Replication:
    """Simulate one replication in memory, without files.

    Args:
        scenario: a scenario, a path, or the bare name of a file in `scenarios/`.
        replication: its number, from 0; the same as in a run of many.
        seed: of the simulation; the scenario's where it is not given.
        engine: which engine.

    Returns:
        The replication, with tables that are built when asked for.
    """
    from sim.engine import engine_for
    from sim.model.compile import compile_model
    from sim.study.replicate import simulate_one

    if replication < 0:
        message = f"replication {replication}; they are numbered from 0"
        raise UsageError(message)
    loaded = _scenario(scenario)
    model = compile_model(loaded)
    used = loaded.document.experiment.seed if seed is None else seed
    measures, records = simulate_one(model, used, replication=replication, engine=engine)
    return Replication(model, replication, used, engine_for(engine)[0], records, measures)


def run_all(
    scenarios: Sequence[Scenario],
    settings: Settings,
    *,
    progress: Callable[[Progress], None] | None = None,
    equal_counts: bool = False,
) -> tuple[Run, ...]:
    """Run several scenarios at once; see `run`.

    Args:
        scenarios: loaded.
        settings: for all of them.
        progress: called after every replication.
        equal_counts: whether all get as many replications as the one that needs most.
    """
    from sim.study.executor import executor_for
    from sim.study.replicate import replicate

    begun = perf_counter()
    executor = executor_for(settings.jobs, cluster=settings.cluster)
    with planned(scenarios, settings) as plans:
        jobs = [plan.job for plan in plans]
        try:
            done = replicate(jobs, executor, progress=progress)
            most = max((each.replications for each in done.values()), default=0)
            if equal_counts and any(each.replications < most for each in done.values()):
                done |= replicate([_at(job, most) for job in jobs], executor, progress=progress)
        except KeyboardInterrupt as interrupt:
            finished = [plan.stop("interrupted") for plan in plans]
            raise Interrupted("; ".join(finished) + ". The same command goes on from there.") from interrupt
        except CorridorError as error:
            for plan in plans:
                plan.stop("failed", why=str(error))
            raise
        seconds = perf_counter() - begun
        return tuple(plan.finish(done[plan.job.name], seconds=seconds) for plan in plans)


def open_run(name: str | Path, *, out: str | Path = "results") -> Run:
    """Open a run that is stored.

    Args:
        name: its path, its name, or an unambiguous beginning of its name.
        out: folder of results.

    Raises:
        UsageError: there is no such run, or it is a comparison or a study.
        RunError: no table of it has been made yet.
    """
    from sim.store.runs import find_run, unfinished

    folder = find_run(str(name), Path(out))
    found = Run(folder)
    if found.manifest.get("kind") != "run":
        message = (
            f"{folder.name} is a {found.manifest.get('kind')}, not a run: its figures are in "
            f"{folder / 'figures'}, `corridor query` sees its tables, and its own command makes them again"
        )
        raise UsageError(message)
    if not found.folder.merged():
        raise RunError(unfinished(folder))
    return found


def _at(job: Job, replications: int) -> Job:
    from dataclasses import replace

    return replace(job, replications=replications, precision=None, fresh=False)


def _scenario(source: Scenario | str | Path) -> Scenario:
    return load(source) if isinstance(source, (str, Path)) else source
