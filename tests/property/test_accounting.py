"""Every row of every source is used, excluded or rejected, once, for the reason that a slow reader finds."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from kpicore.adapters import open_log
from kpicore.facts.schemas import SEGMENTS
from kpicore.plugin import TABLES
from kpicore.plugin.manager import load_plugins
from kpicore.tables import Ledger, normalise

PLUGINS = load_plugins(third_party=False)
COLUMNS = ("id", "began", "ended", "who", "kind", "n")
TIMES = {"2026-10-01 08:00:00": 0, "2026-10-01 08:00:05": 5, "2026-10-01 07:59:59": -1}
ROW = st.tuples(
    st.sampled_from(["1", "2", "", "NOBODY"]),
    st.sampled_from([*TIMES, "", "soon", "2026-02-30 08:00:00"]),
    st.sampled_from([*TIMES, "", "?"]),
    st.sampled_from(["ann", "NOBODY", "", "test"]),
    st.sampled_from(["T", "R", "X", ""]),
    st.sampled_from(["1", "-1", "", "many"]),
)
GOOD = ("1", "2026-10-01 08:00:00", "2026-10-01 08:00:05", "ann", "T", "1")
MAPPING = """
zone = "UTC"
[[files]]
null = ["NOBODY"]
exclude = [
  { reason = "test", where = { who = "test" } },
  { reason = "negative", where = { n = { below = 0 } } },
]
[[files.feeds]]
table = "segments"
when = { kind = { null = false } }
exclude = [{ reason = "many", where = { n = "many" } }]
[files.feeds.columns]
contact_id = "id"
agent_id = "who"
kind = { column = "kind", values = { T = "talk", R = "ring" } }
start = "began"
end = "ended"

[[files.feeds]]
table = "contacts"
[files.feeds.columns]
contact_id = "id"
closed_at = "ended"
reopens = "n"
"""


def judged_segment(row: tuple[str, ...]) -> tuple[str, str]:
    """Returns the status of a row for the table segments, and the reason."""
    identity, began, ended, who, kind, n = row
    checks = [
        (who == "test", "excluded", "test"),
        (n == "-1", "excluded", "negative"),
        (kind == "", "excluded", "not_applicable"),
        (n == "many", "excluded", "many"),
        (began not in TIMES and began != "", "rejected", "unparsable:start"),
        (ended not in TIMES and ended != "", "rejected", "unparsable:end"),
        (kind == "X", "rejected", "unknown:kind"),
        (identity in ("", "NOBODY"), "rejected", "null:contact_id"),
        (began == "", "rejected", "null:start"),
        (ended == "", "rejected", "null:end"),
        (TIMES.get(ended, 0) < TIMES.get(began, 0), "rejected", "reversed"),
    ]
    return next(((status, reason) for holds, status, reason in checks if holds), ("used", ""))


def judged_contact(row: tuple[str, ...]) -> tuple[str, str]:
    """Returns the status of a row for the table contacts, and the reason."""
    identity, _, ended, who, _, n = row
    checks = [
        (who == "test", "excluded", "test"),
        (n == "-1", "excluded", "negative"),
        (ended == "?", "rejected", "unparsable:closed_at"),
        (n == "many", "rejected", "unparsable:reopens"),
        (identity in ("", "NOBODY"), "rejected", "null:contact_id"),
    ]
    return next(((status, reason) for holds, status, reason in checks if holds), ("used", ""))


@settings(max_examples=80, derandomize=True, deadline=None)
@given(st.lists(ROW, max_size=12), st.integers(0, 12))
def test_a_mapped_file_against_a_slow_reader(rows: list[tuple[str, ...]], place: int) -> None:
    rows = [*rows[:place], GOOD, *rows[place:]]
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *rows])
    with TemporaryDirectory() as folder:
        data, mapping = Path(folder, "log.csv"), Path(folder, "m.toml")
        data.write_text(text.getvalue())
        mapping.write_text(MAPPING)
        log = open_log(data, mapping=mapping, plugins=PLUGINS, facts={"segments": SEGMENTS})
    log.ledger.check()
    for table, judge in (("segments", judged_segment), ("contacts", judged_contact)):
        tally = log.ledger.tallies["log.csv", table]
        verdicts = [judge(row) for row in rows]
        found = Counter({("used", ""): tally.used} if tally.used else {})
        found.update({("excluded", reason): n for reason, n in tally.excluded.items()})
        found.update({("rejected", reason): n for reason, n in tally.rejected.items()})
        assert found == Counter(verdicts)
        assert tally.rows_in == len(rows)
        assert log.tables[table].num_rows == tally.used
        assert sorted((row, reason) for row, reason, _, _ in tally.samples) == sorted(
            (number, reason) for number, (status, reason) in enumerate(verdicts, 1) if status != "used"
        )


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["ann", "bob", None]),
            st.integers(-1, 3) | st.none(),
            st.sampled_from(["available", "dancing", None]),
            st.sampled_from(["presence", "?", None]),
        ),
        max_size=20,
    ),
    st.integers(1, 7),
    st.booleans(),
)
def test_a_table_in_memory_in_any_chunks(
    rows: list[tuple[str | None, int | None, str | None, str | None]], size: int, coded: bool
) -> None:
    kinds = (pa.string(), pa.timestamp("us", "UTC"), pa.string(), pa.string())
    names = ("agent_id", "at", "state", "track")
    columns = [[row[i] for row in rows] for i in range(4)]
    whole = pa.table({n: pa.array(c, k) for n, c, k in zip(names, columns, kinds, strict=True)})
    if coded:
        whole = pa.table(
            {n: c.dictionary_encode() if n != "at" else c for n, c in zip(names, whole.columns, strict=True)}
        )
    pieces = [whole.slice(start, size) for start in range(0, len(rows), size)] or [whole]
    result = normalise(pa.concat_tables(pieces), TABLES["agent_states"], source="log")
    good = [
        row
        for row in rows
        if row[0] is not None and row[1] is not None and row[2] == "available" and row[3] != "?"
    ]
    assert [row["agent_id"] for row in result.table.to_pylist()] == [row[0] for row in good]
    ledger = Ledger()
    ledger.add("log", "agent_states", result.tally)
    ledger.check()
    assert result.tally.rows_in == len(rows)
    assert result.tally.rejected.total() == len(rows) - len(good)
