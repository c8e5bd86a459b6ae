"""Which differences are drawn: from the rows of a comparison to the rows of a forest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sim.report.inputs import Difference
from sim.study.compare import surest

if TYPE_CHECKING:
    from sim.report.adapter import Results
    from sim.study.compare import ComparisonRow, Contrast, Newcomer

_SHOWN: Final[dict[str, tuple[str, int]]] = {
    "lost": ("delivered less", 1),
    "shut_in": ("shut in", 1),
    "extra_cost": ("extra cost", 1),
    "throughput": ("throughput", 8),
    "transit_time.mean": ("transit time", 6),
    "on_promise": ("on promise", 3),
    "load_factor.mean": ("load factor", 2),
    "wait.mean": ("wait", 3),
}
"""Words for a headline KPI and how many of its rows are drawn at most."""

_NEW: Final = 3
"""New routes set beside the ones they take cargo from."""

_OTHERS: Final = 6
"""Rows drawn of a KPI that is not of the usual family, where others are watched."""


def differences(contrast: Contrast, scenario: str, results: Results) -> list[Difference]:
    """Pick the differences to draw of one scenario.

    Args:
        contrast: all differences.
        scenario: name of the other scenario.
        results: of the other scenario, for titles.

    Returns:
        Headline rows by KPI, in the order of the family; within a KPI the surest first, background and
        what is the same last, and rows that no longer fit are left out. New routes stand beside those
        they take cargo from. Shares are in percent, long times in days.
    """
    groups: dict[str, list[ComparisonRow]] = {}
    for row in asked(contrast, scenario):
        if row.base != 0 or row.other != 0:
            groups.setdefault(row.kpi, []).append(row)
    found = []
    for kpi, group in groups.items():
        words, most = _SHOWN.get(kpi, (_spelt(kpi), _OTHERS))
        # Totals are always among those drawn, wherever they stand.
        order = sorted(group, key=lambda row: (row.subject in contrast.background, *surest(row)))
        kept = sorted(order, key=lambda row: not row.subject.startswith(("total", "cargo/")))[:most]
        if kpi == "transit_time.mean":
            found += _against_rivals(contrast.newcomers.get(scenario, ()), results)
        found += [_drawn(row, words, _title(row.subject, results, contrast)) for row in order if row in kept]
    return found


def asked(contrast: Contrast, scenario: str) -> list[ComparisonRow]:
    """Give the figures that were asked of one scenario and have a value in both."""
    return [row for row in contrast.headline() if row.scenario == scenario and math.isfinite(row.difference)]


def transit_changes(contrast: Contrast, scenario: str, base: Results, other: Results) -> list[Difference]:
    """Give what is known of how one scenario changes the transit times of routes.

    Args:
        contrast: all differences.
        scenario: name of the other scenario.
        base: results of the base.
        other: of the other scenario.

    Returns:
        Paired differences in hours, each labelled with its route's title; without the routes that are not
        stationary in one of the two, where a mean says no more than how long the window is.
    """
    growing = base.unsteady | other.unsteady
    return [
        Difference(
            label=other.names.title(row.subject),
            unit=row.unit,
            base=row.base,
            other=row.other,
            difference=row.difference,
            low=row.low,
            high=row.high,
            p_adjusted=row.p_adjusted,
        )
        for row in contrast.of(scenario).values()
        if row.kpi == "transit_time.mean"
        and row.subject.startswith("route/")
        and row.subject not in growing
        and math.isfinite(row.difference)
    ]


def _against_rivals(newcomers: Sequence[Newcomer], results: Results) -> list[Difference]:
    """Set the times of new routes against those of the routes they take cargo from, the largest first."""
    names = results.names
    timed = [(new, new.time) for new in newcomers if new.time is not None]
    return [
        replace(
            _drawn(
                time,
                "transit time",
                f"{names.title(new.route)} against {names.title(new.rival)}",
            ),
            # They are no part of the family: corrected among themselves (Bonferroni).
            p_adjusted=min(1.0, time.p * len(timed)),
        )
        for new, time in timed[:_NEW]
    ]


def _title(subject: str, results: Results, contrast: Contrast) -> str:
    """Name a subject; of a sum over everything say that it counts what is not the corridor's own."""
    title = results.names.title(subject)
    return f"{title}, background too" if subject == "total" and contrast.background else title


def _drawn(row: ComparisonRow, words: str, title: str) -> Difference:
    """Give a row in the unit in which it reads well."""
    scale, unit = _readable(row)
    whose = title[:1].lower() + title[1:] if row.subject.startswith(("total", "cargo/")) else title
    return Difference(
        label=f"{words}, {whose}",
        unit=unit,
        base=scale * row.base,
        other=scale * row.other,
        difference=scale * row.difference,
        low=scale * row.low,
        high=scale * row.high,
        p_adjusted=row.p_adjusted,
    )


def _spelt(kpi: str) -> str:
    name, _, statistic = kpi.partition(".")
    words = name.replace("_", " ")
    return f"{words} ({statistic})" if statistic else words


def _readable(row: ComparisonRow) -> tuple[float, str]:
    """Give the factor and the unit in which a row reads well."""
    most = max(abs(row.base), abs(row.other))
    if row.unit == "share":
        return 100.0, "%"
    if row.unit == "Mt/yr" and most < 1:
        return 1000.0, "kt/yr"
    if row.unit in ("t", "t/yr") and most >= 1e6:
        return 1e-6, f"M{row.unit}"
    if row.unit in ("t", "t/yr") and most >= 1e4:
        return 0.001, f"k{row.unit}"
    if row.unit == "h" and row.kpi.startswith("transit_time"):
        return 1 / 24, "d"
    return 1.0, row.unit
