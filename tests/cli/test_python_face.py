"""The Python face: the verbs of the command line, with tables as frames."""

import subprocess
import sys
from pathlib import Path

import little
import numpy as np
import pytest

import sim


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    little.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_import_is_light_and_leaves_no_trace():
    heavy = {"numpy", "pydantic", "simpy"}
    script = f"import sim, sys; dir(sim); print(sorted(n for n in sys.modules if n in {heavy}))"
    done = subprocess.run(
        [sys.executable, "-c", script], env=little.environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_everything_public_is_there_and_documented():
    for name in sim.__all__:
        assert getattr(sim, name) is not None
        assert name.startswith("_") or getattr(sim, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = sim.nothing


def test_statistics_are_usable_alone():
    assert sim.statistics.warmup.mser5(np.repeat([10.0, 0.0], [50, 150])).cut == 50


def test_run_gives_frames(folder):
    base = sim.load("little.yaml")
    run = sim.run(base, replications=3, seed=1)
    assert run.path == Path("results") / run.path.name
    assert (run.replications, run.seed, run.title) == (3, 1, "A little corridor")
    assert list(run.kpis.columns) == ["scenario", "replication", "kpi", "subject", "value", "unit"]
    assert list(run.series.columns) == ["replication", "series", "subject", "time", "value"]
    transit = run.kpis.query("kpi == 'transit_time.mean' and subject == 'route/west'")
    row = run.summary.query("kpi == 'transit_time.mean' and subject == 'route/west'").iloc[0]
    assert row["mean"] == pytest.approx(transit["value"].mean())
    assert row["n"] == 3
    assert set(run.kpis["scenario"]) == {"little"}


def test_steps_of_a_run_are_there_whether_kept_or_not(folder):
    bare = sim.run("little.yaml", replications=2, out="bare").steps
    kept = sim.run("little.yaml", replications=2, out="kept", records=True).steps
    columns = ["replication", "flow", "consignment", "route", "ordinal", "step"]
    columns += ["asked", "started", "ended", "left", "kg", "teu"]
    assert list(bare.columns) == list(kept.columns) == columns
    assert len(bare) == len(kept) > 100
    for column in columns:
        if column in ("flow", "route", "step"):
            assert bare[column].dtype == kept[column].dtype == "category"
            assert list(kept[column].cat.categories) == sorted(kept[column].cat.categories)
            assert bare[column].astype(str).tolist() == kept[column].astype(str).tolist()
        else:
            np.testing.assert_array_equal(bare[column].to_numpy(float), kept[column].to_numpy(float))


def test_record_tables_never_hold_other_replications_than_the_rest(folder):
    sim.run("little.yaml", replications=2, records=True)
    more = sim.run("little.yaml", replications=3)
    assert "held other replications" in " ".join(more.notes)
    assert set(more.steps["replication"]) == set(more.kpis["replication"]) == {0, 1, 2}
    assert not (more.path / "steps.parquet").exists()
    sim.run("little.yaml", replications=3, records=True)
    fewer = sim.run("little.yaml", replications=2)
    assert (fewer.path / "steps.parquet").exists()
    assert set(fewer.steps["replication"]) == set(fewer.kpis["replication"]) == {0, 1}


def test_figures_of_other_replications_do_not_stay_beside_the_tables(folder):
    drawn = sim.run("little.yaml", replications=2).figures()
    assert sim.run("little.yaml", replications=2).path == drawn[0].parents[1]
    assert all(file.exists() for file in drawn)
    sim.run("little.yaml", replications=3)
    assert not any(file.exists() for file in drawn)


def test_a_run_that_is_refused_leaves_nothing(folder):
    with pytest.raises(sim.errors.UsageError, match="at least 1"):
        sim.run("little.yaml", replications=0)
    assert not (folder / "results").exists()


def test_a_scenario_shows_itself_in_a_line(folder):
    assert len(repr(sim.load("little.yaml"))) < 200


def test_a_replication_in_memory_is_the_one_of_a_run_and_writes_nothing(folder):
    before = set(folder.rglob("*"))
    done = sim.simulate("little.yaml", replication=1)
    assert set(folder.rglob("*")) == before
    run = sim.run("little.yaml", replications=2)
    stored = run.kpis.query("replication == 1").set_index(["kpi", "subject", "unit"])["value"]
    fresh = done.kpis.set_index(["kpi", "subject", "unit"])["value"]
    assert stored.sort_index().equals(fresh.sort_index())
    for table in ("steps", "sailings", "aboard", "levels", "series", "breakdown", "closing"):
        assert len(getattr(done, table)) > 0
    assert done.steps["flow"].dtype == "category"
    journeys = done.steps.dropna(subset=["left"])
    assert (journeys["started"] >= journeys["asked"]).all()
    assert (journeys["left"] >= journeys["ended"]).all()


def test_compare_overridden_scenarios(folder):
    base = sim.load("little.yaml")
    slow = base.override({"facilities": {"customs": {"servers": 1}}}, name="one-server")
    comparison = sim.compare([base, slow], replications=3)
    table = comparison.table
    wait = table[(table["kpi"] == "wait.mean") & (table["subject"] == "facility/customs")].iloc[0]
    assert wait["difference"] == pytest.approx(wait["other"] - wait["base"])
    assert wait["difference"] > 0
    assert wait["scenario"] == "one-server"
    assert (comparison.path / "comparison.csv").is_file()
    assert [run.name for run in comparison.runs] == ["little", "one-server"]
    figure = comparison.plot("transit_time")
    assert figure.axes
    with pytest.raises(sim.UsageError, match="no figure nonsense"):
        comparison.plot("nonsense")


def test_compare_takes_finished_runs(folder):
    runs = [sim.run(name, replications=n) for name, n in (("little.yaml", 4), ("faster.yaml", 3))]
    comparison = sim.compare(runs)
    assert comparison.contrast.replications == 3


def test_two_scenarios_of_one_name_are_told_apart_by_hash(folder):
    base = sim.load("little.yaml")
    other = base.override({"facilities": {"customs": {"servers": 1}}}, name="little")
    comparison = sim.compare([base, other], replications=2)
    assert comparison.contrast.others[0].startswith("little-")


def test_figures_are_written_and_drawn_the_same_twice(folder):
    run = sim.run("little.yaml", replications=2)
    first = {file.name: file.read_bytes() for file in run.figures()}
    second = {file.name: file.read_bytes() for file in run.figures()}
    assert first == second
    assert {Path(name).suffix for name in first} == {".png", ".svg"}
    assert {file.name for file in (run.path / "figures").iterdir()} == set(first)


def test_findings_are_raised_all_at_once(folder):
    (folder / "bad.yaml").write_text(
        little.LITTLE.replace("servers: 2", "servrs: 2").replace('"500 km/day"', '"500 kg"'), encoding="utf-8"
    )
    with pytest.raises(sim.InputError) as raised:
        sim.load("bad.yaml")
    assert {finding.code for finding in raised.value.findings} >= {"unknown-key", "wrong-dimension"}


def test_wrong_use_is_told():
    with pytest.raises(sim.UsageError, match="numbered from 0"):
        sim.simulate(little.ROOT / "scenarios" / "baseline.yaml", replication=-1)


def test_a_plain_script_may_ask_for_several_jobs_and_is_run_once(folder):
    Path("script.py").write_text(
        "import sim\n"
        "print('begun')\n"
        "run = sim.run(sim.load('little.yaml'), replications=4, jobs=2, engine='simpy')\n"
        "print(run.replications)\n"
    )
    done = subprocess.run(
        [sys.executable, "script.py"], env=little.environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["begun", "4"]
