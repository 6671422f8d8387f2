"""Text from data, made harmless: for terminals, and for programs that take a cell for a formula."""

from __future__ import annotations

import re

__all__ = ["clean", "clean_lines", "defuse"]

# Whole escape sequences (CSI, OSC and the like up to their end), so that no rest of them is shown.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]P^_X]|[\x9d\x90\x9e\x9f\x98])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]")
_BREAKS = re.compile(r"[\t\r\n\u2028\u2029]+")
# The characters with which spreadsheets begin a formula, and their full-width twins.
_FORMULA = tuple("=+-@＝＋－＠\t\r\n")


def clean(text: str) -> str:
    """Returns ``text`` on one line, without escape sequences, control and direction characters.

    >>> clean("a\\x1b[31mb\\nc")
    'ab c'
    """
    if text.isprintable():
        return text
    return _CONTROLS.sub("", _BREAKS.sub(" ", _ESCAPES.sub("", text)))


def clean_lines(text: str) -> str:
    """Returns ``text`` cleaned line by line."""
    return "\n".join(clean(line) for line in text.split("\n"))


def defuse(text: str) -> str:
    """Returns ``text`` so that a spreadsheet shows it: one that looks like a formula gets an apostrophe.

    >>> defuse("=1+1")
    "'=1+1"
    """
    harmless = _CONTROLS.sub("", _ESCAPES.sub("", text)) if not text.isprintable() else text
    return f"'{harmless}" if text.startswith(_FORMULA) or harmless.startswith(_FORMULA) else harmless
