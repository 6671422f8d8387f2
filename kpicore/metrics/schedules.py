"""What agents did beside what was planned."""

from __future__ import annotations

from collections.abc import Callable

from kpicore.plugin import (
    Choice,
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

from .presence import ON_DUTY, ONLINE

__all__ = ["METRICS"]

_PLANNED = col("scheduled")
_FOR_CONTACTS = col("productive").is_(True)
_OTHERWISE = col("productive").is_(False)


def _time(where: Expression) -> Measure:
    return total("rostered", col("end") - col("start"), where=where, attribution="prorated")


def _attendance(p: Settings) -> Statistic:
    there = ONLINE if p.flag("outside") else ONLINE & _PLANNED
    return Ratio(numerator=_time(there), denominator=_time(_PLANNED))


def _adherence(p: Settings) -> Statistic:
    if p.word("matching") == "exact":
        conform = _PLANNED & col("as_named")
    else:
        elsewhere = ~ON_DUTY if p.word("offline") == "adherent" else ONLINE & ~ON_DUTY
        conform = (_FOR_CONTACTS & ON_DUTY) | (_OTHERWISE & elsewhere)
    base: Expression = _PLANNED
    if p.word("unscheduled") == "counted":
        base = _PLANNED | ONLINE
    return Ratio(numerator=_time(conform), denominator=_time(base))


def _conformance(p: Settings) -> Statistic:
    return Ratio(numerator=_time(ON_DUTY), denominator=_time(_FOR_CONTACTS))


def _shrinkage(p: Settings) -> Statistic:
    lost = _OTHERWISE if p.word("basis") == "planned" else _PLANNED & ~ON_DUTY
    return Ratio(numerator=_time(lost), denominator=_time(_PLANNED))


def _utilisation(p: Settings) -> Statistic:
    base = _PLANNED if p.word("of") == "scheduled" else ONLINE
    return Ratio(numerator=_time(ON_DUTY), denominator=_time(base))


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
                "and not when it was not; or a state called like the activity",
                values=("productive", "exact"),
                default="productive",
                used_by={"productive": "Amazon Connect"},
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
                doc="whether time logged in outside of the schedule counts against it",
                values=("ignored", "counted"),
                default="ignored",
                used_by={"ignored": "Amazon Connect"},
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
        ),
        build=_utilisation,
        source="Call Centre Helper; ICMI",
    ),
)
