"""Memberships: the roster's rows as intervals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Derivation, Fact, Input, Settings

from .schemas import MEMBERSHIPS

__all__ = ["FACTS"]

_ALWAYS = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _memberships(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    """Returns a row per row of the roster; an open validity runs from 1900 to 2200."""
    (agents,) = tables
    kept = [c for c in ("agent_id", "team", "capacity", "full_time") if c in agents.column_names]
    columns = {name: agents.column(name) for name in kept}
    limits = (("start", "valid_from", "hired_on"), ("end", "valid_to", "left_on"))
    for (name, *candidates), fallback in zip(limits, _ALWAYS, strict=True):
        given = [agents.column(c) for c in candidates if c in agents.column_names]
        columns[name] = pc.coalesce(*given, pa.scalar(fallback, pa.timestamp("us", "UTC")))
        if not given:
            columns[name] = pa.repeat(pa.scalar(fallback, pa.timestamp("us", "UTC")), len(agents))
    return {"memberships": pa.table(columns)}


_DERIVATION = Derivation(
    name="memberships",
    inputs=(
        Input(
            of="agents",
            columns=(
                "agent_id",
                "team",
                "capacity",
                "full_time",
                "valid_from",
                "valid_to",
                "hired_on",
                "left_on",
            ),
            order=("valid_from",),
            optional=("team", "capacity", "full_time", "valid_from", "valid_to", "hired_on", "left_on"),
        ),
    ),
    key="agent_id",
    outputs=("memberships",),
    function=_memberships,
)

FACTS: tuple[Fact, ...] = (Fact(schema=MEMBERSHIPS, derivations=(_DERIVATION,)),)
