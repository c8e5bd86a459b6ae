"""Answers that help: all that is wrong at once, the least that is legal, the nearest file."""

from __future__ import annotations

import pytest
from bad_words import GOOD

from sim.errors import Level
from sim.scenario import check


def errors_of(path):
    return [found for found in check(path) if found.level is Level.ERROR]


def write(folder, text, name="case.yaml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("length", "good"), [("1 min", False), ("99 s", False), ("100 s", True)])
def test_a_run_of_less_than_100_seconds_is_too_short(length, good, tmp_path):
    found = errors_of(write(tmp_path, GOOD.replace("length: 24 h", f"length: {length}")))
    assert [(each.code, each.path) for each in found] == ([] if good else [("out-of-range", "clock.length")])
    assert all(each.expected.endswith("at least 100 s") for each in found)


@pytest.mark.parametrize("first", ["25:00", "24:00", "6:7", "12:60"])
def test_a_time_of_the_day_that_there_is_not(first, tmp_path):
    text = GOOD.replace(
        "vessels: {count", f'leaves: {{timetable: {{every: 1 d, first: "{first}"}}}}, vessels: {{count'
    )
    (found,) = errors_of(write(tmp_path, text))
    assert (found.code, found.path) == ("bad-value", "lines.ship.leaves.timetable.first")
    assert "no time of the day" in found.message


def test_a_bad_begin_hides_nothing(tmp_path):
    text = GOOD.replace("start: 2024-01-01, length: 24 h", "start: never, length: 3 weks, warmup: 5 km")
    text += """timeline:
  - {at: 01.10.2024, lasts: 3 weks, ramp: 2 km, set: {legs.ab.speed: 5 km/h}}
  - {at: 2 h, until: 2024-13-01, ramp: 2 kg, set: {legs.ab.speed: 5 km/h}}
"""
    found = errors_of(write(tmp_path, text))
    assert [(each.path, each.code) for each in found] == [
        ("clock.start", "bad-date"),
        ("clock.length", "unknown-unit"),
        ("clock.warmup", "wrong-dimension"),
        ("timeline.0.at", "bad-date"),
        ("timeline.0.lasts", "unknown-unit"),
        ("timeline.0.ramp", "wrong-dimension"),
        ("timeline.1.until", "bad-date"),
        ("timeline.1.ramp", "wrong-dimension"),
    ]


@pytest.mark.parametrize("name", ["tny.yaml", "tiny.yml", "tiny", "Tiny.yaml"])
def test_the_nearest_file_beside_one_that_is_not_there(name, tmp_path, monkeypatch):
    write(tmp_path, GOOD, "tiny.yaml")
    write(tmp_path, GOOD, "other.yaml")
    if (tmp_path / name).exists():
        pytest.skip("the file system does not tell capitals apart")
    (found,) = check(tmp_path / name)
    assert (found.code, found.hint) == ("unreadable-file", f"did you mean '{tmp_path / 'tiny.yaml'}'?")
    monkeypatch.chdir(tmp_path)
    if name != "tiny":
        (found,) = check(name)
        assert found.hint == "did you mean 'tiny.yaml'?"


def test_a_folder_that_is_not_there_has_no_file_to_hint_at(tmp_path):
    (found,) = check(tmp_path / "nowhere" / "tiny.yaml")
    assert "nowhere" not in found.hint
