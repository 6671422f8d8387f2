"""Waiting: how long contacts stay in queues."""

from __future__ import annotations

from kpicore.plugin import Direction, Expression, Metric, Settings, Statistic, col

from .clocks import CLOCK_PARAMETERS, elapsed
from .durations import DURATION_PARAMETERS, attribution, duration_statistic
from .stays import ANSWERED, CLOCK_START, outcomes, stays_of

__all__ = ["METRICS"]

_AT = attribution("start", "event")


def _wait(p: Settings) -> Statistic:
    return _waiting(p, col("outcome").isin(p.words("outcomes")))


def _speed_of_answer(p: Settings) -> Statistic:
    return _waiting(p, ANSWERED)


def _waiting(p: Settings, which: Expression) -> Statistic:
    """Returns the waits of ``which`` stays; what a source states of a wait knows no business hours."""
    stays = stays_of(p)
    business = p.word("clock") == "business"
    known = col("left_at") if business else stays.wait
    wait = elapsed(p, stays.start, col("left_at")) if business else stays.wait
    unknown = {"wait_unknown": which & known.is_null()}
    return duration_statistic(p, stays.of, wait, where=which, excluded=unknown, options=stays.options)


METRICS = (
    Metric(
        name="average_wait_time",
        en="Average wait time",
        zh="平均等待时间",
        family="reachability",
        unit="s",
        direction=Direction.LOWER,
        definition="mean of (answered or abandoned - offered) over the contacts offered",
        definition_zh="所有进入队列的联络从排队到接听或放弃的时间的平均值",
        needs=("visits",),
        parameters=(
            *DURATION_PARAMETERS,
            *CLOCK_PARAMETERS,
            outcomes("abandoned+answered", "the outcomes whose waits count"),
            CLOCK_START,
            _AT,
        ),
        build=_wait,
        actions=("staff for the peak hours of the queue",),
        source="simple call-centre KPIs",
    ),
    Metric(
        name="average_speed_of_answer",
        en="Average speed of answer",
        zh="平均应答速度",
        family="reachability",
        unit="s",
        direction=Direction.LOWER,
        definition="mean of (answered - offered) over the contacts answered",
        definition_zh="已接听联络从排队到接听的时间的平均值",
        needs=("visits",),
        parameters=(*DURATION_PARAMETERS, *CLOCK_PARAMETERS, CLOCK_START, _AT),
        build=_speed_of_answer,
        actions=("never let a possible buyer wait too long",),
        source="simple call-centre KPIs; ICMI",
    ),
)
