"""The charts of a report, drawn from its model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from markupsafe import Markup, escape

from kpicore.plain import clean
from kpicore.scoring.card import Target
from kpicore.scoring.curve import Curve

from . import numbers
from .charts import (
    Chart,
    CurvePlot,
    FunnelDot,
    Part,
    TotalDot,
    TrendPlot,
    funnel_chart,
    parts_chart,
    totals_chart,
    trend_range,
)
from .charts.svg import element
from .model import Kpi, Line, Person, Report
from .phrases import Phrases

__all__ = ["Drawings", "Symbols"]


@dataclass(frozen=True, slots=True)
class Symbols:
    """The backdrops that charts of one page share, each kept once."""

    ids: dict[Markup, str] = field(default_factory=dict)

    def inline(self, chart: Chart, *, wide: bool = False, whole: bool = False) -> Markup:
        """Returns a chart to stand in the page, its backdrop by reference unless it is ``whole``; a ``wide``
        one stands alone and says its title.
        """
        shared = chart.backdrop
        if shared and not whole:
            name = self.ids.setdefault(shared, f"b{len(self.ids)}")
            shared = element("use", href=f"#{name}")
        return element(
            "svg",
            element("title", escape(chart.title)) if wide else "",
            shared,
            chart.marks,
            viewBox=f"0 0 {chart.width} {chart.height}",
            class_="wide" if wide else None,
            role="img",
            aria_label=f"{chart.title}. {chart.description}" if wide else chart.description,
        )

    def all(self) -> Markup:
        """Returns the kept backdrops, under their ids."""
        return Markup("").join(element("g", body, id=name) for body, name in self.ids.items())


class Drawings:
    """Draws the charts of one report in one language; what people have in common is drawn once."""

    def __init__(self, report: Report, phrases: Phrases) -> None:
        self.report = report
        self.phrases = phrases
        self.say = phrases.say
        self.places = {(kpi.kind, kpi.id): i for i, kpi in enumerate(report.kpis)}
        self.curves: dict[tuple[int, Curve, Target], CurvePlot] = {}
        self.trends: dict[tuple[int, Target], TrendPlot | None] = {}

    def _curve_plot(self, kpi: Kpi, curve: Curve, target: Target) -> CurvePlot:
        key = self.places[kpi.kind, kpi.id], curve, target
        if key not in self.curves:
            self.curves[key] = CurvePlot(replace(kpi, target=target), curve)
        return self.curves[key]

    def _trend_plot(self, kpi: Kpi, target: Target) -> TrendPlot | None:
        key = self.places[kpi.kind, kpi.id], target
        if key not in self.trends:
            self.trends[key] = self._new_trend_plot(replace(kpi, target=target))
        return self.trends[key]

    def _new_trend_plot(self, kpi: Kpi) -> TrendPlot | None:
        trends = [
            line.trend
            for person in self.report.people
            for line in person.lines
            if (line.kind, line.kpi) == (kpi.kind, kpi.id)
        ]
        span = trend_range(kpi, trends)
        periods = sorted({point.period for trend in (*trends, kpi.team_trend) for point in trend})
        names = {period: self.phrases.period(period, kpi) for period in periods}
        return None if span is None else TrendPlot(kpi, span, names)

    def slot(self, line: Line) -> int:
        """Returns the place of a line's KPI on the card."""
        return self.places[line.kind, line.kpi]

    def cuts(self) -> list[tuple[str, float]]:
        """Returns the grades and the totals that earn them."""
        return [(g.name, float(g.at_least)) for g in self.report.grades if g.at_least is not None]

    def curve(self, kpi: Kpi, curve: Curve, line: Line | None) -> Chart:
        """Returns a KPI's curve with the point of ``line``."""
        say, label = self.say, self.phrases.label(kpi.label)
        if line is None:
            description = say("curve_desc_plain", knots=str(curve))
        elif line.used is None:
            description = say("curve_desc_none")
        else:
            told = {"value": self.phrases.shown(line.used, kpi), "points": numbers.points(line.points)}
            description = say("curve_desc_mine", **told)
        plot = self._curve_plot(kpi, curve, kpi.target if line is None else line.target)
        return plot.chart(line, title=say("curve_title", kpi=label), description=description)

    def trend(self, kpi: Kpi, line: Line) -> Chart | None:
        """Returns the trend of a line; None where there is nothing to draw."""
        plot = self._trend_plot(kpi, line.target)
        if plot is None or not line.trend:
            return None
        known = [point for point in line.trend if point.value is not None]
        title = self.say("trend_title", kpi=self.phrases.label(kpi.label))
        description = self.say("trend_desc_none")
        if known:
            description = self.say(
                "trend_desc",
                first=self.phrases.period(line.trend[0].period, kpi),
                last=self.phrases.period(line.trend[-1].period, kpi),
                value=self.phrases.shown(known[-1].value, kpi),
            )
        unusual = {one.period for one in line.anomalies}
        return plot.chart(line.trend, unusual=unusual, title=title, description=description)

    def parts(self, person: Person) -> Chart | None:
        """Returns the total of a person as a bar of its parts."""
        standing = person.standing
        if standing.total is None:
            return None
        parts = [
            Part(label=self.phrases.label(kpi.label), points=points, slot=self.slot(line))
            for line in person.lines
            if (points := line.contribution or Decimal(0)) and (kpi := self.report.kpi(line)).kind == "entry"
        ]
        if standing.bonus:
            parts.append(Part(label=self.say("bonus"), points=standing.bonus, slot=len(self.report.kpis)))
        names = ", ".join(f"{part.label} {numbers.points(part.points)}" for part in parts)
        return parts_chart(
            parts,
            float(standing.total),
            None if standing.low is None else float(standing.low),
            None if standing.high is None else float(standing.high),
            lowest=float(self.report.lowest),
            highest=float(self.report.highest),
            cuts=self.cuts(),
            title=self.say("contributions"),
            description=self.say("parts_desc", parts=names, total=numbers.points(standing.total)),
        )

    def totals(self) -> Chart | None:
        """Returns everyone's totals side by side; None where fewer than two have one."""
        dots = [
            TotalDot(
                label=clean(person.name or person.id),
                total=float(s.total),
                low=float(s.total if s.low is None else s.low),
                high=float(s.total if s.high is None else s.high),
                tier=s.tier,
            )
            for person in self.report.people
            if (s := person.standing).total is not None
        ]
        if len(dots) < 2:
            return None
        low, high = (numbers.points(x) for x in (dots[-1].total, dots[0].total))
        return totals_chart(
            dots,
            lowest=float(self.report.lowest),
            highest=float(self.report.highest),
            cuts=self.cuts(),
            title=self.say("everyone"),
            description=self.say("totals_desc", n=len(dots), low=low, high=high),
        )

    def funnels(self) -> Sequence[tuple[Kpi, Chart]]:
        """Returns the funnel of each KPI that is a rate."""
        found = []
        for kpi in self.report.kpis:
            if kpi.funnel is None:
                continue
            dots = [
                FunnelDot(
                    label=clean(person.name or person.id),
                    rate=float(line.value),
                    n=int(line.denominator),
                    side=line.side,
                )
                for person in self.report.people
                for line in person.lines
                if (line.kind, line.kpi) == (kpi.kind, kpi.id)
                and line.side is not None
                and line.value is not None
                and line.denominator is not None
            ]
            outside = sum(dot.side != "inside" for dot in dots)
            centre = numbers.per_cent(kpi.funnel.centre)
            chart = funnel_chart(
                kpi.funnel,
                dots,
                title=self.say("funnel_title", kpi=self.phrases.label(kpi.label)),
                description=self.say("funnel_desc", n=len(dots), centre=centre, outside=outside),
                across=self.say("cases"),
            )
            found.append((kpi, chart))
        return found
