"""Satisfaction, recommendation and effort on data that can be checked by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

import kpicore
from kpicore.errors import MissingDataError, ParameterError
from kpicore.testing import check_metric, generate_log

MONDAY = datetime(2026, 10, 12, tzinfo=UTC)
Row = Mapping[str, object]


def at(hour: float) -> datetime:
    return MONDAY + timedelta(hours=hour)


def table(rows: Sequence[Row]) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: [row.get(name) for row in rows] for name in names})


def survey(kind: str, score: float | None, **more: object) -> Row:
    answered = {"answered_at": at(10)} if score is not None else {}
    return {"kind": kind, "invited_at": at(9), "score": score} | answered | more


def results(
    tables: Mapping[str, Sequence[Row]], *texts: str, by: Sequence[str] = (), period: str = "all"
) -> list[dict[str, object]]:
    log = kpicore.open({name: table(rows) for name, rows in tables.items()})
    return kpicore.measure(log, texts, by, period=period, zone="UTC").rows()


def value(surveys: Sequence[Row], text: str) -> object:
    (row,) = results({"surveys": surveys}, text)
    return row["value"]


SCORES = [survey("csat", float(score)) for score in (5, 4, 4, 3, 1)]
UNANSWERED = [survey("csat", None) for _ in range(3)]


def test_csat_is_the_share_of_four_and_five() -> None:
    # 5, 4, 4 of 5, 4, 4, 3, 1: 3 of 5; 5 of 8 invitations were answered; (5+4+4+3+1)/5 = 3.4
    share, mean, rate = results(
        {"surveys": [*SCORES, *UNANSWERED]}, "csat", "csat[statistic=mean]", "csat[statistic=response_rate]"
    )
    assert (share["value"], share["numerator"], share["denominator"]) == (0.6, 3, 5)
    assert share["excluded"] == {"unanswered": 3}
    assert (mean["value"], mean["n"], mean["unit"]) == (3.4, 5, "points")
    assert (rate["value"], rate["numerator"], rate["denominator"]) == (0.625, 5, 8)


def test_csat_of_nobody_is_undefined() -> None:
    rows = results({"surveys": UNANSWERED}, "csat", "csat[statistic=mean]", "csat[statistic=response_rate]")
    assert [row["value"] for row in rows] == [None, None, 0.0]


@pytest.mark.parametrize(
    ("text", "satisfied"),
    [("csat[satisfied_from=5]", 1), ("csat[satisfied_from=3]", 4), ("csat[scale=0..5,satisfied_from=4]", 3)],
)
def test_satisfied_from(text: str, satisfied: int) -> None:
    assert value(SCORES, text) == satisfied / 5


def test_scales_of_the_surveys_themselves() -> None:
    # As high as 4 of 1..5 is 7.75 of 1..10: 8 is satisfied, 7 is not. 1 of 0..1 is, 0 is not.
    tens = [survey("csat", float(score), scale_min=1.0, scale_max=10.0) for score in (8, 7)]
    thumbs = [survey("csat", float(score), scale_min=0.0, scale_max=1.0) for score in (1, 0)]
    assert value(tens, "csat") == 0.5
    assert value(thumbs, "csat") == 0.5
    # (1 + 0) / 2 of 0..1 is 3 of 1..5
    assert value(thumbs, "csat[statistic=mean]") == 3.0
    assert value(tens, "csat[scale=1..10,statistic=mean]") == 7.5


def test_a_score_outside_its_scale_is_left_out_and_counted() -> None:
    (row,) = results({"surveys": [*SCORES, survey("csat", 9.0)]}, "csat")
    assert (row["value"], row["excluded"]) == (0.6, {"out_of_scale": 1})


def test_answers_in_words() -> None:
    words = [survey("csat", None, answer=word) for word in ("good", "good", "great", "bad", None)]
    (row,) = results({"surveys": words}, "csat[answers=good+great]")
    assert (row["value"], row["denominator"], row["excluded"]) == (0.75, 4, {"unanswered": 1})
    (row,) = results({"surveys": words}, "csat")
    assert (row["value"], row["excluded"]) == (None, {"unanswered": 1, "unscored": 4})


def test_nps() -> None:
    # promoters 10, 9, 9; passives 8, 7; detractors 6, 0: 100 x (3 - 2) / 7 = 14.28...
    surveys = [survey("nps", float(score)) for score in (10, 9, 9, 8, 7, 6, 0)]
    score, promoters, passives, detractors = results(
        {"surveys": surveys}, "nps", *(f"nps[statistic={s}]" for s in ("promoters", "passives", "detractors"))
    )
    assert (score["value"], score["numerator"], score["denominator"]) == (pytest.approx(100 / 7), 1, 7)
    assert [row["numerator"] for row in (promoters, passives, detractors)] == [3, 2, 2]
    assert value([survey("nps", 9.0)] * 3, "nps") == 100.0
    assert value([survey("nps", 6.0)] * 3, "nps") == -100.0


def test_ces() -> None:
    surveys = [survey("ces", float(score)) for score in (2, 3, 10)]
    assert value(surveys, "ces") == 5.0
    # turned round on 1..10: 9, 8, 1
    assert value(surveys, "ces[high_means=ease]") == 6.0
    assert value(surveys, "ces[scale=0..10]") == 5.0


def test_employee_satisfaction() -> None:
    # (0.75 + 0.5 + 1 + 0) / 4; 4 and 5 are the two highest boxes
    surveys = [survey("esat", float(score), agent_id="ann") for score in (4, 3, 5, 1)]
    assert value(surveys, "employee_satisfaction") == 0.5625
    assert value(surveys, "employee_satisfaction[statistic=top2]") == 0.5
    tens = [survey("esat", float(score), scale_min=1.0, scale_max=10.0) for score in (10, 9, 8, 7)]
    assert value(tens, "employee_satisfaction[statistic=top2]") == 0.5


def test_kinds_are_kept_apart() -> None:
    assert value([*SCORES, survey("nps", 0.0), survey("esat", 1.0)], "csat") == 0.6


CONTACT = {"opened_at": at(8), "closed_at": at(9), "channel": "chat"}
CREDITED: dict[str, Sequence[Row]] = {
    "surveys": [
        survey("csat", 5.0, contact_id="one"),
        survey("csat", 1.0, contact_id="one", agent_id="zoe"),
        survey("csat", 4.0, contact_id="two"),
        survey("csat", 2.0, contact_id="none"),
    ],
    "contacts": [
        CONTACT | {"contact_id": "one", "agent_id": "ann"},
        CONTACT | {"contact_id": "two", "agent_id": "bob"},
    ],
    "messages": [
        {"contact_id": "one", "at": at(8.1), "author": "agent", "agent_id": "ann"},
        {"contact_id": "one", "at": at(8.2), "author": "agent", "agent_id": "bob"},
        {"contact_id": "one", "at": at(8.3), "author": "note", "agent_id": "eve"},
        {"contact_id": "one", "at": at(8.4), "author": "customer"},
        {"contact_id": "one", "at": at(11), "author": "agent", "agent_id": "ann"},
    ],
}


@pytest.mark.parametrize(
    ("credit", "expected"),
    [
        # the survey's agent, else the contact's; the survey about an unknown contact has nobody
        ("assignee", {"ann": (1, 1), "bob": (1, 1), "zoe": (0, 1)}),
        # bob wrote last on "one" before it was rated at 10; nobody wrote on "two", which stays with bob
        ("last_replier", {"bob": (2, 3)}),
        ("all_participants", {"ann": (1, 2), "bob": (2, 3)}),
    ],
)
def test_whom_a_rating_is_credited_to(credit: str, expected: dict[str, tuple[int, int]]) -> None:
    rows = results(CREDITED, f"csat[credit={credit}]", by=["agent"])
    assert {row["agent"]: (row["numerator"], row["denominator"]) for row in rows} == expected


def event(contact: str, hour: float, word: str, agent: str | None = None, to: str | None = None) -> Row:
    return {"contact_id": contact, "at": at(hour), "event": word, "agent_id": agent, "to_agent_id": to}


@pytest.mark.parametrize(
    ("credit", "expected"),
    [
        ("assignee", {"dan": 1, "zoe": 1, "bob": 1, "fay": 1}),
        # "one" was solved by bob, and again by dan after its ratings; "two" was closed by bob; "three" was
        # not solved when it was rated
        ("assignee_at_solve", {"bob": 3, "fay": 1}),
        # "one" had been passed on to cat, "three" was eve's
        ("assignee_at_rating", {"cat": 2, "bob": 1, "eve": 1}),
    ],
)
def test_whose_a_contact_was_when_it_was_solved_or_rated(credit: str, expected: dict[str, int]) -> None:
    tables: dict[str, Sequence[Row]] = {
        "contacts": [
            CONTACT | {"contact_id": name, "agent_id": agent}
            for name, agent in (("one", "dan"), ("two", "bob"), ("three", "fay"))
        ],
        "contact_events": [
            event("one", 8, "assigned", "ann"),
            event("one", 8.5, "transferred", "ann", "bob"),
            event("one", 8.8, "resolved"),
            event("one", 9.5, "transferred", "bob"),
            event("one", 9.6, "transferred", "bob", "cat"),
            event("one", 10.5, "reopened"),
            event("one", 10.6, "assigned", "dan"),
            event("one", 11, "resolved"),
            event("three", 9.5, "started", "eve"),
            event("three", 12, "resolved"),
        ],
        "surveys": [
            survey("csat", 5.0, contact_id="one"),
            survey("csat", 1.0, contact_id="one", agent_id="zoe"),
            survey("csat", 4.0, contact_id="two"),
            survey("csat", 4.0, contact_id="three"),
        ],
    }
    rows = results(tables, f"csat[credit={credit}]", by=["agent"])
    assert {row["agent"]: row["denominator"] for row in rows} == expected


def test_events_are_needed_to_tell_whose_a_contact_was() -> None:
    with pytest.raises(MissingDataError, match="contact_events"):
        results(CREDITED, "csat[credit=assignee_at_rating]")
    rows = results(CREDITED, "csat[credit=assignee_at_solve]", by=["agent"])
    assert {row["agent"]: row["denominator"] for row in rows} == {"ann": 2, "bob": 1}


def test_legs_tell_who_took_part_in_calls() -> None:
    leg = {"began": "answered", "ended": "closed"}
    tables = {name: rows for name, rows in CREDITED.items() if name != "messages"} | {
        "legs": [
            leg | {"contact_id": "two", "agent_id": "cat", "began_at": at(8.2)},
            leg | {"contact_id": "two", "agent_id": "dan", "began_at": at(8.1)},
        ]
    }
    rows = results(tables, "csat[credit=last_replier]", by=["agent"])
    assert {row["agent"]: row["denominator"] for row in rows} == {"ann": 1, "zoe": 1, "cat": 1}
    rows = results(tables, "csat[credit=all_participants]", by=["agent"])
    assert {row["agent"]: row["denominator"] for row in rows} == {"ann": 1, "zoe": 1, "cat": 1, "dan": 1}


def test_a_rating_has_the_subjects_of_its_contact() -> None:
    rows = results(CREDITED, "csat", by=["channel"])
    assert {row["channel"]: row["denominator"] for row in rows} == {"chat": 3}


def test_the_day_of_a_rating() -> None:
    contact = {"contact_id": 1, "agent_id": "ann", "opened_at": at(20), "closed_at": at(23)}
    surveys = [
        {"kind": "csat", "invited_at": at(25), "answered_at": at(49), "score": 5.0, "contact_id": 1},
        {"kind": "csat", "invited_at": at(25), "contact_id": 1},
    ]
    tables: dict[str, Sequence[Row]] = {"contacts": [contact], "surveys": surveys}
    for attribution, days in {"contact": [1, 0, 0], "start": [0, 1, 0], "event": [0, 0, 1]}.items():
        rows = results(tables, f"csat[attribution={attribution}]", period="day")
        assert [row["denominator"] for row in rows] == days
    rows = results(tables, "csat[statistic=response_rate]", period="day")
    assert [row["value"] for row in rows] == [None, 0.5, None]


def test_a_scale_must_be_one() -> None:
    with pytest.raises(ParameterError, match="not a scale such as"):
        value(SCORES, "csat[scale=5..1]")


@pytest.mark.parametrize("name", ["csat", "nps", "ces", "employee_satisfaction"])
def test_laws(name: str) -> None:
    log = generate_log(agents=2, days=2)
    del log["agent_states"]
    check_metric(name, log, by=["agent"])
