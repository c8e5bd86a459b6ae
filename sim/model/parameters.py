"""Parameters that may change in mid-run, as paths over time.

A parameter is an index into one table. Its path is a base value and a list of changes; between two
changes the value is constant, or linear where an intervention ramps. Engines apply the changes as
class-0 events; measures and draws read whole paths. Nothing here knows what a parameter means.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

import numpy as np
from numpy.typing import NDArray

Param = NewType("Param", int)
"""Index of a parameter in a `ParameterTable`."""

NONE = Param(-1)
"""The parameter that an element does not have (no limit, no rule)."""

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class ParameterTable:
    """All parameters with their paths.

    Attributes:
        names: dotted path in the scenario of each parameter.
        base: value of each at the start of the run, shape (P,).
        time: seconds from the clock's start of each change, ascending, shape (C,).
        index: which parameter changes, shape (C,).
        value: its value from then on, shape (C,).
        slope: its slope per second from then on (0 unless ramping), shape (C,).
    """

    names: tuple[str, ...]
    base: FloatArray
    time: IntArray
    index: IntArray
    value: FloatArray
    slope: FloatArray

    def path(self, parameter: int) -> tuple[IntArray, FloatArray, FloatArray]:
        """Give the changes of one parameter.

        Returns:
            Times in seconds, values and slopes; the base value is not among them.
        """
        chosen = self.index == parameter
        return self.time[chosen], self.value[chosen], self.slope[chosen]

    def at(self, parameter: int, times: IntArray) -> FloatArray:
        """Read one parameter at given times.

        Args:
            parameter: index in the table.
            times: seconds from the clock's start, any shape.

        Returns:
            Values, in base units, of the shape of `times`. A change at t is in force at t.
        """
        since, values, slopes = self.path(parameter)
        if len(since) == 0:
            return np.full(np.shape(times), self.base[parameter])
        step = np.searchsorted(since, times, side="right") - 1
        known = np.maximum(step, 0)
        current = values[known] + slopes[known] * (times - since[known])
        return np.where(step < 0, self.base[parameter], current)

    def varies(self, parameter: int) -> bool:
        """Tell whether a parameter changes during the run."""
        return bool((self.index == parameter).any())
