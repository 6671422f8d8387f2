"""How agents' time is used: states, occupancy, concurrency, contacts per hour."""

from __future__ import annotations

from fractions import Fraction

from kpicore.facts.bounded_states import HEARTBEAT, LOGOUT
from kpicore.plugin import (
    Choice,
    Choices,
    Direction,
    Expression,
    Extremum,
    GroupTarget,
    Measure,
    Metric,
    Ratio,
    Settings,
    Statistic,
    Switch,
    Tally,
    Target,
    col,
    count,
    maximum,
    total,
)
from kpicore.plugin.measure import Options

from .capped import capped
from .durations import SECONDS
from .presence import HOURS, ON_DUTY, ONLINE, STATES, in_state

__all__ = ["METRICS"]

_LENGTH = col("end") - col("start")
_TRACK = Choice(
    name="track",
    doc="which of two parallel states: routing (availability), or presence (log-in)",
    values=("routing", "presence"),
    default="routing",
)


def _time(p: Settings, where: Expression, part: str | None = None) -> Measure:
    """Returns the time of states, as long as ``p`` believes them."""
    bounds = _bounds(p)
    of = "bounded_duty" if bounds else "duty"
    return total(of, _LENGTH, where=where, attribution="prorated", part=part, options=bounds)


def _bounds(p: Settings) -> Options:
    """Returns how long ``p`` believes states; nothing where the next row alone ends them."""
    bounds: dict[str, object] = {}
    if p["heartbeat"] is not None:
        bounds["heartbeat"] = p.microseconds("heartbeat")
    if p.word("logout") != "next_row":
        bounds["logout"] = p.word("logout")
    return tuple(bounds.items())


def _work_rate(p: Settings) -> Statistic:
    working = ONLINE & in_state(p.words("states"), p.word("tracks"))
    return Ratio(numerator=_time(p, working), denominator=_time(p, ONLINE))


def _state_share(p: Settings) -> Statistic:
    online = _time(p, ONLINE)
    if p["state"] is None:
        return Ratio(numerator=_time(p, ONLINE & col("state").not_null(), "state"), denominator=online)
    return Ratio(numerator=_time(p, ONLINE & in_state(p.words("state"))), denominator=online)


def _time_in_state(p: Settings) -> Statistic:
    track = col(p.word("track"))
    if p["state"] is None:
        return Tally(measure=_time(p, track.not_null(), p.word("track")), scale=SECONDS)
    chosen = track.isin(p.words("state"))
    if p.word("track") == "routing":
        chosen = in_state(p.words("state"))
    return Tally(measure=_time(p, chosen), scale=SECONDS)


def _logged_in_time(p: Settings) -> Statistic:
    online = ONLINE if p.word("hours") == "logged_in" else ON_DUTY
    return Tally(measure=_time(p, online), scale=SECONDS)


def _occupancy(p: Settings) -> Statistic:
    found = _occupancy_by_states(p) if p.word("basis") == "states" else _occupancy_by_contacts(p)
    return capped(found) if p.flag("clip") else found


def _occupancy_by_states(p: Settings) -> Ratio:
    busy, ready = (
        ONLINE & in_state(p.words(name), p.word("tracks")) for name in ("busy_states", "denominator_states")
    )
    return Ratio(numerator=_time(p, busy), denominator=_time(p, ready))


def _occupancy_by_contacts(p: Settings) -> Ratio:
    bounds = _bounds(p)
    kinds = () if p.words("kinds") == _USUAL_KINDS else (("kinds", p.words("kinds")),)

    def time(of: str, worth: Expression, where: Expression) -> Measure:
        of, options = f"bounded_{of}" if bounds else of, tuple(sorted((*kinds, *bounds)))
        return total(of, worth, where=where, attribution="prorated", options=options)

    busy, idle = ON_DUTY & (col("level") > 0), ON_DUTY & col("level").is_(0) & in_state(("available",))
    if p.word("concurrency") == "capacity":
        limited = col("capacity").not_null()
        return Ratio(
            numerator=time("slots", _LENGTH * col("level"), limited & busy),
            denominator=time("slots", _LENGTH * col("capacity"), limited & (busy | idle)),
        )
    worth = _LENGTH * col("level") if p.word("concurrency") == "elapsed" else _LENGTH
    return Ratio(
        numerator=time("engagement", worth, busy),
        denominator=time("engagement", _LENGTH, busy | idle),
    )


def _max_concurrency(p: Settings) -> Statistic:
    if p.word("basis") == "configured":
        return Extremum(measure=maximum("memberships", col("capacity"), attribution="prorated"))
    if p.word("statistic") == "mean":
        handling = total("workload", _LENGTH, attribution="prorated")
        weighted = total("workload", _LENGTH * col("level"), attribution="prorated")
        return Ratio(numerator=weighted, denominator=handling)
    if p.word("statistic") == "time_at_level":
        return Tally(
            measure=total("workload", _LENGTH, attribution="prorated", part="level"),
            scale=SECONDS,
            unit="s",
        )
    return Extremum(measure=maximum("workload", col("level"), attribution="prorated"))


def _sessions_per_hour(p: Settings) -> Statistic:
    hours = ONLINE if p.word("hours") == "logged_in" else ON_DUTY
    return Ratio(
        numerator=count("legs", attribution="start"),
        denominator=_time(p, hours),
        scale=HOURS,
        n=count("legs", attribution="start"),
    )


_HOURS = Choice(
    name="hours",
    doc="which time: logged in, or productive (logged in and not on a break, in training, or away)",
    values=("logged_in", "productive"),
    default="logged_in",
)
_BELIEF = (HEARTBEAT, LOGOUT)
_TRACKS = Choice(
    name="tracks",
    doc="by states, which of two parallel ones counts: routing where it is known (routing_first); or "
    "presence while it says that the agent is off duty, and routing else (presence_first)",
    values=("routing_first", "presence_first"),
    default="routing_first",
    used_by={"routing_first": "Verint"},
)
_USUAL_KINDS = ("hold", "talk", "wrapup")
_STATE = Choices(name="state", doc="one or several states; a row for each where none is named", values=STATES)

METRICS = (
    Metric(
        name="occupancy",
        en="Occupancy",
        zh="占用率",
        family="time_use",
        unit="ratio",
        direction=Direction.RANGE,
        attribution="prorated",
        definition="time handling at least one contact while logged in and on duty / "
        "(that + time available and idle)",
        definition_zh="在岗时至少处理一个会话的时间 / (该时间 + 空闲待命时间)",
        needs=("agent_states", "segments"),
        parameters=(
            Choice(
                name="concurrency",
                doc="contacts handled at once: counted once (union), each in full (elapsed, may exceed 1), "
                "or against the limit set for the agent (capacity)",
                values=("union", "elapsed", "capacity"),
                default="union",
                used_by={"union": "Amazon Connect", "capacity": "Salesforce"},
            ),
            Choices(
                name="kinds",
                doc="what counts as handling",
                values=("hold", "ring", "talk", "wrapup"),
                default="hold+talk+wrapup",
            ),
            Choice(
                name="basis",
                doc="what tells that an agent is busy: the contacts in hand, or the state logged "
                "(concurrency and kinds then mean nothing)",
                values=("contacts", "states"),
                default="contacts",
                used_by={"contacts": "Amazon Connect, Salesforce", "states": "Cisco, Calabrio, RingCentral"},
            ),
            Choices(
                name="busy_states",
                doc="with basis=states, the states that are busy",
                values=STATES,
                default="busy+on_contact+wrapup",
                used_by={"on_contact+wrapup": "Cisco, Calabrio"},
            ),
            Choices(
                name="denominator_states",
                doc="with basis=states, the states that are divided by",
                values=STATES,
                default="available+busy+on_contact+wrapup",
                used_by={"available+break+busy+meeting+on_contact+training+wrapup": "an ICMI article"},
            ),
            _TRACKS,
            Switch(
                name="clip",
                doc="whether a value above 1 is told as 1; numerator and denominator stay what they are",
                default="false",
            ),
            *_BELIEF,
        ),
        build=_occupancy,
        source="documentation of Amazon Connect, Calabrio, Salesforce",
    ),
    Metric(
        name="work_rate",
        en="Work rate",
        zh="实际工作率",
        family="time_use",
        unit="ratio",
        direction=Direction.HIGHER,
        attribution="prorated",
        definition="time in the working states / total time online",
        definition_zh="处于工作状态的时间 / 在线总时间",
        needs=("agent_states",),
        parameters=(
            Choices(
                name="states",
                doc="the states that count as work",
                values=STATES,
                default="available+on_contact+wrapup",
                used_by={"available+on_contact+wrapup": "NICE"},
            ),
            _TRACKS,
            *_BELIEF,
        ),
        build=_work_rate,
        target=Target(industry=Fraction(92, 100), target=(Fraction(95, 100),)),
        causes=(
            "importance not understood",
            "too little supervision of newcomers",
            "rules misread",
            "uncontrolled use of other states",
            "too many other duties",
        ),
        actions=("explain the effect", "let the system enforce states"),
        source="norms for online customer service",
    ),
    Metric(
        name="state_share",
        en="Share of time by state",
        zh="状态时长占比",
        family="time_use",
        unit="ratio",
        direction=Direction.NEUTRAL,
        attribution="prorated",
        definition="time in each state / total time online, a row per state",
        definition_zh="各状态时长 / 在线总时长，每个状态一行",
        needs=("agent_states",),
        parameters=(_STATE, *_BELIEF),
        build=_state_share,
        source="norms for online customer service",
    ),
    Metric(
        name="time_in_state",
        en="Time in state",
        zh="状态时长",
        family="time_use",
        unit="s",
        direction=Direction.NEUTRAL,
        attribution="prorated",
        definition="time in each state, a row per state",
        definition_zh="各状态的时长，每个状态一行",
        needs=("agent_states",),
        parameters=(_STATE, _TRACK, *_BELIEF),
        build=_time_in_state,
        source="documentation of Genesys, Asterisk statistics of Wazo",
    ),
    Metric(
        name="logged_in_time",
        en="Logged-in time",
        zh="登录时长",
        family="time_use",
        unit="s",
        direction=Direction.NEUTRAL,
        attribution="prorated",
        definition="time logged in",
        definition_zh="登录时长",
        needs=("agent_states",),
        parameters=(_HOURS, *_BELIEF),
        build=_logged_in_time,
        source="documentation of Genesys, Asterisk statistics of Wazo",
    ),
    Metric(
        name="max_concurrency",
        en="Maximum concurrency",
        zh="最大接待量",
        family="time_use",
        unit="sessions",
        direction=Direction.RANGE,
        attribution="prorated",
        definition="the largest number of contacts that the agent handled at one instant "
        "(basis=observed), or the limit set for the agent (basis=configured)",
        definition_zh="客服同一时刻处理的最大会话数(observed)，或为其设置的上限(configured)",
        needs=("segments", "agents"),
        parameters=(
            Choice(
                name="basis",
                doc="the limit set for the agent, on which targets are based, or what was observed",
                values=("configured", "observed"),
                default="configured",
            ),
            Choice(
                name="statistic",
                doc="of what was observed: the peak, the mean over handling time, or the time at each level",
                values=("peak", "mean", "time_at_level"),
                default="peak",
            ),
        ),
        build=_max_concurrency,
        target=Target(
            industry=Fraction(10),
            target=(Fraction(8), Fraction(12)),
            basis="configured limit",
            groups=(
                GroupTarget(group="new agents", target=(Fraction(5),)),
                GroupTarget(group="technical agents", target=(Fraction(4), Fraction(6))),
            ),
        ),
        actions=(
            "set by skill group and seniority",
            "lower it first when ratings fall",
            "raise it when a queue persists",
        ),
        source="norms for online customer service",
    ),
    Metric(
        name="sessions_per_hour",
        en="Sessions per hour",
        zh="每小时接待数",
        family="time_use",
        unit="sessions/h",
        direction=Direction.RANGE,
        definition="contacts received / hours logged in",
        definition_zh="接待会话数 / 登录小时数",
        needs=("legs", "agent_states"),
        parameters=(_HOURS, *_BELIEF),
        build=_sessions_per_hour,
        target=Target(industry=Fraction(20), target=(Fraction(20), Fraction(30))),
        causes=(
            "too little available time",
            "routing favours known agents",
            "tool or business knowledge",
            "several duties at once",
            "communication skill",
        ),
        actions=(
            "where skill groups differ much, move agents between them",
            "let routing favour known agents less",
            "train business knowledge and tools",
        ),
        source="norms for online customer service",
    ),
)
