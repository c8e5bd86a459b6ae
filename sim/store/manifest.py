"""What a run says of itself: one JSON file beside its results, the only one that knows the time."""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sim.errors import RunError
from sim.store.atomic import write_text
from sim.store.process import is_gone, node

MANIFEST = "manifest.json"

FINISHED, RUNNING, KILLED = "finished", "running", "killed"

CORE = (
    "simpy",
    "numpy",
    "scipy",
    "matplotlib",
    "pydantic",
    "ruamel.yaml",
    "click",
    "rich",
    "duckdb",
    "pandas",
    "jinja2",
    "numba",
)
"""Packages whose versions stand in every manifest; one that is not installed is null."""


def versions(own: str) -> dict[str, str | None]:
    """Give the versions of the product, of Python and of every core package.

    Args:
        own: the product's version.
    """
    found: dict[str, str | None] = {"sim": own, "python": platform.python_version()}
    for package in CORE:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found


def write_manifest(folder: Path, content: Mapping[str, object]) -> Path:
    """Write a manifest, atomically and durably; what is not finite is written as null.

    As long as it says that work is running, it says in which process.
    """
    if content.get("state") == RUNNING:
        content = {**content, "process": {"machine": node(), "number": os.getpid()}}
    text = json.dumps(plain(content), indent=2, ensure_ascii=False, allow_nan=False)
    return write_text(folder / MANIFEST, text + "\n", durable=True)


def read_manifest(folder: Path) -> dict[str, object]:
    """Read a manifest.

    Raises:
        RunError: it is missing or no JSON.
    """
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{folder / MANIFEST} cannot be read: {error}"
        raise RunError(message) from error
    if not isinstance(content, dict):
        message = f"{folder / MANIFEST} is not a manifest"
        raise RunError(message)
    return content


def state_of(manifest: Mapping[str, object]) -> str:
    """Give the state of the work that a manifest is about.

    Returns:
        `finished`, `interrupted`, `failed`, `running`, or `killed` where the process that ran it is gone.
    """
    state, process = str(manifest.get("state", RUNNING)), manifest.get("process")
    if state == RUNNING and isinstance(process, dict):
        return KILLED if is_gone(process.get("machine"), process.get("number")) else state
    return state


def state_in(folder: Path) -> str:
    """Give the state of the work in a folder; empty where it has no manifest, or a damaged one."""
    try:
        return state_of(read_manifest(folder))
    except RunError:
        return ""


def standing(folder: Path) -> tuple[dict[str, object], int] | None:
    """Give what is said of tables that stand in a run's folder, and of how many replications they are.

    Returns:
        None where none stand. Why an attempt to go on has ended, and in which process it is under way, is
        left out.
    """
    try:
        told = read_manifest(folder)
    except RunError:
        return None
    counts = told.get("replications")
    # Only a run that has been finished says what its tables hold.
    if "closing_statement" not in told or not isinstance(counts, dict):
        return None
    return {name: told[name] for name in told if name not in ("error", "process")}, int(counts["finished"])


def plain(value: Mapping[str, object]) -> dict[str, object]:
    """Give a tree as JSON knows it: NumPy scalars unwrapped, tuples as lists, NaN as None."""
    return {str(key): _plain(inner) for key, inner in value.items()}


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if hasattr(value, "item"):
        return _plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return str(value)
