"""The contracts of facts about what customers and reviewers say."""

from __future__ import annotations

from kpicore.plugin.schema import Column, Kind, TableSchema
from kpicore.plugin.tables import TABLES

__all__ = [
    "RATINGS",
    "RATINGS_OF_ASSIGNEE_AT_RATING",
    "RATINGS_OF_ASSIGNEE_AT_SOLVE",
    "RATINGS_OF_LAST_REPLIER",
    "RATINGS_OF_PARTICIPANTS",
    "REVIEW_SCORES",
]

_SURVEYS, _REVIEWS = TABLES["surveys"], TABLES["reviews"]


def _ratings(name: str, doc: str, credited: str) -> TableSchema:
    return TableSchema(
        name=name,
        doc=doc,
        columns=(
            _SURVEYS.column("kind"),
            Column(name="agent_id", kind=Kind.ID, doc=credited, domain="agent"),
            _SURVEYS.column("customer_id"),
            _SURVEYS.column("contact_id"),
            _SURVEYS.column("answer"),
            _SURVEYS.column("score"),
            Column(
                name="share",
                kind=Kind.INTEGER,
                doc="the score's place on its scale, from 0 for the lowest to 2520000 for the highest; null "
                "without score, or where it lies outside the scale",
                unit="1/2520000",
            ),
            Column(name="below_top", kind=Kind.NUMBER, doc="how many points the score is below the highest"),
            Column(
                name="answered", kind=Kind.FLAG, doc="whether there is a score or an answer", required=True
            ),
            Column(name="rated_at", kind=Kind.TIME, doc="when it was answered, else when it was asked"),
            Column(name="asked_at", kind=Kind.TIME, doc="when it was asked, else when it was answered"),
            Column(name="contact_at", kind=Kind.TIME, doc="when the contact ended or began, else asked_at"),
        ),
        times={"event": "rated_at", "start": "asked_at", "contact": "contact_at"},
    )


RATINGS = _ratings(
    "ratings",
    "A survey's invitation and what came of it.",
    "the agent whom the survey names, else the one in charge of its contact",
)

RATINGS_OF_ASSIGNEE_AT_SOLVE = _ratings(
    "ratings_of_assignee_at_solve",
    "A survey's invitation, credited to the agent in charge when the contact was resolved or closed.",
    "the agent in charge when the contact was last resolved or closed before the rating; else as in ratings",
)

RATINGS_OF_ASSIGNEE_AT_RATING = _ratings(
    "ratings_of_assignee_at_rating",
    "A survey's invitation, credited to the agent in charge when it was answered.",
    "to whom the contact was last assigned or transferred, or who last took it, before the rating; else as "
    "in ratings",
)

RATINGS_OF_LAST_REPLIER = _ratings(
    "ratings_of_last_replier",
    "A survey's invitation, credited to the last agent to reply before.",
    "the agent who replied or took the contact last before the rating; else as in ratings",
)

RATINGS_OF_PARTICIPANTS = _ratings(
    "ratings_of_participants",
    "A survey's invitation, once for every agent who took part in its contact.",
    "an agent who took part; where none is known, as in ratings",
)

REVIEW_SCORES = TableSchema(
    name="review_scores",
    doc="One reviewed dimension, with its mark's place on the scale.",
    columns=(
        _REVIEWS.column("agent_id"),
        _REVIEWS.column("reviewed_at"),
        _REVIEWS.column("dimension"),
        _REVIEWS.column("reviewer_id"),
        _REVIEWS.column("contact_id"),
        Column(
            name="share",
            kind=Kind.INTEGER,
            doc="the mark's place on its scale, from 0 for the lowest to 2520000 for the highest; null where "
            "it lies outside",
            unit="1/2520000",
        ),
        Column(name="weight", kind=Kind.NUMBER, doc="the weight of the question, 1 where none is given"),
        Column(
            name="failed",
            kind=Kind.FLAG,
            doc="whether a critical question of the same review was below the limit",
            required=True,
        ),
    ),
    times={"event": "reviewed_at"},
)
