"""What the commands say of a scenario that lacks what most have: it runs, and its tables are empty."""

from __future__ import annotations

from pathlib import Path

import little
import pytest

PATHS = """\
title: A leg without train paths
clock: {start: 2024-01-01, length: 10 d}
places: {a: {country: KZ}, b: {country: AZ}}
legs: {ab: {from: a, to: b, distance: 100 km, speed: 500 km/d, train_paths: 0 trains/day}}
routes: {w: {from: a, direction: west, steps: [ab]}}
flows: {x: {volume: 36 kt/yr, consignment: {t: 100, trains: 1}, choice: {shares: {w: 1}}}}
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "paths.yaml").write_text(PATHS, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
def test_of_no_train_paths_no_share_is_used(folder, engine):
    said = little.corridor("run", "paths.yaml", "--no-figures", "--engine", engine, folder=folder)
    assert said.returncode == 0, said.stderr
    (table,) = folder.glob("results/paths-*/summary.csv")
    row = next(line for line in table.read_text().splitlines() if line.startswith("utilisation,leg/ab"))
    assert row.split(",")[3] == "0"
