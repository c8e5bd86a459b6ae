"""What can go wrong, in words a reader can act on.

Holds the exception tree and the `Finding`. Nothing here prints, exits or knows a file format;
every other room may import it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a finding matters: an error stops, a warning is shown, a note is kept."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, order=True)
class Where:
    """A place in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Finding:
    """One thing noticed about the input or a run.

    Attributes:
        code: stable short name, kebab-case, e.g. `unknown-key`.
        level: error, warning or note.
        where: file, line and column, or None where no file is concerned.
        path: dotted path in the scenario, e.g. `legs.altynkol-aktau.speed`.
        message: what is wrong, naming the thing and the value.
        expected: what would have been right.
        hint: the nearest legal name or the next step.
    """

    code: str
    level: Level
    where: Where | None
    path: str
    message: str
    expected: str = ""
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        path = f" at {self.path}" if self.path else ""
        tail = "".join(
            f"\n    {name}: {text}"
            for name, text in (("expected", self.expected), ("hint", self.hint))
            if text
        )
        return readable(f"{place}{self.level} [{self.code}]{path}: {self.message}{tail}")


def readable(text: str) -> str:
    """Write what a terminal cannot show, or would obey, as its escape: a file may hold any character."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


class CorridorError(Exception):
    """Base of every error the product raises on purpose; its text is readable by a user."""

    exit_code = 3


class InputError(CorridorError):
    """The input has findings of level error; all of them are carried at once."""

    exit_code = 1

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


class UsageError(CorridorError):
    """A command or function was called in a way that has no meaning."""

    exit_code = 2


class RunError(CorridorError):
    """A replication or study failed; what finished before is kept."""


class BalanceError(RunError):
    """A closing statement does not balance: the records contradict themselves."""
