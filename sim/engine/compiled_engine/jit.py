"""How functions of this engine are compiled: exact arithmetic, no parallelism, no Python objects.

Only the entry (`loop.simulate_events`) is kept in a cache between processes, with all it calls inside it; so
the cache lies in a folder named for the sources of the whole package, and never outlives a change to them.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba import config, njit, types
from numba.core import ir

from sim.engine.compiled_engine.linking import only_linked

F = TypeVar("F", bound=Callable[..., Any])

OPTIONS = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}

ALOUD_AGAIN = 60.0
"""Seconds after which an unfinished compilation counts as given up, so that the next one is told of again."""


def compiled(function: F) -> F:
    """Compile a function that other compiled functions call; no fast-math, so that no sum is rearranged."""
    return cast(F, _plain(njit(**OPTIONS)(function)))


def hot(function: F) -> F:
    """Compile a short function on the path of every event into its callers."""
    return cast(F, _plain(njit(forceinline=True, **OPTIONS)(function)))


def once(function: F) -> F:
    """Make a function that is called in one place a part of its caller, which compiles sooner."""
    return cast(F, njit(inline="always", **OPTIONS)(function))


def _wide(given: Any) -> Any:
    """Give the type as which an argument is taken: constants and shorter integers as any integer."""
    plain = types.unliteral(given)
    return types.int64 if isinstance(plain, types.Integer) else plain


def entry(function: F) -> F:
    """Compile a function that Python calls, and keep it on disk for later processes."""
    dispatcher = njit(error_model="numpy", nogil=True)(function)
    before = config.CACHE_DIR
    config.CACHE_DIR = str(cache_folder(function.__module__.split(".")[1]))
    try:
        # Where no folder can be written to, every process compiles anew.
        with suppress(RuntimeError):
            dispatcher.enable_caching()
    finally:
        config.CACHE_DIR = before
    translate = dispatcher.compile

    def compile_aloud(signature: Any) -> Any:
        if not is_cached():
            announce()
        # Looking for garbage would take a tenth of the time; so would copying, with each block of a function
        # that is made part of its caller, all the variables that the function has.
        collects = gc.isenabled()
        gc.disable()
        ir.Scope.__deepcopy__ = lambda scope, _: scope
        try:
            return translate(signature)
        finally:
            del ir.Scope.__deepcopy__
            if collects:
                gc.enable()

    dispatcher.compile = compile_aloud
    return cast(F, dispatcher)


def announce() -> None:
    """Say once, though several processes may begin together, that compiling will take a while."""
    folder = cache_folder()
    marker = folder / "compiling"
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        if marker.exists() and time.time() - marker.stat().st_mtime < ALOUD_AGAIN:
            return
        marker.touch()
    logging.getLogger("sim.engine").warning(
        "Compiling the fast engine: about 20 s, once on this machine; its code is then kept in %s", folder
    )


def _plain(dispatcher: Any) -> Any:
    """Compile a function once for all integers, and leave its optimisation to the entry.

    Numba would compile it anew for every constant that it is called with, and optimise it with all that it
    calls, at every level of the calls: three times as long, for the same code.
    """
    resolve = dispatcher.get_call_template

    def get_call_template(args: Any, kws: Any) -> Any:
        before = config.OPT
        config.OPT = type(before)(0)
        try:
            with only_linked():
                return resolve(tuple(_wide(each) for each in args), kws)
        finally:
            config.OPT = before

    dispatcher.get_call_template = get_call_template
    return dispatcher


@lru_cache(maxsize=8)
def cache_folder(package: str = "engine") -> Path:
    """Give the folder of a package's compiled code: the user's own, as it may be installed read-only."""
    given = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    if given:
        base = Path(given)
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", "~\\AppData\\Local"))
    elif sys.platform == "darwin":
        base = Path("~/Library/Caches")
    else:
        base = Path("~/.cache")
    return base.expanduser() / "middle-corridor" / f"compiled-{sources(package)}"


def sources(package: str) -> str:
    """Give a digest of all that the compiled code of a package may depend on: sources, and the libraries.

    Constants of other modules are part of it, and these import each other within the packages named here.
    And where it lies: Numba takes no code that was compiled from files elsewhere.
    """
    state = blake2b(digest_size=8)
    root = Path(__file__).parents[2]
    state.update(str(root).encode())
    for name in sorted({"engine", "model", package}):
        for path in sorted((root / name).rglob("*.py")):
            state.update(path.read_bytes())
    state.update(f"{numba.__version__} {np.__version__} {sys.version_info[:2]}".encode())
    return state.hexdigest()


def is_cached() -> bool:
    """Tell whether an earlier process has left its compiled code on disk."""
    folder = cache_folder()
    return folder.is_dir() and any(folder.rglob("loop.simulate_events*.nbc"))
