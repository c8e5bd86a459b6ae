"""The documentation: generated pages are up to date, commands in it parse, links lead somewhere."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import sys
from pathlib import Path

import click
import pytest

from sim.cli.main import COMMANDS, cli
from sim.errors import Level
from sim.scenario import check
from sim.scenario.seed_checks import validate
from sim.scenario.seeds import SeedBook

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts)
FRONT = [ROOT / "README.md", ROOT / "scenarios" / "README.md", ROOT / "seeds" / "README.md"]


@pytest.fixture(scope="module")
def generator():
    sys.path.insert(0, str(DOCS))
    try:
        import make_reference
    finally:
        sys.path.remove(str(DOCS))
    return make_reference


def test_the_reference_is_up_to_date(generator):
    written = {path.name: path.read_text(encoding="utf-8") for path in (DOCS / "reference").glob("*.md")}
    stale = [name for name, text in generator.pages().items() if written.get(name) != text]
    assert not stale, "run: python docs/make_reference.py"
    assert set(written) == set(generator.pages())


def test_every_finding_has_its_words(generator):
    told = set(generator.FINDINGS) | set(generator.MORE_FINDINGS)
    codes = set()
    for path in (ROOT / "sim").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            given = [each.value for each in node.keywords if each.arg == "code"]
            if name in ("refuse", "_finding", "Finding"):
                given += node.args[:1]
            codes |= {each.value for each in given if isinstance(each, ast.Constant)}
    assert "not-stationary" in codes
    assert codes <= told, codes - told


def console_commands() -> list[tuple[str, str]]:
    """Every command line of the fenced console blocks, a line that ends in a backslash joined to the next."""
    found = []
    for page in (*PAGES, *FRONT):
        for block in re.findall(r"^```console\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S):
            for line in block.replace("\\\n", " ").splitlines():
                words = line.removeprefix("$ ")
                if words.startswith(("corridor ", "python -m sim ")):
                    found.append((page.name, words))
    return found


def test_the_tutorial_and_the_recipes_show_commands():
    assert {name for name, _ in console_commands()} >= {"tutorial.md", "how-to.md"}


@pytest.mark.parametrize(("page", "line"), console_commands(), ids=lambda text: text[:60])
def test_a_command_parses(page, line):
    words = shlex.split(line.partition(" | ")[0], comments=True)
    words = words[1:] if words[0] == "corridor" else words[3:]
    if words[0] in ("--help", "--version"):
        return
    assert words[0] in COMMANDS
    command = cli.get_command(click.Context(cli), words[0])
    command.make_context(words[0], words[1:], parent=click.Context(cli))


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of scenarios and figures, with what the recipes add to them."""
    root = tmp_path_factory.mktemp("tree")
    for part in ("scenarios", "seeds"):
        shutil.copytree(ROOT / part, root / part)
    (root / "scenarios" / "handling.csv").write_text("8.5\n9\n12\n20\n", encoding="utf-8")
    for page in PAGES:
        for block in re.findall(r"^```yaml\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S):
            if (named := re.match(r"# (scenarios/[\w-]+\.yaml)\n", block)) is not None:
                (root / named[1]).write_text(block, encoding="utf-8")
            elif block.startswith("- id: "):
                (root / "seeds" / "mine.yaml").write_text(block, encoding="utf-8")
    return root


def recipes() -> list[str]:
    texts = [page.read_text(encoding="utf-8") for page in PAGES]
    return sorted(
        {name for text in texts for name in re.findall(r"^# (scenarios/[\w-]+\.yaml)$", text, re.M)}
    )


@pytest.mark.parametrize("name", recipes())
def test_a_recipe_is_a_scenario_without_errors(name, tree):
    assert [str(each) for each in check(tree / name) if each.level is Level.ERROR] == []


def test_the_recipes_figure_is_sound(tree):
    assert validate(SeedBook(tree / "seeds")) == []


def slug(heading: str) -> str:
    """The anchor of a heading, as GitHub and myst make it."""
    plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


@pytest.mark.parametrize("page", [*PAGES, *FRONT], ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    text = re.sub(r"`[^`\n]*`", "", text)
    for target in re.findall(r"(?<!\!)\[[^]]*\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = page if not path else page.parent / path
        assert file.exists(), target
        if anchor and file.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.M)
            assert anchor in {slug(heading) for heading in headings}, target


def test_validation_names_tests_that_exist():
    text = (DOCS / "validation.md").read_text(encoding="utf-8")
    files = {path.name: path for path in (ROOT / "tests").rglob("*.py")}
    sources = "\n".join(path.read_text(encoding="utf-8") for path in files.values())
    for name in re.findall(r"`((?:tests/[\w/]+/)?test_\w+\.py)`", text):
        assert (ROOT / name).exists() if "/" in name else name in files, name
    for name in re.findall(r"`(test_\w+)…?`", text):
        assert f"def {name}" in sources, name
