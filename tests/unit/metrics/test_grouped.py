"""Parameters that differ by queue, channel, team, skill or tenure, on data checked by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

import kpicore
from kpicore.errors import MissingDataError, ParameterError, UsageError
from kpicore.metrics import parse_request, read_request, write_request
from kpicore.plugin.manager import load_plugins
from tests.unit.metrics.test_queues import NINE, log_of, second

PLUGINS = load_plugins(third_party=False)


def stay(contact: str, queue: str | None, wait: float, outcome: str = "answered") -> dict[str, object]:
    return {
        "contact_id": contact,
        "agent_id": "a" if outcome == "answered" else None,
        "queue": queue,
        "entered_at": second(0),
        "left_at": second(wait),
        "outcome": outcome,
        "wait": int(wait * 1_000_000),
    }


STAYS = log_of(
    {
        "visits": [
            stay("1", "vip", 8),
            stay("2", "vip", 15),
            stay("3", "vip", 9, "abandoned"),
            stay("4", "basic", 15),
            stay("5", "basic", 45),
            stay("6", None, 19),
            stay("7", "a;b: c", 40),
        ],
        "contacts": [
            {"contact_id": str(i), "channel": "phone" if i % 2 else "chat", "opened_at": second(0)}
            for i in range(1, 8)
        ],
    }
)


def parts(text: str, log: kpicore.Log = STAYS, by: str = "all") -> dict[object, tuple[object, object]]:
    rows = kpicore.measure(log, [text], [by], zone="UTC").rows()
    return {row.get(by): (row["numerator"], row["denominator"]) for row in rows}


def test_every_queue_has_its_own_limit() -> None:
    text = 'service_level[; queue=vip: within=10s; queue="a;b: c"+other: within=40s]'
    assert parts(text, by="queue") == {"vip": (1, 3), "basic": (1, 2), "a;b: c": (1, 1)}
    assert parts(text) == {None: (1 + 1 + 1 + 1, 3 + 2 + 1 + 1)}


def test_the_first_group_that_fits_decides() -> None:
    wide_first = parts("service_level[; channel=phone+chat: within=1m; queue=vip: within=10s]")
    narrow_first = parts("service_level[; queue=vip: within=10s; channel=phone+chat: within=1m]")
    assert (wide_first, narrow_first) == ({None: (6, 7)}, {None: (5, 7)})


def test_all_subjects_of_a_group_must_fit() -> None:
    assert parts("service_level[within=1s; queue=vip, channel=phone: within=10s]") == {None: (1, 7)}


def test_rules_differ_as_well_as_limits() -> None:
    text = "service_level[; queue=vip: abandoned=count_within_as_met]"
    assert parts(text, by="queue")["vip"] == (3, 3)
    (row,) = kpicore.measure(STAYS, ["service_level[; queue=vip: abandoned=exclude]"], zone="UTC").rows()
    assert (row["denominator"], row["excluded"]) == (6, {"abandoned": 1})


def test_quantiles_are_of_the_waits_that_each_group_counts() -> None:
    text = "average_wait_time[statistic=p50; queue=vip: outcomes=abandoned]"
    (row,) = kpicore.measure(STAYS, [text], zone="UTC").rows()
    assert (row["value"], row["n"]) == (19, 5)


def test_values_differ_by_group() -> None:
    legs = [
        {
            "contact_id": str(i),
            "agent_id": agent,
            "began_at": second(0),
            "ended_at": second(90),
            "talk": 60_000_000,
        }
        | {"hold": 20_000_000, "wrapup": 10_000_000, "ring": 0, "began": "answered", "ended": "left"}
        for i, agent in enumerate(("new", "old"))
    ]
    people = [
        {"agent_id": "new", "hired_on": NINE - timedelta(days=10)},
        {"agent_id": "old", "hired_on": NINE - timedelta(days=1000)},
    ]
    log = log_of({"legs": legs, "agents": people})
    text = "average_handle_time[; tenure=00-03m: components=talk+hold]"
    rows = kpicore.measure(log, [text], ["agent"], zone="UTC").rows()
    assert {row["agent"]: row["value"] for row in rows} == {"new": 80, "old": 90}
    (row,) = kpicore.measure(log, [text], zone="UTC").rows()
    assert (row["value"], row["n"]) == (85, 2)


def test_a_change_of_team_cuts_the_time_that_is_prorated() -> None:
    states = [
        {"agent_id": "a", "at": second(0), "state": "available", "until": second(3600)},
        {"agent_id": "a", "at": second(3600), "state": "training", "until": second(7200)},
    ]
    people = [
        {"agent_id": "a", "team": "one", "valid_to": second(5400)},
        {"agent_id": "a", "team": "two", "valid_from": second(5400)},
    ]
    log = log_of({"agent_states": states, "agents": people})
    assert parts("work_rate", log) == {None: (3_600_000_000, 7_200_000_000)}
    text = "work_rate[; team=two: states=available+training]"
    assert parts(text, log) == {None: (5_400_000_000, 7_200_000_000)}


def test_one_of_several_skills_is_enough() -> None:
    people = [{"agent_id": "a", "skills": ["mail", "technical"]}]
    log = log_of({"visits": [stay("1", "vip", 15), stay("2", "vip", 25)], "agents": people})
    assert parts("service_level[within=5s; skill=technical: within=20s]", log) == {None: (1, 2)}


def test_a_group_does_not_change_what_is_asked_beside_it() -> None:
    grouped = "handling_time[; team=one: kinds=talk]"
    segments = [{"contact_id": "1", "agent_id": "a", "kind": "hold", "start": second(0), "end": second(60)}]
    people = [
        {"agent_id": "a", "team": "one", "valid_to": second(30)},
        {"agent_id": "a", "team": "two", "valid_from": second(30)},
    ]
    log = log_of({"segments": segments, "agents": people})
    found = kpicore.measure(log, ["handling_time", grouped], zone="UTC").rows()
    assert [(row["value"], row["n"]) for row in found] == [(60, 1), (30, 1)]


def test_the_parameters_of_groups_stand_beside_the_value() -> None:
    text = "service_level[op=lt; queue=vip+gold, channel=phone: abandoned=exclude,within=10s]"
    (row,) = kpicore.measure(STAYS, [text], zone="UTC").rows()
    parameters = row["parameters"]
    assert isinstance(parameters, Mapping)
    assert {k: v for k, v in parameters.items() if ":" in k} == {
        "queue=gold+vip, channel=phone: denominator_abandons": "none",
        "queue=gold+vip, channel=phone: numerator_abandons": "none",
        "queue=gold+vip, channel=phone: within": "10s",
    }
    assert (parameters["within"], parameters["op"]) == ("20s", "lt")


def test_a_group_wins_over_the_dialect() -> None:
    request = parse_request("service_level[; queue=vip: denominator_abandons=none]@genesys", PLUGINS)
    (group,) = request.groups
    assert request.settings.word("denominator_abandons") == "all"
    assert group.settings.word("denominator_abandons") == "none"


def test_formulas_take_groups() -> None:
    text = 'x = 1 - service_level[; queue=vip+"]": within=10s]'
    (row,) = kpicore.measure(STAYS, [text], zone="UTC").rows()
    assert row["value"] == pytest.approx(4 / 7)


@pytest.mark.parametrize(
    "text",
    [
        "service_level",
        "service_level[within=20s]",
        "service_level[; queue=vip: within=10s]",
        'service_level[within=20s,op=lt; queue="a ""b""; c"+x, tenure[3+12]=00-03m: within=10s]@genesys',
    ],
)
def test_what_is_read_is_written_again(text: str) -> None:
    written = read_request(text)
    assert read_request(write_request(written)) == written


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("service_level[; queue=vip]", "does not name a metric"),
        ("service_level[; queue=: within=10s]", "does not name a metric"),
        ("service_level[; queue=vip, queue=gold: within=10s]", "does not name a metric"),
        ("service_level[; queue=vip: within=10s", "does not name a metric"),
        ("service_level[; queue=a+b: within=10s; queue=b+a: op=lt]", "names the group queue=a\\+b twice"),
        (
            "service_level[; queue=a, channel=b: op=lt; channel=b, queue=a: op=le]",
            "names the group channel=b, queue=a twice",
        ),
        ("service_level[; queue=vip: window=10s]", "queue=vip: service_level cannot be computed so"),
        ("service_level[; queue=vip: within=soon]", "queue=vip: service_level cannot be computed so"),
    ],
)
def test_mistakes_name_the_group(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_request(text, PLUGINS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "average_wait_time[; queue=vip: statistic=p90]",
            "statistic=p90 makes another kind of figure for queue=vip",
        ),
        ("service_level[; queue=vip: attribution=event]", "attribution=event reads other rows for queue=vip"),
    ],
)
def test_what_no_single_figure_can_hold_is_an_error(text: str, said: str) -> None:
    with pytest.raises(ParameterError, match=said) as raised:
        kpicore.measure(STAYS, [text], zone="UTC")
    assert "--where" in raised.value.hint


def test_a_subject_that_rows_do_not_have_is_an_error() -> None:
    with pytest.raises(MissingDataError, match="visits cannot be told apart by region"):
        kpicore.measure(STAYS, ["service_level[; region=north: within=10s]"], zone="UTC")
