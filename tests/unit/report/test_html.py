"""The file: what it may load and run, and how numbers and sentences come into it."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kpicore.report import build_report, render_html
from kpicore.report.charts import standalone
from kpicore.report.drawings import Drawings
from kpicore.report.html import style
from kpicore.report.phrases import Phrases
from kpicore.report.words import Words
from kpicore.runs import Run
from tests.oracles.made_runs import Made, make_run

PAYLOAD = "</noscript><script>alert(1)</script>"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    people = [Made(id=f"a{i}", name=PAYLOAD if i == 2 else f"Name {i}") for i in range(7)]
    return make_run(tmp_path_factory.mktemp("runs"), people, months=4)


@pytest.fixture(scope="module")
def html(run: Run) -> str:
    return render_html(build_report(run))


def test_only_the_one_style_and_script_are_allowed(html: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy is not None
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digest = b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy[1]
    assert "default-src 'none'" in policy[1]
    assert "unsafe" not in policy[1]
    assert html.index("Content-Security-Policy") < html.index("<style")
    assert not re.search(r'(src|href)="(?!#)', html)
    assert not re.search(r"url\(|@import|<link|<base|<iframe", html)
    assert " style=" not in html
    assert "alert(1)" in html
    assert html.count("<script") == 1


class Balanced(HTMLParser):
    """Raises where tags do not close in the order in which they open."""

    VOID = frozenset({"meta", "input", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.targets: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.ids += [known["id"] or ""] if "id" in known else []
        for name in ("href", "popovertarget", "aria-labelledby"):
            self.targets |= {(known.get(name) or "").lstrip("#")}
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("subject", [None, "a3"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_tags_close_ids_are_unique_and_links_lead_somewhere(
    run: Run, subject: str | None, language: str
) -> None:
    parser = Balanced()
    parser.feed(render_html(build_report(run, subject=subject), "zh" if language == "zh" else "en"))
    assert parser.open == []
    assert len(parser.ids) == len(set(parser.ids))
    assert parser.targets - {""} <= set(parser.ids)


def test_the_sums_on_a_page_are_those_of_the_run(run: Run) -> None:
    report = build_report(run)
    html = render_html(report)
    for i, person in enumerate(report.people):
        page = html.split(f'id="p{i}"')[1].split('id="p')[0]
        assert f'<td class="big">{person.standing.total}</td>' in page
        for line in person.lines:
            if line.kind == "entry" and line.contribution is not None:
                assert f'<td class="big">{line.contribution:.2f}</td>' in page


def test_charts_stand_alone_as_svg(run: Run) -> None:
    report = build_report(run)
    drawings = Drawings(report, Phrases(report=report, say=Words(language="en")))
    person = report.people[0]
    charts = [drawings.totals(), drawings.parts(person), *(chart for _, chart in drawings.funnels())]
    for line in person.lines:
        kpi = report.kpi(line)
        charts += [drawings.curve(kpi, kpi.curves[0], line), drawings.trend(kpi, line)]
    drawn = [chart for chart in charts if chart is not None]
    assert len(drawn) == 4 + 6 + 5  # a mark has no trend
    for chart in drawn:
        root = ElementTree.fromstring(standalone(chart, style()))
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert root[0].text == chart.title
        for element in root.iter():
            for name in ("x", "y", "cx", "cy", "x1", "x2"):
                if name in element.attrib:
                    assert -20 <= float(element.attrib[name]) <= 660


def test_the_same_run_gives_the_same_bytes(run: Run, html: str) -> None:
    assert render_html(build_report(Run(path=Path(run.path), manifest=run.manifest))) == html
