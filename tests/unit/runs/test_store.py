"""A run is published whole or not at all, and proves later that it was not changed."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from kpicore.errors import SourceNotFoundError, StorageError, VerificationError
from kpicore.runs import (
    Definition,
    InputFile,
    Provenance,
    content_hash,
    keep,
    list_runs,
    open_run,
    publish,
    verify,
)

AT = datetime(2026, 10, 31, 16, 0, 5, tzinfo=UTC)
PROVENANCE = Provenance(
    inputs=(InputFile(name="通话.csv", size=12, sha256="ab" * 32, adapter="csv"),),
    definitions=(
        Definition(
            request="service_level[within=30s]",
            metric="service_level",
            parameters={"within": "30s"},
            fingerprint="cd" * 32,
        ),
    ),
    plugins={"kpicore-example": "1.2"},
    arguments={"zone": "Asia/Shanghai", "period": "day"},
    card_fingerprint="ef" * 32,
)
CARD = 'id = "card"\nowner = "王芳"\n'


@pytest.fixture
def tables() -> dict[str, pa.Table]:
    return {
        "values": pa.table({"agent": ["a", "b"], "value": [1.5, None]}),
        "scores": pa.table({"agent": ["a", "b"], "rank": [1, 2]}),
        "ledger": pa.table({"source": ["通话.csv"], "rows": [2]}),
    }


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []


def test_what_was_kept_comes_back(tmp_path: Path, tables: dict[str, pa.Table]) -> None:
    run = keep(tmp_path / "new" / "runs", provenance=PROVENANCE, tables=tables, card=CARD, created_at=AT)
    content = content_hash({"values": tables["values"], "scores": tables["scores"]})
    assert run.id == f"20261031-160005-{content[:8]}"
    assert names(run.path) == [
        "card.toml",
        "ledger.parquet",
        "manifest.json",
        "manifest.sha256",
        "scores.parquet",
        "values.parquet",
    ]
    again = open_run(run.path)
    assert again == run
    assert again.manifest.provenance == PROVENANCE
    assert again.manifest.created == AT
    assert again.manifest.content_hash == content
    assert {"kpicore", "python", "pyarrow", "tzdata"} <= set(again.manifest.versions)
    assert again.manifest.files["values.parquet"].rows == 2
    assert again.card == CARD
    assert {name: again.table(name) for name in again.tables} == tables
    assert verify(run.path) == run


def test_a_run_without_a_card(tmp_path: Path, tables: dict[str, pa.Table]) -> None:
    assert keep(tmp_path, provenance=Provenance(), tables=tables).card is None


def test_the_same_twice_in_a_second(tmp_path: Path, tables: dict[str, pa.Table]) -> None:
    one, two = (keep(tmp_path, provenance=PROVENANCE, tables=tables) for _ in range(2))
    assert one.manifest.created < two.manifest.created
    assert one.manifest.content_hash == two.manifest.content_hash


def test_the_ledger_is_not_content(tmp_path: Path, tables: dict[str, pa.Table]) -> None:
    one = keep(tmp_path / "1", provenance=PROVENANCE, tables=tables)
    other = tables | {"ledger": pa.table({"source": ["elsewhere.csv"], "rows": [2]})}
    two = keep(tmp_path / "2", provenance=PROVENANCE, tables=other)
    assert one.manifest.content_hash == two.manifest.content_hash


@pytest.mark.parametrize("occupant", ["file", "empty folder", "run", "dangling link"])
def test_an_existing_target_is_never_overwritten(
    occupant: str, tmp_path: Path, tables: dict[str, pa.Table]
) -> None:
    target = tmp_path / "run"
    match occupant:
        case "file":
            target.write_text("mine")
        case "empty folder":
            target.mkdir()
        case "dangling link":
            target.symlink_to("nowhere")
        case _:
            publish(target, provenance=PROVENANCE, tables=tables)
    before = (target.lstat(), names(target))
    with pytest.raises(StorageError, match="never overwritten"):
        publish(target, provenance=PROVENANCE, tables=tables)
    assert (target.lstat(), names(target)) == before
    assert names(tmp_path) == ["run"]


def test_every_file_and_folder_is_synced_before_it_is_shown(
    tmp_path: Path, tables: dict[str, pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    target, synced, real = tmp_path / "run", [], os.fsync

    def fsync(descriptor: int) -> None:
        name = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        synced.append(
            (name.name if name != name.parent and "staging" not in name.name else "staging", target.exists())
        )
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    publish(target, provenance=PROVENANCE, tables=tables, card=CARD)
    files = ["ledger.parquet", "scores.parquet", "values.parquet", "card.toml"]
    files += ["manifest.sha256", "manifest.json", "staging"]
    assert synced == [*((name, False) for name in files), (tmp_path.name, True)]


@pytest.mark.parametrize("failing", range(7))
def test_an_error_of_fsync_aborts(
    failing: int, tmp_path: Path, tables: dict[str, pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, real = iter(range(100)), os.fsync

    def fsync(descriptor: int) -> None:
        if next(calls) == failing:
            raise OSError(5, "Input/output error")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(StorageError, match=r"could not be stored: .*Input/output error") as caught:
        publish(tmp_path / "run", provenance=PROVENANCE, tables=tables, card=CARD)
    assert caught.value.exit_code == 5
    assert names(tmp_path) == []
    assert next(calls) == failing + 1


def test_an_interruption_leaves_nothing(
    tmp_path: Path, tables: dict[str, pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    def rename(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(KeyboardInterrupt):
        publish(tmp_path / "run", provenance=PROVENANCE, tables=tables)
    assert names(tmp_path) == []


def test_a_table_cannot_be_named_like_a_path(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be called"):
        publish(tmp_path / "run", provenance=PROVENANCE, tables={"../values": pa.table({"x": [1]})})


def test_listing_is_newest_first_and_names_what_cannot_be_opened(
    tmp_path: Path, tables: dict[str, pa.Table]
) -> None:
    assert list_runs(tmp_path / "nowhere").runs == ()
    kept = [
        keep(tmp_path, provenance=PROVENANCE, tables=tables, created_at=AT + timedelta(hours=hours))
        for hours in (1, 3, 2)
    ]
    (tmp_path / ".20261031-160005-aaaaaaaa.12.staging").mkdir()
    (tmp_path / "notes").mkdir()
    found = list_runs(tmp_path)
    assert found.runs == (kept[1], kept[2], kept[0])
    assert list(found.unreadable) == [tmp_path / "notes"]
    assert "cannot be read" in found.unreadable[tmp_path / "notes"]


def test_opening_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError, match="there is no run"):
        open_run(tmp_path / "none")


def write_sealed(manifest: Path, text: str) -> None:
    """Changes a manifest as somebody would who knows of its seal."""
    manifest.write_text(text)
    seal = hashlib.sha256(text.encode()).hexdigest()
    manifest.with_name("manifest.sha256").write_text(f"{seal}  manifest.json\n")


def damage(run: Path, kind: str) -> None:
    values, manifest = run / "values.parquet", run / "manifest.json"
    data = bytearray(values.read_bytes())
    match kind:
        case "flipped bit":
            data[len(data) // 2] ^= 1
            values.write_bytes(data)
        case "truncated":
            values.write_bytes(data[:-1])
        case "missing":
            values.unlink()
        case "added":
            (run / "notes.txt").write_text("x")
        case "other card":
            (run / "card.toml").write_text(CARD.replace("王芳", "李娜"))
        case "content":
            text = json.loads(manifest.read_text())
            text["content_hash"] = "0" * 64
            write_sealed(manifest, json.dumps(text))
        case "rows":
            text = json.loads(manifest.read_text())
            text["files"]["values.parquet"]["rows"] = 3
            write_sealed(manifest, json.dumps(text))
        case "manifest":
            manifest.write_text(manifest.read_text().replace(" ", "  ", 1))
        case "seal":
            (run / "manifest.sha256").unlink()


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("flipped bit", "values.parquet: its SHA-256 is"),
        ("truncated", "values.parquet: has"),
        ("missing", "values.parquet: cannot be read"),
        ("added", "notes.txt: is not in the manifest"),
        ("other card", "card.toml: its SHA-256 is"),
        ("content", "manifest.json: the content hash of the tables"),
        ("rows", "values.parquet: has 2 rows, not 3"),
        ("manifest", "manifest.json: its SHA-256 is"),
        ("seal", "manifest.sha256: cannot be read"),
    ],
)
def test_verification_names_the_file(
    kind: str, named: str, tmp_path: Path, tables: dict[str, pa.Table]
) -> None:
    run = keep(tmp_path, provenance=PROVENANCE, tables=tables, card=CARD)
    damage(run.path, kind)
    with pytest.raises(VerificationError) as caught:
        verify(run.path)
    assert len(caught.value.problems) == 1
    assert named in caught.value.problems[0]
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{", "", "is not a manifest"),
        ('"content_hash"', '"contents"', "content_hash: Field required"),
        ('"schema_version": 1', '"schema_version": 2', "made it"),
        ('"values.parquet"', '"../values.parquet"', "cannot be part of a run"),
        ('"values.parquet"', '"manifest.json"', "cannot be part of a run"),
    ],
)
def test_a_manifest_that_cannot_be_used(
    old: str, new: str, message: str, tmp_path: Path, tables: dict[str, pa.Table]
) -> None:
    run = keep(tmp_path, provenance=PROVENANCE, tables=tables)
    path = run.path / "manifest.json"
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(VerificationError, match=r"manifest\.json") as caught:
        verify(run.path)
    assert message in str(caught.value)


def test_an_unknown_table_and_a_broken_one(tmp_path: Path, tables: dict[str, pa.Table]) -> None:
    run = keep(tmp_path, provenance=PROVENANCE, tables=tables)
    with pytest.raises(VerificationError, match="no table 'points'"):
        run.table("points")
    (run.path / "values.parquet").write_bytes(b"PAR1")
    with pytest.raises(VerificationError, match=r"values\.parquet cannot be read"):
        run.table("values")
