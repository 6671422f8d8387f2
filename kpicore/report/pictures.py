"""Single charts of a report as pictures: SVG, or PNG where resvg is installed."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from kpicore.errors import UnknownNameError, UsageError, suggest

from .charts import Chart
from .charts.svg import standalone
from .drawings import Drawings
from .model import Report
from .phrases import Phrases
from .words import Language, Words

__all__ = ["charts_of", "render_png", "render_svg"]

_ZOOM = 3.0
_FONTS = "Noto Sans CJK SC, Noto Sans SC, Microsoft YaHei, PingFang SC, sans-serif"
_DRAWN = re.compile(r"^(?:text|\.|rect|path)")


def charts_of(report: Report, language: Language) -> dict[str, Chart]:
    """Returns the charts of a report by name.

    Of all people: ``totals`` and ``funnel-KPI``; of a report on one person: ``parts``, ``curve-KPI`` and
    ``trend-KPI``. KPI is the id of the card's line. What there is nothing to draw of is left out.
    """
    drawings = Drawings(report, Phrases(report=report, say=Words(language=language)))
    found: dict[str, Chart | None] = {}
    if report.only is None:
        found["totals"] = drawings.totals()
        found |= {f"funnel-{kpi.id}": chart for kpi, chart in drawings.funnels()}
    else:
        (person,) = report.people
        found["parts"] = drawings.parts(person)
        for line in person.lines:
            kpi = report.kpi(line)
            if line.curve is not None:
                found[f"curve-{kpi.id}"] = drawings.curve(kpi, kpi.curves[line.curve], line)
            found[f"trend-{kpi.id}"] = drawings.trend(kpi, line)
    return {name: chart for name, chart in found.items() if chart is not None}


def render_svg(report: Report, name: str, language: Language = "en") -> str:
    """Returns a chart as an SVG file; UnknownNameError lists what there is."""
    charts = charts_of(report, language)
    if name not in charts:
        hint = suggest(name, list(charts))
        if report.only is None:
            hint += "; --subject ID gives those of one person"
        raise UnknownNameError(f"the report has no chart {name!r}", hint=hint)
    return standalone(charts[name], _style())


def render_png(report: Report, name: str, language: Language = "en") -> bytes:
    """Returns a chart as a PNG file on white, three pixels to a unit.

    Raises as ``render_svg`` does, and UsageError where resvg is missing.
    """
    svg = render_svg(report, name, language)
    try:
        import resvg_py
    except ImportError:
        raise UsageError(
            "a PNG needs resvg-py, which is not installed", hint="pip install 'kpicore[png]', or write .svg"
        ) from None
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, background="#ffffff", zoom=_ZOOM))


@cache
def _style() -> str:
    """Returns the rules for charts of the report's style sheet, with its colours by day in them."""
    text = (resources.files("kpicore.report") / "templates" / "report.css").read_text("utf-8")
    colours = dict(re.findall(r"(--[\w-]+):([^;}]+)", text[: text.index("}")]))
    rules = re.findall(r"([^{}@]+)\{([^{}]*)\}", "\n".join(_chart_lines(text)))
    told = "".join(f"{which.strip()}{{{what}}}" for which, what in rules)
    told = re.sub(r"var\((--[\w-]+)\)", lambda match: colours[match[1]], told)
    return f"text{{font-family:{_FONTS}}}{told}"


def _chart_lines(text: str) -> list[str]:
    """Returns the lines of the style sheet that say how charts are drawn: those with strokes or fills."""
    return [
        line
        for line in text.splitlines()
        if _DRAWN.match(line) and ("stroke:" in line or "fill:" in line) and "@media" not in line
    ]
