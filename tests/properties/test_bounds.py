"""Compiled code stays within its tables: compiled once more with every index checked, on random corridors.

Numba checks no index by itself, so that a wrong one would read or write other memory, mostly unnoticed.
Checking is switched on before Numba is loaded, hence the process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent

CHECK = """
import harness, small
from corridors import corridors, text
from hypothesis import HealthCheck, given, settings
from numba import config
from sim.chance.draws import draw
from sim.engine import compiled_engine
from sim.measure import measure
from sim.model.compile import compile_model

assert config.BOUNDSCHECK

def passes(model, seed):
    draws = draw(model, seed=seed, replication=0)
    measure(model, compiled_engine.simulate(model, draws), draws.calendars)

@settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(corridors())
def check(corridor):
    passes(compile_model(harness.scenario(text(corridor))), 1)

passes(compile_model(small.Hand(small.crossing(length=2000.0, warmup=500.0))), 3)
check()
print("within bounds")
"""


def test_every_index_is_within_its_table(tmp_path):
    paths = os.pathsep.join([str(HERE), str(HERE.parent), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {
        "NUMBA_BOUNDSCHECK": "1",
        "NUMBA_CACHE_DIR": str(tmp_path),
        "PYTHONPATH": paths,
    }
    done = subprocess.run(
        [sys.executable, "-c", CHECK],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.stdout.strip().endswith("within bounds"), done.stderr[-3000:]
