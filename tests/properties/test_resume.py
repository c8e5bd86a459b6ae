"""A run is the same run however it came about: on one worker or two, killed and gone on with, or shared."""

import json
import signal
import subprocess
import time
from pathlib import Path

import little
import pytest

RUN = ("run", "little.yaml", "--no-figures", "--quiet")


def results(folder: Path) -> dict[str, bytes]:
    """Give every file of the one run in a folder but its manifest."""
    (run,) = (folder / "results").iterdir()
    return {
        str(file.relative_to(run)): file.read_bytes()
        for file in sorted(run.rglob("*"))
        if file.is_file() and file.name != "manifest.json"
    }


def manifest(folder: Path) -> dict:
    (run,) = (folder / "results").iterdir()
    return json.loads((run / "manifest.json").read_text(encoding="utf-8"))


def run(folder: Path, *flags: object) -> Path:
    folder.mkdir(exist_ok=True)
    little.write(folder)
    done = little.corridor(*RUN, *flags, folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> Path:
    return run(tmp_path_factory.mktemp("undisturbed"), "-n", 12, "--jobs", 1)


def parts(folder: Path) -> int:
    return len([file for file in folder.glob("results/*/replications/*.npz") if file.name[0] != "."])


def test_two_workers_give_the_bytes_of_one(undisturbed, tmp_path):
    assert results(run(tmp_path, "-n", 12, "--jobs", 2)) == results(undisturbed)


def test_more_replications_go_on_from_fewer(undisturbed, tmp_path):
    run(tmp_path, "-n", 5)
    before = {name: text for name, text in results(tmp_path).items() if name.startswith("replications")}
    times = {file: file.stat().st_mtime_ns for file in tmp_path.glob("results/*/replications/*.npz")}
    run(tmp_path, "-n", 12)
    assert len(before) == 5
    assert results(tmp_path) == results(undisturbed)
    assert all(file.stat().st_mtime_ns == at for file, at in times.items())


def listed(folder: Path) -> list[str]:
    done = little.corridor("runs", "--format", "json", folder=folder)
    assert done.returncode == 0, done.stderr
    return [run["state"] for run in json.loads(done.stdout)]


def test_a_run_says_that_it_is_running_until_its_process_is_gone(tmp_path):
    little.write(tmp_path)
    arguments = little.arguments(*RUN, "-n", 4000, "--jobs", 1)
    with subprocess.Popen(arguments, cwd=tmp_path, env=little.environment()) as process:
        deadline = time.monotonic() + 300
        while parts(tmp_path) < 1 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        assert listed(tmp_path) == ["running"]
        process.kill()
    assert listed(tmp_path) == ["killed"]
    asked = little.corridor("query", "select state from runs", folder=tmp_path)
    assert "killed" in asked.stdout
    (started,) = (tmp_path / "results").iterdir()
    assert f"{started.name} was killed: " in little.corridor("report", started.name, folder=tmp_path).stderr
    # Of a process on another machine nothing is known.
    facts = manifest(tmp_path)
    facts["process"]["machine"] = "another"
    (started / "manifest.json").write_text(json.dumps(facts), encoding="utf-8")
    assert listed(tmp_path) == ["running"]
    run(tmp_path, "-n", 1)
    assert listed(tmp_path) == ["finished"]
    assert "process" not in manifest(tmp_path)


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("after", [1, 4, 9])
def test_killed_at_any_moment_it_loses_nothing_and_ends_the_same(undisturbed, tmp_path, jobs, after):
    little.write(tmp_path)
    flags = ("-n", 12, "--jobs", jobs)
    with subprocess.Popen(little.arguments(*RUN, *flags), cwd=tmp_path, env=little.environment()) as process:
        deadline = time.monotonic() + 300
        while parts(tmp_path) < after and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        process.kill()
    kept = {
        name: text
        for name, text in results(tmp_path).items()
        if name.endswith(".npz") and "partial" not in name
    }
    assert len(kept) >= after
    run(tmp_path, *flags)
    assert results(tmp_path) == results(undisturbed)
    assert manifest(tmp_path)["replications"] == {"asked": 12, "finished": 12}


def test_interrupted_it_keeps_what_is_finished_and_says_how_to_go_on(undisturbed, tmp_path):
    little.write(tmp_path)
    arguments = little.arguments(*RUN, "-n", 400, "--jobs", 2)
    process = subprocess.Popen(
        arguments, cwd=tmp_path, env=little.environment(), stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 300
    while parts(tmp_path) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "are finished and kept" in said
    assert "Traceback" not in said
    assert manifest(tmp_path)["state"] == "interrupted"
    assert manifest(tmp_path)["replications"]["finished"] == parts(tmp_path) >= 3
    run(tmp_path, "-n", 12)
    tables = {name for name in results(undisturbed) if not name.startswith("replications")}
    assert {name: results(tmp_path)[name] for name in tables} == {
        name: results(undisturbed)[name] for name in tables
    }


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_going_on_ended_early_leaves_what_is_said_of_the_tables_that_stand(tmp_path, how):
    little.write(tmp_path)
    shut = (
        "extends: little.yaml\ntimeline: [{title: Shut, at: 30 d, lasts: 5 d, set: {legs.a-p.open: false}}]\n"
    )
    (tmp_path / "shut.yaml").write_text(shut, encoding="utf-8")
    more = "extends: shut.yaml\nflows: {boxes: {volume: 25000 TEU/yr}}\n"
    (tmp_path / "more.yaml").write_text(more, encoding="utf-8")
    base, other = (("run", f"{name}.yaml", "--no-figures", "--quiet") for name in ("shut", "more"))
    for each in (base, other):
        assert little.corridor(*each, "-n", 3, folder=tmp_path).returncode == 0
    names = [next(tmp_path.glob(f"results/{name}-*")).name for name in ("shut", "more")]
    compared = ("compare", *names, "--no-figures")
    before = little.corridor(*compared, folder=tmp_path)
    assert before.returncode == 0, before.stderr
    told = tmp_path / "results" / names[0] / "manifest.json"
    facts = json.loads(told.read_text(encoding="utf-8"))
    arguments = little.arguments(*base, "-n", 4000, "--jobs", 2)
    with subprocess.Popen(
        arguments, cwd=tmp_path, env=little.environment(), stderr=subprocess.DEVNULL
    ) as process:
        deadline = time.monotonic() + 300
        while parts(tmp_path) < 3 + 3 + 5 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        process.send_signal(how)
    after = json.loads(told.read_text(encoding="utf-8"))
    assert after["replications"]["finished"] == 3
    kept = ("outline", "closing_statement", "warnings", "saturated_flows", "expectations", "hash")
    assert {name: after[name] for name in kept} == {name: facts[name] for name in kept}
    again = little.corridor(*compared, folder=tmp_path)
    assert again.returncode == 0, again.stderr
    assert again.stdout == before.stdout
    said = little.corridor("report", names[0], folder=tmp_path)
    assert said.returncode == 0, said.stderr
    assert "3 replications" in said.stdout


def test_two_processes_on_one_run_do_not_harm_each_other(undisturbed, tmp_path):
    little.write(tmp_path)
    flags = (("-n", 12, "--jobs", 1), ("-n", 12, "--fresh"), ("-n", 12, "--jobs", 2))
    processes = [
        subprocess.Popen(little.arguments(*RUN, *each), cwd=tmp_path, env=little.environment())
        for each in flags
    ]
    assert [process.wait(timeout=300) for process in processes] == [0, 0, 0]
    assert results(tmp_path) == results(undisturbed)


def test_fresh_computes_all_again_with_the_same_bytes(undisturbed, tmp_path):
    run(tmp_path, "-n", 12)
    times = {file: file.stat().st_mtime_ns for file in tmp_path.glob("results/*/replications/*.npz")}
    run(tmp_path, "-n", 12, "--fresh")
    assert all(file.stat().st_mtime_ns > at for file, at in times.items())
    assert results(tmp_path) == results(undisturbed)


def test_asked_again_it_is_answered_from_what_is_stored(undisturbed, tmp_path):
    run(tmp_path, "-n", 4)
    stamps = {file: file.stat().st_mtime_ns for file in tmp_path.glob("results/*/*")}
    run(tmp_path, "-n", 4)
    assert {file: file.stat().st_mtime_ns for file in tmp_path.glob("results/*/*")} == stamps


def test_a_title_changes_nothing_but_itself(tmp_path):
    run(tmp_path, "-n", 4)
    file = tmp_path / "little.yaml"
    text = file.read_text(encoding="utf-8").replace("A little corridor", "Another title")
    before = results(tmp_path)
    file.write_text(text, encoding="utf-8")
    assert little.corridor(*RUN, "-n", 4, folder=tmp_path).returncode == 0
    after = results(tmp_path)
    assert {name for name in after if after[name] != before[name]} == {"scenario.yaml"}
    assert manifest(tmp_path)["title"] == "Another title"


def test_with_records_a_killed_run_ends_the_same_too(tmp_path):
    whole = run(tmp_path / "whole", "-n", 6, "--records")
    cut = tmp_path / "cut"
    cut.mkdir()
    little.write(cut)
    with subprocess.Popen(
        little.arguments(*RUN, "-n", 6, "--records"), cwd=cut, env=little.environment()
    ) as process:
        while parts(cut) < 2 and process.poll() is None:
            time.sleep(0.005)
        process.kill()
    run(cut, "-n", 6, "--records")
    assert results(cut) == results(whole)
    assert "steps.parquet" in results(cut)
    # Without records first, then with them: what is missing is computed again.
    bare = run(tmp_path / "bare", "-n", 6)
    run(bare, "-n", 6, "--records")
    assert results(bare) == results(whole)
