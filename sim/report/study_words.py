"""What parameters and figures of a study are called on a picture, and what the picture is of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sim.report.adapter import source_words
from sim.report.inputs import Source
from sim.report.names import Names

if TYPE_CHECKING:
    from sim.scenario import Scenario

_KINDS: Final = {"legs": "leg", "facilities": "facility", "ports": "port", "lines": "line", "pools": "pool"}
_STATISTICS: Final = {
    "mean": "mean",
    "max": "greatest",
    "min": "least",
    "sd": "spread of",
    "p10": "10th percentile of",
    "p50": "median",
    "p90": "90th percentile of",
    "p95": "95th percentile of",
}
_DAYS: Final = ("transit_time", "round_trip")
"""Times that a reader thinks of in days."""


def study_source(
    scenario: Scenario, *, replications: int, confidence: float, title: str = "", warning: str = ""
) -> Source:
    """Say what a study's picture is of."""
    document = scenario.document
    return Source(
        title or document.title,
        replications,
        document.clock.start,
        document.clock.length / 3600,
        confidence,
        source_words(scenario.resolved()),
        warning,
    )


def parameter(path: str, names: Names, *, turned: int = 1) -> str:
    """Give the name of a parameter, or of a figure that several parameters read.

    Args:
        path: dotted path, or `seeds/…`.
        names: titles of the scenario's elements.
        turned: how many parameters it turns.
    """
    if path.startswith("seeds/"):
        text = path.removeprefix("seeds/").replace("-", " ")
        return f"{text} ({turned} parameters)" if turned > 1 else text
    section, _, rest = path.partition(".")
    if section == "levers":
        return f"lever {rest.replace('-', ' ')}"
    key, _, tail = rest.partition(".")
    if section in _KINDS:
        title = names.title(f"{_KINDS[section]}/{key}")
    elif section in ("routes", "flows", "closures"):
        title = names.title(f"route/{key}") if section == "routes" else names.spelt(key)
    else:
        return path.replace(".", " ").replace("-", " ")
    words = tail.removesuffix(".mean").replace(".", " ").replace("_", " ").replace("-", " ")
    more = f" and {turned - 1} more" if turned > 1 else ""
    return f"{title}{more}: {words}"


def figure_words(kpi: str, subject: str, names: Names) -> str:
    """Name a figure of a run: `mean transit time, Xi'an – Poti`."""
    name, _, statistic = kpi.partition(".")
    words = name.replace("_", " ")
    lead = _STATISTICS.get(statistic, statistic)
    # A sum over subjects has the name that its scenario gives it.
    summed = "/" not in subject or " + " in subject
    whose = "whole corridor" if subject == "total" else subject if summed else names.title(subject)
    return f"{lead} {words}, {whose}".strip() if lead else f"{words}, {whose}"


def scaled(kpi: str, unit: str, values: Sequence[float] = ()) -> tuple[float, str]:
    """Give the factor and the unit in which a figure is drawn: long times in days, shares in per cent."""
    if unit == "share":
        return 100.0, "%"
    if unit == "h" and (kpi.partition(".")[0] in _DAYS or any(abs(value) >= 48 for value in values)):
        return 1 / 24, "d"
    return 1.0, unit
