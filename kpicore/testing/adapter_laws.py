"""Laws of adapters: every row accounted for, tables that keep their contracts, the same every time."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from kpicore.adapters import open_log
from kpicore.plugin import Adapter, hookimpl
from kpicore.plugin.manager import Plugins, load_plugins
from kpicore.tables import Log

from .laws import law, require

__all__ = ["check_adapter"]


def check_adapter(
    adapter: Adapter | str,
    path: str | Path | Sequence[str | Path],
    expected: Mapping[str, int] | None = None,
    *,
    plugin: object | None = None,
    zone: str | None = None,
    options: Mapping[str, str] | None = None,
    recognised: bool = True,
) -> Log:
    """Returns the log that ``adapter`` makes of ``path``; raises LawBroken if it breaks a law.

    ``expected`` maps tables to their numbers of rows. ``plugin`` is the module that provides the
    adapter where it is given by name. With ``recognised=False`` the adapter need not know its files by
    their looks.

    The laws: it recognises its own files and nothing that is not there; it delivers the tables that it
    declares, with columns of their contracts only; validation finds nothing to reject; every source
    row is used, excluded or rejected, exactly once per table; opened again, it delivers the same.
    """
    name = adapter if isinstance(adapter, str) else adapter.name
    plugins = _plugins(adapter, plugin)
    with law(name, "it is known by its name"):
        record = plugins.adapter(name)
    require(bool(record.doc.strip()), name, "doc is not empty")
    _check_looks(record, path, recognised=recognised)
    with law(name, "its files can be opened"):
        log, again = (
            open_log(path, adapter=name, plugins=plugins, zone=zone, options=options or {}) for _ in range(2)
        )
    with law(name, "every row is accounted for"):
        log.ledger.check()
    require(bool(log.tables), name, "it delivers something")
    for table in log.tables:
        require(not record.tables or table in record.tables, name, "it delivers what it declares", table)
    notes = [reason for reason in log.ledger.rows("note") if reason.startswith("dropped_column:")]
    require(not notes, name, "it delivers columns of the contracts only", ", ".join(notes))
    rejected = {reason: rows for reason, rows in log.ledger.rows("rejected").items() if ":" in reason}
    require(not rejected, name, "validation finds nothing to reject", str(rejected))
    _check_same(name, log, again)
    for table, rows in (expected or {}).items():
        found = log.tables[table].num_rows if table in log.tables else None
        require(found == rows, name, f"{table} has {rows} rows", f"found {found}")
    return log


def _plugins(adapter: Adapter | str, plugin: object | None) -> Plugins:
    extra = [] if plugin is None else [plugin]
    if isinstance(adapter, Adapter):

        @hookimpl
        def kpicore_adapters() -> Iterable[Adapter]:
            return [adapter]

        extra.append(types.SimpleNamespace(__name__="law_kit", kpicore_adapters=kpicore_adapters))
    return load_plugins(third_party=False, extra=extra)


def _check_looks(record: Adapter, path: str | Path | Sequence[str | Path], *, recognised: bool) -> None:
    with law(record.name, "recognises tells of any path, also one that is not there"):
        require(
            record.recognises(Path("/no/such/file")) is False,
            record.name,
            "it recognises nothing that is not there",
        )
        paths = [Path(path)] if isinstance(path, str | Path) else [Path(each) for each in path]
        for each in paths:
            found = record.recognises(each)
            known = found or each.is_dir() or not recognised
            require(isinstance(found, bool) and known, record.name, f"it recognises {each.name}")


def _check_same(name: str, log: Log, again: Log) -> None:
    with law(name, "opened again, it delivers the same"):
        require(set(log.tables) == set(again.tables), name, "opened again, it delivers the same tables")
        for table, rows in log.tables.items():
            require(rows.equals(again.tables[table]), name, "opened again, it delivers the same", table)
        require(log.ledger == again.ledger, name, "opened again, it accounts the same")
