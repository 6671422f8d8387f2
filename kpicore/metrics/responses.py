"""How fast customers get replies in a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from kpicore.errors import ParameterError
from kpicore.facts.waits import CAP, DAY_CUT, UNANSWERED
from kpicore.plugin import (
    Choice,
    Direction,
    Expression,
    Metric,
    Ratio,
    Settings,
    Statistic,
    Target,
    col,
    count,
    lit,
    total,
)
from kpicore.plugin.expression import Least
from kpicore.plugin.measure import Options

from .clocks import CLOCK_PARAMETERS, clock_options, elapsed
from .durations import DURATION_PARAMETERS, SECONDS, attribution, duration_statistic

__all__ = ["METRICS"]

_ACTOR = Choice(
    name="actor",
    doc="whose message stops the clock: a human's (one written with a bot's help included), or any, "
    "automatic replies and greetings as well",
    values=("human", "any"),
    default="human",
    used_by={"human": "Zendesk, Intercom, Wangwang", "any": "PDD"},
)
_START = Choice(
    name="start",
    doc="which message of several unanswered ones starts the clock",
    values=("first_unanswered", "last_unanswered"),
    default="first_unanswered",
    used_by={"first_unanswered": "Wangwang, Zammad"},
)


_REOPENED = Choice(
    name="reopened",
    doc="what a reopening between the question and its reply does: nothing, or it starts the clock anew",
    values=("ignore", "restart"),
    default="ignore",
    used_by={"restart": "Chatwoot"},
)
_POOLING = Choice(
    name="pooling",
    doc="what counts alike: every response; every agent's part of a conversation, with the mean or the "
    "median of its waits; or a customer's whole day with an agent, with its longest wait (shares and "
    "quantiles are then of these)",
    values=("pooled_rounds", "mean_of_session_means", "mean_of_session_medians", "person_days"),
    default="pooled_rounds",
    used_by={
        "pooled_rounds": "Qiyu, Dynamics 365, Wangwang",
        "mean_of_session_means": "Tencent, QuickCEP, Douyin",
        "mean_of_session_medians": "Intercom (API)",
        "person_days": "Kuaishou, PDD",
    },
)
_UNANSWERED = Choice(
    name=UNANSWERED.name,
    doc=f"{UNANSWERED.doc}; or, in shares within a limit only, for a wait beyond it",
    values=("drop", "cap", "breach"),
    default="drop",
    used_by={**UNANSWERED.used_by, "breach": "Douyin, Kuaishou, PDD"},
)
_EVENTS = {
    "assigned": ("assigned", "transferred"),
    "accepted": ("answered",),
    "handed_off": ("handed_off",),
}
_USED_BY = {
    "assigned": "Zoho, LivePerson",
    "accepted": "Tencent",
    "handed_off": "Dynamics 365, Chatwoot",
    "created": "Zendesk",
}


def _clock_start(*more: str) -> Choice:
    values = ("question", *more, *_EVENTS)
    return Choice(
        name="clock_start",
        doc="when the clock starts: at the question; when the contact was last assigned or transferred, "
        "accepted, or handed off by a bot before the reply, if that is later; or, for a first reply, when "
        "it was created, if that is earlier",
        values=values,
        default="question",
        used_by={value: who for value, who in _USED_BY.items() if value in values},
    )


_CREDIT = Choice(
    name="credit",
    doc="whom a response is credited to: the one who replied (without a reply the last agent to write); or "
    "the one in charge of the contact at the reply, or at its end, where that is known",
    values=("replier", "assignee_at_reply", "assignee_at_end"),
    default="replier",
    used_by={"replier": "Wangwang", "assignee_at_end": "Aircall (last participant)"},
)
_CREDITED = {
    "assignee_at_reply": "response_times_of_assignees",
    "assignee_at_end": "response_times_of_last_assignees",
}


def _agent_initiated(doc: str, *more: str) -> Choice:
    used_by = {"exclude": "Redo, Fivetran", "second_message": "Zendesk"}
    values = ("count", "exclude", *more)
    return Choice(
        name="agent_initiated",
        doc=f"what a conversation counts for that an agent opens: {doc}",
        values=values,
        default="count",
        used_by={value: who for value, who in used_by.items() if value in values},
    )


_OPENED_EITHER_WAY = _agent_initiated("its responses from the customer's first message on, or nothing")
_OPENED_FIRST = _agent_initiated(
    "the first reply to the customer; nothing; or an agent's second message, which is then its first reply, "
    "from his first one on",
    "second_message",
)
_DENOMINATOR = Choice(
    name="denominator",
    doc="what the mean divides by: the conversations replied to, or the cases resolved in the period",
    values=("responded", "resolved"),
    default="responded",
)


def _options(p: Settings) -> Options:
    return (("actor", p.word("actor")), ("start", p.word("start")))


def _events(p: Settings) -> tuple[str, ...]:
    """Returns the events of a contact that start the clock anew."""
    own = _EVENTS.get(p.word("clock_start"), ())
    return tuple(sorted((*own, *(("reopened",) if p.word("reopened") == "restart" else ()))))


def _fact(p: Settings) -> str:
    """Returns the fact of responses, each with the wait that counts for it, as ``p`` asks."""
    created, events = p.word("clock_start") == "created", _events(p)
    opened, credit = p.word("agent_initiated"), p.word("credit")
    if created and events:
        raise ParameterError(
            "clock_start=created does not go with reopened=restart",
            hint="a clock that starts anew starts at a question",
        )
    own = [f"agent_initiated={opened}"] * (opened != "count") + [f"credit={credit}"] * (credit != "replier")
    others = [*own[1:], *_shifts(p)]
    if own and others:
        raise ParameterError(f"{own[0]} does not go with {others[0]}", hint="take one of both")
    if opened != "count":
        return "created_initiated_response_times" if created else "initiated_response_times"
    if credit != "replier":
        return _CREDITED[credit]
    if created or events:
        return "created_response_times" if created else "restarted_response_times"
    return "response_times"


def _shifts(p: Settings) -> list[str]:
    """Returns what else asks for facts of its own; clocks of questions and creations do not."""
    found = ["reopened=restart"] if p.word("reopened") == "restart" else []
    apart = ("question",) if p.word("credit") != "replier" else ("question", "created")
    found += [] if p.word("clock_start") in apart else [f"clock_start={p.word('clock_start')}"]
    return found + ([f"pooling={p.word('pooling')}"] if _is_pooled(p) else [])


def _is_pooled(p: Settings) -> bool:
    return "pooling" in p and p.word("pooling") != "pooled_rounds"


def _counting(p: Settings) -> tuple[str, Expression, Options]:
    """Returns the fact, the wait, and the options that count responses as ``p`` asks."""
    fact, options, events = _fact(p), dict(_options(p)), _events(p)
    business, cut = p.word("clock") == "business", p.word("day_cut") != "none"
    if _capped(p) and not business:
        options |= {"cap": p.microseconds("cap"), "unanswered": "cap"}
    if events and events != ("reopened",):
        options["events"] = events
    if cut:
        options["day_cut"] = p.word("day_cut")
    if p.word("agent_initiated") == "second_message":
        options["second_message"] = True
    wait: Expression = col("wait")
    if fact == "response_times" and not cut and (business or not _capped(p)):
        fact, wait = "responses", col("answered_at") - col("asked_at")
    if business:
        wait = elapsed(p, col("asked_at"), col("answered_at"))
        wait = Least(wait, lit(p.microseconds("cap"))) if _capped(p) else wait
    return fact, wait, tuple(sorted(options.items()))


def _responses(p: Settings, which: Expression) -> Statistic:
    fact, wait, options = _counting(p)
    left_out: dict[str, Expression] = {}
    if p.word("agent_initiated") == "exclude":
        left_out["agent_initiated"] = which & col("agent_initiated")
        which = which & ~col("agent_initiated")
    unanswered = which & col("answered_at").is_null()
    if _breach(p):
        return _share(p, fact, wait, which, which & ~unanswered, options, left_out)
    if not _capped(p):
        left_out["unanswered"], which = unanswered, which & ~unanswered
    return duration_statistic(p, fact, wait, where=which, excluded=left_out, options=options)


def _breach(p: Settings) -> bool:
    return p.word("unanswered") == "breach" and p.word("statistic") == "share"


def _share(
    p: Settings,
    fact: str,
    wait: Expression,
    asked: Expression,
    answered: Expression,
    options: Options,
    left_out: Mapping[str, Expression] = MappingProxyType({}),
) -> Statistic:
    """Returns the share of what was ``asked`` that was answered within the limit."""
    if p.word("attribution") != "start":
        raise ParameterError(
            "unanswered=breach counts what was never answered, which has no time of its own",
            hint="take it with attribution=start",
        )
    limit = p.microseconds("within")
    inside = wait <= limit if p.word("op") == "le" else wait < limit
    return Ratio(
        numerator=count(fact, where=answered & inside, attribution="start", options=options),
        denominator=count(fact, where=asked, attribution="start", options=options),
        excluded={
            reason: count(fact, where=where, attribution="start", options=options)
            for reason, where in left_out.items()
        },
        unit="ratio",
    )


def _first(p: Settings) -> Statistic:
    first = col("ordinal").is_(1)
    if p.word("denominator") == "responded":
        return _responses(p, first)
    if p.word("statistic") != "mean":
        raise ParameterError(
            f"denominator=resolved has no statistic {p.word('statistic')}",
            hint="it divides a sum: a mean only",
        )
    fact, wait, options = _counting(p)
    kept = first & ~col("agent_initiated") if p.word("agent_initiated") == "exclude" else first
    waits = total(fact, wait, where=kept, attribution=p.word("attribution"), options=options)
    resolved = ~col("filtered") & col("ended").is_("resolved")
    cases = count("cases", where=resolved, attribution="completion")
    return Ratio(numerator=waits, denominator=cases, scale=SECONDS)


def _every(p: Settings) -> Statistic:
    pooling = p.word("pooling")
    if pooling == "pooled_rounds":
        return _responses(p, col("ordinal") >= 1)
    options = _pooling_options(p)
    restarted = "restarted_" if _events(p) else ""
    if pooling == "person_days":
        if p.word("attribution") != "start":
            raise ParameterError(
                "pooling=person_days belongs to the day of the questions", hint="choose attribution=start"
            )
        return _pooled(p, f"{restarted}person_day_response_times", options)
    if pooling == "mean_of_session_medians":
        options = tuple(sorted((*options, ("middle", "median"))))
    return _pooled(p, f"{restarted}session_response_times", options)


def _pooling_options(p: Settings) -> Options:
    """Returns the options of a fact that pools responses."""
    options = dict(_counting(p)[2]) | dict(clock_options(p))
    if _capped(p):
        options |= {"cap": p.microseconds("cap"), "unanswered": "cap"}
    return tuple(sorted(options.items()))


def _capped(p: Settings) -> bool:
    return p.word("unanswered") == "cap"


def _pooled(p: Settings, fact: str, options: Options) -> Statistic:
    if _breach(p):
        every = col("wait").not_null() | (col("unanswered") > 0)
        return _share(p, fact, col("wait"), every, col("unanswered").is_(0), options)
    known = col("wait").not_null()
    left_out = {} if _capped(p) else {"unanswered": ~known}
    return duration_statistic(p, fact, col("wait"), where=known, excluded=left_out, options=options)


_PARAMETERS = (
    *DURATION_PARAMETERS,
    *CLOCK_PARAMETERS,
    _ACTOR,
    _START,
    _REOPENED,
    _UNANSWERED,
    CAP,
    DAY_CUT,
    _CREDIT,
    attribution("start", "event"),
)

METRICS = (
    Metric(
        name="first_response_time",
        en="First response time",
        zh="首次响应时间",
        family="response",
        unit="s",
        direction=Direction.LOWER,
        definition="mean over conversations of: first agent message after the customer's first message, "
        "minus that customer message; denominator=resolved divides their sum by the cases resolved",
        definition_zh="各会话中客户首条消息到客服首次回复的时间的平均值；"
        "denominator=resolved 时以已解决工单数为分母",
        needs=("messages",),
        parameters=(*_PARAMETERS, _clock_start("created"), _DENOMINATOR, _OPENED_FIRST),
        build=_first,
        target=Target(target=(Fraction(300),), basis="an e-commerce example"),
        causes=("reply technique", "set-up of automatic replies"),
        actions=(
            "train reply technique, such as a greeting at once",
            "keep automatic replies current and in step on every device (moves the KPI with actor=any only)",
            "one channel at a time instead of many chats and calls at once",
        ),
        source="norms for online customer service; Zendesk, Intercom and Zoho documentation",
    ),
    Metric(
        name="average_response_time",
        en="Average response time",
        zh="平均响应时间",
        family="response",
        unit="s",
        direction=Direction.LOWER,
        definition="sum of every response time / number of responses; a response time runs from the first "
        "unanswered customer message to the next agent message",
        definition_zh="所有响应时间之和 / 响应次数；响应时间从客户首条未回复消息起，到客服下一条消息止",
        needs=("messages",),
        parameters=(*_PARAMETERS, _clock_start(), _POOLING, _OPENED_EITHER_WAY),
        build=_every,
        causes=("typing speed", "use of canned replies", "product knowledge"),
        actions=(
            "typing practice",
            "canned-reply technique",
            "regular product training and tests",
            "acknowledge at once and say what happens next",
        ),
        source="norms for e-commerce customer service; Wangwang and Qiyu documentation",
    ),
)
