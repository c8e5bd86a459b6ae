"""Whether compiled passes are at hand: where the compiled engine has run, they cost nothing to load.

The one place that decides; without them every figure is the same, by NumPy alone.
"""

from __future__ import annotations

import sys

ENGINE = "sim.engine.compiled_engine.loop"
"""The module that is loaded once the compiled engine has run, and Numba with it."""


def at_hand() -> bool:
    """Tell whether to take compiled passes."""
    return ENGINE in sys.modules
