"""``kpicore reference``: pages that say what a metric is, with an example that was carried out."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner

from kpicore.cli.app import app
from kpicore.plugin.manager import load_plugins

METRICS = load_plugins(third_party=False).metrics


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages in both languages, for a log with nothing but a few contacts."""
    import pyarrow.parquet as pq

    folder = tmp_path_factory.mktemp("reference")
    opened = pa.array([1_790_000_000_000_000, 1_790_000_060_000_000], pa.timestamp("us", "UTC"))
    contacts = pa.table({"contact_id": ["c1", "c2"], "opened_at": opened, "channel": ["chat", "voice"]})
    pq.write_table(contacts, folder / "contacts.parquet")
    for lang in ("en", "zh"):
        arguments = ["--no-plugins", "reference", str(folder), "-o", str(folder / lang), "--lang", lang]
        done = CliRunner().invoke(app, arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output
    return folder


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_metric_has_a_page_that_the_index_links(pages: Path, lang: str) -> None:
    written = {path.stem for path in (pages / lang).glob("*.md")}
    assert written == {*METRICS, "README"}
    index = (pages / lang / "README.md").read_text("utf-8")
    assert all(f"[{name}]({name}.md)" in index for name in METRICS)


def test_a_page_says_what_it_takes_who_counts_so_and_what_comes_out(pages: Path) -> None:
    page = (pages / "en" / "ticket_volume.md").read_text("utf-8")
    assert f"$ kpicore measure {pages} -m ticket_volume --zone UTC --by channel\n" in page
    assert "chat" in page.split("## Example")[1]
    assert "`service_level@cisco_positive`" in (pages / "en" / "service_level.md").read_text("utf-8")


def test_what_the_log_lacks_is_told_in_the_example(pages: Path) -> None:
    example = (pages / "en" / "occupancy.md").read_text("utf-8").split("## Example")[1]
    assert "error: there is no table" in example


def test_chinese_pages_speak_chinese(pages: Path) -> None:
    page = (pages / "zh" / "sessions_per_hour.md").read_text("utf-8")
    assert "| 目标 | 20 - 30 个会话/小时 |" in page
    assert "影响因素：可接待" in page
