"""What a study file asks, held against its scenarios before anything is run or written.

The file itself and its paths are read by `sim.scenario.study_file`. Here the values, ranges, figures, targets
and numbers of points are tried: what would stop the command later is a finding with its place in the file.
Joins scenario and study for the command line. Nothing is printed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from sim.errors import Finding, InputError, Level, UsageError
from sim.scenario import check, load
from sim.scenario.findings import Findings, listed, nearest
from sim.scenario.overrides import FILE

if TYPE_CHECKING:
    from sim.scenario import Scenario, Study, Vary
    from sim.scenario.nodes import Node
    from sim.study.factors import Factor

_OF_PATHS = ("unknown-path", "ambiguous-path")


def check_study(study: Study, *, overrides: Sequence[str] = ()) -> list[Finding]:
    """List all findings of a study and of the scenarios it is about.

    Args:
        study: as read.
        overrides: `--set` pairs that are given beside those of the file.
    """
    every = (*study.overrides, *overrides)
    found = [_placed(finding, study) for path in study.scenarios for finding in check(path, overrides=every)]
    if any(finding.level is Level.ERROR for finding in found):
        return found
    asked = _Asked(study, [load(path, overrides=every) for path in study.scenarios])
    return [*found, *asked.findings()]


def _placed(finding: Finding, study: Study) -> Finding:
    """Say where in the study an override of its own stands, not which of all overrides it is."""
    where, own = finding.where, study.root.get("set")
    if where is None or own is None or not where.file.startswith(FILE) or where.line > len(own.value):
        return finding
    node = list(own.value.values() if isinstance(own.value, dict) else own.value)[where.line - 1]
    named = finding.code in _OF_PATHS and isinstance(own.value, dict)
    return replace(finding, where=node.key_where if named else node.where)


class _Asked:
    """A study beside the scenarios that it is about."""

    def __init__(self, study: Study, scenarios: Sequence[Scenario]) -> None:
        self.study, self.scenarios = study, scenarios
        self.found = Findings()

    def findings(self) -> tuple[Finding, ...]:
        """Try all that is asked."""
        scenario, model, root = self.scenarios[0], self.study.model, self.study.root
        if model.study == "sweep":
            self._sweep(scenario)
        elif model.study == "sensitivity":
            self._sensitivity(scenario)
        elif model.study == "calibrate":
            self._calibrate(scenario)
        for number, text in enumerate(model.watch):
            self._figure(text, root.nearest("watch", number), f"watch.{number}")
        if model.select is not None:
            self._figure(model.select, root.nearest("select"), "select")
        return self.found.sorted()

    @contextmanager
    def _at(self, node: Node, path: str, *, code: str, expected: str, hint: str = "") -> Iterator[None]:
        """Turn what is refused within into findings at a place of the study file."""
        try:
            yield
        except InputError as error:
            self.found.extend(replace(finding, where=node.where) for finding in error.findings)
        except UsageError as error:
            self.found.add(code, node, path, str(error), expected=expected, hint=hint)

    def _sweep(self, scenario: Scenario) -> None:
        from sim.study.designs import lay_out

        study, root = self.study, self.study.root
        factors: list[Factor] = []
        for vary in study.vary:
            factors += self._varied(scenario, vary)
        if self.found.failed:
            return
        names = [factor.name for factor in factors]
        for name in dict.fromkeys(name for name in names if names.count(name) > 1):
            message = f"{name} is varied {names.count(name)} times"
            self.found.add("bad-value", root.nearest("vary"), "vary", message, expected="once")
        model = study.model
        at = "points" if model.points is not None else "vary"
        with self._at(root.nearest(at), at, code="bad-value", expected="as many as the design has"):
            lay_out(factors, model.design, points=model.points, seed=0)

    def _varied(self, scenario: Scenario, vary: Vary) -> list[Factor]:
        """Give the factors of what is varied; a value that makes no sense is found where it stands."""
        from sim.scenario.points import full_path
        from sim.study.factors import Factor
        from sim.study.space import is_own_range, level, spanned

        node = self.study.root.nearest("vary", vary.path)
        path, expected = f"vary.{vary.path}", "values, or a parameter whose figure or assumption has a range"
        factors: list[Factor] = []
        if vary.low is not None or is_own_range(vary):
            with self._at(node, path, code="missing-range", expected=expected):
                factors += spanned(scenario, [vary]).factors
            return factors
        values = node.nearest("scale")
        levels = []
        for number, value in enumerate(vary.values):
            with self._at(values.nearest(number), path, code="bad-value", expected=expected):
                full = full_path(scenario, vary.path)
                levels.append(level(scenario, full, vary.kind, value))
        return [Factor(full, levels=tuple(levels))] if len(levels) == len(vary.values) else []

    def _sensitivity(self, scenario: Scenario) -> None:
        from sim.study.ranges import ranged

        model, root = self.study.model, self.study.root
        for number, text in enumerate(model.over):
            self._ranged(scenario, text, root.nearest("over", number), f"over.{number}", more="")
        if not model.over and not ranged(scenario):
            message = "no parameter of the scenario has a range"
            expected = "an assumption or a figure with a range"
            self.found.add("missing-range", root.nearest("of"), "of", message, expected=expected)
        if model.points is not None and model.points < 2:
            message = f"{model.points} trajectories or base points"
            self.found.add("bad-value", root.nearest("points"), "points", message, expected="at least 2")

    def _ranged(
        self, scenario: Scenario, text: str, node: Node, path: str, *, more: str
    ) -> tuple[Factor, ...]:
        """Give the factors that a text names; one without a range is found where it stands."""
        from sim.study.ranges import ranged

        try:
            return ranged(scenario, [text])
        except UsageError as error:
            expected = "a parameter whose figure or assumption has a range" + more
            hint = nearest(text, (dial.path for factor in ranged(scenario) for dial in factor.dials))
            self.found.add("missing-range", node, path, str(error), expected=expected, hint=hint)
            return ()

    def _calibrate(self, scenario: Scenario) -> None:
        from sim.study.calibrate import schedule
        from sim.study_verbs import freed

        model, root = self.study.model, self.study.root
        count = 0
        for number, text in enumerate(model.free):
            node, path = root.nearest("free", number), f"free.{number}"
            if "=" not in text:
                count += len(self._ranged(scenario, text, node, path, more=", or PATH=lo..hi"))
                continue
            with self._at(node, path, code="bad-value", expected="PATH=lo..hi"):
                count += len(freed(scenario, [text]))
        if not self.found.failed:
            with self._at(root.nearest("free"), "free", code="bad-value", expected="each parameter once"):
                freed(scenario, model.free)
            at = "trials" if model.trials is not None else "free"
            with self._at(root.nearest(at), at, code="bad-value", expected="more trials"):
                schedule(model.trials, count)
        self._held_out(scenario)

    def _held_out(self, scenario: Scenario) -> None:
        from sim.study.targets import held

        model, root = self.study.model, self.study.root
        targets = scenario.document.targets
        if not targets:
            message = "the scenario has no targets to be calibrated to"
            self.found.add("missing-key", root.nearest("of"), "of", message, expected="targets: […]")
            return
        whole = [f"{target.kpi} of {target.of}" for target in targets]
        names = [*whole, *(target.kpi for target in targets), *(target.of for target in targets)]
        for number, text in enumerate(model.hold_out):
            if not any(held(target, [text]) for target in targets):
                node, message = root.nearest("hold_out", number), f"there is no target '{text}'"
                expected = f"one of {listed(whole, most=6)}, a KPI or a subject of these"
                hint = nearest(text, names)
                self.found.add(
                    "dangling-id", node, f"hold_out.{number}", message, expected=expected, hint=hint
                )
        if all(target.kept_aside or held(target, model.hold_out) for target in targets):
            message = "every target is held out; nothing is left to calibrate to"
            expected = "a target that is fitted"
            self.found.add("bad-value", root.nearest("hold_out"), "hold_out", message, expected=expected)

    def _figure(self, text: str, node: Node, path: str) -> None:
        """Check that a text names a KPI, and a subject that may have it in one of the scenarios."""
        from sim.study.watchable import refused

        compared = self.study.model.study == "compare"
        why = refused(text, [scenario.document for scenario in self.scenarios], compared=compared)
        if why is not None:
            self.found.add(why.code, node, path, why.message, expected=why.expected, hint=why.hint)


def refuse_study(study: Study, *, overrides: Sequence[str] = ()) -> None:
    """Stop where a study has findings of level error, before anything is made.

    Args:
        study: as read.
        overrides: `--set` pairs that are given beside those of the file.

    Raises:
        InputError: with all of them at once.
    """
    found = check_study(study, overrides=overrides)
    Findings(found).raise_errors()
