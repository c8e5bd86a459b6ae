"""SQL over everything stored, and every table as a frame of pandas and of Polars."""

import json
from pathlib import Path

import little
import pytest
import tiny

import sim
from sim.cli.main import invoke
from sim.errors import UsageError
from sim.store.query import tables

WAIT = "wait.mean of facility/customs"
FAST = ["--engine", "simpy", "--no-figures", "--quiet"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder of results with one of everything."""
    made = tmp_path_factory.mktemp("stored")
    little.write(made)
    tiny.write(made)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made)
        for asked in (
            ["run", "tiny.yaml", "-n", "2", "--records"],
            ["compare", "little.yaml", "faster.yaml", "--select", WAIT, "--delta", "5 h"],
            ["sweep", "tiny.yaml", "--vary", "vessels.count=2,4", "--vary", "legs.a-p.speed", "-n", "2"],
            ["sensitivity", "tiny.yaml", "--points", "2", "-n", "2", "--over", "legs.a-p.speed"],
            ["calibrate", "tiny.yaml", "--free", "legs.a-p.speed", "--trials", "8", "-n", "2"],
        ):
            assert invoke([*asked, *FAST]) == 0
        assert invoke(["report", "tiny", "--bottleneck", "1", "--quiet"]) == 0
    return made


@pytest.fixture(autouse=True)
def here(folder, monkeypatch):
    monkeypatch.chdir(folder)


@pytest.mark.parametrize("name", tables())
def test_every_table_is_there_filled_and_empty(name, tmp_path):
    full, empty = sim.query(name), sim.query(name, out=tmp_path)
    assert len(full) > 0
    assert len(empty) == 0
    assert set(full.columns) == set(empty.columns)
    assert full.columns[0] == "run"
    assert set(full["run"]) <= {path.name for path in Path("results").iterdir()}
    if "scenario" in full.columns:
        assert not full["scenario"].isna().any()


@pytest.mark.parametrize("name", tables())
def test_every_table_is_a_polars_frame_too(name):
    polars = pytest.importorskip("polars")
    pandas = sim.query(name)
    found = sim.query(name, kind="polars")
    assert isinstance(found, polars.DataFrame)
    assert (found.height, found.columns) == (len(pandas), list(pandas.columns))
    for column in pandas.columns:
        assert found[column].null_count() == int(pandas[column].isna().sum()), column


def test_tables_of_studies_join_with_their_lists(capsys):
    sql = (
        "SELECT s.kind, s.scenario, count(*) AS n FROM results r JOIN studies s USING (run) GROUP BY ALL "
        "ORDER BY ALL"
    )
    assert invoke(["query", sql, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(row["kind"], row["scenario"]) for row in found] == [
        ("calibration", "tiny"),
        ("sensitivity", "tiny"),
        ("sweep", "tiny"),
    ]
    assert invoke(["query", "SELECT DISTINCT factor, value, number FROM points ORDER BY ALL"]) == 0
    told = capsys.readouterr().out
    assert "legs.a-p.speed" in told
    assert "as it stands" in told
    assert "400 km/day" in told
    speeds = sim.query("SELECT number FROM points WHERE factor = 'legs.a-p.speed' AND value = '400 km/day'")
    assert set(speeds["number"]) == {400.0}


def test_a_name_alone_shows_a_table(capsys):
    assert invoke(["query", "studies", "--format", "json"]) == 0
    kinds = {row["kind"] for row in json.loads(capsys.readouterr().out)}
    assert kinds == {"comparison", "sweep", "sensitivity", "calibration"}


def test_a_name_of_no_table_is_told_the_nearest_and_all(capsys):
    assert invoke(["query", "kpi"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("Error: no table kpi; did you mean 'kpis'?\nTables are runs, kpis, ")
    with pytest.raises(UsageError, match="no table nothing_like_it\n"):
        sim.query("nothing_like_it")
    assert invoke(["query", " summary "]) == 0


def test_numbers_are_written_as_they_are(capsys):
    sql = (
        "SELECT 3.0::DOUBLE AS a, 0.5::DOUBLE AS b, 1234567.8::DOUBLE AS c, 20292.25::DOUBLE AS d, "
        "7 AS e, true AS f, NULL AS g, -0.000012::DOUBLE AS h"
    )
    assert invoke(["query", sql]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == [
        "3", "0.5", "1234568", "20292.2", "7", "true", "-1.2e-05",
    ]  # fmt: skip


def test_wrong_sql_is_one_readable_block(capsys):
    assert invoke(["query", "SELECT * FROM compairson"]) == 2
    told = capsys.readouterr().err
    assert "comparison" in told
    assert "Traceback" not in told


def test_results_give_their_tables_by_name_in_either_library():
    polars = pytest.importorskip("polars")
    run = sim.run("tiny.yaml", replications=2, engine="simpy")
    sweep = sim.sweep("tiny.yaml", ["vessels.count=2,4"], replications=2, engine="simpy")
    both = sim.compare(["little.yaml", "faster.yaml"], replications=2, engine="simpy")
    one = sim.simulate("tiny.yaml", engine="simpy")
    for result, names in (
        (run, ("kpis", "summary", "series", "breakdown", "steps", "sailings", "aboard", "levels")),
        (sweep, ("table", "points", "values")),
        (both, ("table", "why", "sure")),
        (one, ("kpis", "series", "closing", "steps", "levels")),
    ):
        for name in names:
            found = result.frame(name, "polars")
            assert isinstance(found, polars.DataFrame)
            assert found.height == len(result.frame(name)) > 0
    steps = run.frame("steps", "polars")
    assert steps["step"].dtype == polars.Enum
    assert steps["step"].to_list() == run.steps["step"].astype(object).to_list()
    with pytest.raises(UsageError, match="no table kpi; there are kpis"):
        run.frame("kpi")
    with pytest.raises(UsageError, match="no frames of kind 'arrow'"):
        run.frame("kpis", "arrow")


def test_without_polars_the_extra_is_named(monkeypatch):
    def missing(name, *_):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("sim.extras.import_module", missing)
    with pytest.raises(UsageError, match=r"middle-corridor\[polars\]"):
        sim.query("runs", kind="polars")
    assert len(sim.query("runs")) == 3


def test_a_damaged_table_is_named_and_no_question_is_no_fault(tmp_path, capsys):
    assert invoke(["query", "", "--out", str(tmp_path)]) == 0
    assert len(sim.query("  ", out=tmp_path)) == 0
    run = tmp_path / "broken-00000000"
    run.mkdir()
    (run / "series.parquet").touch()
    capsys.readouterr()
    assert invoke(["query", "select count(*) from summary", "--out", str(tmp_path)]) == 3
    said = capsys.readouterr().err
    assert "broken-00000000/series.parquet" in said
    assert "the program itself failed" not in said
