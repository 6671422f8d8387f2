"""The examples of the calendars' page are calendars."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from kpicore.clock import read_calendars, work_days


def test_the_examples_can_be_read() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "calendars.md"
    first, second = re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    days = work_days(read_calendars(first).of(), date(2026, 11, 10), date(2026, 11, 12))
    assert [(day.reason, len(day.shifts)) for day in days] == [("week", 3), ("special", 1), ("special", 0)]
    book = read_calendars(second)
    assert [book.of(team=team, queue=queue).name for team, queue in (("night 2", None), ("x", "y"))] == [
        "night",
        "office",
    ]
