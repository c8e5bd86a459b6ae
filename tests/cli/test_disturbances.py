"""What `compare` says of an outage, and `report --bottleneck` of the next unit of capacity."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import little
import pytest

OIL = """\
title: A terminal and a pipe
clock: {start: 2024-01-01, length: 90 d, warmup: 10 d}
experiment: {replications: 3, seed: 5}
places: {a: {country: KZ}, q: {country: AZ}}
facilities:
  terminal:
    at: a
    rate: {by: moorings, table: {0: 0 Mt/yr, 1: 12 Mt/yr, 2: 12 Mt/yr}}
    moorings: 2
    buffer: 60 kt
    level: {uniform: ["0 kt", "20 kt"]}
    charge: 30 USD/t
  pipe: {at: a, rate: {mean: 3 Mt/yr, cv: 0.5}, buffer: 10 kt, charge: 45 USD/t}
  customs: {at: q, servers: 1, service: "5 h ± 50 %"}
routes:
  sea: {from: a, direction: west, steps: [terminal]}
  land: {from: a, direction: west, steps: [pipe]}
  boxes: {from: q, direction: west, steps: [customs]}
flows:
  crude:
    commodity: crude
    volume: 10 Mt/yr
    consignment: {t: 5000}
    arrivals: regular
    value: 600 USD/t
    choice: {cascade: [sea, land]}
    cut: {after: 1 d, ramp: 3 d}
  boxes:
    volume: 15000 TEU/yr
    consignment: {TEU: 10, t: 140}
    value: 20000 USD/TEU
    choice: {shares: {boxes: 1}}
"""
STOP = """\
extends: oil.yaml
title: The terminal stops
timeline: [{title: Both moorings out, at: 2024-01-20, lasts: 10 d, set: {facilities.terminal.moorings: 0}}]
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "oil.yaml").write_text(OIL, encoding="utf-8")
    (tmp_path / "stop.yaml").write_text(STOP, encoding="utf-8")
    return tmp_path


def test_compare_tells_what_an_outage_cost_and_that_boxes_felt_nothing(folder):
    said = little.corridor("compare", "oil.yaml", "stop.yaml", "--no-figures", folder=folder)
    assert said.returncode == 0, said.stderr
    block = said.stdout.split("Resilience: Both moorings out")[1]
    told = {line.split("  ")[2].strip(): line for line in block.splitlines() if line.startswith("    ")}
    assert {"crude lost", "dry cargo lost", "shut in or turned away", "diverted to route/land"} <= set(told)
    assert {"peak backlog of crude", "time to recover", "extra cost of crude"} <= set(told)
    assert "same" in told["transit time of containers"]
    (table,) = folder.glob("results/compare-*/comparison.csv")
    with table.open() as handle:
        rows = {(r["kpi"], r["subject"], r["unit"]): r for r in csv.DictReader(handle)}

    def value(*key: str) -> float:
        return float(rows[key]["difference"])

    # Ten days of 10 Mt a year, less the farm, less what the pipe takes.
    assert 100e3 < value("lost", "flow/crude", "t") < 275e3
    assert value("lost", "flow/boxes", "t") == value("lost", "cargo/dry", "t") == 0
    assert value("lost", "total", "t") == value("lost", "cargo/crude", "t")
    more = value("shut_in", "total", "t") + value("under_way", "total", "t")
    assert value("lost", "total", "t") == pytest.approx(more)
    assert value("diverted", "route/land", "t") > 50e3
    # Some of what is carried pays 15 USD a tonne more.
    assert 0 < value("extra_cost", "flow/crude", "USD/t") < 15
    recovered = rows["time_to_recover", "flow/crude", "h"]
    assert recovered["n"] == "3"
    assert 240 < float(recovered["difference"]) < 600
    assert float(rows["lost", "flow/crude", "t"]["low"]) < float(rows["lost", "flow/crude", "t"]["high"])


def test_a_disturbance_that_outlasts_the_run_is_said_and_not_averaged_away(folder):
    late = STOP.replace("2024-01-20, lasts: 10 d", "2024-03-20, until: 2024-12-31")
    (folder / "stop.yaml").write_text(late, encoding="utf-8")
    said = little.corridor("compare", "oil.yaml", "stop.yaml", "--no-figures", folder=folder)
    assert "not within the run in any of 3 replications" in said.stdout


def test_an_opening_is_no_disturbance(folder):
    opening = (
        'extends: oil.yaml\ntitle: More pipe\ntimeline: [{at: 5 d, set: {facilities.pipe.rate: "5 Mt/yr"}}]\n'
    )
    (folder / "stop.yaml").write_text(opening, encoding="utf-8")
    said = little.corridor("compare", "oil.yaml", "stop.yaml", "--no-figures", folder=folder)
    assert said.returncode == 0, said.stderr
    assert "Resilience" not in said.stdout


def test_report_ranks_one_more_unit_of_capacity(folder):
    assert little.corridor("run", "oil.yaml", "--no-figures", folder=folder).returncode == 0
    said = little.corridor("report", "oil", "--bottleneck", folder=folder)
    assert said.returncode == 0, said.stderr
    assert "replications" in said.stderr
    (ranking,) = folder.glob("results/oil-*/bottleneck.csv")
    with ranking.open() as handle:
        rows = list(csv.DictReader(handle))
    assert [row["n"] for row in rows] == ["3"] * len(rows)
    by = {row["subject"]: row for row in rows}
    assert by["facility/customs"]["one_more"] == "a server"
    assert float(by["facility/customs"]["fewer_waiting"]) > 0
    assert by["facility/customs"]["usd_per_year"] == ""
    assert sum(float(row["waiting_share"] or 0) for row in rows) == pytest.approx(1)
    assert list(folder.glob("results/oil-*/figures/bottleneck.png"))
    # Named elements are tried instead, and asked again nothing is drawn away.
    one = little.corridor(
        "report", "oil", "--elements", "facility/p*", "--format", "json", "--quiet", folder=folder
    )
    (row,) = json.loads(one.stdout)["bottleneck"]
    assert row["subject"] == "facility/pipe"
    assert little.corridor("report", "oil", "--quiet", folder=folder).returncode == 0
    assert list(folder.glob("results/oil-*/figures/bottleneck.png"))
    wrong = little.corridor("report", "oil", "--elements", "line/*", folder=folder)
    assert wrong.returncode == 2
    assert "no element line/*" in wrong.stderr
