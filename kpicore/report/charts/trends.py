"""A KPI over periods: one person's line, the line of all together behind it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from markupsafe import Markup

from ..model import Kpi, TrendPoint
from .curves import axis_text
from .plot import Frame, y_axis
from .svg import Chart, circle, group, line, path, text

__all__ = ["TrendPlot", "trend_range"]

_WIDTH, _HEIGHT = 320, 110


def trend_range(kpi: Kpi, lines: Sequence[Sequence[TrendPoint]]) -> tuple[float, float] | None:
    """Returns the numbers at the bottom and top of a KPI's trends: one scale for all, so that people can be
    compared; of many people the far ends are left out.
    """
    own = sorted(point.value for line in lines for point in line if point.value is not None)
    cut = len(own) // 50 if len(lines) > 1 else 0
    known = own[cut : len(own) - cut] + [p.value for p in kpi.team_trend if p.value is not None]
    if isinstance(kpi.target, Fraction) and known and not kpi.tally:
        known.append(float(kpi.target))
    if not known:
        return None
    low, high = min(known), max(known)
    room = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
    bottom = max(0.0, low - room) if low >= 0 else low - room
    return bottom, min(1.0, high + room) if kpi.unit == "ratio" and high <= 1 else high + room


class TrendPlot:
    """The axes of a KPI's trends over ``periods`` (names by ISO start) and the line of all together.

    They are drawn once for any number of people.
    """

    def __init__(self, kpi: Kpi, span: tuple[float, float], periods: Mapping[str, str]) -> None:
        self.place = {period: float(i) for i, period in enumerate(periods)}
        self.frame = Frame(
            left=38,
            top=8,
            right=_WIDTH - 7,  # twelve periods then lie at whole places
            bottom=_HEIGHT - 18,
            x_low=0.0,
            x_high=max(1.0, len(periods) - 1.0),
            y_low=span[0],
            y_high=span[1],
        )
        backdrop = [
            y_axis(self.frame, kpi.unit, lambda at: axis_text(at, kpi.unit), 3),
            _labels(self.frame, list(periods.values())),
            *_lines(kpi.team_trend, self.place, self.frame, "te"),
        ]
        if isinstance(kpi.target, Fraction) and not kpi.tally:
            y = self.frame.y(float(kpi.target))
            backdrop.append(line(self.frame.left, y, self.frame.right, y, "tl"))
        self.backdrop = group("cv", *backdrop)

    def chart(
        self, points: Sequence[TrendPoint], *, unusual: Collection[str], title: str, description: str
    ) -> Chart:
        """Returns the chart of ``points``, with rings around those of ``unusual`` periods."""
        frame, place = self.frame, self.place
        rings = [
            circle(frame.x(place[p.period]), frame.y(p.value), 5.5, "un")
            for p in points
            if p.period in unusual and p.period in place and p.value is not None
        ]
        return Chart(
            width=_WIDTH,
            height=_HEIGHT,
            title=title,
            description=description,
            backdrop=self.backdrop,
            marks=Markup("").join(
                [*_lines(points, place, frame, "tr"), *_dots(points, place, frame), *rings]
            ),
        )


def _labels(frame: Frame, periods: Sequence[str]) -> Markup:
    step = max(1, -(-len(periods) // 5))
    shown = range(len(periods) - 1, -1, -step)
    marks = [
        text(
            frame.x(float(i)),
            frame.bottom + 12,
            periods[i],
            anchor="end" if i == len(periods) - 1 else "start" if i == 0 else "middle",
        )
        for i in shown
    ]
    return group("tk", *marks)


def _lines(points: Sequence[TrendPoint], place: dict[str, float], frame: Frame, kind: str) -> list[Markup]:
    """Returns the line through the values; it breaks where a period has none."""
    stretches: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point.value is None or point.period not in place:
            stretches.append([])
        else:
            stretches[-1].append((round(frame.x(place[point.period])), round(frame.y(point.value))))
    return [path(stretch, kind) for stretch in stretches if len(stretch) > 1]


def _dots(points: Sequence[TrendPoint], place: dict[str, float], frame: Frame) -> list[Markup]:
    """Returns the last value as a dot, and those that stand alone or cover only a part of their period."""
    known = [p for p in points if p.value is not None and p.period in place]
    marks = []
    for i, point in enumerate(known):
        assert point.value is not None
        last = i == len(known) - 1
        if last or len(known) < 3 or not point.complete:
            kind = "me" if last and point.complete else "pa"
            marks.append(
                circle(frame.x(place[point.period]), frame.y(point.value), 3.5 if last else 2.5, kind)
            )
    return marks
