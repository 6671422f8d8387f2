"""Tables for people fit the screen, whatever the data hold."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from kpicore.cli.sheet import Sheet, render
from kpicore.plain import clean, clean_lines, defuse


def plain(*sheets: Sheet, columns: int = 80) -> str:
    return render(sheets, columns=columns, coloured=False)


def test_columns_line_up_with_wide_characters() -> None:
    sheet = Sheet(
        headers=["坐席", "Total", "Note"],
        rows=[["王芳", "91.5", "x"], ["Emma", "8.25", "y"], ["Zoë", "-", "z"]],
        numbers=frozenset({1}),
    )
    assert plain(sheet) == (
        "坐席  Total  Note\n"
        "王芳   91.5  x\n"
        "Emma   8.25  y\n"
        "Zoë       -  z\n"
    )  # fmt: skip


def test_long_text_is_wrapped_and_nothing_is_lost() -> None:
    words = [f"word{i}" for i in range(60)]
    text = plain(Sheet(headers=["Name", "Meaning"], rows=[["服务水平" * 8, " ".join(words)]]))
    assert max(map(cell_len, text.splitlines())) <= 80
    assert all(word in text for word in words)
    assert text.count("服") + text.count("水") == 16


def test_headers_give_way_before_cells_and_numbers_never() -> None:
    numbers = [f"{n}.25" for n in range(5)]
    sheet = Sheet(
        headers=["Name", *["A header of several words"] * 5],
        rows=[["Somebody with a name", *numbers]],
        numbers=frozenset(range(1, 6)),
    )
    *_, row = plain(sheet).splitlines()
    assert row.split("  ")[0] == "Somebody with a name"
    narrow = plain(sheet, columns=30)
    assert all(number in narrow for number in numbers)


def test_empty_columns_can_be_left_out() -> None:
    sheet = Sheet(
        headers=["a", "Note", "n"], rows=[["x", "", "1"]], numbers=frozenset({2}), droppable=frozenset({1})
    )
    assert plain(sheet) == "a  n\nx  1\n"


def test_several_sheets_stand_apart() -> None:
    sheet = Sheet(title="A title", headers=["a"], rows=[["1"]], note="* a note")
    assert plain(sheet, sheet) == "A title\na\n1\n* a note\n\nA title\na\n1\n* a note\n"


def test_nobody_reads_more_than_a_thousand_rows() -> None:
    text = plain(Sheet(headers=["n"], rows=[[str(n)] for n in range(1003)], note="* a note"))
    assert text.splitlines()[1000:] == [
        "999",
        "... and 3 more rows; --format csv or json gives all",
        "* a note",
    ]


def test_an_empty_sheet_shows_its_headers() -> None:
    assert plain(Sheet(headers=["Run", "Made"], rows=[])) == "Run  Made\n"


def test_data_are_neither_markup_nor_commands() -> None:
    text = plain(Sheet(headers=["x"], rows=[["[red]a[/red] :smile: \x1b[31mb\x1b[0m\x07\nc"]]))
    assert text == "x\n[red]a[/red] :smile: b c\n"


def test_colour_is_style_only() -> None:
    sheet = Sheet(headers=["agent", "n"], rows=[["a", "12"]], numbers=frozenset({1}))
    coloured = render([sheet], columns=80, coloured=True)
    assert "\x1b[1m" in coloured
    assert {"agent", "n", "a", "12"} <= set(clean_lines(coloured).split())


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("\x1b]0;title\x07a", "a"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b[2J\x1b[1;1Hb", "b"),
        ("\x9b31mc", "c"),
        ("a\u202eb\u2066c", "abc"),
        ("a\r\n\tb", "a b"),
        ("张伟 é", "张伟 é"),
        ("\x1b", ""),
        ("x\x00\x08y", "xy"),
    ],
)
def test_what_could_steer_a_terminal_is_removed(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.text(st.sampled_from("\x1b[]0;31mHPX^_\\\x07\x9b\x9c\x9d\x00a张\u202e\n ")))
def test_no_control_character_survives(text: str) -> None:
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 or c == "\u202e" for c in clean(text))


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "\u200e=1", "\x1b[m=1"]
)
def test_formulas_are_defused(text: str) -> None:
    assert defuse(text).startswith("'")


@pytest.mark.parametrize("text", ["agent-1", "a=b", "", "1.5", "王芳", "two\nlines"])
def test_other_text_is_left_alone(text: str) -> None:
    assert defuse(text) in (text, text.replace("\n", ""))
