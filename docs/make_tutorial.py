"""Run the commands of the tutorial again and put their output, shortened, below them.

Usage: python docs/make_tutorial.py [FILE]      (docs/tutorial.md if not given; some minutes)

A fenced console block after `<!-- show: 12 + 2 -->` is run: its first line is the command, the rest becomes
the first 12 and the last 2 lines of what it prints. A fenced yaml block that begins with
`# scenarios/NAME.yaml` is written to that file first. All happens in a copy of `scenarios/` and `seeds/`.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
WIDTH = 150
BLOCK = re.compile(
    r"^```yaml\n(?P<yaml># (?P<file>scenarios/\S+)\n.*?)^```"
    r"|^(?P<lead><!-- show: (?P<head>\d+) \+ (?P<tail>\d+) -->\n```console\n)"
    r"\$ (?P<command>(?:[^\n]*\\\n)*[^\n]*)\n"
    r"(?:.*?)^```",
    re.MULTILINE | re.DOTALL,
)


def run(command: str, folder: Path) -> list[str]:
    """Run a command line and give the lines it prints."""
    words = shlex.split(command.replace("\\\n", " "))
    assert words[0] == "corridor"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": str(WIDTH)}
    done = subprocess.run(
        [sys.executable, "-m", "sim", *words[1:]],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(f"{done.returncode}  {command}", flush=True)
    return [line.rstrip() for line in done.stdout.strip("\n").splitlines()]


def shorten(lines: list[str], head: int, tail: int) -> list[str]:
    """Keep the first and the last lines, and cut those that are very long."""
    if len(lines) > head + tail + 1:
        lines = [*lines[:head], *(["…"] if head else []), *(lines[-tail:] if tail else [])]
    return [line if len(line) <= WIDTH + 90 else line[: WIDTH + 89] + "…" for line in lines]


def main() -> None:
    """Rewrite the page."""
    page = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "tutorial.md"
    with TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("scenarios", "seeds"):
            shutil.copytree(ROOT / part, folder / part)

        def again(found: re.Match[str]) -> str:
            if found["file"]:
                (folder / found["file"]).write_text(found["yaml"], encoding="utf-8")
                return found[0]
            lines = shorten(run(found["command"], folder), int(found["head"]), int(found["tail"]))
            return "\n".join([f"{found['lead']}$ {found['command']}", *lines, "```"])

        text = page.read_text(encoding="utf-8")
        page.write_text(BLOCK.sub(again, text), encoding="utf-8")


if __name__ == "__main__":
    main()
