"""A KPI's curve: how values become points, how all lie on it, and where one person stands."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from markupsafe import Markup

from kpicore.scoring.curve import Curve, evaluate

from .. import numbers
from ..model import Kpi, Line
from .plot import Frame, x_axis, y_axis
from .svg import Chart, circle, group, line, path, rect

__all__ = ["CurvePlot", "axis_text"]

_WIDTH, _HEIGHT = 320, 150
_SAMPLES = 48


class CurvePlot:
    """A KPI's curve with the values of all as bars behind it, drawn once for any number of people."""

    def __init__(self, kpi: Kpi, curve: Curve) -> None:
        self.frame = _frame(kpi, curve)
        self.backdrop = group("cv", *_backdrop(kpi, curve, self.frame))

    def chart(self, mine: Line | None, *, title: str, description: str) -> Chart:
        """Returns the chart with the point of a person's line; without any where there is none."""
        return Chart(
            width=_WIDTH,
            height=_HEIGHT,
            title=title,
            description=description,
            backdrop=self.backdrop,
            marks=Markup("") if mine is None else _own(mine, self.frame),
        )


def _frame(kpi: Kpi, curve: Curve) -> Frame:
    """Returns a frame that holds the curve's knots, the target and where nearly all lie."""
    xs = _knots(curve)
    xs += [] if kpi.spread is None else [kpi.spread.edges[0], kpi.spread.edges[-1]]
    if isinstance(kpi.target, tuple):
        xs += [float(end) for end in kpi.target]
    elif isinstance(kpi.target, Fraction):
        xs.append(float(kpi.target))
    low, high = min(xs), max(xs)
    room = (high - low) * 0.05 or abs(high) * 0.2 or 1.0
    low = max(0.0, low - room) if low >= 0 else low - room
    high = min(1.0, high + room) if kpi.unit == "ratio" and high <= 1 else high + room
    lowest, highest = float(curve.lowest), float(curve.highest)
    return Frame(
        left=30,
        top=10,
        right=_WIDTH - 8,
        bottom=_HEIGHT - 18,
        x_low=low,
        x_high=high,
        y_low=min(0.0, lowest),
        y_high=highest if highest > min(0.0, lowest) else lowest + 1,
    )


def _knots(curve: Curve) -> list[float]:
    over = curve.reciprocal_of
    return [float(x) if over is None else float(over / x) for x, _ in curve.knots if over is None or x > 0]


def _backdrop(kpi: Kpi, curve: Curve, frame: Frame) -> list[Markup]:
    marks = [y_axis(frame, "points", lambda at: numbers.count(at), 4)]
    if kpi.spread is not None:
        most = max(kpi.spread.counts) or 1
        room = (frame.bottom - frame.top) * 0.62
        for (a, b), n in zip(pairwise(kpi.spread.edges), kpi.spread.counts, strict=True):
            if n:
                height = max(2.0, room * n / most)
                width = max(1.0, frame.x(b) - frame.x(a) - 1)
                marks.append(rect(frame.x(a) + 0.5, frame.bottom - height, width, height, "pe"))
    if isinstance(kpi.target, tuple):
        a, b = (frame.x(float(end)) for end in kpi.target)
        marks.append(rect(a, frame.top, b - a, frame.bottom - frame.top, "tg"))
    elif isinstance(kpi.target, Fraction):
        x = frame.x(float(kpi.target))
        marks.append(line(x, frame.top, x, frame.bottom, "tl"))
    marks += [path(stretch, "cu") for stretch in _stretches(curve, frame)]
    marks.append(x_axis(frame, kpi.unit, lambda at: axis_text(at, kpi.unit)))
    return marks


def axis_text(at: float, unit: str) -> str:
    """Returns a round number for an axis, as short as it can be."""
    if unit == "ratio":
        share = round(at * 100, 6)
        return f"{share:g}%"
    if unit == "s" and abs(at) >= 60:
        return numbers.duration(at)
    text = f"{at:g}" if abs(at) < 10_000 else numbers.count(at)
    return f"{text}s" if unit == "s" and at else text


def _stretches(curve: Curve, frame: Frame) -> list[list[tuple[float, float]]]:
    """Returns the lines of a curve; it breaks where it jumps."""
    low, high = Fraction(frame.x_low), Fraction(frame.x_high)
    inner = {Fraction(x).limit_denominator(10**9) for x in _knots(curve)}
    cuts = sorted({low, *(x for x in inner if low < x < high), high})
    stretches: list[list[tuple[float, float]]] = []
    for a, b in pairwise(cuts):
        # points just inside the ends: at a jump the ends belong to the neighbours
        nudge = (b - a) / 1000
        curved = curve.reciprocal_of is not None
        steps = _SAMPLES // 4 if curved else 1
        xs = [a + nudge + (b - a - 2 * nudge) * i / steps for i in range(steps + 1)]
        found = [(x, points) for x in xs if (points := evaluate(curve, x)[0]) is not None]
        if len(found) < 2:
            continue
        piece = [(frame.x(float(x)), frame.y(float(p))) for x, p in found]
        piece[0] = (frame.x(float(a)), piece[0][1])
        piece[-1] = (frame.x(float(b)), piece[-1][1])
        if stretches and abs(stretches[-1][-1][1] - piece[0][1]) < 1.5:
            stretches[-1] = _joined(stretches[-1], piece)
        else:
            stretches.append(piece)
    return stretches


def _joined(before: list[tuple[float, float]], after: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [*before, *after[1:]]


def _own(mine: Line, frame: Frame) -> Markup:
    if mine.used is None or mine.points is None:
        return Markup("")
    x, y = frame.x(float(mine.used)), frame.y(float(mine.points))
    marks = []
    if mine.low is not None and mine.high is not None:
        marks.append(line(frame.x(mine.low), y, max(frame.x(mine.high), frame.x(mine.low) + 1), y, "iv"))
    marks.append(line(x, y, x, frame.bottom, "dr"))
    marks.append(circle(x, y, 4.5, "me"))
    return Markup("").join(marks)
