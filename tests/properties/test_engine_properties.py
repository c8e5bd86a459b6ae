"""What holds in every run: rules, balance, what a run may not depend on; random corridors, fixed seeds."""

from __future__ import annotations

import copy
from dataclasses import fields
from itertools import permutations

import numpy as np
import pytest
from corridors import Tree, corridors, text
from harness import Ran, replicate, simulate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from obedience import RULES

from sim.measure import measure

MANY = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
SOME = settings(MANY, max_examples=40)


@MANY
@given(corridors())
def test_every_corridor_obeys_the_rules_and_balances(corridor):
    run = simulate(text(corridor))
    for rule in RULES:
        rule(run)
    # A run that does not balance raises.
    measure(run.model, run.records)


def named(run: Ran) -> dict[str, list[tuple]]:
    """Give every table with ids for indices, so that runs of different networks can be compared."""
    model = run.model
    ids = {
        "flow": [each.id for each in model.flows],
        "route": [*(each.id for each in model.routes), ""],
        "line": [each.id for each in model.lines],
        "facility": [each.id for each in model.facilities],
        "pool": [each.id for each in model.pools],
        "origin": [each.id for each in model.groups],
        "destination": [each.id for each in model.groups],
    }
    tables = {}
    for table in fields(run.records):
        rows = getattr(run.records, table.name)
        columns = []
        for column in fields(rows):
            values = getattr(rows, column.name).tolist()
            name = ids.get(column.name)
            columns.append([name[value] for value in values] if name else values)
        tables[table.name] = list(zip(*columns, strict=True))
    return tables


def with_unused(tree: Tree, prefix: str) -> Tree:
    """Add one of each kind of element that nobody uses."""
    more = copy.deepcopy(tree)
    more["places"][f"{prefix}-place"] = {}
    more["legs"][f"{prefix}-leg"] = {"from": "a", "to": "d", "distance": "9 km", "speed": "9 km/h", "cv": 0.5}
    more["facilities"][f"{prefix}-desk"] = {"at": "a", "service": "~exp 3 h"}
    more["ports"][f"{prefix}-port"] = {"at": "b", "berths": {"box": 1}}
    more["lines"][f"{prefix}-line"] = {
        "from": f"{prefix}-port/box",
        "to": "port-c/box",
        "sailing": "~exp 3 h",
        "vessels": {"count": 2, "capacity": "3 TEU"},
    }
    more["closures"][f"{prefix}-storm"] = {
        "ports": [f"{prefix}-port"],
        "share_closed": 0.3,
        "lasts": "~exp 5 h",
    }
    more["routes"][f"{prefix}-route"] = {"from": "a", "direction": "west", "steps": [f"{prefix}-leg"]}
    return more


@SOME
@given(corridors(), st.sampled_from(["aa", "m", "zz"]))
def test_an_unused_element_leaves_every_record(corridor, prefix):
    run, other = simulate(text(corridor)), simulate(text(with_unused(corridor, prefix)))
    expected, found = named(run), named(other)
    for name, rows in expected.items():
        assert rows == found[name], name
    if prefix == "zz":
        # Last in the alphabet, it does not even move an index.
        assert run.records.digest() == other.records.digest()


def backwards(tree: Tree) -> Tree:
    """Turn the order of keys of every mapping around, at every depth."""
    return {
        key: backwards(value) if isinstance(value, dict) else value for key, value in reversed(tree.items())
    }


@SOME
@given(corridors())
def test_the_order_of_keys_leaves_everything(corridor):
    turned = backwards(corridor)
    assert list(turned) != list(corridor)
    assert simulate(text(turned)).records.digest() == simulate(text(corridor)).records.digest()


@SOME
@given(corridors())
def test_titles_leave_everything(corridor):
    other = copy.deepcopy(corridor) | {"title": "another title", "summary": "another summary"}
    other["experiment"] |= {"replications": 3, "confidence": 0.9}
    for place in other["places"].values():
        place["name"] = "another name"
    assert simulate(text(other)).records.digest() == simulate(text(corridor)).records.digest()


@SOME
@given(corridors())
def test_a_replication_is_the_same_alone_and_after_others_and_differs_from_them(corridor):
    together = [records.digest() for records in replicate(text(corridor), 3)]
    alone = [simulate(text(corridor), replication=number).records.digest() for number in (2, 0)]
    assert alone == [together[2], together[0]]
    again = simulate(text(corridor), replication=2)
    assert again.records.digest() == together[2]
    random = [flow for flow in again.model.flows if flow.arrivals == "poisson" and flow.demand[-1] > 5]
    assert not random or len(set(together)) == 3


def station(arrivals: list[float], *, servers: int, law: str, seed: int) -> Ran:
    at = ", ".join(f"{time} h" for time in arrivals)
    return simulate(f"""
        clock: {{start: 2024-01-01, length: 2000 h}}
        experiment: {{seed: {seed}}}
        places: {{x: {{}}}}
        facilities: {{desk: {{at: x, servers: {servers}, service: {law}}}}}
        routes: {{r: {{from: x, direction: west, steps: [desk]}}}}
        flows:
          f:
            consignment: {{TEU: 1}}
            arrivals: {{timetable: {{at: [{at}]}}}}
            choice: {{shares: {{r: 1}}}}
    """)


ARRIVALS = st.lists(st.integers(0, 80), min_size=1, max_size=40).map(
    lambda times: [time / 2 for time in sorted(times)]
)


@SOME
@given(ARRIVALS, st.integers(1, 4), st.sampled_from(["2 h", "~exp 3 h", "4 h ± 80 %"]), st.integers(0, 9))
def test_more_servers_never_start_a_consignment_later(arrivals, servers, law, seed):
    fewer = station(arrivals, servers=servers, law=law, seed=seed).at("desk").started
    more = station(arrivals, servers=servers + 1, law=law, seed=seed).at("desk").started
    assert all(after <= before for before, after in zip(fewer, more, strict=True))


def tandem(arrivals: list[float], servers: tuple[int, ...], services: tuple[str, ...]) -> list[float]:
    at = ", ".join(f"{time} h" for time in arrivals)
    desks = "".join(
        f"\n          d{number}: {{at: x, servers: {count}, service: {time}}}"
        for number, (count, time) in enumerate(zip(servers, services, strict=True))
    )
    steps = ", ".join(f"d{number}" for number in range(len(servers)))
    run = simulate(f"""
        clock: {{start: 2024-01-01, length: 2000 h}}
        places: {{x: {{}}}}
        facilities: {desks}
        routes: {{r: {{from: x, direction: west, steps: [{steps}]}}}}
        flows:
          f:
            consignment: {{TEU: 1}}
            arrivals: {{timetable: {{at: [{at}]}}}}
            choice: {{shares: {{r: 1}}}}
    """)
    return run.offered("f").finished


@SOME
@given(
    ARRIVALS,
    st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["1 h", "2 h", "3.5 h"])), min_size=2, max_size=4),
    st.data(),
)
def test_more_servers_in_a_tandem_without_blocking_let_nobody_leave_later(arrivals, stations, data):
    servers = tuple(count for count, _ in stations)
    services = tuple(time for _, time in stations)
    place = data.draw(st.integers(0, len(servers) - 1))
    more = tuple(count + (number == place) for number, count in enumerate(servers))
    before, after = tandem(arrivals, servers, services), tandem(arrivals, more, services)
    assert all(late >= early for late, early in zip(before, after, strict=True))


@SOME
@given(
    st.lists(
        st.tuples(st.integers(1, 2), st.integers(0, 2), st.sampled_from(["1 h", "2 h", "~exp 2 h"])),
        min_size=2,
        max_size=5,
    ),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.integers(0, 9),
)
def test_opposing_flows_never_stand_still(stations, every, seed):
    # A row of desks with little or no room, traffic both ways for 60 h: in the end everybody has arrived.
    desks = "".join(
        f"\n          d{number}: {{at: x, servers: {servers}, buffer: {room} TEU, service: {time}}}"
        for number, (servers, room, time) in enumerate(stations)
    )
    steps = [f"d{number}" for number in range(len(stations))]
    times = [", ".join(f"{time} h" for time in range(0, 60, gap)) for gap in every]
    run = simulate(f"""
        clock: {{start: 2024-01-01, length: 2000 h}}
        experiment: {{seed: {seed}}}
        places: {{x: {{}}}}
        facilities: {desks}
        routes:
          west: {{from: x, direction: west, steps: [{", ".join(steps)}]}}
          east: {{from: x, direction: east, steps: [{", ".join(reversed(steps))}]}}
        flows:
          w:
            consignment: {{TEU: 1}}
            arrivals: {{timetable: {{at: [{times[0]}]}}}}
            choice: {{shares: {{west: 1}}}}
          e:
            consignment: {{TEU: 1}}
            arrivals: {{timetable: {{at: [{times[1]}]}}}}
            choice: {{shares: {{east: 1}}}}
    """)
    assert set(run.offered("w").outcome) == set(run.offered("e").outcome) == {"delivered"}


@pytest.mark.parametrize("order", list(permutations(["f", "g", "h"])))
def test_simultaneous_arrivals_go_by_id_whatever_the_order_of_the_file(order):
    flows = "\n".join(
        f"  {key}: {{consignment: {{TEU: 1}}, choice: {{shares: {{r: 1}}}}, "
        "arrivals: {timetable: {at: [0 h, 0 h]}}}"
        for key in order
    )
    run = simulate(f"""
clock: {{start: 2024-01-01, length: 20 h}}
places: {{x: {{}}}}
facilities: {{desk: {{at: x, service: 1 h}}}}
routes: {{r: {{from: x, direction: west, steps: [desk]}}}}
flows:
{flows}
""")
    assert [run.at("desk", flow=key).started for key in "fgh"] == [[0, 1], [2, 3], [4, 5]]


@SOME
@given(corridors(), st.integers(0, 5))
def test_another_servers_number_leaves_every_draw_as_it_was(corridor, which):
    # Common random numbers: with one more server the arrivals and every factor are the same numbers.
    keys = sorted(key for key, one in corridor["facilities"].items() if "rate" not in one)
    if not keys:
        return
    other = copy.deepcopy(corridor)
    chosen = other["facilities"][keys[which % len(keys)]]
    chosen["servers"] = (chosen.get("servers") or 1) + 1
    one, two = simulate(text(corridor)).draws, simulate(text(other)).draws
    for before, after in zip(one.arrivals, two.arrivals, strict=True):
        assert np.array_equal(before, after)
    for before, after in zip(one.calendars, two.calendars, strict=True):
        assert np.array_equal(before.starts, after.starts)
    for routes, again in zip(one.factors, two.factors, strict=True):
        for steps, same in zip(routes, again, strict=True):
            for factors, factors_again in zip(steps, same, strict=True):
                assert (factors is None) == (factors_again is None)
                assert factors is None or np.array_equal(factors, factors_again)
