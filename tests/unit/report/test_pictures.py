"""Single charts as pictures: whole SVG files without variables, and PNG of them."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kpicore.cli import main
from kpicore.errors import UnknownNameError, UsageError
from kpicore.report import build_report, charts_of, render_png, render_svg
from kpicore.runs import Run
from tests.oracles.made_runs import Made, make_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    names = ("<script>alert(1)</script>", "李强", "Ann")
    people = [Made(id=f"a{i}", name=name) for i, name in enumerate(names)]
    return make_run(tmp_path_factory.mktemp("runs"), people, months=3)


def test_every_chart_is_a_whole_file_in_colours_of_its_own(run: Run) -> None:
    drawn = 0
    for subject in (None, "a1"):
        report = build_report(run, subject=subject)
        for name in charts_of(report, "zh"):
            svg = render_svg(report, name, "zh")
            root = ElementTree.fromstring(svg)
            assert root.tag == "{http://www.w3.org/2000/svg}svg"
            assert root.find("{http://www.w3.org/2000/svg}title") is not None
            assert "var(" not in svg
            assert "<script" not in svg
            drawn += 1
    assert drawn > 5


def test_the_names_say_whose_charts_they_are(run: Run) -> None:
    assert "totals" in charts_of(build_report(run), "en")
    mine = charts_of(build_report(run, subject="a1"), "en")
    assert "parts" in mine
    assert {name.split("-")[0] for name in mine} == {"parts", "curve", "trend"}
    assert not any("Ann" in render_svg(build_report(run, subject="a1"), name) for name in mine)


def test_a_png_is_three_pixels_to_a_unit(run: Run) -> None:
    report = build_report(run, subject="a1")
    chart = charts_of(report, "en")["parts"]
    png = render_png(report, "parts")
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(png[16:20], "big") == chart.width * 3
    assert png == render_png(report, "parts")


def test_what_is_not_there_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownNameError, match="no chart 'total'") as caught:
        render_svg(build_report(run), "total")
    assert "totals" in caught.value.hint
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(UsageError, match="resvg-py"):
        render_png(build_report(run), "totals")


def test_charts_on_the_command_line(run: Run, tmp_path: Path) -> None:
    for name in ("one.svg", "one.png"):
        arguments = ["--chart", "parts", "--subject", "a1", "-o", str(tmp_path / name)]
        assert main(["report", str(run.path), *arguments]) == 0
        assert (tmp_path / name).stat().st_size > 500
    for wrong in (["-o", "x.gif"], ["-o", "x.png", "--split", "agent"], ["-o", "x.png", "--format", "html"]):
        assert main(["report", str(run.path), "--chart", "totals", *wrong]) == 2
