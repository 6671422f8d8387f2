"""``kpicore report``: files for all and for one, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpicore.cli import main
from kpicore.runs import Run, keep
from tests.oracles.made_runs import Made, make_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    people = [Made(id=f"a{i}", name=f"王{i}") for i in range(3)]
    return make_run(tmp_path_factory.mktemp("runs"), people, months=3)


def test_a_report_is_written_and_replaced(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "review.html"
    path.write_text("old")
    assert main(["report", str(run.path), "-o", str(path), "--lang", "zh"]) == 0
    html = path.read_text("utf-8")
    assert '<html lang="zh-CN">' in html
    assert "客服考核" in html
    assert [file.name for file in tmp_path.iterdir()] == ["review.html"]
    out, err = capsys.readouterr()
    assert out == ""
    assert str(path) in err


def test_a_run_is_found_under_its_root(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "one.html"
    arguments = ["report", run.id, "--root", str(run.path.parent), "-o", str(path), "--subject", "a1"]
    assert main(arguments) == 0
    assert "王1" in path.read_text("utf-8")
    assert "王2" not in path.read_text("utf-8")


def test_split_says_whose_file_is_which(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(run.path), "-o", str(tmp_path / "each"), "--split", "agent"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["Agent", "a0", "a1", "a2"]
    for line in lines[1:]:
        subject, file = line.split()
        assert f">{subject}<" in (tmp_path / "each" / file).read_text("utf-8").replace(" ·", "<")


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        (["--subject", "a9"], 2, "no agent 'a9'"),
        (["--split", "team"], 2, "--split agent"),
        (["--split", "agent", "--subject", "a1"], 2, "exclude each other"),
    ],
)
def test_what_is_refused(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], code: int, message: str
) -> None:
    assert main(["report", str(run.path), "-o", str(tmp_path / "x"), *more]) == code
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_run_without_scores_and_no_run_are_refused(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = keep(tmp_path, provenance=run.manifest.provenance, tables={"values": run.table("values")})
    assert main(["report", str(bare.path), "-o", str(tmp_path / "x.html")]) == 2
    assert "has no scores" in capsys.readouterr().err
    assert main(["report", "nowhere", "-o", str(tmp_path / "x.html")]) == 5
    assert "there is no run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "more"), [("r.xlsx", []), ("r.zip", []), ("r.bin", ["--format", "xlsx", "--subject", "a1"])]
)
def test_other_forms_by_ending_or_by_name(run: Run, tmp_path: Path, name: str, more: list[str]) -> None:
    assert main(["report", str(run.path), "-o", str(tmp_path / name), "--lang", "zh", *more]) == 0
    assert (tmp_path / name).read_bytes().startswith(b"PK")


def test_split_in_another_form(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "each"
    arguments = ["report", str(run.path), "-o", str(folder), "--split", "agent", "--format", "json"]
    assert main(arguments) == 0
    assert sorted(path.name for path in folder.iterdir()) == [f"agent-000{i}.json" for i in (1, 2, 3)]
