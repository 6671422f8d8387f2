"""SVG by hand: elements, numbers, and charts whose parts can be shared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

__all__ = ["Chart", "circle", "element", "fixed", "group", "line", "path", "rect", "standalone", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing of ``width`` x ``height`` units.

    ``backdrop`` is what many charts have in common (axes, curves, how all lie) and is drawn first; ``marks``
    are its own. ``title`` and ``description`` say in words what it shows.
    """

    width: int
    height: int
    title: str
    description: str
    backdrop: Markup
    marks: Markup


def fixed(number: float) -> str:
    """Returns a coordinate with at most one decimal.

    >>> fixed(12.04), fixed(-0.01), fixed(3.16)
    ('12', '0', '3.2')
    """
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def element(tag: str, *children: object, **attributes: object) -> Markup:
    """Returns an element; ``class_`` and ``text_anchor`` become ``class`` and ``text-anchor``; None is
    dropped.
    """
    told = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(_shown(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    inner = Markup("").join(escape(child) for child in children)
    return Markup(f"<{tag}{told}>{inner}</{tag}>" if inner else f"<{tag}{told}/>")


def _shown(value: object) -> str:
    return fixed(value) if isinstance(value, float) else str(value)


def rect(x: float, y: float, width: float, height: float, kind: str, **more: object) -> Markup:
    """Returns a rectangle of class ``kind``."""
    return element("rect", x=x, y=y, width=width, height=height, class_=kind, **more)


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    """Returns a straight line of class ``kind``."""
    way = f"H{fixed(x2)}" if y1 == y2 else f"V{fixed(y2)}" if x1 == x2 else f"L{fixed(x2)} {fixed(y2)}"
    return element("path", d=f"M{fixed(x1)} {fixed(y1)}{way}", class_=kind)


def path(points: Iterable[tuple[float, float]], kind: str, *, closed: bool = False) -> Markup:
    """Returns a line through ``points``; nothing where there are fewer than two."""
    known = [f"{fixed(x)} {fixed(y)}" for x, y in points]
    if len(known) < 2:
        return Markup("")
    return element("path", d=f"M{'L'.join(known)}{'Z' if closed else ''}", class_=kind)


def circle(x: float, y: float, radius: float, kind: str, *children: object) -> Markup:
    """Returns a circle of class ``kind``."""
    return element("circle", *children, cx=x, cy=y, r=radius, class_=kind)


def text(x: float, y: float, words: str, *, anchor: str | None = None, kind: str | None = None) -> Markup:
    """Returns text at a place, escaped; ``anchor`` is start (the default), middle or end."""
    return element("text", escape(words), x=x, y=y, text_anchor=anchor, class_=kind)


def group(kind: str, *children: object) -> Markup:
    """Returns a group of class ``kind``."""
    return element("g", *children, class_=kind)


def standalone(chart: Chart, style: str) -> str:
    """Returns a chart as an SVG file of its own, with the rules of ``style`` inside."""
    return str(
        element(
            "svg",
            element("title", escape(chart.title)),
            element("desc", escape(chart.description)),
            element("style", Markup(style)),
            chart.backdrop,
            chart.marks,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {chart.width} {chart.height}",
            width=chart.width,
            height=chart.height,
        )
    )
