"""The figures: their files are sound, the fast reader reads what YAML says, look-up names the nearest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from sim.errors import InputError
from sim.scenario import seed_text
from sim.scenario.data import DataMissingError, data_root
from sim.scenario.seed_text import read_entries
from sim.scenario.seeds import SeedBook, UnknownFigureError, load_seeds, validate
from sim.scenario.yaml_nodes import compose

ROOT = Path(__file__).resolve().parents[2]
FILES = ("documents", "land", "oil", "sea", "west")

GOOD = """\
- id: one
  what: A length
  value: 5
  low: 4
  high: 6.5
  unit: km
  period: "2024"
  source:
    publisher: Somebody
    title: Something
    date: "2024-05"
    url: null
  confidence: high
"""


@pytest.fixture(scope="module")
def book() -> SeedBook:
    return load_seeds(ROOT)


def make_book(folder: Path, **files: str) -> SeedBook:
    (folder / "seeds").mkdir()
    for name, text in files.items():
        (folder / "seeds" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return SeedBook(folder / "seeds")


def two(first: str = "", second: str = "", *, replace: tuple[str, str] = ("", "")) -> str:
    other = GOOD.replace("id: one", "id: two").replace(*replace)
    return GOOD + first + other + second


# the five files


def test_no_findings(book: SeedBook) -> None:
    assert [str(finding) for finding in validate(book)] == []


def test_the_files_and_their_order(book: SeedBook) -> None:
    assert book.names == FILES
    assert len(book.file("documents").figures) == 34
    assert len(book) == len({figure.ref for figure in book}) > 900


def test_a_folder_is_opened_once() -> None:
    assert load_seeds(ROOT) is load_seeds(ROOT) is load_seeds()


@pytest.mark.parametrize("name", FILES)
def test_the_fast_reader_reads_every_file_as_yaml_does(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, *, shown: str) -> None:
        raise AssertionError(f"{shown} left the one-value-a-line layout")

    path = ROOT / "seeds" / f"{name}.yaml"
    monkeypatch.setattr(seed_text, "read", refuse)
    entries = read_entries(path, shown=name)
    assert [entry.values for entry in entries] == YAML(typ="safe", pure=True).load(path)
    text = path.read_text(encoding="utf-8").split("\n")
    assert all(text[entry.line - 1] == f"- id: {entry.values['id']}" for entry in entries)


def test_what_the_model_is_held_to_is_fitted(book: SeedBook) -> None:
    fitted = {figure.ref for figure in book if figure.use == "fit"}
    assert fitted >= {
        "seeds/documents/seed-transit-2024",
        "seeds/land/titr-volume-2024",
        "seeds/land/titr-caspian-ports-volume-2024",
        "seeds/land/block-trains-2024-received-ady",
        "seeds/land/transit-altynkol-absheron-schedule",
        "seeds/land/transit-altynkol-poti-schedule",
        "seeds/land/transit-altynkol-constanta-schedule",
        "seeds/oil/cpc-2024",
        "seeds/oil/route-btc-2024",
        "seeds/sea/baku-units-2024-trucks",
        "seeds/sea/baku-units-2024-wagons",
        "seeds/sea/kuryk-closed-novdec-2024",
    }


def test_scenarios_name_figures_that_exist(book: SeedBook) -> None:
    found = [
        (path.name, ref)
        for path in sorted((ROOT / "scenarios").rglob("*.yaml"))
        for ref in re.findall(r"seeds/\w+/[\w-]*\w", path.read_text(encoding="utf-8"))
    ]
    assert [(name, ref) for name, ref in found if ref not in book] == []


# looking up


def test_underscores_count_as_hyphens(book: SeedBook) -> None:
    figure = book.figure("seeds/documents/seed_transit_2024")
    assert figure is book.figure("seeds/documents/seed-transit-2024")
    assert (figure.ref, figure.quantity) == ("seeds/documents/seed-transit-2024", "3.6 Mt")
    assert figure.covers_one_year
    assert not book.figure("seeds/land/titr-volume-9m2024").covers_one_year
    assert "seeds/oil/cpc_2024" in book
    assert "seeds/oil/cpc_1924" not in book
    assert 5 not in book


def test_a_group_names_its_parts(book: SeedBook) -> None:
    group = book.figure("seeds/sea/aktau-berths-by-type")
    assert (group.value, group.unit, group.what) == (None, "group", "Aktau berths")
    assert [book.figure(part).value for part in group.parts] == [3, 3, 1, 1]
    assert group.text == "oil: 3 berths; dry cargo: 3 berths; grain: 1 berths; ferry: 1 berths"


def test_a_date_has_no_quantity(book: SeedBook) -> None:
    figure = book.figure("seeds/west/btk_close")
    assert (figure.value, figure.unit, figure.text) == (None, "date", "2023-05-16/2024-05-20")
    assert figure.quantity is None


@pytest.mark.parametrize(
    ("ref", "nearest"),
    [
        ("seeds/land/titr-volum-2024", "seeds/land/titr-volume-2024"),
        ("seeds/land/cpc_2024", "seeds/oil/cpc-2024"),
        ("seeds/oli/cpc_2024", "seeds/oil/cpc-2024"),
        ("seeds/lnd/titr-volum-2024", "seeds/land/titr-volume-2024"),
        ("titr-volume-2024", "seeds/land/titr-volume-2024"),
        ("seeds/sea/aktau-berth-by-type", "seeds/sea/aktau-berths-by-type"),
    ],
)
def test_what_does_not_exist_has_a_nearest(book: SeedBook, ref: str, nearest: str) -> None:
    with pytest.raises(LookupError) as caught:
        book.figure(ref)
    assert isinstance(caught.value, UnknownFigureError)
    assert caught.value.nearest[0] == nearest
    assert ref in str(caught.value)
    assert nearest in str(caught.value)


@pytest.mark.parametrize(
    "ref", ["", "seeds", "seeds/", "seeds/land", "seeds/land/", "seeds/../land/x", "q/q/q"]
)
def test_odd_references_are_unknown(book: SeedBook, ref: str) -> None:
    with pytest.raises(UnknownFigureError):
        book.figure(ref)


def test_only_the_file_that_is_asked_for_is_read(tmp_path: Path) -> None:
    book = make_book(tmp_path, good=GOOD, bad="- id: [")
    assert book.figure("seeds/good/one").value == 5
    with pytest.raises(InputError):
        book.figure("seeds/bad/one")


# reading


FRAGMENTS = """\
5¦-5¦+5¦5.¦.5¦1e3¦-1.5E-3¦0x1F¦0o17¦007¦1_000¦.inf¦-.INF¦.nan¦null¦Null¦~¦~x¦true¦True¦yes¦no¦on
2024¦2024-05¦2024-05-01¦12:30¦"a b"¦"a\\tb"¦"a\\x41"¦"a" # c¦"a¦'it''s'¦'a' b¦''¦""¦'¦"\\ud83d\\ude00"
plain text¦a: b¦a:b¦a #b¦a#b¦a # b¦a:¦a,b¦a [b]¦(a) b¦/b¦+b¦.b¦-b¦- a¦-¦--- a¦? a¦: a¦[1, 2]¦...¦---
{a: b}¦&a b¦*a¦!t b¦| ¦>-¦%a¦@a¦`a¦ünï¦é: x¦→¦…¦a  ¦ a¦a\tb¦\t¦a\\nb¦a\x85b¦a\u2028b¦\ufeffa
"""
FRAGMENT = st.sampled_from(FRAGMENTS.rstrip("\n").replace("\n", "¦").split("¦"))


@given(
    st.lists(
        st.builds(
            "{}{}{}".format,
            st.sampled_from(["- ", "  ", "    ", "   ", "", "    - ", "  - "]),
            st.sampled_from(["id: ", "what: ", "value: ", "source:", "rivals:", "", "# ", "id:"]),
            FRAGMENT | st.just(""),
        ),
        max_size=6,
    )
)
def test_where_the_fast_reader_reads_it_reads_as_yaml_does(lines: list[str]) -> None:
    text = "\n".join(["- id: first", *lines])
    try:
        entries = seed_text._read_lines(text)
    except seed_text._IrregularError:
        return
    root, findings = compose(text, file="x")
    assert findings == ()
    assert root is not None
    values = [entry.values for entry in entries]
    # repr, because 5 is not 5.0 here and nan is nan
    assert repr(values) == repr(root.data())
    assert [entry.lines for entry in entries] == [
        {key: node.key_line for key, node in entry.value.items()} for entry in root.value
    ]


def test_any_layout_is_read(tmp_path: Path) -> None:
    loose = GOOD.replace("  what: A length", "  what: >-\n    A\n    length").replace(
        "  value: 5", "  value:   5   # five"
    )
    tight = "[{id: one, what: A length, value: 5, low: 4, high: 6.5, unit: km, period: '2024',\n"
    tight += "  confidence: high,\n"
    tight += "  source: {publisher: Somebody, title: Something, date: 2024-05, url: null}}]\n"
    book = make_book(tmp_path, good=GOOD, loose=loose, tight=tight)
    good, other, third = (book.figure(f"seeds/{name}/one") for name in ("good", "loose", "tight"))
    for figure in (other, third):
        assert (figure.what, figure.quantity, figure.low, figure.high) == ("A length", "5 km", 4, 6.5)
        assert figure.source == good.source
    assert validate(book) == []


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("- id: [one\n", "yaml-syntax", 2),
        ("id: one", "seed-unreadable", 1),
        ("- one\n", "seed-unreadable", 1),
        (GOOD + "  value: 6\n", "duplicate-key", 14),
        (GOOD.replace("  value: 5\n", ""), "seed-schema", 1),
        (GOOD + "  colour: red\n", "seed-schema", 14),
        (GOOD.replace("value: 5", 'value: "5"'), "seed-schema", 3),
        (GOOD.replace("value: 5", "value: true"), "seed-schema", 3),
        (GOOD.replace("value: 5", "value: .inf"), "seed-schema", 3),
        (GOOD.replace("value: 5", "value: null"), "seed-schema", 3),
        (GOOD.replace("value: 5", "value: null").replace("km", "text"), "seed-schema", 1),
        (GOOD + "  text: words\n", "seed-schema", 14),
        (GOOD.replace('"2024"', "2024"), "seed-schema", 7),
        (GOOD.replace("high\n", "sure\n"), "seed-schema", 13),
        (GOOD + "  use: both\n", "seed-schema", 14),
        (GOOD + "  rivals:\n    - 5\n", "seed-schema", 14),
        (GOOD.replace("    title: Something\n", ""), "seed-schema", 8),
        (GOOD.replace("    url: null\n", ""), "seed-schema", 8),
        (GOOD.replace("    url: null\n", "    page: 5\n"), "seed-schema", 8),
        (GOOD.replace("id: one", "id: One_two"), "seed-id", 1),
        (GOOD + GOOD, "seed-repeated", 14),
        (GOOD.replace("km", "furlong"), "seed-unit", 1),
        (GOOD.replace("low: 4", "low: 5.5"), "seed-range", 1),
        (GOOD.replace("high: 6.5", "high: 4.5"), "seed-range", 1),
        (GOOD + "  rivals:\n    - seeds/x/two\n", "seed-rival", 1),
        (GOOD + "  rivals:\n    - seeds/x/one\n", "seed-rival", 1),
        (GOOD + "  chosen: true\n  why: it is best\n", "seed-rival", 1),
        (two("  rivals:\n    - seeds/x/two\n  chosen: true\n  why: best\n"), "seed-rival", 1),
        (two("  rivals:\n    - seeds/x/two\n", "  rivals:\n    - seeds/x/one\n"), "seed-rival", 1),
        (
            two("  rivals:\n    - seeds/x/two\n  chosen: true\n", "  rivals:\n    - seeds/x/one\n"),
            "seed-rival",
            1,
        ),
        (GOOD + "  part_of: on\n", "seed-group", 1),
        (GOOD.replace("A length", '"Length: a"') + "  part_of: on\n", "seed-group", 1),
        (two("", "  part_of: one\n", replace=("id: two", "id: one-a")), "seed-group", 1),
    ],
)
def test_what_is_wrong_is_found_with_its_line(tmp_path: Path, text: str, code: str, line: int) -> None:
    findings = validate(make_book(tmp_path, x=text))
    assert (code, line) in [(finding.code, finding.where and finding.where.line) for finding in findings]


def test_rivals_of_another_dimension_are_found(tmp_path: Path) -> None:
    first = "  rivals:\n    - seeds/x/two\n  chosen: true\n  why: best\n"
    second = "  rivals:\n    - seeds/x/one\n"
    assert validate(make_book(tmp_path, x=two(first, second))) == []
    other = two(first, second, replace=("unit: km", "unit: kt"))
    (tmp_path / "seeds" / "x.yaml").write_text(other, encoding="utf-8")
    assert {finding.code for finding in validate(SeedBook(tmp_path / "seeds"))} == {"seed-rival"}


def test_all_findings_come_at_once(tmp_path: Path) -> None:
    wrong = two().replace("km", "furlong").replace("low: 4", "low: 9")
    findings = validate(make_book(tmp_path, x=wrong, y="- id: ["))
    assert [finding.code for finding in findings] == ["yaml-syntax", *["seed-unit", "seed-range"] * 2]


def test_a_file_that_is_not_text_is_a_finding(tmp_path: Path) -> None:
    book = make_book(tmp_path, x=GOOD)
    (book.folder / "x.yaml").write_bytes(b"- id: \xff\n")
    with pytest.raises(InputError) as caught:
        book.figure("seeds/x/one")
    assert caught.value.findings[0].code == "not-utf8"


# where the files lie


def test_the_tree_of_a_scenario_brings_its_own_figures(tmp_path: Path) -> None:
    scenario = tmp_path / "scenarios" / "deep" / "mine.yaml"
    scenario.parent.mkdir(parents=True)
    scenario.write_text("title: mine\n", encoding="utf-8")
    assert data_root(scenario) == data_root() == ROOT
    (tmp_path / "seeds").mkdir()
    assert data_root(scenario) == data_root(scenario.parent) == tmp_path.resolve()


def test_without_a_checkout_the_package_brings_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site" / "sim"
    monkeypatch.setattr("sim.scenario.data._PACKAGE", package)
    with pytest.raises(DataMissingError, match="figures are missing"):
        data_root()
    shipped = package / "_data" / "seeds"
    shipped.mkdir(parents=True)
    (shipped / "documents.yaml").write_text("[]\n", encoding="utf-8")
    assert data_root() == package / "_data"
