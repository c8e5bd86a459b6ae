"""What `check` tells, and in how many lines: findings of one's own in full, the rest counted."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import little
import pytest
from bad_words import GOOD

from sim.cli.main import invoke
from sim.cli.runs import _finished
from sim.scenario import check, load
from sim.study.expectations import Answer

ROOT = Path(__file__).resolve().parents[2]
LATER = "timeline:\n  - {title: early, at: 2 h, set: {legs.ab.speed: 9 km/h}}\n" + "".join(
    f"  - {{title: {name}, at: {hour} h, set: {{legs.ab.speed: 9 km/h}}}}\n"
    for name, hour in (("late", 20), ("later", 22))
)


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A tree of its own with the packaged scenarios and figures."""
    for part in ("scenarios", "seeds"):
        shutil.copytree(ROOT / part, tmp_path / part)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys, *words):
    code = invoke(["check", *words])
    return code, capsys.readouterr().out.splitlines()


def test_notes_on_packaged_files_are_one_counted_line(tree, capsys):
    code, lines = said(capsys, "baseline")
    assert code == 0
    assert len(lines) == 1
    assert lines[0].startswith("baseline: 20 notes, on packaged files")
    assert "--all" in lines[0]
    for flag in ("--all", "-v"):
        code, lines = said(capsys, "baseline", flag)
        assert lines[-1] == "baseline: 20 notes"
        assert sum(": note [" in line for line in lines) == 20
    code, lines = said(capsys, "baseline", "--format", "json")
    assert len(json.loads("\n".join(lines))) == 20


def test_findings_on_files_of_ones_own_are_told_in_full(tree, capsys):
    text = "extends: baseline.yaml\nadd: {pools: {spare: {size: 3 wagons}}}\n"
    (tree / "scenarios" / "mine.yaml").write_text(text)
    code, lines = said(capsys, "mine")
    assert code == 0
    assert lines[0].startswith("scenarios/mine.yaml:2:15: note [unused] at pools.spare")
    assert lines[-1].startswith("mine: 21 notes, 20 of them on packaged files")
    assert len(lines) == 3
    # Notes on parts of one's own, outside what came with the product, too.
    own = tree / "own"
    own.mkdir()
    (own / "part.yaml").write_text("pools: {spare: {size: 3 wagons}}\n")
    (own / "case.yaml").write_text("parts: [part.yaml]\n" + GOOD.partition("pools:")[0])
    _, lines = said(capsys, "own/case.yaml")
    assert any("own/part.yaml:1:9: note [unused] at pools.spare" in line for line in lines)


def test_an_error_on_a_packaged_file_is_told_in_full(tree, capsys):
    path = tree / "scenarios" / "network" / "pools.yaml"
    path.write_text(path.read_text() + "\n  broken: {size: 3 kmh}\n")
    code, lines = said(capsys, "baseline")
    assert code == 1
    assert "error [unknown-unit] at pools.broken.size" in lines[0]


def test_what_a_shorter_clock_leaves_out_is_one_line_that_says_so(tmp_path):
    path = tmp_path / "case.yaml"
    path.write_text(GOOD + LATER)

    def warned(source, **given):
        return [each for each in check(source, **given) if each.level == "warning"]

    assert warned(path) == []
    (found,) = warned(path, overrides=["clock.length=12 h"])
    assert (found.code, found.path) == ("never-active", "clock.length")
    assert found.message == "with this clock 2 entries of the timeline lie outside the run: 'late', 'later'"
    assert len(str(found).splitlines()) == 1
    made = load(path).override({"clock": {"length": "12 h"}}, name="short")
    assert [each.path for each in made.findings if each.level == "warning"] == ["clock.length"]
    # A file's own entries are told one by one, those of its base together.
    over = tmp_path / "over.yaml"
    own = "timeline: [{title: mine, at: 30 h, set: {legs.ab.speed: 9 km/h}}]\n"
    over.write_text("extends: case.yaml\nclock: {length: 12 h}\n" + own)
    one, two = warned(over)
    assert (one.where.file, one.path) == (two.where.file, "clock.length")
    assert two.path == "timeline.3"
    assert "'late', 'later'" in one.message


def test_a_clock_that_cannot_be_read_brings_no_warnings_about_the_timeline(tmp_path):
    path = tmp_path / "case.yaml"
    path.write_text((GOOD + LATER).replace("length: 24 h", "length: 24 hh"))
    assert [each.code for each in check(path)] == ["unknown-unit"]
    path.write_text((GOOD + LATER).replace("clock: {start: 2024-01-01, length: 24 h}\n", ""))
    assert [each.code for each in check(path)] == ["missing-key"]


def test_a_claim_about_days_is_answered_in_days():
    answer = Answer("transit_time.p90", "route/west", "h", None, 600.0, 0.95, 5, 480.0, 456.0, 504.0, "holds")
    assert answer.claim == "transit_time.p90 of route/west below 25 d"
    assert answer.found == "20 [19, 21] d"
    hours = Answer("wait.mean", "port/a", "h", 2.0, 12.0, 0.95, 5, 6.0, 5.0, 7.0, "holds")
    assert (hours.claim, hours.found) == ("wait.mean of port/a above 2 and below 12 h", "6 [5, 7] h")
    lost = Answer("shut_in", "total", "t/yr", 1e7, None, 0.95, 5, 13.5e6, 13e6, 14e6, "holds")
    assert (lost.claim, lost.found) == ("shut_in of total above 10 Mt/yr", "13.5 [13, 14] Mt/yr")


def test_replications_are_told_of_how_many_only_where_some_are_to_come():
    assert [_finished(*pair) for pair in ((3, 5), (5, 5), (20, 5))] == ["3 of 5", "5", "20"]


def test_a_rate_that_comes_back_from_nothing_by_a_ramp_is_warned_of(tmp_path):
    path = tmp_path / "case.yaml"
    base = little.LITTLE.replace('servers: 2, service: "6 h ± 50 %"', 'rate: "50 TEU/d"')

    def warned(*entries):
        listed = "".join(f"  - {{title: t{k}, {entry}}}\n" for k, entry in enumerate(entries))
        path.write_text(f"{base}timeline:\n{listed}", encoding="utf-8")
        assert [each for each in check(path) if each.level == "error"] == []
        return [(each.code, each.path) for each in check(path) if each.level == "warning"]

    stop = 'at: 10 d, set: {facilities.customs.rate: "0 TEU/d"}'
    part = 'at: 20 d, set: {facilities.customs.rate: "10 TEU/d"}'
    back = 'at: 21 d, ramp: 10 d, set: {facilities.customs.rate: "50 TEU/d"}'
    assert warned(stop, back) == [("ramp-from-nothing", "timeline.1.ramp")]
    assert warned(stop, part, back) == []
    assert warned(stop.replace("at: 10 d", "at: 10 d, until: 21 d"), back) == []
    assert warned(back) == []


def test_goods_without_a_value_beside_others_with_one_are_noted(tmp_path):
    path = tmp_path / "case.yaml"
    more = '  more: {commodity: grain, volume: "1 kt/d", consignment: {t: 1000}'
    more += ", choice: {shares: {west: 1.0}}}\n"
    text = little.LITTLE.replace('capacity: "100 TEU"', 'capacity: "100 TEU"') + more
    for value, found in (("", []), ('    value: "30000 USD/TEU"\n', ["flows.more"])):
        path.write_text(text.replace("  more:", f"{value}  more:"), encoding="utf-8")
        assert [each.path for each in check(path) if each.code == "background"] == found


def test_half_a_server_a_vessel_or_a_berth_is_none_and_told_of(tmp_path):
    path = tmp_path / "case.yaml"

    def warned(text):
        path.write_text(text, encoding="utf-8")
        return [(each.path, each.message) for each in check(path) if each.code == "part-of-one"]

    base = little.LITTLE
    assert warned(base) == []
    wrong = base.replace("servers: 2", "servers: 2.5")
    assert warned(wrong) == [("facilities.customs.servers", "only whole ones count: 2 of 2.5")]
    # A count that a ramp is on the way to is whole when it gets there, or is told of once.
    for old, new, key in (
        ("count: 3", "count: 2.5", "lines.p-q.vessels.count"),
        ('berths: {box: 1}, yard: {box: "1000 TEU"}}\n  q', "berths: {box: 0.5}}\n  q", "ports.p.berths.box"),
    ):
        assert [each for each, _ in warned(base.replace(old, new))] == [key]
    entry = "timeline:\n  - {title: t, at: 10 d, ramp: 9 d, set: {facilities.customs.servers: %s}}\n"
    later = "  - {title: u, at: 12 d, set: {legs.a-p.speed: 600 km/day}}\n"
    assert warned(base + entry % 7 + later) == []
    assert warned(base + entry % 6.5 + later) == [
        ("timeline.0.set.facilities.customs.servers", "only whole ones count: 6 of 6.5")
    ]


def test_a_file_that_cannot_be_read_hides_nothing_of_the_others(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("bad.yaml").write_text("clock: {start: 2024-01-01, length: soon}\n")
    Path("good.yaml").write_text(GOOD)
    read_text = Path.read_text

    def refuse(self, *args, **kwargs):
        if self.name == "good.yaml":
            raise PermissionError(13, "Permission denied", str(self))
        return read_text(self, *args, **kwargs)

    monkeypatch.setattr(Path, "read_text", refuse)
    long = "x" * 300
    assert invoke(["check", "good.yaml", long, "bad.yaml"]) == 1
    told = capsys.readouterr().out
    assert f"{long}:1:1: error [unreadable-file]: {long}: file name too long" in told
    assert "bad.yaml:1:36: error" in told
