"""Signs that a number is being managed instead of the work, per agent of a run, beside its scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.engine import derive
from kpicore.errors import DataError
from kpicore.plugin.manager import Plugins
from kpicore.scoring import Card
from kpicore.scoring.statistics.gaming import (
    Indicator,
    boomerang_transfers,
    quick_returns,
    short_contacts,
    state_flicker,
    stretched_wrapup,
    survey_avoidance,
    transfer_dumping,
)
from kpicore.tables import Log

__all__ = ["SIGNS", "SIGN_NAMES", "signs_table"]

SIGN_NAMES: Mapping[str, tuple[str, str]] = {
    "short_contacts": ("contacts of less than 10 s of talk", "通话不足10秒的联络"),
    "transfer_dumping": ("transferred away within 30 s", "30秒内转出"),
    "boomerang_transfers": ("transferred away and back again", "转出后又转回"),
    "stretched_wrapup": ("wrap-up of more than three times the median", "话后处理超过中位数三倍"),
    "state_flicker": ("available for less than 30 s, then not ready", "就绪不足30秒即转为未就绪"),
    "quick_returns": ("the customer was back within 24 hours", "客户24小时内再次联络"),
    "survey_avoidance": ("handled contacts without an invitation to a survey", "未邀评的联络"),
}
"""What each sign counts, in English and Chinese."""

SIGNS = pa.schema(
    [
        ("agent", pa.string()),
        ("sign", pa.string()),
        ("count", pa.int64()),
        ("n", pa.int64()),
        ("share", pa.float64()),
        ("common", pa.float64()),
        ("side", pa.string()),
        ("suspect", pa.bool_()),
    ]
)
"""``count`` of ``n`` cases of the agent show the sign; ``common`` is the share of all agents. ``side`` is
where the agent lies in the funnel around it: ``inside``, ``alert`` (beyond 95 %) or ``alarm`` (beyond
99.8 %); ``suspect`` is an alarm above the common share: a question to ask, not an answer."""

_Rows = Callable[[str, str], pa.Table]


def signs_table(log: Log, card: Card, plugins: Plugins, start: int, end: int) -> pa.Table:
    """Returns the signs of every agent over [start, end) microseconds UTC, as ``SIGNS``, sorted by sign.

    A sign for which the log has no rows, or only such as nothing can be derived from, is left out, and so are
    all for cards of other subjects.
    """
    if card.subject != "agent":
        return SIGNS.empty_table()

    @cache
    def rows(name: str, instant: str) -> pa.Table:
        table = derive(log, name, plugins)
        at = table.column(instant).cast(pa.int64())
        return table.filter(pc.and_(pc.greater_equal(at, start), pc.less(at, end)))

    found: list[Indicator] = []
    for signs in (
        _of_legs,
        _of_states,
        lambda rows: _of_returns(log, rows),
        lambda rows: _of_surveys(log, rows),
    ):
        try:
            found += signs(rows)
        except DataError:
            continue
    listed = [{**asdict(one), "sign": one.name} for one in found]
    return pa.Table.from_pylist(listed, schema=SIGNS)


def _of_legs(rows: _Rows) -> list[Indicator]:
    legs = rows("legs", "began_at")
    ways = (short_contacts, transfer_dumping, boomerang_transfers, stretched_wrapup)
    return [one for way in ways for one in way(legs)]


def _of_states(rows: _Rows) -> list[Indicator]:
    return list(state_flicker(rows("state_intervals", "start")))


def _of_returns(log: Log, rows: _Rows) -> list[Indicator]:
    repeats = rows("repeats", "opened_at")
    contacts = log.tables.get("contacts")
    closed = repeats.column("opened_at").combine_chunks()
    if contacts is not None and "closed_at" in contacts.column_names:
        ids = contacts.column("contact_id").cast(pa.string()).combine_chunks()
        place = pc.index_in(repeats.column("contact_id").cast(pa.string()).combine_chunks(), value_set=ids)
        known = contacts.column("closed_at").combine_chunks().cast(closed.type).take(place)
        closed = pc.coalesce(known, closed)
    closes = pa.table(
        {"agent_id": repeats.column("agent_id"), "closed_at": closed, "next_at": repeats.column("next_at")}
    )
    return list(quick_returns(closes))


def _of_surveys(log: Log, rows: _Rows) -> list[Indicator]:
    surveys = log.tables.get("surveys")
    if surveys is None or "contact_id" not in surveys.column_names:
        return []
    legs = rows("legs", "began_at").select(["agent_id", "contact_id"])
    named = pa.table({name: legs.column(name).cast(pa.string()) for name in legs.column_names})
    pairs = (
        named.filter(named.column("agent_id").is_valid()).group_by(["agent_id", "contact_id"]).aggregate([])
    )
    asked = surveys.column("contact_id").cast(pa.string()).combine_chunks().drop_null()
    invited = pairs.filter(pc.is_in(pairs.column("contact_id"), value_set=asked))
    return list(survey_avoidance(_counted(pairs), _counted(invited)))


def _counted(pairs: pa.Table) -> dict[str, int]:
    counts = pairs.column("agent_id").combine_chunks().value_counts().to_pylist()
    return {one["values"]: one["counts"] for one in counts}
