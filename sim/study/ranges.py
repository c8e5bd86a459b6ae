"""Ranges of parameters: those that figures and assumptions carry.

A figure that several parameters read is one uncertain number, so they move together; so do parameters that
share one assumption, and the months of one table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from sim.errors import InputError, UsageError
from sim.scenario import Scenario
from sim.scenario.points import full_path, turned
from sim.scenario.sources import Provenance
from sim.study.factors import Dial, Factor

OUTSIDE: Final = ("targets", "expect", "timeline", "clock", "experiment")
"""Sections that say what is asked, not what is simulated."""

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "else")
_PART: Final = re.compile(r"(.+)\.(?:triangular|uniform)\.(\d+)")


def ranged(scenario: Scenario, over: Sequence[str] | None = None) -> tuple[Factor, ...]:
    """Give the factors that carry a range in the scenario.

    Args:
        scenario: with the provenance of its parameters.
        over: paths, their tails, whole elements or sections, or figures; each path named in full is a factor
            of its own, a figure turns all that read it. None takes all that there is.

    Returns:
        Factors by name.

    Raises:
        UsageError: a path has no range, or names nothing.
    """
    dials = _dials(scenario)
    if over is None:
        return tuple(sorted(_grouped(dials, scenario), key=lambda factor: factor.name))
    chosen: dict[str, Factor] = {}
    for wanted in over:
        for factor in _named(wanted, dials, scenario):
            chosen.setdefault(factor.name, factor)
    return tuple(chosen.values())


def useful(scenario: Scenario, factors: Iterable[Factor]) -> tuple[tuple[Factor, ...], tuple[str, ...]]:
    """Part factors that can be turned from those that cannot.

    Args:
        scenario: as it stands.
        factors: to be looked at.

    Returns:
        Those that change the scenario at an end of their range, and a note about each other one.
    """
    kept: list[Factor] = []
    notes: list[str] = []
    for factor in factors:
        try:
            ends = [turned(scenario, [dial.change(share) for dial in factor.dials]) for share in (0.0, 1.0)]
        except InputError as error:
            notes.append(f"{factor.name} is left out, an end of its range makes no sense: {_short(error)}")
            continue
        if all(_alike(scenario, end) for end in ends):
            notes.append(f"{factor.name} is left out: nothing in the scenario depends on it")
        else:
            kept.append(factor)
    return tuple(kept), tuple(notes)


def _alike(one: Scenario, other: Scenario) -> bool:
    """Tell whether two scenarios are the same, without their timeline and with all of it in force."""
    if one.document != other.document:
        return False
    full = [1.0] * len(one.interventions)
    return one.document_at(full) == other.document_at(full)


def _short(error: InputError) -> str:
    return error.findings[0].message


def _dials(scenario: Scenario) -> dict[str, tuple[Dial, Provenance]]:
    """List every parameter with a range, by path; the points of a law make a range of its mean."""
    found: dict[str, tuple[Dial, Provenance]] = {}
    parts: dict[str, list[Provenance]] = {}
    for path, note in scenario.provenance.items():
        if path.partition(".")[0] in OUTSIDE:
            continue
        part = _PART.fullmatch(path)
        if part is not None:
            parts.setdefault(part[1], []).append(note)
        elif note.low is not None and note.high is not None and note.low < note.high:
            dial = Dial(path, note.value, note.low, note.high, note.unit, bool(note.levers))
            found[path] = dial, note
    for path, notes in parts.items():
        if all(note.low is None for note in notes) or path not in scenario.provenance:
            continue
        units = {note.unit for note in notes}
        ends = [
            sum(note.value if end is None else end for note, end in zip(notes, some, strict=True))
            / len(notes)
            for some in ([note.low for note in notes], [note.high for note in notes])
        ]
        base = sum(note.value for note in notes) / len(notes)
        if len(units) == 1 and ends[0] < ends[1]:
            dial = Dial(path, base, ends[0], ends[1], units.pop(), any(note.levers for note in notes))
            found[path] = dial, notes[0]
    return dict(sorted(found.items()))


def _grouped(dials: Mapping[str, tuple[Dial, Provenance]], scenario: Scenario) -> list[Factor]:
    groups: dict[str, list[Dial]] = {}
    for path, (dial, note) in dials.items():
        groups.setdefault(_origin(path, note), []).append(dial)
    # The months of one table are one uncertain thing.
    tables: dict[tuple[str, ...], list[str]] = {}
    for origin, members in groups.items():
        parents = tuple(sorted({_parent(dial.path) for dial in members}))
        if "" not in parents:
            tables.setdefault(parents, []).append(origin)
    for origins in tables.values():
        first, *others = origins
        for other in others:
            groups[first] += groups.pop(other)
    return [_factor(members, dials) for members in groups.values()]


def _factor(members: Sequence[Dial], dials: Mapping[str, tuple[Dial, Provenance]]) -> Factor:
    ordered = tuple(sorted(members, key=lambda dial: dial.path))
    note = dials[ordered[0].path][1]
    name = _parent(ordered[0].path) or ordered[0].path
    if len({_parent(dial.path) or dial.path for dial in ordered}) > 1 and note.source:
        name = note.source
    return Factor(name, ordered, source=_source(note))


def _source(note: Provenance) -> str:
    if note.source is not None:
        return note.source
    return note.kind if note.where is None else f"{note.kind}, {Path(note.where.file).name}:{note.where.line}"


def _origin(path: str, note: Provenance) -> str:
    if note.source is not None:
        return note.source
    if note.kind == "calibrated":
        # Each was found by itself, wherever the overlay writes it.
        return path
    return path if note.where is None else str(note.where)


def _parent(path: str) -> str:
    """Give the table that a monthly value stands in, or nothing."""
    parent, _, key = path.rpartition(".")
    return parent if key in _MONTHS else ""


def _named(wanted: str, dials: Mapping[str, tuple[Dial, Provenance]], scenario: Scenario) -> list[Factor]:
    for path in (wanted, f"{wanted}.mean"):
        if path in dials:
            dial, note = dials[path]
            return [Factor(path, (dial,), source=_source(note))]
    if wanted.startswith("seeds/"):
        members = [dial for dial, note in dials.values() if note.source == wanted]
        if members:
            return [Factor(wanted, tuple(members), source=wanted)]
    tails = [path for path in dials if path.endswith((f".{wanted}", f".{wanted}.mean"))]
    below = {path: dials[path] for path in dials if path.startswith(f"{wanted}.")}
    if below:
        return sorted(_grouped(below, scenario), key=lambda factor: factor.name)
    if len(tails) == 1:
        dial, note = dials[tails[0]]
        return [Factor(tails[0], (dial,), source=_source(note))]
    if tails:
        message = f"{wanted} may be any of {', '.join(tails[:6])}"
        raise UsageError(message)
    try:
        full = full_path(scenario, wanted)
    except InputError:
        full = ""
    if full in dials or f"{full}.mean" in dials:
        return _named(full, dials, scenario)
    if full:
        message = f"{full} has no range: neither a figure nor an assumption gives one"
        raise UsageError(message)
    near = get_close_matches(wanted, dials, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]}?" if near else ""
    message = f"no parameter with a range is named {wanted}{hint}"
    raise UsageError(message)
