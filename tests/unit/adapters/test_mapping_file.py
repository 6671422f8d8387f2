"""What a mapping may say, and how it is told what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpicore.adapters.mapping_file import load_mapping, parse_mapping, shipped_mappings
from kpicore.adapters.schemas import Schemas
from kpicore.errors import MappingError


def problems(text: str, schemas: Schemas) -> str:
    with pytest.raises(MappingError) as caught:
        parse_mapping(text, "m.toml", schemas)
    assert caught.value.exit_code == 2
    return "\n".join(caught.value.problems) or str(caught.value)


def feed(columns: str, *, table: str = "messages", file: str = "", more: str = "") -> str:
    return f'{file}\n[[files.feeds]]\ntable = "{table}"\n{more}\n[files.feeds.columns]\n{columns}\n'


BASE = 'contact_id = "id"\nat = "time"\nauthor = "who"\n'


def test_every_problem_comes_at_once_with_its_key(schemas: Schemas) -> None:
    text = problems(
        """
        zon = "UTC"
        zone = "Asia/Shangai"
        [[files]]
        mach = "*"
        encoding = "gb18031"
        delimiter = "||"
        [[files.feeds]]
        table = "mesages"
        [[files.feeds]]
        table = "messages"
        [files.feeds.columns]
        contact_id = { colum = "id" }
        at = { column = "t", format = "%Y-%q-%d" }
        author = { column = "who", values = { C = "costumer" }, otherwise = "unknown" }
        """,
        schemas,
    )
    for line in (
        "zon: unknown key; did you mean 'zone'?",
        "zone: there is no time zone 'Asia/Shangai'; did you mean 'Asia/Shanghai'?",
        "files[0].mach: unknown key; did you mean 'match'?",
        "files[0].encoding: found 'gb18031'; did you mean 'gb18030'?",
        "files[0].delimiter: found '||', expected one character",
        "files[0].feeds[0].table: 'mesages' is neither a canonical table nor a fact; did you mean",
        "files[0].feeds[1].columns.contact_id.colum: unknown key; did you mean 'column'?",
        "files[0].feeds[1].columns.contact_id: found none of column, join, constant and date",
        "files[0].feeds[1].columns.at.format: '%Y-%q-%d': %q is not known",
        "files[0].feeds[1].columns.author.values.C: 'costumer' is no author; did you mean 'customer'?",
        "files[0].feeds[1].columns.author.otherwise: 'unknown' is no author",
    ):
        assert line in text, line


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("x = [", "is no valid TOML"),
        ("", "files: is missing; write [[files]]"),
        ("files = 3", "files: found 3, expected a list"),
        ("files = [3]", "files[0]: found 3, expected a table"),
        ("[[files]]\n", "files[0].feeds: is missing"),
        (
            feed(BASE + 'boddy = "x"', file="[[files]]"),
            "columns.boddy: the table 'messages' has no such column",
        ),
        (
            feed('contact_id = "id"', file="[[files]]"),
            "files[0].feeds[0].columns: 'at' is missing (when it was sent)",
        ),
        (
            feed(BASE + "seq = 3", file="[[files]]"),
            "columns.seq: found 3, expected a column's name or a table",
        ),
        (feed(BASE + "seq = []", file="[[files]]"), "columns.seq: found an empty list"),
        (
            feed(BASE + 'seq = { column = "n", constant = 1 }', file="[[files]]"),
            "columns.seq: found column and constant of",
        ),
        (feed(BASE + 'seq = { column = "n", unit = "s" }', file="[[files]]"), "seq.unit: is for a duration"),
        (feed(BASE + 'seq = { column = "n", unit = "sec" }', file="[[files]]"), "seq.unit: found 'sec'"),
        (
            feed(BASE + 'seq = { column = "n", format = "date" }', file="[[files]]"),
            "seq.format: is for a time",
        ),
        (
            feed(BASE + 'seq = { column = "n", otherwise = 1 }', file="[[files]]"),
            "seq.otherwise: only values has",
        ),
        (
            feed(BASE + 'seq = { column = "n", separator = 1 }', file="[[files]]"),
            "separator: found 1, expected text",
        ),
        (
            feed(BASE + 'seq = { column = "n", separator = "-" }', file="[[files]]"),
            "separator: only join has a",
        ),
        (
            feed(BASE + 'seq = { column = "n", constant = [] }', file="[[files]]"),
            "constant: found [], expected text",
        ),
        (feed(BASE + 'seq = { column = "n", values = { a = [] } }', file="[[files]]"), "values.a: found []"),
        (
            feed('contact_id = "id"\nauthor = "who"\nat = { date = "d" }', file="[[files]]"),
            "at: date and time name two columns",
        ),
        (
            feed(
                'contact_id = "id"\nauthor = "who"\nat = { date = "d", time = "t", not_before = "began" }',
                file="[[files]]",
            ),
            "at.not_before: 'began' is no defined time",
        ),
        (
            feed(
                'contact_id = "id"\nauthor = "who"\nat = { column = "t", not_before = "x" }', file="[[files]]"
            ),
            "not_before: only a time made of date and time",
        ),
        (
            feed(BASE, file="[[files]]\ndefine = { a = 'b', b = ['x', 'a'] }"),
            "files[0].define.a: needs itself",
        ),
        (feed(BASE, file="[[files]]", more="dimensions = { x = 'y' }"), "keeps no dimensions"),
        (
            feed(
                'contact_id = "id"', table="contacts", file="[[files]]", more="dimensions = { queue = 'y' }"
            ),
            "dimensions.queue: is a column of 'contacts'; it belongs under files[0].feeds[0].columns",
        ),
        (
            feed('contact_id = "id"\npriority = "p"', table="contacts", file="[[files]]"),
            "belongs under files[0].feeds[0].dimensions",
        ),
        (feed(BASE, file="[[files]]\nexclude = [{ reason = 'x' }]"), "exclude[0].where: is missing"),
        (feed(BASE, file="[[files]]\nexclude = [{ where = { a = 1 } }]"), "exclude[0].reason: is missing"),
        (feed(BASE, file="[[files]]", more="when = {}"), "when: found {}, expected columns"),
        (feed(BASE, file="[[files]]", more="when = 3"), "when: found 3, expected columns"),
        (
            feed(BASE, file="[[files]]", more="when = { a = { belw = 3 } }"),
            "when.a.belw: unknown key; did you mean",
        ),
        (
            feed(BASE, file="[[files]]", more="when = { a = { below = 'x' } }"),
            "a.below: found 'x', expected a number",
        ),
        (
            feed(BASE, file="[[files]]", more="when = { a = { null = 'x' } }"),
            "a.null: found 'x', expected true",
        ),
        (
            feed(BASE, file="[[files]]", more="when = { a = { in = 'x' } }"),
            "a.in: found 'x', expected a list",
        ),
        (
            feed(BASE, file="[[files]]", more="when = { a = { equals = [] } }"),
            "a.equals: found [], expected a value",
        ),
        (feed(BASE, file="[[files]]", more="when = { a = [] }"), "when.a: found [], expected a value"),
        (feed(BASE, file="[[files]]", more="when = { '状态' = [[]] }"), 'when."状态": found [[]]'),
    ],
)
def test_problems(text: str, found: str, schemas: Schemas) -> None:
    assert found in problems(text, schemas)


@pytest.mark.parametrize(
    ("format", "found"),
    [
        ("%H:%M", "must give year, month and day"),
        ("%Y-%m-%d %I:%M", "needs both %I and %p"),
        ("%Y-%Y-%m-%d", "names a directive twice"),
        ("%Y-%m-%d %", "% is not known"),
    ],
)
def test_formats_that_cannot_be_read(format: str, found: str, schemas: Schemas) -> None:
    columns = f'contact_id = "id"\nauthor = "who"\nat = {{ column = "t", format = "{format}" }}'
    assert found in problems(feed(columns, file="[[files]]"), schemas)


def test_mappings_are_found_by_path_and_by_name(tmp_path: Path, schemas: Schemas) -> None:
    assert "bank_calls" in shipped_mappings()
    for name in shipped_mappings():
        mapping = load_mapping(name, schemas)
        assert mapping.name == name
        assert mapping.doc
    with pytest.raises(
        MappingError, match=r"there is no mapping 'bank_cals'\nhint: .*did you mean 'bank_calls'"
    ):
        load_mapping("bank_cals", schemas)
    broken = tmp_path / "m.toml"
    broken.write_bytes("doc = '客服'".encode("gb18030"))
    with pytest.raises(MappingError, match="is not UTF-8"):
        load_mapping(broken, schemas)
