"""What `run` and `compare` say of the claims of a scenario, and where the answers are kept."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import tiny

from sim.cli.main import invoke
from sim.verbs import open_run

FAST = ("--engine", "simpy", "--quiet", "--no-figures", "-n", "3")


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    tiny.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(text: str, title: str) -> list[list[str]]:
    lines = text.split(title)[1].strip("\n").split("\n\n")[0].splitlines()
    return [re.split("  +", line.strip()) for line in lines]


def test_a_run_answers_what_its_scenario_claims_and_keeps_the_answers(folder, capsys):
    assert invoke(["run", "tiny.yaml", *FAST]) == 0
    rows = told(capsys.readouterr().out, "Expected of itself")
    assert [row[1] for row in rows] == [
        "transit_time.mean of route/west below 40 d",
        "on_promise of route/west above 0.99 share",
        "transit_time.mean of route/west above 1 and below 6.25 d",
    ]
    assert rows[0][0] == "holds"
    (path,) = folder.glob("results/tiny-*")
    kept = json.loads((path / "manifest.json").read_text())["expectations"]
    assert [each["verdict"] for each in kept] == [row[0] for row in rows]
    assert (kept[0]["kpi"], kept[0]["subject"], kept[0]["unit"]) == ("transit_time.mean", "route/west", "h")
    assert kept[0]["low"] < kept[0]["mean"] < kept[0]["high"] < kept[0]["below"] == 960
    assert [each.verdict for each in open_run(path).expectations] == [row[0] for row in rows]
    # `report` tells them again, and `check --run` gives the same answers.
    assert invoke(["report", path.name]) == 0
    assert told(capsys.readouterr().out, "Expected of itself") == rows
    assert invoke(["check", "tiny.yaml", "--run", "--engine", "simpy", "-n", "3", "--quiet"]) in (0, 1)
    checked = capsys.readouterr().out
    assert all(row[1] in checked for row in rows)


def test_another_claim_of_the_same_run_is_answered_anew(folder, capsys):
    assert invoke(["run", "tiny.yaml", *FAST]) == 0
    capsys.readouterr()
    text = Path("tiny.yaml").read_text().replace('below: "40 d"', 'below: "1 d"')
    Path("tiny.yaml").write_text(text)
    assert invoke(["run", "tiny.yaml", *FAST]) == 0
    assert told(capsys.readouterr().out, "Expected of itself")[0][0] == "fails"
    assert len(list(folder.glob("results/tiny-*"))) == 1


def test_a_claim_about_no_figure_is_undecided_and_the_run_is_kept(folder, capsys):
    text = Path("tiny.yaml").read_text()
    claim = "  - {kpi: wait.p90, of: port/p/box, above: 1 h}\n"
    Path("tiny.yaml").write_text(text + claim)
    assert invoke(["run", "tiny.yaml", *FAST]) == 0
    last = told(capsys.readouterr().out, "Expected of itself")[-1]
    assert last[0] == "undecided"
    assert "no figure wait.p90 of port/p/box" in "  ".join(last)


def test_a_comparison_tells_the_claims_of_each_scenario(folder, capsys):
    Path("more.yaml").write_text("extends: tiny.yaml\ntitle: More\nlines: {p-q: {vessels: {count: 4}}}\n")
    assert invoke(["compare", "tiny.yaml", "more.yaml", *FAST]) == 0
    out = capsys.readouterr().out
    assert len(told(out, "Expected of tiny by itself")) == len(told(out, "Expected of more by itself")) == 3
    assert invoke(["compare", "tiny.yaml", "more.yaml", *FAST, "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [each["scenario"] for each in answer["expectations"]] == ["tiny"] * 3 + ["more"] * 3


def test_check_runs_what_a_study_names_as_the_study_sets_it(folder, capsys):
    Path("study.yaml").write_text(
        "study: compare\nof: [tiny.yaml, more.yaml]\n"
        "set: {facilities.customs.service: 6 h, closures.storm.share_closed: 0.6}\n"
    )
    Path("more.yaml").write_text("extends: tiny.yaml\ntitle: More\n")
    asked = ["--run", "--engine", "simpy", "-n", "3", "--quiet"]
    assert invoke(["check", "study.yaml", *asked]) == 1
    late = capsys.readouterr().out
    assert (
        invoke(
            [
                "check",
                "study.yaml",
                "--set",
                "facilities.customs.service=1 h",
                "--set",
                "storm.share_closed=0.1",
                *asked,
            ]
        )
        == 0
    )
    assert "fails" in late
    assert "fails" not in capsys.readouterr().out
