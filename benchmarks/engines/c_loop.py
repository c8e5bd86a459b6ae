"""Compiles the C loop on the spot and hands it the arrays of a workload."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from trial import AbsentError, Trial
from workloads import BERTHS, CAPACITY, HANDLING, SAILING, SLOT_EVERY, SLOT_FIRST, Ints, Workload, arrays

POINTERS = ("arrived", "flow", "first", "offered", "factors", "base", "load", "sail", "unload", "servers")
NUMBERS = ("n", "flows", "steps", "end", "vessels", "trips", "capacity", "teu", "berths")
TIMES = ("handling", "sailing", "slot_every")


class Work(ctypes.Structure):
    """The arrays and numbers that `loop.c` reads."""

    _fields_ = (
        *((name, ctypes.c_int64) for name in (*NUMBERS, *TIMES)),
        ("slot_first", ctypes.c_int64 * 2),
        *((name, ctypes.c_void_p) for name in POINTERS),
        ("starts", ctypes.c_void_p * 2),
        ("ends", ctypes.c_void_p * 2),
        ("closures", ctypes.c_int64 * 2),
        ("started", ctypes.c_void_p),
        ("ended", ctypes.c_void_p),
        ("delivered", ctypes.c_void_p),
    )


def build() -> tuple[Any, float]:
    """Compile the loop; give the function and the seconds it took."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        message = "no C compiler (cc, gcc, clang) on the path"
        raise AbsentError(message)
    folder = Path(tempfile.mkdtemp(prefix="corridor-loop-"))
    library = folder / "loop.so"
    flags = ["-O3", "-march=native", "-ffp-contract=off", "-shared", "-fPIC"]
    begun = time.perf_counter()
    subprocess.run([compiler, *flags, Path(__file__).with_name("loop.c"), "-o", library], check=True)
    took = time.perf_counter() - begun
    simulate = ctypes.CDLL(str(library)).simulate
    simulate.restype = ctypes.c_int64
    shutil.rmtree(folder)
    return simulate, took


def prepare(work: Workload) -> Trial:
    """Give a trial whose result is how many events there were, and when each consignment was delivered."""
    simulate, took = build()
    given = arrays(work)
    flows = int(given.flow[-1]) + 1
    offered = np.bincount(given.flow, minlength=flows).astype(np.int64)
    first = np.cumsum(offered) - offered
    values = {
        "first": first,
        "offered": offered,
        **{name: getattr(given, name) for name in set(POINTERS) - {"first", "offered"}},
    }
    kept = {name: np.ascontiguousarray(values[name]) for name in POINTERS}
    steps, count = given.factors.shape
    nothing = (np.zeros(1, np.int64), np.zeros(1, np.int64))
    closed = [*given.closed, nothing, nothing][:2]
    spans = [[np.ascontiguousarray(each[k]) for each in closed] for k in (0, 1)]
    vessels = len(given.load)
    # Memory is kept from one run to the next, as the compiled engine keeps its own.
    started, ended = (np.empty(count * steps, np.int64) for _ in range(2))
    delivered = np.empty(count, np.int64)
    told = Work(
        n=count,
        flows=flows,
        steps=steps,
        end=given.end,
        vessels=vessels,
        trips=given.load.shape[1] if vessels else 0,
        capacity=CAPACITY * 1000,
        teu=given.teu,
        berths=BERTHS,
        handling=HANDLING,
        sailing=SAILING,
        slot_every=SLOT_EVERY,
        **{name: each.ctypes.data for name, each in kept.items()},
    )
    told.slot_first[:] = SLOT_FIRST
    told.starts[:] = [each.ctypes.data for each in spans[0]]
    told.ends[:] = [each.ctypes.data for each in spans[1]]
    told.closures[:] = [len(each[0]) for each in given.closed] if given.closed else [0, 0]
    told.started, told.ended, told.delivered = (each.ctypes.data for each in (started, ended, delivered))

    def run(_: object) -> tuple[int, Ints]:
        for each in (started, ended, delivered):
            each.fill(-1)
        return int(simulate(ctypes.byref(told))), delivered

    # The arrays must outlive the pointers to them.
    run.kept = (kept, spans)  # type: ignore[attr-defined]
    return Trial(
        run=run, delivered=lambda result: result[1].copy(), events=lambda result: result[0], compiled=took
    )
