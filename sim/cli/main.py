"""The command `corridor`: finds the subcommand, and turns what goes wrong into one readable block.

Only this room prints or exits. Nothing heavy is imported before a command needs it, so that help is instant.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from types import TracebackType
from typing import Final, Self

import click

from sim.errors import CorridorError

COMMANDS: Final = {
    "run": "run",
    "compare": "compare",
    "sweep": "sweep",
    "sensitivity": "sensitivity",
    "calibrate": "calibrate",
    "check": "check",
    "show": "show",
    "explain": "show",
    "trace": "trace",
    "runs": "runs",
    "report": "report",
    "query": "query",
}
"""Commands, in the order of help, with the module of `sim.cli` that holds each."""

INTERRUPTED = 130
FAILED = 3

_FULL: Final = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_KEPT: Final = "What had finished is kept; with more room the same command goes on from there."


class Commands(click.Group):
    """Subcommands that are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names in the order of help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"sim.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; an unknown one is answered with the nearest."""
        from difflib import get_close_matches

        name = args[0]
        if name.startswith("-") or name in COMMANDS:
            return super().resolve_command(ctx, args)
        near = get_close_matches(name, COMMANDS, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(COMMANDS)}"
        message = f"no command {name}; {hint}"
        raise click.UsageError(message, ctx)


def _version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from sim.version import __version__

        click.echo(f"corridor {__version__}")
        ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error.")
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version."
)
def cli() -> None:
    """Simulate the Middle Corridor: cargo and oil from China and Kazakhstan over the Caspian.

    A FILE is a path, or the bare name of a file in scenarios/.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit.

    Args:
        arguments: of the command line; those of the process where they are not given.
    """
    for stream in (sys.stdout, sys.stderr):
        # Where a stream cannot write a letter, as a file on some systems, it is spelt out.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(invoke(sys.argv[1:] if arguments is None else arguments))


def invoke(arguments: Sequence[str]) -> int:
    """Run the command line.

    Returns:
        0 well, 1 findings in the input, 2 wrong usage, 3 a run failed, 130 interrupted.
    """
    given = list(arguments)
    debug = "--debug" in given
    outcome = Outcome(debug=debug)
    with outcome:
        result = cli.main(args=given, prog_name="corridor", standalone_mode=False, obj=outcome)
        outcome.code = result if isinstance(result, int) else 0
        # A process may have been started without an output.
        if sys.stdout is not None:
            sys.stdout.flush()
    return outcome.code


class Outcome:
    """The outermost place: whatever comes up to here ends as one block of text and an exit code.

    Attributes:
        code: the exit code.
        is_debugged: whether the traceback of an error is shown; a study file may ask for it too.
    """

    def __init__(self, *, debug: bool) -> None:
        self.code = 0
        self.is_debugged = debug

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is None:
            return True
        if isinstance(error, SystemExit):
            self.code = error.code if isinstance(error.code, int) else FAILED
            return True
        if isinstance(error, BrokenPipeError):
            _close_quietly()
            return True
        if self.is_debugged and not isinstance(error, click.ClickException):
            import traceback

            traceback.print_exception(error)
        self.code, text = explain(error)
        if isinstance(error, click.ClickException):
            error.show()
        else:
            click.echo(text, err=True)
        return True


def explain(error: BaseException) -> tuple[int, str]:
    """Give the exit code and the block of text of an error."""
    if isinstance(error, click.ClickException):
        return error.exit_code, error.format_message()
    if isinstance(error, (click.Abort, KeyboardInterrupt)):
        cause = error.__cause__ if isinstance(error, click.Abort) else error
        return INTERRUPTED, f"Interrupted. {cause or ''}".strip()
    if isinstance(error, CorridorError):
        return error.exit_code, f"Error: {error}"
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        kept = f". {_KEPT}" if error.errno in _FULL else ""
        return FAILED, f"Error: {error.strerror or error}{where}{kept}"
    if isinstance(error, MemoryError):
        return FAILED, "Error: memory ran out. What had finished is kept; fewer --jobs need less."
    name = type(error).__name__
    return FAILED, f"Error: the program itself failed: {name}: {error}\n    --debug shows where"


def _close_quietly() -> None:
    """Send what is still to be written nowhere: the reader has gone, and knows why."""
    import os

    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
