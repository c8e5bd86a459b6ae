"""Whatever stands in a file, checking it gives findings and never breaks."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest
from bad_words import GOOD
from corridor_words import FULL, write

from sim.errors import InputError
from sim.scenario import check, load_study
from sim.scenario.findings import FINDINGS
from sim.scenario.yaml_nodes import compose

JUNK: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    float("nan"),
    float("inf"),
    10**40,
    "",
    "x",
    "18 h",
    "-5 h",
    "3 km",
    "1 USD/t",
    "1 h/0",
    "10 %",
    "~",
    "~exp 2 d",
    "1 h ± 30 %",
    "1 h .. 2 h .. 3 h",
    "2024-01-01",
    "06:00",
    "seeds/",
    "seeds/land/x",
    "seeds/land/rail-km-poti-tbilisi",
    "a.b",
    "near/box",
    "gate",
    "rail",
    "9" * 5000,
    "\U0001f600",
    [],
    [1],
    [None],
    [{}],
    [[[[1]]]],
    {},
    {"a": 1},
    {"": 1},
    {"seed": "seeds/land/x"},
    {"assume": "1 h", "range": ["0 h", "2 h"], "because": "x"},
    {"scale": "draught"},
    {"scale": []},
    {"mean": "1 h", "cv": 0.3, "per": {}},
    {"mean": {"mean": 1}},
    {"uniform": ["1 h", "2 h"]},
    {"empirical": "gone.csv"},
    {"jan": 1, "else": 2},
    {"by": "n", "table": {"0": "1 t/h"}},
    {"timetable": {"every": "1 h"}},
    {"logit": {"options": ["west"], "scale": "1 /USD"}},
    {"from": "a", "to": "b"},
]
KEYS = ["from", "set", "scale", "seed", "reverse", "outside", "per", "level", "selector"]
NAMES = [*KEYS, "x", "a.b", "Bad Key", ""]
OVERLAY = {
    "extends": "small.yaml",
    "legs": {"rail": {"speed": "700 km/d"}},
    "lines": {"ship": {"vessels": {"big": {"count": 3}}}},
    "add": {"pools": {"more": {"size": "3 wagons"}}},
    "remove": ["flows.crude", "timeline.0"],
    "timeline": [{"title": "x", "at": "3 d", "set": {"legs.rail.open": False}}],
    "varied": {"rail.cv": 0.2},
}
STUDY = {
    "study": "sweep",
    "of": "small.yaml",
    "vary": {"legs.rail.speed": ["700 km/d"], "levers.draught": {"scale": [0.9, 1.1]}},
    "watch": ["throughput"],
    "replications": 3,
}


def places(value: Any, at: tuple[Any, ...] = ()):
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in pairs:
        yield (*at, key)
        yield from places(below, (*at, key))


def spoiled(whole: Any, rng: random.Random) -> Any:
    """Put junk in one to three places, or under new keys, or take something away."""
    whole = copy.deepcopy(whole)
    for _ in range(rng.choice([1, 1, 2, 3])):
        *above, last = rng.choice(list(places(whole)))
        here = whole
        for key in above:
            here = here[key]
        act = rng.random()
        if act < 0.1:
            del here[last]
        elif act < 0.25 and isinstance(here, dict):
            here[rng.choice(NAMES)] = copy.deepcopy(rng.choice(JUNK))
        else:
            here[last] = copy.deepcopy(rng.choice(JUNK))
        if not whole:
            return {}
    return whole


def written(value: Any) -> str:
    return json.dumps(value).replace("NaN", ".nan").replace("Infinity", ".inf")


def whole(text: str) -> Any:
    root = compose(text, file="x").root
    assert root is not None
    return root.data()


@pytest.mark.parametrize("seed", range(12))
def test_no_scenario_breaks_the_check(seed, tmp_path):
    rng = random.Random(seed)
    bases = [whole(GOOD), whole(FULL)]
    write(tmp_path)
    for _ in range(12):
        base = rng.choice([*bases, OVERLAY])
        found = check(write(tmp_path, written(spoiled(base, rng)), name="case"))
        assert all(each.code in FINDINGS and each.message for each in found)
        assert all(each.where is None or each.where.line > 0 for each in found)


@pytest.mark.parametrize("seed", range(4))
def test_no_study_breaks_the_reading(seed, tmp_path):
    rng = random.Random(seed)
    write(tmp_path)
    for _ in range(12):
        path = write(tmp_path, written(spoiled(STUDY, rng)), name="study")
        try:
            load_study(path)
        except InputError as error:
            assert error.findings  # noqa: PT017 - both outcomes are right


@pytest.mark.parametrize("seed", range(4))
def test_no_override_breaks_the_check(seed, tmp_path):
    rng = random.Random(seed)
    path = write(tmp_path)
    names = [".".join(map(str, place)) for place in places(whole(FULL))]
    for _ in range(8):
        value = json.dumps(rng.choice(JUNK))
        text = f"{rng.choice(names)}={value}"
        assert all(each.code in FINDINGS for each in check(path, overrides=[text]))
        given = {rng.choice(names): rng.choice(JUNK), rng.choice([*NAMES, "legs", "flows"]): rng.choice(JUNK)}
        assert all(each.code in FINDINGS for each in check(path, overrides=given))
