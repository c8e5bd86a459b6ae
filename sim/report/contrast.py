"""Which differences are drawn: from the rows of a comparison to the rows of a forest."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal

from sim.report.inputs import Difference

if TYPE_CHECKING:
    from sim.report.adapter import Results
    from sim.study.compare import ComparisonRow, Contrast

Better = Literal["higher", "lower"] | None

_SHOWN: Final[dict[str, tuple[str, int, Better]]] = {
    "throughput": ("throughput", 5, "higher"),
    "transit_time.mean": ("transit time", 6, "lower"),
    "on_promise": ("on promise", 3, "higher"),
    "load_factor.mean": ("load factor", 3, None),
    "shut_in": ("shut in", 1, "lower"),
}
"""Words for a headline KPI, how many of its rows are drawn at most, and which direction is welcome."""


def differences(contrast: Contrast, scenario: str, results: Results) -> list[Difference]:
    """Pick the differences to draw of one scenario.

    Args:
        contrast: all differences.
        scenario: name of the other scenario.
        results: of the other scenario, for titles and for the rank of its routes.

    Returns:
        Headline rows by KPI; of each KPI the total, then the surely different ones, then the most
        important routes, last what is the same. Shares are in percent.
    """
    rows = [row for row in contrast.headline() if row.scenario == scenario and math.isfinite(row.difference)]
    rank = {subject: place for place, subject in enumerate(results.routes)}

    def order(row: ComparisonRow) -> tuple[bool, bool, bool, int, str]:
        return (
            row.subject != "total",
            not row.p_adjusted < 0.05,
            row.difference == 0,
            rank.get(row.subject, len(rank)),
            row.subject,
        )

    found = []
    for kpi, (words, most, better) in _SHOWN.items():
        some = [row for row in rows if row.kpi == kpi and not (row.base == 0 and row.other == 0)]
        for row in sorted(some, key=order)[:most]:
            scale, unit = _readable(row)
            name = results.names.title(row.subject)
            found.append(
                Difference(
                    label=f"{words}, {name[:1].lower() + name[1:] if row.subject == 'total' else name}",
                    unit=unit,
                    base=scale * row.base,
                    other=scale * row.other,
                    difference=scale * row.difference,
                    low=scale * row.low,
                    high=scale * row.high,
                    p_adjusted=row.p_adjusted,
                    better=better,
                )
            )
    return found


def _readable(row: ComparisonRow) -> tuple[float, str]:
    """Give the factor and the unit in which a row reads well."""
    if row.unit == "share":
        return 100.0, "%"
    if row.unit == "Mt/yr" and max(abs(row.base), abs(row.other)) < 1:
        return 1000.0, "kt/yr"
    if row.unit == "t/yr" and max(abs(row.base), abs(row.other)) >= 1e4:
        return 0.001, "kt/yr"
    return 1.0, row.unit
