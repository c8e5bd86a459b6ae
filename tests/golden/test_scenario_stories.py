"""Scenarios do what their summaries say: the right element, by the right amount, the right way."""

from __future__ import annotations

from pathlib import Path

import pytest

import sim
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


EXPECTED = {
    "btk-five-million": ("throughput", "leg/marabda-akhalkalaki", 0.75, 1.0),
    "cpc-stop-90-days": ("shut_in", "total", 10.0, None),
    "kazakh-oil-btc-2-2": ("throughput", "line/aktau-sangachal-tanker", 2.1, None),
    "kazakh-oil-btc-7": ("throughput", "line/aktau-sangachal-tanker", 3.0, 4.0),
}


@pytest.mark.parametrize("name", FILES)
def test_what_was_foretold_with_a_number_is_claimed_where_it_was_and_not_by_heirs(name):
    claims = load(SCENARIOS / f"{name}.yaml").document.expect
    rate = 1e9 / (365.25 * 86_400)  # kg a second in a million tonnes a year
    told = [
        (
            each.kpi,
            each.of,
            *(None if bound is None else round(bound / rate, 9) for bound in (each.low, each.high)),
        )
        for each in claims
    ]
    assert told == ([EXPECTED[name]] if name in EXPECTED else [])


def figure(run, kpi, subject):
    """Give a figure of a replication, of tonnes where it has several measures."""
    rows = run.kpis[(run.kpis.kpi == kpi) & (run.kpis.subject == subject)]
    return float((rows[rows.unit == "t"] if len(rows) > 1 else rows).value.iloc[0])


def test_a_week_without_ceyhan_fills_its_tanks_and_loses_nothing():
    # The tanks hold ten days of flow and more, so nobody at Sangachal is sent away, and all comes through.
    short = ["clock.start=2024-01-25", "clock.length=40 d", "clock.warmup=25 d"]
    stopped = load(SCENARIOS / "ceyhan-out.yaml").override(short, name="stopped")
    calm = load(SCENARIOS / "baseline.yaml").override(short, name="calm")
    runs = [sim.simulate(each) for each in (stopped, calm)]
    for flow in ("flow/crude-btc-other", "flow/crude-pipe-aktau-btc", "flow/crude-tengiz-aktau-btc"):
        lost = [figure(run, "turned_away", flow) for run in runs]
        assert lost[0] == lost[1], flow
    delivered = [figure(run, "delivered", "flow/crude-btc-other") for run in runs]
    assert delivered[0] == delivered[1]
    waits = [figure(run, "wait.mean", "facility/ceyhan") for run in runs]
    assert waits[0] > waits[1] + 10


def during(scenario, title):
    """Give the document while one intervention, and no other, is in force."""
    return scenario.document_at([float(each.title == title) for each in scenario.interventions])


@pytest.mark.parametrize(
    ("name", "title", "closed"),
    [
        ("poti-strike", "Tugs join", "poti-terminal"),
        ("btk-closed-again", "The Georgian section shuts again", "marabda-akhalkalaki"),
    ],
)
def test_boxes_that_are_turned_go_by_the_ports_and_none_to_absheron(name, title, closed):
    # Shares of closed routes are shared out among all open ones; so what turns is told by shares of its own.
    scenario = load(SCENARIOS / f"{name}.yaml")
    document = during(scenario, title)
    for key in (*CHINA, "kz-containers-west"):
        before = scenario.document.flows[key].choice.shares
        after = document.flows[key].choice.shares
        assert any(closed in document.routes[route].steps for route in after)
        stay = {route: share for route, share in after.items() if closed not in document.routes[route].steps}
        assert sum(stay.values()) == pytest.approx(1), key
        gained = {route for route, share in stay.items() if share > before[route]}
        assert gained, key
        assert all(route.endswith(("poti", "batumi")) for route in gained), key


def test_three_tenths_of_poti_work_in_the_first_days_of_the_strike():
    scenario = load(SCENARIOS / "poti-strike.yaml")
    free = scenario.document.facilities["poti-terminal"]
    strike = during(scenario, "Dockers strike").facilities["poti-terminal"]
    left = strike.servers / strike.service.mean / (free.servers / free.service.mean)
    assert left == pytest.approx(0.3, rel=0.01)


@pytest.mark.parametrize(
    ("name", "times", "pools"),
    [
        ("combined-opening-2030", 2, ("fitting-platforms-kz", "fitting-platforms-cauc")),
        ("btk-five-million", 1.5, ("fitting-platforms-cauc",)),
        ("reform", 1.2, ("fitting-platforms-kz", "fitting-platforms-cauc", "tank-wagons")),
    ],
)
def test_platforms_are_as_many_times_those_of_2024_as_is_said(name, times, pools):
    before = load(SCENARIOS / "baseline.yaml").document.pools
    after = load(SCENARIOS / f"{name}.yaml").document.pools
    ratio = {pool: after[pool].size.value / before[pool].size.value for pool in pools}
    assert ratio == pytest.approx(dict.fromkeys(pools, times), rel=0.03)


def test_all_boxes_from_china_for_the_far_shore_go_by_anaklia():
    before = load(SCENARIOS / "baseline.yaml").document.flows
    after = load(SCENARIOS / "anaklia.yaml").document.flows
    for key in CHINA:
        shore = [route for route in before[key].choice.shares if route.endswith(("constanta", "istanbul"))]
        went = sum(before[key].choice.shares[route] for route in shore)
        shares = after[key].choice.shares
        assert [shares[route] for route in shore] == [0, 0], key
        goes = sum(share for route, share in shares.items() if route.endswith("anaklia"))
        assert goes == pytest.approx(went), key


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("btc-7-no-new-berths", "seeds/oil/cap-aktau-oil"),
        ("aktau-12-5-ten-tankers", "seeds/oil/cap-aktau-oil-future"),
    ],
)
def test_aktau_loads_no_more_oil_than_its_berths_are_said_to(name, figure):
    # Hours of loading alone would let three berths do 9 Mt a year, with ships enough.
    scenario = load(SCENARIOS / f"{name}.yaml")
    assert scenario.provenance["facilities.aktau-crude-farm.rate"].source == figure


@pytest.mark.parametrize("name", ["tengiz-out", "november-2025-attack"])
def test_oil_of_tengiz_comes_back_at_six_tenths_by_rail_as_by_pipe(name):
    scenario = load(SCENARIOS / f"{name}.yaml")
    back = during(scenario, "Tengiz on its way back").flows["crude-tengiz-aktau-btc"].volume[0]
    assert back == pytest.approx(0.6 * scenario.document.flows["crude-tengiz-aktau-btc"].volume[0])
