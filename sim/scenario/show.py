"""What `show` tells of a scenario: one resolved file with its provenance, and what differs from its base."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from sim.errors import CorridorError
from sim.scenario.composition import LISTS, SECTIONS, Body
from sim.scenario.sources import Provenance

if TYPE_CHECKING:
    from sim.scenario.data_files import DataFiles
    from sim.scenario.nodes import Node
    from sim.scenario.scenario import Scenario

_REFERENCE = re.compile(r"seeds/[A-Za-z0-9_-]+/[A-Za-z0-9_-]+")
_FORMS: Final = frozenset({"assume", "mean", "triangular", "uniform", "empirical", "scale"})
_PLAIN: Final = ("title", "summary", "clock", "experiment")

_OF_SOURCES = ("seed", "assume", "range", "because", "calibrated")
"""Keys of a value that say where it comes from; `provenance` tells that."""


def resolved(scenario: Scenario, *, kept: bool = False) -> dict[str, Any]:
    """Give a scenario as one file: no parts, no base, figures and assumptions as numbers with units.

    Args:
        scenario: what is shown.
        kept: whether files go by the names under which they are kept, and places by the scenario's tree.

    Returns:
        Plain values that can be loaded again, with `provenance` beside them by dotted path.
    """
    notes = dict(scenario.provenance)
    whole = scenario.source.root.data()
    tree: dict[str, Any] = {"title": scenario.document.title}
    for section in SECTIONS:
        if section in whole and section not in ("title", "defaults"):
            part = whole[section]
            ordered = dict(sorted(part.items())) if isinstance(part, dict) and section not in _PLAIN else part
            tree[section] = _plain(ordered, section, scenario, notes)
    _fill(tree, notes)
    if scenario.source.varied:
        tree["varied"] = {
            change.path: {change.kind: change.operand.data()} for change in scenario.source.varied
        }
    files = scenario.source.files
    tree["provenance"] = {
        path: _facts(notes[path], place=files.within if kept else str) for path in sorted(notes)
    }
    return _with_kept_files(tree, scenario.source.root, files) if kept else tree


def timeline(scenario: Scenario) -> list[dict[str, Any]]:
    """Give the entries of a scenario's timeline as `resolved` has them."""
    written = scenario.source.root.get("timeline")
    entries = [] if written is None else written.data()
    notes = dict(scenario.provenance)
    return [_plain(entry, f"timeline.{number}", scenario, notes) for number, entry in enumerate(entries)]


def _with_kept_files(value: Any, node: Node | None, files: DataFiles) -> Any:
    """Name files of values as they are kept."""
    if isinstance(value, list):
        below = [None if node is None else node.get(number) for number in range(len(value))]
        return [_with_kept_files(*pair, files) for pair in zip(value, below, strict=True)]
    if not isinstance(value, dict) or node is None:
        return value
    if isinstance(value.get("empirical"), str):
        return {**value, "empirical": files.kept_as(value["empirical"], node)}
    return {key: _with_kept_files(each, node.get(key), files) for key, each in value.items()}


def _plain(value: Any, path: str, scenario: Scenario, notes: dict[str, Provenance]) -> Any:
    if isinstance(value, str):
        return _REFERENCE.sub(lambda found: _number(found.group(), path, scenario, notes), value)
    if isinstance(value, list):
        return [_plain(item, f"{path}.{n}", scenario, notes) for n, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if "assume" in value or isinstance(value.get("seed"), str):
        text = value.get("assume", value.get("seed"))
        made = {key: each for key, each in value.items() if key not in _OF_SOURCES}
        number = _plain(text, path, scenario, notes)
        return {"value": number, **made} if made else number
    return {key: _plain(each, f"{path}.{key}", scenario, notes) for key, each in value.items()}


def _number(ref: str, path: str, scenario: Scenario, notes: dict[str, Provenance]) -> str:
    """Write a figure as its number and unit; a rate where an amount of a year stands for one."""
    seeds = scenario.source.seeds
    if seeds is None:
        return ref
    try:
        figure = seeds.figure(ref)
    except CorridorError:
        return ref
    if figure.value is None:
        return ref
    note = notes.get(path)
    yearly = note is not None and note.source == figure.ref and note.unit == f"{figure.unit}/yr"
    return f"{figure.value} {figure.unit}{'/yr' if yearly else ''}"


def _fill(tree: dict[str, Any], notes: dict[str, Provenance]) -> None:
    """Write the defaults that nobody wrote where they belong."""
    for path, note in sorted(notes.items()):
        if note.kind != "default" or note.where is not None:
            continue
        *parents, last = path.split(".")
        here: Any = tree
        for part in parents:
            here = here.setdefault(part, {}) if isinstance(here, dict) else None
        if isinstance(here, dict) and last not in here and not _is_form(here):
            number = int(note.value) if note.value == int(note.value) else note.value
            here[last] = f"{number} {note.unit}" if note.unit else number


def _is_form(value: dict[str, Any]) -> bool:
    """Tell whether a mapping is one quantity, not a part of the scenario."""
    return bool(_FORMS & set(value)) or isinstance(value.get("seed"), str)


def _facts(note: Provenance, *, place: Callable[[str], str]) -> dict[str, Any]:
    facts = {key: value for key, value in asdict(note).items() if value not in (None, (), "")}
    facts["levers"] = list(note.levers)
    if not note.levers:
        del facts["levers"]
    if note.where is not None:
        facts["where"] = str(replace(note.where, file=place(note.where.file)))
    return facts


def differences(scenario: Scenario) -> dict[str, tuple[Any, Any]]:
    """Compare a scenario with its base, as both are written.

    Args:
        scenario: what is compared.

    Returns:
        By dotted path what the base says and what this one says, None where it says nothing.
    """
    if scenario.base is None:
        return {}
    base = _leaves(scenario.base.source.body)
    found = between(scenario.base.source.body, scenario.source.body)
    for change in scenario.source.varied[len(scenario.base.source.varied) :]:
        found[change.path] = (base.get(change.path), f"{change.kind} {change.operand.data()}")
    return found


def between(was: Body, now: Body) -> dict[str, tuple[Any, Any]]:
    """Give by dotted path where what is written in two scenarios differs, None where one says nothing."""
    before, after = _leaves(was), _leaves(now)
    return {
        path: (before.get(path), after.get(path))
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    }


def _leaves(body: Body) -> dict[str, Any]:
    leaves: dict[str, Any] = {}
    for section, node in body.items():
        _flatten(section, node.data(), leaves)
    return leaves


def _flatten(path: str, value: Any, leaves: dict[str, Any]) -> None:
    if isinstance(value, dict) and value and not _is_form(value):
        for key, below in value.items():
            _flatten(f"{path}.{key}", below, leaves)
    elif isinstance(value, list) and path in LISTS:
        for number, entry in enumerate(value):
            name = str(entry.get("title", f"{entry.get('kpi')} of {entry.get('of')}"))
            at = f"{path}.{name}"
            at = f"{at} ({number})" if any(known.startswith(f"{at}.") for known in leaves) else at
            for key, below in entry.items():
                _flatten(f"{at}.{key}", {**below} if isinstance(below, dict) else below, leaves)
    elif value is not None:
        leaves[path] = value
