"""The audit log: a chain that shows every change, a file that survives a crash."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kpicore.errors import StorageError, UsageError, VerificationError
from kpicore.runs import AUDIT, read_audit
from kpicore.runs.audit import append


def filled(root: Path, entries: int = 5) -> Path:
    for i in range(entries):
        append(root, "published", f"run-{i}", lambda before: {"before": len(before), "who": "王芳"})
    return root / AUDIT


def test_entries_are_chained_in_order(tmp_path: Path) -> None:
    path = filled(tmp_path)
    entries = read_audit(tmp_path)
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry.details["before"] for entry in entries] == [0, 1, 2, 3, 4]
    assert [entry.previous for entry in entries[1:]] == [entry.hash for entry in entries[:-1]]
    assert len(path.read_text("utf-8").splitlines()) == 5
    assert read_audit(tmp_path / "none") == ()


def test_every_change_breaks_the_chain(tmp_path: Path) -> None:
    path = filled(tmp_path)
    data = path.read_bytes()
    lines = data.splitlines(keepends=True)
    for at in range(len(data) - len(lines[-1])):
        damaged = bytearray(data)
        damaged[at] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(VerificationError, match="chain is broken at line"):
            read_audit(tmp_path)
    for others in (lines[1:], lines[:2] + lines[3:], [lines[1], lines[0], *lines[2:]], [lines[0], *lines]):
        path.write_bytes(b"".join(others))
        with pytest.raises(VerificationError):
            read_audit(tmp_path)
    path.write_bytes(data)
    assert len(read_audit(tmp_path)) == 5


def test_a_line_that_a_crash_left_unfinished_is_taken_off(tmp_path: Path) -> None:
    path = filled(tmp_path, 2)
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"action":"publ')
    assert len(read_audit(tmp_path)) == 2
    append(tmp_path, "decided", "run-9", lambda before: {"before": len(before)})
    assert path.read_bytes().startswith(whole)
    assert [entry.action for entry in read_audit(tmp_path)] == ["published", "published", "decided"]


def test_nothing_is_added_where_the_details_are_refused(tmp_path: Path) -> None:
    path = filled(tmp_path, 1)

    def refuse(before: object) -> dict[str, object]:
        raise UsageError("no")

    before = path.read_bytes()
    with pytest.raises(UsageError):
        append(tmp_path, "decided", "run", refuse)
    assert path.read_bytes() == before


def test_many_writers_make_one_chain(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: append(tmp_path, "published", f"run-{i}", lambda _: {}), range(40)))
    assert len(read_audit(tmp_path)) == 40
    assert all(json.loads(line) for line in (tmp_path / AUDIT).read_text("utf-8").splitlines())


def test_a_log_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / AUDIT).mkdir()
    with pytest.raises(StorageError, match="could not be written"):
        append(tmp_path, "published", "run", lambda _: {})
