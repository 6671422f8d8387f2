"""Handling: what agents do with contacts, and how long it takes."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from operator import add, or_

from kpicore.errors import ParameterError
from kpicore.facts.pauses import ACTIVITY, IDLE, PAUSE_ON, REQUIRE_MESSAGE
from kpicore.plugin import (
    Choice,
    Choices,
    Direction,
    Expression,
    Measure,
    Metric,
    Ratio,
    Settings,
    Statistic,
    Tally,
    Target,
    col,
    count,
    total,
)
from kpicore.plugin.measure import Options

from .concurrency import CONCURRENCY, shared_time
from .durations import DURATION_PARAMETERS, SECONDS, attribution, duration_statistic

__all__ = ["METRICS"]

_TRANSFERS = {
    "blind": "transferred_blind",
    "consult": "transferred_consult",
    "queue": "transferred_queue",
}
_AT = attribution("start", "completion", "disconnect")
_LENGTH = col("end") - col("start")
_SOLVED = ~col("filtered") & col("ended").isin(("closed", "resolved"))
_PACING = (PAUSE_ON, IDLE, ACTIVITY)


def _handle_time(p: Settings) -> Statistic:
    kinds, at = p.words("components"), p.word("attribution")
    if p.word("concurrency") == "elapsed":
        return _elapsed(p)
    _check_unpaced(p, "require_agent_message")
    if p.word("statistic") not in ("mean", "sum") or at not in ("start", "completion"):
        raise ParameterError(
            f"concurrency={p.word('concurrency')} divides agents' time, not that of single contacts",
            hint="take it with statistic mean or sum, and attribution start or completion",
        )
    if (p.word("unit"), p.word("over"), p.word("denominator")) != ("leg", "all", "handled"):
        raise ParameterError(
            f"concurrency={p.word('concurrency')} divides by the agents' parts of contacts",
            hint="leave unit, over and denominator at leg, all and handled",
        )
    legs = count("legs", where=col("agent_id").not_null(), attribution=at)
    return _agents_time(p.word("concurrency"), kinds, at, legs if p.word("statistic") == "mean" else None)


def _paced(p: Settings, *more: str) -> Options:
    """Returns what a fact without pauses is asked for; nothing where nothing halts handling."""
    pauses: tuple[str, ...] = () if p["pause_on"] is None else p.words("pause_on")
    found: dict[str, object] = {"pause_on": pauses} if pauses else {}
    if "idle" in pauses:
        found |= {"idle": p.microseconds("idle"), "activity": p.word("activity")}
    return tuple(sorted((found | {name: True for name in more if p.flag(name)}).items()))


def _check_unpaced(p: Settings, *more: str) -> None:
    if asked := _paced(p, *more):
        raise ParameterError(
            f"concurrency={p.word('concurrency')} does not go with {', '.join(name for name, _ in asked)}",
            hint="pauses are those of single contacts: leave concurrency at elapsed",
        )


def _elapsed(p: Settings) -> Statistic:
    whole, wrapup = p.word("unit") == "interaction", "wrapup"
    if whole and p.word("wrapup_of") == "last":
        wrapup = "last_wrapup"
    parts = [col(wrapup if kind == "wrapup" else kind) for kind in p.words("components")]
    of, where = "handled_contacts" if whole else "legs", col("agent_id").not_null()
    options = _paced(p, "require_agent_message")
    if options:
        of = "paced_contacts" if whole else "paced_legs"
    excluded: dict[str, Expression] = {}
    if p.flag("require_agent_message"):
        excluded["no_agent_message"] = where & ~col("wrote")
        where = where & col("wrote")
    if p.word("over") == "with_component":
        where = where & reduce(or_, [part > 0 for part in parts])
    if p.word("denominator") == "handled" or p.word("statistic") != "mean":
        return duration_statistic(p, of, reduce(add, parts), where=where, excluded=excluded, options=options)
    at, divisor = p.word("attribution"), count("contacts", attribution="completion")
    if p.word("denominator") == "solved":
        divisor = count("handled_cases", where=_SOLVED, attribution="completion")
    return Ratio(
        numerator=total(of, reduce(add, parts), where=where, attribution=at, options=options),
        denominator=divisor,
        scale=SECONDS,
        excluded={
            reason: count(of, where=condition, attribution=at, options=options)
            for reason, condition in excluded.items()
        },
    )


def _agents_time(concurrency: str, kinds: tuple[str, ...], at: str, per: Measure | None = None) -> Statistic:
    """Returns the time of agents, handling at least one contact or divided among contacts."""
    if concurrency == "shared":
        return shared_time(kinds, at, SECONDS, per)
    engaged = total("workload", _LENGTH, attribution=at, options=(("kinds", kinds),))
    if per is None:
        return Tally(measure=engaged, scale=SECONDS)
    return Ratio(numerator=engaged, denominator=per, scale=SECONDS)


def _handling_time(p: Settings) -> Statistic:
    if p.word("concurrency") != "elapsed":
        _check_unpaced(p)
        return _agents_time(p.word("concurrency"), p.words("kinds"), p.word("attribution"))
    of, chosen, options = "segments", col("kind").isin(p.words("kinds")), _paced(p)
    if options:
        of, chosen = "paced_segments", chosen & ~col("paused")
    length = total(of, _LENGTH, where=chosen, attribution=p.word("attribution"), options=options)
    return Tally(measure=length, scale=SECONDS)


def _call_duration(p: Settings) -> Statistic:
    talk = col("talk") + col("hold") if p.word("hold") == "include" else col("talk")
    return duration_statistic(p, "legs", talk, where=col("talk") > 0)


def _transfer_rate(p: Settings) -> Statistic:
    at = p.word("attribution")
    kinds = tuple(_TRANSFERS[kind] for kind in p.words("kinds"))
    unknown, received = col("ended").is_("unknown"), col("began").is_("transferred_in")
    moved = col("ended").isin(kinds)
    handled = ~unknown if p.word("of") == "handled" else col("ended").isin(tuple(_TRANSFERS.values()))
    excluded = {"end_unknown": unknown}
    if p.word("transferred_in") == "exclude":
        moved, handled = moved & ~received, handled & ~received
        excluded = {"end_unknown": unknown & ~received, "transferred_in": received}
    return Ratio(
        numerator=count("legs", where=moved, attribution=at),
        denominator=count("legs", where=handled, attribution=at),
        excluded={reason: count("legs", where=left, attribution=at) for reason, left in excluded.items()},
    )


METRICS = (
    Metric(
        name="average_handle_time",
        en="Average handle time (AHT)",
        zh="平均处理时间(AHT)",
        family="handling",
        unit="s",
        direction=Direction.RANGE,
        definition="(talk + hold + after-contact work) / contacts handled, per agent's part of a contact",
        definition_zh="(通话 + 保持 + 话后处理) / 处理的联络数，按每位客服参与的部分计",
        needs=("legs",),
        parameters=(
            Choices(
                name="components",
                doc="what counts as handling",
                values=("hold", "ring", "talk", "wrapup"),
                default="hold+talk+wrapup",
                used_by={"hold+talk+wrapup": "almost all", "hold+ring+talk+wrapup": "Twilio"},
            ),
            CONCURRENCY,
            *_PACING,
            REQUIRE_MESSAGE,
            Choice(
                name="unit",
                doc="what is handled: each agent's part of a contact, or the contact with all its parts, "
                "which is then the last agent's",
                values=("leg", "interaction"),
                default="leg",
                used_by={
                    "leg": "Amazon Connect, Salesforce, Dynamics 365 (sessions)",
                    "interaction": "Aircall, Dynamics 365 (conversations)",
                },
            ),
            Choice(
                name="wrapup_of",
                doc="with unit=interaction, whose after-contact work counts: every agent's, or the last's",
                values=("every", "last"),
                default="every",
                used_by={"last": "Dynamics 365 (conversations)"},
            ),
            Choice(
                name="over",
                doc="which contacts the mean is over: all handled, or those with some of the components (the "
                "average hold of held contacts)",
                values=("all", "with_component"),
                default="all",
                used_by={"with_component": "Amazon Connect (hold)"},
            ),
            Choice(
                name="denominator",
                doc="what the mean divides by: what was handled; the contacts that ended in the period; or "
                "the cases solved in it (resolved or closed for good), once for each agent who had a part in "
                "them",
                values=("handled", "ended", "solved"),
                default="handled",
                used_by={"ended": "Easemob", "solved": "Assembled"},
            ),
            *DURATION_PARAMETERS,
            _AT,
        ),
        build=_handle_time,
        actions=("recordings of the best agents as examples in training",),
        source="ICMI; documentation of Genesys, Amazon Connect, Twilio",
    ),
    Metric(
        name="handling_time",
        en="Handling time",
        zh="处理时长",
        family="handling",
        unit="s",
        direction=Direction.NEUTRAL,
        attribution="prorated",
        definition="time that agents spent in the kinds of handling asked for; of contacts handled at once "
        "each counts in full unless concurrency says otherwise",
        definition_zh="客服用于所选处理环节的时长；同时处理的多个联络默认分别全额计入",
        needs=("segments",),
        parameters=(
            Choices(
                name="kinds",
                doc="what counts as handling",
                values=("hold", "ring", "talk", "wrapup"),
                default="hold+talk+wrapup",
            ),
            CONCURRENCY,
            *_PACING,
            attribution("prorated", "start", "completion"),
        ),
        build=_handling_time,
        source="documentation of Genesys (tHandle, tTalk, tAcw), Asterisk statistics of Wazo",
    ),
    Metric(
        name="average_call_duration",
        en="Average call duration",
        zh="平均通话时长",
        family="handling",
        unit="s",
        direction=Direction.NEUTRAL,
        definition="mean of talk time over answered contacts, hold included unless hold=exclude",
        definition_zh="已接听联络的通话时长平均值，默认含保持时间",
        needs=("legs",),
        parameters=(
            Choice(
                name="hold",
                doc="whether time on hold counts as talking",
                values=("include", "exclude"),
                default="include",
            ),
            *DURATION_PARAMETERS,
            _AT,
        ),
        build=_call_duration,
        source="simple call-centre KPIs",
    ),
    Metric(
        name="transfer_rate",
        en="Transfer rate",
        zh="转接率",
        family="handling",
        unit="ratio",
        direction=Direction.LOWER,
        definition="contacts that the agent transferred / contacts that the agent handled; "
        "of=transferred gives the share of the kinds among all transfers",
        definition_zh="客服转出的会话 / 客服处理的会话；of=transferred 时为该类转接占全部转接的比例",
        needs=("legs",),
        parameters=(
            Choices(
                name="kinds",
                doc="which transfers count",
                values=("blind", "consult", "queue"),
                default="blind+consult+queue",
            ),
            Choice(
                name="of",
                doc="what is divided by: contacts handled, or contacts transferred",
                values=("handled", "transferred"),
                default="handled",
            ),
            Choice(
                name="transferred_in",
                doc="whether what was transferred to an agent counts as handled by the receiver as well, and "
                "its being transferred again as a transfer",
                values=("count", "exclude"),
                default="count",
                used_by={"count": "Genesys, Amazon Connect"},
            ),
            _AT,
        ),
        build=_transfer_rate,
        target=Target(industry=Fraction(3, 100), target=(Fraction(1, 100),)),
        causes=(
            "own skill group: training",
            "other skill group: unclear entry categories",
            "blind transfers fail and repeat",
        ),
        actions=(
            "transfer only to an expert or an authority, and tell the customer first",
            "report daily, weekly and monthly with the agent's own feedback",
            "complete canned replies and knowledge base",
        ),
        source="norms for online customer service",
    ),
)
