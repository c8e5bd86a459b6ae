"""Where work is done: in this process, or in a pool of processes.

One interface: work is submitted by key and number, and comes back in any order. What the work is, and
what becomes of a result, is not known here; results must not depend on who computed them or when.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar

from sim.errors import CorridorError, RunError, UsageError

if TYPE_CHECKING:
    from sim.study.pool import PoolCrew

R = TypeVar("R")
Call = Callable[[int], R]
"""Work by number; it must be picklable, and is sent to each worker once."""

WORTH_A_POOL = 4.0
"""Seconds of work left from which starting processes (about one second) pays."""


@dataclass(frozen=True)
class Done(Generic[R]):
    """One piece of work done: its key, its number and what it gave."""

    key: str
    number: int
    result: R


class Crew(Protocol[R]):
    """Workers that hold the calls and take numbers."""

    def submit(self, key: str, numbers: Iterable[int]) -> None:
        """Ask for more work; it is begun in the order of asking."""
        ...

    def completed(self) -> Iterator[Done[R]]:
        """Give what is done as it comes, until nothing is left; more may be submitted meanwhile."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Executor(Protocol):
    """A place where work can be done."""

    @property
    def workers(self) -> int:
        """How many pieces of work are done at a time."""
        ...

    def crew(self, calls: Mapping[str, Call[R]]) -> Crew[R]:
        """Make workers that hold these calls, for use in a `with` statement."""
        ...


def executor_for(jobs: int | None, *, cluster: str | None = None) -> Executor:
    """Choose where to work.

    Args:
        jobs: how many processes; 1 works in this process; None takes one per core, once the work left
            is long enough to be worth starting them.
        cluster: address of a running Dask scheduler; its workers then do the work, and `jobs` is not asked.

    Raises:
        UsageError: less than 1.
    """
    if cluster is not None:
        from sim.study.cluster import DaskCluster

        return DaskCluster(cluster)
    if jobs is None:
        return AutomaticExecutor(cores())
    if jobs < 1:
        message = f"{jobs} jobs; at least 1 expected"
        raise UsageError(message)
    return InProcess() if jobs == 1 else Processes(jobs)


def cores() -> int:
    """Give how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class InProcess:
    """Work in this process, one piece after the other."""

    workers: int = 1

    def crew(self, calls: Mapping[str, Call[R]]) -> Crew[R]:
        """Make the crew; see `Executor`."""
        return _OwnCrew(calls)


@dataclass(frozen=True)
class Processes:
    """Work in so many processes, started afresh."""

    workers: int

    def crew(self, calls: Mapping[str, Call[R]]) -> Crew[R]:
        """Make the crew; see `Executor`."""
        from sim.study.pool import PoolCrew

        return PoolCrew(calls, self.workers)


@dataclass(frozen=True)
class AutomaticExecutor:
    """Begin in this process, and start others when enough work is left."""

    workers: int

    def crew(self, calls: Mapping[str, Call[R]]) -> Crew[R]:
        """Make the crew; see `Executor`."""
        return _OwnCrew(calls, helpers=self.workers)


class _OwnCrew(Generic[R]):
    """Works here; hands over to a pool when the work left is worth it."""

    def __init__(self, calls: Mapping[str, Call[R]], *, helpers: int = 1) -> None:
        self._calls = calls
        self._helpers = helpers
        self._waiting: deque[tuple[str, int]] = deque()
        self._pool: PoolCrew[R] | None = None

    def submit(self, key: str, numbers: Iterable[int]) -> None:
        if self._pool is not None:
            self._pool.submit(key, numbers)
        else:
            self._waiting.extend((key, number) for number in numbers)

    def completed(self) -> Iterator[Done[R]]:
        while self._waiting:
            key, number = self._waiting.popleft()
            begun = time.perf_counter()
            done = Done(key, number, _named(self._calls[key], key, number=number))
            each = time.perf_counter() - begun
            yield done
            if self._helpers > 1 and len(self._waiting) > 1 and each * len(self._waiting) > WORTH_A_POOL:
                from sim.study.pool import PoolCrew

                self._pool = PoolCrew(self._calls, min(self._helpers, len(self._waiting)), each=each)
                for waiting_key, waiting in self._waiting:
                    self._pool.submit(waiting_key, [waiting])
                self._waiting.clear()
        if self._pool is not None:
            yield from self._pool.completed()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.__exit__(kind, error, trace)


def work_through(
    calls: Mapping[str, Call[R]], batch: Iterable[tuple[str, int]]
) -> tuple[list[Done[R]], CorridorError | None, float]:
    """Do a batch of work.

    Args:
        calls: by key.
        batch: keys and numbers, in order.

    Returns:
        What was done, the failure that ended it, and seconds spent.
    """
    begun = time.perf_counter()
    done: list[Done[R]] = []
    failure: CorridorError | None = None
    for key, number in batch:
        try:
            done.append(Done(key, number, _named(calls[key], key, number=number)))
        except CorridorError as error:
            failure = error
            break
    return done, failure, time.perf_counter() - begun


def _named(call: Call[R], key: str, *, number: int) -> R:
    """Do one piece of work; an error says which piece it was."""
    try:
        return call(number)
    except RunError as error:
        if hasattr(call, "describe"):
            # Work that is no replication of a scenario names itself.
            raise
        message = f"{name_of(call, key, number=number)}: {error}"
        raise type(error)(message) from error


def name_of(call: Call[Any], key: str, *, number: int) -> str:
    """Name a piece of work for a reader; what is no replication of a scenario describes itself."""
    describe: Callable[[int], str] | None = getattr(call, "describe", None)
    return f"{key}, replication {number}" if describe is None else describe(number)
