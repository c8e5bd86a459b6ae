"""Reading scenarios: from a file name to a resolved scenario, with every finding at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.errors import Finding, Level, Where
from sim.scenario.checks import check_document, check_partial
from sim.scenario.checks_moments import check_moments
from sim.scenario.checks_ramps import ramps_begin_above_nothing
from sim.scenario.composition import Body, Composer
from sim.scenario.data_files import DataFiles
from sim.scenario.files import Tree, locate, shown, tree_of
from sim.scenario.findings import OUTSIDE, Findings, listed
from sim.scenario.nodes import Node
from sim.scenario.overrides import apply_overrides, changes_of
from sim.scenario.reading import Change
from sim.scenario.resolve import Source, resolve
from sim.scenario.scenario import Scenario
from sim.scenario.seeds import load_seeds
from sim.scenario.validate import validate, with_defaults


def load(source: str | Path, *, overrides: Mapping[str, Any] | Sequence[str] = ()) -> Scenario:
    """Read a scenario.

    Args:
        source: a path, or the bare name of a file in `scenarios/`.
        overrides: `PATH=VALUE` texts, or values by path; any unambiguous tail of a path will do.

    Returns:
        The resolved scenario; warnings and notes are on its `findings`.

    Raises:
        InputError: with all findings of level error at once.
    """
    findings = Findings()
    made = _load(source, overrides, findings)
    findings.raise_errors()
    assert made is not None
    return made


def check(source: str | Path, *, overrides: Mapping[str, Any] | Sequence[str] = ()) -> list[Finding]:
    """List all findings of a scenario; nothing that a file may hold makes this raise.

    Args:
        source: a path, or the bare name of a file in `scenarios/`.
        overrides: as for `load`.
    """
    findings = Findings()
    _load(source, overrides, findings)
    return list(findings.sorted())


def _load(
    source: str | Path, overrides: Mapping[str, Any] | Sequence[str], findings: Findings
) -> Scenario | None:
    path = locate(source, findings=findings)
    if path is None:
        return None
    tree = tree_of(path)
    findings.own = shown(path)
    composer = Composer(tree, findings)
    body, base = composer.compose(path)
    if not body or (composer.lost and "clock" not in body):
        return None
    if overrides:
        body = apply_overrides(body, overrides, findings=findings)
    under = (composer.base, base) if base and composer.base is not None else None
    return _make(body, path=path, tree=tree, name=path.stem, findings=findings, under=under)


def made_of(body: Body, *, path: Path) -> Scenario:
    """Make the scenario of sections that were composed before.

    Args:
        body: its sections.
        path: the file they come from.

    Raises:
        InputError: with all findings of level error.
    """
    findings = Findings()
    made = _make(body, path=path, tree=tree_of(path), name=path.stem, findings=findings, under=None)
    findings.raise_errors()
    assert made is not None
    return made


def _make(
    body: Body,
    *,
    path: Path,
    tree: Tree,
    name: str,
    findings: Findings,
    under: Scenario | tuple[Path, Body] | None,
    extra: tuple[Change, ...] = (),
) -> Scenario | None:
    """Check and resolve a composed tree; None where it has errors."""
    if "varied" in body:
        extra = (*changes_of(body, body["varied"], findings=findings), *extra)
        body = {key: node for key, node in body.items() if key != "varied"}
    full = with_defaults(body)
    file = shown(path)
    root = Node(full, file, 1, 1, 1, 1)
    parsed = validate(full, findings, file=file)
    title = body.get("title")
    seeds = None if tree.data is None else load_seeds(tree.data)
    source = Source(
        title=str(title.value) if title is not None else name,
        body=body,
        root=root,
        parsed=parsed,
        seeds=seeds,
        files=DataFiles(path.resolve().parent, tree.roots),
        varied=extra,
    )
    reader = source.reader(findings)
    document = resolve(source, reader)
    for number, change in enumerate(extra):
        if number not in reader.applied:
            message = f"there is no parameter {change.path}"
            findings.add("unknown-path", change.operand, change.path, message, expected="section.id.key")
    check_document(document, source, reader, findings)
    check_partial(document, source, findings)
    made = Scenario(name, path, document, reader.provenance, (), source, under)
    check_moments(document, source, reader, findings)
    if not findings.failed:
        ramps_begin_above_nothing(made, findings)
    below = {} if under is None else under.source.body if isinstance(under, Scenario) else under[1]
    _tell_clock(root, below.get("clock"), findings)
    _tell_levers(findings)
    if findings.failed:
        return None
    kept = tuple(found for found in findings.sorted() if found.level is not Level.ERROR)
    return Scenario(name, path, document, reader.provenance, kept, source, under)


def _tell_clock(root: Node, base: Node | None, findings: Findings) -> None:
    """Tell in one line which entries of the timeline a clock that was changed leaves outside the run.

    Args:
        root: the composed tree.
        base: the clock of what it overrides or extends, or None.
        findings: those of the scenario.
    """
    clock = root.get("clock")
    keys = () if clock is None else ("length", "start", "warmup")
    given = [(clock.get(key), None if base is None else base.get(key)) for key in keys if clock is not None]
    changed = [
        node
        for node, was in given
        if node is not None and (node.file.startswith(OUTSIDE) or (was is not None and was.file != node.file))
    ]
    left = [
        found
        for found in findings.sorted()
        if found.code == "never-active" and found.level is Level.WARNING and found.where is not None
        if changed and found.where.file != changed[0].file
    ]
    if not left:
        return
    titles = [root.get("timeline", found.path.rpartition(".")[2], "title") for found in left]
    told = ", ".join(f"'{title.value}'" for title in titles if title is not None)
    many = f"{len(left)} entries of the timeline lie" if len(left) > 1 else "an entry of the timeline lies"
    message = f"with this clock {many} outside the run" + (f": {told}" if told else "")
    path = f"clock.{next(key for key in keys if clock is not None and clock.get(key) is changed[0])}"
    findings.merge(left, Finding("never-active", Level.WARNING, changed[0].where, path, message))


def _tell_levers(findings: Findings) -> None:
    """Tell in one finding what one value of a lever drives out of its range."""
    places: dict[tuple[Where, str], list[Finding]] = {}
    for found in findings.sorted():
        scaled = findings.about(found)
        if found.code == "out-of-range" and found.where is not None and scaled:
            places.setdefault((found.where, scaled[0]), []).append(found)
    for several in places.values():
        first, *others = several
        if others:
            names = listed((found.path for found in others), most=4)
            message = f"{first.message}; {len(others)} more leave their range: {names}"
            findings.merge(several, replace(first, message=message))


def overridden(scenario: Scenario, overrides: Mapping[str, Any] | Sequence[str], *, name: str) -> Scenario:
    """Make another scenario that differs in some values; see `Scenario.override`."""
    findings = Findings()
    body = apply_overrides(scenario.source.body, overrides, findings=findings)
    return _remade(scenario, body, name=name, findings=findings, extra=scenario.source.varied)


def varied(scenario: Scenario, values: Mapping[str, Any], *, name: str) -> Scenario:
    """Make another scenario with parameters changed for the whole run; see `Scenario.varied`."""
    findings = Findings()
    extra = changes_of(scenario.source.body, values, findings=findings)
    both = (*scenario.source.varied, *extra)
    return _remade(scenario, scenario.source.body, name=name, findings=findings, extra=both)


def undisturbed(scenario: Scenario, entries: Collection[int], *, name: str) -> Scenario:
    """Make another scenario without some entries of the timeline; see `Scenario.without`."""
    findings = Findings()
    body = dict(scenario.source.body)
    timeline = body.get("timeline")
    if timeline is not None:
        kept = [entry for number, entry in enumerate(timeline.value) if number not in entries]
        body["timeline"] = timeline._replace(value=kept)
    return _remade(scenario, body, name=name, findings=findings, extra=scenario.source.varied)


def _remade(
    scenario: Scenario, body: Body, *, name: str, findings: Findings, extra: tuple[Change, ...]
) -> Scenario:
    """Make a scenario of a changed tree, in the place of the one that it was made from."""
    made = _make(
        body,
        path=scenario.path,
        tree=tree_of(scenario.path),
        name=name,
        findings=findings,
        under=scenario,
        extra=extra,
    )
    findings.raise_errors()
    assert made is not None
    return made
