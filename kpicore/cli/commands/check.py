"""``kpicore check``: which KPIs a source supports, and what became of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ..emit import emit
from ..exits import FINDINGS
from ..options import Output, Session, SourceChoice, with_output, with_session, with_source
from ..progress import working
from ..sheet import Sheet
from ..words import Language, say

if TYPE_CHECKING:
    from kpicore import Finding, Log
    from kpicore.plugin.manager import Plugins

__all__ = ["command"]


@click.command()
@with_source
@click.option(
    "--strict", is_flag=True, help="Exit with 1 where rows were rejected or nothing can be computed."
)
@with_output
@with_session
def command(session: Session, output: Output, source: SourceChoice, strict: bool) -> int:
    """Say which KPIs a source supports, and what became of its rows.

    A KPI is computable, or the missing table or column is named. In JSON both parts are in one object; CSV
    and Parquet hold the KPIs.
    """
    import kpicore

    plugins = session.plugins()
    log = source.open(plugins)
    with working("checking"):
        findings = kpicore.check(log, plugins=plugins)
    kpis = _kpis(findings, plugins)
    ledger = log.ledger.to_arrow().to_pylist()
    records = (
        {"metrics": kpis, "ledger": ledger, "sources": _sources(log)} if output.format == "json" else kpis
    )
    emit(output, records, lambda: _sheets(kpis, ledger, session.lang))
    rejected = any(row["status"] == "rejected" for row in ledger)
    return FINDINGS if strict and (rejected or not any(f.computable for f in findings)) else 0


def _kpis(findings: Sequence[Finding], plugins: Plugins) -> list[dict[str, object]]:
    return [
        {
            "metric": finding.metric,
            "zh": plugins.metric(finding.metric).zh,
            "computable": finding.computable,
            "missing": finding.missing or None,
        }
        for finding in findings
    ]


def _sources(log: Log) -> list[dict[str, object]]:
    return [
        {"name": file.name, "size": file.size, "sha256": file.sha256 or None, "adapter": file.adapter}
        for file in log.sources
    ]


def _sheets(
    kpis: Sequence[dict[str, object]], ledger: Sequence[dict[str, object]], lang: Language
) -> list[Sheet]:
    computable = [
        [
            str(kpi["zh"] if lang == "zh" else kpi["metric"]),
            say("yes" if kpi["computable"] else "no", lang),
            str(kpi["missing"] or ""),
        ]
        for kpi in sorted(kpis, key=lambda kpi: not kpi["computable"])
    ]
    account = [
        [
            str(row["source"]),
            str(row["table"]),
            say(str(row["status"]), lang),
            str(row["reason"]),
            str(row["rows"]),
        ]
        for row in ledger
    ]
    return [
        Sheet(
            title=say("What can be computed", lang),
            headers=[say(word, lang) for word in ("Metric", "Computable", "Missing")],
            rows=computable,
        ),
        Sheet(
            title=say("What became of the rows", lang),
            headers=[say(word, lang) for word in ("Source", "Table", "Status", "Reason", "Rows")],
            rows=account,
            numbers=frozenset({4}),
        ),
    ]
