"""A sensitivity study starts with one command, says what it will cost, and goes on after an interruption."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import little
import pytest
import tiny

from sim.cli.main import invoke
from sim.cli.sensitivity import _others

COST = re.compile(
    r"morris: (\d+) parameters, 10 trajectories, ([\d,]+) points × 5 replications = ([\d,]+) replications"
)


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    tiny.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_all_ranged_parameters_of_the_baseline_start_with_one_command(tmp_path, monkeypatch, capsys):
    """Nothing typed but the two words; the cost is said before the first point is done."""

    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.study.points.Simulated.compute", stopped)
    assert invoke(["sensitivity", "baseline", "--out", str(tmp_path / "results")]) == 130
    told = capsys.readouterr().err
    found = COST.search(told)
    assert found, told
    parameters, points, runs = (int(each.replace(",", "")) for each in found.groups())
    assert parameters > 400
    assert points == 1 + 10 * (parameters + 1)
    assert runs == 5 * points
    assert "0 of" in told
    assert "The same command goes on from there" in told


def test_the_time_it_will_take_is_said_when_a_point_has_shown_it(folder, capsys):
    given = ["sensitivity", "tiny.yaml", "-n", "2", "--points", "3", "--engine", "simpy", "--no-figures"]
    assert invoke([*given, "-j", "1"]) == 0
    told = capsys.readouterr()
    assert re.search(r"[\d.]+ s a point: about \d+ (s|min) on 1 worker\n", told.err), told.err
    assert re.search(r"the effects? of \d parameters? cannot be told from noise", told.out), told.out


def test_one_replication_of_each_point_is_one(folder, capsys):
    given = ["sensitivity", "tiny.yaml", "-n", "1", "--points", "2", "--engine", "simpy", "--no-figures"]
    assert invoke([*given, "-j", "1"]) == 0
    assert re.search(r"\d points × 1 replication\n", capsys.readouterr().out)


def test_what_a_table_leaves_out_is_said_in_words():
    assert _others(4, 14, "effect") == (
        "4 more stand clear of the noise; the effects of 14 parameters cannot be told from noise"
    )
    assert _others(1, 1, "index") == (
        "1 more stands clear of the noise; the index of 1 parameter cannot be told from noise"
    )
    assert _others(0, 3, "index") == "the indices of 3 parameters cannot be told from noise"
    assert _others(-2, 0, "effect") == ""


def test_an_interrupted_study_goes_on_with_the_same_command(folder):
    arguments = ["sensitivity", "tiny.yaml", "-n", "2", "--points", "6", "--no-figures", "--engine", "simpy"]
    process = subprocess.Popen(
        little.arguments(*arguments), cwd=folder, env=little.environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    points: list[Path] = []
    for _ in range(2400):
        points = list(Path("results").glob("*/points/*.npz"))
        if len(points) >= 3:
            break
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "points are finished and kept. The same command goes on from there." in said
    assert "Traceback" not in said
    kept = {file.name: file.stat().st_mtime_ns for file in points}
    assert 3 <= len(kept) < 43
    assert invoke(arguments) == 0
    (path,) = Path("results").iterdir()
    after = {file.name: file.stat().st_mtime_ns for file in (path / "points").iterdir()}
    assert len(after) == 43
    assert {name: after[name] for name in kept} == kept
    assert invoke([*arguments, "--out", "undisturbed"]) == 0
    (other,) = Path("undisturbed").iterdir()
    assert (path / "sensitivity.csv").read_bytes() == (other / "sensitivity.csv").read_bytes()
