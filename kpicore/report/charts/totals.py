"""Totals: one with what it is made of, and all of them side by side with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup, escape

from .. import numbers
from .plot import Frame, x_axis
from .svg import Chart, circle, element, group, line, rect, text

__all__ = ["Part", "TotalDot", "parts_chart", "total_bar", "totals_chart"]

_SLOTS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalDot:
    """One person's total with its interval (equal ends where none is known)."""

    label: str
    total: float
    low: float
    high: float
    tier: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a total: its label, what it brings, and the slot of its colour."""

    label: str
    points: Decimal
    slot: int


def total_bar(
    total: float, low: float | None, high: float | None, *, lowest: float, highest: float
) -> Markup:
    """Returns a small bar with the total and its interval, for a row of a table (100 x 16 units)."""
    frame = Frame(left=0, top=0, right=100, bottom=16, x_low=lowest, x_high=highest, y_low=0, y_high=1)
    marks = [line(0, 8, 100, 8, "tk0"), line(0, 8, frame.x(total), 8, "tk1")]
    if low is not None and high is not None:
        marks.append(line(frame.x(low), 8, max(frame.x(high), frame.x(low) + 1), 8, "iv"))
    marks.append(circle(frame.x(total), 8.0, 3.5, "me"))
    return Markup("").join(marks)


def parts_chart(
    parts: Sequence[Part],
    total: float,
    low: float | None,
    high: float | None,
    *,
    lowest: float,
    highest: float,
    cuts: Sequence[tuple[str, float]],
    title: str,
    description: str,
) -> Chart:
    """Returns the total as a bar of its parts, with the grades' cut-offs below and its interval above."""
    frame = Frame(left=8, top=26, right=632, bottom=52, x_low=lowest, x_high=highest, y_low=0, y_high=1)
    shared = [rect(frame.left, frame.top, frame.right - frame.left, 26.0, "bg", rx=4)]
    for name, cut in cuts:
        x = frame.x(cut)
        shared.append(line(x, frame.bottom, x, frame.bottom + 6, "gc"))
        shared.append(text(x, frame.bottom + 18, f"{name} ≥ {cut:g}", anchor="middle", kind="al"))
    marks = []
    at = lowest
    for part in parts:
        width = frame.x(at + float(part.points)) - frame.x(at)
        if part.points > 0 and width > 0:
            slot = f"s{part.slot % _SLOTS}"
            marks.append(rect(frame.x(at), frame.top, max(0.5, width - 1.5), 26.0, slot))
            at += float(part.points)
    x = frame.x(total)
    if low is not None and high is not None:
        a, b = frame.x(low), frame.x(high)
        marks += [line(a, 16, b, 16, "wh"), line(a, 12, a, 20, "wh"), line(b, 12, b, 20, "wh")]
    marks += [line(x, 16, x, frame.bottom, "tt"), circle(x, 16.0, 4.5, "me")]
    return Chart(
        width=640,
        height=76,
        title=title,
        description=description,
        backdrop=group("cv", *shared),
        marks=Markup("").join(marks),
    )


def totals_chart(
    dots: Sequence[TotalDot],
    *,
    lowest: float,
    highest: float,
    cuts: Sequence[tuple[str, float]],
    title: str,
    description: str,
) -> Chart:
    """Returns all totals, best first, with intervals and alternating bands for the tiers.

    Up to 40 people have a named row each; more of them become a dense cloud without names.
    """
    named = len(dots) <= 40
    row = 18.0 if named else max(1.0, min(6.0, 560 / max(len(dots), 1)))
    left = 130.0 if named else 12.0
    height = int(row * len(dots)) + 44
    lows = [dot.low for dot in dots] or [lowest]
    bottom = min([lowest, *lows]) if min(lows) < lowest + (highest - lowest) * 0.35 else _floor(min(lows))
    frame = Frame(
        left=left,
        top=16,
        right=628,
        bottom=height - 22,
        x_low=bottom,
        x_high=max([highest, *(dot.high for dot in dots)]),
        y_low=0,
        y_high=1,
    )
    marks: list[Markup] = _bands(dots, frame, row)
    for name, cut in cuts:
        if frame.x_low < cut < frame.x_high:
            marks.append(line(frame.x(cut), frame.top - 4, frame.x(cut), frame.bottom, "gc"))
            marks.append(text(frame.x(cut), frame.top - 6, name, anchor="middle", kind="al"))
    for i, dot in enumerate(dots):
        y = frame.top + row * (i + 0.5)
        if named:
            marks.append(text(left - 8, y + 4, _short(dot.label), anchor="end", kind="nm"))
        if dot.high > dot.low:
            marks.append(line(frame.x(dot.low), y, frame.x(dot.high), y, "wh" if named else "wt"))
        told = element("title", escape(f"{dot.label}: {numbers.points(dot.total)}")) if named else ""
        marks.append(circle(frame.x(dot.total), y, 4.0 if named else 1.4, "me" if named else "md", told))
    marks.append(x_axis(frame, "points", lambda at: numbers.count(at), 8))
    return Chart(
        width=640,
        height=height,
        title=title,
        description=description,
        backdrop=Markup(""),
        marks=group("cv", *marks),
    )


def _floor(low: float) -> float:
    return float(int(low / 10) * 10)


def _short(label: str, most: int = 18) -> str:
    return label if len(label) <= most else f"{label[: most - 1]}…"


def _bands(dots: Sequence[TotalDot], frame: Frame, row: float) -> list[Markup]:
    """Returns a shade behind every other tier, as long as the order of totals keeps tiers together."""
    marks: list[Markup] = []
    start = 0
    for i in range(1, len(dots) + 1):
        if i == len(dots) or dots[i].tier != dots[start].tier:
            tier = dots[start].tier
            if tier is not None and tier % 2 == 0:
                top = frame.top + row * start
                marks.append(rect(0.0, top, frame.right, row * (i - start), "ti"))
            start = i
    return marks
