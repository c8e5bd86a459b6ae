"""Measures by compiled passes: the figures of the plain ones to the bit, and the same rules."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace

import harness
import numpy as np
import pytest
import small
from corridors import corridors, text
from hypothesis import HealthCheck, given, settings

from sim.chance.draws import draw
from sim.engine import compiled_engine
from sim.engine.records import Outcome
from sim.errors import BalanceError
from sim.measure import compiled, measure
from sim.measure.layout import lay_out
from sim.measure.swift import fill
from sim.measure.view import View
from sim.model.compile import compile_model

BROKEN = {
    "asked": lambda steps, row: steps.asked[row] + 1,
    "started": lambda steps, row: steps.asked[row] - 1,
    "ended": lambda steps, row: steps.started[row] - 1,
    "left": lambda steps, row: steps.ended[row] - 1,
    "kg": lambda steps, row: steps.kg[row] + 1,
    "milliteu": lambda steps, row: steps.milliteu[row] + 1,
    "ordinal": lambda steps, row: steps.ordinal[row] + 1,
}
"""What a column is changed to, so that its row breaks a rule."""


def flat(value):
    """All that a tree of results holds, one thing after the other."""
    if is_dataclass(value):
        for field in fields(value):
            yield from flat(getattr(value, field.name))
    elif isinstance(value, np.ndarray) and value.dtype == np.float64:
        yield value.tobytes()
    elif isinstance(value, np.ndarray):
        yield value.tolist()
    elif isinstance(value, list | tuple):
        for each in value:
            yield from flat(each)
    else:
        yield repr(value)


def plainly(patch, model, records, calendars):
    with patch.context() as here:
        here.setattr(compiled, "ENGINE", "no module of this name")
        return list(flat(measure(model, records, calendars)))


def year():
    model = compile_model(small.Hand(small.crossing(length=2000.0, warmup=500.0)))
    draws = draw(model, seed=3, replication=0)
    return model, draws, compiled_engine.simulate(model, draws)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(corridors())
def test_compiled_passes_give_the_plain_measures(corridor):
    model = compile_model(harness.scenario(text(corridor)))
    draws = draw(model, seed=1, replication=0)
    records = compiled_engine.simulate(model, draws)
    with pytest.MonkeyPatch.context() as patch:
        wanted = plainly(patch, model, records, draws.calendars)
    assert list(flat(measure(model, records, draws.calendars))) == wanted


def test_sound_rows_are_read_in_one_pass():
    model, _, records = year()
    seen = View(model, records, lay_out(model))
    fill(seen)
    assert seen.is_checked


def refused_alike(patch, model, records, calendars):
    seen = View(model, records, lay_out(model))
    fill(seen)
    assert not seen.is_checked
    with pytest.raises(BalanceError) as plain:
        plainly(patch, model, records, calendars)
    with pytest.raises(BalanceError) as swift:
        measure(model, records, calendars)
    assert str(swift.value) == str(plain.value)


@pytest.mark.parametrize("column", BROKEN)
def test_a_row_that_breaks_a_rule_is_refused_in_the_words_of_the_plain_checks(column, monkeypatch):
    model, draws, records = year()
    for row in (0, 1, len(records.steps.flow) // 2):
        values = getattr(records.steps, column).copy()
        values[row] = BROKEN[column](records.steps, row)
        broken = replace(records, steps=replace(records.steps, **{column: values}))
        refused_alike(monkeypatch, model, broken, draws.calendars)


def test_a_route_that_is_not_the_flow_s_and_a_delivery_that_was_none_are_refused_too(monkeypatch):
    model, draws, records = year()
    first = lay_out(model).first
    flow, other = next((f, r) for f, r in np.argwhere(first < 0).tolist() if (records.steps.flow == f).any())
    route = np.where(records.steps.flow == flow, other, records.steps.route)
    broken = replace(records, steps=replace(records.steps, route=route))
    refused_alike(monkeypatch, model, broken, draws.calendars)
    outcome = np.where(records.consignments.outcome == Outcome.DELIVERED, 0, records.consignments.outcome)
    broken = replace(records, consignments=replace(records.consignments, outcome=outcome))
    refused_alike(monkeypatch, model, broken, draws.calendars)
    fewer = replace(
        records.consignments,
        **{each.name: getattr(records.consignments, each.name)[:-5] for each in fields(records.consignments)},
    )
    refused_alike(monkeypatch, model, replace(records, consignments=fewer), draws.calendars)
