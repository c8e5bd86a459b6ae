"""A calibration from its first points to its overlay: the rounds, and what is written when they end.

Joins scenario, study and store for the verb `calibrate`. Nothing is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.study_plan import Announce, StudyPlan, dict_of
from sim.study_results import Calibration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sim.plan import Settings
    from sim.scenario import Scenario
    from sim.scenario.document import Target
    from sim.study.calibrate import Schedule, Surrogate
    from sim.study.factors import Factor
    from sim.study.fit import Fit
    from sim.study.headline import Key
    from sim.study.points import PointOutcome
    from sim.study.replicate import Progress
    from sim.study.targets import Aim

REPLICATIONS = 8
"""Replications of every point, where none are asked for."""


_ALONE: Final = (
    "one replication of each point does not tell what is chance: in its place the spread of the points is "
    "taken, far too much; with --replications 8 intervals are worth reading"
)


@dataclass(frozen=True)
class Calibrating:
    """A calibration to be made.

    Attributes:
        scenario: with its targets.
        factors: the free parameters.
        settings: how points are run.
        trials: how many points; None for as many as the parameters ask for.
        hold_out: targets that are not fitted.
        design_seed: of where points lie.
        draw_seed: of the draws from the posterior.
    """

    scenario: Scenario
    factors: tuple[Factor, ...]
    settings: Settings
    trials: int | None = None
    hold_out: tuple[str, ...] = ()
    design_seed: int = 0
    draw_seed: int = 0

    def run(
        self,
        *,
        announce: Announce | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> Calibration:
        """Simulate, emulate, and say what the targets tell."""
        from sim.study.calibrate import schedule
        from sim.study.overlay import changes_of_file
        from sim.study.posterior import one_thread

        # What cannot be done or written down in the end is refused before anything is computed.
        one_thread()
        changes_of_file(self.scenario)
        begun = perf_counter()
        rounds = schedule(self.trials, len(self.factors))
        plan = self._plan(rounds)
        # The scenario as it stands comes first; at the end it and what was found meet new replications.
        runs = (rounds.total + 3) * plan.call.replications
        laid = f"{rounds.total} trials in {1 + len(rounds.rounds)} rounds, {runs:,} replications in all"
        label = f"calibration: {_counted(self.factors)}, {laid}; the first: "
        self._aims(self._keys(plan))
        plan, outcomes = self._laid(plan, rounds, announce=announce, progress=progress, label=label)
        fit = self._fit(plan, outcomes, progress=progress)
        self._write(plan, fit, seconds=perf_counter() - begun)
        return Calibration(plan.path, self.scenario, plan.space, fit, plan.path / self._file)

    @property
    def _file(self) -> str:
        return f"{self.scenario.name}-calibrated.yaml"

    def _plan(self, rounds: Schedule) -> StudyPlan:
        from sim.study.claims import needed
        from sim.study.designs import sobol
        from sim.study.space import Space

        targets = self.scenario.document.targets
        first = sobol(rounds.first, len(self.factors), seed=self.design_seed)
        asked: Mapping[str, object] = {
            "study": "calibrate",
            "trials": rounds.total,
            "hold_out": list(self.hold_out),
            "design_seed": self.design_seed,
            "draw_seed": self.draw_seed,
            "targets": [_asked(each) for each in targets],
        }
        return StudyPlan(
            "calibration",
            self.scenario,
            Space(self.scenario, self.factors),
            first,
            self.settings,
            asked,
            default_replications=REPLICATIONS,
            watch=tuple(dict.fromkeys(text for each in targets for text in needed(each))),
            firm=rounds.first,
        )

    def _keys(self, plan: StudyPlan) -> Sequence[Key]:
        """Give the figures that there are, before the first point costs anything."""
        from sim.model.compile import compile_model
        from sim.study.replicate import Simulation
        from sim.study.summary import keys_of
        from sim.study.watched import watched

        if 0 in plan.folder.finished():
            return plan.folder.read(0).keys
        seed = self.scenario.document.experiment.seed
        first = Simulation(compile_model(self.scenario), seed, self.settings.engine)(0)
        return watched(keys_of(first.kpis), plan.watch)

    def _laid(
        self,
        plan: StudyPlan,
        rounds: Schedule,
        *,
        announce: Announce | None,
        progress: Callable[[Progress], None] | None,
        label: str,
    ) -> tuple[StudyPlan, tuple[PointOutcome, ...]]:
        """Simulate the points of every round; give the plan that has them all."""
        from sim.study.calibrate import next_places

        kept = plan.folder.read_design()
        outcomes = plan.compute(announce=announce, progress=progress, label=label)
        for number, count in enumerate(rounds.rounds, start=1):
            have = len(plan.design)
            if kept is not None and len(kept) >= have + count and np.array_equal(kept[:have], plan.design):
                design = kept[: have + count]
            else:
                model, _ = self._surrogate(plan, outcomes)
                more = next_places(model, count, seed=self.draw_seed + number)
                design = np.vstack([plan.design, more])
                plan.folder.write_design(design)
            plan = replace(plan, design=design)
            outcomes = plan.compute(progress=progress)
        return plan, outcomes

    def _aims(self, keys: Sequence[Key]) -> tuple[Aim, ...]:
        from sim.study.targets import aims

        return aims(self.scenario.document, keys, hold_out=self.hold_out)

    def _surrogate(
        self, plan: StudyPlan, outcomes: Sequence[PointOutcome]
    ) -> tuple[Surrogate, tuple[str, ...]]:
        """Give the emulators of what is defined at every point, and a note on each other target."""
        from sim.study.calibrate import surrogate
        from sim.study.targets import defined

        aims = self._aims(outcomes[0].keys)
        values = np.array([_columns(outcome, aims) for outcome in outcomes[: 1 + len(plan.design)]])
        kept, notes = defined(aims, values)
        made = surrogate([aims[k] for k in kept], self.factors, plan.design, values[1:, :, list(kept)])
        return made, notes

    def _fit(
        self,
        plan: StudyPlan,
        outcomes: Sequence[PointOutcome],
        *,
        progress: Callable[[Progress], None] | None,
    ) -> Fit:
        from sim.study.calibrate import fit_rows, most_probable, parameters, posterior, without_each
        from sim.study.fit import Fit
        from sim.study.targets import loss, means

        model, notes = self._surrogate(plan, outcomes)
        draws = posterior(model, seed=self.draw_seed)
        kept = plan.folder.read_design()
        if kept is not None and len(kept) == len(plan.design) + 2:
            place = kept[-2]
        else:
            place = most_probable(model, draws, plan.space.home())
        # What was found and the scenario as it stands (a row of NaN) meet the same new replications.
        last = np.vstack([plan.design, place, np.full_like(place, np.nan)])
        checked_plan = replace(plan, design=last, apart=1 + len(plan.design))
        plan.folder.write_design(checked_plan.design)
        checked = checked_plan.compute(progress=progress)[-2:]
        after, before = (_columns(outcome, model.aims) for outcome in checked)
        thin = draws.places[:: max(1, len(draws.places) // 4000)]
        dials = [factor.dials[0] for factor in self.factors]
        units = np.array(
            [[dial.at(each) for dial, each in zip(dials, row, strict=True)] for row in thin.tolist()]
        )
        return Fit(
            parameters=parameters(model, draws, place, confidence=plan.confidence),
            targets=fit_rows(
                model,
                before=before,
                checked=after,
                without=without_each(model, draws, seed=self.draw_seed),
                confidence=plan.confidence,
            ),
            draws=units,
            place=place,
            confidence=plan.confidence,
            loss_before=loss(model.aims, means(before)),
            loss=loss(model.aims, means(after)),
            notes=notes if plan.call.replications > 1 else (*notes, _ALONE),
        )

    def _write(self, plan: StudyPlan, fit: Fit, *, seconds: float) -> None:
        from sim.store.runs import as_yaml
        from sim.study.overlay import overlay

        folder = plan.folder
        names = [factor.name for factor in self.factors]
        rows: list[list[object]] = [[0, *(factor.dials[0].base for factor in self.factors)]]
        places = np.vstack([plan.design, fit.place])
        for number, place in enumerate(places.tolist(), start=1):
            rows.append([number, *(f.number(each) for f, each in zip(self.factors, place, strict=True))])
        rows.append([len(rows), *rows[0][1:]])
        folder.write_table("points", ["point", *names], rows)
        folder.write_table("parameters", *dict_of(fit.parameters))
        folder.write_table("fit", *dict_of(fit.targets))
        folder.write_table("posterior", names, fit.draws.tolist())
        folder.write_values([folder.read(number) for number in range(len(rows))])
        folder.write_text(self._file, as_yaml(self._overlay(overlay, plan, fit)))
        content = {
            "loss_before": fit.loss_before,
            "loss": fit.loss,
            "overlay": self._file,
            "notes": fit.notes,
        }
        plan.finish(content, seconds=seconds)

    def _overlay(self, make: Callable[..., dict[str, Any]], plan: StudyPlan, fit: Fit) -> dict[str, Any]:
        call = plan.call
        cost = f"{len(plan.design)} points × {call.replications} replications of seed {call.seed}"
        return make(self.scenario, self.factors, fit, study=plan.path.name, cost=cost)


def _columns(outcome: PointOutcome, aims: Sequence[Aim]) -> NDArray[np.float64]:
    """Give the targets' figures of one point, shape (replications, targets)."""
    from sim.study.targets import columns

    return columns(aims, outcome.keys, outcome.values)


def _counted(factors: Sequence[Factor]) -> str:
    return "1 parameter" if len(factors) == 1 else f"{len(factors)} parameters"


def _asked(target: Target) -> list[object]:
    """Give what names a target in the study's identity."""
    told: list[object] = [target.kpi, target.of, target.observed, target.tolerance, target.unit]
    told += [list(target.subjects)] if len(target.subjects) > 1 else []
    return [*told, "validate"] if target.kept_aside else told
