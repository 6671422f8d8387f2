"""What a report says of lines that score some people by another curve."""

from __future__ import annotations

from pathlib import Path

import kpicore
from kpicore.report import build_report, render_html
from kpicore.report.drawings import Drawings
from kpicore.report.phrases import Phrases
from kpicore.report.words import Words
from kpicore.testing import generate_log

from ..runs.test_review import CARD

VARIANT = """
[[group.entry.variant]]
when = { agent = ["a01", "<b>"], team = "%s" }
curve = { linear = { zero_at = "40%%", full_at = "80%%" } }
"""


def test_a_person_reads_for_whom_the_curve_is(tmp_path: Path) -> None:
    log = kpicore.open(generate_log(agents=3, days=2, zone="UTC"), zone="UTC")
    roster = log.tables["agents"].to_pylist()
    team = next(row["team"] for row in roster if row["agent_id"] == "a01")
    run = kpicore.score(log, CARD + VARIANT % team, period="2026-10", root=tmp_path).run
    assert run is not None
    said = f"Scored by the curve and target for agent=a01+&lt;b&gt;, team={team}."
    assert said in render_html(build_report(run, subject="a01"))
    assert "按针对" in render_html(build_report(run, subject="a01"), "zh")
    assert "Scored by" not in render_html(build_report(run, subject="a02"))


def test_charts_show_the_target_of_the_person(tmp_path: Path) -> None:
    log = kpicore.open(generate_log(agents=3, days=2, zone="UTC"), zone="UTC")
    variant = '\n[[group.entry.variant]]\nwhen = { agent = "a01" }\ntarget = "90%"\n'
    run = kpicore.score(log, CARD + 'target = "50%"\n' + variant, period="2026-10", root=tmp_path).run
    assert run is not None
    report = build_report(run)
    drawings = Drawings(report, Phrases(report=report, say=Words(language="en")))
    kpi = next(kpi for kpi in report.kpis if kpi.id == "rate")
    charts = {}
    for person in report.people:
        line = next(line for line in person.lines if line.kpi == "rate")
        assert line.curve is not None
        charts[person.id] = drawings.curve(kpi, kpi.curves[line.curve], line).backdrop
    assert charts["a02"] == charts["a03"] != charts["a01"]
