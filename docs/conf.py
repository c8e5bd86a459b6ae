"""Settings of Sphinx: `sphinx-build -W docs docs/_build`, with the extra `docs` installed."""

from __future__ import annotations

import re

from sphinx.application import Sphinx

from sim import __version__

project = "Middle Corridor simulator"
author = "The Middle Corridor simulator authors"
copyright = author
version = release = __version__

extensions = ["myst_parser"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = project
myst_heading_anchors = 3
highlight_language = "none"

OUTSIDE = re.compile(r"\[([^\]]+)\]\((\.\./(?:scenarios|seeds)/[^)#]+)(?:#[^)]*)?\)")


def setup(app: Sphinx) -> None:
    """Let links to files beside docs/ be downloads: they are no pages of this book."""

    def reads(_: Sphinx, __: str, source: list[str]) -> None:
        source[0] = OUTSIDE.sub(r"{download}`\1 <\2>`", source[0])

    app.connect("source-read", reads)
