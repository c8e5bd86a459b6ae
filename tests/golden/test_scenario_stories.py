"""Scenarios do what their summaries say: the right element, by the right amount, the right way."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.scenario import load

SCENARIOS = Path(__file__).parents[2] / "scenarios"
FILES = sorted(path.stem for path in SCENARIOS.glob("*.yaml"))
CHINA = ("china-xian-west", "china-chengdu-altynkol-west", "china-chengdu-dostyk-west")


@pytest.mark.parametrize("name", FILES)
def test_shares_of_a_flow_sum_to_one(name):
    # Shares are renormalised in a run, so a sum of 1.05 would quietly take from what was not changed.
    flows = load(SCENARIOS / f"{name}.yaml").document.flows
    sums = {key: sum(flow.choice.shares.values()) for key, flow in flows.items() if flow.choice.shares}
    assert {key: total for key, total in sums.items() if abs(total - 1) > 1e-9} == {}


def test_zangezur_takes_half_of_what_goes_by_georgia():
    base = load(SCENARIOS / "baseline.yaml").document.flows
    half = load(SCENARIOS / "zangezur-takes-half.yaml").document.flows
    for key in (*CHINA, "kz-containers-west"):
        ports = ("poti", "batumi", "constanta", "istanbul")
        before = sum(share for route, share in base[key].choice.shares.items() if route.endswith(ports))
        taken = sum(share for route, share in half[key].choice.shares.items() if route.endswith("zangezur"))
        assert taken == pytest.approx(before / 2), key
