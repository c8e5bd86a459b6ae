"""Comparing and choosing: scenarios beside a base, and which of them is the best.

Joins the rooms for the verb `compare`. Nothing is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from time import perf_counter
from typing import TYPE_CHECKING

from sim.errors import RunError, UsageError
from sim.plan import Settings, own_version, planned
from sim.results import Comparison, Run

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.study.contenders import Best, Question, Selected
    from sim.study.replicate import Progress


def compare_all(
    scenarios: Sequence[Scenario | Run],
    settings: Settings,
    *,
    watch: Sequence[str] = (),
    question: Question | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Comparison:
    """Compare scenarios and finished runs with the first; see `sim.verbs.compare`.

    Args:
        scenarios: loaded, or finished runs; the first is the base.
        settings: for all that are run.
        watch: figures that make the headline family.
        question: what a selection is asked; its confidence and its limit are those of the settings.
        progress: called after every replication.
    """
    from sim.store.comparisons import comparison_folder, write_comparison, write_rows
    from sim.store.manifest import versions, write_manifest
    from sim.study.certainty import certainties, typical_reduction
    from sim.study.compare import contrast
    from sim.study.summary import matrix
    from sim.study.why import why
    from sim.twins import Compared, disturbed
    from sim.verbs import run_all

    if len(scenarios) < 2:
        message = f"{len(scenarios)} scenario to compare; a base and at least one other expected"
        raise UsageError(message)
    base = scenarios[0]
    _check_stored(scenarios, settings)
    common = _common(base, settings)
    selected = None
    fresh = [each for each in scenarios if not isinstance(each, Run)]
    if question is not None:
        runs, selected = _selected(scenarios, common, settings, question=question, progress=progress)
    else:
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
    cost = disturbed(Compared(names, scenarios, runs, outcomes), common, progress=progress)
    difference = contrast(
        figures,
        confidence=confidence,
        watch=watch,
        outlines=[run.outline for run in runs],
        derived=cost.figures,
    )
    folder = comparison_folder(
        settings.out,
        names,
        runs=[run.path.name for run in runs],
        asked={
            "pairs": pairs,
            "confidence": confidence,
            "watch": list(watch),
            "selection": None if question is None else asdict(question),
        },
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
    if selected is not None:
        write_rows(folder, "selection", selected.contenders)
    write_manifest(
        folder,
        {
            "kind": "comparison",
            "base": names[0],
            "others": names[1:],
            "runs": [run.path.name for run in runs],
            "titles": [run.title for run in runs],
            "twins": {name: run.path.name for name, run in cost.twins.items()},
            "unmade_twins": cost.unmade,
            "seed": runs[0].seed,
            "replications": pairs,
            "confidence": confidence,
            "watch": list(watch),
            "together": "Bonferroni over the headline figures",
            "p_adjusted": "Holm over the headline figures",
            "variance_reduction": typical_reduction(certainty),
            "selection": None if selected is None else selected.facts(),
            "versions": versions(own_version()),
        },
    )
    return Comparison(
        folder,
        tuple(replace(run) for run in runs),
        difference,
        reasons,
        certainty,
        selection=selected,
        twins=cost.twins,
        unmade=cost.unmade,
        disturbances=cost.figures,
    )


def asked_of(
    select: str | None, *, best: Best | None, delta: str | float | None, budget: int | None
) -> Question | None:
    """Put a selection's flags together.

    Raises:
        UsageError: a flag of a selection without `select`.
    """
    from sim.study.contenders import Question

    if select is not None:
        return Question(select, best, delta, budget)
    flags = {"best": best, "delta": delta, "budget": budget}
    given = [name for name, value in flags.items() if value is not None]
    if given:
        message = f"{given[0]} has a meaning only with a selection: --select 'KPI of SUBJECT'"
        raise UsageError(message)
    return None


def _selected(
    scenarios: Sequence[Scenario | Run],
    common: Settings,
    settings: Settings,
    *,
    question: Question,
    progress: Callable[[Progress], None] | None,
) -> tuple[tuple[Run, ...], Selected]:
    """Replicate scenarios as far as a selection needs, and choose.

    Raises:
        UsageError: finished runs among the scenarios, or a setting that contradicts a selection.
    """
    from sim.study.contenders import MOST

    loaded = [each for each in scenarios if not isinstance(each, Run)]
    if len(loaded) < len(scenarios):
        message = "a selection replicates as it goes: give it scenarios; what is stored of them is used"
        raise UsageError(message)
    if settings.precision is not None:
        message = "--precision and --select both say when to stop; one of them expected"
        raise UsageError(message)
    if question.delta is None and settings.replications is not None:
        message = "a budget is divided among the scenarios: --replications has no meaning with --budget alone"
        raise UsageError(message)
    confidence = common.confidence if common.confidence is not None else question.confidence
    most = MOST if settings.replications is None else settings.replications
    asked = replace(question, confidence=confidence, at_most=most)
    return select_all(loaded, common, asked, progress=progress)


def select_all(
    scenarios: Sequence[Scenario],
    settings: Settings,
    question: Question,
    *,
    progress: Callable[[Progress], None] | None = None,
) -> tuple[tuple[Run, ...], Selected]:
    """Choose the best of several scenarios; see `sim.study.selection`.

    Args:
        scenarios: loaded.
        settings: for all of them.
        question: what is asked.
        progress: called after every replication.

    Returns:
        The runs, each as long as the selection needed it, and the choice.
    """
    from sim.study.executor import executor_for
    from sim.study.replicate import Replicated
    from sim.study.selection import select
    from sim.verbs import Interrupted

    question.check(len(scenarios))
    names = [scenario.name for scenario in scenarios]
    begun = perf_counter()
    executor = executor_for(settings.jobs, cluster=settings.cluster)
    with planned(scenarios, settings) as plans:
        if len({plan.job.name for plan in plans}) < len(plans):
            message = f"two scenarios of one name among {', '.join(names)}"
            raise UsageError(message)
        if len(set(names)) < len(names):
            names = [plan.job.name for plan in plans]
        try:
            selected, counts = select(
                [plan.job for plan in plans], names, question, executor, progress=progress
            )
        except KeyboardInterrupt as interrupt:
            finished = [plan.stop("interrupted") for plan in plans]
            raise Interrupted("; ".join(finished) + ". The same command goes on from there.") from interrupt
        except (RunError, UsageError) as error:
            state = "failed" if isinstance(error, RunError) else "interrupted"
            for plan in plans:
                plan.stop(state, why=str(error))
            raise
        seconds = perf_counter() - begun
        runs = tuple(
            replace(plan, asked=count).finish(Replicated(count, count, True), seconds=seconds)
            for plan, count in zip(plans, counts, strict=True)
        )
    return runs, selected


def _check_stored(scenarios: Sequence[Scenario | Run], settings: Settings) -> None:
    """See to it that nothing is asked of finished runs that they no longer can be.

    Raises:
        UsageError: a setting that a stored run does not meet.
    """
    stored = [each for each in scenarios if isinstance(each, Run)]
    for run in stored:
        name = run.path.name
        if settings.seed is not None and settings.seed != run.seed:
            message = f"{name} is stored with seed {run.seed}: --seed {settings.seed} cannot reach it"
            raise UsageError(message)
        if settings.replications is not None and settings.replications > run.replications:
            message = (
                f"{name} holds {run.replications} replications, {settings.replications} were asked for; "
                f"`corridor run` with --replications {settings.replications} makes the others"
            )
            raise UsageError(message)
        if settings.precision is not None:
            message = f"{name} is stored: --precision cannot reach it, only scenarios that are run"
            raise UsageError(message)
    if len(stored) == len(scenarios) and (settings.records or not settings.resume):
        message = (
            f"all of {', '.join(run.path.name for run in stored)} are stored: nothing is run anew, nor kept"
        )
        raise UsageError(message)


def _common(base: Scenario | Run, settings: Settings) -> Settings:
    """Give all scenarios of a comparison the base's seed, replications and confidence."""
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
