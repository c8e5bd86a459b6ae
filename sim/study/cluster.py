"""Work on a cluster: the workers of a running Dask scheduler do what processes do elsewhere.

Same interface, same results byte for byte. A worker that is lost takes nothing with it but the batch in hand,
which another does again; results are kept here as they arrive. How a cluster is started is in the
documentation, not in the product.
"""

from __future__ import annotations

import logging
import math
import pickle
import platform
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeVar

from sim.errors import CorridorError, RunError, UsageError
from sim.extras import need
from sim.study.executor import Call, Crew, Done, name_of, work_through

R = TypeVar("R")

SHORTEST_BATCH: Final = 0.5
"""Seconds below which a batch costs more to send over the network than it brings."""

PATIENCE: Final = 15
"""Seconds to wait for a scheduler that does not answer."""

_LOST: Final = "What had finished is kept; the same command goes on from there."


class DaskCluster:
    """The workers of a running Dask scheduler.

    Attributes:
        address: of the scheduler, e.g. `tcp://127.0.0.1:8786`.
    """

    def __init__(self, address: str) -> None:
        self.address = address

    @cached_property
    def workers(self) -> int:
        """How many pieces of work are done at a time: threads of all workers."""
        with _connected(self.address) as client:
            return max(1, sum(int(threads) for threads in client.nthreads().values()))

    def crew(self, calls: Mapping[str, Call[R]]) -> Crew[R]:
        """Make the crew; see `sim.study.executor.Executor`."""
        return _ClusterCrew(self.address, calls)


def facts() -> dict[str, str]:
    """Give what must be the same here and on every worker for results to be the same."""
    import numpy as np

    from sim.model.model import MEANING
    from sim.version import __version__

    return {
        "sim": __version__,
        "meaning": str(MEANING),
        "python": ".".join(platform.python_version_tuple()[:2]),
        "numpy": np.__version__,
    }


def _dask() -> Any:
    """Import Dask, which only work on a cluster needs."""
    return need("distributed", extra="cluster", what="work on a Dask cluster")


def _connected(address: str) -> Any:
    try:
        return _dask().Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        message = f"no Dask scheduler answers at {address}: {error}"
        raise UsageError(message) from error


@dataclass(frozen=True)
class _Sent(Generic[R]):
    """What a worker sends back: results so far, the failure that ended them, seconds spent."""

    done: list[Done[R]]
    failure: CorridorError | None
    seconds: float


class _ClusterCrew(Generic[R]):
    """Sends batches to a scheduler; a batch is as long as it must be to be worth sending."""

    def __init__(self, address: str, calls: Mapping[str, Call[R]]) -> None:
        self._address = address
        self._content = pickle.dumps(dict(calls))
        self._waiting: deque[tuple[str, int]] = deque()
        self._flying: dict[Any, list[tuple[str, int]]] = {}
        self._each = math.inf
        self._client: Any = None
        self._held: Any = None
        self._workers = 1
        self._levels: dict[str, int] = {}

    def submit(self, key: str, numbers: Iterable[int]) -> None:
        self._waiting.extend((key, number) for number in numbers)

    def completed(self) -> Iterator[Done[R]]:
        failure: CorridorError | None = None
        while (self._waiting and failure is None) or self._flying:
            if failure is None:
                self._send()
            for future in self._landed():
                sent = self._result(future, self._flying.pop(future))
                if sent.done:
                    self._each = sent.seconds / len(sent.done)
                failure = failure or sent.failure
                yield from sent.done
        if failure is not None:
            raise failure

    def _send(self) -> None:
        """Keep one batch more under way than there are workers: each always has one in hand."""
        while self._waiting and len(self._flying) < self._workers + 1:
            size = math.ceil(SHORTEST_BATCH / max(self._each, 1e-6)) if math.isfinite(self._each) else 1
            fair = math.ceil(len(self._waiting) / self._workers)
            batch = [self._waiting.popleft() for _ in range(min(size, fair, len(self._waiting)))]
            future = self._client.submit(_work, self._held, batch, facts(), pure=False)
            self._flying[future] = batch

    def _landed(self) -> list[Any]:
        """Wait for batches that are done, in the order of sending, or say that the scheduler is gone."""
        wait = _dask().wait
        while True:
            try:
                with self._client.as_current():
                    wait(list(self._flying), timeout=PATIENCE, return_when="FIRST_COMPLETED")
            except TimeoutError:
                if self._client.status == "running":
                    continue
                raise _gone(self._address) from None
            except CancelledError:
                raise _gone(self._address) from None
            return [future for future in self._flying if future.done()]

    def _result(self, future: Any, batch: Sequence[tuple[str, int]]) -> _Sent[R]:
        """Fetch what a batch came to, which is made again where its worker is lost before that."""
        dask = _dask()
        while True:
            try:
                sent: _Sent[R] = future.result(timeout=PATIENCE)
            except dask.KilledWorker as error:
                key, number = batch[0]
                more = f" (or one of the {len(batch) - 1} sent with it)" if len(batch) > 1 else ""
                named = name_of(pickle.loads(self._content)[key], key, number=number)
                last = error.last_worker.address
                message = f"{named}{more} was in hand as worker after worker died, the last {last}. {_LOST}"
                raise RunError(message) from error
            except (CancelledError, dask.comm.CommClosedError) as error:
                raise _gone(self._address) from error
            except TimeoutError as error:
                if self._client.status != "running":
                    raise _gone(self._address) from error
            else:
                return sent

    def __enter__(self) -> Self:
        try:
            self._connect()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _connect(self) -> None:
        for name in ("distributed", "tornado"):
            logger = logging.getLogger(name)
            self._levels[name] = logger.level
            # That a worker went away is no news to the user: its work is done again.
            logger.setLevel(logging.CRITICAL)
        self._client = _connected(self._address)
        self._workers = max(1, sum(self._client.nthreads().values()))
        if not self._client.nthreads():
            message = f"the scheduler at {self._address} has no workers"
            raise UsageError(message)
        _same_everywhere(self._client.run(facts))
        # A task and not scattered data: should its holders be lost, the scheduler can make it again.
        key = f"corridor-{blake2b(self._content, digest_size=8).hexdigest()}"
        self._held = self._client.submit(pickle.loads, self._content, key=key)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            if self._client.status == "running":
                self._client.cancel(list(self._flying))
            self._flying.clear()
            self._client.close(timeout=2)
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)


def _same_everywhere(found: Mapping[str, Mapping[str, str]]) -> None:
    """Refuse workers whose results could differ.

    Raises:
        UsageError: a worker has another version of something that matters.
    """
    own = facts()
    for worker, theirs in sorted(found.items()):
        for name, version in own.items():
            if theirs.get(name) != version:
                other = f"{name} {theirs.get(name)}, not {version}"
                message = f"worker {worker} has {other}: results could differ"
                raise UsageError(message)


def _gone(address: str) -> RunError:
    return RunError(f"the scheduler at {address} does not answer any more. {_LOST}")


def _work(calls: Mapping[str, Call[Any]], batch: list[tuple[str, int]], own: dict[str, str]) -> _Sent[Any]:
    """Work through a batch on a worker, which may have joined after versions were compared."""
    _same_everywhere({platform.node(): own})
    done, failure, seconds = work_through(calls, batch)
    return _Sent(done, failure, seconds)
