"""What a calibration found: parameters with their intervals, targets with what was simulated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Verdict = Literal["identified", "weakly identified", "not identified"]


@dataclass(frozen=True)
class FreeParameter:
    """What a calibration says of one parameter.

    Attributes:
        factor: name.
        unit: of the numbers.
        base: value in the scenario.
        range_low: lower end of the range.
        range_high: upper end.
        value: the most probable value, all parameters together.
        low: lower bound of the interval.
        high: upper bound.
        narrowed: width of the interval as a share of the one that the range alone would give.
        verdict: whether the targets tell it.
        traded_with: the parameter that can make up for it, empty where there is none.
        correlation: with that parameter.
    """

    factor: str
    unit: str
    base: float
    range_low: float
    range_high: float
    value: float
    low: float
    high: float
    narrowed: float
    verdict: Verdict
    traded_with: str
    correlation: float


@dataclass(frozen=True)
class FitRow:
    """Observed against simulated.

    Attributes:
        kpi: name.
        subject: whose.
        unit: unit.
        role: `fitted`, or `held out` where calibration did not see it.
        observed: the target.
        tolerance: its standard deviation.
        before: simulated with the scenario as it stands, on replications that no point was fitted to.
        simulated: simulated with the values found, on the same replications.
        low: lower bound of the interval of `simulated`.
        high: upper bound.
        miss: (simulated − observed) / tolerance.
        without: what the other targets alone predict for this one.
        without_sd: standard deviation of that prediction.
        explained: share of the target's variance over the ranges that the emulator predicts.
    """

    kpi: str
    subject: str
    unit: str
    role: Literal["fitted", "held out"]
    observed: float
    tolerance: float
    before: float
    simulated: float
    low: float
    high: float
    miss: float
    without: float
    without_sd: float
    explained: float


@dataclass(frozen=True)
class Fit:
    """A finished calibration.

    Attributes:
        parameters: in the order asked for.
        targets: in the order of the scenario.
        draws: from the posterior, in the parameters' units, shape (draws, parameters).
        place: coordinates of the values found.
        confidence: of the intervals.
        loss_before: sum of squared misses of the scenario as it stands.
        loss: the same with the values found.
        notes: what a reader should know, such as targets that were left out.
    """

    parameters: tuple[FreeParameter, ...]
    targets: tuple[FitRow, ...]
    draws: Floats
    place: Floats
    confidence: float
    loss_before: float
    loss: float
    notes: tuple[str, ...] = ()
