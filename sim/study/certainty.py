"""How sure the differences of a comparison are, beyond each interval alone.

For every headline figure: an interval that holds together with all the others (Bonferroni), the variance that
pairing on common random numbers saved, and the probability that the other scenario is the better one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.scenario import vocabulary
from sim.statistics.comparison import paired_columns
from sim.statistics.multiplicity import shared_confidence
from sim.study.compare import Contrast
from sim.study.headline import Key
from sim.study.summary import Matrix


@dataclass(frozen=True)
class Certainty:
    """How sure one headline difference is.

    Attributes:
        scenario: which other scenario.
        kpi: name.
        subject: whose.
        unit: unit of the difference.
        n: pairs.
        difference: mean of other − base.
        low_together: lower bound of an interval that holds at once with those of the whole family.
        high_together: upper bound.
        better: whether `higher` or `lower` is the better of this figure.
        probability_better: probability that the other scenario's mean is the better one.
        variance_reduction: variance that independent draws would give, over the one that pairing gave.
    """

    scenario: str
    kpi: str
    subject: str
    unit: str
    n: int
    difference: float
    low_together: float
    high_together: float
    better: vocabulary.Better
    probability_better: float
    variance_reduction: float


def certainties(contrast: Contrast, figures: Sequence[tuple[str, Matrix]]) -> tuple[Certainty, ...]:
    """Say how sure the headline differences are.

    Args:
        contrast: the comparison.
        figures: name and figures of each scenario, the base first.

    Returns:
        One for each headline figure that both scenarios have, in the order of the family.
    """
    family = contrast.headline()
    # As many intervals hold at once as are asked of all scenarios together.
    level = shared_confidence(contrast.confidence, max(1, len(family)))
    matrices = dict(figures)
    found = []
    for row in family:
        base, other = (_column(matrices[name], row.key) for name in (contrast.base, row.scenario))
        if base is None or other is None:
            continue
        pairs = slice(0, contrast.replications)
        better = vocabulary.better(row.kpi)
        made = paired_columns(
            base[pairs, np.newaxis], other[pairs, np.newaxis], confidence=level, better=better
        )[0]
        found.append(
            Certainty(
                row.scenario,
                row.kpi,
                row.subject,
                row.unit,
                made.n,
                made.difference,
                made.low,
                made.high,
                better,
                made.probability_better,
                made.variance_reduction,
            )
        )
    return tuple(found)


def typical_reduction(rows: Sequence[Certainty]) -> float:
    """Give the median variance reduction over the figures that vary; NaN where none does."""
    known = [row.variance_reduction for row in rows if math.isfinite(row.variance_reduction)]
    return float(np.median(known)) if known else math.nan


def _column(matrix: Matrix, key: Key) -> np.ndarray | None:
    return matrix.values[:, matrix.keys.index(key)] if key in matrix.keys else None
