"""Numbers that a scenario claims of its own figures, in the unit in which the figure is measured."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from sim.errors import UsageError
from sim.study.headline import Key
from sim.units import YEAR_HOURS, Dimension, UnitError, product, unit

_PER_YEAR = 1.0 / (YEAR_HOURS * 3600.0)


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
            wanted = product((claimed, 1), ((("time", 1),), -1)) if per_year else claimed
            if known is not None and known[0] == wanted:
                return key, (_PER_YEAR if per_year else 1.0) / known[1]
    units = ", ".join(key.unit for key in some)
    message = f"{kpi} of {subject} is measured in {units}, not in {written or 'plain numbers'}"
    raise UsageError(message)


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
