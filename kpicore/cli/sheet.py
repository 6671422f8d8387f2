"""Tables for people: styled for a terminal, plain aligned text for a pipe."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from kpicore.plain import clean

from .terminal import is_coloured, width

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Sheet", "render", "show"]

_GAP = 2
_WORD = 28
_HEADER = 12
_MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table to be shown.

    ``numbers`` are the positions of columns that are set to the right, ``droppable`` of those that are
    left out where they are empty. Headers that are all empty are not shown. ``note`` stands below. Of
    more than a thousand rows the first are shown, and how many there are.
    """

    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int] = field(default_factory=frozenset)
    droppable: frozenset[int] = field(default_factory=frozenset)
    title: str = ""
    note: str = ""

    def cleaned(self) -> Sheet:
        """Returns the sheet with text that cannot steer a terminal, without its empty columns."""
        kept = [
            i for i in range(len(self.headers)) if i not in self.droppable or any(row[i] for row in self.rows)
        ]
        more = len(self.rows) - _MOST
        cut = f"... and {more} more rows; --format csv or json gives all" if more > 0 else ""
        return Sheet(
            headers=[clean(self.headers[i]) for i in kept],
            rows=[[clean(row[i]) for i in kept] for row in self.rows[:_MOST]],
            numbers=frozenset(kept.index(i) for i in self.numbers if i in kept),
            title=clean(self.title),
            note="\n".join(filter(None, (cut, clean(self.note)))),
        )


def show(sheets: Sequence[Sheet], stream: TextIO) -> None:
    """Writes the sheets to ``stream``, in colour where it takes it."""
    stream.write(render(sheets, columns=width(), coloured=is_coloured(stream)))


def render(sheets: Sequence[Sheet], *, columns: int, coloured: bool) -> str:
    """Returns the text of the sheets, wrapped to ``columns``; wide characters count as two.

    Numbers are never wrapped: a table that cannot be narrower is wider than ``columns``.
    """
    from rich.console import Console

    texts = []
    for sheet in sheets:
        sheet = sheet.cleaned()
        widths = _widths(sheet, columns)
        buffer = io.StringIO()
        console = Console(
            file=buffer,
            width=max(columns, sum(widths) + _GAP * len(widths)),
            force_terminal=coloured,
            color_system="standard" if coloured else None,
            no_color=not coloured,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )
        _print(console, sheet, widths, coloured)
        texts.append("".join(f"{line.rstrip()}\n" for line in buffer.getvalue().splitlines()))
    return "\n".join(texts)


def _widths(sheet: Sheet, columns: int) -> list[int]:
    """Returns the widths of the columns: as they want to be, else wide headers give way, then wide cells."""
    from rich.cells import cell_len

    wanted, least, filled = [], [], []
    for i, header in enumerate(sheet.headers):
        cells = [row[i] for row in sheet.rows]
        words = max((cell_len(word) for word in header.split()), default=0)
        longest = max((cell_len(cell) for cell in cells), default=0)
        wanted.append(max(cell_len(header), longest))
        filled.append(longest)
        if i in sheet.numbers:
            least.append(max(longest, words))
        else:
            unbroken = max((cell_len(word) for cell in cells for word in cell.split()), default=0)
            least.append(max(min(unbroken, _WORD), min(words, _HEADER)))
    widths = list(wanted)
    excess = sum(widths) + _GAP * (len(widths) - 1) - columns
    while excess > 0:
        able = [i for i in range(len(widths)) if widths[i] > least[i]]
        if not able:
            break
        widths[max(able, key=lambda i: (widths[i] > filled[i], widths[i]))] -= 1
        excess -= 1
    return widths


def _print(console: Console, sheet: Sheet, widths: Sequence[int], coloured: bool) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    style = "bold" if coloured else ""
    if sheet.title:
        console.print(Text(sheet.title, style=style))
    table = Table(
        box=box.SIMPLE_HEAD if coloured else None,
        show_header=any(sheet.headers),
        show_edge=False,
        pad_edge=False,
        padding=(0, _GAP, 0, 0) if not coloured else (0, _GAP - 1, 0, 0),
        header_style=style,
    )
    for i, header in enumerate(sheet.headers):
        table.add_column(
            Text(header),
            width=widths[i],
            justify="right" if i in sheet.numbers else "left",
            overflow="fold",
        )
    for row in sheet.rows:
        table.add_row(*map(Text, row))
    console.print(table)
    if sheet.note:
        console.print(Text(sheet.note))
