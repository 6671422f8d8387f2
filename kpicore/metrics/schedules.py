"""What agents did beside what was planned."""

from __future__ import annotations

from collections.abc import Callable

from kpicore.plugin import (
    Choice,
    Choices,
    Direction,
    Expression,
    Measure,
    Metric,
    Parameter,
    Ratio,
    Settings,
    Statistic,
    Switch,
    col,
    total,
)
from kpicore.plugin.measure import Options

from .presence import ON_DUTY, ONLINE, READY_BY_ROUTING

__all__ = ["METRICS"]

_PLANNED = col("scheduled")
_FOR_CONTACTS = col("productive").is_(True)
_OTHERWISE = col("productive").is_(False)
_LENGTH = col("end") - col("start")
_ACTIVITIES: Options = (("activities", True),)


def _time(where: Expression, *, needs: Options = ()) -> Measure:
    return total("rostered", _LENGTH, where=where, attribution="prorated", options=needs)


def _attendance(p: Settings) -> Statistic:
    there = ONLINE if p.flag("outside") else ONLINE & _PLANNED
    return Ratio(numerator=_time(there), denominator=_time(_PLANNED))


def _adherence(p: Settings) -> Statistic:
    matching = p.word("matching")
    logged_off: Expression = ~ONLINE
    if matching == "exact":
        conform: Expression = _PLANNED & col("as_named")
    else:
        elsewhere = {
            "productive": ONLINE & ~ON_DUTY,
            "category": col("in_category"),
            "reason": ONLINE & col("for_reason").is_(True),
        }[matching]
        if p.word("offline") == "adherent":
            elsewhere = elsewhere | logged_off
        conform = (_FOR_CONTACTS & ON_DUTY) | (_OTHERWISE & elsewhere)
    outside = {"ignored": _PLANNED, "counted": _PLANNED | ONLINE, "ready": _PLANNED | ON_DUTY}
    needs: Options = () if matching == "productive" else _ACTIVITIES
    if matching == "reason":
        needs = (*needs, ("reasons", True))
    base = outside[p.word("unscheduled")]
    return Ratio(numerator=_time(conform, needs=needs), denominator=_time(base, needs=needs))


def _conformance(p: Settings) -> Statistic:
    ready = ON_DUTY if p.word("tracks") == "both" else READY_BY_ROUTING
    return Ratio(numerator=_time(ready), denominator=_time(_FOR_CONTACTS))


def _paid(p: Settings) -> tuple[Expression, Options]:
    """Returns the time planned that is paid, and what it takes to know it."""
    if not p["unpaid"]:
        return _PLANNED, ()
    return _PLANNED & ~col("activity").isin(p.words("unpaid")), _ACTIVITIES


def _shrinkage(p: Settings) -> Statistic:
    paid, needs = _paid(p)
    lost = _OTHERWISE if p.word("basis") == "planned" else ~ON_DUTY
    return Ratio(numerator=_time(paid & lost, needs=needs), denominator=_time(paid, needs=needs))


def _utilisation(p: Settings) -> Statistic:
    paid, needs = _paid(p)
    base = paid if p.word("of") == "scheduled" else ONLINE
    return Ratio(numerator=_time(ON_DUTY, needs=needs), denominator=_time(base, needs=needs))


_UNPAID = Choices(
    name="unpaid",
    doc="activities of the schedule that are not paid, such as meals: they are left out of the time planned",
)


def _metric(
    name: str,
    en: str,
    zh: str,
    definition: str,
    definition_zh: str,
    *,
    build: Callable[[Settings], Statistic],
    source: str,
    parameters: tuple[Parameter, ...] = (),
    direction: Direction = Direction.RANGE,
) -> Metric:
    return Metric(
        name=name,
        en=en,
        zh=zh,
        family="schedules",
        unit="ratio",
        direction=direction,
        attribution="prorated",
        definition=definition,
        definition_zh=definition_zh,
        needs=("agent_states", "schedules"),
        parameters=parameters,
        build=build,
        source=source,
    )


METRICS = (
    _metric(
        "attendance_rate",
        "Attendance",
        "出勤率",
        "time logged in while scheduled / time scheduled",
        "排班时间内的登录时长 / 排班时长",
        parameters=(
            Switch(
                name="outside",
                doc="whether time logged in outside of the schedule counts as well (the rate may exceed 1)",
                default="false",
            ),
        ),
        build=_attendance,
        direction=Direction.HIGHER,
        source="documentation of workforce management",
    ),
    _metric(
        "schedule_adherence",
        "Schedule adherence",
        "排班遵守率",
        "time in which the agent did what was planned / time scheduled",
        "按排班执行的时长 / 排班时长",
        parameters=(
            Choice(
                name="matching",
                doc="what counts as doing what was planned: being ready for contacts when that was planned, "
                "and not when it was not; being ready, and else in a state called like the activity "
                "(category), or with a reason called so (reason); or always in a state called so (exact)",
                values=("productive", "category", "reason", "exact"),
                default="productive",
                used_by={"productive": "Amazon Connect", "category": "Genesys"},
            ),
            Choice(
                name="offline",
                doc="whether being logged off while something else than contacts was planned is adherent",
                values=("not", "adherent"),
                default="not",
                used_by={"not": "Amazon Connect"},
            ),
            Choice(
                name="unscheduled",
                doc="whether time outside of the schedule counts against it: not at all, all time logged in "
                "(counted), or that in which the agent is ready for contacts (ready)",
                values=("ignored", "counted", "ready"),
                default="ignored",
                used_by={"ignored": "Amazon Connect, Genesys", "ready": "Genesys (option)"},
            ),
        ),
        build=_adherence,
        direction=Direction.HIGHER,
        source="documentation of Amazon Connect, Genesys",
    ),
    _metric(
        "schedule_conformance",
        "Schedule conformance",
        "排班符合率",
        "time ready for contacts, whenever it was / time scheduled for contacts; may exceed 1",
        "实际可接待时长（不论时段）/ 排班可接待时长，可超过 1",
        parameters=(
            Choice(
                name="tracks",
                doc="what tells that an agent is ready, where there are two parallel states: both, so that "
                "an absent agent never is, or routing alone",
                values=("both", "routing"),
                default="both",
                used_by={"both": "Genesys"},
            ),
        ),
        build=_conformance,
        source="documentation of Genesys",
    ),
    _metric(
        "shrinkage",
        "Shrinkage",
        "损耗率",
        "time scheduled for something else than contacts / time scheduled; basis=actual takes the scheduled "
        "time in which the agent was not ready for contacts",
        "排班中非接待时长 / 排班时长；basis=actual 时按实际未在岗时长计算",
        parameters=(
            Choice(
                name="basis",
                doc="what was planned, or what happened",
                values=("planned", "actual"),
                default="planned",
                used_by={"planned": "Assembled"},
            ),
            _UNPAID,
        ),
        build=_shrinkage,
        source="documentation of Assembled",
    ),
    _metric(
        "utilisation",
        "Utilisation",
        "工时利用率",
        "time ready for contacts or handling them / time scheduled (paid)",
        "可接待与处理时长 / 排班（计薪）时长",
        parameters=(
            Choice(
                name="of",
                doc="what is divided by: time scheduled, or time logged in",
                values=("scheduled", "logged_in"),
                default="scheduled",
            ),
            _UNPAID,
        ),
        build=_utilisation,
        source="Call Centre Helper; ICMI",
    ),
)
