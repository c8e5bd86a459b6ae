"""Compare beyond its table: which folder it writes, what is watched, which scenario is chosen."""

import json
from pathlib import Path

import little
import pytest

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


def test_what_is_watched_may_name_its_subject(folder, capsys):
    assert invoke([*QUESTION, "-n", "2", "--watch", "utilisation of facility/customs"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "share" in line]
    assert [line.split()[:2] for line in lines] == [["utilisation", "facility/customs"]]
    assert invoke([*QUESTION, "-n", "2", "--watch", "utilisation of facility/custom"]) == 2
    assert "did you mean facility/customs?" in capsys.readouterr().err
