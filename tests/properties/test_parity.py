"""Two engines, one truth: the compiled engine leaves the SimPy engine's records, bit for bit.

Every scenario of the book on a short horizon, and random corridors with every mechanism; the exact cases
of `tests/exact` are held against both engines by the harness that runs them.
"""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import harness
import numpy as np
import pytest
import small
from corridors import corridors, text
from hypothesis import HealthCheck, given, settings

from sim.chance.draws import draw
from sim.engine import compiled_engine, engine_for, limits, simpy_engine
from sim.engine.compiled_engine import prepare, workspace
from sim.engine.compiled_engine.prepare import Prepared
from sim.errors import RunError, UsageError
from sim.model.compile import compile_model
from sim.model.network import Shape
from sim.scenario import load

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))


def same(model, draws):
    """Both engines leave the same records; where not, name the first column that differs."""
    one, other = simpy_engine.simulate(model, draws), compiled_engine.simulate(model, draws)
    for table in fields(one):
        for column in fields(getattr(one, table.name)):
            wanted, got = (getattr(getattr(each, table.name), column.name) for each in (one, other))
            np.testing.assert_array_equal(wanted, got, err_msg=f"{table.name}.{column.name}")
    assert one.digest() == other.digest()
    return one


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_scenario_leaves_the_same_records(path):
    scenario = load(path).override({"clock": {"length": "60 d", "warmup": "10 d"}}, name=path.stem)
    model = compile_model(scenario)
    records = same(model, draw(model, seed=scenario.document.experiment.seed, replication=0))
    assert len(records.steps.flow) > 1000


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(corridors())
def test_random_corridors_leave_the_same_records(corridor):
    scenario = harness.scenario(text(corridor))
    model = compile_model(scenario)
    same(model, draw(model, seed=scenario.document.experiment.seed, replication=0))


@pytest.mark.parametrize("replication", [0, 1, 7])
def test_a_year_of_everything(replication):
    model = compile_model(small.Hand(small.crossing(length=8766.0, warmup=2000.0)))
    records = same(model, draw(model, seed=3, replication=replication))
    assert len(records.sailings.line) > 500


def test_small_tables_grow():
    """What overflows is repeated with more room, and leaves what it would have left."""
    model = compile_model(small.Hand(small.crossing(length=4000.0)))
    rough = tuple(replace(line, sailing_shape=Shape("gamma", 0.3)) for line in model.lines)
    model = replace(model, lines=rough)
    draws = draw(model, seed=1, replication=0)
    wanted = simpy_engine.simulate(model, draws).digest()
    prepared = Prepared(model)
    prepared.start_small()
    assert compiled_engine.simulate_prepared(prepared, draws).digest() == wanted
    assert prepared.room > 1
    assert prepared.trips.max() > 1


def test_trips_that_were_not_drawn_repeat_a_run_once_not_for_each_vessel(monkeypatch):
    """At the pace of the vessels that ran out, all get as many as the run will need."""
    model = compile_model(small.Hand(small.crossing(length=8766.0)))
    rough = tuple(replace(line, sailing_shape=Shape("gamma", 0.3)) for line in model.lines)
    model = replace(model, lines=rough)
    draws = draw(model, seed=1, replication=0)
    prepared = Prepared(model)
    prepared.trips[:] = 1
    monkeypatch.setattr(prepare, "TRIPS", 1)
    grown = []
    grow = Prepared.grow
    monkeypatch.setattr(Prepared, "grow", lambda self, world: grown.append(grow(self, world)))
    made = compiled_engine.simulate_prepared(prepared, draws)
    assert made.digest() == simpy_engine.simulate(model, draws).digest()
    assert np.bincount(made.sailings.vessel + 100 * made.sailings.line).max() > 60
    assert len(grown) <= 3


def test_more_servers_than_bits_are_left_to_simpy():
    model = compile_model(small.Hand(small.crossing()))
    number = model.facilities[0].servers
    base = model.parameters.base.copy()
    base[number] = 70
    crowded = replace(model, parameters=replace(model.parameters, base=base))
    name, reason = engine_for("auto", crowded)
    assert name == "simpy"
    assert "70 servers" in reason
    with pytest.raises(UsageError, match="70 servers"):
        engine_for("compiled", crowded)
    assert engine_for("auto", model)[0] == "compiled"


@pytest.mark.parametrize("clock", [{"end": 137 * 366 * 86_400}, {"begin": -137 * 366 * 86_400}])
def test_times_beyond_32_bits_are_left_to_simpy(clock):
    model = compile_model(small.Hand(small.crossing()))
    long = replace(model, clock=replace(model.clock, **clock))
    name, reason = engine_for("auto", long)
    assert name == "simpy"
    assert "136 years" in reason
    with pytest.raises(UsageError, match="136 years"):
        engine_for("compiled", long)


def test_large_tables_are_let_go_of_and_made_again(monkeypatch):
    model = compile_model(small.Hand(small.crossing(length=2000.0)))
    draws = draw(model, seed=1, replication=0)
    wanted = simpy_engine.simulate(model, draws).digest()
    monkeypatch.setattr(workspace, "LARGE", 1)
    for _ in range(2):
        assert compiled_engine.simulate(model, draws).digest() == wanted
        assert not vars(workspace.WORKSPACE)["_memory"]


def test_more_consignments_than_an_event_can_name_are_refused(monkeypatch):
    model = compile_model(small.Hand(small.crossing()))
    draws = draw(model, seed=1, replication=0)
    monkeypatch.setattr(prepare, "MOST_CONSIGNMENTS", 3)
    with pytest.raises(RunError, match="--engine simpy"):
        Prepared(model).lay(draws)


def test_more_options_than_16_bits_number_are_left_to_simpy(monkeypatch):
    model = compile_model(small.Hand(small.crossing()))
    monkeypatch.setattr(limits, "MOST_SMALL", 1)
    name, reason = engine_for("auto", model)
    assert name == "simpy"
    assert "more than 1 options" in reason
