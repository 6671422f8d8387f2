"""A report as one HTML file that loads nothing, runs one known script, and can be read without it."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from markupsafe import Markup

from kpicore.plain import clean

from . import numbers
from .charts import total_bar
from .drawings import Drawings, Symbols
from .model import Kpi, Line, Person, Report, Standing
from .overview import gaps_of, summary_of
from .phrases import Phrases
from .words import Language, Words

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["EXPLAINED", "render_html", "style"]

EXPLAINED = ("interval", "rank_set", "tier", "reliability", "provisional", "shrunk", "coverage", "funnel")
"""The statistical words that are explained where they stand."""


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("kpicore.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def style() -> str:
    """Returns the style sheet."""
    return _asset("report.css")


def _asset(name: str) -> str:
    return (resources.files("kpicore.report") / "templates" / name).read_text("utf-8").strip()


def _hash(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def render_html(report: Report, language: Language = "en") -> str:
    """Returns the whole file."""
    page = _Page(report, language)
    script = _asset("report.js")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            title=page.phrases.label(report.title),
            style=Markup(style()),
            style_hash=_hash(style()),
            script=Markup(script),
            script_hash=_hash(script),
            explained=EXPLAINED,
            nothing=numbers.NOTHING,
            **page.names(),
        )
    )


class _Page:
    """What the templates call."""

    def __init__(self, report: Report, language: Language) -> None:
        self.report = report
        self.say = Words(language=language)
        self.phrases = Phrases(report=report, say=self.say)
        self.drawings = Drawings(report, self.phrases)
        self.symbols = Symbols()
        self.slots = {grade.name: min(i, 5) for i, grade in enumerate(report.grades)}
        self.has_average = any(kpi.average is not None for kpi in report.kpis)

    def names(self) -> dict[str, object]:
        """Returns the variables and functions of the templates."""
        phrases = self.phrases
        points = [point for one in self.report.people for line in one.lines for point in line.trend]
        partial = () if all(point.complete for point in points) else ("partial",)
        team = any(
            kpi.spread is not None or any(point.value is not None for point in kpi.team_trend)
            for kpi in self.report.kpis
        )
        totals = None if self.report.only is not None else self.drawings.totals()
        funnels = () if self.report.only is not None else self.drawings.funnels()
        return {
            "say": self.say,
            "span": phrases.span(),
            "clean": clean,
            "label": phrases.label,
            "points": numbers.points,
            "number": numbers.count,
            "value": numbers.value,
            "percent": numbers.per_cent,
            "size": numbers.bytes_text,
            "shown": phrases.shown,
            "target": phrases.target,
            "rank_set": phrases.rank_set,
            "rank_words": phrases.rank_words,
            "interval": phrases.interval,
            "warnings": phrases.warnings(),
            "alerts": phrases.alerts,
            "notes": phrases.notes,
            "told": phrases.told,
            "quality": phrases.quality,
            "exemplars": phrases.exemplars,
            "settles": phrases.settles,
            "sign": phrases.sign,
            "appeals": phrases.appeals,
            "suppressed": phrases.suppressed,
            "sums": phrases.sums,
            "summary": summary_of(self.report),
            "gaps": gaps_of(self.report, phrases),
            "has_teams": any(one.team for one in self.report.people),
            "has_average": self.has_average,
            "own_legend": ("me", "interval", "target", *partial),
            "team_legend": ("team", "peers") if team else (),
            "grade_slot": lambda name: self.slots.get(name, 5),
            "kpi": self.report.kpi,
            "kpi_slot": self.drawings.slot,
            "group_points": self.group_points,
            "weight": self.weight,
            "against": self.against,
            "sign_class": self.sign_class,
            "bar": self.bar,
            "parts": self.parts,
            "curve": self.curve,
            "trend": self.trend,
            "kpi_curves": self.kpi_curves,
            "totals": None if totals is None else self.symbols.inline(totals, wide=True, whole=True),
            "funnels": [(kpi, self.symbols.inline(chart, wide=True, whole=True)) for kpi, chart in funnels],
            "widening": lambda kpi: f"{kpi.funnel.factor**0.5:.1f}",
            "symbols": self.symbols.all,
        }

    def group_points(self, person: Person) -> list[Decimal | None]:
        """Returns what each group of the card brings to a person's total."""
        found: list[Decimal | None] = []
        for group in self.report.groups:
            brought = [
                line.contribution
                for line in person.lines
                if line.kind == "entry"
                and self.report.kpi(line).group == group.id
                and line.contribution is not None
            ]
            found.append(sum(brought, Decimal(0)) if brought else None)
        return found

    def weight(self, line: Line) -> str:
        """Returns the weight that counted, and the card's where it is another."""
        if line.kind != "entry":
            return numbers.NOTHING
        if line.effective_weight is None or line.effective_weight == line.weight:
            return numbers.per_cent(line.weight)
        return f"{numbers.per_cent(line.effective_weight)} ({numbers.per_cent(line.weight)})"

    def _difference(self, line: Line) -> float | None:
        average = self.report.kpi(line).average
        return None if average is None or line.contribution is None else float(line.contribution) - average

    def against(self, line: Line) -> str:
        """Returns what a line brings more or less than on average."""
        return numbers.signed(self._difference(line), 2)

    def sign_class(self, line: Line) -> Markup:
        """Returns the attribute that colours a difference: up, down or none."""
        difference = self._difference(line) or 0.0
        if abs(difference) < 0.005:
            return Markup("")
        return Markup(" class=up" if difference > 0 else " class=down")

    def bar(self, standing: Standing) -> Markup:
        """Returns the small bar of a total."""
        return total_bar(
            float(standing.total or 0),
            None if standing.low is None else float(standing.low),
            None if standing.high is None else float(standing.high),
            lowest=float(self.report.lowest),
            highest=float(self.report.highest),
        )

    def parts(self, person: Person) -> Markup:
        """Returns the bar of a person's parts."""
        chart = self.drawings.parts(person)
        return Markup("") if chart is None else self.symbols.inline(chart, wide=True)

    def curve(self, line: Line, kpi: Kpi) -> Markup:
        """Returns a person's place on a KPI's curve."""
        if line.curve is None:
            return Markup("")
        return self.symbols.inline(self.drawings.curve(kpi, kpi.curves[line.curve], line))

    def trend(self, line: Line, kpi: Kpi) -> Markup:
        """Returns a person's trend of a KPI."""
        chart = self.drawings.trend(kpi, line)
        return Markup("") if chart is None else self.symbols.inline(chart)

    def kpi_curves(self, kpi: Kpi) -> list[Markup]:
        """Returns the curves of a KPI without a person on them."""
        return [self.symbols.inline(self.drawings.curve(kpi, curve, None)) for curve in kpi.curves]
