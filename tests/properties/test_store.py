"""What is stored: whole or not there, the same bytes for the same replications, nothing lost."""

import io
import os
import zipfile
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pytest

from sim.cli.main import explain
from sim.errors import Finding, Level, RunError, UsageError
from sim.statistics.intervals import t_intervals
from sim.store import merging
from sim.store.atomic import TEMPORARY, sweep, write_text, write_through
from sim.store.manifest import read_manifest, write_manifest
from sim.store.parts import decode, encode, read_facts
from sim.store.query import query
from sim.store.runs import RECORD_TABLES, RunFolder, find_run, stored_runs
from sim.store.tables import connect, copy_out
from sim.study.outcome import Names, Outcome
from sim.study.summary import STEADY, SummaryRow, matrix, summary_rows


def outcome(number: int, rows: int = 12) -> Outcome:
    generator = np.random.default_rng(number)
    names = [f"route/r{row:02d}" for row in range(rows)]
    value = generator.normal(10, 2, rows)
    value[3] = np.nan
    return Outcome(
        number=number,
        kpis={
            "kpi": Names.of(["transit_time.mean"] * rows),
            "subject": Names.of(names[::-1]),
            "value": value,
            "unit": Names.of(["h"] * rows),
        },
        series={
            "series": Names.of(["backlog"] * 20),
            "subject": Names.of(["flow/f"] * 20),
            "time": np.linspace(0, 100, 20),
            "value": generator.random(20),
        },
        breakdown={
            "route": Names.of(["route/r00"]),
            "ordinal": np.array([0]),
            "step": Names.of(["leg/x"]),
            "waiting": np.array([1.0]),
            "service": np.array([0.0]),
            "running": np.array([5.0]),
            "blocked": np.array([0.0]),
        },
        closing={"flow": Names.of(["f"]), "measure": Names.of(["t"]), "offered": np.array([3.0])},
        servers={"facility": Names.of([]), "busy": np.zeros(0)},
        findings=(Finding("standstill", Level.WARNING, None, "facilities.x", "all stand"),),
        fingerprint=f"print-{number}",
    )


def stored(folder: RunFolder, count: int) -> list[Outcome]:
    for number in range(count):
        folder.write(outcome(number))
    outcomes = [folder.read(number) for number in range(count)]
    figures = matrix([each.kpis for each in outcomes])
    rows = summary_rows(figures.keys, t_intervals(figures.values, 0.95), touched=STEADY)
    tables = merging.Merging(folder.path, scenario="little")
    for each in outcomes:
        tables.add(each)
    folder.merge(tables, summary=rows)
    tables.close()
    write_manifest(
        folder.path,
        {
            "kind": "run",
            "scenario": "little",
            "title": "Little",
            "state": "finished",
            "seed": 1,
            "replications": {"asked": count, "finished": count},
        },
    )
    return outcomes


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_a_part_reads_back_as_it_was_written(tmp_path):
    folder = RunFolder(tmp_path / "run", "1")
    folder.write(outcome(4))
    found = folder.read(4)
    assert found.findings == outcome(4).findings
    assert found.fingerprint == "print-4"
    for table in ("kpis", "series", "breakdown", "closing", "servers"):
        given, back = getattr(outcome(4), table), getattr(found, table)
        assert list(given) == list(back)
        for column in given:
            if isinstance(given[column], Names):
                assert given[column].values() == back[column].values()
            else:
                np.testing.assert_array_equal(given[column], back[column])


def test_the_same_replication_is_the_same_bytes():
    assert encode(outcome(2), version="1") == encode(outcome(2), version="1")
    assert encode(outcome(2), version="1") != encode(outcome(3), version="1")


def test_a_part_is_packed():
    with zipfile.ZipFile(io.BytesIO(encode(outcome(2), version="1"))) as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_DEFLATED}


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9, 0.999])
def test_a_cut_off_part_does_not_count_as_finished(tmp_path, kept):
    folder = RunFolder(tmp_path / "run", "1")
    folder.write(outcome(0))
    folder.write(outcome(1))
    whole = folder.part(1).read_bytes()
    folder.part(1).write_bytes(whole[: int(len(whole) * kept)])
    assert folder.finished() == {0}
    assert read_facts(folder.part(1)) is None
    with pytest.raises(RunError, match="delete it"):
        decode(folder.part(1))


def test_a_part_with_one_bit_turned_is_whole_or_none(tmp_path):
    """Wherever it is: in what is packed, its sum tells; in the rest, zip files have many ways to be wrong."""
    path = tmp_path / "00003.npz"
    whole = encode(outcome(3), version="1")
    wanted = outcome(3)
    generator = np.random.default_rng(1)
    refused = 0
    for place in generator.integers(0, 8 * len(whole), 600).tolist():
        turned = bytearray(whole)
        turned[place // 8] ^= 1 << place % 8
        path.write_bytes(bytes(turned))
        read_facts(path)
        try:
            found = decode(path)
        except RunError:
            refused += 1
            continue
        np.testing.assert_array_equal(found.kpis["value"], wanted.kpis["value"])
        assert found.number == 3
    assert refused > 100


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ("kpis", {"subject": Names(np.full(12, 7, dtype=np.int32), ("one",))}),
        ("series", {"time": np.zeros(19)}),
    ],
)
def test_a_part_whose_columns_contradict_each_other_is_none(tmp_path, table, wrong):
    path = tmp_path / "00003.npz"
    good = outcome(3)
    path.write_bytes(encode(replace(good, **{table: {**getattr(good, table), **wrong}}), version="1"))
    with pytest.raises(RunError):
        decode(path)


def test_a_part_of_another_version_is_not_used(tmp_path):
    RunFolder(tmp_path / "run", "1").write(outcome(0))
    assert RunFolder(tmp_path / "run", "2").finished() == set()


def test_a_part_under_another_number_is_not_used(tmp_path):
    folder = RunFolder(tmp_path / "run", "1")
    folder.write(outcome(0))
    folder.part(0).rename(folder.part(5))
    assert folder.finished() == set()


def test_merging_gives_the_same_bytes_whatever_the_order_of_writing(tmp_path):
    one, two = RunFolder(tmp_path / "a" / "run", "1"), RunFolder(tmp_path / "b" / "run", "1")
    stored(one, 4)
    for number in (3, 1, 0, 2):
        two.write(outcome(number))
    stored(two, 4)
    assert contents(one.path) == contents(two.path)


def test_merging_more_replications_replaces_the_tables(tmp_path):
    folder = RunFolder(tmp_path / "run", "1")
    stored(folder, 2)
    stored(folder, 5)
    assert sorted(folder.table("kpis")["replication"].unique()) == [0, 1, 2, 3, 4]
    assert list(folder.table("kpis").columns) == [
        "scenario",
        "replication",
        "kpi",
        "subject",
        "value",
        "unit",
    ]
    assert list(folder.table("series").columns) == ["replication", "series", "subject", "time", "value"]
    assert folder.table("kpis")["value"].isna().sum() == 5


def test_summary_reads_back_in_both_ways(tmp_path):
    folder = RunFolder(tmp_path / "run", "1")
    stored(folder, 5)
    rows = folder.summary_rows()
    frame = folder.table("summary")
    assert list(frame.columns) == ["kpi", "subject", "unit", "n", "mean", "sd", "low", "high", "stationary"]
    assert [row.mean for row in rows if row.n] == frame["mean"].dropna().tolist()
    assert isinstance(rows[0], SummaryRow)
    assert frame["stationary"].dtype == bool


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = write_text(tmp_path / "a.txt", "old")

    def fail(partial: Path) -> None:
        partial.write_text("half")
        message = "disk full"
        raise OSError(message)

    with pytest.raises(OSError, match="disk full"):
        write_through(path, fail)
    assert contents(tmp_path) == {"a.txt": b"old"}


def test_sweeping_removes_what_dead_processes_left(tmp_path):
    import subprocess
    import sys

    script = (
        "import os, sys; from pathlib import Path; from sim.store.atomic import write_through;"
        f"write_through(Path({str(tmp_path)!r}) / 'x.txt', lambda p: (p.write_text('half'), os._exit(9)))"
    )
    subprocess.run(
        [sys.executable, "-c", script], check=False, env={**os.environ, "PYTHONPATH": str(Path.cwd())}
    )
    left = list(tmp_path.glob(f"{TEMPORARY}*"))
    assert len(left) == 1
    mine = tmp_path / left[0].name.replace(left[0].name.split("-")[2], str(os.getpid()))
    mine.write_text("of a live process")
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [mine]


def test_manifest_writes_what_json_cannot_hold_as_null(tmp_path):
    write_manifest(tmp_path, {"a": float("nan"), "b": (1, np.float64(2.5)), "c": {"d": float("inf")}})
    assert read_manifest(tmp_path) == {"a": None, "b": [1, 2.5], "c": {"d": None}}


def test_find_run_takes_a_path_a_name_or_a_beginning(tmp_path):
    folder = RunFolder(tmp_path / "little-0a1b2c3d", "1")
    stored(folder, 2)
    for name in (str(folder.path), "little-0a1b2c3d", "little", str(folder.path / "manifest.json")):
        assert find_run(name, tmp_path) == folder.path
    with pytest.raises(UsageError, match="did you mean little-0a1b2c3d"):
        find_run("litle-0a1b", tmp_path)
    other = RunFolder(tmp_path / "little-ffffffff", "1")
    stored(other, 2)
    with pytest.raises(UsageError, match="any of"):
        find_run("little", tmp_path)
    assert stored_runs(tmp_path) == [folder.path, other.path]


def test_query_sees_every_run_and_says_which(tmp_path):
    for name, count in (("a-00000000", 2), ("b-00000000", 3)):
        stored(RunFolder(tmp_path / name, "1"), count)
    answer = query("SELECT run, count(DISTINCT replication) FROM kpis GROUP BY run ORDER BY run", tmp_path)
    assert answer.rows == (("a-00000000", 2), ("b-00000000", 3))
    assert query("SELECT run, finished, stored FROM runs ORDER BY run", tmp_path).rows == (
        ("a-00000000", 2, 2),
        ("b-00000000", 3, 3),
    )
    assert query("SELECT count(*) FROM summary WHERE n > 0", tmp_path).rows[0][0] > 0
    assert query("SELECT * FROM steps", tmp_path).rows == ()


def test_query_of_nothing_stored_and_wrong_sql(tmp_path):
    assert query("SELECT * FROM kpis", tmp_path / "none").rows == ()
    with pytest.raises(UsageError, match="the query failed"):
        query("SELEC 1", tmp_path)


def test_tables_merged_in_several_chunks_hold_the_rows_of_one(tmp_path, monkeypatch):
    whole, cut = RunFolder(tmp_path / "a" / "run", "1"), RunFolder(tmp_path / "b" / "run", "1")
    stored(whole, 5)
    monkeypatch.setattr(merging, "CHUNK", 2)
    stored(cut, 5)
    assert sorted(contents(whole.path)) == sorted(contents(cut.path))
    for name in ("kpis", "series", "breakdown"):
        assert whole.table(name).equals(cut.table(name))


def test_a_table_that_cannot_be_written_is_an_error_of_the_disk(tmp_path):
    (tmp_path / "run").mkdir()
    tables = merging.Merging(tmp_path / "run", scenario="little")
    for number in range(merging.CHUNK):
        tables.add(outcome(number))
    (tmp_path / "run").rmdir()
    (tmp_path / "run").write_text("no folder")
    with pytest.raises(OSError, match="run"):
        tables.write()
    with pytest.raises(OSError, match="nowhere"), connect() as connection:
        copy_out(connection, f"COPY (SELECT 1) TO '{tmp_path / 'nowhere' / 'x.parquet'}' (FORMAT parquet)")


def with_records(folder: RunFolder, count: int) -> None:
    table = {"flow": Names.of(["f"] * 4), "consignment": np.arange(4), "asked": np.linspace(0, 1, 4)}
    for number in range(count):
        folder.write(replace(outcome(number), records=dict.fromkeys(RECORD_TABLES, table)))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"{}", b"PAR1" + b"\0" * 40])
@pytest.mark.parametrize("table", ["kpis.parquet", "breakdown.parquet", "summary.csv"])
def test_a_table_that_is_no_whole_table_is_made_again(tmp_path, table, content):
    folder = RunFolder(tmp_path / "run", "1")
    stored(folder, 2)
    assert folder.merged()
    (folder.path / table).write_bytes(content)
    assert not folder.merged()
    with pytest.raises(RunError, match=f"{table} is not a table that can be read; delete it"):
        folder.table(table.partition(".")[0])


def test_a_summary_that_is_not_text_or_lacks_a_number_is_named(tmp_path):
    folder = RunFolder(tmp_path / "run", "1")
    stored(folder, 2)
    summary = folder.path / "summary.csv"
    whole = summary.read_text()
    for content in (
        b"\xb5\xff",
        whole.replace(",2,", ",two,").encode(),
        whole[: len(whole) // 2 + 9].encode(),
    ):
        summary.write_bytes(content)
        with pytest.raises(RunError, match="delete it"):
            folder.summary_rows()
        assert not folder.merged()


def test_records_that_are_cut_off_are_computed_again_and_damaged_ones_named(tmp_path):
    folder = RunFolder(tmp_path / "run", "1", records=True)
    with_records(folder, 3)
    part = folder.record_part(1, "sailings")
    whole = part.read_bytes()
    for kept in (0, 3, len(whole) // 2, len(whole) - 1):
        part.write_bytes(whole[:kept])
        assert folder.finished() == {0, 2}
    # Both ends are as they should be, what lies between is not.
    part.write_bytes(whole[:4] + bytes(255 - byte for byte in whole[4:60]) + whole[60:])
    tables = merging.Merging(folder.path, scenario="little")
    for number in range(3):
        tables.add(folder.read(number))
    with pytest.raises(RunError, match=r"sailings.00001\.parquet is not a table that can be read; delete it"):
        folder.merge(tables, summary=[])
    # Who does not ask for records is not held up by them.
    (folder.path / "sailings.parquet").write_bytes(whole)
    assert RunFolder(folder.path, "1").merge(tables, summary=[]) == ["sailings"]
    assert (folder.path / "steps.parquet").exists()
    assert not (folder.path / "sailings.parquet").exists()
    tables.close()


def test_a_query_names_a_table_in_text_that_is_damaged(tmp_path):
    stored(RunFolder(tmp_path / "little-aaaaaaaa", "1"), 1)
    (tmp_path / "little-aaaaaaaa" / "summary.csv").write_bytes(b"\xb5\xff")
    with pytest.raises(RunError, match=r"summary\.csv is not a table that can be read"):
        query("SELECT 1", tmp_path)


@pytest.mark.parametrize("name", ["q*", "q[1]x", "seed=3", "it's {so}"])
def test_a_folder_of_any_name_holds_its_own_tables_and_no_more(tmp_path, name):
    """DuckDB reads patterns in paths, and columns in names of folders."""
    plain = RunFolder(tmp_path / "plain" / "q1x", "1", records=True)
    odd = RunFolder(tmp_path / name / name, "1", records=True)
    beside = RunFolder(tmp_path / name / "q1x", "1", records=True)
    for folder in (plain, odd, beside):
        with_records(folder, 2)
        stored_tables = merging.Merging(folder.path, scenario="little")
        for number in range(2):
            stored_tables.add(folder.read(number))
        folder.merge(stored_tables, summary=[])
        stored_tables.close()
    for table in ("kpis", "steps"):
        assert contents(odd.path)[f"{table}.parquet"] == contents(plain.path)[f"{table}.parquet"]
        assert list(odd.table(table)) == list(plain.table(table))
    answer = query("SELECT count(*), count(DISTINCT run) FROM steps", tmp_path / name)
    assert answer.rows == ((16, 2),)
    assert "seed" not in query("SELECT * FROM kpis", tmp_path / name).columns
    assert query("SELECT DISTINCT run FROM summary", tmp_path / name).columns == ("run",)


def test_a_full_disk_is_told_as_one_by_whatever_writes():
    class Full:
        def execute(self, *_):
            message = 'Async write failed: {"exception_message":"Could not write file","errno":"28"}'
            raise duckdb.IOException(message)

    with pytest.raises(OSError, match="No space left on device") as told:
        copy_out(Full(), "COPY …")
    code, text = explain(told.value)
    assert (code, text) == (
        3,
        "Error: No space left on device. What had finished is kept; with more room the same command goes on "
        "from there.",
    )
