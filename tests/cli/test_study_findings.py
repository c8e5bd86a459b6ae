"""A study file that its command would stumble over: `check` finds it, and nothing is made of it."""

from pathlib import Path

import little
import pytest
import tiny

from sim.cli.main import invoke

PACKAGED = sorted((little.ROOT / "scenarios" / "studies").glob("*.yaml"))
SWEEP = "study: sweep\nof: tiny.yaml\nvary: {vessels.count: [2, 3]}\n"
CALIBRATE = "study: calibrate\nof: tiny.yaml\nfree: [legs.a-p.speed]\n"
SENSITIVITY = "study: sensitivity\nof: tiny.yaml\nmethod: morris\npoints: 2\n"
COMPARE = "study: compare\nof: [tiny.yaml, more.yaml]\n"


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    tiny.write(tmp_path)
    (tmp_path / "more.yaml").write_text("extends: tiny.yaml\nlines: {p-q: {vessels: {count: 5}}}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "place", "code", "told"),
    [
        (SWEEP + 'set: {legs.a-p.sped: "3 km/d"}\n', "4:7", "unknown-path", "legs.a-p.speed'?"),
        (SWEEP + "set:\n  - legs.a-p.sped=3 km/d\n", "5:5", "unknown-path", "legs.a-p.speed'?"),
        (SWEEP + "set:\n  storm.lasts: 2 d\n  a-p.cv: 3 km\n", "6:11", "wrong-dimension", "such as 0.3"),
        (SWEEP + "watch: [througput]\n", "4:9", "unknown-kpi", "did you mean 'throughput'?"),
        (SWEEP + "watch: [transit_time.p99]\n", "4:9", "unknown-kpi", "did you mean 'transit_time.p9"),
        (SWEEP + "watch:\n  - throughput\n  - transit_tme.mean of route/west\n", "6:5", "unknown-kpi",
         "did you mean 'transit_time.mean'?"),
        (SWEEP + "watch: [transit_time of route/wst]\n", "4:9", "dangling-id", "did you mean 'route/west'?"),
        (SWEEP + "watch: [transit_time of leg/a-p]\n", "4:9", "bad-value", "expected: flow/…, route/…"),
        (SWEEP + "watch: [throughput of total in kg]\n", "4:9", "bad-value", "Mt/yr"),
        (SENSITIVITY + "watch: [wait of facility/custom]\n", "5:9", "dangling-id", "'facility/customs'?"),
        (SENSITIVITY + "over: [a-p.distance]\n", "5:8", "missing-range", "has no range"),
        (COMPARE + "watch: [throughput of port/p/bx]\n", "3:9", "dangling-id", "'port/p/box'?"),
        (COMPARE + "select: transit_tme.mean of route/west\n", "3:9", "unknown-kpi", "transit_time.mean"),
        (CALIBRATE + "hold_out: [throughputs]\n", "4:12", "dangling-id", "did you mean 'throughput'?"),
        (CALIBRATE + "hold_out: ['*']\n", "4:11", "bad-value", "every target is held out"),
        (CALIBRATE + "trials: 3\n", "4:9", "bad-value", "at least 8"),
        (SENSITIVITY + "trials: 30\n", "5:1", "misplaced-key", "study: calibrate"),
        (SENSITIVITY + "precision: 0.1\n", "5:1", "misplaced-key", "study: compare or sweep"),
        (CALIBRATE + "watch: [throughput]\n", "4:1", "misplaced-key", "sensitivity"),
        (SWEEP + "records: true\n", "4:1", "misplaced-key", "study: compare"),
        ("study: calibrate\nof: tiny.yaml\nfree: [legs.a-p.distance]\n", "3:8", "missing-range",
         "or PATH=lo..hi"),
        ("study: calibrate\nof: tiny.yaml\nfree: [slow, legs.a-p.speed=3 km..4 km]\n", "3:14",
         "wrong-dimension", "km"),
        ('study: sweep\nof: tiny.yaml\nvary: {legs.a-p.speed: ["3 km", "400 km/d"]}\n', "3:25",
         "wrong-dimension", "km"),
        ("study: sweep\nof: tiny.yaml\nvary: {vessels.count: {scale: [1, -2]}}\n", "3:35",
         "out-of-range", "at least 0"),
        ("study: sweep\nof: tiny.yaml\nvary: {a-p.distance: range}\n", "3:22", "missing-range",
         "has no range"),
        ("study: sweep\nof: tiny.yaml\nvary: {a-p.speed: 0..700 km/d/3}\n", "3:19", "out-of-range", "more"),
        (SWEEP + "points: 3\n", "4:9", "bad-value", "has 2 points, not 3"),
        (SWEEP.replace("}", ", lines.p-q.vessels.count: [4]}"), "3:7", "bad-value", "is varied 2 times"),
    ],
)  # fmt: skip
def test_what_a_command_would_stumble_over_is_found_in_its_file(folder, capsys, text, place, code, told):
    Path("study.yaml").write_text(text)
    assert invoke(["check", "study.yaml"]) == 1
    found = capsys.readouterr().out
    assert f"study.yaml:{place}: error [{code}] at " in found
    assert told in found
    assert "expected: " in found
    command = text.partition("\n")[0].partition(": ")[2]
    assert invoke([command, "study.yaml", "--engine", "simpy", "-n", "2"]) == 1
    said = capsys.readouterr()
    assert found.rpartition("study.yaml: ")[0].strip() in said.err
    assert "points ×" not in said.err
    assert not Path("results").exists()


@pytest.mark.parametrize(
    "text",
    [
        SWEEP
        + "watch: [transit_time, throughput of route/*, wait.mean of port/p/box in h, 'offered in t']\n",
        SWEEP + 'set: {legs.a-p.speed: "300 km/d", customs: {servers: 3}}\n',
        SENSITIVITY + "over: [levers, legs.a-p, customs.servers]\nwatch: [throughput of country/KZ]\n",
        CALIBRATE + "hold_out: [throughput of route/*]\n",
        "study: sweep\nof: tiny.yaml\nvary: {legs.q-b.mode: [rail, road], legs.a-p.speed: range/2}\n",
    ],
)
def test_what_is_sound_is_let_through(folder, capsys, text):
    Path("study.yaml").write_text(text)
    assert invoke(["check", "study.yaml"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("path", PACKAGED, ids=lambda path: path.stem)
def test_the_packaged_studies_ask_for_what_there_is(path, capsys):
    assert invoke(["check", str(path)]) == 0, capsys.readouterr().out


def test_every_kpi_and_unit_of_a_run_may_be_watched():
    import sim
    from sim.model.compile import compile_model
    from sim.study.replicate import Simulation
    from sim.study.summary import keys_of
    from sim.study.watchable import KPIS, refused, subjects, told_of

    scenario = sim.load("baseline", overrides=["clock.length=20 d", "clock.warmup=1 d"])
    keys = keys_of(Simulation(compile_model(scenario), 1, "simpy")(0).kpis)
    assert {key.subject for key in keys} <= set(subjects(scenario.document))
    for text in {key.kpi for key in keys} | {f"{key.kpi} of {key.subject}" for key in keys[::50]}:
        assert refused(text, [scenario.document]) is None, text
    for key in keys:
        meaning = KPIS[key.kpi.partition(".")[0]]
        assert key.unit in meaning.units, key
        assert told_of(key.kpi, key.subject), key


@pytest.mark.parametrize(
    "watch", ["thruput", "transit_time of route/wst", "throughput of total in kg", "transit_time of leg/a-p"]
)
def test_what_cannot_be_watched_makes_no_folder(folder, capsys, watch):
    for given in (["sweep", "tiny.yaml", "--vary", "vessels.count=2"], ["sensitivity", "tiny.yaml"]):
        assert invoke([*given, "--watch", watch, "-n", "2", "--engine", "simpy"]) == 2
        said = capsys.readouterr().err
        assert f"cannot watch {watch}: " in said
        assert "did you mean" in said or "expected" in said
        assert "points ×" not in said
    assert not Path("results").exists()


def test_a_comparison_may_watch_what_only_a_comparison_tells(folder, capsys):
    Path("study.yaml").write_text(COMPARE + "watch: [lost]\n", encoding="utf-8")
    assert invoke(["check", "study.yaml"]) == 0
    Path("study.yaml").write_text(SWEEP + "watch: [lost]\n", encoding="utf-8")
    assert invoke(["check", "study.yaml"]) == 1
    told = capsys.readouterr().out
    assert "no KPI 'lost' is known" in told
    assert "did you mean 'lost'" not in told


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffstudy: sweep\nof: tiny.yaml\nvary: {vessels.count: [2, 3]}\n",
        '"study": sweep\nof: tiny.yaml\nvary: {vessels.count: [2, 3]}\n',
        '{\n  "of": "tiny.yaml",\n  "study": "sweep",\n  "vary": {"vessels.count": [2, 3]}\n}\n',
    ],
)
def test_a_study_is_known_however_its_key_is_written(folder, capsys, text):
    (folder / "case.yaml").write_text(text, encoding="utf-8")
    assert invoke(["check", "case.yaml"]) == 0, capsys.readouterr().out
    # What only speaks of a study is a scenario.
    (folder / "case.yaml").write_text("extends: tiny.yaml\nsummary: |\n  the study\n", encoding="utf-8")
    assert invoke(["run", "case.yaml", "-n", "1", "--no-figures", "-j", "1"]) == 0
