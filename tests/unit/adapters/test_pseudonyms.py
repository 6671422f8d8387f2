"""Pseudonyms: nobody's name is left, figures are the same, and a run can be made again with the key."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import kpicore
from kpicore.adapters.pseudonyms import key_mark, pseudonym
from kpicore.cli import main
from kpicore.errors import SourceNotFoundError, UsageError, VerificationError
from kpicore.plugin import TABLES, Kind
from kpicore.plugin.manager import load_plugins
from kpicore.runs import explain, replay
from kpicore.testing import generate_log

PLUGINS = load_plugins(third_party=False)
KEY = b"0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    return generate_log(agents=3, days=2, zone="UTC")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_bytes(KEY + b"\n")
    return path


def persons(tables: dict[str, pa.Table]) -> set[str]:
    """Returns every id of a person, and every name, that a log holds."""
    return {
        str(value)
        for name, table in tables.items()
        for column in TABLES[name].columns
        if column.name in table.column_names
        and (column.kind is Kind.TEXT or column.domain in ("agent", "customer", "account", "visitor"))
        for value in table.column(column.name).to_pylist()
        if value is not None
    }


def test_a_pseudonym_is_an_hmac_of_domain_and_value() -> None:
    by_hand = hmac.new(KEY, "agent\0李雷".encode(), hashlib.sha256).hexdigest()
    assert pseudonym(KEY, "agent", "李雷") == by_hand[:20]
    assert pseudonym(KEY, "customer", "李雷") != by_hand[:20]


def test_nobody_is_named_and_figures_are_the_same(tables: dict[str, pa.Table], key: Path) -> None:
    plain = kpicore.open(tables, zone="UTC", plugins=PLUGINS)
    hidden = kpicore.open(tables, zone="UTC", plugins=PLUGINS, pseudonyms=key)
    everybody = persons(tables)
    assert len(everybody) > 10
    plain_columns = [
        column
        for table in hidden.tables.values()
        for column in table.columns
        if not pa.types.is_list(column.type)
    ]
    for column in plain_columns:
        assert not everybody & set(column.cast(pa.string()).to_pylist())
    asked = ((["average_handle_time", "work_rate"], ["agent"]), (["customers_received"], ["team"]))
    for metrics, by in asked:
        before = kpicore.measure(plain, metrics, by, plugins=PLUGINS).rows()
        after = kpicore.measure(hidden, metrics, by, plugins=PLUGINS).rows()
        for row in before:
            if "agent" in row:
                row["agent"] = pseudonym(KEY, "agent", str(row["agent"]))
        assert sorted(map(str, before)) == sorted(map(str, after))


def test_whole_numbers_are_hidden_as_their_text(key: Path) -> None:
    rows = pa.table({"contact_id": [1, 2], "agent_id": [17, None], "customer_id": [5, 5]})
    rows = rows.append_column("opened_at", pa.array([0, 1], pa.timestamp("us", "UTC")))
    found = kpicore.open({"contacts": rows}, plugins=PLUGINS, pseudonyms=key).tables["contacts"].to_pylist()
    assert [row["agent_id"] for row in found] == [pseudonym(KEY, "agent", "17"), None]
    assert {row["customer_id"] for row in found} == {pseudonym(KEY, "customer", "5")}
    assert [row["contact_id"] for row in found] == [1, 2]


def test_a_run_with_pseudonyms_is_made_again_with_the_key_alone(
    tables: dict[str, pa.Table], key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "log"
    folder.mkdir()
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    log = kpicore.open(folder, zone="UTC", plugins=PLUGINS, pseudonyms=key)
    card = kpicore.scorecard("call_agent", plugins=PLUGINS)
    made = kpicore.score(log, card, period="2026-10", root=tmp_path / "runs", plugins=PLUGINS)
    assert made.run is not None
    content = b"".join(path.read_bytes() for path in made.run.path.iterdir())
    assert KEY not in content
    assert made.run.manifest.provenance.reading is not None
    assert made.run.manifest.provenance.reading.key_mark == key_mark(KEY)
    assert replay(made.run, PLUGINS).same
    assert explain(made.run, pseudonym(KEY, "agent", "a01"), PLUGINS).lines
    asked = ["measure", str(folder), "-m", "average_handle_time", "--by", "agent"]
    assert main([*asked, "--pseudonyms", str(key)]) == 0
    assert pseudonym(KEY, "agent", "a01") in capsys.readouterr().out
    key.write_bytes(KEY[::-1])
    with pytest.raises(VerificationError, match="is not what it was") as caught:
        replay(made.run, PLUGINS)
    assert "holds another key" in caught.value.problems[0]
    key.unlink()
    with pytest.raises(SourceNotFoundError, match="no key file"):
        replay(made.run, PLUGINS)


def test_a_key_that_is_too_short_is_refused(tables: dict[str, pa.Table], key: Path) -> None:
    key.write_bytes(b"secret")
    with pytest.raises(UsageError, match="the key has 6 bytes, at least 16"):
        kpicore.open(tables, plugins=PLUGINS, pseudonyms=key)
