"""What a figure is: a number with its unit, range, source and confidence, frozen.

Made from an entry of a seed file, with findings for whatever the entry gets wrong by itself; what takes
several figures to see is in `seed_checks`. Nothing here opens a file or converts a unit.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sim.errors import Finding, Level, Where
from sim.scenario.seed_text import Entry

KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_YEAR = re.compile(r"[0-9]{4}")


class Confidence(StrEnum):
    """How far a figure is to be trusted."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Kind(StrEnum):
    """Read in the source, or worked out from what is read there."""

    STATED = "stated"
    DERIVED = "derived"


class Use(StrEnum):
    """What an outcome is for: the model is fitted to it, checked against it, or leaves it out."""

    FIT = "fit"
    VALIDATE = "validate"
    OMITTED = "omitted"


TEXT_UNITS = frozenset({"text", "date"})
"""Units of figures that have words or a date in the place of a number."""


@dataclass(frozen=True)
class Source:
    """Where a figure was read.

    Attributes:
        publisher: who published it; `this project` marks own arithmetic or a planning value.
        title: title of the page or document.
        date: date of publication as far as known.
        url: address, None where it was not retained.
        file: name of a seed document, for the figures of `documents`.
    """

    publisher: str
    title: str
    date: str | None = None
    url: str | None = None
    file: str | None = None

    def __str__(self) -> str:
        return ", ".join(part for part in (self.publisher, self.title, self.date) if part)


@dataclass(frozen=True)
class Figure:
    """One number (or date, or statement) with where it comes from.

    Attributes:
        ref: canonical reference, `seeds/<file>/<id>`.
        what: what is measured.
        value: the number, in `unit`; None where there is only a text or where it is a group.
        text: the statement or date, where there is no number.
        low: lower end of the range, None where none is known.
        high: upper end of the range, None where none is known.
        unit: unit of value, low and high; `text` or `date` without a number, `group` for a group.
        period: what span of time it is about.
        where: what place it is about.
        source: who says so.
        confidence: how far it is to be trusted.
        kind: stated or derived, where that is recorded.
        use: for an outcome, what it is used for.
        topic: heading in its file.
        rivals: references of other figures of the same quantity.
        chosen: whether the model takes this one among its rivals.
        why: why it was chosen.
        note: what else has to be known.
        part_of: id of the group it is a part of.
        parts: references of the parts, where this is a group.
        line: file, line and column.
    """

    ref: str
    what: str
    value: float | None
    text: str | None
    low: float | None
    high: float | None
    unit: str
    period: str
    where: str | None
    source: Source
    confidence: Confidence
    kind: Kind | None
    use: Use | None
    topic: str | None
    rivals: tuple[str, ...]
    chosen: bool
    why: str | None
    note: str | None
    part_of: str | None
    parts: tuple[str, ...]
    line: Where

    @property
    def id(self) -> str:
        """The last part of the reference."""
        return self.ref.rpartition("/")[2]

    @property
    def quantity(self) -> str | None:
        """Value and unit as a scenario would write them, e.g. `12 days`; None without a number."""
        return None if self.value is None else f"{self.value} {self.unit}"

    @property
    def covers_one_year(self) -> bool:
        """Whether the period is one calendar year, so that an amount may stand for a rate per year."""
        return _YEAR.fullmatch(self.period) is not None


_TEXT = (str,)
_NUMBER = (int, float)
_MAYBE = (type(None),)
_KEYS: Mapping[str, tuple[type, ...]] = {
    "id": _TEXT,
    "what": _TEXT,
    "value": _NUMBER + _MAYBE,
    "low": _NUMBER + _MAYBE,
    "high": _NUMBER + _MAYBE,
    "unit": _TEXT,
    "period": _TEXT,
    "source": (dict,),
    "confidence": _TEXT,
}
_MORE_KEYS: Mapping[str, tuple[type, ...]] = {
    "topic": _TEXT,
    "text": _TEXT,
    "where": _TEXT,
    "kind": _TEXT,
    "use": _TEXT,
    "part_of": _TEXT,
    "rivals": (list,),
    "chosen": (bool,),
    "why": _TEXT,
    "note": _TEXT,
}
_SOURCE_KEYS: Mapping[str, tuple[type, ...]] = {
    "publisher": _TEXT,
    "title": _TEXT,
    "date": _TEXT + _MAYBE,
    "url": _TEXT + _MAYBE,
    "file": _TEXT,
}
_WORDS: Mapping[str, type[StrEnum]] = {"confidence": Confidence, "kind": Kind, "use": Use}
_NAMES = {int: "number", float: "number", str: "text", bool: "true or false", dict: "mapping", list: "list"}


def make_figure(entry: Entry, *, name: str, file: str) -> tuple[Figure | None, list[Finding]]:
    """Make a figure from an entry of a seed file.

    Args:
        entry: keys and values as read.
        name: name of the seed file, e.g. `land`.
        file: its path, named in findings.

    Returns:
        The figure, or None where the entry is too wrong to be one; and what is wrong with it.
    """
    label = entry.values.get("id")
    path = f"seeds/{name}/{label}" if isinstance(label, str) else f"seeds/{name}"
    found: list[Finding] = []

    def find(key: str, message: str, expected: str) -> None:
        where = Where(file, entry.lines.get(key, entry.line), 3)
        found.append(Finding("seed-schema", Level.ERROR, where, path, message, expected=expected))

    _check_keys(entry.values, find)
    for key, vocabulary in _WORDS.items():
        value = entry.values.get(key)
        if isinstance(value, str) and value not in set(vocabulary):
            find(key, f"{key} is {value!r}", " | ".join(vocabulary))
    if any(not isinstance(item, str) for item in entry.values.get("rivals") or ()):
        find("rivals", "a rival is not a reference", "seeds/<file>/<id>")
    _check_number_or_text(entry.values, find)
    if found:
        return None, found
    return _figure(entry, name=name, file=file), []


def _check_keys(values: Mapping[str, Any], find: Callable[[str, str, str], None]) -> None:
    for key in (key for key in _KEYS if key not in values):
        find(key, f"{key} is missing", "every figure has " + ", ".join(_KEYS))
    for key, value in values.items():
        types = _KEYS.get(key) or _MORE_KEYS.get(key)
        if types is None:
            find(key, f"a figure has no key {key!r}", ", ".join((*_KEYS, *_MORE_KEYS)))
        elif not _fits(value, types):
            find(key, f"{key} is {value!r}", _names(types))
    source = values.get("source")
    if isinstance(source, dict):
        for key in ("publisher", "title"):
            if key not in source:
                find("source", f"the source has no {key}", "publisher, title, date, and url or file")
        if "url" not in source and "file" not in source:
            find("source", "the source has neither url nor file", "an address, null where it is not known")
        for key, value in source.items():
            if key not in _SOURCE_KEYS or not _fits(value, _SOURCE_KEYS[key]):
                find("source", f"{key} of the source is {value!r}", ", ".join(_SOURCE_KEYS) + ", all text")


def _check_number_or_text(values: Mapping[str, Any], find: Callable[[str, str, str], None]) -> None:
    for key in ("value", "low", "high"):
        if isinstance(values.get(key), float) and not math.isfinite(values[key]):
            find(key, f"{key} is {values[key]}", "a finite number")
    wordy = values.get("unit") in TEXT_UNITS
    if wordy != (values.get("value") is None):
        given = f"value is {values.get('value')!r} with unit {values.get('unit')!r}"
        find("value", given, "a number, or null with unit text or date")
    if wordy != (values.get("text") is not None):
        find("text", "text does not go with the unit", "text with unit text or date, and only with them")
    if wordy and (values.get("low") is not None or values.get("high") is not None):
        find("low", "a text has a range", "low: null, high: null")


def _fits(value: Any, types: tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return bool in types
    return isinstance(value, types)


def _names(types: tuple[type, ...]) -> str:
    names = [_NAMES.get(kind, "null") for kind in types]
    return " or ".join(dict.fromkeys(names))


def _figure(entry: Entry, *, name: str, file: str) -> Figure:
    values = entry.values
    return Figure(
        ref=f"seeds/{name}/{values['id']}",
        what=values["what"],
        value=values["value"],
        text=values.get("text"),
        low=values["low"],
        high=values["high"],
        unit=values["unit"],
        period=values["period"],
        where=values.get("where"),
        source=Source(**values["source"]),
        confidence=Confidence(values["confidence"]),
        kind=Kind(values["kind"]) if "kind" in values else None,
        use=Use(values["use"]) if "use" in values else None,
        topic=values.get("topic"),
        rivals=tuple(values.get("rivals", ())),
        chosen=values.get("chosen", False),
        why=values.get("why"),
        note=values.get("note"),
        part_of=values.get("part_of"),
        parts=(),
        line=Where(file, entry.line, 3),
    )
