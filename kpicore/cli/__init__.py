"""The command line: stdout is data, stderr is talk, exit codes are a contract."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line with ``arguments`` (those of the process where None); returns the exit code."""
    from .exits import run

    return run(arguments)
