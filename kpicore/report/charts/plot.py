"""The frame of a chart: how numbers become places, and axes with round numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ..scale import ticks
from .svg import group, line, text

__all__ = ["Frame", "x_axis", "y_axis"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The rectangle of a plot and the numbers at its sides (``y_low`` at the bottom)."""

    left: float
    top: float
    right: float
    bottom: float
    x_low: float
    x_high: float
    y_low: float
    y_high: float

    def x(self, number: float) -> float:
        """Returns the place of a number across, at the edge where it lies beyond."""
        share = (number - self.x_low) / ((self.x_high - self.x_low) or 1.0)
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)

    def y(self, number: float) -> float:
        """Returns the place of a number up, at the edge where it lies beyond."""
        share = (number - self.y_low) / ((self.y_high - self.y_low) or 1.0)
        return self.bottom - min(max(share, 0.0), 1.0) * (self.bottom - self.top)


def x_axis(frame: Frame, unit: str, label: Callable[[float], str], count: int = 5) -> Markup:
    """Returns the base line and round numbers below it."""
    marks: list[Markup] = [line(frame.left, frame.bottom, frame.right, frame.bottom, "ax")]
    shown = ticks(frame.x_low, frame.x_high, unit, count)
    for i, at in enumerate(shown):
        x = frame.x(at)
        side = "start" if i == 0 and x - frame.left < 8 else "end" if frame.right - x < 8 else "middle"
        marks.append(text(x, frame.bottom + 12, label(at), anchor=side))
    return group("tk", *marks)


def y_axis(
    frame: Frame, unit: str, label: Callable[[float], str], count: int = 4, at: Sequence[float] | None = None
) -> Markup:
    """Returns grid lines and round numbers left of them."""
    marks: list[Markup] = []
    for each in ticks(frame.y_low, frame.y_high, unit, count) if at is None else at:
        y = frame.y(each)
        marks.append(line(frame.left, y, frame.right, y, "gr"))
        marks.append(text(frame.left - 4, y + 3, label(each), anchor="end"))
    return group("tk", *marks)
