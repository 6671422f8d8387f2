"""Agents' days on data that can be checked by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

import kpicore
from kpicore.testing import check_metric

MONDAY = datetime(2026, 10, 12, tzinfo=UTC)


def at(hour: float) -> datetime:
    return MONDAY + timedelta(hours=hour)


# Ann is logged in from 8 to 12 and from 13 to 17 on Monday and from 20 to 26, past midnight; Bob on Monday
# from 9 to 11; Cat is never. Ann has 6 contacts, Bob 2, of 30 minutes each.
STATES = {
    "agent_id": ["ann"] * 6 + ["bob"] * 2 + ["cat"],
    "at": [at(hour) for hour in (8, 12, 13, 17, 20, 26, 9, 11, 9)],
    "state": ["available", "offline"] * 4 + ["offline"],
}
TALKS = [("ann", hour) for hour in (8, 9, 13, 14, 21, 25)] + [("bob", 9), ("bob", 10)]
LOG = {
    "agent_states": pa.table(STATES),
    "segments": pa.table(
        {
            "contact_id": [*range(8)],
            "agent_id": [agent for agent, _ in TALKS],
            "kind": ["talk"] * 7 + ["hold"],
            "start": [at(hour) for _, hour in TALKS],
            "end": [at(hour + 0.5) for _, hour in TALKS],
        }
    ),
}


def values(text: str, zone: str = "UTC", period: str = "all", **more: object) -> dict[object, object]:
    result = kpicore.measure(kpicore.open(LOG), [text], ["agent"], period=period, zone=zone, **more)  # type: ignore[arg-type]
    return {row["agent"]: row["value"] for row in result.rows()}


def test_average_daily_sessions() -> None:
    # Ann has 6 in two days in UTC, Bob 2 in one
    assert values("average_daily_sessions") == {"ann": 3.0, "bob": 2.0}
    # in Shanghai, 8 hours ahead, Ann's Monday ends at 16: her days are Monday and Tuesday as well, not three
    assert values("average_daily_sessions", "Asia/Shanghai")["ann"] == 3.0
    # in Auckland, 13 hours ahead, midnight is at 11: Ann works on Monday from 21 on and all of Tuesday
    assert values("average_daily_sessions", "Pacific/Auckland") == {"ann": 3.0, "bob": 2.0}
    # in Hawaii, 10 hours behind, midnights are at 10: before it 2 days' work of Bob
    assert values("average_daily_sessions", "Pacific/Honolulu")["bob"] == 1.0


def test_standard_days() -> None:
    # Ann: 6 in 14 hours, Bob 2 in 2 hours
    found = values("average_daily_sessions[per_hours=8]")
    assert found == {"ann": pytest.approx(6 * 8 / 14), "bob": 8.0, "cat": None}


def test_talk_time_share() -> None:
    assert values("talk_time_share") == {"ann": pytest.approx(3 / 14), "bob": 0.25, "cat": None}
    assert values("talk_time_share[hold=include]")["bob"] == 0.5


@pytest.mark.parametrize("name", ["average_daily_sessions", "talk_time_share"])
def test_laws(name: str) -> None:
    check_metric(name, by=("agent",), zone="Asia/Shanghai")
