"""Every scenario of the project obeys the rules and balances, on a short stretch of its calendar."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness import simulated
from obedience import RULES

from sim.measure import measure
from sim.scenario import load

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_obeys_the_rules_and_balances(path):
    short = load(path).override(["clock.length=12 d", "clock.warmup=8 d"], name="short")
    run = simulated(short)
    assert len(run.records.steps.flow) > 1000
    for rule in RULES:
        rule(run)
    # A run that does not balance raises.
    measure(run.model, run.records)
