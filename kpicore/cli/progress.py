"""A sign of life on stderr while something takes longer than a second."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .terminal import is_coloured

__all__ = ["working"]

_PATIENCE = 1.0


@contextmanager
def working(what: str) -> Iterator[None]:
    """Shows ``what`` with a moving sign while the block runs, where stderr is a terminal."""
    if not is_coloured(sys.stderr):
        yield
        return
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(what, done), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _watch(what: str, done: threading.Event) -> None:
    if done.wait(_PATIENCE):
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        done.wait()
