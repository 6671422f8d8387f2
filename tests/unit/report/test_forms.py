"""Reports as workbook, CSV and JSON: the figures of the model, typed, and nothing in them that acts."""

from __future__ import annotations

import csv
import io
import json
import sys
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from markupsafe import escape

from kpicore.errors import UsageError
from kpicore.report import (
    build_report,
    matters_of,
    render_archive,
    render_document,
    render_html,
    render_workbook,
    split_report,
    write_report,
)
from kpicore.runs import Run
from tests.oracles.made_runs import Made, make_run

PAYLOADS = (
    "=cmd|'/C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "＝1",
    "<script>alert(1)</script>",
    "\x1b]8;;http://x\x07y",
    "http://example.com",
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    people = [Made(id=f"a{i}", name=f"王{i}", team="一组") for i in range(7)]
    return make_run(tmp_path_factory.mktemp("runs"), people, months=3)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Run:
    people = [Made(id=f"../../x{i}", name=name, team=name) for i, name in enumerate(PAYLOADS)]
    return make_run(tmp_path_factory.mktemp("hostile"), people, months=2)


def sheets(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def tables(content: bytes) -> dict[str, list[list[str]]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {
            name: list(csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
            for name in archive.namelist()
        }


def test_the_lines_of_a_person_and_what_follows_add_up_to_the_total(run: Run) -> None:
    report = build_report(run)
    scores = next(matter for matter in matters_of(report) if matter.id == "scores")
    brings = scores.headers.index("Brings")
    kinds = scores.headers.index("Group")
    for i, person in zip(sorted(scores.totals), report.people, strict=True):
        own = [
            row for row in scores.rows[:i] if row[0] == person.id and row[kinds] not in ("Bonus", "Penalty")
        ]
        summed = sum(float(row[brings].number) for row in own if row[brings] is not None)
        assert scores.rows[i][brings].number == person.standing.total
        assert summed == pytest.approx(float(person.standing.total), abs=0.02)


def test_cells_of_the_workbook_are_typed(run: Run) -> None:
    report = build_report(run)
    book = sheets(render_workbook(report, "zh"))
    assert book.sheetnames == [matter.title for matter in matters_of(report, "zh")]
    sheet = book["得分明细"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref is not None) == ("A2", True)
    header = {cell.value: cell.column - 1 for cell in sheet[1]}
    lines = {row[header["指标"]].value: row for row in sheet.iter_rows(min_row=2, max_row=7)}
    first = {report.kpi(line).label.zh: line for line in report.people[0].lines}
    time, share = lines["平均处理时间"][header["数值"]], lines["客户满意度"][header["数值"]]
    assert time.number_format == "[h]:mm:ss"
    assert time.value.total_seconds() == pytest.approx(float(first["平均处理时间"].value), abs=1)
    assert share.number_format == "0.0%"
    assert share.value == pytest.approx(float(first["客户满意度"].value))
    assert book["走势"]["D2"].value == "2026-08"
    assert book["概览"].column_dimensions["A"].width > 4


def test_periods_are_named_for_people_and_dated_for_programs(run: Run, tmp_path: Path) -> None:
    report = build_report(run)
    starts = {row[3] for row in tables(render_archive(report))["trend.csv"][1:]}
    assert starts == {"2026-08-01", "2026-09-01", "2026-10-01"}
    book = sheets(render_workbook(report))["Trend"]
    assert {cell.value for cell in book["D"][1:]} == {"2026-08", "2026-09", "2026-10"}
    quarterly = replace(
        report,
        span=replace(report.span, fiscal_year_start=4),
        kpis=tuple(replace(kpi, grain="quarter") for kpi in report.kpis),
    )
    book = sheets(render_workbook(quarterly))["Trend"]
    assert {cell.value for cell in book["D"][1:]} == {"FY2026-Q2", "FY2026-Q3"}
    html = render_html(quarterly)
    assert "FY2026-Q3" in html
    daily = replace(report, kpis=tuple(replace(kpi, grain="day") for kpi in report.kpis))
    assert isinstance(sheets(render_workbook(daily))["Trend"]["D2"].value, datetime)


def test_the_same_run_gives_the_same_bytes(run: Run) -> None:
    report = build_report(run)
    assert render_workbook(report) == render_workbook(report)
    assert render_archive(report) == render_archive(report)
    assert render_document(report) == render_document(build_report(run))
    created = sheets(render_workbook(report)).properties.created
    assert created.isoformat()[:19] == report.making.created_at[:19]


def test_csv_and_json_hold_the_model(run: Run) -> None:
    report = build_report(run)
    overview = tables(render_archive(report))["overview.csv"]
    assert [row[0] for row in overview[1:]] == [one.id for one in report.people]
    document = json.loads(render_document(report))
    assert (document["format"], document["version"]) == ("kpicore-report", 1)
    totals = [one["standing"]["total"] for one in document["report"]["people"]]
    assert totals == [str(one.standing.total) for one in report.people]


def test_nothing_from_data_acts(hostile: Run) -> None:
    report = build_report(hostile)
    content = render_workbook(report)
    for sheet in sheets(content):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert cell.hyperlink is None
                if isinstance(cell.value, str) and cell.value.startswith(tuple("=+-@＝")):
                    assert cell.quotePrefix, cell.value
                assert "\x1b" not in str(cell.value)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert not [name for name in parts.namelist() if "external" in name or "vba" in name.lower()]
    for name, rows in tables(render_archive(report)).items():
        assert "/" not in name
        for text in (cell for row in rows for cell in row):
            assert "\x1b" not in text
            if text.startswith(tuple("=+-@＝\t\r")):
                float(text)
    assert "\x1b" not in render_document(report)


@pytest.mark.parametrize("form", ["xlsx", "csv", "json"])
def test_a_split_file_holds_one_person(run: Run, hostile: Run, tmp_path: Path, form: str) -> None:
    files = split_report(run, tmp_path / "each", form=form)
    for subject, path in files.items():
        content = path.read_bytes()
        if form == "json":
            text = content.decode()
        else:
            with zipfile.ZipFile(io.BytesIO(content)) as parts:
                text = "".join(parts.read(name).decode("utf-8") for name in parts.namelist())
        assert f"王{subject[1:]}" in text
        assert not [other for other in files if other != subject and f"王{other[1:]}" in text]
    names = [path.name for path in split_report(hostile, tmp_path / "hostile", form=form).values()]
    assert sorted(names) == sorted(path.name for path in (tmp_path / "hostile").iterdir())


def test_the_ending_says_the_form(run: Run, tmp_path: Path) -> None:
    starts = {"r.xlsx": b"PK", "r.zip": b"PK", "r.JSON": b"{", "r.html": b"<!", "r": b"<!"}
    for name, start in starts.items():
        assert write_report(run, tmp_path / name).read_bytes().startswith(start)
    assert write_report(run, tmp_path / "x", form="json").read_bytes().startswith(b"{")


def test_without_xlsxwriter_the_error_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(UsageError, match=r"pip install 'kpicore\[excel\]'"):
        render_workbook(build_report(run))


def test_definitions_say_where_values_count_and_when_they_are_final(run: Run) -> None:
    report = build_report(run)
    for language, settled, at_once, place in (
        ("en", "Final after", "the period's end", "Counts in the period where"),
        ("zh", "定稿于", "周期结束时", "归属周期"),
    ):
        matter = next(m for m in matters_of(report, language) if m.id == "definitions")
        at, final = matter.headers.index(place), matter.headers.index(settled)
        html = render_html(report, language)
        for kpi, row in zip(report.kpis, matter.rows, strict=True):
            known = kpi.definition
            if known is None:
                assert (row[at], row[final]) == ("", "")
                continue
            days = known.settle_days
            assert row[at]
            assert row[final] == (
                at_once if not days else f"{days} days" if language == "en" else f"{days} 天后"
            )
            assert f"<dt>{settled}</dt><dd>{escape(str(row[final]))}</dd>" in html
            assert f"<dt>{place}</dt><dd>{escape(str(row[at]))}</dd>" in html
    assert {kpi.definition.settle_days > 0 for kpi in report.kpis if kpi.definition} == {True, False}
