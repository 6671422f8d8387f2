"""A funnel: rates of people over how much was observed, with the limits of chance around the common rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from markupsafe import Markup, escape

from ..model import Funnel
from ..scale import nice_step
from .curves import axis_text
from .plot import Frame, x_axis, y_axis
from .svg import Chart, circle, element, group, line, path, text

__all__ = ["FunnelDot", "funnel_chart"]

_WIDTH, _HEIGHT = 640, 300
_STEPS = 60
_Z95, _Z998 = 1.959963984540054, 3.090232306167813
_NAMED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelDot:
    """One person: his label, rate, number of observations, and where he lies (inside, alert, alarm)."""

    label: str
    rate: float
    n: int
    side: str


def funnel_chart(
    common: Funnel, dots: Sequence[FunnelDot], *, title: str, description: str, across: str
) -> Chart:
    """Returns the funnel; those outside its limits are named while they are few.

    ``across`` names the x axis.
    """
    most = max((dot.n for dot in dots), default=1)
    frame = _frame(common, dots, most)
    marks: list[Markup] = []
    for z, kind in ((_Z998, "f3"), (_Z95, "f2")):
        marks.append(path(_limits(common, frame, z, most), kind, closed=True))
    y = frame.y(common.centre)
    marks.append(line(frame.left, y, frame.right, y, "te"))
    marks.append(y_axis(frame, "ratio", lambda at: axis_text(at, "ratio"), 6))
    marks.append(x_axis(frame, "count", lambda at: axis_text(at, "count"), 8))
    marks.append(text(frame.right, frame.bottom + 26, across, anchor="end", kind="al"))
    return Chart(
        width=_WIDTH,
        height=_HEIGHT,
        title=title,
        description=description,
        backdrop=group("cv", *marks),
        marks=_dots(dots, frame),
    )


def _frame(common: Funnel, dots: Sequence[FunnelDot], most: int) -> Frame:
    middle = sorted(dot.n for dot in dots)[len(dots) // 2] if dots else 1
    reach = _Z998 * sqrt(common.factor * common.centre * (1 - common.centre) / max(middle, 1))
    low = min([common.centre - reach, *(dot.rate for dot in dots)])
    high = max([common.centre + reach, *(dot.rate for dot in dots)])
    room = (high - low) * 0.06 or 0.05
    step = nice_step(most / 8, "count")
    return Frame(
        left=44,
        top=10,
        right=_WIDTH - 14,
        bottom=_HEIGHT - 38,
        x_low=0.0,
        x_high=most + step / 2,
        y_low=max(0.0, low - room),
        y_high=min(1.0, high + room),
    )


def _limits(common: Funnel, frame: Frame, z: float, most: int) -> list[tuple[float, float]]:
    spread = z * sqrt(common.factor * common.centre * (1 - common.centre))
    # dense where the funnel is steep
    ns = [max(1.0, frame.x_high * (i / _STEPS) ** 2) for i in range(1, _STEPS + 1)]
    upper = [(frame.x(n), frame.y(common.centre + spread / sqrt(n))) for n in ns]
    lower = [(frame.x(n), frame.y(common.centre - spread / sqrt(n))) for n in reversed(ns)]
    return [*upper, *lower]


def _dots(dots: Sequence[FunnelDot], frame: Frame) -> Markup:
    radius = 4.0 if len(dots) <= 60 else 2.5
    marks = []
    outside = sorted((d for d in dots if d.side != "inside"), key=lambda d: (d.side != "alarm", -d.n))
    for dot in sorted(dots, key=lambda d: ("inside", "alert", "alarm").index(d.side)):
        told = element("title", escape(f"{dot.label}: {axis_text(round(dot.rate, 3), 'ratio')}, n = {dot.n}"))
        marks.append(circle(frame.x(float(dot.n)), frame.y(dot.rate), radius, f"d{dot.side[:3]}", told))
    taken: list[tuple[float, float]] = []
    for dot in outside[:_NAMED]:
        x, y = frame.x(float(dot.n)), frame.y(dot.rate)
        if any(abs(x - a) < 70 and abs(y - b) < 12 for a, b in taken):
            continue
        taken.append((x, y))
        left = x > frame.right - 90
        marks.append(
            text(x - 7 if left else x + 7, y + 4, dot.label, anchor="end" if left else None, kind="nm")
        )
    return Markup("").join(marks)
