"""The built-in facts, offered through the same hook as those of plugins."""

from __future__ import annotations

from collections.abc import Iterable

from kpicore.plugin import Fact, hookimpl

from . import (
    agent_days,
    attendances,
    bounded_states,
    callbacks,
    cases,
    contact_topics,
    contacts,
    credited_replies,
    customer_contacts,
    employments,
    engagement,
    escalations,
    followed_visits,
    handled_cases,
    handled_contacts,
    initiated_replies,
    inquiries,
    judged_visits,
    legs,
    memberships,
    menu_visits,
    offers,
    paced_legs,
    paced_segments,
    ratings,
    repeats,
    response_times,
    responses,
    review_scores,
    rostered,
    sales,
    segments,
    session_turns,
    shares,
    site_traffic,
    starts,
    states,
    tenures,
    thanks,
    traced_visits,
    turns,
    visits,
    workload,
)

__all__ = ["kpicore_facts"]

_FAMILIES: tuple[tuple[Fact, ...], ...] = (
    visits.FACTS,
    segments.FACTS,
    legs.FACTS,
    contacts.FACTS,
    memberships.FACTS,
    states.FACTS,
    responses.FACTS,
    workload.FACTS,
    ratings.FACTS,
    review_scores.FACTS,
    engagement.FACTS,
    contact_topics.FACTS,
    customer_contacts.FACTS,
    site_traffic.FACTS,
    cases.FACTS,
    thanks.FACTS,
    tenures.FACTS,
    employments.FACTS,
    repeats.FACTS,
    callbacks.FACTS,
    rostered.FACTS,
    turns.FACTS,
    session_turns.FACTS,
    attendances.FACTS,
    response_times.FACTS,
    credited_replies.FACTS,
    initiated_replies.FACTS,
    starts.FACTS,
    shares.FACTS,
    agent_days.FACTS,
    inquiries.FACTS,
    sales.FACTS,
    judged_visits.FACTS,
    followed_visits.FACTS,
    escalations.FACTS,
    offers.FACTS,
    menu_visits.FACTS,
    traced_visits.FACTS,
    handled_contacts.FACTS,
    handled_cases.FACTS,
    bounded_states.FACTS,
    paced_segments.FACTS,
    paced_legs.FACTS,
)


@hookimpl
def kpicore_facts() -> Iterable[Fact]:
    """Returns every built-in fact."""
    return tuple(fact for family in _FAMILIES for fact in family)
