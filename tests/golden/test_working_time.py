"""Working time as seven other projects compute it, case by case."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pyarrow as pa
import pytest

from kpicore.clock import Calendar, DurationRule, parse_instant, read_calendars, working_time
from kpicore.errors import DataError


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    calendar: Calendar
    start: int
    end: int
    seconds: int
    policy: str
    source: str

    def measure(self, rule: DurationRule | None = None, count: str = "elapsed") -> int:
        clock = working_time(
            replace(self.calendar, count=count), min(self.start, self.end), max(self.start, self.end)
        )
        spans = (pa.array([at], pa.timestamp("us", "UTC")) for at in (self.start, self.end))
        return cast("int", clock.between(*spans, rule=rule)[0].as_py())


def as_toml(given: dict[str, object]) -> str:
    """Rewrites a calendar of the collection as a calendar file."""
    lines = [f"zone = {json.dumps(given['tz'] or 'UTC')}", "[week]"]
    spans = cast("dict[str, list[list[str]]]", given["week"])
    lines += [f"{day} = {json.dumps(['-'.join(span) for span in hours])}" for day, hours in spans.items()]
    lines += ["[holidays]", f"dates = {json.dumps(given.get('holidays', []))}"]
    lines += [f"yearly = {json.dumps(given.get('holidays_md', []))}", "[special_days]"]
    special = cast("dict[str, list[list[str]]]", given.get("special_days", {}))
    lines += [f"{day} = {json.dumps(['-'.join(span) for span in hours])}" for day, hours in special.items()]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def cases(shared_data: Path) -> list[Case]:
    content = json.loads((shared_data / "conformance" / "working_time.json").read_text(encoding="utf-8"))
    books = {name: read_calendars(as_toml(given), name=name) for name, given in content["calendars"].items()}
    found = []
    for case in content["cases"]:
        calendar = books[case["calendar"]].of()
        start, end = (parse_instant(case[key], calendar.zone, what=key) for key in ("start", "end"))
        found.append(
            Case(
                calendar=calendar,
                start=start,
                end=end,
                seconds=case["expected_seconds"],
                policy=case.get("policy_dependent", ""),
                source=case["source"],
            )
        )
    return found


def with_policy(cases: list[Case], words: str) -> list[Case]:
    return [case for case in cases if words in case.policy]


def test_all_plain_cases_agree_exactly(cases: list[Case]) -> None:
    """Two of them carry no note, yet rest on a policy: a reversed pair, and one with a fraction."""
    plain = [case for case in cases if not case.policy]
    backwards = [case for case in plain if case.end < case.start]
    fractions = [case for case in plain if case.end % 1_000_000]
    assert (len(cases), len(plain), len(backwards), len(fractions)) == (78, 69, 1, 1)
    for case in plain:
        if case not in backwards + fractions:
            assert case.measure() == case.seconds * 1_000_000, case
    assert backwards[0].measure(DurationRule(reversed="zero")) == backwards[0].seconds * 1_000_000
    assert fractions[0].measure() == fractions[0].seconds * 1_000_000 + 200
    assert fractions[0].measure(DurationRule(unit=1_000_000)) == fractions[0].seconds * 1_000_000


def test_a_floor_tells_answered_from_unanswered(cases: list[Case]) -> None:
    floored = with_policy(cases, "stores 1.0 s")
    assert len(floored) == 5
    assert {case.measure() for case in floored} == {0}
    assert [case.measure(DurationRule(floor=1_000_000)) for case in floored] == [1_000_000] * 5


def test_reversed_intervals_are_refused_clamped_or_negative(cases: list[Case]) -> None:
    [clamped] = with_policy(cases, "clamps to 0")
    [negative] = with_policy(cases, "gives the negative")
    for case, policy in ((clamped, "zero"), (negative, "negative")):
        with pytest.raises(DataError, match="ends before it starts"):
            case.measure()
        assert case.measure(DurationRule(reversed=policy)) == case.seconds * 1_000_000


def test_fractions_of_a_second_are_cut_on_request(cases: list[Case]) -> None:
    [cut] = with_policy(cases, "sub-second")
    assert cut.measure() == 624_020_000
    assert cut.measure(DurationRule(unit=1_000_000)) == cut.seconds * 1_000_000


def test_a_day_of_25_hours_counts_24_on_the_wall(cases: list[Case]) -> None:
    [long_day] = with_policy(cases, "25-hour")
    assert long_day.measure() == 90_000 * 1_000_000
    assert long_day.measure(count="wall") == long_day.seconds * 1_000_000
