"""The scenario: one frozen, resolved document and every moment of its timeline."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from sim.errors import Finding, UsageError
from sim.scenario.composition import Body
from sim.scenario.document import Document, Intervention
from sim.scenario.findings import Findings
from sim.scenario.reading import Change
from sim.scenario.resolve import Source, again
from sim.scenario.resolve_claims import changes
from sim.scenario.sources import Provenance


@dataclass(frozen=True, eq=False)
class Scenario:
    """What will be simulated, as its author wrote it, resolved.

    Attributes:
        name: name of its file without the ending, or the name it was overridden with.
        path: its file.
        document: its state at the start, with no intervention in force.
        provenance: where each parameter's value came from, by dotted path.
        findings: warnings and notes; a scenario with errors is not made.
        source: what it was resolved from.
        under: the scenario it overrides, or the file it extends with that file's sections, or None.
    """

    name: str
    path: Path
    # A notebook shows what a cell ends in: half a million characters would be no help.
    document: Document = field(repr=False)
    provenance: Mapping[str, Provenance] = field(repr=False)
    findings: tuple[Finding, ...] = field(repr=False)
    source: Source = field(repr=False)
    under: Scenario | tuple[Path, Body] | None = field(default=None, repr=False)

    @cached_property
    def base(self) -> Scenario | None:
        """The scenario that this one extends or overrides, or None."""
        if self.under is None or isinstance(self.under, Scenario):
            return self.under
        from sim.scenario.loader import made_of

        path, body = self.under
        return made_of(body, path=path)

    @property
    def interventions(self) -> tuple[Intervention, ...]:
        """The entries of the timeline, in file order."""
        return self.document.timeline

    def changes_at(self, fractions: Sequence[float]) -> list[Change]:
        """List what the timeline does to parameters.

        Args:
            fractions: how far each intervention is in force, each from 0 to 1.
        """
        if len(fractions) != len(self.interventions):
            message = f"{len(fractions)} fractions for {len(self.interventions)} interventions"
            raise UsageError(message)
        numbers = sorted(self.source.parsed.timeline)
        active = {n: f for n, f in zip(numbers, fractions, strict=True) if f > 0}
        return changes(self.source.parsed.timeline, self.source.root, active)

    def document_at(self, fractions: Sequence[float]) -> Document:
        """Give the document while interventions are in force, everything derived anew.

        Args:
            fractions: how far each is in force, from 0 (not at all) to 1 (in full), in file order.

        Returns:
            The document; a number that is set moves linearly, `scale` by 1 + (k - 1) f, `add` by f x, all
            else is set as soon as f > 0. Several on one parameter apply in file order.

        Raises:
            InputError: together they drive a parameter out of its range.
        """
        found = self.changes_at(fractions)
        if not found:
            return self.document
        findings = Findings()
        reader = self.source.reader(findings, found)
        document = again(self.source, reader, self.document, found)
        findings.raise_errors()
        return document

    def digest(self, meaning: str, *, seed: int | None = None) -> str:
        """Give the hash under which results are kept, eight hexadecimal digits.

        Args:
            meaning: version of the model's meaning.
            seed: the simulation's seed; that of `experiment` by default.

        Returns:
            A hash over all that decides a replication; titles, summaries, names, replications, confidence,
            targets, claims and the order of keys are not in it.
        """
        from sim.scenario.digest import digest

        return digest(self, meaning, seed=self.document.experiment.seed if seed is None else seed)

    def override(self, overrides: Mapping[str, Any] | Sequence[str], *, name: str) -> Scenario:
        """Make another scenario that differs in some values.

        Args:
            overrides: sections as a file that extends this one would write them (`timeline` appends), or
                values by dotted path; or texts `PATH=VALUE`.
            name: its name.

        Raises:
            InputError: with all findings of level error.
        """
        from sim.scenario.loader import overridden

        return overridden(self, overrides, name=name)

    def varied(self, values: Mapping[str, Any], *, name: str) -> Scenario:
        """Make another scenario in which parameters are set or scaled for the whole run.

        Unlike `override` this keeps the law of a random quantity and changes its mean alone.

        Args:
            values: by dotted path (or an unambiguous tail of it), a new value, or `{"scale": factor}`, or
                `{"add": amount}`.
            name: its name.

        Raises:
            InputError: with all findings of level error.
        """
        from sim.scenario.loader import varied

        return varied(self, values, name=name)

    def without(self, entries: Collection[int], *, name: str) -> Scenario:
        """Make the scenario without some entries of its timeline.

        Args:
            entries: their places in `interventions`.
            name: its name.
        """
        from sim.scenario.loader import undisturbed

        return undisturbed(self, entries, name=name)

    def resolved(self, *, kept: bool = False) -> dict[str, Any]:
        """Give the resolved scenario as plain values: one file without parts, with its provenance.

        Args:
            kept: whether it is to be kept apart from its files: files of values go by the names that
                `data_files` gives them, and places are told from the root of the scenario's tree.
        """
        from sim.scenario.show import resolved

        return resolved(self, kept=kept)

    @property
    def data_files(self) -> Mapping[str, bytes]:
        """The files of values that it names, by the path under which each is kept beside it."""
        return self.source.files.kept()

    def differences(self) -> dict[str, tuple[Any, Any]]:
        """Give what differs from the base by dotted path: (value there, value here)."""
        from sim.scenario.show import differences

        return differences(self)
