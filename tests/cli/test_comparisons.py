"""Compare beyond its table: which folder it writes, what is watched, which scenario is chosen."""

import json
from pathlib import Path

import little
import pytest

import sim
from sim.cli.main import invoke

QUESTION = ["compare", "little.yaml", "faster.yaml", "--no-figures"]


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    little.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def comparisons(folder: Path) -> list[dict]:
    files = sorted(folder.glob("results/compare-*/manifest.json"))
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def test_another_question_is_another_comparison(folder, capsys):
    watch = "throughput of line/p-q"
    for more in (["-n", "4"], ["-n", "3"], ["-n", "3", "--watch", watch], ["-n", "3", "--confidence", "0.9"]):
        assert invoke([*QUESTION, *more]) == 0
    found = comparisons(folder)
    assert sorted((each["replications"], each["confidence"], each["watch"]) for each in found) == [
        (3, 0.9, []),
        (3, 0.95, []),
        (3, 0.95, [watch]),
        (4, 0.95, []),
    ]
    assert invoke([*QUESTION, "-n", "4"]) == 0
    assert comparisons(folder) == found
    capsys.readouterr()
    # Of finished runs so many pairs are taken as are asked for.
    runs = sorted(path.name for path in (folder / "results").iterdir() if "compare" not in path.name)
    assert invoke(["compare", *reversed(runs), "-n", "2", "--no-figures"]) == 0
    assert "2 pairs" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--set", "customs.servers=3"], "--set cannot reach"),
        (["--seed", "5"], "is stored with seed"),
        (["-n", "9"], "holds 2 replications, 9 were asked for"),
        (["--precision", "0.1"], "--precision cannot reach"),
        (["--fresh"], "nothing is run anew"),
        (["--records"], "nothing is run anew"),
    ],
)
def test_what_finished_runs_can_no_longer_be_asked_is_refused(folder, capsys, more, told):
    assert invoke(["run", "little.yaml", "faster.yaml", "-n", "2", "--no-figures", "--engine", "simpy"]) == 0
    runs = sorted(path.name for path in (folder / "results").iterdir())
    capsys.readouterr()
    assert invoke(["compare", *runs, "--no-figures", *more]) == 2
    assert told in capsys.readouterr().err
    assert not comparisons(folder)


def test_what_is_watched_may_name_its_subject(folder, capsys):
    assert invoke([*QUESTION, "-n", "2", "--watch", "utilisation of facility/customs"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "share" in line]
    assert [line.split()[:2] for line in lines] == [["utilisation", "facility/customs"]]
    assert invoke([*QUESTION, "-n", "2", "--watch", "utilisation of facility/custom"]) == 2
    assert "did you mean facility/customs?" in capsys.readouterr().err


# Selection


SLOWER = "title: Slow customs\nextends: little.yaml\nfacilities: {customs: {servers: 1}}\n"
TIME = "transit_time.mean of route/west"


@pytest.fixture
def three(folder) -> list[str]:
    (folder / "slower.yaml").write_text(SLOWER, encoding="utf-8")
    return ["compare", "little.yaml", "slower.yaml", "faster.yaml", "--engine", "simpy", "--no-figures"]


def parts(folder: Path) -> dict[str, int]:
    return {
        file.parent.parent.name + "/" + file.name: file.stat().st_mtime_ns
        for file in folder.glob("results/*/replications/*.npz")
    }


def test_kn_chooses_with_a_guarantee_and_spends_no_more_than_it_needs(folder, three, capsys):
    assert invoke([*three, "--select", TIME, "--delta", "1 h"]) == 0
    told = capsys.readouterr().out
    assert f"Faster customs has the lowest {TIME}" in told
    assert "if the best leads by 1 h or more, this is it with a probability of at least 95" in " ".join(
        told.replace("\N{NO-BREAK SPACE}", " ").split()
    )
    (manifest,) = comparisons(folder)
    chosen = manifest["selection"]
    assert (chosen["chosen"], chosen["method"], chosen["best"], chosen["decided"]) == (
        "faster",
        "KN",
        "min",
        True,
    )
    (table,) = folder.glob("results/compare-*/selection.csv")
    header, *rows = [line.split(",") for line in table.read_text().splitlines()]
    by_name = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    assert [row[0] for row in rows] == ["faster", "little", "slower"]
    assert sum(int(row["replications"]) for row in by_name.values()) == chosen["replications"]
    assert by_name["faster"]["ruled_out_after"] == "0"
    assert int(by_name["little"]["ruled_out_after"]) == int(by_name["little"]["replications"]) >= 10
    # The runs are as long as the selection needed them, and whole.
    for run in folder.glob("results/*/summary.csv"):
        name = run.parent.name.rsplit("-", 1)[0]
        facts = json.loads((run.parent / "manifest.json").read_text(encoding="utf-8"))
        assert facts["state"] == "finished"
        assert facts["replications"]["finished"] == int(by_name[name]["replications"])


def test_a_selection_goes_on_from_what_is_stored(folder, three, capsys):
    asked = [*three, "--select", TIME, "--delta", "1 h"]
    assert invoke(asked) == 0
    whole, first = parts(folder), capsys.readouterr().out
    lost = sorted(folder.glob("results/*/replications/*.npz"))[3::7]
    for file in lost:
        file.unlink()
    assert invoke(asked) == 0
    after = parts(folder)
    assert after.keys() == whole.keys()
    assert len([name for name in whole if whole[name] != after[name]]) == len(lost)
    assert capsys.readouterr().out == first
    for more in (["--jobs", "2"], ["--fresh"]):
        assert invoke([*asked, "--out", "other", *more]) == 0
        assert capsys.readouterr().out.replace("other/", "results/") == first


def test_of_scenarios_with_one_title_the_chosen_is_told_by_its_name_too(folder, capsys):
    faster = (folder / "faster.yaml").read_text(encoding="utf-8")
    untitled = "\n".join(line for line in faster.splitlines() if not line.startswith("title:"))
    (folder / "untitled.yaml").write_text(untitled, encoding="utf-8")
    asked = ["compare", "little.yaml", "untitled.yaml", "-n", "12", "--no-figures"]
    assert invoke([*asked, "--select", TIME, "--delta", "1 h"]) == 0
    assert capsys.readouterr().out.startswith("A little corridor (untitled) has the lowest ")


def test_ocba_divides_a_budget_and_promises_nothing(folder, three, capsys):
    assert invoke([*three, "--select", TIME, "--budget", "24", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["selection"]["method"] == "OCBA"
    assert told["selection"]["decided"] is False
    assert sum(row["replications"] for row in told["contenders"]) == 24
    assert told["contenders"][0]["scenario"] == "faster"
    assert 0.9 < told["selection"]["probability"] <= 1.0


def test_of_a_budget_it_is_said_that_the_choice_is_by_pairs_and_so_far(folder, three, capsys):
    assert invoke([*three, "--select", TIME, "--budget", "18"]) == 0
    assert f"By paired differences Faster customs so far has the lowest {TIME}" in capsys.readouterr().out


def test_what_a_limit_leaves_open_is_said(folder, three, capsys):
    for limit in (["-n", "11"], ["--budget", "33"]):
        assert invoke([*three, "--select", TIME, "--delta", "1 min", *limit]) == 0
        told = capsys.readouterr().out
        assert "Not decided between Faster customs, A little corridor" in told
        assert "A higher limit goes on from here" in told
        assert "still in" in told


def test_a_study_file_may_select(folder, three, capsys):
    text = f"study: compare\nof: [little.yaml, faster.yaml]\nselect: {TIME}\nbest: max\ndelta: 1 h\n"
    (folder / "choice.yaml").write_text(text, encoding="utf-8")
    assert invoke(["compare", "choice.yaml", "--no-figures"]) == 0
    assert f"A little corridor has the highest {TIME}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "text"),
    [
        (["--select", TIME], "needs the smallest difference that matters"),
        (["--delta", "1 h"], "only with a selection"),
        (["--select", "transit_time.men", "--delta", "1"], "did you mean transit_time.mean?"),
        (["--select", "throughput", "--delta", "1"], "select by one of them"),
        (["--select", TIME, "--delta", "3 kg"], "is in h"),
        (["--select", TIME, "--delta", "0"], "above 0 expected"),
        (["--select", TIME, "--delta", "soon"], "does not begin with a number"),
        (["--select", TIME, "--delta", "1 h", "-n", "5"], "looks first after 10"),
        (["--select", TIME, "--budget", "8"], "take 15"),
        (["--select", TIME, "--budget", "30", "-n", "9"], "no meaning with --budget alone"),
        (["--select", TIME, "--delta", "1", "--precision", "0.1"], "one of them expected"),
        (["--select", TIME, "--delta", "1", "--confidence", "0.2"], "above 1/3 expected"),
        (["--select", "time_to_recover of total", "--delta", "1"], "no figure"),
    ],
)
def test_a_selection_without_meaning_is_refused(three, capsys, more, text):
    assert invoke([*three, *more]) == 2
    told = capsys.readouterr().err
    assert text in told
    assert "Traceback" not in told


def test_finished_runs_cannot_be_replicated_further(folder, three, capsys):
    assert invoke(["run", "little.yaml", "-n", "2", "--no-figures"]) == 0
    (run,) = (folder / "results").iterdir()
    assert invoke(["compare", run.name, "faster.yaml", "--select", TIME, "--delta", "1"]) == 2
    assert "give it scenarios" in capsys.readouterr().err


def test_the_python_verb_gives_the_choice_its_table_and_its_picture(folder, three):
    found = sim.compare(["little.yaml", "slower.yaml", "faster.yaml"], select=TIME, delta="1 h")
    assert found.selection.chosen.scenario == "faster"
    assert found.selection.decided
    assert list(found.ranking["scenario"]) == ["faster", "little", "slower"]
    figure = found.plot("selection")
    assert "Faster customs has the lowest mean transit time" in figure.texts[0].get_text().replace("\n", " ")
    assert {file.name for file in found.figures()} == {"selection.png", "selection.svg"}
    assert sim.compare(["little.yaml", "faster.yaml"], replications=2).selection is None


# Names, units, and runs that were stopped


def test_names_are_looked_up_here_and_in_studies(folder, capsys):
    here = folder / "scenarios"
    (here / "studies").mkdir(parents=True)
    (here / "own.yaml").write_text(little.LITTLE, encoding="utf-8")
    study = "study: sweep\nof: ../own.yaml\nvary: {vessels.count: [2, 3]}\nreplications: 1\nfigures: false\n"
    (here / "studies" / "mine.yaml").write_text(study, encoding="utf-8")
    for name in ("own", "own.yaml", "scenarios/own", "scenarios/own.yaml"):
        assert invoke(["check", name]) == 0, name
    for name in ("mine", "studies/mine", "studies/mine.yaml", "scenarios/studies/mine"):
        assert invoke(["sweep", name, "--quiet"]) == 0, name
    # The project's own are found from anywhere.
    assert invoke(["check", "baseline", "--quiet"]) == 0
    assert invoke(["check", "feeders-and-storms", "--quiet"]) == 0
    capsys.readouterr()
    assert invoke(["check", "onw"]) == 1
    assert "own" in capsys.readouterr().out


def test_a_sweep_tells_times_as_a_run_does(folder, capsys):
    watch = ["--watch", TIME, "--watch", "wait.mean of facility/customs", "-n", "2", "--quiet"]
    assert invoke(["sweep", "little.yaml", "--vary", "vessels.count=2,4", "--no-figures", *watch]) == 0
    told = capsys.readouterr().out
    assert f"{TIME.replace(' of', '')} (d)" in told
    assert "wait.mean facility/customs (h)" in told
    # A KPI without its statistic is all of it, as `compare` has it.
    wide = ["--watch", "transit_time of route/west", "-n", "2", "--no-figures", "--out", "wide"]
    assert invoke(["sweep", "little.yaml", "--vary", "vessels.count=2", *wide]) == 0
    (table,) = Path("wide").glob("sweep-*/sweep.csv")
    kpis = {line.split(",")[1] for line in table.read_text().splitlines()[1:]}
    assert {"transit_time.mean", "transit_time.p90"} <= kpis
    assert all(kpi.startswith("transit_time.") for kpi in kpis)


def test_report_says_what_an_interrupted_run_has_and_how_to_go_on(folder, capsys, monkeypatch):
    from sim.study.replicate import Simulation

    computed = Simulation.__call__

    def stop(self, number):
        if number == 3:
            raise KeyboardInterrupt
        return computed(self, number)

    with monkeypatch.context() as patch:
        patch.setattr(Simulation, "__call__", stop)
        assert invoke(["run", "little.yaml", "-n", "5", "-j", "1", "--no-figures"]) == 130
    (run,) = (folder / "results").iterdir()
    capsys.readouterr()
    assert invoke(["report", run.name]) == 3
    told = capsys.readouterr().err
    assert "was interrupted: 3 of 5 replications are kept" in told
    assert "with --replications 3 it makes the tables of what is there" in told
    assert invoke(["run", "little.yaml", "-n", "3", "--no-figures"]) == 0
    with monkeypatch.context() as patch:
        patch.setattr(Simulation, "__call__", stop)
        assert invoke(["run", "little.yaml", "-n", "5", "-j", "1", "--no-figures"]) == 130
    capsys.readouterr()
    assert invoke(["report", run.name]) == 0
    assert "was to have 5 replications, and was stopped before; its tables hold 3" in capsys.readouterr().err
    assert invoke([*QUESTION, "-n", "2"]) == 0
    (comparison,) = (folder / "results").glob("compare-*")
    capsys.readouterr()
    assert invoke(["report", comparison.name]) == 2
    assert "is a comparison, not a run" in capsys.readouterr().err


def test_runs_lists_comparisons_too(folder, capsys):
    assert invoke([*QUESTION, "-n", "2", "--engine", "simpy"]) == 0
    capsys.readouterr()
    assert invoke(["runs"]) == 0
    told = capsys.readouterr().out
    (made,) = (path.name for path in (folder / "results").glob("compare-*"))
    assert f"{made}  comparison  finished" in told
    assert invoke(["runs", "--format", "json"]) == 0
    kinds = [each["kind"] for each in json.loads(capsys.readouterr().out)]
    assert kinds == ["run", "run", "comparison"]
