"""The verbs of studies: sweep, sensitivity, calibrate.

Each joins the rooms once: scenario, space, points, statistics, store. The command line and the Python face
are thin over this module. Nothing is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.plan import Settings
from sim.study_plan import Announce, StudyPlan, checked, dict_of, seeded
from sim.study_results import Calibration, Sensitivity, Sweep

if TYPE_CHECKING:
    from sim.scenario import Scenario, Vary
    from sim.study.designs import Design
    from sim.study.factors import Factor
    from sim.study.replicate import Engine, Progress
    from sim.study.sensitivity import Influence, Method

SENSITIVITY_REPLICATIONS = 5
"""Replications of a point in a sensitivity study: enough to tell its noise."""


def sweep(
    scenario: Scenario | str | Path,
    vary: Mapping[str, Any] | Sequence[str],
    *,
    design: Design = "grid",
    points: int | None = None,
    replications: int | None = None,
    precision: float | None = None,
    confidence: float | None = None,
    watch: Sequence[str] = (),
    seed: int | None = None,
    design_seed: int = 0,
    engine: Engine = "auto",
    jobs: int | None = 1,
    cluster: str | None = None,
    out: str | Path = "results",
    resume: bool = True,
    announce: Announce | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Sweep:
    """Run a scenario at many points.

    Args:
        scenario: a scenario, a path, or the bare name of a file in `scenarios/`.
        vary: by path a list, `{"scale": [...]}`, `{"from": lo, "to": hi, "points": n}`, `"lo..hi/n"` or
            `"range"` for the range of the parameter's figure; or texts `PATH=VALUES` as on the command line.
        design: `grid` takes every combination, `lhs` a Latin hypercube, `sobol` Sobol' points.
        points: how many, for `lhs` and `sobol`.
        replications: of each point; the scenario's where it is not given. With `precision`, the most.
        precision: replicate each point until half-widths are this share of the mean.
        confidence: of intervals; the scenario's where it is not given.
        watch: figures that are kept: `kpi` or `kpi of subject`; the headline family without any.
        seed: of the simulation; the scenario's where it is not given.
        design_seed: of the design; it never touches the simulation.
        engine: which engine.
        jobs: as in `run`.
        cluster: address of a running Dask scheduler.
        out: folder of results.
        resume: whether stored points are used.
        announce: told in words what the study will cost, before it starts.
        progress: called after every point.

    Returns:
        The sweep; point 0 is the scenario as it stands, and every other is compared with it.

    Raises:
        InputError: the scenario or a value has findings of level error.
        UsageError: an argument without meaning, or a figure watched that there is not.
        RunError: a point failed twice; what had finished is kept.
    """
    from sim.study.designs import lay_out
    from sim.study.space import spanned
    from sim.study.sweep import summarise
    from sim.study.watchable import refuse_unknown

    begun = perf_counter()
    settings = checked(
        Settings(
            replications=replications,
            precision=precision,
            confidence=confidence,
            seed=seed,
            engine=engine,
            jobs=jobs,
            cluster=cluster,
            out=Path(out),
            resume=resume,
        )
    )
    loaded = seeded(_scenario(scenario), seed)
    refuse_unknown(watch, loaded.document)
    space = spanned(loaded, _varies(vary))
    laid = lay_out(space.factors, design, points=points, seed=design_seed)
    plan = StudyPlan(
        "sweep",
        loaded,
        space,
        laid,
        settings,
        {"study": "sweep", "design": design, "points": len(laid), "design_seed": design_seed},
        default_replications=loaded.document.experiment.replications,
        watch=tuple(watch),
    )
    outcomes = plan.compute(announce=announce, progress=progress, label=f"{design}: ")
    swept = summarise(space, laid, outcomes, confidence=plan.confidence)
    folder = plan.folder
    names = ["point", *(factor.name for factor in space.factors)]
    folder.write_table("points", names, [[number, *swept.labels(number)] for number in range(plan.size)])
    folder.write_table("sweep", *dict_of(swept.rows))
    folder.write_values(outcomes)
    content = {
        "notes": (*plan.notes, *swept.notes),
        "saturated_flows": {str(point): flows for point, flows in enumerate(swept.saturated) if flows},
    }
    plan.finish(content, seconds=perf_counter() - begun)
    return Sweep(plan.path, loaded, space, swept)


def sensitivity(
    scenario: Scenario | str | Path,
    *,
    method: Method = "morris",
    points: int | None = None,
    over: Sequence[str] | None = None,
    replications: int | None = None,
    confidence: float | None = None,
    watch: Sequence[str] = (),
    seed: int | None = None,
    design_seed: int = 0,
    bootstrap_seed: int = 0,
    engine: Engine = "auto",
    jobs: int | None = 1,
    cluster: str | None = None,
    out: str | Path = "results",
    resume: bool = True,
    announce: Announce | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Sensitivity:
    """Find which parameters matter.

    Args:
        scenario: a scenario, a path, or the bare name of a file in `scenarios/`.
        method: `morris` screens many parameters, `sobol` shares the variance out among a few.
        points: trajectories of Morris' method (10 where it is not given) or base points of Sobol' (64).
        over: parameters, elements, sections or figures; everything that has a range where it is not given.
        replications: of each point, at least 2 to tell effects from noise.
        confidence: of the bootstrap intervals; the scenario's where it is not given.
        watch: figures that are asked about; the headline family without any.
        seed: of the simulation, the same at every point.
        design_seed: of the design.
        bootstrap_seed: of the bootstrap.
        engine: which engine.
        jobs: as in `run`.
        cluster: address of a running Dask scheduler.
        out: folder of results.
        resume: whether stored points are used.
        announce: told in words what the study will cost, before it starts.
        progress: called after every point.

    Returns:
        The study: for every figure every factor's influence with its interval, beside the noise floor.

    Raises:
        InputError: the scenario has findings of level error.
        UsageError: an argument without meaning, a figure watched that there is not, or a parameter without a
            range.
        RunError: a point failed twice; what had finished is kept.
    """
    from sim.study.ranges import ranged, useful
    from sim.study.sensitivity import analyse, lay_out
    from sim.study.space import Space
    from sim.study.watchable import refuse_unknown

    begun = perf_counter()
    settings = checked(
        Settings(
            replications=replications,
            confidence=confidence,
            seed=seed,
            engine=engine,
            jobs=jobs,
            cluster=cluster,
            out=Path(out),
            resume=resume,
        )
    )
    loaded = seeded(_scenario(scenario), seed)
    refuse_unknown(watch, loaded.document)
    factors, notes = useful(loaded, ranged(loaded, over))
    if not factors:
        message = "no parameter has a range: neither figures nor assumptions of the scenario give one"
        raise UsageError(message)
    space = Space(loaded, factors)
    count = points if points is not None else (10 if method == "morris" else 64)
    names = [factor.name for factor in factors]
    laid = lay_out(method, names, points=count, seed=design_seed)
    plan = StudyPlan(
        "sensitivity",
        loaded,
        space,
        laid,
        settings,
        {"study": "sensitivity", "method": method, "points": count, "design_seed": design_seed},
        default_replications=SENSITIVITY_REPLICATIONS,
        watch=tuple(watch),
        notes=notes,
    )
    word = "trajectories" if method == "morris" else "base points"
    label = f"{method}: {len(names)} parameters, {count} {word}, "
    outcomes = plan.compute(announce=announce, progress=progress, label=label)
    found, undefined = _influences(plan, outcomes, analyse, method=method, seed=bootstrap_seed)
    folder = plan.folder
    folder.write_table("points", ["point", *names], _places(plan))
    folder.write_table("sensitivity", *dict_of(found))
    folder.write_values(outcomes)
    content = {"notes": (*notes, *undefined), "bootstrap_seed": bootstrap_seed, "parameters": len(names)}
    plan.finish(content, seconds=perf_counter() - begun)
    return Sensitivity(plan.path, loaded, space, method, found)


def _influences(
    plan: StudyPlan, outcomes: Sequence[Any], analyse: Callable[..., Any], *, method: Method, seed: int
) -> tuple[tuple[Influence, ...], tuple[str, ...]]:
    """Give the influences on every figure that every point defines, and a note on each other figure."""
    import numpy as np

    from sim.study.points import shared_keys, stacked

    points = outcomes[1:]
    keys = shared_keys(points)
    values = stacked(points, keys)
    found: list[Influence] = []
    notes: list[str] = []
    names = [factor.name for factor in plan.space.factors]
    for column, key in enumerate(keys):
        gaps = int((~np.isfinite(values[:, :, column])).any(axis=1).sum())
        if gaps:
            notes.append(
                f"{key.kpi} of {key.subject} is left out: not defined at {gaps} of {len(points)} points"
            )
            continue
        found += analyse(
            method,
            names,
            plan.design,
            values[:, :, column],
            key=key,
            confidence=plan.confidence,
            seed=seed,
        )
    return tuple(found), tuple(notes)


def _places(plan: StudyPlan) -> list[list[object]]:
    """Give where the points lie, in the units of the first parameter of each factor."""
    factors = plan.space.factors
    rows: list[list[object]] = [[0, *(factor.dials[0].base for factor in factors)]]
    for number, place in enumerate(plan.design.tolist(), start=1):
        rows.append([number, *(f.number(each) for f, each in zip(factors, place, strict=True))])
    return rows


def _varies(given: Mapping[str, Any] | Sequence[str]) -> list[Vary]:
    """Read what is varied, in any of its forms."""
    from sim.scenario import Vary, parse_vary
    from sim.scenario.findings import Findings
    from sim.scenario.nodes import from_data
    from sim.scenario.study_file import read_vary

    if not isinstance(given, Mapping):
        texts = [given] if isinstance(given, str) else list(given)
        return [
            each if isinstance(each, Vary) else parse_vary(each if "=" in each else f"{each}=range")
            for each in texts
        ]
    findings = Findings()
    made = [
        read_vary(path, from_data(values, file=f"vary {path}"), findings) for path, values in given.items()
    ]
    findings.raise_errors()
    return [each for each in made if each is not None]


def _scenario(source: Scenario | str | Path) -> Scenario:
    from sim.verbs import load

    return load(source) if isinstance(source, (str, Path)) else source


def calibrate(
    scenario: Scenario | str | Path,
    free: Sequence[str],
    *,
    trials: int | None = None,
    hold_out: Sequence[str] = (),
    replications: int | None = None,
    confidence: float | None = None,
    seed: int | None = None,
    design_seed: int = 0,
    bootstrap_seed: int = 0,
    engine: Engine = "auto",
    jobs: int | None = 1,
    cluster: str | None = None,
    out: str | Path = "results",
    resume: bool = True,
    announce: Announce | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Calibration:
    """Fit free parameters to the targets of a scenario.

    Args:
        scenario: a scenario with `targets`, a path, or the bare name of a file in `scenarios/`.
        free: parameters that may change, within the ranges of their figures; `PATH=lo..hi` gives another.
        trials: how many points are simulated; 15 for each parameter and 15 more where it is not given.
        hold_out: targets that are not fitted but predicted: `kpi of subject`, a KPI or a subject; those whose
            figure is marked `use: validate` always are.
        replications: of each point, the same block at all; 8 where it is not given.
        confidence: of the intervals; the scenario's where it is not given.
        seed: of the simulation; the scenario's where it is not given.
        design_seed: of where points lie.
        bootstrap_seed: of the draws from the posterior.
        engine: which engine.
        jobs: as in `run`.
        cluster: address of a running Dask scheduler.
        out: folder of results.
        resume: whether stored points are used.
        announce: told in words what the study will cost, before it starts.
        progress: called after every point.

    Returns:
        The calibration: values with intervals, what the targets cannot tell, observed against simulated,
        and an overlay that other scenarios can extend.

    Raises:
        InputError: the scenario has findings of level error.
        UsageError: no targets, no free parameter, or one without a range.
        RunError: a point failed twice; what had finished is kept.
    """
    from sim.calibration import Calibrating

    settings = checked(
        Settings(
            replications=replications,
            confidence=confidence,
            seed=seed,
            engine=engine,
            jobs=jobs,
            cluster=cluster,
            out=Path(out),
            resume=resume,
        )
    )
    loaded = seeded(_scenario(scenario), seed)
    work = Calibrating(
        loaded,
        tuple(freed(loaded, [free] if isinstance(free, str) else free)),
        settings,
        trials=trials,
        hold_out=tuple(hold_out),
        design_seed=design_seed,
        draw_seed=bootstrap_seed,
    )
    return work.run(announce=announce, progress=progress)


def freed(scenario: Scenario, given: Sequence[str]) -> list[Factor]:
    """Give the free parameters with their ranges."""
    from sim.study.ranges import ranged
    from sim.study.space import spanned

    if not given:
        message = "no parameter is free; --free PATH says which, e.g. --free legs.altynkol-aktau.speed"
        raise UsageError(message)
    found: list[Factor] = []
    for text in given:
        made = spanned(scenario, _varies([text])).factors if "=" in text else ranged(scenario, [text])
        if any(factor.levels for factor in made):
            message = f"{text} gives values; a free parameter has a range, PATH=lo..hi"
            raise UsageError(message)
        found += made
    names = [factor.name for factor in found]
    if len(set(names)) < len(names):
        message = f"{next(name for name in names if names.count(name) > 1)} is freed twice"
        raise UsageError(message)
    return found
