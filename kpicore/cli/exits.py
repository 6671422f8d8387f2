"""The one place that turns what happened into an exit code and a message.

====  ====================================================================================
0     done; also where the reader of stdout went away
1     findings, under ``--strict``
2     usage: options, names, cards, mappings, calendars, formulas
3     data, or a stored run that is not what its manifest says
4     a plugin failed
5     the operating system: files, memory
70    a fault of kpicore
130   interrupted
====  ====================================================================================
"""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence

import click

from kpicore.errors import KpicoreError
from kpicore.plain import clean_lines

__all__ = ["FINDINGS", "run"]

FINDINGS, USAGE, SYSTEM, INTERNAL, INTERRUPTED = 1, 2, 5, 70, 130
_COMPLETE = "_KPICORE_COMPLETE"


def run(arguments: Sequence[str] | None) -> int:
    """Runs the command line and returns its exit code; nothing is raised."""
    try:
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("default", category=UserWarning)
                warnings.showwarning = _warner()
                answer = _call(list(sys.argv[1:] if arguments is None else arguments))
                sys.stdout.flush()
        except BaseException as error:
            return _explain(error)
        return answer if isinstance(answer, int) else 0
    except BrokenPipeError:
        return _gone()


def _call(arguments: list[str]) -> object:
    """Calls the command; not through click's ``main``, which has exit codes of its own."""
    from .app import app

    if instruction := os.environ.get(_COMPLETE):
        from click.shell_completion import shell_complete

        return shell_complete(app, {}, "kpicore", _COMPLETE, instruction)
    with app.make_context("kpicore", arguments) as context:
        return app.invoke(context)


def _explain(error: BaseException) -> int:
    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case BrokenPipeError():
            return _gone()
        case KeyboardInterrupt() | click.Abort():
            _say("interrupted")
            return INTERRUPTED
        case click.UsageError():
            where = error.ctx.command_path if error.ctx else "kpicore"
            _say(f"{error.format_message()}\nhint: `{where} --help` shows how it is used")
            return USAGE
        case KpicoreError():
            _say(str(error))
            return error.exit_code
        case MemoryError():
            _say("there is not enough memory\nhint: take a shorter range, or fewer metrics at once")
            return SYSTEM
        case OSError():
            _say(f"{error.filename}: {error.strerror}" if error.filename else str(error))
            return SYSTEM
    traceback.print_exception(error)
    _say(f"this is a fault of kpicore; please report it with the lines above ({type(error).__name__})")
    return INTERNAL


def _say(message: str, *, word: str = "error:", colour: int = 31) -> None:
    """Writes an error or a warning to stderr, without what could steer a terminal."""
    from .terminal import is_coloured

    shown = f"\x1b[{colour}m{word}\x1b[0m" if is_coloured(sys.stderr) else word
    print(f"{shown} {clean_lines(message)}", file=sys.stderr)


def _warner() -> Callable[..., None]:
    """Returns what tells of each warning once, in place of Python's way, which shows a line of the source."""
    told: set[str] = set()

    def warn(message: Warning | str, *_: object, **__: object) -> None:
        if str(message) not in told:
            told.add(str(message))
            _say(str(message), word="warning:", colour=33)

    return warn


def _gone() -> int:
    """The reader of stdout has what it wanted; the interpreter must not complain at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
