"""Oil beside dry cargo: what shares nothing with it is not touched, and no kilogram of crude is lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.chance.draws import draw
from sim.engine import run
from sim.engine.records import Outcome, Records
from sim.model.compile import compile_model
from sim.model.measures import Measure
from sim.model.model import Model

ROOT = Path(__file__).parents[2]
OVERRIDES = {"clock.length": "120 d", "clock.warmup": "30 d"}


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> tuple[tuple[Model, Records], tuple[Model, Records]]:
    """The baseline, and the same files without those of oil."""
    folder = tmp_path_factory.mktemp("tree")
    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    whole = folder / "scenarios" / "baseline.yaml"
    lines = whole.read_text(encoding="utf-8").splitlines()
    # Targets come last, and speak of oil too.
    kept = lines[: lines.index("targets:")]
    oil = [line for line in kept if line.strip().startswith("- network/oil-")]
    assert len(oil) == 4
    kept = [line for line in kept if line not in oil]
    dry = folder / "scenarios" / "dry.yaml"
    dry.write_text("\n".join(kept), encoding="utf-8")
    found = []
    for path in (whole, dry):
        model = compile_model(sim.load(path, overrides=OVERRIDES))
        found.append((model, run(model, draw(model, seed=2024, replication=1))))
    return found[0], found[1]


def elements(model: Model, flow: int) -> set[str]:
    """Everything that a flow may share with others: elements, berths, pools."""
    found = set()
    for option in model.flows[flow].options:
        route = model.routes[option.route]
        for step in route.steps:
            found.add(model.subject(step))
            if step.kind.name == "LINE":
                found |= {f"port/{model.groups[group].id}" for group in model.lines[step.index].groups}
        found |= {f"pool/{model.pools[use.pool].id}" for use in route.uses}
    return found


def steps(model: Model, records: Records, flow: str) -> dict[str, bytes]:
    """All that happened to a flow, with names for numbers."""
    index = [one.id for one in model.flows].index(flow)
    table, offered = records.steps, records.consignments
    mine, ours = table.flow == index, offered.flow == index
    routes = np.array([route.id for route in model.routes])
    columns = ("consignment", "ordinal", "asked", "started", "ended", "left", "kg", "milliteu")
    found = {name: getattr(table, name)[mine].tobytes() for name in columns}
    found["route"] = "|".join(routes[table.route[mine]]).encode()
    for name in ("number", "arrived", "outcome", "admitted", "finished"):
        found[f"offered {name}"] = getattr(offered, name)[ours].tobytes()
    return found


def test_oil_leaves_the_records_of_dry_cargo_that_shares_nothing_with_it(runs):
    (whole, with_oil), (dry, without) = runs
    names = [flow.id for flow in dry.flows]
    oil = [k for k, flow in enumerate(whole.flows) if flow.id not in names]
    assert len(oil) >= 9
    touched = set().union(*(elements(whole, k) for k in oil))
    apart = [
        flow.id for k, flow in enumerate(whole.flows) if flow.id in names and not elements(whole, k) & touched
    ]
    # Elements are shared by chains of flows: what shares with a flow that oil touches is touched as well.
    assert len(apart) >= 30
    moved = 0
    for flow in apart:
        one, other = steps(whole, with_oil, flow), steps(dry, without, flow)
        assert one == other, flow
        moved += len(one["kg"])
    assert moved > 100_000


def test_every_parcel_of_crude_balances_to_the_kilogram(runs):
    (model, records), _ = runs
    offered, table, aboard = records.consignments, records.steps, records.aboard
    crude = [k for k, flow in enumerate(model.flows) if flow.commodity.startswith("crude")]
    parcels = 0
    for index in crude:
        size = model.flows[index].amounts[Measure.KG]
        ours = offered.flow == index
        counts = {what: int((offered.outcome[ours] == what).sum()) for what in Outcome}
        assert sum(counts.values()) == ours.sum()
        assert counts[Outcome.GONE_OUTSIDE] == 0
        mine = np.flatnonzero(table.flow == index)
        # No step changes a parcel, and only those that were admitted have steps.
        assert set(table.kg[mine].tolist()) <= {size}
        moved = set(table.consignment[mine].tolist())
        turned = set(offered.number[ours & (offered.outcome == Outcome.TURNED_AWAY)].tolist())
        assert not moved & turned
        done = offered.number[ours & (offered.outcome == Outcome.DELIVERED)]
        delivered = set(done.tolist())
        assert delivered <= moved
        last = {
            int(number): int(end)
            for number, end in zip(table.consignment[mine], table.ended[mine], strict=True)
        }
        finished = dict(zip(offered.number[ours].tolist(), offered.finished[ours].tolist(), strict=True))
        assert all(finished[number] == last[number] for number in done.tolist())
        # Parts in tankers add up to the parcel.
        parts = aboard.flow == index
        for number in np.unique(aboard.consignment[parts]).tolist():
            if number in delivered:
                assert int(aboard.amount[parts & (aboard.consignment == number)].sum()) == size
        parcels += len(done)
    assert parcels > 5_000
