"""What is seen: figures of a run and of a comparison, the map, and how a figure becomes bytes.

The room draws what others measured: it computes nothing about the corridor and writes no file.
Figures come one by one with their names, so that a caller can keep each as soon as it is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.report.figures import comparison_figures, run_figures
    from sim.report.style import render

__all__ = ["comparison_figures", "render", "run_figures"]


def __getattr__(name: str) -> Any:
    """Import on demand: a command that draws nothing must not wait for the drawing library."""
    if name in ("run_figures", "comparison_figures"):
        from sim.report import figures

        return getattr(figures, name)
    if name == "render":
        from sim.report.style import render

        return render
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
