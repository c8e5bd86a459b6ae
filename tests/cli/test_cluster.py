"""Work on a cluster: a real scheduler and workers on loopback, and what happens when they die."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import little
import numpy as np
import pytest
import tiny
from distributed.comm import CommClosedError

import sim
from sim.errors import RunError, UsageError
from sim.store.studies import StudyFolder
from sim.study import cluster
from sim.study.cluster import DaskCluster
from sim.study.executor import InProcess
from sim.study.points import evaluate

QUIET = {
    "DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "critical",
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "5",
    "OPENBLAS_NUM_THREADS": "1",
}


@dataclass
class Cluster:
    """A scheduler and its workers, each a process of its own."""

    folder: Path
    processes: list[subprocess.Popen] = field(default_factory=list)

    @property
    def address(self) -> str:
        return json.loads((self.folder / "scheduler.json").read_text())["address"]

    def start(self, *command: str) -> subprocess.Popen:
        path = os.pathsep.join([str(little.ROOT), str(little.ROOT / "tests"), str(Path(__file__).parent)])
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *command],
            cwd=self.folder,
            env={**os.environ, **QUIET, "PYTHONPATH": path},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def worker(self) -> subprocess.Popen:
        return self.start(
            "worker", "--scheduler-file", "scheduler.json", "--host", "127.0.0.1", "--nthreads", "1",
            "--no-nanny", "--no-dashboard", "--local-directory", str(self.folder / "scratch"),
        )  # fmt: skip

    def wait_for(self, workers: int) -> None:
        for _ in range(600):
            try:
                if DaskCluster(self.address).workers == workers:
                    return
            except (OSError, ValueError, UsageError):
                pass
            time.sleep(0.1)
        message = "the cluster did not start"
        raise TimeoutError(message)


@contextmanager
def running(folder: Path, workers: int):
    made = Cluster(folder)
    try:
        made.start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
            "--scheduler-file", "scheduler.json",
        )  # fmt: skip
        for _ in range(workers):
            made.worker()
        made.wait_for(workers)
        yield made
    finally:
        for process in made.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def dask(tmp_path_factory):
    with running(tmp_path_factory.mktemp("cluster"), 2) as made:
        yield made


def test_results_are_those_of_this_machine_byte_for_byte(dask, tmp_path):
    file = tiny.write(tmp_path)
    given = {"replications": 3, "engine": "simpy"}
    here = sim.run(file, **given, out=tmp_path / "here")
    there = sim.run(file, **given, out=tmp_path / "there", cluster=dask.address)
    parts = [sorted((run.path / "replications").iterdir()) for run in (here, there)]
    for one, two in zip(*parts, strict=True):
        assert one.read_bytes() == two.read_bytes()
    for name in ("kpis.parquet", "series.parquet", "summary.csv", "scenario.yaml"):
        assert (here.path / name).read_bytes() == (there.path / name).read_bytes()


def test_a_study_is_the_same_on_a_cluster(dask, tmp_path):
    file = tiny.write(tmp_path)
    given = {"replications": 2, "engine": "simpy", "watch": ["throughput of total"]}
    paths = [
        sim.sweep(file, ["lines.p-q.vessels.count=2,3"], **given, out=tmp_path / name, cluster=address).path
        for name, address in (("here", None), ("there", dask.address))
    ]
    for name in ("sweep.csv", "points.csv", "values.parquet", "study.yaml", "points/000002.npz"):
        assert (paths[0] / name).read_bytes() == (paths[1] / name).read_bytes()


@dataclass(frozen=True)
class Slow:
    """Work that takes a while, and ends its worker where it is told to, once or always."""

    folder: str = ""
    deadly: int = -1
    always: bool = False

    def describe(self, number):
        return f"point {number}"

    def __call__(self, number):
        from sim.study.headline import Key
        from sim.study.points import PointOutcome

        mark = Path(self.folder) / "dead"
        if number == self.deadly and (self.always or not mark.exists()):
            mark.write_text("once")
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.15)
        return PointOutcome(number, (Key("k", "s", "u"),), np.full((1, 1), float(number)))


def test_points_of_a_lost_worker_run_again(tmp_path):
    with running(tmp_path, 2) as made:
        made.worker()
        kept = StudyFolder(tmp_path / "kept", "1")
        found = evaluate(Slow(str(tmp_path), deadly=5), range(12), DaskCluster(made.address), sink=kept)
        assert (tmp_path / "dead").exists()
    assert [each.values[0, 0] for each in found] == list(range(12))


def test_a_point_on_which_workers_die_one_after_the_other_ends_the_study(tmp_path, monkeypatch):
    monkeypatch.setitem(QUIET, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "1")
    kept = StudyFolder(tmp_path / "kept", "1")
    with running(tmp_path, 4) as made:
        deadly = Slow(str(tmp_path), deadly=15, always=True)
        with pytest.raises(
            RunError, match=r"point \d+ was in hand as worker after worker died, the last tcp"
        ):
            evaluate(deadly, range(16), DaskCluster(made.address), sink=kept)
    # What a worker had done but not handed over dies with it, so which points are kept is chance.
    assert kept.finished()
    assert 15 not in set(kept.finished())


class Future:
    """A batch whose result is asked for once for each thing that happens then."""

    def __init__(self, *happens):
        self.happens = list(happens)

    def result(self, timeout):
        happened = self.happens.pop(0)
        if isinstance(happened, Exception):
            raise happened
        return happened


def test_a_batch_that_is_lost_with_its_worker_is_waited_for_while_the_scheduler_lives():
    crew = DaskCluster("tcp://127.0.0.1:1").crew({})
    crew._client = SimpleNamespace(status="running")
    assert crew._result(Future(TimeoutError(), TimeoutError(), "made again"), []) == "made again"
    for closed in (CommClosedError("gone"), CancelledError()):
        with pytest.raises(RunError, match="does not answer any more"):
            crew._result(Future(TimeoutError(), closed), [])
    crew._client.status = "closed"
    with pytest.raises(RunError, match="does not answer any more"):
        crew._result(Future(TimeoutError(), "too late"), [])


def test_a_lost_scheduler_loses_no_finished_point(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 2)
    kept = StudyFolder(tmp_path / "kept", "1")
    with running(tmp_path, 2) as made:
        scheduler = made.processes[0]

        def stop(progress):
            if progress.computed == 4:
                os.killpg(scheduler.pid, signal.SIGKILL)

        with pytest.raises(RunError, match="does not answer any more"):
            evaluate(Slow(), range(60), DaskCluster(made.address), sink=kept, progress=stop)
    assert len(kept.finished()) >= 4
    found = evaluate(Slow(), range(12), InProcess(), sink=kept)
    assert [each.values[0, 0] for each in found] == list(range(12))


def test_workers_of_another_version_are_refused(dask, tmp_path, monkeypatch):
    monkeypatch.setattr("sim.version.__version__", "0.0.1")
    with pytest.raises(UsageError, match=r"has sim .*, not 0\.0\.1: results could differ"):
        evaluate(Slow(), range(2), DaskCluster(dask.address), sink=StudyFolder(tmp_path, "1"))


def test_no_scheduler_is_said_in_one_line(monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with pytest.raises(UsageError, match="no Dask scheduler answers at tcp://127"):
        _ = DaskCluster("tcp://127.0.0.1:1").workers
