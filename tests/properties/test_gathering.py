"""Tables are the same bytes whenever replications are worked in, and nothing is left over."""

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from tiny import write

from sim.gathering import Gathering
from sim.model.compile import compile_model
from sim.scenario import load
from sim.store import merging
from sim.store.atomic import TEMPORARY
from sim.store.runs import RunFolder
from sim.store.spool import Spool
from sim.study.replicate import Simulation
from sim.study.summary import STEADY

COUNT = 5


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return compile_model(load(write(tmp_path_factory.mktemp("tiny"))))


@pytest.fixture(scope="module")
def outcomes(model):
    return [Simulation(model, seed=3)(number) for number in range(COUNT)]


@pytest.fixture(autouse=True)
def chunks_of_two(monkeypatch):
    monkeypatch.setattr(merging, "CHUNK", 2)


def gathering_in(folder: Path, model, outcomes) -> Gathering:
    run = RunFolder(folder, "1")
    for outcome in outcomes:
        run.write(outcome)
    return Gathering(run, model, scenario="tiny", claims=())


def written(gathering: Gathering, folder: Path, count: int = COUNT) -> dict[str, bytes]:
    found, tables = gathering.upto(count)
    RunFolder(folder, "1").merge(tables, summary=found.rows(confidence=0.95, touched=STEADY))
    gathering.close()
    return {
        file.name: file.read_bytes()
        for file in sorted(folder.iterdir())
        if file.suffix in (".parquet", ".csv")
    }


def test_whenever_replications_come_the_tables_are_the_same_bytes(tmp_path, model, outcomes):
    later = written(gathering_in(tmp_path / "later", model, outcomes), tmp_path / "later")
    assert sorted(later) == ["breakdown.parquet", "kpis.parquet", "series.parquet", "summary.csv"]
    for place, order in enumerate(permutations(range(COUNT))):
        folder = tmp_path / str(place)
        gathering = gathering_in(folder, model, outcomes)
        # Some come while the run lasts, the others are read when it ends.
        for number in order[: place % (COUNT + 1)]:
            gathering.follow(outcomes[number])
        assert written(gathering, folder) == later


def test_what_waits_too_long_is_read_again(tmp_path, model, outcomes, monkeypatch):
    monkeypatch.setattr("sim.gathering.WAITING", 1)
    folder = tmp_path / "run"
    gathering = gathering_in(folder, model, outcomes)
    for number in (4, 3, 2, 0, 1):
        gathering.follow(outcomes[number])
    later = written(gathering_in(tmp_path / "later", model, outcomes), tmp_path / "later")
    assert written(gathering, folder) == later


def test_fewer_than_were_taken_begin_anew(tmp_path, model, outcomes):
    folder = tmp_path / "run"
    gathering = gathering_in(folder, model, outcomes)
    for outcome in outcomes:
        gathering.follow(outcome)
    later = written(gathering_in(tmp_path / "later", model, outcomes), tmp_path / "later", 3)
    assert written(gathering, folder, 3) == later


def test_a_replication_that_comes_twice_counts_once(tmp_path, model, outcomes):
    gathering = gathering_in(tmp_path / "run", model, outcomes)
    for number in (0, 1, 0, 1, 2):
        gathering.follow(outcomes[number])
    _, tables = gathering.upto(COUNT)
    assert tables.numbers == list(range(COUNT))
    gathering.close()


def test_what_is_let_go_of_leaves_no_file(tmp_path, model, outcomes):
    folder = tmp_path / "run"
    gathering = gathering_in(folder, model, outcomes)
    for outcome in outcomes:
        gathering.follow(outcome)
    assert list(folder.glob(f"{TEMPORARY}*"))
    gathering.close()
    assert sorted(file.name for file in folder.iterdir()) == ["replications"]


def test_rows_that_are_put_away_come_back_in_order(tmp_path):
    rows = [np.array([1.0, np.nan]), np.zeros(0), np.array([-0.0, 3.5, 1e300])]
    spool = Spool(tmp_path)
    for row in rows:
        spool.append(row)
    assert [each.tobytes() for each in spool] == [each.tobytes() for each in rows]
    assert [each.tobytes() for each in spool] == [each.tobytes() for each in rows]
    spool.close()
    assert not list(tmp_path.iterdir())
