"""What every duration can be asked for: its mean, quantiles, extremes, sum, or the share within a limit."""

from __future__ import annotations

from fractions import Fraction

from kpicore.plugin import (
    Choice,
    Duration,
    Expression,
    Extremum,
    Measure,
    Parameter,
    Quantile,
    Ratio,
    Settings,
    Statistic,
    Tally,
    count,
    maximum,
    total,
    values,
)
from kpicore.plugin.measure import Options

__all__ = ["DURATION_PARAMETERS", "SECONDS", "attribution", "duration_statistic"]

SECONDS = Fraction(1, 1_000_000)
_QUANTILES = {
    "p50": Fraction(1, 2),
    "p75": Fraction(3, 4),
    "p90": Fraction(9, 10),
    "p95": Fraction(19, 20),
    "p99": Fraction(99, 100),
}

DURATION_PARAMETERS: tuple[Parameter, ...] = (
    Choice(
        name="statistic",
        doc="what is told of the durations: mean, an exact quantile, the largest, their sum, their number, "
        "or the share of those within the limit `within`",
        values=("mean", *_QUANTILES, "max", "sum", "count", "share"),
        default="mean",
    ),
    Duration(name="within", doc="the limit of statistic = share", default="60s"),
    Choice(
        name="op",
        doc="whether a duration equal to the limit is within it",
        values=("le", "lt"),
        default="le",
        used_by={"le": "Genesys, Huawei", "lt": "Easemob, Dynamics 365 (first response)"},
    ),
)


def attribution(default: str, *others: str) -> Choice:
    """Returns the parameter that says which period a value belongs to."""
    used_by = {
        "start": "Twilio, Intercom",
        "completion": "Genesys Cloud, Cisco",
        "disconnect": "Amazon Connect (contact records)",
        "event": "Cisco, Zoho",
        "prorated": "Amazon Connect (agent activity), Genesys Info Mart",
    }
    values_ = (default, *others)
    return Choice(
        name="attribution",
        doc="the period that a value belongs to: where it starts, completes, where the customer "
        "disconnects, where its event is, or cut pro rata at the edges of periods",
        values=values_,
        default=default,
        used_by={name: who for name, who in used_by.items() if name in values_},
    )


def duration_statistic(
    p: Settings,
    of: str,
    value: Expression,
    *,
    where: Expression,
    excluded: dict[str, Expression] | None = None,
    options: Options = (),
    at: str | None = None,
    excluded_at: str | None = None,
) -> Statistic:
    """Returns the statistic that ``p`` asks for, of ``value`` (microseconds) over the rows ``where``.

    ``at`` is the attribution where it is not the parameter's, ``excluded_at`` that of what is left out
    and has no such time.
    """
    at = at or p.word("attribution")
    left_out: dict[str, Measure] = {
        reason: count(of, where=condition, attribution=excluded_at or at, options=options)
        for reason, condition in (excluded or {}).items()
    }
    known = where & value.not_null()
    n = count(of, where=known, attribution=at, options=options)
    summed = total(of, value, where=known, attribution=at, options=options)
    statistic = p.word("statistic")
    if statistic == "mean":
        return Ratio(numerator=summed, denominator=n, scale=SECONDS, excluded=left_out)
    if statistic == "sum":
        return Tally(measure=summed, scale=SECONDS, n=n, excluded=left_out)
    if statistic == "count":
        return Tally(measure=n, excluded=left_out, unit="count")
    if statistic == "max":
        largest = maximum(of, value, where=known, attribution=at, options=options)
        return Extremum(measure=largest, scale=SECONDS, n=n, excluded=left_out)
    if statistic == "share":
        limit = p.microseconds("within")
        inside = value <= limit if p.word("op") == "le" else value < limit
        within = count(of, where=known & inside, attribution=at, options=options)
        return Ratio(numerator=within, denominator=n, excluded=left_out, unit="ratio")
    multiset = values(of, value, where=known, attribution=at, options=options)
    return Quantile(measure=multiset, q=_QUANTILES[statistic], scale=SECONDS, n=n, excluded=left_out)
