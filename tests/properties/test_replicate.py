"""Running many: what is missing is run, the same whatever the workers, and nothing finished is lost."""

import os
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.errors import RunError, UsageError
from sim.study import distinct as distinct_module
from sim.study.executor import AutomaticExecutor, InProcess, Processes, executor_for
from sim.study.outcome import Names, Outcome
from sim.study.precision import Precision
from sim.study.replicate import Job, MemorySink, replicate


@dataclass(frozen=True)
class Square:
    """Work that squares its number; fails at one of them."""

    fails_at: int = -1

    def __call__(self, number: int) -> int:
        if number == self.fails_at:
            message = "no square"
            raise RunError(message)
        return number * number


@dataclass(frozen=True)
class Deadly:
    """Work that ends its process at some numbers, so often."""

    folder: Path
    at: tuple[int, ...]
    times: int = 1

    def __call__(self, number: int) -> int:
        tries = len(list(self.folder.glob(f"{number}-*")))
        if number in self.at and tries < self.times:
            (self.folder / f"{number}-{tries}").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.02)
        return number * number


@dataclass(frozen=True)
class Torn:
    """Work whose process is killed while it sends its answer, the first time at one number."""

    folder: Path
    at: int

    def __call__(self, number: int) -> bytes:
        mark = self.folder / str(number)
        if number == self.at and not mark.exists():
            mark.touch()
            # So much takes longer to send than the process lives.
            threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGKILL)).start()
            time.sleep(0.3)
            return b"." * 500_000_000
        return b"."


@dataclass(frozen=True)
class FakeModel:
    flows: tuple = ()
    legs: tuple = ()
    facilities: tuple = ()
    lines: tuple = ()
    pools: tuple = ()
    closures: tuple = ()


@dataclass(frozen=True)
class FakeSimulation:
    """Normal figures, keyed by replication."""

    mean: float = 100.0
    sd: float = 4.0
    model: Any = field(default_factory=FakeModel)
    seed: int = 1
    same: bool = False

    def __call__(self, number: int) -> Outcome:
        value = np.random.default_rng(number).normal(self.mean, self.sd)
        empty: dict[str, Any] = {}
        return Outcome(
            number=number,
            kpis={
                "kpi": Names.of(["transit_time.mean", "other"]),
                "subject": Names.of(["route/a", "route/a"]),
                "unit": Names.of(["h", "h"]),
                "value": np.array([value, -value]),
            },
            series=empty,
            breakdown=empty,
            closing=empty,
            servers=empty,
            findings=(),
            fingerprint="same" if self.same else str(number),
        )


@pytest.mark.parametrize("executor", [InProcess(), Processes(2), AutomaticExecutor(2)])
def test_every_piece_of_work_is_done_once(executor):
    with executor.crew({"a": Square(), "b": Square()}) as crew:
        crew.submit("a", range(20))
        crew.submit("b", range(5))
        found = [(done.key, done.number, done.result) for done in crew.completed()]
    assert sorted(found) == [("a", n, n * n) for n in range(20)] + [("b", n, n * n) for n in range(5)]


@pytest.mark.parametrize("executor", [InProcess(), Processes(2)])
def test_a_failure_names_its_piece_and_keeps_what_finished(executor):
    seen: list[int] = []

    def work() -> None:
        with executor.crew({"a": Square(fails_at=3)}) as crew:
            crew.submit("a", range(8))
            for done in crew.completed():
                seen.append(done.number)  # noqa: PERF401

    with pytest.raises(RunError, match="a, replication 3: no square"):
        work()
    assert {0, 1, 2} <= set(seen)
    assert 3 not in seen


def done_by(call: Deadly) -> list[tuple[int, int]]:
    with Processes(2).crew({"a": call}) as crew:
        crew.submit("a", range(30))
        return [(done.number, done.result) for done in crew.completed()]


@pytest.mark.parametrize("at", [(0,), (7,), (2, 12, 19), (29,)])
def test_a_worker_that_is_killed_takes_nothing_with_it(tmp_path, at):
    found = done_by(Deadly(tmp_path, at))
    assert sorted(found) == [(n, n * n) for n in range(30)]
    assert len(list(tmp_path.iterdir())) == len(at)


def test_a_worker_that_is_killed_in_the_middle_of_its_answer_garbles_nothing(tmp_path):
    with Processes(2).crew({"a": Torn(tmp_path, 4)}) as crew:
        crew.submit("a", range(12))
        found = {done.number: done.result for done in crew.completed()}
    assert found == dict.fromkeys(range(12), b".")


def test_work_that_kills_twice_is_named_and_what_had_finished_is_kept(tmp_path):
    seen: list[int] = []

    def work() -> None:
        with Processes(2).crew({"a": Deadly(tmp_path, (9,), times=5)}) as crew:
            crew.submit("a", range(30))
            for done in crew.completed():
                seen.append(done.number)  # noqa: PERF401

    with pytest.raises(RunError, match="a, replication 9 ended its worker process twice") as error:
        work()
    assert "What had finished is kept" in str(error.value)
    assert len(list(tmp_path.iterdir())) == 2
    assert len(seen) == len(set(seen)) >= 2
    assert 9 not in seen


@dataclass(frozen=True)
class Faulty:
    """Work with a fault of the program at one number."""

    def __call__(self, number: int) -> float:
        return 1 / (number - 5)


def test_a_fault_of_the_program_in_a_worker_is_told_once_and_names_the_piece(capfd):
    seen: list[int] = []

    def work() -> None:
        with Processes(2).crew({"a": Faulty()}) as crew:
            crew.submit("a", range(30))
            for done in crew.completed():
                seen.append(done.number)  # noqa: PERF401

    with pytest.raises(RunError, match="a, replication 5 failed by a fault of the program"):
        work()
    assert capfd.readouterr().err.count("ZeroDivisionError") == 1
    assert {0, 1} <= set(seen)


def test_jobs_below_one_are_refused():
    with pytest.raises(UsageError, match="at least 1"):
        executor_for(0)


def job(sink: MemorySink, **changes: Any) -> Job:
    simulation = changes.pop("simulation", FakeSimulation())
    return Job(**{"name": "x", "simulation": simulation, "replications": 6, "sink": sink, **changes})


def test_only_what_is_missing_is_run():
    sink = MemorySink()
    assert replicate([job(sink, replications=4)], InProcess())["x"].computed == 4
    kept = dict(sink.outcomes)
    done = replicate([job(sink, replications=6)], InProcess())["x"]
    assert (done.replications, done.computed) == (6, 2)
    assert all(sink.outcomes[number] is kept[number] for number in kept)
    assert replicate([job(sink, replications=3)], InProcess())["x"].computed == 0


def test_fresh_runs_all_again():
    sink = MemorySink()
    replicate([job(sink)], InProcess())
    assert replicate([job(sink, fresh=True)], InProcess())["x"].computed == 6


@pytest.mark.parametrize("executor", [InProcess(), Processes(2)])
def test_precision_stops_at_the_same_number_whatever_the_workers(executor):
    sink = MemorySink()
    simulation = FakeSimulation(mean=-50.0, sd=10.0)
    done = replicate(
        [job(sink, simulation=simulation, replications=500, precision=Precision(0.05))], executor
    )["x"]
    # As the rule gives it for these numbers one by one, with its look-ahead of ten.
    from sim.statistics.stopping import replications_needed

    needed = replications_needed(
        lambda k: float(np.random.default_rng(k).normal(-50.0, 10.0)), 0.05, floor=0.25, at_most=500
    )
    assert done.reached
    assert done.replications == needed.n + 10


def test_precision_gives_up_at_the_most_and_says_so():
    sink = MemorySink()
    simulation = FakeSimulation(mean=0.0, sd=100.0)
    done = replicate(
        [job(sink, simulation=simulation, replications=30, precision=Precision(0.01))], InProcess()
    )["x"]
    assert not done.reached
    assert done.replications == 30
    assert any("was not reached in 30 replications" in note for note in done.notes)


def test_a_deterministic_model_may_repeat_itself_and_says_so():
    done = replicate([job(MemorySink(), simulation=FakeSimulation(same=True))], InProcess())["x"]
    assert done.notes == ("nothing in this scenario is random: every replication is the same",)


def test_equal_replications_of_a_random_model_are_an_error(monkeypatch):
    monkeypatch.setattr(distinct_module, "is_random", lambda model: True)
    monkeypatch.setattr(distinct_module, "_poisson_arrivals", lambda *a, **k: np.array([1, 2, 3]))
    with pytest.raises(RunError, match="replications 0 and 1 have the same records"):
        replicate([job(MemorySink(), simulation=FakeSimulation(same=True))], InProcess())


def test_equal_replications_without_an_arrival_are_told_not_raised(monkeypatch):
    monkeypatch.setattr(distinct_module, "is_random", lambda model: True)
    monkeypatch.setattr(distinct_module, "_poisson_arrivals", lambda *a, **k: np.zeros(0))
    done = replicate([job(MemorySink(), simulation=FakeSimulation(same=True), replications=2)], InProcess())
    assert "nothing that chance decided touched a consignment" in done["x"].notes[0]


def test_progress_counts_up_to_what_is_expected():
    seen = []
    replicate(
        [job(MemorySink(), name="a"), job(MemorySink(), name="b")],
        InProcess(),
        progress=lambda each: seen.append((each.finished, each.expected)),
    )
    assert seen == [(count, 12) for count in range(1, 13)]


def test_two_jobs_of_one_name_are_refused():
    with pytest.raises(UsageError, match="two scenarios of one name"):
        replicate([job(MemorySink()), job(MemorySink())], InProcess())
