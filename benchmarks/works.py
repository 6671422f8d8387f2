"""The works that are timed, and the proof that every engine gives the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import polars as pl
import pyarrow as pa

from . import logs, ours

__all__ = ["WORKS", "Work"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One work: its log, ours, the peers' method of the same name, and how both are compared."""

    name: str
    title: str
    table: str
    make: Callable[[int], pa.Table]
    rows: int
    method: str
    ours: Callable[..., pa.Table]
    normal: Callable[[pa.Table], pl.DataFrame]
    peer_normal: Callable[[pa.Table], pl.DataFrame]


def _words(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    return frame.with_columns(pl.col(names).cast(pl.String)).filter(
        ~pl.any_horizontal(pl.col(names).is_null())
    )


def _states(table: pa.Table) -> pl.DataFrame:
    frame = _words(pl.DataFrame(table), "agent", "state")
    return frame.select("agent", "state", h=pl.col("period_start").dt.epoch("us") // 3_600_000_000, us="us")


def _peer_states(table: pa.Table) -> pl.DataFrame:
    frame = pl.DataFrame(table).rename({"agent_id": "agent"}, strict=False)
    return _words(frame, "agent", "state").select("agent", "state", "h", "us")


_PREFIXES = {"first_response_time": "first_", "average_response_time": ""}


def _responses(table: pa.Table) -> pl.DataFrame:
    """Returns the figures by agent as integers: sums in microseconds, quantiles in tenths of them."""
    figures: dict[str, dict[str, int]] = {}
    for row in table.to_pylist(maps_as_pydicts="strict"):
        own, prefix = figures.setdefault(row["agent"], {}), _PREFIXES[row["name"]]
        statistic = row["parameters"]["statistic"]
        if statistic == "mean":
            own[f"{prefix}us"], own[f"{prefix}n"] = row["numerator"], row["denominator"]
        elif statistic == "share":
            own[f"{prefix}within"] = row["numerator"]
        else:
            own[prefix + statistic] = round(Fraction(row["value"]) * 10_000_000)
    return pl.DataFrame([{"agent": agent, **own} for agent, own in figures.items()])


def _peer_responses(table: pa.Table) -> pl.DataFrame:
    frame = _words(pl.DataFrame(table), "agent")
    quantiles = ("p50", "p90", "first_p50", "first_p90")
    tenths = [(pl.col(name) * 10).round(0).cast(pl.Int64) for name in quantiles]
    return frame.with_columns(tenths).with_columns(pl.col(pl.UInt32).cast(pl.Int64))


def _concurrency(table: pa.Table) -> pl.DataFrame:
    frame = pl.DataFrame(table).filter(pl.col("value").is_not_null())
    mean = frame.filter(pl.col("metric").str.contains("mean")).select(
        "agent", "period", weighted="numerator", handling="denominator"
    )
    peak = frame.filter(~pl.col("metric").str.contains("mean")).select(
        "agent", "period", peak=pl.col("value").cast(pl.Int64)
    )
    day = pl.col("period").str.to_datetime(time_zone="UTC").dt.epoch("us") // logs.DAY
    return peak.join(mean, on=["agent", "period"]).with_columns(day=day).drop("period")


def _peer_concurrency(table: pa.Table) -> pl.DataFrame:
    return _words(pl.DataFrame(table).rename({"agent_id": "agent"}, strict=False), "agent")


WORKS = (
    Work(
        name="W1",
        title="seconds per agent, state and hour, intervals cut at hours",
        table="agent_states",
        make=logs.states,
        rows=10_000_000,
        method="state_seconds",
        ours=ours.state_seconds,
        normal=_states,
        peer_normal=_peer_states,
    ),
    Work(
        name="W2",
        title="first and every response time by agent: n, mean, p50, p90, share within 60 s",
        table="messages",
        make=logs.messages,
        rows=10_000_000,
        method="response_times",
        ours=ours.response_times,
        normal=_responses,
        peer_normal=_peer_responses,
    ),
    Work(
        name="W3",
        title="peak and mean concurrency and union of handling by agent and day",
        table="segments",
        make=logs.segments,
        rows=5_000_000,
        method="concurrency",
        ours=ours.concurrency,
        normal=_concurrency,
        peer_normal=_peer_concurrency,
    ),
)
