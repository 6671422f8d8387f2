"""Handled cases: a case once for each agent who had a part in it."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Derivation, Fact, Input, Settings
from kpicore.plugin.schema import TableSchema

from .schemas import LEGS
from .schemas_cases import CASES
from .whole_tables import coded, given, instant, plain

__all__ = ["FACTS"]

_UTC = pa.timestamp("us", "UTC")

HANDLED_CASES = TableSchema(
    name="handled_cases",
    doc="A case under one of the agents who had a part in it: as many rows as there are such agents.",
    columns=(
        LEGS.column("contact_id"),
        LEGS.column("agent_id"),
        *(CASES.column(name) for name in ("opened_at", "ended_at", "ended", "filtered")),
    ),
    times={"start": "opened_at", "completion": "ended_at"},
)


def _handled_cases(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    cases, legs = tables
    legs = legs.filter(pc.is_valid(given(legs, "agent_id", pa.string())))
    own, theirs = coded(*(given(table, "contact_id", pa.string()) for table in (cases, legs)))
    pairs = pa.table(
        {"case": pc.index_in(theirs, value_set=own), "agent": given(legs, "agent_id", pa.string())}
    )
    pairs = pairs.filter(pc.is_valid(pairs.column("case"))).group_by(["case", "agent"]).aggregate([])
    case = plain(pairs.column("case"))
    columns = {
        "contact_id": given(cases, "contact_id", pa.string()).take(case),
        "agent_id": plain(pairs.column("agent")),
        **{name: instant(cases, name).take(case).cast(_UTC) for name in ("opened_at", "ended_at")},
        "ended": given(cases, "ended", pa.string()).take(case),
        "filtered": given(cases, "filtered", pa.bool_()).take(case),
    }
    return {"handled_cases": pa.table(columns)}


FACTS: tuple[Fact, ...] = (
    Fact(
        schema=HANDLED_CASES,
        derivations=(
            Derivation(
                name="handled_cases",
                inputs=(
                    Input(
                        of="cases",
                        columns=("contact_id", "opened_at", "ended_at", "ended", "filtered"),
                        order=("opened_at",),
                    ),
                    Input(of="legs", columns=("contact_id", "agent_id"), order=("agent_id",)),
                ),
                key="contact_id",
                outputs=("handled_cases",),
                function=_handled_cases,
            ),
        ),
    ),
)
