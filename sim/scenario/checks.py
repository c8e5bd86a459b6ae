"""Checks of a resolved scenario: one small function per rule, all of them run, none of them raising."""

from __future__ import annotations

from sim.scenario.document import Document
from sim.scenario.findings import Findings
from sim.scenario.reading import Change, Reader
from sim.scenario.resolve import Source


def check_document(document: Document, source: Source, reader: Reader, findings: Findings) -> None:
    """Run every check."""


def check_timeline(
    source: Source, document: Document, number: int, changes: list[Change], findings: Findings
) -> None:
    """Check one entry of the timeline."""
