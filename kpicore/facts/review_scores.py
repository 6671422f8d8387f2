"""Review scores: marks of quality assurance on one scale, with the verdict of critical questions."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import TABLES, Derivation, Fact, Input, Number, Settings

from .scale import FULL, MILLION, Scale, ends, millionths, rescale
from .schemas_voice import REVIEW_SCORES
from .whole_tables import given, instant, starts_of_runs

__all__ = ["FACTS"]

_REVIEW = ("agent_id", "reviewed_at", "reviewer_id", "contact_id")
"""What the marks of one review have in common."""


def _review_scores(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    (reviews,) = tables
    low, high = (int(end * MILLION) for end in ends(settings.words("scale")))
    share = rescale(
        millionths(given(reviews, "score", pa.float64())),
        millionths(given(reviews, "scale_min", pa.float64())).fill_null(low),
        millionths(given(reviews, "scale_max", pa.float64())).fill_null(high),
    )
    limit = settings.number("critical_below") * FULL
    fault = pc.and_(
        given(reviews, "critical", pa.bool_()).fill_null(False),
        pc.less(pc.multiply(share, limit.denominator), limit.numerator).fill_null(False),
    )
    columns = {name: given(reviews, name, pa.string()) for name in (*_REVIEW, "dimension")}
    columns["reviewed_at"] = instant(reviews, "reviewed_at")
    firsts = starts_of_runs(*(columns[name] for name in _REVIEW))
    review = pc.cumulative_sum(firsts.cast(pa.int64()))
    failed = pc.is_in(review, value_set=pc.unique(review.filter(fault)))
    weight = millionths(given(reviews, "weight", pa.float64())).fill_null(MILLION)
    columns["reviewed_at"] = columns["reviewed_at"].cast(pa.timestamp("us", "UTC"))
    return {"review_scores": pa.table(columns | {"share": share, "weight": weight, "failed": failed})}


_COLUMNS = tuple(column.name for column in TABLES["reviews"].columns)

_DERIVATION = Derivation(
    name="review_scores",
    inputs=(
        Input(
            of="reviews",
            columns=_COLUMNS,
            order=_REVIEW,
            optional=tuple(c for c in _COLUMNS if c not in TABLES["reviews"].required),
        ),
    ),
    key="agent_id",
    outputs=("review_scores",),
    parameters=(
        Scale(name="scale", doc="the scale of forms that state none", default="1..5"),
        Number(
            name="critical_below", doc="a critical question fails below this part of its scale", default="0.5"
        ),
    ),
    function=_review_scores,
)

FACTS: tuple[Fact, ...] = (Fact(schema=REVIEW_SCORES, derivations=(_DERIVATION,)),)
