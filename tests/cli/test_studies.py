"""Sweep, sensitivity and calibrate from the command line and from Python: files, bytes, exit codes."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import click
import little
import psutil
import pytest
import tiny

import sim
from sim.cli.main import cli, invoke
from sim.errors import UsageError
from sim.scenario.study_file import StudyModel
from sim.scenario.yaml_nodes import compose

FAST = ("--engine", "simpy", "--quiet", "-n", "2")


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    tiny.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(path: Path) -> dict[str, bytes]:
    """All bytes of a study but those that know the time."""
    return {
        str(file.relative_to(path)): file.read_bytes()
        for file in sorted(path.rglob("*"))
        if file.is_file() and file.name not in ("manifest.json", ".lock")
    }


def test_a_sweep_writes_its_points_and_says_what_it_costs(folder, capsys):
    arguments = ["sweep", "tiny.yaml", "--vary", "lines.p-q.vessels.count=2,4", "--vary", "slow"]
    assert invoke([*arguments, "--watch", "throughput of total", "-n", "2", "--engine", "simpy"]) == 0
    told = capsys.readouterr()
    assert "grid: 7 points × 2 replications = 14 replications" in told.err
    assert "7 points; point 0 is the scenario as it stands" in told.out
    (path,) = Path("results").iterdir()
    assert path.name.startswith("sweep-tiny-")
    assert {"manifest.json", "study.yaml", "scenario.yaml", "sweep.csv", "points.csv", "values.parquet"} <= {
        file.name for file in path.iterdir()
    }
    assert len(list((path / "points").iterdir())) == 7
    assert list((path / "figures").glob("sweep-throughput-total.*"))
    manifest = json.loads((path / "manifest.json").read_text())
    assert (manifest["kind"], manifest["state"], manifest["points"]) == ("sweep", "finished", 7)


def test_the_same_study_is_the_same_bytes_on_any_number_of_workers(folder):
    Path("study.yaml").write_text(
        "study: sweep\nof: tiny.yaml\nvary: {vessels.count: [2, 4], legs.a-p.speed: range}\n"
        "design: lhs\npoints: 4\nreplications: 2\nwatch: [throughput]\nengine: simpy\n"
    )
    found = []
    for name, jobs in (("one", "1"), ("two", "2"), ("again", "1")):
        assert invoke(["sweep", "study.yaml", "--quiet", "--no-figures", "--out", name, "-j", jobs]) == 0
        (path,) = Path(name).iterdir()
        found.append((path.name, files(path)))
    assert found[0] == found[1] == found[2]


def test_a_second_run_is_answered_from_what_is_stored(folder, monkeypatch):
    arguments = ["sweep", "tiny.yaml", "--vary", "vessels.count=2,4", "--no-figures", *FAST]
    assert invoke(arguments) == 0
    (path,) = Path("results").iterdir()
    before = files(path)

    def nothing(*_, **__):
        message = "nothing is left to compute"
        raise AssertionError(message)

    monkeypatch.setattr("sim.study.points.Simulated.compute", nothing)
    assert invoke(arguments) == 0
    assert files(path) == before


def test_killing_a_sweep_loses_no_finished_point(folder):
    arguments = ["sweep", "tiny.yaml", "--vary", "legs.a-p.speed=range/9", "--no-figures", *FAST, "-j", "2"]
    process = subprocess.Popen(
        little.arguments(*arguments), cwd=folder, env=little.environment(), start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    points: list[Path] = []
    for _ in range(1200):
        points = list(Path("results").glob("*/points/*.npz"))
        if len(points) >= 3:
            break
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    kept = {file.name: file.stat().st_mtime_ns for file in points}
    assert len(kept) >= 3
    assert invoke([*arguments[:-2], "-j", "1"]) == 0
    (path,) = Path("results").iterdir()
    after = {file.name: file.stat().st_mtime_ns for file in (path / "points").iterdir()}
    assert {name: after[name] for name in kept} == kept
    whole = {name: content for name, content in files(path).items() if ".partial" not in name}
    assert invoke([*arguments[:-2], "--out", "undisturbed"]) == 0
    (other,) = Path("undisturbed").iterdir()
    assert whole == files(other)


def workers_of(process: int) -> list[int]:
    """The worker processes of a process: those it started that compute."""
    started = psutil.Process(process).children()
    return [each.pid for each in started if "spawn_main" in " ".join(each.cmdline())]


def test_a_worker_killed_in_mid_study_stops_nothing(folder):
    # So many points that work is left when three are there, on any machine.
    arguments = ["sweep", "tiny.yaml", "--vary", "legs.a-p.speed=range/99", "--no-figures", *FAST]
    process = subprocess.Popen(
        little.arguments(*arguments, "-j", "2"), cwd=folder, env=little.environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    for _ in range(1200):
        if len(list(Path("results").glob("*/points/*.npz"))) >= 3:
            break
        time.sleep(0.02)
    workers = workers_of(process.pid)
    assert workers
    os.kill(workers[0], signal.SIGKILL)
    _, said = process.communicate(timeout=300)
    assert (process.returncode, said) == (0, "")
    assert invoke([*arguments, "--out", "undisturbed", "-j", "1"]) == 0
    (path,), (other,) = (list(Path(name).iterdir()) for name in ("results", "undisturbed"))
    assert files(path) == files(other)


def test_sensitivity_needs_no_ranges_typed(folder, capsys):
    given = ["sensitivity", "tiny.yaml", "--points", "2", "--watch", "transit_time.mean of route/west"]
    assert invoke([*given, "-n", "2", "--engine", "simpy"]) == 0
    told = capsys.readouterr()
    assert "morris: 6 parameters, 2 trajectories, 15 points × 2 replications" in told.err
    assert "levers.unused is left out: nothing in the scenario depends on it" in told.err
    assert "transit_time.mean of route/west, h" in told.out
    (path,) = Path("results").iterdir()
    header = (path / "sensitivity.csv").read_text().splitlines()[0]
    assert header == "kpi,subject,unit,factor,rank,mu,mu_star,low,high,sigma,floor"
    assert len(list((path / "figures").glob("*.png"))) == 1


def test_seeds_are_three_settings(folder):
    def table(**seeds):
        given = {
            "points": 3,
            "replications": 2,
            "engine": "simpy",
            "watch": ["transit_time.mean of route/west"],
        }
        found = sim.sensitivity("tiny.yaml", over=["legs", "servers"], **given, **seeds)
        return found.points, found.table

    points, base = table()
    other_points, other = table(bootstrap_seed=1)
    assert points.equals(other_points)
    assert base["mu_star"].equals(other["mu_star"])
    moved, _ = table(design_seed=1)
    assert not points.equals(moved)
    same, changed = table(seed=8)
    assert points.equals(same)
    assert not base["mu_star"].equals(changed["mu_star"])


def test_calibration_finds_what_the_targets_tell(folder, capsys):
    arguments = ["calibrate", "tiny.yaml", "--free", "legs.a-p.speed", "--free", "facilities.customs.service"]
    arguments += [
        "--trials",
        "16",
        "--confidence",
        "0.9",
        "--hold-out",
        "throughput",
        "--engine",
        "simpy",
        "-n",
        "6",
    ]
    assert invoke(arguments) == 0
    told = capsys.readouterr().out
    assert "held out" in told
    (path,) = Path("results").glob("calibration-*")
    found = sim.calibrate(
        "tiny.yaml", ["legs.a-p.speed", "facilities.customs.service"], trials=16, confidence=0.9,
        hold_out=["throughput"], engine="simpy", replications=6,
    )  # fmt: skip
    assert found.path == path
    speed, service = found.fit.parameters
    # 500 km in 1.25 d, less a lognormal spread of mean one: 400 km a day.
    assert speed.verdict == "identified"
    assert speed.low <= 405
    assert service.verdict == "identified"
    assert [row.role for row in found.fit.targets] == ["fitted", "fitted", "held out"]
    assert found.fit.loss < found.fit.loss_before
    assert set(found.parameters["factor"]) == {"legs.a-p.speed", "facilities.customs.service.mean"}
    assert {file.stem for file in (path / "figures").glob("*.svg")} == {
        "observed-simulated", "parameters", "parameter-cloud",
    }  # fmt: skip


def test_an_overlay_carries_what_was_found_and_others_can_extend_it(folder):
    found = sim.calibrate(
        "tiny.yaml", ["legs.a-p.speed", "facilities.customs.service", "lines.p-q.sailing"],
        trials=12, engine="simpy", replications=2,
    )  # fmt: skip
    Path("tiny-calibrated.yaml").write_bytes(found.overlay.read_bytes())
    overlay = sim.load("tiny-calibrated.yaml")
    there = found.space.at(found.fit.place.tolist())
    for section in ("legs", "facilities", "lines"):
        one, two = getattr(overlay.document, section), getattr(there.document, section)
        assert one.keys() == two.keys()
    assert overlay.document.legs["a-p"].speed == pytest.approx(there.document.legs["a-p"].speed)
    customs = overlay.document.facilities["customs"].service
    assert (customs.mean, customs.cv) == pytest.approx(
        (there.document.facilities["customs"].service.mean, 0.5)
    )
    assert overlay.document.lines["p-q"].sailing.mean == pytest.approx(
        there.document.lines["p-q"].sailing.mean
    )
    assert overlay.provenance["facilities.customs.service.mean"].levers == ("slow",)
    note = overlay.provenance["legs.a-p.speed"]
    assert note.kind == "calibrated"
    assert note.low <= note.value <= note.high
    assert load_plain(found.overlay).keys() == {"extends", "title", "summary", "legs", "facilities", "lines"}
    Path("next.yaml").write_text(
        "extends: tiny-calibrated.yaml\ntitle: More ships\nlines: {p-q: {vessels: {count: 5}}}\n"
    )
    assert sim.load("next.yaml").document.legs["a-p"].speed == overlay.document.legs["a-p"].speed


def load_plain(path: Path) -> dict:
    return compose(path.read_text(encoding="utf-8"), file=str(path)).root.data()


def test_an_overlay_says_what_the_calibrated_scenario_changes_of_its_file(folder):
    changed = sim.load("tiny.yaml").override(
        {
            "facilities": {"customs": {"servers": 3}},
            "lines": {"p-q": {"load": "9 h ± 40 %"}},
            "add": {"places": {"c": {"country": "AZ"}}},
            "timeline": [{"title": "Slower", "at": "5 d", "scale": {"legs.a-p.speed": 0.9}}],
        },
        name="changed",
    )
    common = {"trials": 8, "engine": "simpy", "replications": 2}
    found = sim.calibrate(changed, ["legs.q-b.speed=400 km/d..600 km/d"], **common)
    Path("tiny-calibrated.yaml").write_bytes(found.overlay.read_bytes())
    overlay = sim.load("tiny-calibrated.yaml")
    there = found.space.at(found.fit.place.tolist())
    assert overlay.document.facilities["customs"].servers == there.document.facilities["customs"].servers == 3
    assert overlay.document.lines == there.document.lines
    assert overlay.document.places.keys() == there.document.places.keys() >= {"c"}
    assert [each.title for each in overlay.interventions] == ["Slower"]
    # The same by the command line, and by a study file.
    given = ["calibrate", "tiny.yaml", "--free", "legs.q-b.speed=400 km/d..600 km/d", "--trials", "8", *FAST]
    assert invoke([*given, "--no-figures", "--set", "customs.servers=3", "--out", "line"]) == 0
    (written,) = Path("line").glob("*/tiny-calibrated.yaml")
    assert load_plain(written)["facilities"] == {"customs": {"servers": 3}}


def test_a_fresh_calibration_computes_each_point_once(folder, monkeypatch):
    from sim.study.points import Simulated

    computed: list[int] = []
    compute = Simulated.compute

    def counted(self, number, *rest):
        computed.append(number)
        return compute(self, number, *rest)

    monkeypatch.setattr(Simulated, "compute", counted)
    given = ["calibrate", "tiny.yaml", "--free", "legs.a-p.speed", "--trials", "10", *FAST, "-j", "1"]
    assert invoke([*given, "--no-figures"]) == 0
    first = sorted(computed)
    assert len(set(first)) == len(first) == 13
    (path,) = Path("results").iterdir()
    before = files(path)
    computed.clear()
    assert invoke([*given, "--no-figures", "--fresh"]) == 0
    assert sorted(computed) == first
    assert files(path) == before


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["sensitivity", "tiny.yaml", "--over", "legs.a-p.speed"], "a sensitivity study needs SALib"),
        (["calibrate", "tiny.yaml", "--free", "legs.a-p.speed"], "a calibration needs threadpoolctl"),
        (["run", "tiny.yaml", "--cluster", "tcp://127.0.0.1:1"], "work on a Dask cluster needs distributed"),
    ],
)
def test_a_library_of_an_extra_that_is_missing_is_named_before_anything_is_computed(
    folder, capsys, monkeypatch, arguments, named
):
    def missing(name):
        message = f"No module named {name!r}"
        raise ModuleNotFoundError(message)

    monkeypatch.setattr("sim.extras.import_module", missing)
    assert invoke([*arguments, *FAST]) == 2
    said = capsys.readouterr().err
    assert f"Error: {named}: install the extra" in said
    assert not list(Path().glob("results/*/points"))


def test_a_change_that_no_overlay_can_say_is_refused_before_anything_is_computed(folder):
    varied = sim.load("tiny.yaml").varied({"customs.servers": 3}, name="varied")
    with pytest.raises(UsageError, match="cannot say all that was changed of it"):
        sim.calibrate(varied, ["legs.a-p.speed"], trials=8, engine="simpy", replications=2)
    assert not Path("results").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["sweep", "tiny.yaml"], 2, "nothing is varied"),
        (["sweep", "tiny.yaml", "--vary", "legs.a-p.sped=1,2"], 1, "did you mean"),
        (["sweep", "tiny.yaml", "--vary", "vessels.count=2", "--design", "lhs"], 2, "needs --points"),
        (["sweep", "tiny.yaml", "--vary", "vessels.count=2", "--watch", "thruput"], 2, "did you mean"),
        (["sensitivity", "tiny.yaml", "--over", "vessels.count"], 2, "has no range"),
        (["sensitivity", "tiny.yaml", "--method", "guess"], 2, "guess"),
        (["sensitivity", "tiny.yaml", "--precision", "0.1"], 2, "--precision has no meaning for sensitivity"),
        (["calibrate", "tiny.yaml", "--free", "slow", "--precision", "0.1"], 2, "--precision has no meaning"),
        (["sweep", "tiny.yaml", "--vary", "vessels.count=2", "--records"], 2, "--records has no meaning"),
        (["calibrate", "tiny.yaml"], 2, "no parameter is free"),
        (["calibrate", "tiny.yaml", "--free", "slow", "--trials", "2"], 2, "at least 8"),
        (["calibrate", "tiny.yaml", "--free", "slow", "--free", "levers.slow"], 2, "freed twice"),
        (["sweep", "nowhere.yaml", "--vary", "a=1"], 1, "nowhere"),
    ],
)  # fmt: skip
def test_what_makes_no_study_is_one_readable_block(folder, capsys, arguments, code, text):
    assert invoke([*arguments, *FAST]) == code
    told = capsys.readouterr().err
    assert text in told
    assert "Traceback" not in told


def test_a_study_file_is_for_its_own_command(folder, capsys):
    Path("study.yaml").write_text("study: sensitivity\nof: tiny.yaml\nmethod: morris\npoints: 2\n")
    assert invoke(["sweep", "study.yaml"]) == 2
    assert "is a study for `corridor sensitivity`" in capsys.readouterr().err


def test_a_scenario_without_targets_cannot_be_calibrated(folder):
    base = sim.load("tiny.yaml")
    text = Path("tiny.yaml").read_text().split("targets:")[0]
    Path("bare.yaml").write_text(text)
    with pytest.raises(UsageError, match="no targets"):
        sim.calibrate("bare.yaml", ["slow"], out="x", engine="simpy")
    with pytest.raises(UsageError, match="no target speed"):
        sim.calibrate(base, ["slow"], hold_out=["speed"], out="x", engine="simpy")


# every flag of a command has a key


@pytest.mark.parametrize("command", ["compare", "sweep", "sensitivity", "calibrate"])
def test_every_flag_of_a_study_command_has_a_key_in_its_file(command):
    keys = set(StudyModel.model_fields)
    told = {"overrides": "set", "resume": "fresh", "no_figures": "figures", "form": "format"}
    flags = [each.name for each in cli.get_command(None, command).params if isinstance(each, click.Option)]
    assert {told.get(name, name) for name in [*flags, "debug"]} <= keys


def test_a_study_file_may_let_warnings_stop_the_work_and_ask_for_tracebacks(folder, capsys):
    text = "study: sweep\nof: tiny.yaml\nvary: {vessels.count: [2]}\nfigures: false\nquiet: true\n"
    Path("warned.yaml").write_text(
        "extends: tiny.yaml\ntimeline: [{title: late, at: 900 d, set: {facilities.customs.servers: 1}}]\n"
    )
    Path("study.yaml").write_text(text.replace("tiny", "warned") + "replications: 1\nstrict: true\n")
    assert invoke(["sweep", "study.yaml"]) == 1
    assert "never-active" in capsys.readouterr().err
    Path("study.yaml").write_text(text + "watch: [nothing of nobody]\ndebug: true\n")
    assert invoke(["sweep", "study.yaml"]) != 0
    assert "Traceback" in capsys.readouterr().err


def test_a_sweep_tells_what_one_of_its_values_is_warned_of(folder):
    Path("dated.yaml").write_text(
        "extends: tiny.yaml\ntimeline: [{title: strike, at: 2 d, set: {facilities.customs.servers: 1}}]\n"
    )
    found = sim.sweep(
        "dated.yaml",
        {"clock.length": ["20 d", "1 d"], "facilities.customs.servers": [3, 2.5]},
        replications=1,
        engine="simpy",
    )
    # What the scenario as it stands is not warned of, and at which value.
    assert [text for text in found.notes if "=" in text] == [
        "clock.length = 1 d: 'strike' lies outside the run",
        "facilities.customs.servers = 2.5: only whole ones count: 2 of 2.5",
    ]
