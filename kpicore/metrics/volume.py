"""Demand: how many contacts there are."""

from __future__ import annotations

from kpicore.plugin import Choice, Direction, Metric, Settings, Statistic, Tally, count

from .durations import attribution

__all__ = ["METRICS"]


def _ticket_volume(p: Settings) -> Statistic:
    contacts = count("contacts", attribution=p.word("attribution"))
    return Tally(measure=contacts, per="day" if p.word("per") == "day" else None)


METRICS = (
    Metric(
        name="ticket_volume",
        en="Ticket volume",
        zh="工单量",
        family="volume",
        unit="conversations",
        direction=Direction.NEUTRAL,
        definition="conversations or tickets opened in the period; per=day divides by its days",
        definition_zh="周期内新建的会话或工单数；per=day 时除以天数",
        needs=("contacts",),
        parameters=(
            Choice(name="per", doc="the total, or per day", values=("total", "day"), default="total"),
            attribution("start", "completion"),
        ),
        build=_ticket_volume,
        actions=("track all issues: state of each case, early signs of defects, time per kind of problem",),
        source="customer-service metrics; Zendesk documentation",
    ),
)
