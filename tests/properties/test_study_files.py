"""Study files, the schema for editors, and that what is shipped is well formed."""

from __future__ import annotations

import json

import pytest
from corridor_words import write

from sim.errors import InputError, Level
from sim.scenario import check, json_schema, load_study, parse_vary

DAY = 86_400.0
YEAR = 8766 * 3600.0

SWEEP = """\
study: sweep
of: small.yaml
vary:
  vessels.big.count: [4, 6]
  storm.share_closed: {scale: [0.5, 1.5]}
  rail.speed: 600..800 km/d/3
replications: 5
watch: [throughput]
"""


def test_the_baseline_has_no_error():
    assert [each for each in check("baseline") if each.level is Level.ERROR] == []


def test_the_schema_names_and_explains_every_key():
    schema = json_schema()
    assert {"legs", "flows", "timeline", "add", "extends"} <= set(schema["properties"])
    leg = schema["$defs"]["LegModel"]
    assert leg["required"] == ["from", "to", "distance", "speed"]
    assert "required" not in schema["$defs"]["ChangedLegModel"]
    assert all(each.get("description") for each in leg["properties"].values())
    json.dumps(schema)


def test_a_study_names_its_scenario_and_what_it_varies(tmp_path):
    write(tmp_path)
    (tmp_path / "sweep.yaml").write_text(SWEEP)
    study = load_study(tmp_path / "sweep.yaml")
    assert study.scenarios == (tmp_path / "small.yaml",)
    assert [(each.kind, each.values) for each in study.vary] == [
        ("set", (4, 6)),
        ("scale", (0.5, 1.5)),
        ("set", ("600 km/d", "700 km/d", "800 km/d")),
    ]
    assert (study.vary[2].low, study.vary[2].high, study.vary[2].unit) == (600, 800, "km/d")
    assert study.model.replications == 5


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("study: swep\nof: small.yaml\n", "bad-value"),
        ("study: sweep\nof: small.yaml\n", "missing-key"),
        ("study: sweep\nof: nowhere.yaml\nvary: {rail.speed: [1 km/d]}\n", "unreadable-file"),
        ("study: sweep\nof: small.yaml\nvary: {rail.sped: [1 km/d]}\n", "unknown-path"),
        ("study: sweep\nof: small.yaml\nvary: {rail.speed: {}}\n", "bad-value"),
        ("study: sweep\nof: small.yaml\nvary: {rail.speed: [1 km/d]}\nmethod: morris\n", "misplaced-key"),
        ("study: compare\nof: small.yaml\n", "missing-key"),
        ("study: sweep\nof: small.yaml\nvry: {}\n", "unknown-key"),
    ],
)
def test_a_study_that_is_wrong_is_found(text, code, tmp_path):
    write(tmp_path)
    (tmp_path / "study.yaml").write_text(text)
    with pytest.raises(InputError) as raised:
        load_study(tmp_path / "study.yaml")
    assert code in {each.code for each in raised.value.findings}


def test_vary_as_the_command_line_takes_it():
    assert parse_vary("a.b=1,2,3").values == (1, 2, 3)
    assert parse_vary("a.b=20 h, 30 h").values == ("20 h", "30 h")
    assert parse_vary("a.b=0..1/3").values == (0, 0.5, 1)
    assert parse_vary("a.b=4..8 Mt/yr/3").values == ("4 Mt/yr", "6 Mt/yr", "8 Mt/yr")
    assert parse_vary("a.b=scale:0.5,1.5").kind == "scale"
    for text in ("a.b", "=3", "a.b=", "a.b=3..1/2"):
        with pytest.raises(InputError):
            parse_vary(text)
