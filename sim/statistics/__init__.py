"""How sure we are: intervals, warm-up, stopping, comparison, selection, stationarity.

Pure functions of arrays, usable alone; no scenario, no run, no file and no plot may enter, and nothing of
`scipy.stats`, which costs a second at import. Names are loaded when first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.statistics import (
        comparison,
        intervals,
        multiplicity,
        queueing,
        selection,
        stationarity,
        stopping,
        warmup,
    )
    from sim.statistics.comparison import (
        IndependentDifference,
        PairedDifference,
        PairedDifferences,
        independent,
        paired,
        paired_columns,
    )
    from sim.statistics.intervals import (
        BootstrapInterval,
        Interval,
        Intervals,
        Quantile,
        bootstrap_interval,
        simultaneous_intervals,
        t_interval,
        t_intervals,
    )
    from sim.statistics.multiplicity import adjust, bonferroni, holm, shared_confidence
    from sim.statistics.selection import Selection, kim_nelson, ocba, ocba_select
    from sim.statistics.stationarity import Growth, Stretch, growing_stretches, growth
    from sim.statistics.stopping import Decision, Needed, PrecisionRule, replications_needed
    from sim.statistics.warmup import Mser5, mser5, welch

_MODULES = (
    "comparison",
    "intervals",
    "multiplicity",
    "queueing",
    "selection",
    "stationarity",
    "stopping",
    "warmup",
)

_HOME = {
    "BootstrapInterval": "intervals",
    "Decision": "stopping",
    "Growth": "stationarity",
    "IndependentDifference": "comparison",
    "Interval": "intervals",
    "Intervals": "intervals",
    "Mser5": "warmup",
    "Needed": "stopping",
    "PairedDifference": "comparison",
    "PairedDifferences": "comparison",
    "PrecisionRule": "stopping",
    "Quantile": "intervals",
    "Selection": "selection",
    "Stretch": "stationarity",
    "adjust": "multiplicity",
    "bonferroni": "multiplicity",
    "bootstrap_interval": "intervals",
    "growing_stretches": "stationarity",
    "growth": "stationarity",
    "holm": "multiplicity",
    "independent": "comparison",
    "kim_nelson": "selection",
    "mser5": "warmup",
    "ocba": "selection",
    "ocba_select": "selection",
    "paired": "comparison",
    "paired_columns": "comparison",
    "replications_needed": "stopping",
    "shared_confidence": "multiplicity",
    "simultaneous_intervals": "intervals",
    "t_interval": "intervals",
    "t_intervals": "intervals",
    "welch": "warmup",
}

__all__ = [
    "BootstrapInterval",
    "Decision",
    "Growth",
    "IndependentDifference",
    "Interval",
    "Intervals",
    "Mser5",
    "Needed",
    "PairedDifference",
    "PairedDifferences",
    "PrecisionRule",
    "Quantile",
    "Selection",
    "Stretch",
    "adjust",
    "bonferroni",
    "bootstrap_interval",
    "comparison",
    "growing_stretches",
    "growth",
    "holm",
    "independent",
    "intervals",
    "kim_nelson",
    "mser5",
    "multiplicity",
    "ocba",
    "ocba_select",
    "paired",
    "paired_columns",
    "queueing",
    "replications_needed",
    "selection",
    "shared_confidence",
    "simultaneous_intervals",
    "stationarity",
    "stopping",
    "t_interval",
    "t_intervals",
    "warmup",
    "welch",
]


def __getattr__(name: str) -> object:
    """Load a public name, or a module of this room, on first use."""
    if name in _MODULES:
        return import_module(f"sim.statistics.{name}")
    if name in _HOME:
        return getattr(import_module(f"sim.statistics.{_HOME[name]}"), name)
    message = f"module 'sim.statistics' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted(__all__)
