"""The command line: what each command answers, with which exit code, and where it writes."""

import csv
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import little
import pytest
from click.testing import CliRunner, Result

from sim.cli.main import COMMANDS, cli, invoke


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    little.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def corridor(folder):
    """Call the command line in this process; gives the exit code and what was printed."""

    def call(*given: object) -> Result:
        runner = CliRunner()
        with runner.isolation() as (out, err, _):
            code = invoke([str(each) for each in given])
            sys.stdout.flush()
        text = out.getvalue().decode()
        return Result(runner, out.getvalue(), err.getvalue(), text.encode(), None, code, None)

    return call


def only_run(folder: Path) -> Path:
    (run,) = (path for path in (folder / "results").iterdir() if not path.name.startswith("compare"))
    return run


# help and usage


def test_help_names_every_command(corridor):
    said = corridor("--help")
    assert said.exit_code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in said.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(corridor, name):
    said = corridor(name, "--help")
    assert said.exit_code == 0
    assert said.stdout.startswith(f"Usage: corridor {name} ")


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("sweep", {"--records"}),
        ("sensitivity", {"--records", "--precision"}),
        ("calibrate", {"--records", "--precision"}),
    ],
)
def test_help_says_which_flags_a_command_refuses(corridor, name, refused):
    told = " ".join(corridor(name, "--help").stdout.split())
    for flag, value in (("--records", ()), ("--precision", ("0.1",))):
        said = corridor(name, "nothing", flag, *value)
        assert (f"{flag} has no meaning for {name}" in said.stderr) == (flag in refused)
        told_of = told.partition(f" {flag} ")[2].partition(" --")[0]
        assert (f"Has no meaning for {name}" in told_of) == (flag in refused)


def test_help_imports_nothing_heavy():
    heavy = ("numpy", "pydantic", "simpy", "pandas", "matplotlib", "duckdb", "scipy", "rich", "ruamel")
    script = (
        "import sys; from sim.cli.main import invoke; import sim;"
        "code = invoke(['--help']);"
        f"print([name for name in {heavy!r} if name in sys.modules], code, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=little.environment(), capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[] 0"


def test_python_minus_m_is_the_same_and_broken_pipes_are_quiet(folder):
    done = subprocess.run(
        f"'{sys.executable}' -m sim show little.yaml | head -c 20",
        shell=True,
        cwd=folder,
        env=little.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert len(done.stdout) == 20


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["runn", "x"], "did you mean run?"),
        (["frobnicate"], "there are run, compare"),
        (["run"], "Missing argument"),
        (["run", "little.yaml", "--replications", "0"], "x>=1"),
        (["run", "little.yaml", "--replication", "3"], "--replications"),
        (["run", "little.yaml", "--seed", "-1"], "x>=0"),
        (["run", "little.yaml", "--jobs", "0"], "x>=1"),
        (["run", "little.yaml", "--precision", "0"], "0<x<1"),
        (["run", "little.yaml", "--engine", "steam"], "simpy"),
        (["compare", "little.yaml"], "at least one other"),
        (["compare", "little.yaml", "little.yaml"], "two scenarios of one name"),
        (["show", "little.yaml", "--diff", "--sources"], "give one"),
        (["show"], "which FILE?"),
        (["show", "little.yaml", "flow"], "did you mean flows?"),
        (["trace", "little.yaml", "--flow", "boxs", "--number", "1"], "did you mean boxes?"),
        (["trace", "little.yaml", "--flow", "boxes", "--number", "99999"], "numbered from 0"),
        (["report", "nothing"], "no run nothing"),
        (["query", "SELEC 1"], "the query failed"),
    ],
)
def test_wrong_usage_ends_with_2_and_one_block(corridor, given, says):
    said = corridor(*given)
    assert said.exit_code == 2, said.stderr
    assert says in said.stderr
    assert "Traceback" not in said.stderr
    assert said.stdout == ""


@pytest.mark.parametrize("command", ["run", "check", "compare", "show", "explain"])
def test_findings_end_with_1_and_name_file_line_and_column(corridor, folder, command):
    text = little.LITTLE.replace("servers: 2", "servrs: 2")
    (folder / "bad.yaml").write_text(text, encoding="utf-8")
    said = corridor(command, "bad.yaml", *(["little.yaml"] if command == "compare" else []))
    assert said.exit_code == 1
    everything = said.stdout + said.stderr
    assert "bad.yaml:9:" in everything
    assert "unknown-key" in everything
    assert "servers" in everything
    assert "Traceback" not in everything
    assert not (folder / "results").exists()


def test_a_missing_file_is_a_finding(corridor):
    said = corridor("run", "nosuch.yaml")
    assert said.exit_code == 1
    assert "unreadable-file" in said.stderr


def test_debug_shows_the_traceback_and_keeps_the_exit_code(corridor):
    said = corridor("run", "nosuch.yaml", "--debug")
    assert said.exit_code == 1
    assert "Traceback" in said.stderr


def test_a_folder_that_cannot_be_written_is_a_failure_in_one_block(corridor, folder):
    (folder / "file").write_text("no folder")
    said = corridor("run", "little.yaml", "--out", folder / "file" / "below", "--no-figures")
    assert said.exit_code == 3
    assert "Traceback" not in said.stderr
    assert "Error:" in said.stderr


def test_a_failed_replication_ends_with_3_and_names_it(corridor, monkeypatch, folder):
    from sim.errors import RunError
    from sim.study import replicate

    whole = replicate.simulate_one

    def fail(model, seed, *, replication, engine="auto"):
        if replication == 2:
            message = "the third one fails"
            raise RunError(message)
        return whole(model, seed, replication=replication, engine=engine)

    monkeypatch.setattr(replicate, "simulate_one", fail)
    said = corridor("run", "little.yaml", "--no-figures", "--jobs", 1)
    assert said.exit_code == 3
    assert "replication 2: the third one fails" in said.stderr
    manifest = json.loads((only_run(folder) / "manifest.json").read_text())
    assert manifest["state"] == "failed"
    assert manifest["replications"] == {"asked": 4, "finished": 2}


# run


def test_run_prints_a_summary_and_writes_what_the_interface_names(corridor, folder):
    said = corridor("run", "little.yaml", "--no-figures")
    assert said.exit_code == 0, said.stderr
    assert "A little corridor: 4 replications, seed 7, 95% intervals" in said.stdout
    for words in ("Throughput", "Transit time", "Longest waits", "route/west", "line/p-q", "±", "Tables:"):
        assert words in said.stdout
    assert len(said.stdout.splitlines()) < 40
    run = only_run(folder)
    assert run.name.startswith("little-")
    assert len(run.name) == len("little-") + 8
    for file in ("manifest.json", "scenario.yaml", "kpis.parquet", "series.parquet", "summary.csv"):
        assert (run / file).is_file()
    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["hash"] == run.name.removeprefix("little-")
    assert (manifest["title"], manifest["seed"]) == ("A little corridor", 7)
    assert manifest["engine"] == ("compiled" if find_spec("numba") else "simpy")
    assert manifest["replications"] == {"asked": 4, "finished": 4}
    assert {"sim", "python", "simpy", "numpy", "duckdb"} <= set(manifest["versions"])
    assert manifest["wall_time_s"] > 0
    for row in manifest["closing_statement"]["flows"]:
        ends = row["delivered"] + row["turned_away"] + row["gone_outside"] + row["under_way"]
        assert row["before"] + row["offered"] == pytest.approx(ends)
    with (run / "summary.csv").open() as handle:
        rows = list(csv.DictReader(handle))
    assert list(rows[0]) == ["kpi", "subject", "unit", "n", "mean", "sd", "low", "high", "stationary"]
    transit = next(r for r in rows if (r["kpi"], r["subject"]) == ("transit_time.mean", "route/west"))
    assert float(transit["low"]) < float(transit["mean"]) < float(transit["high"])


def test_figures_without_signs_for_a_title_are_told_in_one_note(corridor, folder, monkeypatch):
    monkeypatch.setattr("sim.report.lettering._signs", lambda *_: frozenset(range(0x3000)))
    text = (folder / "little.yaml").read_text(encoding="utf-8")
    (folder / "chinese.yaml").write_text("title: 中欧班列\n" + text.partition("\n")[2], encoding="utf-8")
    said = corridor("run", "chinese.yaml", "-n", 2)
    assert said.exit_code == 0
    assert said.stderr.count("no font here has a sign") == 1
    assert "Note: the figures show empty boxes" in said.stderr
    assert "Warning" not in said.stderr


def test_run_speaks_json(corridor, folder):
    said = corridor("run", "little.yaml", "--no-figures", "--format", "json", "-n", 2)
    (answer,) = json.loads(said.stdout)
    assert Path(answer["path"]) == Path("results") / only_run(folder).name
    assert {row["kpi"] for row in answer["summary"]} >= {"throughput", "transit_time.mean"}
    assert said.stderr == ""


def test_run_takes_several_scenarios_overrides_and_a_seed(corridor, folder):
    said = corridor(
        "run",
        "little.yaml",
        "faster.yaml",
        "--set",
        "customs.service=2 h",
        "--seed",
        3,
        "-n",
        2,
        "--no-figures",
    )
    assert said.exit_code == 0, said.stderr
    seeds = [json.loads(file.read_text())["seed"] for file in folder.glob("results/*/manifest.json")]
    assert seeds == [3, 3]
    assert "Faster customs" in said.stdout


def test_precision_replicates_until_it_is_reached(corridor, folder):
    said = corridor("run", "little.yaml", "--no-figures", "--precision", 0.2, "-n", 60)
    assert said.exit_code == 0
    manifest = json.loads((only_run(folder) / "manifest.json").read_text())
    assert 13 <= manifest["replications"]["finished"] <= 60
    assert manifest["replications"]["precision"] == 0.2
    assert "half-widths" in said.stderr


def test_strict_lets_a_saturated_run_fail_but_keeps_it(corridor, folder):
    flags = ("run", "little.yaml", "--no-figures", "--set", "boxes.volume=200000 TEU/yr")
    said = corridor(*flags)
    assert said.exit_code == 0
    assert "Not stationary" in said.stdout
    assert "not-stationary" in said.stderr
    assert "not stationary" in said.stdout
    strict = corridor(*flags, "--strict")
    assert strict.exit_code == 3
    assert "not-stationary" in strict.stderr


def test_quiet_prints_the_answer_only(corridor):
    said = corridor("run", "little.yaml", "--no-figures", "--quiet", "--set", "boxes.volume=200000 TEU/yr")
    assert said.exit_code == 0
    assert said.stderr == ""


# compare, runs, report, query


def test_compare_writes_and_prints_paired_differences(corridor, folder):
    said = corridor("compare", "little.yaml", "faster.yaml", "--no-figures")
    assert said.exit_code == 0, said.stderr
    assert "common random numbers" in said.stdout
    (table,) = folder.glob("results/compare-*/comparison.csv")
    with table.open() as handle:
        rows = list(csv.DictReader(handle))
    assert ",".join(rows[0]) == "kpi,subject,unit,base,other,n,difference,low,high,p,p_adjusted"
    wait = next(r for r in rows if (r["kpi"], r["subject"]) == ("wait.mean", "facility/customs"))
    assert float(wait["other"]) < float(wait["base"])
    assert float(wait["difference"]) == pytest.approx(float(wait["other"]) - float(wait["base"]))
    assert wait["n"] == "4"
    # Finished runs may be compared too, and give the same.
    runs = sorted(path.name for path in (folder / "results").iterdir() if "compare" not in path.name)
    again = corridor("compare", runs[1], runs[0], "--no-figures")
    assert again.exit_code == 0, again.stderr
    assert again.stdout == said.stdout


def test_compare_of_three_names_the_scenario_in_each_row(corridor, folder):
    (folder / "slower.yaml").write_text(little.FASTER.replace("servers: 3", "servers: 1"), encoding="utf-8")
    said = corridor("compare", "little.yaml", "faster.yaml", "slower.yaml", "--no-figures", "-n", 3)
    assert said.exit_code == 0, said.stderr
    (table,) = folder.glob("results/compare-*/comparison.csv")
    with table.open() as handle:
        assert {row["scenario"] for row in csv.DictReader(handle)} == {"faster", "slower"}


STUDY = """\
study: compare
of: [little.yaml, faster.yaml]
replications: 3
figures: false
watch: [wait.mean]
set: {storm.lasts: "~exp 2 d"}
"""


def test_a_study_file_stands_for_the_flags_of_its_command(corridor, folder):
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    said = corridor("compare", "study.yaml")
    assert said.exit_code == 0, said.stderr
    assert "wait.mean facility/customs" in said.stdout
    assert "throughput" not in said.stdout
    assert "3 pairs" in said.stdout
    # A flag that is given wins over the file.
    assert "2 pairs" in corridor("compare", "study.yaml", "-n", 2).stdout
    assert corridor("check", "study.yaml").exit_code == 0
    for wrong in (("run", "study.yaml"), ("compare", "study.yaml", "little.yaml")):
        assert corridor(*wrong).exit_code == 2
    (folder / "study.yaml").write_text(STUDY.replace("of: [", "of: [none.yaml, "), encoding="utf-8")
    assert corridor("check", "study.yaml").exit_code == 1


@pytest.mark.parametrize(
    "command", [("run",), ("trace", "--flow", "boxes", "--number", 0), ("show",), ("explain",)]
)
@pytest.mark.parametrize("name", ["studies/study.yaml", "study"])
def test_a_study_is_told_as_such_where_a_scenario_is_expected(corridor, folder, command, name):
    study = folder / "scenarios" / "studies" / "study.yaml"
    study.parent.mkdir(parents=True, exist_ok=True)
    study.write_text(STUDY, encoding="utf-8")
    said = corridor(*command, name)
    assert said.exit_code == 2
    assert said.stderr.startswith(f"Error: {name} is a study, not a scenario")


def test_runs_of_different_seeds_are_not_compared(corridor, folder):
    corridor("run", "little.yaml", "-n", 2, "--no-figures")
    corridor("run", "faster.yaml", "-n", 2, "--seed", 8, "--no-figures")
    runs = [path.name for path in (folder / "results").iterdir()]
    said = corridor("compare", *runs, "--no-figures")
    assert said.exit_code == 2
    assert "share no random numbers" in said.stderr


def test_runs_query_and_report_know_what_is_stored(corridor, folder):
    assert "No runs in results" in corridor("runs").stdout
    corridor("run", "little.yaml", "-n", 2, "--no-figures")
    name = only_run(folder).name
    assert name in corridor("runs").stdout
    (listed,) = json.loads(corridor("runs", "--format", "json").stdout)
    assert (listed["run"], listed["stored"], listed["state"]) == (name, 2, "finished")
    said = corridor("query", "SELECT DISTINCT run, replication FROM kpis ORDER BY ALL", "--format", "json")
    assert json.loads(said.stdout) == [{"run": name, "replication": 0}, {"run": name, "replication": 1}]
    assert corridor("query", "SELECT count(*) AS n FROM series").stdout.splitlines()[0].strip() == "n"


# check, show, trace


def test_check_finds_nothing_in_a_good_scenario(corridor):
    said = corridor("check", "little.yaml", "faster.yaml")
    assert said.exit_code == 0
    assert "2 scenarios: nothing found" in said.stdout


def test_check_speaks_json(corridor, folder):
    (folder / "bad.yaml").write_text(little.LITTLE.replace('"6 h ± 50 %"', '"6 km"'), encoding="utf-8")
    said = corridor("check", "bad.yaml", "--format", "json")
    assert said.exit_code == 1
    (finding,) = json.loads(said.stdout)
    assert finding["code"] == "wrong-dimension"
    assert (finding["line"], finding["path"]) == (9, "facilities.customs.service")


def test_show_gives_a_scenario_that_can_be_run(corridor, folder):
    said = corridor("show", "little.yaml")
    assert said.exit_code == 0, said.stderr
    assert "customs" in said.stdout
    part = json.loads(corridor("show", "little.yaml", "flows.boxes", "--format", "json").stdout)
    assert part["commodity"] == "containers"


def test_show_diff_names_what_was_changed(corridor):
    said = corridor("show", "faster.yaml", "--diff")
    assert "facilities.customs.servers" in said.stdout


def test_explain_names_the_source_of_a_number(corridor, folder):
    text = little.LITTLE.replace(
        'service: "6 h ± 50 %"', 'service: {assume: "6 h", range: ["3 h", "9 h"], because: nobody says}'
    )
    (folder / "little.yaml").write_text(text, encoding="utf-8")
    said = corridor("explain", "little.yaml", "customs")
    assert "facilities.customs.service" in said.stdout
    assert "assumption" in said.stdout
    assert "3 … 9" in said.stdout
    assert "legs." not in said.stdout
    told = corridor("show", "little.yaml", "--assumptions")
    assert "nobody says" in told.stdout
    assert "legs." not in told.stdout


def test_schema_is_json_schema(corridor):
    schema = json.loads(corridor("show", "--schema").stdout)
    assert "properties" in schema
    assert "flows" in schema["properties"]


def test_trace_follows_one_consignment(corridor):
    said = corridor("trace", "little.yaml", "--flow", "boxes", "--number", 10)
    assert said.exit_code == 0, said.stderr
    lines = said.stdout.splitlines()
    steps = [line.split()[0] for line in lines if "/" in line.split(" ")[0]]
    assert steps == ["leg/a-p", "line/p-q", "facility/customs", "leg/q-b"]
    assert "p-q/" in said.stdout
    assert lines[0] == "boxes number 10, 140 t, 10 TEU"
    assert [line.split()[0] for line in lines[1:4]] == ["offered", "outcome", "route"]
    text = (
        Path("little.yaml").read_text(encoding="utf-8").replace("{TEU: 10, t: 140}", "{TEU: 10, trains: 1}")
    )
    Path("train.yaml").write_text(text, encoding="utf-8")
    train = corridor("trace", "train.yaml", "--flow", "boxes", "--number", 10)
    assert train.stdout.splitlines()[0] == "boxes number 10, 10 TEU, 1 train"
    told = json.loads(
        corridor("trace", "little.yaml", "--flow", "boxes", "--number", 10, "--format", "json").stdout
    )
    for before, after in zip(told["steps"], told["steps"][1:], strict=False):
        assert before["left"] == after["asked"]
    assert told["outcome"] == "delivered"


def test_a_process_without_an_output_is_no_failure(folder, monkeypatch):
    monkeypatch.setattr("sys.stdout", None)
    assert invoke(["runs", "--out", str(folder / "nowhere")]) == 0


def test_cli_object_is_what_the_script_calls():
    assert cli.name == "cli"
