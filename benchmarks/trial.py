"""One trial of one engine on one workload, timed in a process of its own."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


class AbsentError(Exception):
    """An engine is not there, or cannot express a workload; the message says why."""


@dataclass(frozen=True)
class Trial:
    """How to run one replication again and again.

    Attributes:
        run: the replication, given what `setup` made; only this is timed.
        setup: made anew before every run, untimed.
        delivered: from what `run` gave, when each consignment was delivered (-1: not yet), by flow and
            number; None where the engine decides by itself.
        events: from what `run` gave, how many events happened, where the engine counts them as the loop does.
        compiled: seconds of compiling before the first run.
    """

    run: Callable[[Any], Any]
    setup: Callable[[], Any] = lambda: None
    delivered: Callable[[Any], NDArray[np.int64]] | None = None
    events: Callable[[Any], int] | None = None
    compiled: float = 0.0


@dataclass(frozen=True)
class Sample:
    """What was measured.

    Attributes:
        seconds: processor time of one replication, the least of `times`.
        times: how many replications were timed.
        megabytes: the process's peak, with the interpreter, its imports and the numbers drawn.
        compiled: seconds of compiling, where there is any.
        events: in one replication, or 0 where they are not counted.
    """

    seconds: float
    times: int
    megabytes: float
    compiled: float
    events: int


ENOUGH = 3.0
"""Seconds of timed runs after which no other is begun."""
LONG = 20.0
"""Seconds of a run that is not repeated."""
MOST = 99


def timed(trial: Trial) -> tuple[Sample, NDArray[np.int64] | None]:
    """Run a trial until the least time is credible; give what was measured, and when all was delivered."""
    best, total, times = np.inf, 0.0, 0
    result: Any = None
    while times < MOST and (total < ENOUGH or times == 0 or (times == 1 and total < LONG)):
        result = None
        given = trial.setup()
        begun = time.process_time()
        result = trial.run(given)
        took = time.process_time() - begun
        best, total, times = min(best, took), total + took, times + 1
    delivered = None if trial.delivered is None else trial.delivered(result)
    events = 0 if trial.events is None else trial.events(result)
    return Sample(float(best), times, peak(), trial.compiled, events), delivered


def peak() -> float:
    """Give the peak memory of this process in megabytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)
