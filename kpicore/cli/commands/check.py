"""``kpicore check``: which KPIs a source supports, what became of its rows, what a calendar holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpicore.errors import UsageError

from ..calendars import check_calendar
from ..emit import Records, emit
from ..exits import FINDINGS
from ..options import (
    Output,
    Session,
    SourceChoice,
    with_calendar,
    with_optional_source,
    with_output,
    with_session,
)
from ..progress import working
from ..sheet import Sheet
from ..words import Language, say

if TYPE_CHECKING:
    from kpicore import Finding, Log
    from kpicore.plugin.manager import Plugins

__all__ = ["command"]


@click.command()
@with_optional_source
@with_calendar
@click.option(
    "--strict",
    is_flag=True,
    help="Exit with 1 where rows were rejected, nothing can be computed, or the calendar names strangers.",
)
@with_output
@with_session
def command(
    session: Session, output: Output, source: SourceChoice, calendar: Path | None, strict: bool
) -> int:
    """Say which KPIs a source supports, what became of its rows, what a calendar holds.

    A KPI is computable, or the missing table or column is named. With --calendar, a file of business hours is
    checked too, or alone where no SOURCE is named: its calendars, who works under which, and the coming
    holidays, make-up days and special days. In JSON all parts are in one object; CSV and Parquet hold the
    KPIs, or the coming days where no SOURCE is named.
    """
    if not source.paths and calendar is None:
        raise UsageError("there is nothing to check", hint="name a SOURCE, or a file with --calendar")
    plugins = session.plugins()
    log = source.open(plugins) if source.paths else None
    hours = None if calendar is None else check_calendar(calendar, log, date.today())
    sheets = [] if hours is None else hours.sheets(session.lang)
    found: dict[str, object] = {} if hours is None else {"calendar": hours.record()}
    if log is None:
        assert hours is not None
        records: Records = found if output.format == "json" else hours.days()
        emit(output, records, lambda: sheets)
        return 0
    import kpicore

    with working("checking"):
        findings = kpicore.check(log, plugins=plugins)
    kpis = _kpis(findings, plugins)
    ledger = log.ledger.to_arrow().to_pylist()
    whole = {"metrics": kpis, "ledger": ledger, "sources": _sources(log), **found}
    records = whole if output.format == "json" else kpis
    emit(output, records, lambda: [*_sheets(kpis, ledger, session.lang), *sheets])
    rejected = any(row["status"] == "rejected" for row in ledger)
    doubted = hours is not None and bool(hours.doubts)
    return FINDINGS if strict and (rejected or doubted or not any(f.computable for f in findings)) else 0


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
