"""Cards whose parameters, curves and targets differ by queue, team, skill or tenure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pytest

import kpicore
from kpicore.errors import CardError, MissingDataError
from kpicore.runs import Review
from kpicore.scoring import load_card

NINE = datetime(2026, 10, 12, 9, tzinfo=UTC)


def card(entry: str, head: str = "") -> str:
    return f"""
id = "groups"
version = "1"
owner = "tests"
profile = "review"
subject = "agent"
period = "month"
{head}
[[group]]
id = "all"
weight = 100
[[group.entry]]
id = "line"
weight = 100
{entry}
"""


IN_TIME = """
metric = "service_level[within=20s]"
curve = { linear = { zero_at = "0%", full_at = "100%" } }
"""
OVERRIDE = """
[[group.entry.override]]
when = { queue = "vip" }
parameters = { within = "10s", op = "lt" }
[[group.entry.override]]
when = { queue = ["mail", "post: slow"] }
parameters = { within = "1m" }
"""


def log(agents: dict[str, object] | None = None) -> kpicore.Log:
    stays = [("new", "vip", 10), ("new", "phone", 20), ("old", "vip", 9), ("old", "post: slow", 60)]
    visits = {
        "contact_id": pa.array([str(i) for i in range(4)]),
        "agent_id": pa.array([agent for agent, _, _ in stays]),
        "queue": pa.array([queue for _, queue, _ in stays]),
        "entered_at": pa.array([NINE] * 4),
        "left_at": pa.array([NINE + timedelta(seconds=wait) for *_, wait in stays]),
        "outcome": pa.array(["answered"] * 4),
        "wait": pa.array([wait * 1_000_000 for *_, wait in stays]),
    }
    roster: dict[str, object] = {
        "agent_id": pa.array(["new", "old"]),
        "hired_on": pa.array([NINE - timedelta(days=40), NINE - timedelta(days=900)]),
        "skills": pa.array([["mail"], ["mail", "technical"]]),
    }
    tables = {"visits": pa.table(visits), "agents": pa.table(roster if agents is None else agents)}
    return kpicore.open(tables, zone="UTC")


def points(review: Review) -> dict[str | None, Fraction | None]:
    return {score.subject[0]: score.contributions[0].points for score in review.scores.scores}


def test_an_override_for_the_same_rows_as_another_is_an_error() -> None:
    again = IN_TIME + OVERRIDE + OVERRIDE
    with pytest.raises(CardError) as raised:
        load_card(card(again))
    (problem,) = raised.value.problems
    assert "override: " in problem
    assert "names the group queue=vip twice" in problem


def test_an_override_is_the_same_as_a_group_in_the_request(tmp_path: Path) -> None:
    (entry,) = load_card(card(IN_TIME + OVERRIDE)).entries
    text = 'service_level[within=20s; queue=vip: within=10s,op=lt; queue=mail+"post: slow": within=1m]'
    assert entry.metric == text
    review = kpicore.score(log(), card(IN_TIME + OVERRIDE), period="2026-10", root=tmp_path)
    assert points(review) == {"new": 50, "old": 100}
    assert points(kpicore.score(log(), card(IN_TIME), period="2026-10", root=None)) == {"new": 100, "old": 50}


def test_a_kept_run_names_the_parameters_of_every_group(tmp_path: Path) -> None:
    review = kpicore.score(log(), card(IN_TIME + OVERRIDE), period="2026-10", root=tmp_path)
    assert review.run is not None
    (definition,) = review.run.manifest.provenance.definitions
    assert definition.parameters["queue=vip: within"] == "10s"
    assert definition.parameters['queue=mail+"post: slow": within'] == "1m"


@pytest.mark.parametrize(
    ("when", "easier"),
    [
        ('{ tenure = "00-03m" }', {"new"}),
        ('{ "tenure[1+6]" = "0-1m" }', {"new"}),
        ('{ skill = "technical" }', {"old"}),
        ('{ skill = ["mail", "chat"] }', {"new", "old"}),
        ('{ agent = "old" }', {"old"}),
        ('{ skill = "mail", tenure = ["12-36m", "36m+"] }', {"old"}),
    ],
)
def test_curves_differ_by_what_is_true_of_people(when: str, easier: set[str]) -> None:
    variant = f"\n[[group.entry.variant]]\nwhen = {when}\ncurve = {{ knots = [[0, 7], [1, 7]] }}\n"
    review = kpicore.score(log(), card(IN_TIME + variant), period="2026-10", root=None)
    assert {agent for agent, each in points(review).items() if each == 7} == easier


def test_a_population_is_chosen_by_tenure() -> None:
    text = card(IN_TIME, 'population = { tenure = "12-36m" }')
    review = kpicore.score(log(), text, period="2026-10", root=None)
    assert [score.subject for score in review.scores.scores] == [("old",)]


def test_a_queue_has_the_curve_of_its_name() -> None:
    variant = "\n[[group.entry.variant]]\nwhen = { queue = 'vip' }\ncurve = { knots = [[0, 7], [1, 7]] }\n"
    text = card(IN_TIME + variant).replace('subject = "agent"', 'subject = "queue"')
    review = kpicore.score(log(), text, period="2026-10", root=None)
    assert points(review) == {"vip": 7, "phone": 100, "post: slow": 0}


@pytest.mark.parametrize(
    ("when", "roster", "said"),
    [
        ("region", None, "agents has no column region"),
        ("tenure", {"agent_id": pa.array(["new", "old"])}, "agents has no column hired_on"),
        ("skill", {"agent_id": pa.array(["new", "old"])}, "agents has no column skills"),
    ],
)
def test_what_nobody_can_tell_is_an_error(when: str, roster: dict[str, object] | None, said: str) -> None:
    variant = (
        f"\n[[group.entry.variant]]\nwhen = {{ {when} = 'x' }}\ncurve = {{ knots = [[0, 7], [1, 7]] }}\n"
    )
    with pytest.raises(MissingDataError, match=said):
        kpicore.score(log(roster), card(IN_TIME + variant), period="2026-10", root=None)


def test_a_queue_is_not_chosen_by_team() -> None:
    text = card(IN_TIME, "population = { team = 'x' }").replace('subject = "agent"', 'subject = "queue"')
    with pytest.raises(MissingDataError, match="chooses by team, which nothing tells of a queue"):
        kpicore.score(log(), text, period="2026-10", root=None)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("metric = '= csat * 2'\ncurve = { knots = [[0, 0], [1, 1]] }\n" + OVERRIDE, "has no parameters"),
        ("metric = 'csat['\ncurve = { knots = [[0, 0], [1, 1]] }\n" + OVERRIDE, "does not name a metric"),
        ("manual = 'x'\n" + OVERRIDE, "has no parameters"),
        (IN_TIME + OVERRIDE.replace('{ queue = "vip" }', "{}"), "override.1..when: found no values"),
        (IN_TIME + OVERRIDE.replace('{ within = "1m" }', "{}"), "parameters"),
        (IN_TIME + OVERRIDE.replace("parameters", "parameter"), "parameter"),
    ],
)
def test_a_wrong_override_is_named(entry: str, said: str) -> None:
    with pytest.raises(CardError) as raised:
        load_card(card(entry))
    assert any(said.replace(".1.", "[1]") in problem for problem in raised.value.problems)


@pytest.mark.parametrize("teams", [("x", "y"), ("y", "x")])
def test_a_roster_that_contradicts_itself_is_read_alike_in_any_order(teams: tuple[str, str]) -> None:
    entry = (
        IN_TIME
        + """
[[group.entry.variant]]
when = { team = "x" }
curve = { linear = { zero_at = "0%", full_at = "200%" } }
"""
    )
    roster: dict[str, object] = {"agent_id": ["new", "new", "old"], "team": [*teams, "z"]}
    scores = kpicore.score(log(roster), card(entry), zone="UTC", root=None).scores
    by_team = kpicore.measure(log(roster), ["service_level"], ["team"], zone="UTC").rows()
    assert {row["team"] for row in by_team} == {"y", "z"}
    assert {one.subject[0]: one.total for one in scores.scores}["new"] == 100


def test_reliability_is_of_the_population_alone() -> None:
    """Whom the card leaves out says nothing of the differences among those whom it judges."""
    waits = {"a": (10, 12, 14), "b": (11, 12, 13), "c": (10, 13, 14), "outsider": (500, 505, 510)}
    stays = [(agent, wait) for agent, own in waits.items() for wait in own]
    at = pa.array([NINE] * len(stays))
    visits = {
        "contact_id": pa.array([str(i) for i in range(len(stays))]),
        "agent_id": pa.array([agent for agent, _ in stays]),
        "entered_at": at,
        "left_at": pa.array([NINE + timedelta(seconds=wait) for _, wait in stays]),
        "outcome": pa.array(["answered"] * len(stays)),
        "wait": pa.array([wait * 1_000_000 for _, wait in stays]),
    }
    roster = {"agent_id": pa.array(list(waits)), "team": pa.array(["in", "in", "in", "out"])}
    text = card("metric = 'average_wait_time'\ncurve = { linear = { zero_at = '60s', full_at = '0s' } }\n")

    def reliability(head: str) -> Fraction | None:
        whole = kpicore.open({"visits": pa.table(visits), "agents": pa.table(roster)}, zone="UTC")
        judged = text.replace('period = "month"', f'period = "month"\n{head}')
        review = kpicore.score(whole, judged, period="2026-10", root=None)
        return next(s.contributions[0].reliability for s in review.scores.scores if s.subject == ("a",))

    everybody, inside = reliability(""), reliability('population = { team = "in" }')
    assert everybody is not None
    assert inside is not None
    assert everybody > Fraction(9, 10) > Fraction(1, 2) > inside
