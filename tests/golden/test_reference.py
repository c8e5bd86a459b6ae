"""The reference result in results/reference is what a fresh run of today's code gives.

Compared within a small part of each figure's spread, not byte for byte: NumPy's transcendental functions may
differ in the last bit from one processor to another, and a bit can move a rounded second.
"""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import pytest

import sim

REFERENCE = Path(__file__).parents[2] / "results" / "reference"
COLUMNS = ("kpi", "subject", "unit")


def rows(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return {tuple(row[name] for name in COLUMNS): row for row in csv.DictReader(lines)}


@pytest.mark.timeout(900)
def test_a_fresh_run_of_the_baseline_gives_the_reference_summary(tmp_path):
    (stored,) = REFERENCE.glob("baseline-*")
    manifest = json.loads((stored / "manifest.json").read_text(encoding="utf-8"))
    fresh = sim.run("baseline", replications=manifest["replications"]["finished"], out=tmp_path, jobs=1)
    assert fresh.path.name == stored.name, "the scenario has changed: make the reference again"
    expected, got = rows(stored / "summary.csv"), rows(fresh.path / "summary.csv")
    assert got.keys() == expected.keys()
    for key, row in expected.items():
        mean, sd = float(row["mean"] or "nan"), float(row["sd"] or "nan")
        now = float(got[key]["mean"] or "nan")
        if math.isnan(mean):
            assert math.isnan(now), key
        else:
            spread = 0.0 if math.isnan(sd) else sd
            assert now == pytest.approx(mean, rel=0.01, abs=0.1 * spread + 1e-9), key
