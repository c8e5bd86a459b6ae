"""Which figures may be watched: names held against the vocabulary and the scenario before anything is run.

What a run then gives is picked in `watched`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from sim.errors import UsageError
from sim.scenario.findings import listed, nearest
from sim.scenario.vocabulary import CARGO, COMPARED, KPIS, likeliest, subjects_of, told_of
from sim.study.watched import parted

if TYPE_CHECKING:
    from sim.scenario.document import Document


class Refusal(NamedTuple):
    """Why a text names no figure.

    Attributes:
        code: of a finding.
        message: what is wrong.
        expected: what would have been right.
        hint: the nearest legal name, or ''.
    """

    code: str
    message: str
    expected: str
    hint: str = ""


def refused(text: str, documents: Sequence[Document], *, compared: bool = False) -> Refusal | None:
    """Say why a text names no figure of any of the scenarios; None where it may.

    Args:
        text: `kpi`, `kpi of subject` or `kpi of subject in unit`, as `watched` takes it.
        documents: the scenarios.
        compared: whether they are compared, which tells more than a run of each.
    """
    kpi, subject, unit = parted(text)
    if compared and kpi in COMPARED:
        return None
    name, dot, statistic = kpi.partition(".")
    meaning = KPIS.get(name)
    if meaning is None or (dot and statistic not in meaning.statistics):
        near = likeliest(kpi)
        # What only a comparison tells is no figure of a run, however near its name.
        hint = f"did you mean '{near}'?" if near not in ("", *COMPARED) else ""
        return Refusal("unknown-kpi", f"no KPI '{kpi}' is known", "name, or name.statistic", hint)
    if unit and not any(fnmatchcase(each, unit) for each in meaning.units):
        return Refusal("bad-value", f"{kpi} is not measured in {unit}", listed(meaning.units))
    there = {each for document in documents for each in subjects(document)}
    may = {each for each in there if told_of(kpi, each)}
    if not subject or any(fnmatchcase(each, subject) for each in may):
        return None
    expected = subjects_of(kpi)
    if any(fnmatchcase(each, subject) for each in there):
        return Refusal("bad-value", f"{subject} has no {kpi}", expected)
    return Refusal("dangling-id", f"there is no subject '{subject}'", expected, nearest(subject, may))


def refuse_unknown(watch: Iterable[str], document: Document) -> None:
    """Stop where a text names no figure of the scenario.

    Raises:
        UsageError: the first such text, with the nearest legal name.
    """
    for text in watch:
        found = refused(text, [document])
        if found is not None:
            message = f"cannot watch {text}: {found.message}; {found.hint or f'expected {found.expected}'}"
            raise UsageError(message)


def subjects(document: Document) -> Iterator[str]:
    """List what a figure of a scenario may be about."""
    yield "total"
    sections: dict[str, Iterable[str]] = {
        "flow": document.flows,
        "route": document.routes,
        "leg": document.legs,
        "facility": document.facilities,
        "line": document.lines,
        "port": document.ports,
        "pool": document.pools,
        "country": {place.country for place in document.places.values() if place.country},
        "cargo": CARGO,
    }
    for kind, ids in sections.items():
        yield from (f"{kind}/{each}" for each in ids)
    for port, what in document.ports.items():
        yield from (f"port/{port}/{group}" for group in what.berths)
