"""Numbers that a scenario claims of its own figures, in the unit in which the figure is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from sim.errors import UsageError
from sim.scenario import vocabulary
from sim.study.headline import Key
from sim.units import YEAR_HOURS, Dimension, UnitError, dimension, product, unit

if TYPE_CHECKING:
    from sim.scenario.document import Document, Target

_YEAR: Final = YEAR_HOURS * 3600.0
_PER_YEAR: Final = 1.0 / _YEAR
_ANY_YEAR: Final = (("time", 1),)
COUNTED: Final = {"wagon": "wagons", "truck": "trucks", "train": "trains"}
"""Measures in which no figure is given: they follow from consignments and the size of one."""
CONSIGNMENTS: Final = "consignments"


@dataclass(frozen=True)
class Claimed:
    """What a claim is about.

    Attributes:
        key: the figure; of a sum the KPI, what the sum is called, and the unit.
        parts: figures of a run, each with the factor by which it counts; their sum is the figure.
        factor: turns base units of the claim into the figure's unit.
    """

    key: Key
    parts: tuple[tuple[Key, float], ...]
    factor: float


def measured_as(keys: Sequence[Key], kpi: str, subject: str, *, written: str) -> tuple[Key, float]:
    """Find the figure that a claim is about.

    Args:
        keys: all figures of a run.
        kpi: name.
        subject: whose.
        written: unit of the claim; an amount may stand for a rate per year.

    Returns:
        The figure, and the factor that turns base units of the claim into the figure's unit.

    Raises:
        UsageError: there is no such figure, or none in a unit like that of the claim.
    """
    some = [key for key in keys if key.kpi == kpi and key.subject == subject]
    if not some:
        near = get_close_matches(f"{kpi} of {subject}", [f"{key.kpi} of {key.subject}" for key in keys], n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        message = f"no figure {kpi} of {subject}{hint}"
        raise UsageError(message)
    claimed = _dimension(written)
    for per_year in (False, True):
        for key in some:
            known = _unit(key.unit)
            wanted = product((claimed, 1), (_ANY_YEAR, -1)) if per_year else claimed
            if known is not None and known[0] == wanted:
                return key, (_PER_YEAR if per_year else 1.0) / known[1]
    units = ", ".join(key.unit for key in some)
    message = f"{kpi} of {subject} is measured in {units}, not in {written or 'plain numbers'}"
    raise UsageError(message)


def needed(target: Target) -> tuple[str, ...]:
    """Name the figures of a run that a target needs, as `sim.study.watched` reads them."""
    if counted(target) is not None:
        kpi = "delivered" if target.kpi == "throughput" else target.kpi
        return tuple(f"{kpi} of {subject} in {CONSIGNMENTS}" for subject in target.subjects)
    return tuple(f"{target.kpi} of {subject} in *" for subject in target.subjects or (target.of,))


def counted(target: Target) -> str | None:
    """Give the measure that a target counts in where no figure is given in it: wagons, trucks or trains."""
    if not all(subject.startswith("flow/") for subject in target.subjects):
        return None
    if target.kpi not in vocabulary.COUNTED:
        return None
    claimed = _dimension(target.unit)
    for name, measure in COUNTED.items():
        if claimed in (dimension(**{name: 1}), dimension(**{name: 1, "time": -1})):
            return measure
    return None


def claimed(target: Target, keys: Sequence[Key], document: Document) -> Claimed:
    """Find what a target is about: one figure, or a sum of figures.

    Wagons, trucks and trains of flows are counted as consignments, each with its size: as offered, and for
    `throughput` as it arrives.

    Args:
        target: of the scenario.
        keys: all figures of a run.
        document: the scenario, for sizes of consignments and the length of the window.

    Raises:
        UsageError: there is no such figure, none in a unit like that of the target, or a flow's consignments
            arrive in different sizes by different routes.
    """
    measure = counted(target)
    if measure is not None:
        return _counted(target, keys, document, measure)
    found = [
        measured_as(keys, target.kpi, subject, written=target.unit)
        for subject in target.subjects or (target.of,)
    ]
    units = {key.unit for key, _ in found}
    if len(units) > 1:
        message = f"{target.kpi} of {target.of} is measured in {', '.join(sorted(units))}: no sum"
        raise UsageError(message)
    first, factor = found[0]
    return Claimed(Key(first.kpi, target.of, first.unit), tuple((part, 1.0) for part, _ in found), factor)


def _counted(target: Target, keys: Sequence[Key], document: Document, measure: str) -> Claimed:
    passing = target.kpi == "throughput"
    per_time = ("time", -1) in _dimension(target.unit)
    rate = passing or per_time
    years = document.clock.length / _YEAR if rate else 1.0
    known = set(keys)
    parts = []
    for subject in target.subjects:
        key = Key("delivered" if passing else target.kpi, subject, CONSIGNMENTS)
        if key not in known:
            message = f"no figure {key.kpi} of {subject}"
            raise UsageError(message)
        size = _size(document, subject.removeprefix("flow/"), measure, arriving=passing)
        parts.append((key, size / years))
    whole = f"{measure}/yr" if rate else measure
    return Claimed(Key(target.kpi, target.of, whole), tuple(parts), _YEAR if per_time else 1.0)


def _size(document: Document, flow: str, measure: str, *, arriving: bool) -> float:
    """Give how many wagons, trucks or trains one consignment of a flow is."""
    carried: Mapping[str, float] = {
        str(name): size for name, size in document.flows[flow].consignment.items()
    }
    size = carried.get(measure, 0.0)
    if not size:
        message = f"a consignment of flow/{flow} has no {measure}"
        raise UsageError(message)
    if not arriving:
        return size
    factors = {_grown(document, route, measure) for route in _routes(document, flow)} or {1.0}
    if max(factors) > 1.001 * min(factors):
        message = f"{measure} of flow/{flow} arrive in different numbers by different routes: no sum"
        raise UsageError(message)
    return size * min(factors)


def _routes(document: Document, flow: str) -> tuple[str, ...]:
    choice = document.flows[flow].choice
    named = (*choice.shares, *(entry.route for entry in choice.cascade), *choice.options)
    return tuple(name for name in named if document.routes[name].steps)


def _grown(document: Document, route: str, measure: str) -> float:
    """Give by what a measure is multiplied on a route."""
    factor = 1.0
    for step in document.routes[route].steps:
        facility = document.facilities.get(step)
        if facility is not None:
            factor *= {str(name): by for name, by in facility.changes.items()}.get(measure, 1.0)
    return factor


def _dimension(written: str) -> Dimension:
    found = _unit(written)
    return () if found is None else found[0]


def _unit(text: str) -> tuple[Dimension, float] | None:
    if not text:
        return (), 1.0
    try:
        known = unit(text)
    except UnitError:
        return None
    return known.dimension, known.factor
