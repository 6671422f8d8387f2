"""Families of metrics that a card's incentives depend on."""

from __future__ import annotations

from typing import Final

__all__ = ["BEYOND_AGENT", "EFFICIENCY", "QUALITY", "family"]

EFFICIENCY: Final = frozenset(
    (
        "average_call_duration",
        "average_daily_sessions",
        "average_handle_time",
        "average_reception_duration",
        "average_resolution_time",
        "average_response_time",
        "average_session_duration",
        "calls_answered",
        "customers_received",
        "first_response_time",
        "interactions_per_case",
        "max_concurrency",
        "occupancy",
        "sessions_per_hour",
        "slow_response_customers",
        "talk_time_share",
        "tickets_resolved",
        "time_to_start",
    )
)
"""Speed and volume: rewarding them alone invites haste."""

QUALITY: Final = frozenset(
    (
        "brand_representation",
        "ces",
        "communication_skill",
        "complaint_rate",
        "csat",
        "customer_churn_rate",
        "customer_retention_rate",
        "cx_score",
        "first_contact_resolution",
        "inquiry_conversion_final",
        "next_issue_avoidance",
        "nps",
        "professional_knowledge",
        "reopen_rate",
        "resolution_rate",
        "service_attitude",
        "technical_skill",
    )
)
"""What shows haste up."""

BEYOND_AGENT: Final = frozenset(
    (
        "agent_turnover_rate",
        "average_callback_time",
        "average_daily_sessions",
        "average_query_age",
        "average_speed_of_answer",
        "average_wait_time",
        "backlog",
        "cases_by_topic",
        "channel_share",
        "connect_rate",
        "consultation_rate",
        "customer_churn_rate",
        "customer_contact_frequency",
        "effective_sessions",
        "employee_satisfaction",
        "inquirers",
        "missed_calls",
        "occupancy",
        "self_service_usage",
        "service_level",
        "ticket_volume",
        "voicemail_rate",
    )
)
"""What staffing, demand and other people decide more than the agent."""


def family(metric: str) -> str:
    """Returns the metric's family: the name before its parameters and dialect."""
    return metric.partition("[")[0].partition("@")[0].strip()
