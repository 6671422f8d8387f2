"""A bank's call centre through its shipped mapping, against figures that others published."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kpicore.adapters import open_log
from kpicore.facts.schemas import SEGMENTS, VISITS
from kpicore.plugin.manager import load_plugins
from kpicore.tables import Log

# T. W. Miller, Modeling Techniques in Predictive Analytics, ch. 6: calls per hour of the Wednesdays.
WEDNESDAYS = (
    "6.75 1.75 1.25 0 .5 .25 4.75 39.5 97.25 107.5 124 110.25 "
    "95.5 203.5 115.75 115.5 67.75 75 88.75 85.5 68 61.5 57.5 44.25"
)
HOME = ZoneInfo("Asia/Jerusalem")


@pytest.fixture(scope="module")
def rows(shared_data: Path) -> list[dict[str, str]]:
    with gzip.open(shared_data / "bank_calls" / "1999-02.tsv.gz", "rt", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@pytest.fixture(scope="module")
def log(shared_data: Path) -> Log:
    return open_log(
        shared_data / "bank_calls",
        mapping="bank_calls",
        plugins=load_plugins(third_party=False),
        facts={"visits": VISITS, "segments": SEGMENTS},
    )


def kept(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [row for row in rows if row["outcome"] != "PHANTOM" and int(row["vru_time"]) >= 0]


def test_arrivals_per_hour_of_wednesdays(log: Log) -> None:
    opened = [moment.astimezone(HOME) for moment in log.tables["contacts"]["opened_at"].to_pylist()]
    wednesdays = [moment for moment in opened if moment.isoweekday() == 3]
    assert len({moment.date() for moment in wednesdays}) == 4
    counts = Counter(moment.hour for moment in wednesdays)
    assert [counts[hour] / 4 for hour in range(24)] == [float(mean) for mean in WEDNESDAYS.split()]


def test_every_row_is_accounted_for_in_every_table(log: Log) -> None:
    assert {key: account.rows_in for key, account in log.ledger.tallies.items()} == {
        ("1999-02.tsv.gz", table): 33_344 for table in ("contacts", "visits", "segments")
    }
    log.ledger.check()
    phantom = {"phantom": 278, "negative_vru_time": 23}
    assert log.ledger.rows("excluded", table="contacts") == phantom
    assert log.ledger.rows("excluded", table="visits") == phantom
    assert log.ledger.rows("excluded", table="segments") == phantom | {
        "no_service": 5_855,
        "zero_service": 35,
    }
    assert log.ledger.rows("rejected") == {}
    assert log.ledger.rows("note") == {}


def test_identities_are_unique(log: Log) -> None:
    contacts = log.tables["contacts"]["contact_id"]
    assert len(contacts.unique()) == len(contacts) == 33_043


def test_waits_are_those_of_the_file(log: Log, rows: list[dict[str, str]]) -> None:
    visits = log.tables["visits"]
    expected = {f"{row['vru+line']}-{row['call_id']}": int(row["q_time"]) * 10**6 for row in kept(rows)}
    found = dict(zip(visits["contact_id"].to_pylist(), visits["wait"].to_pylist(), strict=True))
    assert found == expected
    stays = zip(visits["entered_at"].to_pylist(), visits["left_at"].to_pylist(), strict=True)
    lengths = [(left - entered).total_seconds() * 10**6 for entered, left in stays]
    assert lengths == visits["wait"].to_pylist()


def test_talk_is_the_service_of_the_file(log: Log, rows: list[dict[str, str]]) -> None:
    segments = log.tables["segments"]
    expected = {
        f"{row['vru+line']}-{row['call_id']}": int(row["ser_time"])
        for row in kept(rows)
        if int(row["ser_time"])
    }
    unknown = sum(row["server"] == "NO_SERVER" and row["ser_time"] != "0" for row in kept(rows))
    assert segments["agent_id"].null_count == unknown > 0
    spans = zip(segments["start"].to_pylist(), segments["end"].to_pylist(), strict=True)
    lengths = [int((end - start).total_seconds()) for start, end in spans]
    assert dict(zip(segments["contact_id"].to_pylist(), lengths, strict=True)) == expected


def test_outcomes(log: Log) -> None:
    outcomes = Counter(log.tables["visits"]["outcome"].to_pylist())
    assert set(outcomes) == {"answered", "abandoned"}
    assert round(100 * outcomes["abandoned"] / outcomes.total(), 1) == 17.9


def test_midnight(log: Log) -> None:
    visits = {row["contact_id"]: row for row in log.tables["visits"].to_pylist()}
    queued_at_midnight = visits["AA0102-31056"]
    assert str(queued_at_midnight["entered_at"].astimezone(HOME)) == "1999-02-16 00:00:00+02:00"
    assert str(queued_at_midnight["left_at"].astimezone(HOME)) == "1999-02-16 00:00:27+02:00"
    spans = [
        (row["start"].astimezone(HOME).date(), row["end"].astimezone(HOME).date())
        for row in log.tables["segments"].to_pylist()
    ]
    assert sum(start < end for start, end in spans) == 16


def test_what_the_tables_hold(log: Log) -> None:
    contacts = log.tables["contacts"]
    assert contacts.column_names[-2:] == ["priority", "type"]
    assert contacts["customer_id"].null_count == sum(
        1 for row in contacts.to_pylist() if row["customer_id"] is None
    )
    assert "0" not in set(contacts["customer_id"].to_pylist())
    assert set(contacts["direction"].to_pylist()) == {"inbound"}
    assert "NO_SERVER" not in set(log.tables["visits"]["agent_id"].to_pylist())
    assert log.zone == "Asia/Jerusalem"
    (source,) = log.sources
    assert (source.size, source.adapter, len(source.sha256)) == (875_104, "bank_calls", 64)
