"""Subtitles and captions: what is shown, over what, how sure, and where the numbers come from."""

from __future__ import annotations

from sim.report.calendar import window
from sim.report.inputs import Source
from sim.report.words import percent, plural


def subtitle(what: str, source: Source, *, windowed: bool = True) -> str:
    """Say what is shown, of which scenario, over which window, from how many replications.

    Args:
        what: is shown.
        source: what it is of.
        windowed: whether it is all of the source's window.
    """
    over = [window(source.start, source.length)] if windowed else []
    return f"{what}. {', '.join([source.scenario, *over, plural(source.replications, 'replication')])}"


def caption(source: Source, text: str = "") -> str:
    """Join how to read the figure, what to beware of, and the sources."""
    parts = [part.strip() for part in (text, source.warning, source.sources) if part.strip()]
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in parts)


def band_words(source: Source) -> str:
    """Name the interval that is drawn: `95 % interval`, or say that there is none."""
    if source.replications < 2:
        return "no interval (one replication)"
    return f"{percent(source.confidence)} interval"


def interval_note(source: Source, text: str) -> str:
    """Explain how an interval is drawn; with one replication there is none to explain.

    Args:
        source: what the figure is of.
        text: with `{}` where the interval is named.
    """
    if source.replications < 2:
        return "One replication, so that no interval can be given."
    return text.format(band_words(source))
