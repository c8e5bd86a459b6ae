"""What the commands say of a scenario that lacks what most have: it runs, and its tables are empty."""

from __future__ import annotations

from pathlib import Path

import little
import pytest

PLACES = """\
title: A weather calendar
clock: {start: 2024-01-01, length: 40 d}
experiment: {replications: 2}
places: {a: {country: KZ}}
ports: {p: {at: a, berths: {g: 1}}}
closures: {storm: {ports: [p], share_closed: {jan: 0.3, else: 0.1}, lasts: ~exp 1 d}}
"""
WORSE = "extends: bare.yaml\ntitle: Worse weather\nclosures: {storm: {share_closed: 0.5}}\n"
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
    (tmp_path / "bare.yaml").write_text(PLACES, encoding="utf-8")
    (tmp_path / "worse.yaml").write_text(WORSE, encoding="utf-8")
    (tmp_path / "paths.yaml").write_text(PATHS, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
def test_a_scenario_without_flows_runs_and_its_weather_can_be_looked_at(folder, engine):
    said = little.corridor("run", "bare.yaml", "--records", "--engine", engine, folder=folder)
    assert said.returncode == 0, said.stderr
    assert "nothing that chance decided touched a consignment" in said.stderr
    closed = little.corridor(
        "query", "SELECT mean FROM summary WHERE kpi = 'closed_share'", "--format", "json", folder=folder
    )
    assert '"mean"' in closed.stdout, closed.stderr
    said = little.corridor("report", "bare", folder=folder)
    assert said.returncode == 0, said.stderr


def test_scenarios_without_flows_are_compared_swept_and_asked_about(folder):
    said = little.corridor("compare", "bare.yaml", "worse.yaml", folder=folder)
    assert said.returncode == 0, said.stderr
    assert "no headline figure differs" in said.stdout
    said = little.corridor("sweep", "bare.yaml", "--vary", "experiment.seed=1,2", folder=folder)
    assert said.returncode == 0, said.stderr
    # The tables of a study without figures have no header.
    for name in ("summary", "sweep", "points", "comparison", "why"):
        said = little.corridor("query", f"SELECT count(*) FROM {name}", folder=folder)
        assert said.returncode == 0, said.stderr


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
def test_of_no_train_paths_no_share_is_used(folder, engine):
    said = little.corridor("run", "paths.yaml", "--no-figures", "--engine", engine, folder=folder)
    assert said.returncode == 0, said.stderr
    (table,) = folder.glob("results/paths-*/summary.csv")
    row = next(line for line in table.read_text().splitlines() if line.startswith("utilisation,leg/ab"))
    assert row.split(",")[3] == "0"
