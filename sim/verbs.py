"""The verbs of the product: load, run, compare, simulate.

Each joins the rooms once: scenario, model, study, statistics, store. The command line and the Python face are
thin over this module. Nothing is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from sim.errors import RunError, UsageError
from sim.plan import Settings, own_version, plan_of
from sim.results import Comparison, Replication, Run

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.study.outcome import Outcome
    from sim.study.replicate import Engine, Job, Progress
    from sim.study.summary import Matrix


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
        jobs: processes; None takes one per core when that is worth it. A script that asks for more than
            one needs `if __name__ == "__main__":` around the call.
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
        progress: called after every replication.

    Returns:
        The comparison; its table is also written as `comparison.csv`.

    Raises:
        InputError: a scenario has findings of level error.
        UsageError: fewer than two scenarios, or runs of different seeds.
        RunError: a replication failed.
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
    )
    given = [item if isinstance(item, Run) else _scenario(item) for item in scenarios]
    return compare_all(given, settings, watch=watch, progress=progress)


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
    plans = [plan_of(scenario, settings) for scenario in scenarios]
    executor = executor_for(settings.jobs, cluster=settings.cluster)
    jobs = [plan.job for plan in plans]
    try:
        done = replicate(jobs, executor, progress=progress)
        most = max((each.replications for each in done.values()), default=0)
        if equal_counts and any(each.replications < most for each in done.values()):
            done |= replicate([_at(job, most) for job in jobs], executor, progress=progress)
    except KeyboardInterrupt as interrupt:
        finished = [plan.stop("interrupted") for plan in plans]
        raise Interrupted("; ".join(finished) + ". The same command goes on from there.") from interrupt
    except RunError as error:
        for plan in plans:
            plan.stop("failed", why=str(error))
        raise
    seconds = perf_counter() - begun
    return tuple(plan.finish(done[plan.job.name], seconds=seconds) for plan in plans)


def compare_all(
    scenarios: Sequence[Scenario | Run],
    settings: Settings,
    *,
    watch: Sequence[str] = (),
    progress: Callable[[Progress], None] | None = None,
) -> Comparison:
    """Compare scenarios and finished runs with the first; see `compare`."""
    from dataclasses import replace

    from sim.store.comparisons import comparison_folder, write_comparison, write_rows
    from sim.store.manifest import versions, write_manifest
    from sim.study.certainty import certainties, typical_reduction
    from sim.study.compare import contrast
    from sim.study.summary import matrix
    from sim.study.why import why

    if len(scenarios) < 2:
        message = f"{len(scenarios)} scenario to compare; a base and at least one other expected"
        raise UsageError(message)
    base = scenarios[0]
    common = _common(base, settings)
    fresh = [each for each in scenarios if not isinstance(each, Run)]
    made = iter(run_all(fresh, common, progress=progress, equal_counts=True) if fresh else ())
    runs = tuple(each if isinstance(each, Run) else next(made) for each in scenarios)
    seeds = {run.seed for run in runs}
    if len(seeds) > 1:
        message = (
            f"runs of different seeds ({', '.join(f'{run.path.name}: {run.seed}' for run in runs)}) share no "
            "random numbers; run them again with one --seed"
        )
        raise UsageError(message)
    names = _names(runs)
    pairs = min(run.replications for run in runs)
    if settings.replications is not None:
        pairs = min(pairs, settings.replications)
    outcomes = [[run.folder.read(number) for number in range(pairs)] for run in runs]
    figures = [
        (name, matrix([outcome.kpis for outcome in each])) for name, each in zip(names, outcomes, strict=True)
    ]
    confidence = common.confidence if common.confidence is not None else runs[0].confidence
    difference = contrast(
        figures,
        confidence=confidence,
        watch=watch,
        outlines=[run.outline for run in runs],
        derived=_disturbed(runs, outcomes, names=names),
    )
    folder = comparison_folder(
        settings.out,
        names,
        runs=[run.path.name for run in runs],
        asked={"pairs": pairs, "confidence": confidence, "watch": list(watch)},
    )
    reasons = tuple(
        row
        for name, each in zip(names[1:], outcomes[1:], strict=True)
        for row in why(
            outcomes[0], each, scenario=name, confidence=confidence, background=difference.background
        )
    )
    certainty = certainties(difference, figures)
    write_comparison(folder, difference)
    write_rows(folder, "why", reasons)
    write_rows(folder, "certainty", certainty)
    write_manifest(
        folder,
        {
            "kind": "comparison",
            "base": names[0],
            "others": names[1:],
            "runs": [run.path.name for run in runs],
            "titles": [run.title for run in runs],
            "seed": runs[0].seed,
            "replications": pairs,
            "confidence": confidence,
            "watch": list(watch),
            "together": "Bonferroni over the headline figures",
            "p_adjusted": "Holm over the headline figures",
            "variance_reduction": typical_reduction(certainty),
            "versions": versions(own_version()),
        },
    )
    return Comparison(folder, tuple(replace(run) for run in runs), difference, reasons, certainty)


def _disturbed(
    runs: Sequence[Run], outcomes: Sequence[Sequence[Outcome]], *, names: Sequence[str]
) -> dict[str, Matrix]:
    """Measure what the timelines of the others disturb that the base's leaves alone, by name."""
    from sim.study.disturbance import disturbance_of, disturbances
    from sim.study.outline import joined, new_events

    found = {}
    for name, run, each in zip(names[1:], runs[1:], outcomes[1:], strict=True):
        about = disturbance_of(
            new_events(runs[0].outline, run.outline),
            hours=float(run.manifest["clock"]["length_h"]),
            outline=joined([runs[0].outline, run.outline]),
        )
        if about is not None and run.manifest["clock"] == runs[0].manifest["clock"]:
            found[name] = disturbances(zip(outcomes[0], each, strict=True), about)
    return found


def open_run(name: str | Path, *, out: str | Path = "results") -> Run:
    """Open a run that is stored.

    Args:
        name: its path, its name, or an unambiguous beginning of its name.
        out: folder of results.
    """
    from sim.store.runs import find_run

    return Run(find_run(str(name), Path(out)))


def _at(job: Job, replications: int) -> Job:
    from dataclasses import replace

    return replace(job, replications=replications, precision=None, fresh=False)


def _common(base: Scenario | Run, settings: Settings) -> Settings:
    """Give all scenarios of a comparison the base's seed, replications and confidence."""
    from dataclasses import replace

    if isinstance(base, Run):
        seed, count, confidence = base.seed, base.replications, base.confidence
    else:
        experiment = base.document.experiment
        seed, count, confidence = experiment.seed, experiment.replications, experiment.confidence
    return replace(
        settings,
        seed=seed if settings.seed is None else settings.seed,
        replications=count
        if settings.replications is None and settings.precision is None
        else settings.replications,
        confidence=confidence if settings.confidence is None else settings.confidence,
    )


def _names(runs: Sequence[Run]) -> list[str]:
    """Name the runs of a comparison by scenario, or by folder where two are of one name."""
    folders = [run.path.name for run in runs]
    if len(set(folders)) < len(folders):
        twice = next(name for name in folders if folders.count(name) > 1)
        message = f"{twice} stands twice in the comparison: two of the scenarios are the same"
        raise UsageError(message)
    names = [run.name for run in runs]
    return names if len(set(names)) == len(names) else folders


def _scenario(source: Scenario | str | Path) -> Scenario:
    return load(source) if isinstance(source, (str, Path)) else source
