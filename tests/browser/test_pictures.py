"""Pictures of a report, in both languages and on both screens; `make readme` puts two of them into docs/."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from kpicore.report import write_report
from tests.oracles.made_runs import Made, make_run

DOCS = Path(__file__).resolve().parents[2] / "docs"
NAMES = ["王芳", "李强", "Emma Carter", "张敏", "刘洋", "Daniel Novak", "Sofia Rossi", "陈静", "杨磊", "赵丽"]
PEOPLE = [
    Made(id=f"a{i:02}", name=name, team=("Hotline", "Online")[i % 2]) for i, name in enumerate(NAMES, start=1)
]
PICTURES = {"#overview": ("report-overview.png", 900), "#p3": ("report-person.png", 1300)}


def size_of(png: bytes) -> tuple[int, int]:
    return struct.unpack(">II", png[16:24])


def rows_of(png: bytes) -> int:
    """How many different rows a picture has: a blank one has one."""
    data, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        data += png[at + 8 : at + 8 + length] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += 12 + length
    plain = zlib.decompress(data)
    width = len(plain) // size_of(png)[1]
    return len({plain[i : i + width] for i in range(0, len(plain), width)})


@pytest.mark.parametrize("fragment", PICTURES)
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_pictures_are_taken(
    tmp_path: Path, visit: Callable[..., Page], language: str, width: int, fragment: str
) -> None:
    run = make_run(tmp_path / "runs", PEOPLE, seed=5)
    page = visit(write_report(run, tmp_path / "review.html", language=language), fragment, width=width)
    name, height = PICTURES[fragment]
    page.set_viewport_size({"width": width, "height": height})
    page.mouse.move(0, 0)
    png = page.screenshot()
    assert size_of(png) == (width, height)
    assert rows_of(png) > 200
    if (language, width) == ("en", 1280):
        file = DOCS / name
        if os.environ.get("KPICORE_REWRITE"):
            file.write_bytes(png)
        assert size_of(file.read_bytes()) == size_of(png)
