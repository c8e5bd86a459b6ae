"""A pool of processes on this machine, and what happens when one of them dies.

Each worker is at the end of a pipe of its own: one that is killed in the middle of a word garbles nothing
that others say, and holds no lock that others wait for. What the work is, and what becomes of a result, is
not known here.
"""

from __future__ import annotations

import math
import os
import sys
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar

from sim.errors import CorridorError, RunError
from sim.study.executor import Call, Done, name_of, work_through

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

R = TypeVar("R")

SHORTEST_BATCH: Final = 0.2
"""Seconds of work below which sending it costs more than it brings."""

LONGEST_BATCH: Final = 256
"""Pieces at most: two batches lie in a worker's pipe without filling it."""

Piece = tuple[str, int]
"""A piece of work: its key and number."""

Answer = tuple[list[Done[R]], CorridorError | None, float]
"""What a worker says of a piece: its result if it has one, what it failed of, seconds spent."""

_FINISHED: Final = "What had finished is kept."
_KEPT: Final = "What had finished is kept; go on with fewer jobs."

# Spawn: a fork is unsafe once threads exist, and its children would share this process's state.
_SPAWN: Final = get_context("spawn")


class _Worker(Generic[R]):
    """One process and this end of its pipe.

    Attributes:
        pieces: what it was given and has not answered, in order; the first is in its hands.
        ready: whether it has begun.
    """

    def __init__(self) -> None:
        self.pipe, theirs = _SPAWN.Pipe()
        self.pieces: deque[Piece] = deque()
        self.ready = False
        self.process = _SPAWN.Process(target=_serve, args=(theirs,), daemon=True)
        with _without_script():
            self.process.start()
        # The worker holds the only other end, so that its death closes the pipe.
        theirs.close()

    def brief(self, calls: dict[str, Call[R]]) -> None:
        """Tell it what the work is; this waits until it has come up, so all are started before."""
        with suppress(OSError):
            self.pipe.send(calls)

    def give(self, batch: list[Piece]) -> None:
        """Give it pieces of work."""
        self.pieces.extend(batch)
        # One that has died is found out when its answer is awaited.
        with suppress(OSError):
            self.pipe.send(batch)


class PoolCrew(Generic[R]):
    """Works in processes; a batch is as long as it must be to be worth sending.

    When a worker dies (killed, or out of memory) another takes its place. The piece it had in hand is done
    again, alone; a second death names the piece. What else it was given waits again.
    """

    def __init__(self, calls: Mapping[str, Call[R]], workers: int, *, each: float = math.inf) -> None:
        self._calls = dict(calls)
        self._each = each
        self._waiting: deque[Piece] = deque()
        self._again: deque[Piece] = deque()
        self._alone = False
        self._deaths: Counter[Piece] = Counter()
        self._stillborn = 0
        self._crew: list[_Worker[R]] = [_Worker() for _ in range(workers)]
        for worker in self._crew:
            worker.brief(self._calls)

    def submit(self, key: str, numbers: Iterable[int]) -> None:
        """Ask for more work; see `sim.study.executor.Crew`."""
        self._waiting.extend((key, number) for number in numbers)

    def completed(self) -> Iterator[Done[R]]:
        """Give what is done as it comes; see `sim.study.executor.Crew`."""
        failure: CorridorError | None = None
        while True:
            if failure is None:
                self._send()
            busy = {worker.pipe: worker for worker in self._crew if worker.pieces}
            if not busy:
                break
            for pipe in wait(list(busy)):
                worker = busy[pipe]  # type: ignore[index]
                try:
                    answer: Answer[R] | None = worker.pipe.recv()
                except (EOFError, OSError):
                    failure = failure or self._replace(worker)
                    continue
                if answer is None:
                    worker.ready = True
                    continue
                worker.pieces.popleft()
                self._alone = False
                done, failed, seconds = answer
                if done:
                    self._each = seconds
                # After a failure no more is sent, but what the workers were given is waited for and kept.
                failure = failure or failed
                yield from done
        if failure is not None:
            raise failure

    def _send(self) -> None:
        """Give every worker as much as keeps it busy until it is heard again."""
        if self._again and not any(worker.pieces for worker in self._crew):
            self._alone = True
            self._crew[0].give([self._again.popleft()])
        if self._again or self._alone:
            return
        long = math.ceil(SHORTEST_BATCH / max(self._each, 1e-6)) if math.isfinite(self._each) else 1
        for worker in sorted(self._crew, key=lambda each: len(each.pieces)):
            fair = math.ceil(len(self._waiting) / len(self._crew))
            size = min(long, fair, LONGEST_BATCH)
            if size and len(worker.pieces) <= size:
                worker.give([self._waiting.popleft() for _ in range(size)])

    def _replace(self, worker: _Worker[R]) -> CorridorError | None:
        """Put another worker in the place of a dead one, and sort what it was given; give a fault it met."""
        worker.pipe.close()
        worker.process.join()
        place, pieces = self._crew.index(worker), worker.pieces
        back, self._alone = self._again if self._alone else self._waiting, False
        if worker.ready:
            suspect = pieces.popleft()
            key, number = suspect
            named = name_of(self._calls[key], key, number=number)
            # A worker that is killed ends with its signal, less than 0; one that raised has told why.
            if (worker.process.exitcode or 0) > 0:
                self._renew(place)
                return RunError(f"{named} failed by a fault of the program, told above. {_FINISHED}")
            self._deaths[suspect] += 1
            if self._deaths[suspect] > 1:
                message = f"{named} ended its worker process twice: it was killed, or memory ran out. {_KEPT}"
                raise RunError(message)
            self._again.append(suspect)
        else:
            self._stillborn += 1
            if self._stillborn > len(self._crew):
                message = f"the worker processes ended before they began; they have told why above. {_KEPT}"
                raise RunError(message)
        back.extendleft(reversed(pieces))
        self._renew(place)
        return None

    def _renew(self, place: int) -> None:
        """Put a new worker in a place of the crew."""
        self._crew[place] = _Worker()
        self._crew[place].brief(self._calls)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._crew:
            # Work in hand is not waited for when something went wrong: only what was handed over counts.
            if error is not None:
                worker.process.terminate()
            worker.pipe.close()
        for worker in self._crew:
            worker.process.join()


@contextmanager
def _without_script() -> Iterator[None]:
    """Begin a process that does not run the user's script anew: it needs nothing of it.

    So `jobs=2` needs no `if __name__ == "__main__":`. What a new process imports first is read off the module
    `__main__` of the one that begins it.
    """
    script = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script


def _serve(pipe: Connection) -> None:
    """Work in a worker process: learn what, take batches, answer piece by piece, until the pipe is closed."""
    import signal
    import threading

    # Interrupts are the parent's; a worker ends when it does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError, OSError):
        calls: dict[str, Call[Any]] = pipe.recv()
        pipe.send(None)
        while True:
            for piece in pipe.recv():
                pipe.send(work_through(calls, [piece]))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
