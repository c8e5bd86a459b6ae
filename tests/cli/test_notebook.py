"""The notebook in docs/ runs, and says what it promises."""

from __future__ import annotations

import runpy
from pathlib import Path

import sim

NOTEBOOK = Path(__file__).resolve().parents[2] / "docs" / "notebooks" / "first-look.py"


def test_the_first_look_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    found = runpy.run_path(str(NOTEBOOK))
    assert isinstance(found["run"], sim.Run)
    assert isinstance(found["both"], sim.Comparison)
    assert found["run"].replications == 2
    assert found["run"].path.is_relative_to(tmp_path)
    assert set(found["both"].table.columns) >= {"kpi", "subject", "difference", "low", "high", "p"}
    assert len(found["one"].steps) > 1000
    assert not (tmp_path / "results").exists()
    assert "route/xian-absheron" in capsys.readouterr().out
