"""Run the theory cases of the tests and put answer, simulated mean and interval into docs/validation.md.

Usage: python docs/make_validation.py      (half a minute on two cores)

The tests themselves are run, with the check that they make replaced by taking note of it; so the table shows
what is tested, and nothing else.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "validation.md"
CONFIDENCE = 0.999

CASES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "test_t1_mm1": ("T1", "M/M/1, λ = {0}, μ = 1", ("mean wait, h",)),
    "test_t2_mm4": ("T2", "M/M/4, λ = 0.25, μ = 0.1", ("mean wait, h", "utilisation")),
    "test_t3_mg1": ("T3", "M/G/1, λ = 0.8, mean 1 h: `{0}`", ("mean wait, h",)),
    "test_t4_mm2_with_one_waiting_place": (
        "T4",
        "M/M/2 with one waiting place, λ = 3, μ = 4",
        ("mean number", "share turned away"),
    ),
    "test_t5_tandem": (
        "T5",
        "tandem of two M/M/1, λ = 0.5, μ = 1 then 0.8",
        ("mean number at the first", "mean number at the second", "mean time, h"),
    ),
    "test_t6_erlang_b": ("T6", "Erlang B, 3 servers, load 2", ("share turned away",)),
    "test_t7_a_daily_ferry_with_ample_room": ("T7", "daily ferry, ample room", ("mean wait, h",)),
    "test_t8_a_daily_ferry_that_leaves_some_behind": (
        "T8",
        "daily ferry, room for 10, 8 arrive per day",
        ("mean wait, h", "left behind", "sailings not full"),
    ),
    "test_t9_a_ferry_that_leaves_when_ten_are_on_board": (
        "T9",
        "leaves with 10 aboard, 2 arrive per hour",
        ("mean wait, h",),
    ),
    "test_t10_weather_at_the_port_of_departure": (
        "T10",
        "port open 20 h, closed 5 h, both exponential",
        ("mean weather wait, h",),
    ),
    "test_t11_a_server_that_fails_while_busy_and_resumes": (
        "T11",
        "M/M/1 with failures while busy, job resumed",
        ("mean time, h", "share down"),
    ),
    "test_t11b_a_server_that_finishes_the_job_in_hand": (
        "T11b",
        "the same, job in hand finished first",
        ("mean time, h", "share down"),
    ),
    "test_t12_the_first_customers_of_a_queue_that_starts_empty": (
        "T12",
        "M/M/1 from empty, λ = 1, μ = 10/9",
        ("mean delay of the first 25, h",),
    ),
}
MODULES = ("test_engine_queues", "test_engine_ferries")


def prepare() -> None:
    """Let the tests be imported."""
    for folder in (ROOT, ROOT / "tests", ROOT / "tests" / "theory"):
        sys.path.insert(0, str(folder))


def calls() -> list[tuple[str, str, tuple[Any, ...]]]:
    """List module, test and arguments of every case."""
    prepare()
    homes = {name: module for module in MODULES for name in vars(import_module(module))}
    missing = set(CASES) - set(homes)
    if missing:
        message = f"no such test: {sorted(missing)}"
        raise SystemExit(message)
    found: list[tuple[str, str, tuple[Any, ...]]] = []
    for name in CASES:
        test = getattr(sys.modules[homes[name]], name)
        marks = [mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
        rows = marks[0].args[1] if marks else [()]
        found += [(homes[name], name, tuple(given)) for given in rows]
    return found


def outcome(call: tuple[str, str, tuple[Any, ...]]) -> list[tuple[float, Any]]:
    """Run one case and give what it checks: answer and interval."""
    prepare()
    from sim.statistics import t_interval

    module, name, given = call
    tests = import_module(module)
    noted: list[tuple[float, Any]] = []

    def queues(runs: Iterable[Any], measure: Callable[[Any], float], exact: float, *, within: float) -> None:
        noted.append((exact, t_interval([measure(run) for run in runs], CONFIDENCE)))

    def ferries(values: Iterable[float], exact: float, *, within: float) -> None:
        noted.append((exact, t_interval(list(values), CONFIDENCE)))

    tests.holds = queues if module == "test_engine_queues" else ferries
    getattr(tests, name)(*given)
    return noted


def main() -> None:
    """Rewrite the table."""
    todo = calls()
    lines = [
        "| case | system | quantity | exact | simulated | 99.9 % interval | replications |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    with ProcessPoolExecutor(2) as pool:
        for (_, name, given), noted in zip(todo, pool.map(outcome, todo), strict=True):
            case, system, quantities = CASES[name]
            for quantity, (exact, interval) in zip(quantities, noted, strict=True):
                inside = "" if interval.low <= exact <= interval.high else " **outside**"
                span = f"{interval.low:.4g} – {interval.high:.4g}{inside}"
                cells = (case, system.format(*given), quantity, f"{exact:.6g}", f"{interval.mean:.4g}", span)
                lines.append(f"| {' | '.join(cells)} | {interval.n:,} |")
    replace("theory", lines)


def replace(name: str, lines: list[str]) -> None:
    """Put lines between the marks of a table in the page."""
    text = PAGE.read_text(encoding="utf-8")
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    body = "\n".join([begin, "", *lines, "", end])
    PAGE.write_text(pattern.sub(lambda _: body, text), encoding="utf-8")


if __name__ == "__main__":
    main()
