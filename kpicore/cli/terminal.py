"""What the other end of a stream is."""

from __future__ import annotations

import os
import shutil
from typing import TextIO

__all__ = ["is_coloured", "width"]


def is_coloured(stream: TextIO) -> bool:
    """Whether ``stream`` is a terminal that may be sent colours: NO_COLOR and TERM=dumb say no."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width() -> int:
    """Returns the columns of the terminal: COLUMNS where it is set, 80 where there is none."""
    return max(shutil.get_terminal_size((80, 24)).columns, 20)
