"""A pool of processes on this machine, and what happens when one of them dies.

What the work is, and what becomes of a result, is not known here.
"""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar

from sim.errors import CorridorError, RunError
from sim.study.executor import Call, Done, name_of, work_through

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

R = TypeVar("R")

SHORTEST_BATCH: Final = 0.2
"""Seconds below which sending work costs more than it brings."""

LONGEST_BATCH: Final = 1 << 20
"""Pieces that a batch never reaches."""

NOTHING: Final = -1
"""Stands for no piece in hand."""

Piece = tuple[str, int]
"""A piece of work: its key and number."""

_KEPT: Final = "What had finished is kept; go on with fewer jobs."


@dataclass(frozen=True)
class _Batch(Generic[R]):
    """What a worker sends back: results so far, the failure that ended them, seconds spent."""

    done: list[Done[R]]
    failure: CorridorError | None
    seconds: float


class PoolCrew(Generic[R]):
    """Works in processes; a batch is as long as it must be to be worth sending.

    When a worker dies (killed, or out of memory) its whole pool ends, and whose work killed it is not known.
    What was begun is then done again in a new pool, one piece at a time; a second death names the piece.
    """

    def __init__(self, calls: Mapping[str, Call[R]], workers: int, *, each: float = math.inf) -> None:
        from multiprocessing import active_children

        self._calls = dict(calls)
        self._workers = workers
        self._waiting: deque[Piece] = deque()
        self._again: deque[Piece] = deque()
        self._flying: dict[Future[_Batch[R]], tuple[int, list[Piece]]] = {}
        self._sent = 0
        self._each = each
        self._others = set(active_children())
        self._open()

    def _open(self) -> None:
        """Start a pool."""
        from multiprocessing import get_context

        # Spawn: a fork is unsafe once threads exist, and its children would share this process's state.
        context = get_context("spawn")
        self._begun = context.Value("q", 0)
        self._hands = context.RawArray("q", [NOTHING] * self._workers)
        self._broken = False
        self._pool = ProcessPoolExecutor(
            self._workers,
            mp_context=context,
            initializer=_begin,
            initargs=(self._calls, self._begun, self._hands),
        )

    def submit(self, key: str, numbers: Iterable[int]) -> None:
        """Ask for more work; see `sim.study.executor.Crew`."""
        self._waiting.extend((key, number) for number in numbers)

    def completed(self) -> Iterator[Done[R]]:
        """Give what is done as it comes; see `sim.study.executor.Crew`."""
        failure: CorridorError | None = None
        while ((self._waiting or self._again) and failure is None) or self._flying:
            if failure is None and not self._broken:
                self._send()
            if self._broken and not self._flying:
                self._mend()
                continue
            landed, _ = wait(self._flying, return_when=FIRST_COMPLETED)
            for future in landed:
                number, asked = self._flying.pop(future)
                try:
                    batch = future.result()
                except BrokenProcessPool:
                    # A dead pool answers for everything that was in hand, so all of it lands here.
                    self._lose(number, asked)
                    continue
                if batch.done:
                    self._each = batch.seconds / len(batch.done)
                # After a failure nothing new is begun, but what is under way is waited for and kept.
                failure = failure or batch.failure
                yield from batch.done
        if failure is not None:
            raise failure

    def _send(self) -> None:
        self._alone = bool(self._again)
        waiting = self._again if self._alone else self._waiting
        while waiting and len(self._flying) < (1 if self._alone else self._workers + 1):
            size = math.ceil(SHORTEST_BATCH / max(self._each, 1e-6)) if math.isfinite(self._each) else 1
            fair = math.ceil(len(waiting) / self._workers)
            count = 1 if self._alone else max(1, min(size, fair))
            batch = [waiting.popleft() for _ in range(min(count, len(waiting)))]
            self._sent += 1
            try:
                self._flying[self._pool.submit(_work, self._sent, batch)] = self._sent, batch
            except BrokenProcessPool:
                waiting.extendleft(reversed(batch))
                self._broken = True
                return

    def _lose(self, number: int, batch: list[Piece]) -> None:
        """Sort what a dead pool had in hand: what was begun is suspect, all else waits again."""
        begun = set(self._hands)
        suspects = [piece for place, piece in enumerate(batch) if _mark(number, place) in begun]
        if self._alone and suspects:
            key, piece = suspects[0]
            message = (
                f"{name_of(self._calls[key], key, number=piece)} ended its worker process twice: it was "
                f"killed, or memory ran out. {_KEPT}"
            )
            raise RunError(message)
        self._again.extend(suspects)
        self._waiting.extendleft(piece for piece in reversed(batch) if piece not in suspects)
        self._broken = True

    def _mend(self) -> None:
        """Start a new pool in place of a dead one."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        if not self._begun.value:
            message = (
                "the worker processes ended before they began. In a script, several jobs need the call under "
                f"`if __name__ == '__main__':`. {_KEPT}"
            )
            raise RunError(message)
        self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        from multiprocessing import active_children

        # Work in hand is not waited for when something went wrong: only what was handed over counts.
        started = set(active_children()) - self._others
        self._pool.shutdown(wait=error is None, cancel_futures=True)
        if error is not None:
            for process in started:
                process.terminate()


_CALLS: dict[str, Call[Any]] = {}
"""What this worker process was given to do; empty in every other process."""


class _Hand:
    """Where this worker process notes what it has begun, for the parent to read should it die."""

    notes: Any = None
    place: int = 0


def _begin(calls: dict[str, Call[Any]], begun: Synchronized[int], hands: Any) -> None:
    """Set a worker up: take the calls, leave interrupts to the parent, end when it ends."""
    import signal
    import threading

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _CALLS.update(calls)
    with begun.get_lock():
        _Hand.notes, _Hand.place = hands, begun.value
        begun.value += 1
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _mark(batch: int, place: int) -> int:
    return batch * LONGEST_BATCH + place


def _noted(number: int, batch: list[Piece]) -> Iterator[Piece]:
    """Give a batch piece by piece, noting which is in hand."""
    for place, piece in enumerate(batch):
        _Hand.notes[_Hand.place] = _mark(number, place)
        yield piece
    _Hand.notes[_Hand.place] = NOTHING


def _work(number: int, batch: list[Piece]) -> _Batch[Any]:
    return _Batch(*work_through(_CALLS, _noted(number, batch)))
