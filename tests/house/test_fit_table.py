"""The fit to 2024 in README and docs is that of the calibration that is kept, and so is its scenario."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import sim
from sim.scenario import load_study

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def maker():
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        import make_fit
    finally:
        sys.path.remove(str(ROOT / "docs"))
    return make_fit


def test_the_fit_tables_are_up_to_date(maker):
    stale = [path.name for path, text in maker.pages().items() if path.read_text(encoding="utf-8") != text]
    assert not stale, "run: python docs/make_fit.py"


def test_the_targets_are_still_those_that_were_fitted(maker):
    kept = maker.rows(maker.stored(), "fit")
    targets = sim.load("baseline").document.targets
    assert [(row["kpi"], row["subject"]) for row in kept] == [(each.kpi, each.of) for each in targets]
    aside = {each.of for each in targets if each.kept_aside}
    assert aside
    assert all(row["role"] == "held out" for row in kept if row["subject"] in aside)


def test_the_calibrated_scenario_holds_what_was_found(maker):
    folder = maker.stored()
    scenario = sim.load("baseline-2024-calibrated")
    for row in maker.rows(folder, "parameters"):
        paths = [row["factor"]]
        if row["factor"].startswith("seeds/"):
            base = sim.load("baseline").provenance
            paths = [path for path, note in base.items() if note.source == row["factor"]]
        assert paths
        for path in paths:
            note = scenario.provenance[path]
            assert note.kind == "calibrated", path
            assert note.value == pytest.approx(float(row["value"]), rel=1e-6), path
            assert note.low <= note.value <= note.high, path
    assert folder.name in scenario.document.summary


def test_the_study_file_is_the_one_that_was_run(maker):
    manifest = json.loads((maker.stored() / "manifest.json").read_text(encoding="utf-8"))
    model = load_study("fit-to-2024").model
    assert manifest["asked"]["trials"] == model.trials
    assert manifest["asked"]["hold_out"] == model.hold_out
    assert manifest["replications"] == model.replications
    assert [row["factor"] for row in maker.rows(maker.stored(), "parameters")] == model.free
