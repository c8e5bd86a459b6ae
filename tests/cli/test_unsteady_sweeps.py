"""A sweep's points at which a backlog grows are marked as a run marks them: table, file, manifest, figure."""

import json
from pathlib import Path

import little
import pytest

import sim
from sim.cli.main import invoke
from sim.report.sweep import response

VOLUMES = "flows.boxes.volume=20000 TEU/yr,60000 TEU/yr"
WATCH = ("--watch", "transit_time.mean of route/west", "--watch", "throughput of total")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("unsteady")
    little.write(path)
    return path


@pytest.fixture
def swept(folder, monkeypatch):
    monkeypatch.chdir(folder)
    watch = ["transit_time.mean of route/west", "throughput of total"]
    return sim.sweep("little.yaml", [VOLUMES], watch=watch, replications=3, engine="simpy")


def test_a_point_is_judged_as_a_run_is(swept):
    full = sim.load("little.yaml", overrides=["flows.boxes.volume=60000 TEU/yr"])
    run = sim.run(full, replications=3, engine="simpy")
    assert run.manifest["saturated_flows"] == ["boxes"]
    assert swept.manifest["saturated_flows"] == {"2": ["boxes"]}
    told = {(row.kpi, row.subject, row.unit): row.stationary for row in run.summary.itertuples()}
    there = [row for row in swept.swept.rows if row.point == 2]
    assert {row.stationary for row in there} == {True, False}
    assert all(row.stationary == told[tuple(row.key)] for row in there)
    assert all(row.stationary for row in swept.swept.rows if row.point < 2)


def test_the_table_the_file_and_the_manifest_say_so(swept, capsys):
    path = swept.path
    capsys.readouterr()
    assert invoke(["sweep", "little.yaml", "--vary", VOLUMES, *WATCH, "-n", "3", "--engine", "simpy"]) == 0
    said = capsys.readouterr()
    marked = [line.split()[0] for line in said.out.splitlines() if "not stationary" in line]
    assert marked == ["2"]
    assert "not stationary: transit_time.mean route/west" in said.out
    note = "not stationary at point 2: the backlog of boxes grows through the window"
    assert f"Note: {note}" in said.err
    assert any(note in each for each in json.loads((path / "manifest.json").read_text())["notes"])
    rows = (path / "sweep.csv").read_text().splitlines()
    assert rows[0].endswith(",stationary")
    assert [row.rpartition(",")[2] for row in rows[1:] if "transit_time" in row] == ["true", "true", "false"]


def test_the_figure_draws_such_points_hollow_and_says_what_that_is(swept):
    key = next(key for key in swept.swept.keys if key.kpi == "transit_time.mean")
    figure = response(swept.swept, key, source=swept.source(), names=swept.names)
    hollow = [line for line in figure.axes[0].lines if line.get_markerfacecolor() == "#ffffff"]
    assert [list(line.get_xdata()) for line in hollow] == [[60000.0]]
    words = " ".join(text.get_text() for text in figure.findobj(lambda each: hasattr(each, "get_text")))
    assert "hollow: not stationary" in words
    assert "a backlog grows" in " ".join(words.split())
    assert "60000 TEU/yr, not stationary)" in figure.texts[0].get_text().replace("\n", " ")
    steady = next(key for key in swept.swept.keys if key.kpi == "throughput")
    other = response(swept.swept, steady, source=swept.source(), names=swept.names)
    assert all(line.get_markerfacecolor() != "#ffffff" for line in other.axes[0].lines)


def test_what_is_stored_keeps_the_judgement(swept):
    kept = swept.folder.read(2)
    assert kept.saturated == ("boxes",)
    assert {key.kpi for key in kept.unsteady} == {"transit_time.mean"}
    assert swept.folder.read(1).saturated == ()


def test_another_confidence_is_answered_from_what_is_stored_and_says_how_it_was_judged(swept):
    watch = ["transit_time.mean of route/west", "throughput of total"]
    asked = {"watch": watch, "replications": 3, "engine": "simpy"}
    other = sim.sweep("little.yaml", [VOLUMES], confidence=0.8, **asked)
    assert other.path == swept.path
    told = [note for note in other.notes if "judged at confidence 0.95" in note]
    assert len(told) == 1
    again = sim.sweep("little.yaml", [VOLUMES], confidence=0.8, resume=False, **asked)
    assert not [note for note in again.notes if "judged at" in note]
    sim.sweep("little.yaml", [VOLUMES], resume=False, **asked)
