"""Signs that a number is being managed instead of the work. They stand beside a score and never enter it.

Each indicator is a share of counted cases per agent, set against all agents in a funnel: an ``alarm`` is a
question to ask, not an answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pyarrow as pa

from kpicore.scoring.card import Entry
from kpicore.scoring.lint_curves import curves
from kpicore.scoring.statistics.columns import Agents, encode, flags, microseconds
from kpicore.scoring.statistics.distributions import binomial_cdf
from kpicore.scoring.statistics.funnel import Side, funnel_rates
from kpicore.scoring.statistics.precision import significant

__all__ = [
    "Bunching",
    "Indicator",
    "boomerang_transfers",
    "bunching",
    "quick_returns",
    "short_contacts",
    "state_flicker",
    "stretched_wrapup",
    "survey_avoidance",
    "transfer_dumping",
]

_SECOND = 1_000_000
_TRANSFERS = ("transferred_blind", "transferred_consult", "transferred_queue")


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One agent's share of suspicious cases: ``count`` of ``n``, the share of all agents, and its place in
    the funnel.

    ``suspect`` is true where the share lies outside the 99.8 % limits on the suspicious side.
    """

    name: str
    agent: str
    count: int
    n: int
    share: float | None
    common: float
    side: Side
    suspect: bool


def short_contacts(legs: pa.Table, *, limit: int = 10 * _SECOND) -> tuple[Indicator, ...]:
    """Returns per agent the share of legs whose talk lasted less than ``limit`` microseconds."""
    talk = microseconds(legs, "talk")
    return _shares("short_contacts", encode(legs, "agent_id"), talk.known & (talk.values < limit), talk.known)


def transfer_dumping(legs: pa.Table, *, limit: int = 30 * _SECOND) -> tuple[Indicator, ...]:
    """Returns per agent the share of legs transferred away within ``limit`` microseconds of taking them."""
    held = microseconds(legs, "talk_ended_at").minus(microseconds(legs, "began_at"))
    away = flags(legs, "ended", _TRANSFERS)
    return _shares("transfer_dumping", encode(legs, "agent_id"), away & held.known & (held.values < limit))


def boomerang_transfers(legs: pa.Table) -> tuple[Indicator, ...]:
    """Returns per agent the share of transferred legs whose contact came back to the same agent later."""
    agents, contacts = encode(legs, "agent_id"), encode(legs, "contact_id")
    began = microseconds(legs, "began_at").values
    away = flags(legs, "ended", _TRANSFERS)
    order = np.lexsort((began, contacts.codes, agents.codes))
    same = (agents.codes[order][1:] == agents.codes[order][:-1]) & (
        contacts.codes[order][1:] == contacts.codes[order][:-1]
    )
    returns = np.zeros(len(order), dtype=bool)
    returns[order[:-1][same]] = True
    return _shares("boomerang_transfers", agents, away & returns, away)


def stretched_wrapup(legs: pa.Table, *, times: int = 3) -> tuple[Indicator, ...]:
    """Returns per agent the share of legs whose wrap-up is more than ``times`` the median of all agents'
    wrap-ups.
    """
    wrapup = microseconds(legs, "wrapup")
    worked = wrapup.known & (wrapup.values > 0)
    median = float(np.median(wrapup.values[worked])) if worked.any() else 0.0
    return _shares(
        "stretched_wrapup", encode(legs, "agent_id"), worked & (wrapup.values > times * median), wrapup.known
    )


def state_flicker(states: pa.Table, *, limit: int = 30 * _SECOND) -> tuple[Indicator, ...]:
    """Returns per agent the share of stays in ``available`` that lasted less than ``limit`` and ended in
    not ready.
    """
    agents = encode(states, "agent_id")
    start, end = microseconds(states, "start"), microseconds(states, "end")
    ready = flags(states, "state", ("available",))
    working = flags(states, "state", ("available", "on_contact", "wrapup"))
    order = np.lexsort((start.values, agents.codes))
    follows = np.zeros(len(order), dtype=bool)
    next_ = order[1:]
    touching = (agents.codes[order[:-1]] == agents.codes[next_]) & (
        end.values[order[:-1]] == start.values[next_]
    )
    follows[order[:-1][touching & ~working[next_]]] = True
    return _shares("state_flicker", agents, ready & follows & (end.values - start.values < limit), ready)


def quick_returns(closes: pa.Table, *, within: int = 24 * 3600 * _SECOND) -> tuple[Indicator, ...]:
    """Returns per agent the share of closed contacts whose customer was back ``within`` microseconds.

    ``closes`` has a row per close: ``agent_id``, ``closed_at`` and ``next_at``, null where the customer did
    not return.
    """
    gap = microseconds(closes, "next_at").minus(microseconds(closes, "closed_at"))
    back = gap.known & (gap.values >= 0) & (gap.values <= within)
    return _shares("quick_returns", encode(closes, "agent_id"), back)


def survey_avoidance(handled: Mapping[str, int], invited: Mapping[str, int]) -> tuple[Indicator, ...]:
    """Returns per agent the share of handled contacts without an invitation to a survey."""
    names = sorted(handled)
    spared = [max(0, handled[name] - invited.get(name, 0)) for name in names]
    return _indicators("survey_avoidance", names, spared, [handled[name] for name in names])


def _shares(
    name: str, agents: Agents, hits: np.ndarray, cases: np.ndarray | None = None
) -> tuple[Indicator, ...]:
    known = agents.codes >= 0
    counted = known if cases is None else known & cases
    size = len(agents.names)
    n = np.bincount(agents.codes[counted], minlength=size).tolist()
    count = np.bincount(agents.codes[counted & hits], minlength=size).tolist()
    order = sorted(range(size), key=lambda i: agents.names[i])
    return _indicators(
        name, [agents.names[i] for i in order], [count[i] for i in order], [n[i] for i in order]
    )


def _indicators(
    name: str, agents: Sequence[str], counts: Sequence[int], trials: Sequence[int]
) -> tuple[Indicator, ...]:
    whole = sum(trials)
    if not whole:  # nothing of the kind happened, so nobody stands out
        return ()
    _, points = funnel_rates(counts, trials)
    common = significant(sum(counts) / whole)
    return tuple(
        Indicator(
            name=name,
            agent=agent,
            count=count,
            n=n,
            share=point.value,
            common=common,
            side=point.side,
            suspect=point.side == "alarm" and (point.value or 0.0) > common,
        )
        for agent, count, n, point in zip(agents, counts, trials, points, strict=True)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bunching:
    """Values just on the better and just on the worse side of one of a card's knots.

    ``p`` is the probability that chance alone puts as many of them on the better side, were both sides
    equally likely.
    """

    at: Fraction
    better: int
    worse: int
    p: float


def bunching(entry: Entry, values: Sequence[Fraction], *, width: Fraction) -> tuple[Bunching, ...]:
    """Returns for each knot of ``entry`` how ``values`` lie within ``width`` on either side of it.

    The better side is the one that the curve gives more points just beyond the knot; a knot where neither
    side is better is left out. A value on the knot counts as better.
    """
    found = []
    for curve in curves(entry):
        if curve.reciprocal_of is not None:
            continue
        for x in dict.fromkeys(at for at, _ in curve.knots):
            rises = _slope(curve.knots, x)
            if rises == 0:
                continue
            above = sum(1 for value in values if x < value <= x + width)
            below = sum(1 for value in values if x - width <= value < x)
            on = sum(1 for value in values if value == x)
            better, worse = (above + on, below) if rises > 0 else (below + on, above)
            n = better + worse
            p = significant(1 - binomial_cdf(better - 1, n, 0.5)) if n else 1.0
            found.append(Bunching(at=x, better=better, worse=worse, p=p))
    return tuple(found)


def _slope(knots: Sequence[tuple[Fraction, Fraction]], x: Fraction) -> Fraction:
    """The change of points across the knots at ``x``, from the knot before to the knot after."""
    before = [points for at, points in knots if at < x]
    here = [points for at, points in knots if at == x]
    after = [points for at, points in knots if at > x]
    return (after[0] if after else here[-1]) - (before[-1] if before else here[0])
