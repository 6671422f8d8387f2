"""Tables for people: styled for a terminal, plain aligned text for a pipe."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from .plain import clean
from .terminal import is_coloured, width

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Sheet", "render", "show"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table to be shown: headers, rows of text, and which columns hold numbers."""

    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int] = frozenset()
    title: str = ""


def show(sheets: Sequence[Sheet], stream: TextIO) -> None:
    """Writes the sheets to ``stream``, in colour where it takes it."""
    stream.write(render(sheets, columns=width(), coloured=is_coloured(stream)))


def render(sheets: Sequence[Sheet], *, columns: int, coloured: bool) -> str:
    """Returns the text of the sheets, wrapped to ``columns``; wide characters count as two.

    Text from data is cleaned first, and never read as markup.
    """
    from rich.console import Console

    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=columns,
        force_terminal=coloured,
        color_system="standard" if coloured else None,
        no_color=not coloured,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    for number, sheet in enumerate(sheets):
        if number:
            console.print()
        _print(console, sheet, coloured)
    lines = (line.rstrip() for line in buffer.getvalue().split("\n"))
    return "\n".join(lines)


def _print(console: Console, sheet: Sheet, coloured: bool) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    if sheet.title:
        console.print(Text(clean(sheet.title), style="bold" if coloured else ""))
    table = Table(
        box=box.SIMPLE_HEAD if coloured else None,
        show_edge=False,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        header_style="bold" if coloured else "",
    )
    for index, header in enumerate(sheet.headers):
        right = index in sheet.numbers
        table.add_column(
            Text(clean(header)),
            justify="right" if right else "left",
            no_wrap=right,
            overflow="fold",
        )
    for row in sheet.rows:
        table.add_row(*(Text(clean(cell)) for cell in row))
    console.print(table)
