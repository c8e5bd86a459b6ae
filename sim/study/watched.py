"""Which figures of a run a study keeps and looks at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from sim.errors import UsageError
from sim.study.headline import PREFERRED_UNITS, Key, headline
from sim.study.outcome import Table, numbers_of
from sim.study.summary import keys_of


def watched(keys: Sequence[Key], wanted: Sequence[str] = ()) -> tuple[Key, ...]:
    """Pick the figures that a study watches.

    Args:
        keys: all figures of a run.
        wanted: `kpi`, or `kpi of subject` where the subject may have `*`, or `kpi of subject in unit`, where
            `*` is every unit. A KPI without its statistic is every statistic of it. A KPI alone means its
            headline figures, or those of all its subjects where it has none. Without any the headline family.

    Returns:
        The figures, each once, in the order asked for; one unit of each unless it is named.

    Raises:
        UsageError: a text fits no figure.
    """
    if not wanted:
        return tuple(headline(keys))
    found: dict[Key, None] = {}
    for text in wanted:
        found.update(dict.fromkeys(_matching(keys, text)))
    return tuple(found)


def parted(text: str) -> tuple[str, str, str]:
    """Part `kpi of subject in unit` into its three, '' for what is not said."""
    kpi, _, rest = text.strip().partition(" of ")
    subject, _, unit = rest.partition(" in ")
    if not rest and " in " in kpi:
        kpi, _, unit = kpi.partition(" in ")
    return kpi.strip(), subject.strip(), unit.strip()


def _matching(keys: Sequence[Key], text: str) -> list[Key]:
    kpi, subject, unit = parted(text)
    some = [
        key
        for key in keys
        if _is(key, kpi) and fnmatchcase(key.subject, subject or "*") and fnmatchcase(key.unit, unit or "*")
    ]
    if not some:
        raise UsageError(_unknown(keys, text, kpi=kpi, subject=subject))
    if unit:
        return some
    if not subject and (family := [key for key in headline(keys) if _is(key, kpi)]):
        return family
    return _one_unit(some)


def _is(key: Key, kpi: str) -> bool:
    """Tell whether a figure is of a KPI, named with its statistic or without."""
    return kpi in (key.kpi, key.kpi.partition(".")[0])


def _one_unit(keys: Iterable[Key]) -> list[Key]:
    best: dict[tuple[str, str], Key] = {}
    for key in keys:
        known = best.get((key.kpi, key.subject))
        if known is None or _rank(key) < _rank(known):
            best[key.kpi, key.subject] = key
    return sorted(best.values())


def _rank(key: Key) -> tuple[int, str]:
    known = key.unit in PREFERRED_UNITS
    return PREFERRED_UNITS.index(key.unit) if known else len(PREFERRED_UNITS), key.unit


def _unknown(keys: Sequence[Key], text: str, *, kpi: str, subject: str) -> str:
    names = sorted({name for key in keys for name in (key.kpi, key.kpi.partition(".")[0])})
    if kpi not in names:
        near = get_close_matches(kpi, names, n=1, cutoff=0.4)
        hint = f"; did you mean {near[0]}?" if near else ""
        return f"no figure {text}{hint}"
    subjects = sorted({key.subject for key in keys if _is(key, kpi)})
    near = get_close_matches(subject, subjects, n=1, cutoff=0.4)
    hint = f"; did you mean {near[0]}?" if near else f"; {kpi} has {', '.join(subjects[:5])}"
    return f"{kpi} has no subject {subject}{hint}"


def values_of(kpis: Table, keys: Sequence[Key]) -> NDArray[np.float64]:
    """Give the values of some figures of one replication, NaN where it has none."""
    read = dict(zip(keys_of(kpis), numbers_of(kpis, "value").tolist(), strict=True))
    return np.array([read.get(key, np.nan) for key in keys], dtype=np.float64)
