"""What a user may get wrong: every kind has its finding, at the right place, and never a traceback."""

from __future__ import annotations

import re
from pathlib import Path

import bad_meanings
import bad_words
import pytest
from bad_meanings import TIMELINE
from bad_words import BOMB, GOOD, SHARES

from sim.cli.main import invoke
from sim.errors import InputError, Level
from sim.scenario import check, findings, load
from sim.scenario.findings import FINDINGS
from sim.scenario.yaml_nodes import compose

NEEDS_MORE = {"outside-without-logit", "cascade-starts-with"}
CASES = {**bad_words.CASES, **bad_meanings.CASES}


def errors_of(path):
    return [found for found in check(path) if found.level is Level.ERROR]


def at(text, found):
    return text.splitlines()[found.where.line - 1][found.where.column - 1 :]


def write(folder, text):
    path = folder / "case.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_scenario_that_the_cases_spoil_is_good(tmp_path):
    assert errors_of(write(tmp_path, GOOD)) == []


@pytest.mark.parametrize("name", CASES)
def test_each_kind_of_bad_input_has_its_finding(name, tmp_path):
    old, new, codes, there, path = CASES[name]
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    if name == "outside option in shares":
        text = text.replace("{west: 1}", "{west: 1, sea: 1}")
    if name == "cascade from a leg":
        text = text.replace(SHARES, "{cascade: [bare]}")
    found = errors_of(write(tmp_path, text))
    assert sorted(each.code for each in found) == sorted(codes)
    first = next(each for each in found if each.code == codes[0])
    assert first.message
    assert all(each.expected for each in found)
    assert first.where.file.endswith("case.yaml")
    if there is not None:
        assert at(text, first).startswith(there)
    if path is not None:
        assert first.path == path
    assert {each.code for each in found} <= set(FINDINGS)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("command", ["check", "run"])
def test_each_kind_is_one_readable_block_with_exit_code_1(command, name, tmp_path, capsys):
    old, new, codes, _, _ = CASES[name]
    path = write(tmp_path, GOOD.replace(old, new, 1) if codes[0] not in NEEDS_MORE else "title: 3\n")
    assert invoke([command, str(path)]) == 1
    said = capsys.readouterr()
    told = said.out + said.err
    assert "Traceback" not in told
    assert "error [" in told
    assert f"{path.name}:" in told
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize("name", TIMELINE)
def test_each_wrong_intervention_has_its_finding(name, tmp_path):
    change, codes, there = TIMELINE[name]
    dead = "legs:\n  dead: {from: a, to: c, distance: 1 km, speed: 1 km/h, open: false}\n"
    text = GOOD.replace("legs:\n", dead) + f"timeline:\n  - {{title: it, at: 2 h, {change}}}\n"
    found = errors_of(write(tmp_path, text))
    assert [each.code for each in found] == codes
    assert at(text, found[0]).startswith(there)
    assert found[0].path.startswith("timeline.0")


@pytest.mark.parametrize(
    ("path", "hint"),
    [("ports.pa.open", "berths: 0"), ("facilities.gate.open", "servers: 0"), ("lines.ship.open", "count: 0")],
)
def test_what_has_no_key_open_is_answered_with_how_it_closes(path, hint, tmp_path):
    text = GOOD + f"timeline:\n  - {{at: 2 h, lasts: 1 h, set: {{{path}: false}}}}\n"
    (found,) = errors_of(write(tmp_path, text))
    assert found.code == "unknown-path"
    assert hint in found.hint


@pytest.mark.parametrize("date", ["8 July 2024", "08.07.2024", "7/8/2024", "Jul 8", "2024-07"])
def test_a_date_of_another_form_is_answered_with_the_form(date, tmp_path):
    text = GOOD + f'timeline:\n  - {{at: "{date}", set: {{legs.ab.speed: 5 km/h}}}}\n'
    (found,) = errors_of(write(tmp_path, text))
    assert (found.code, found.path) == ("bad-date", "timeline.0.at")
    assert "2024-01-01" in found.expected


def test_a_line_with_classes_has_no_count_of_its_own_in_the_timeline(tmp_path):
    text = GOOD.replace("{count: 1, capacity: 20 TEU}", CLASSES)
    text += "timeline:\n  - {at: 2 h, set: {lines.ship.vessels.count: 0}}\n"
    (found,) = errors_of(write(tmp_path, text))
    assert found.code == "unknown-path"
    assert found.hint in {f"did you mean 'lines.ship.vessels.{name}.count'?" for name in ("small", "large")}


def test_a_claim_about_a_bare_id_is_answered_with_its_subject(tmp_path):
    text = GOOD + "expect: [{kpi: transit_time.mean, of: west, below: 25 d}]\n"
    (found,) = errors_of(write(tmp_path, text))
    assert (found.code, found.hint) == ("bad-value", "did you mean 'route/west'?")


@pytest.mark.parametrize(
    ("claim", "code", "there", "said"),
    [
        (
            "kpi: transit_time.p99, of: route/west, below: 2 d",
            "unknown-kpi",
            "transit",
            "'transit_time.p95'?",
        ),
        ("kpi: transit_tme.p90, of: route/west, below: 2 d", "unknown-kpi", "transit", "'transit_time.p90'?"),
        ("kpi: wait, of: facility/gate, below: 2 d", "unknown-kpi", "wait", "'wait.mean'?"),
        ("kpi: throughput.mean, above: 1 t/yr", "unknown-kpi", "throughput", "'throughput'?"),
        ("kpi: lots, above: 1 t", "unknown-kpi", "lots", "'lost'?"),
        ("kpi: transit_time.p90, of: route/west, below: 3 TEU", "wrong-dimension", "3 TEU", "measured in h"),
        ("kpi: throughput, above: 1 t, below: 3 d", "wrong-dimension", "3 d", "measured in Mt/yr, TEU/yr"),
        ("kpi: transit_time.p90, of: route/west, below: 3", "wrong-dimension", "3}", "measured in h"),
        ("kpi: on_promise, of: route/west, below: 3 d", "wrong-dimension", "3 d", "measured in share"),
        ("kpi: delivered, above: 3 TEU/yr", "wrong-dimension", "3 TEU/yr", "consignments, t, TEU"),
        ("kpi: throughput, above: 3 wagons/yr", "wrong-dimension", "3 wagons", "measured in Mt/yr"),
        ("kpi: load_factor.mean, of: facility/gate, below: 1", "bad-value", "facility/gate", "line/…"),
        ("kpi: utilisation, of: port/pa, below: 1", "bad-value", "port/pa", "port/pa/box"),
        ("kpi: closed_share, of: port/pa/box, below: 1", "bad-value", "port/pa/box", "port/…"),
        ("kpi: utilisation, of: port/pa/bix, below: 1", "dangling-id", "port/pa/bix", "'box'?"),
        ("kpi: throughput, of: cargo/boxes, above: 1 t/yr", "dangling-id", "cargo/boxes", "cargo/dry"),
        ("kpi: transit_time.p90, below: 2 d", "bad-value", "{kpi", "flow/…"),
    ],
)
def test_a_claim_about_what_no_run_measures_is_found_before_the_run(claim, code, there, said, tmp_path):
    text = GOOD + f"expect: [\n  {{{claim}}}]\n"
    found = errors_of(write(tmp_path, text))[0]
    assert found.code == code
    assert at(text, found).startswith(there)
    assert said in f"{found.expected} {found.hint}"


def test_a_target_in_a_unit_that_is_not_its_kpis_is_found(tmp_path):
    text = GOOD + "targets: [{kpi: utilisation, of: facility/gate, observed: 12 km, tolerance: 1 km}]\n"
    (found,) = errors_of(write(tmp_path, text))
    assert (found.code, found.path) == ("wrong-dimension", "targets.0.observed")
    assert at(text, found).startswith("12 km")


@pytest.mark.parametrize(
    "claim",
    [
        "kpi: throughput, above: 1 kTEU",
        "kpi: utilisation, of: facility/gate, below: 80 %",
        "kpi: level.max, of: pool/flats, below: 40 wagons",
        "kpi: cost, of: flow/boxes, below: 900 USD/FEU",
        "kpi: sailings, of: line/ship, above: 3 sailings",
        "kpi: peak_backlog, below: 3 kt",
        "kpi: backlog, below: 3",
    ],
)
def test_a_claim_in_a_unit_like_that_of_its_kpi_is_good(claim, tmp_path):
    assert errors_of(write(tmp_path, GOOD + f"expect: [{{{claim}}}]\n")) == []


def test_a_base_that_is_not_there_is_the_only_finding(tmp_path):
    (tmp_path / "base.yaml").write_text(GOOD)
    (found,) = errors_of(write(tmp_path, "extends: bose.yaml\ntitle: x\nlegs: {ab: {speed: 3 km/h}}\n"))
    assert found.code == "unreadable-file"
    assert found.hint == "did you mean 'base.yaml'?"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("basline.yaml", "baseline.yaml"),
        ("basline", "baseline"),
        ("nge.yaml", "neg.yaml"),
        ("bits/prat.yaml", "bits/part.yaml"),
        ("quite-another", ""),
        ("../neg.yaml", None),
    ],
)
def test_the_nearest_file_is_sought_beside_and_among_the_packaged_scenarios(written, meant, tmp_path):
    (tmp_path / "bits").mkdir()
    (tmp_path / "bits" / "part.yaml").write_text("places: {a: {}}\n")
    (tmp_path / "neg.yaml").write_text(GOOD)
    (found,) = errors_of(write(tmp_path, f"extends: {written}\n"))
    assert found.code == ("outside-tree" if meant is None else "unreadable-file")
    assert found.hint == (f"did you mean '{meant}'?" if meant else "")


def test_all_findings_come_at_once_from_all_files_in_order(tmp_path):
    (tmp_path / "part.yaml").write_text("places: {d: {country: xx}, e: {lat: 100}}\n")
    text = "parts: [part.yaml]\n" + GOOD.replace("50 km/h", "50 kmh").replace("TEU: 2", "TEV: 2")
    path = write(tmp_path, text)
    found = errors_of(path)
    codes = {"unknown-unit", "nothing-to-measure", "unknown-key", "bad-country", "out-of-range"}
    assert {each.code for each in found} == codes
    assert [each.where for each in found] == sorted(each.where for each in found)
    assert {each.where.file.rpartition("/")[2] for each in found} == {"case.yaml", "part.yaml"}
    with pytest.raises(InputError) as raised:
        load(path)
    assert raised.value.findings == tuple(found)
    assert raised.value.exit_code == 1
    assert "Traceback" not in str(raised.value)


@pytest.mark.parametrize("broken", ["gate: {at: bb, ", "gate: {at: b, ", "gaet: {at: a, "])
def test_a_step_that_breaks_a_route_hides_nothing_that_is_wrong_at_the_others(broken, tmp_path):
    # No trains at a leg with paths and no trucks at vessels of trucks hang on no gate; whether a consignment
    # fits does where the gate may change it, and where the port lies does too.
    text = GOOD.replace("speed: 50 km/h}", "speed: 50 km/h, train_paths: 9 trains/d}")
    text = text.replace("capacity: 20 TEU", "capacity: 20 trucks").replace(
        "yard: {box: 30 TEU}", "yard: {box: 1 TEU}"
    )
    told = [found for found in errors_of(write(tmp_path, text)) if found.path.startswith("flows.boxes")]
    assert len(told) == 3
    found = errors_of(write(tmp_path, text.replace("gate: {at: a, ", broken)))
    assert (
        sorted(each.code for each in found if each.path.startswith("flows.boxes"))
        == ["nothing-to-measure"] * 2
    )
    assert {each.code for each in found} - {"nothing-to-measure"} <= {"dangling-id", "steps-do-not-join"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        # An unknown key hides none of the other faults of its element, nor of what refers to it.
        (
            "gate: {at: a, service: 1 h, buffer: 20 TEU}",
            "gate: {at: aa, service: 1 h, servers: -3, colour: red, buffer: 20 TEU}",
            {
                "unknown-key gate.colour",
                "dangling-id gate.at",
                "out-of-range gate.servers",
            },
        ),
        (
            "gate: {at: a, service: 1 h, buffer: 20 TEU}",
            "gate: {at: a, service: 1 h, colour: red, bufer: 1 TEU}",
            {"unknown-key gate.colour", "unknown-key gate.bufer", "does-not-fit boxes"},
        ),
        (
            "ab: {from: a, to: b, distance: 100 km, speed: 50 km/h}",
            "ab: {from: a, to: bb, distnace: 100 h, speed: 50 kmh}",
            {
                "unknown-key ab.distnace",
                "missing-key ab.distance",
                "dangling-id ab.to",
                "wrong-dimension ab.distance",
                "unknown-unit ab.speed",
            },
        ),
        # A field that cannot be read hides none but itself.
        (
            "gate: {at: a, service: 1 h, buffer: 20 TEU}",
            "gate: {at: [a], service: 1 kg, servers: -3, buffer: [1], level: 3 TEU}",
            {
                "wrong-type gate.at",
                "wrong-dimension gate.service",
                "out-of-range gate.servers",
                "wrong-type gate.buffer",
            },
        ),
        (
            "pa: {at: b, berths: {box: 1}, yard: {box: 30 TEU}}",
            "pa: {at: bb, berth: {box: 1}, yard: {box: 30 km}}",
            {
                "unknown-key pa.berth",
                "missing-key pa.berths",
                "dangling-id pa.at",
                "wrong-dimension pa.yard.box",
            },
        ),
        (
            "ship: {from: pa/box, to: pb/box, sailing: 10 h, vessels: {count: 1, capacity: 20 TEU}}",
            "ship: {from: pa/boxx, to: px/box, sailing: 10 km, vessels: {count: 1, capacitance: 20 h}}",
            {
                "unknown-key ship.vessels.capacitance",
                "missing-key ship.vessels.capacity",
                "dangling-id ship.from",
                "dangling-id ship.to",
                "wrong-dimension ship.sailing",
                "wrong-dimension ship.vessels.capacity",
            },
        ),
        (
            "west: {from: a, direction: west, steps: [gate, ab, ship], uses: {flats: {from: ab, to: ship}}}",
            "west: {from: aa, direction: up, steps: [gait, ab, ship], uses: {flat: {from: ab, to: ship}}}",
            {
                "bad-value west.direction",
                "dangling-id west.from",
                "dangling-id west.steps.0",
                "dangling-id west.uses.flat",
            },
        ),
        (
            "volume: 1 TEU/h, consignment: {TEU: 2, wagons: 1}, choice: {shares: {west: 1}}",
            "volume: 1 TEU, consignment: [2], choice: {shares: {wset: 1}}, season: {jan: 0, else: 0}",
            {
                "wrong-dimension boxes.volume",
                "wrong-type boxes.consignment",
                "dangling-id boxes.choice.shares.wset",
                "all-zero boxes.season",
            },
        ),
        (
            "volume: 1 TEU/h, consignment: {TEU: 2, wagons: 1}, choice: {shares: {west: 1}}",
            "volume: [1], consignment: {TEV: 2}, choice: {share: {west: -1}}",
            {
                "wrong-type boxes.volume",
                "unknown-key boxes.consignment.TEV",
                "unknown-key boxes.choice.share",
                "out-of-range boxes.choice.shares.west",
            },
        ),
        (
            "pools:",
            "timeline: [{titel: it, at: never, set: {legs.ab.sped: 1, legs.ab.speed: 5 h}}]\npools:",
            {
                "unknown-key 0.titel",
                "bad-quantity 0.at",
                "unknown-path 0.set.legs.ab.sped",
                "wrong-dimension 0.set.legs.ab.speed",
            },
        ),
        # A section with a mistyped name does not make all that refers to it wrong.
        ("facilities:", "facilites:", {"unknown-key facilites"}),
        ("routes:", "route:", {"unknown-key route"}),
    ],
)
def test_one_fault_hides_no_other(old, new, told, tmp_path):
    assert old in GOOD
    found = errors_of(write(tmp_path, GOOD.replace(old, new, 1)))
    short = {f"{each.code} {re.sub(r'^[a-z]+[.](?=.)', '', each.path)}" for each in found}
    short = {re.sub(r"^(does-not-fit boxes).*", r"\1", each) for each in short}
    assert short == told


def test_a_finding_names_the_nearest_legal_name(tmp_path):
    def hint(old, new, code):
        found = errors_of(write(tmp_path, GOOD.replace(old, new, 1)))
        return next(each.hint for each in found if each.code == code)

    assert hint("speed: 50", "spead: 50", "unknown-key") == "did you mean 'speed'?"
    assert hint("50 km/h", "50 kmh", "unknown-unit") == "did you mean 'km/h'?"
    assert hint("[gate,", "[gait,", "dangling-id") == "did you mean 'gate'?"
    assert "seeds/land/rail-km-poti-tbilisi" in hint(
        "50 km/h", "seeds/land/rail-km-poti-tbilizi", "unknown-figure"
    )
    assert hint("levers:", "leavers:", "unknown-key") == "did you mean 'levers'?"


CLASSES = "{small: {count: 1, capacity: 20 TEU}, large: {count: 1, capacity: 40 TEU}}"


@pytest.mark.parametrize(
    ("vessels", "code", "path", "told"),
    [
        ("{smal: {count: 6}}", "missing-key", "smal.capacity", "did you mean 'small'?"),
        ("{larger: {payload_share: 0.5}}", "missing-key", "larger.capacity", "did you mean 'large'?"),
        ("{count: 6}", "misplaced-key", "count", "large, small"),
    ],
)
def test_a_mistyped_class_of_vessels_is_answered_with_those_there_are(vessels, code, path, told, tmp_path):
    (tmp_path / "base.yaml").write_text(GOOD.replace("{count: 1, capacity: 20 TEU}", CLASSES))
    found = errors_of(write(tmp_path, f"extends: base.yaml\nlines: {{ship: {{vessels: {vessels}}}}}\n"))
    assert {each.code for each in found} == {code}
    there = next(each for each in found if each.path == f"lines.ship.vessels.{path}")
    assert told in there.expected + there.hint


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("legs.ab.sped", "legs.ab.speed"),
        ("legs.abb.speed", "legs.ab.speed"),
        ("lines.ship.vessels.smal.count", "lines.ship.vessels.count"),
        ("draugt", "draught"),
        ("lever.draught", "levers.draught"),
        ("clock.lenght", "clock.length"),
    ],
)
def test_an_override_of_an_unknown_path_is_answered_with_the_nearest(path, near, tmp_path):
    (found,) = [
        each for each in check(write(tmp_path, GOOD), overrides=[f"{path}=3"]) if each.level == "error"
    ]
    assert found.code == "unknown-path"
    assert found.hint == f"did you mean '{near}'?"


def test_the_nearest_path_is_found_among_the_thousands_of_the_baseline():
    (found,) = [
        each
        for each in check("baseline", overrides=["aktau-alat-feeder.vessels.kmft.count=6"])
        if each.level == "error"
    ]
    assert found.hint == "did you mean 'lines.aktau-alat-feeder.vessels.kmtf.count'?"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (b"# nothing\n", "empty-file"),
        (b"- a\n- b\n", "wrong-type"),
        (b"just a text\n", "wrong-type"),
        (b"title: caf\xe9\n", "not-utf8"),
        (b"title: a\x00b\n", "yaml-syntax"),
        (b"\x00title: a\n", "yaml-syntax"),
        (b"\x00" * 4096, "yaml-syntax"),
        (b"title: a\nclock: {\x00\x00", "yaml-syntax"),
        (b"title: \x1b[31m\n", "yaml-syntax"),
        (b"\xff\xfe\x00", "not-utf8"),
        (b"a: 1\n" * 1_700_000, "too-large"),
        (b"[" * 100_000, "too-deep"),
        (b"{a: " * 100_000, "too-deep"),
        (b"'" + b"x" * 100_000, "yaml-syntax"),
    ],
)
def test_a_file_that_is_no_scenario_is_refused(content, code, tmp_path):
    path = tmp_path / "case.yaml"
    path.write_bytes(content)
    assert code in {each.code for each in errors_of(path)}


def test_a_nul_in_a_file_is_one_finding_that_says_what_may_be_the_matter(tmp_path, capsys):
    path = tmp_path / "case.yaml"
    path.write_bytes(b"\x00" + GOOD.encode())
    (found,) = check(path)
    assert (found.where.line, found.where.column) == (1, 1)
    assert "#x0000" in found.message
    assert "not written to its end" in found.hint
    assert invoke(["run", str(path)]) == 1
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("a: {}", r'a: {country: "\e[31mK\0"}', "bad-country"),
        (bad_words.SAILING, r'sailing: {empirical: "a\0.csv", unit: h}', "bad-data-file"),
        ("[gate,", r'["ga\u2028te",', "dangling-id"),
    ],
)
def test_no_character_of_a_file_reaches_the_terminal_raw(old, new, code, tmp_path):
    (found,) = errors_of(write(tmp_path, GOOD.replace(old, new, 1)))
    assert found.code == code
    assert str(found).replace("\n", "").isprintable()


def test_what_is_not_there_is_named(tmp_path):
    assert [each.code for each in errors_of(tmp_path / "nowhere.yaml")] == ["unreadable-file"]
    found = errors_of("baselyne")
    assert [each.code for each in found] == ["unreadable-file"]
    assert found[0].hint == "did you mean 'baseline'?"
    assert [each.code for each in errors_of(tmp_path)] == ["unreadable-file"]


def test_a_link_that_leads_out_of_the_tree_is_refused(tmp_path):
    outside = tmp_path / "outside"
    inside = tmp_path / "scenarios"
    outside.mkdir()
    inside.mkdir()
    (outside / "secret.yaml").write_text("places: {z: {}}\n")
    (inside / "part.yaml").symlink_to(outside / "secret.yaml")
    path = inside / "case.yaml"
    path.write_text("parts: [part.yaml]\n" + GOOD)
    assert [each.code for each in errors_of(path)] == ["outside-tree"]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("[{title: strike, at: 2024-01-06T06:00}]", [{"title": "strike", "at": "2024-01-06T06:00"}]),
        ("{first: 06:00, no: 012}", {"first": "06:00", "no": 12}),
        ("x: &x {at: 06:00}\ny: *x", {"x": {"at": "06:00"}, "y": {"at": "06:00"}}),
    ],
)
def test_a_plain_scalar_in_flow_style_may_hold_a_colon(text, read):
    made = compose(text, file="case.yaml")
    assert made.findings == ()
    assert made.root.data() == read


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{at: 06:00, b: !!python/name:os.system x}", "tag"),
        ("{at: 06:00, b: &b [*b]}", "alias-cycle"),
        ("t: {at: 06:00}\n" + BOMB, "too-large"),
        ("t: {at: 06:00}\nd: " + "[" * 70 + "]" * 70, "too-deep"),
        ("t: {at: 06:00}\n---\nd: 3", "second-document"),
        ("{at: 06:00, at: 07:00}", "duplicate-key"),
        ("{at: 06:00, b: [}", "yaml-syntax"),
    ],
)
def test_what_is_refused_stays_so_beside_a_colon_in_flow_style(text, code):
    assert [each.code for each in compose(text, file="case.yaml").findings] == [code]


def test_bases_that_extend_each_other_are_a_cycle(tmp_path):
    (tmp_path / "one.yaml").write_text("extends: two.yaml\n")
    (tmp_path / "two.yaml").write_text("extends: one.yaml\n")
    assert [each.code for each in errors_of(tmp_path / "one.yaml")] == ["cycle"]
    (tmp_path / "two.yaml").write_text("extends: one.yaml\nplaces: {a: {}}\n")
    (tmp_path / "one.yaml").write_text("extends: two.yaml\nplaces: {a: {country: KZ}}\nlegs: {ab: {}}\n")
    assert [each.code for each in errors_of(tmp_path / "one.yaml")] == ["cycle"]


@pytest.mark.parametrize(
    ("overlay", "code", "there"),
    [
        ("legs: {abb: {speed: 3 km/h}}", "unknown-element", "abb"),
        ("legs: {ab: {sped: 3 km/h}}", "unknown-key", "sped"),
        ("add: {legs: {ab: {from: a, to: b, distance: 1 km, speed: 1 km/h}}}", "already-exists", "ab"),
        ("remove: [legs.abb]", "nothing-to-remove", "legs.abb"),
        ("remove: [closures]", "nothing-to-remove", "closures]"),
        ("add: {clock: {length: 3 d}}", "misplaced-key", "clock"),
        ("levers: {tide: 2}", "unknown-element", "tide"),
        ("ports: {pa: {berths: {bxo: 1}}}", "unknown-element", "bxo"),
        ("add: {ports: {pa: {berths: {oil: 1, box: 2}}}}", "already-exists", "box"),
        ("add: {ports: {pa: {at: b, berths: {oil: 1}}}}", "already-exists", "pa"),
    ],
)
def test_a_file_that_extends_may_touch_only_what_exists(overlay, code, there, tmp_path):
    (tmp_path / "base.yaml").write_text(GOOD)
    text = f"extends: base.yaml\n{overlay}\n"
    found = errors_of(write(tmp_path, text))
    assert code in {each.code for each in found}
    first = next(each for each in found if each.code == code)
    assert at(text, first).startswith(there)


def test_an_added_id_that_the_base_has_elsewhere_is_found_where_it_is_added_and_alone(tmp_path):
    (tmp_path / "base.yaml").write_text(GOOD)
    text = "extends: base.yaml\nadd: {facilities: {ship: {at: c, service: 1 h}}}\n"
    (found,) = errors_of(write(tmp_path, text))
    assert (found.code, found.path) == ("duplicate-id", "facilities.ship")
    assert at(text, found).startswith("ship")
    assert "also in lines" in found.message


def test_a_capacity_that_is_wrong_says_nothing_of_what_the_vessels_carry(tmp_path):
    text = GOOD.replace(
        "{count: 1, capacity: 20 TEU}", CLASSES.replace("capacity: 20 TEU", "capacity: -20 TEU", 1)
    )
    assert "-20 TEU" in text
    assert [each.code for each in errors_of(write(tmp_path, text))] == ["out-of-range"]


def test_what_is_wrong_in_ones_own_file_is_told_before_what_is_wrong_in_others(tmp_path):
    (tmp_path / "base.yaml").write_text(GOOD.replace("50 km/h", "50 h"))
    path = write(tmp_path, "extends: base.yaml\nlines: {ship: {sailing: 3 TEU}}\n")
    found = [each for each in check(path, overrides=["pools.flats.returns=3 t"]) if each.level is Level.ERROR]
    assert [each.path for each in found] == ["pools.flats.returns", "lines.ship.sailing", "legs.ab.speed"]


def test_a_misspelt_berth_group_is_found_wherever_it_is_written(tmp_path):
    (tmp_path / "base.yaml").write_text(GOOD)
    path = write(tmp_path, "extends: base.yaml\nports: {pa: {berths: {bxo: 1}, yard: {bxo: 9 TEU}}}\n")
    found = errors_of(path)
    assert [(each.code, each.path, each.hint) for each in found] == [
        ("unknown-element", "ports.pa.berths.bxo", "did you mean 'box'?")
    ]
    for overrides in (["ports.pa.berths={bxo: 1}"], {"ports": {"pa": {"berths": {"bxo": 1}}}}):
        with pytest.raises(InputError, match=r"(?s)no berth group 'bxo'.*did you mean 'box'"):
            load(tmp_path / "base.yaml", overrides=overrides)


def test_add_gives_a_port_of_the_base_another_berth_group(tmp_path):
    (tmp_path / "base.yaml").write_text(GOOD)
    text = "add: {ports: {pa: {berths: {oil: 3}, yard: {oil: 5 t}}}}\nports: {pa: {berths: {box: 2}}}\n"
    path = write(tmp_path, f"extends: base.yaml\n{text}")
    assert load(path).document.ports["pa"].berths == {"box": 2, "oil": 3}
    noted = [each.path for each in check(path) if each.code == "unused" and "berths" in each.path]
    assert noted == ["ports.pa.berths.oil"]


def test_what_the_timeline_sets_is_found_by_its_path_and_set(tmp_path):
    text = (
        GOOD + "timeline: [{at: 2 h, lasts: 1 h, set: {facilities.gate.servers: 0, legs.ab.open: false}}]\n"
    )
    path = write(tmp_path, text)
    for name in ("timeline.0.set.facilities.gate.servers", "set.facilities.gate.servers"):
        made = load(path, overrides=[f"{name}=3"])
        assert made.source.body["timeline"].value[0].get("set", "facilities.gate.servers").value == 3
        # The same path without the entry is still the parameter itself.
    assert load(path, overrides=["legs.ab.open=false"]).document.legs["ab"].open is False
    with pytest.raises(InputError) as caught:
        load(path, overrides=["timeline.0.set.facilities.gate.servres=3"])
    (found,) = caught.value.findings
    assert (found.code, found.hint) == (
        "unknown-path",
        "did you mean 'timeline.0.set.facilities.gate.servers'?",
    )
    with pytest.raises(InputError) as caught:
        load(path).varied({"timeline.0.set.facilities.gate.servers": 3}, name="more")
    (found,) = caught.value.findings
    assert (found.code, found.hint) == ("unknown-path", "did you mean 'facilities.gate.servers'?")


def test_an_id_in_two_parts_is_found_at_the_second(tmp_path):
    (tmp_path / "one.yaml").write_text("places: {a: {}}\n")
    text = "parts: [one.yaml]\n" + GOOD
    found = errors_of(write(tmp_path, text))
    assert [(each.code, each.path) for each in found] == [("duplicate-id", "places.a")]
    assert at(text, found[0]).startswith("a: {}")
    assert "one.yaml:1:10" in found[0].message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("legs.ab.speed", "bad-value"),
        ("legs.ab.sped=3 km/h", "unknown-path"),
        ("box=3", "ambiguous-path"),
        ("ab.speed=3 h", "wrong-dimension"),
        ("ab.speed=[1, 2", "yaml-syntax"),
        ("ab.speed=!!python/name:os.system 1", "tag"),
    ],
)
def test_an_override_that_is_wrong_is_found(text, code, tmp_path):
    path = write(tmp_path, GOOD)
    found = [each for each in check(path, overrides=[text]) if each.level is Level.ERROR]
    assert [each.code for each in found] == [code]
    assert found[0].where.file.startswith("--set")


def test_the_number_of_kinds():
    kinds = {code for _, _, codes, _, _ in CASES.values() for code in codes}
    kinds |= {code for _, codes, _ in TIMELINE.values() for code in codes}
    assert len(CASES) + len(TIMELINE) >= 40
    assert len(kinds) >= 40


def test_every_code_that_the_language_gives_is_in_the_table():
    folder = Path(findings.__file__).parent
    given = set()
    for path in folder.glob("*.py"):
        if not path.stem.startswith(("seed", "figures")):
            text = path.read_text(encoding="utf-8")
            given |= set(re.findall(r'(?:\badd|refuse|_finding|Finding)\(\s*"([a-z0-9-]+)"', text))
    assert given <= set(FINDINGS)
    assert set(FINDINGS) - given <= {"bad-data-file"}


def test_a_text_too_long_for_a_quantity_is_refused_at_once(tmp_path):
    text = GOOD.replace("50 km/h", '"5' + " " * 1_000_000 + 'km/h"')
    assert [each.code for each in errors_of(write(tmp_path, text))] == ["bad-quantity"]


@pytest.mark.parametrize(
    ("value", "code"),
    [(1, "wrong-type"), ("3 km", "wrong-type"), ([1], "wrong-type"), ({"pa": 3}, "wrong-type")],
)
def test_a_section_of_ports_that_is_none_is_a_finding(tmp_path, value, code):
    path = write(tmp_path, GOOD)
    for overrides in ({"ports": value}, [f"ports={value}".replace("'", "")]):
        found = [each for each in check(path, overrides=overrides) if each.level is Level.ERROR]
        assert code in {each.code for each in found}
        assert any(each.path.startswith("ports") for each in found)


@pytest.mark.parametrize(
    "path", ["gate.service", "draught", "clock.length", "ab.cv", "boxes.consignment.TEU"]
)
def test_a_number_larger_than_any_float_is_a_finding(tmp_path, path):
    """A file cannot hold one, Python can."""
    for value in (10**400, {"value": "1 h", "scale": 10**400}, {"mean": 10**400}):
        found = check(write(tmp_path, GOOD), overrides={path: value})
        assert any(each.level is Level.ERROR and each.path for each in found)


def test_a_port_without_berths_says_what_was_expected(tmp_path):
    found = errors_of(write(tmp_path, GOOD.replace("berths: {box: 1}, yard", "berths: {}, yard")))
    assert any(each.path == "lines.ship.from" for each in found)
    assert all(each.expected for each in found)
