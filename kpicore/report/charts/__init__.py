"""Charts as SVG: what they show is decided here, how they look by the style sheet."""

from __future__ import annotations

from .curves import CurvePlot
from .funnels import FunnelDot, funnel_chart
from .svg import Chart, standalone
from .totals import Part, TotalDot, parts_chart, total_bar, totals_chart
from .trends import TrendPlot, trend_range

__all__ = [
    "Chart",
    "CurvePlot",
    "FunnelDot",
    "Part",
    "TotalDot",
    "TrendPlot",
    "funnel_chart",
    "parts_chart",
    "standalone",
    "total_bar",
    "totals_chart",
    "trend_range",
]
