"""Which files a scenario may read: where a name leads, and what lies outside the tree.

A file named in a scenario is relative to the file that names it and stays, links followed, inside the
scenario tree. Nothing is merged here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sim.errors import Finding, Level, Where
from sim.scenario.data import DataMissingError, data_root
from sim.scenario.findings import Findings, closest
from sim.scenario.nodes import Node
from sim.scenario.yaml_nodes import read

_FOLDER = "scenarios"


@dataclass(frozen=True)
class Tree:
    """The folders that a scenario may read from.

    Attributes:
        roots: resolved folders; the first holds the scenario itself.
        data: the folder that holds `seeds/`.
    """

    roots: tuple[Path, ...]
    data: Path | None

    def inside(self, path: Path) -> bool:
        """Tell whether a resolved path lies in the tree."""
        return any(path.is_relative_to(root) for root in self.roots)


def shown(path: Path) -> str:
    """Give a path as a reader would type it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def tree_of(path: Path) -> Tree:
    """Find the tree of a scenario file: the nearest `scenarios` folder above it, else its own folder."""
    real = path.resolve()
    own = next((folder for folder in real.parents if folder.name == _FOLDER), real.parent)
    try:
        data = data_root(real)
    except DataMissingError:
        return Tree((own,), None)
    shared = (data / _FOLDER).resolve()
    return Tree((own,) if shared == own else (own, shared), data)


def locate(source: str | Path, *, findings: Findings, below: str = "") -> Path | None:
    """Find a scenario by path or by its name in `scenarios/`, here or among those of the project.

    Args:
        source: path, or name with or without `.yaml`.
        findings: gets a finding where there is no such file.
        below: folder of `scenarios/` in which names are looked up first.
    """
    path = Path(source)
    text = str(source)
    try:
        if path.is_file():
            return path
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        findings.add("unreadable-file", Where(text, 1, 1), "", f"{text}: {reason}", expected="a file")
        return None
    known: list[str] = []
    if path.name and not path.is_absolute():
        folders = _folders(below)
        written = [path.with_name(f"{path.name}.yaml"), *(folder / path for folder in folders)]
        written += [folder / f"{text}.yaml" for folder in folders]
        for candidate in written:
            if candidate.name.endswith(".yaml") and _is_file(candidate):
                return candidate
        known = [found.stem for folder in folders for found in sorted(folder.glob("*.yaml"))]
    beside = {found.stem: found for found in _files(path.parent)}
    near = closest(path.stem, (*known, *beside))
    if path.stem in beside or (near in beside and near not in known):
        near = str(path.with_name(beside[near].name))
    findings.add(
        "unreadable-file",
        Where(text, 1, 1),
        "",
        f"there is no file '{text}'" + (f" and no scenario of that name in {_FOLDER}/" if known else ""),
        expected="a path, or the bare name of a scenario",
        hint=f"did you mean '{near}'?" if near else "",
    )
    return None


def _is_file(path: Path) -> bool:
    """Tell whether a file stands there; none does where a name is longer than any may be."""
    try:
        return path.is_file()
    except OSError:
        return False


def _files(folder: Path) -> list[Path]:
    """List what may be scenarios in a folder; none where it cannot be read."""
    try:
        found = sorted(folder.iterdir())
        return [each for each in found if each.suffix in (".yaml", ".yml") and each.is_file()]
    except (OSError, ValueError):  # ValueError: a name with a NUL in it
        return []


def _folders(below: str) -> list[Path]:
    """Give the folders of scenarios in which a name is looked up: those here, then those of the project."""
    found = [Path.cwd() / _FOLDER]
    for start in (Path.cwd(), None):
        try:
            found.append(data_root(start) / _FOLDER)
        except DataMissingError:
            continue
    # What lies in `studies/` may be named with that folder or without.
    return list(dict.fromkeys([*(folder / below for folder in found), *found]))


def named(source: str | Path) -> Path | None:
    """Give the file that a path or a bare name stands for, links followed, or None."""
    path = locate(source, findings=Findings())
    return None if path is None else path.resolve()


def follow(name: Node, by: Path, tree: Tree, *, path: str, findings: Findings) -> Path | None:
    """Follow a file name that stands in a scenario.

    Args:
        name: the node that holds it.
        by: the file in which it stands.
        tree: where it may lead.
        path: dotted path for findings.
        findings: gets what is wrong with it.
    """
    text = name.value
    if isinstance(text, list | dict):
        message = f"a {'list' if isinstance(text, list) else 'mapping'} is no file name"
        hint = "files are joined by parts:" if path == "extends" else ""
        findings.add("wrong-type", name, path, message, expected="one file: a path in the tree", hint=hint)
        return None
    if not isinstance(text, str) or not text.strip():
        message = f"{'nothing' if text is None else repr(text)} is no file name"
        findings.add("wrong-type", name, path, message, expected="one file: a path in the tree")
        return None
    candidates = [by.parent / text]
    if "/" not in text:
        for root in tree.roots:
            candidates += [root / text, root / f"{text}.yaml"]
        candidates.insert(1, by.parent / f"{text}.yaml")
    for candidate in candidates:
        try:
            real = candidate.resolve()
            exists = real.is_file()
        except (OSError, ValueError):
            continue
        if not tree.inside(real):
            findings.add(
                "outside-tree",
                name,
                path,
                f"'{text}' lies outside the scenario tree",
                expected="a file inside the folder of the scenarios",
            )
            return None
        if exists:
            return real
    near = _near(text, by, tree)
    findings.add("unreadable-file", name, path, f"there is no file '{text}'", expected="a file", hint=near)
    return None


def _near(text: str, by: Path, tree: Tree) -> str:
    """Ask whether a file beside the one that names it was meant, or a scenario of the tree."""
    folder, _, file = text.rpartition("/")
    folders = [by.parent / folder] if folder else [by.parent, *tree.roots]
    try:
        files = [found for each in folders if tree.inside(each.resolve()) for found in each.glob("*.yaml")]
    except (OSError, ValueError):
        return ""
    # By the name alone: an ending that all share would make every short name look alike.
    stem, dot, _ = file.partition(".yaml")
    near = closest(stem, [found.stem for found in files if found.resolve() != by])
    return f"did you mean '{f'{folder}/' if folder else ''}{near}{dot}'?" if near else ""


def read_mapping(path: Path, *, findings: Findings) -> Node | None:
    """Read one file that must hold a mapping; findings say what is wrong otherwise."""
    name = shown(path)
    composed = read(path, shown=name)
    findings.extend(composed.findings)
    root = composed.root
    if root is None or root.value is None:
        if not any(found.level is Level.ERROR for found in composed.findings):
            findings.extend([_empty(name)])
        return None
    if not isinstance(root.value, dict):
        findings.add(
            "wrong-type", root, "", "the file is no mapping", expected="keys such as legs: and flows:"
        )
        return None
    return root


def _empty(name: str) -> Finding:
    return Finding("empty-file", Level.ERROR, Where(name, 1, 1), "", f"{name} is empty", "a scenario")
