"""What `compare` says of an outage, and `report --bottleneck` of the next unit of capacity."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path

import little
import pytest

from sim.cli.contrasts import _amount
from sim.study.compare import ComparisonRow

HOURS = 90 * 24
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
    # The parts are means over the same replications as their sum.
    for kpi in ("shut_in", "diverted"):
        parts = [key for key in rows if key[0] == kpi and key[1][:5] in ("flow/", "route") and key[2] == "t"]
        assert {rows[key]["n"] for key in parts} == {"3"}
        assert sum(value(*key) for key in parts) == pytest.approx(value(kpi, "total", "t"))
    assert value("diverted", "route/land", "t") > 50e3
    # What is told is the amount in t, whatever its size, and never the rate of the KPI of the same name.
    amount, unit = re.split("  +", told["diverted to route/land"].strip())[1::2]
    tonnes = float(amount.replace(" ", "")) * {"t": 1, "kt": 1e3, "Mt": 1e6}[unit]
    assert tonnes == pytest.approx(value("diverted", "route/land", "t"), rel=0.01)
    rate = value("diverted", "route/land", "Mt/yr") * 1e6 * HOURS / 8766
    assert tonnes == pytest.approx(rate, rel=0.01)
    # Some of what is carried pays 15 USD a tonne more.
    assert 0 < value("extra_cost", "flow/crude", "USD/t") < 15
    recovered = rows["time_to_recover", "flow/crude", "h"]
    assert recovered["n"] == "3"
    assert 240 < float(recovered["difference"]) < 600
    assert float(rows["lost", "flow/crude", "t"]["low"]) < float(rows["lost", "flow/crude", "t"]["high"])


def test_a_scenario_that_differs_in_more_is_held_against_itself_undisturbed(folder):
    # Half the boxes, and a strike that is caught up: the strike loses little, the boxes are no loss of its.
    strike = """\
extends: oil.yaml
title: Half the boxes, and a strike
flows: {boxes: {volume: 7500 TEU/yr}}
timeline: [{title: Strike, at: 2024-01-20, lasts: 2 d, set: {facilities.customs.servers: 0}}]
"""
    (folder / "stop.yaml").write_text(strike, encoding="utf-8")
    compared = ("compare", "oil.yaml", "stop.yaml")
    said = little.corridor(*compared, folder=folder)
    assert said.returncode == 0, said.stderr
    (twin,) = folder.glob("results/stop-undisturbed-*")
    assert f"against itself undisturbed, {twin.name}: it differs from oil in more" in said.stdout
    (table,) = folder.glob("results/compare-*/comparison.csv")
    with table.open() as handle:
        rows = {(r["kpi"], r["subject"], r["unit"]): r for r in csv.DictReader(handle)}
    halved = -float(rows["delivered", "flow/boxes", "t"]["difference"])
    assert halved > 10e3
    assert abs(float(rows["lost", "flow/boxes", "t"]["difference"])) < 1e3
    manifest = json.loads((table.parent / "manifest.json").read_text())
    assert manifest["twins"] == {"stop": twin.name}
    # Stored runs are told the same, and the twin is not run again.
    stored = [next(folder.glob(f"results/{name}-????????")).name for name in ("oil", "stop")]
    again = little.corridor("compare", *stored, "--no-figures", folder=folder)
    assert again.returncode == 0, again.stderr
    assert again.stdout.split("Figures")[0].split("Tables")[0] == said.stdout.split("Figures")[0]
    # What another version has run cannot be run undisturbed; that is said.
    kept = folder / "results" / stored[1] / "manifest.json"
    facts = json.loads(kept.read_text(encoding="utf-8"))
    kept.write_text(json.dumps({**facts, "hash": "0" * 8}), encoding="utf-8")
    other = little.corridor("compare", *stored, "--no-figures", folder=folder)
    assert other.returncode == 0, other.stderr
    assert "its run is of another version, so that it cannot be run undisturbed" in other.stdout
    # Beside a scenario that is the twin, none is run.
    (folder / "half.yaml").write_text(
        "extends: oil.yaml\ntitle: Half\nflows: {boxes: {volume: 7500 TEU/yr}}\n", encoding="utf-8"
    )
    shutil.rmtree(folder / "results")
    said = little.corridor("compare", "oil.yaml", "half.yaml", "stop.yaml", "--no-figures", folder=folder)
    assert said.returncode == 0, said.stderr
    assert not list(folder.glob("results/*-undisturbed-*"))
    assert "against itself undisturbed, half-" in said.stdout


def test_a_claim_about_what_is_lost_is_answered_by_a_comparison(folder):
    claims = "expect: [{kpi: lost, of: total, above: 50 kt}, {kpi: shut_in, of: total, above: 1 t/yr}]\n"
    (folder / "stop.yaml").write_text(STOP + claims, encoding="utf-8")
    said = little.corridor("compare", "oil.yaml", "stop.yaml", "--no-figures", folder=folder)
    assert said.returncode == 0, said.stderr
    block = said.stdout.split("Expected of stop by itself\n")[1]
    assert re.match(r"  holds +lost of total above 50000", block), block
    checked = little.corridor("check", "stop.yaml", "--run", "--quiet", folder=folder)
    assert checked.returncode == 0, checked.stderr
    assert "a run alone does not tell it" in checked.stdout


def test_beside_a_base_that_differs_in_more_nothing_against_it_is_put_down_to_the_outage(folder):
    strike = """\
extends: oil.yaml
title: Half the boxes, and the terminal stops
flows: {boxes: {volume: 7500 TEU/yr}}
timeline: [{title: Out, at: 2024-01-20, lasts: 10 d, set: {facilities.terminal.moorings: 0}}]
"""
    (folder / "stop.yaml").write_text(strike, encoding="utf-8")
    said = little.corridor("compare", "oil.yaml", "stop.yaml", "--no-figures", folder=folder)
    assert said.returncode == 0, said.stderr
    block = said.stdout.split("Resilience: Out")[1].split("against itself undisturbed")[0]
    assert "crude lost" in block
    assert "transit time of containers" not in block


def test_entries_of_one_name_and_time_that_do_another_thing_are_not_one(folder):
    (folder / "stop.yaml").write_text(STOP, encoding="utf-8")
    mild = STOP.replace("title: The terminal stops", "title: It half stops").replace(
        "moorings: 0", "moorings: 1"
    )
    (folder / "mild.yaml").write_text(mild, encoding="utf-8")
    said = little.corridor("compare", "mild.yaml", "stop.yaml", "--no-figures", folder=folder)
    assert said.returncode == 0, said.stderr
    # The scenario against itself undisturbed, as beside the base without any outage.
    alone = little.corridor("compare", "oil.yaml", "stop.yaml", "--no-figures", folder=folder)
    kept = ("lost,total", "peak_backlog,total", "time_to_recover,total")
    found = []
    for name in ("mild", "oil"):
        (table,) = folder.glob(f"results/compare-{name}-stop-*/comparison.csv")
        rows = [line.split(",") for line in table.read_text().splitlines()]
        found.append([row[:8] for row in rows if ",".join(row[:2]) in kept])
    assert len(found[0]) == 3
    assert found[0] == found[1], alone.stdout


def test_an_outage_that_a_second_entry_undoes_is_one_that_ends(folder):
    twice = """\
extends: oil.yaml
title: The terminal stops
timeline:
  - {title: Both moorings out, at: 2024-01-20, set: {facilities.terminal.moorings: 0}}
  - {title: Both are back, at: 2024-01-30, set: {facilities.terminal.moorings: 2}}
"""
    (folder / "twice.yaml").write_text(twice, encoding="utf-8")
    once = STOP.replace("2024-01-20, lasts: 10 d", "2024-01-20, until: 2024-01-30")
    (folder / "stop.yaml").write_text(once, encoding="utf-8")
    said = {
        name: little.corridor("compare", "oil.yaml", f"{name}.yaml", folder=folder)
        for name in ("stop", "twice")
    }
    assert all(one.returncode == 0 for one in said.values()), said["twice"].stderr
    tables = [next(folder.glob(f"results/compare-oil-{name}-*/comparison.csv")) for name in said]
    rows = [[line.split(",", 1)[1] for line in table.read_text().splitlines()] for table in tables]
    assert rows[0] == rows[1]
    assert [(table.parent / "figures" / "resilience.svg").is_file() for table in tables] == [True, True]


def test_a_stored_scenario_with_a_file_of_values_can_be_run_again_without_that_file(folder):
    text = OIL.replace('service: "5 h ± 50 %"', "service: {empirical: hours.csv, unit: h}")
    strike = """\
extends: oil.yaml
title: Half the boxes, and a strike
flows: {boxes: {volume: 7500 TEU/yr}}
timeline: [{title: Strike, at: 2024-01-20, lasts: 2 d, set: {facilities.customs.servers: 0}}]
"""
    (folder / "oil.yaml").write_text(text, encoding="utf-8")
    (folder / "stop.yaml").write_text(strike, encoding="utf-8")
    (folder / "hours.csv").write_text("2\n5\n5.5\n9\n", encoding="utf-8")
    (folder / "deeper").mkdir()
    for name in ("oil", "stop"):
        there = little.corridor("run", f"{name}.yaml", "--no-figures", "--quiet", folder=folder)
        assert there.returncode == 0, there.stderr
        asked = ("run", f"../{name}.yaml", "--no-figures", "--quiet", "--out", "elsewhere")
        assert little.corridor(*asked, folder=folder / "deeper").returncode == 0
    for file in folder.glob("results/*/**/*.*"):
        if file.name != "manifest.json":
            other = folder / "deeper" / "elsewhere" / file.relative_to(folder / "results")
            assert file.read_bytes() == other.read_bytes(), file
    # The twin of a stored run is made from what is kept of it.
    (folder / "hours.csv").unlink()
    stored = [next(folder.glob(f"results/{name}-????????")).name for name in ("oil", "stop")]
    said = little.corridor("compare", *stored, "--no-figures", folder=folder)
    assert said.returncode == 0, said.stderr
    assert "against itself undisturbed" in said.stdout
    assert "of another version" not in said.stdout


@pytest.mark.parametrize(
    ("tonnes", "told"),
    [
        (999.9999999999993, ["1.00", "kt"]),
        (999.0, ["999", "t"]),
        (0.5, ["0.500", "t"]),
        (-2.5e6, ["-2.50", "Mt"]),
        (0.0, ["0", "t"]),
    ],
)
def test_an_amount_is_told_in_a_unit_of_its_size(tonnes, told):
    row = ComparisonRow(
        scenario="s", kpi="diverted", subject="route/land", unit="t", base=0.0, other=tonnes, n=3,
        difference=tonnes, low=tonnes, high=tonnes, p=1.0, p_adjusted=1.0, headline=False,
    )  # fmt: skip
    _, amount, _, unit = _amount("diverted to route/land", row)
    assert [amount, unit] == told


def test_a_disturbance_that_outlasts_the_run_is_said_and_not_averaged_away(folder):
    late = STOP.replace("2024-01-20, lasts: 10 d", "2024-03-20, until: 2024-12-31")
    (folder / "stop.yaml").write_text(late, encoding="utf-8")
    said = little.corridor("compare", "oil.yaml", "stop.yaml", "--no-figures", folder=folder)
    assert "not within the run in any of 3 replications" in said.stdout


def test_a_stop_of_hours_is_seen_in_a_window_of_weeks_and_told_of_each_flow(tmp_path):
    (tmp_path / "desk.yaml").write_text(
        """\
title: A desk
clock: {start: 2024-01-01, length: 20 d}
experiment: {replications: 2, seed: 7}
places: {a: {country: KZ}}
facilities: {desk: {at: a, service: 0.5 h}}
routes: {w: {from: a, direction: west, steps: [desk]}}
flows: {x: {consignment: {t: 1}, arrivals: {timetable: {every: 1 h}}, choice: {shares: {w: 1}}}}
""",
        encoding="utf-8",
    )
    (tmp_path / "stop.yaml").write_text(
        "extends: desk.yaml\ntitle: No desk for ten hours\n"
        "timeline: [{title: Out, at: 100.1 h, lasts: 10 h, set: {facilities.desk.servers: 0}}]\n",
        encoding="utf-8",
    )
    said = little.corridor("compare", "desk.yaml", "stop.yaml", "--no-figures", folder=tmp_path)
    assert said.returncode == 0, said.stderr
    assert "Resilience: Out" in said.stdout
    (table,) = tmp_path.glob("results/compare-*/comparison.csv")
    with table.open() as handle:
        rows = {(r["kpi"], r["subject"]): r["difference"] for r in csv.DictReader(handle)}
    for subject in ("flow/x", "cargo/dry", "total"):
        # Before 110 h nine wait, and before 111 h ten less the one that is served at last; then two leave for
        # each that comes: before 119 h one is left, less than 1 % of a week's 168. Of the twin's none waits.
        assert float(rows["peak_backlog", subject]) == 9
        assert float(rows["time_to_recover", subject]) == pytest.approx(119 - 100.1)


def test_what_crude_does_not_feel_is_told_of_dry_cargo(folder):
    strike = STOP.replace("facilities.terminal.moorings", "facilities.customs.servers").replace("10 d", "2 d")
    (folder / "stop.yaml").write_text(strike, encoding="utf-8")
    said = little.corridor("compare", "oil.yaml", "stop.yaml", "--no-figures", folder=folder)
    assert said.returncode == 0, said.stderr
    assert "peak backlog of dry cargo" in said.stdout
    assert "extra cost of dry cargo" in said.stdout
    assert "backlog of crude" not in said.stdout
    recovers = next(line for line in said.stdout.splitlines() if "time to recover" in line)
    assert float(recovers.split()[3]) > 2


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
