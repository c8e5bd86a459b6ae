"""The room stays light: names load on first use, and scipy.stats never."""

import subprocess
import sys

import pytest

import sim.statistics

USE = """
import sys
import sim.statistics
assert "numpy" not in sys.modules, "numpy at import"
from sim.statistics import bootstrap_interval, growth, kim_nelson, paired, replications_needed, t_interval
import numpy as np
t_interval([1, 2, 3]); paired([1, 2, 3], [1, 2, 4]); replications_needed([1.0] * 20)
bootstrap_interval([1, 2, 3], np.mean); growth(np.arange(20.0), np.arange(20.0))
kim_nelson(lambda i, r: float(i), 2, indifference=0.5)
assert "scipy.stats" not in sys.modules, "scipy.stats"
"""


def test_nothing_heavy_is_imported():
    done = subprocess.run([sys.executable, "-c", USE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_public_name_is_there():
    for name in sim.statistics.__all__:
        assert getattr(sim.statistics, name) is not None
    assert set(dir(sim.statistics)) == set(sim.statistics.__all__)


def test_an_unknown_name_is_named():
    with pytest.raises(AttributeError, match="no_such"):
        _ = sim.statistics.no_such
