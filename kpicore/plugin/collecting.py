"""Calling hook implementations one by one, so that no plugin's fault hides or becomes another's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple, cast

import pluggy

from kpicore.errors import suggest

from . import hookspecs
from .adapter import Adapter
from .checks import Record, find_faults
from .dialect import Dialect, ScorecardFile
from .fact import Fact
from .metric import Metric
from .provenance import Failure, Provenance, failure_of
from .weighting import Weighting

__all__ = ["KINDS", "Entry", "HookDesk", "RecordKind"]


class RecordKind(NamedTuple):
    """A kind of record: the hook that collects it and the class it must have."""

    hook: str
    record: type[Record]


KINDS: Mapping[str, RecordKind] = MappingProxyType(
    {
        "adapter": RecordKind("kpicore_adapters", Adapter),
        "dialect": RecordKind("kpicore_dialects", Dialect),
        "fact": RecordKind("kpicore_facts", Fact),
        "metric": RecordKind("kpicore_metrics", Metric),
        "scorecard": RecordKind("kpicore_scorecards", ScorecardFile),
        "weighting": RecordKind("kpicore_weightings", Weighting),
    }
)
"""The kinds of record that plugins provide."""


class Entry(NamedTuple):
    """A record and who provides it."""

    record: Record
    provenance: Provenance


class HookDesk:
    """Registered plugins and their hook implementations; the only place that knows pluggy."""

    def __init__(self) -> None:
        self._manager = pluggy.PluginManager("kpicore")
        self._manager.add_hookspecs(hookspecs)
        self._known: dict[str, Provenance] = {}

    def register(self, plugin: object, provenance: Provenance) -> Failure | None:
        """Takes a plugin in; returns why not where it implements no hook, or one that does not exist."""
        label = str(provenance)
        try:
            if self._manager.register(plugin, name=label) is None:
                return Failure(provenance=provenance, stage="hooks", message="registered twice")
            message = self._judge(plugin)
        except Exception as error:
            self._forget(label)
            return failure_of(provenance, "hooks", "reading its hooks", error)
        if message:
            self._forget(label)
            return Failure(provenance=provenance, stage="hooks", message=message)
        self._known[label] = provenance
        return None

    def collect(self, kind: str) -> Iterator[tuple[Provenance, list[Entry], list[Failure]]]:
        """Calls the hook of ``kind`` of every plugin, by plugin name; yields records and failures of each."""
        hook = KINDS[kind].hook
        for implementation in self._implementations(hook):
            provenance = self._known[implementation.plugin_name]
            function = cast("Callable[[], Iterable[object]]", implementation.function)
            try:
                returned = list(function())
            except (Exception, SystemExit) as error:
                yield provenance, [], [failure_of(provenance, "call", hook, error)]
                continue
            entries, failures = [], []
            for record in returned:
                accepted = _examine(record, KINDS[kind].record)
                if isinstance(accepted, list):
                    message = f"{hook} returned {_title(record)}: " + "; ".join(accepted)
                    failures.append(Failure(provenance=provenance, stage="record", message=message))
                else:
                    entries.append(Entry(accepted, provenance))
            yield provenance, entries, failures

    def resolve(self, source: str) -> Iterator[tuple[Provenance, str | Failure]]:
        """Asks every plugin for the adapter of ``source``; yields the answers, leaving out "not mine"."""
        hook = "kpicore_resolve_adapter"
        for implementation in self._implementations(hook):
            provenance = self._known[implementation.plugin_name]
            try:
                answer = implementation.function(*[source][: len(implementation.argnames)])
            except (Exception, SystemExit) as error:
                yield provenance, failure_of(provenance, "call", hook, error)
                continue
            if answer is None or isinstance(answer, str):
                if answer is not None:
                    yield provenance, answer
                continue
            message = f"{hook} returned {type(answer).__name__}, not the name of an adapter"
            yield provenance, Failure(provenance=provenance, stage="record", message=message)

    def _implementations(self, hook: str) -> list[pluggy.HookImpl]:
        caller: pluggy.HookCaller = getattr(self._manager.hook, hook)
        return sorted(caller.get_hookimpls(), key=lambda each: each.plugin_name)

    def _judge(self, plugin: object) -> str:
        callers = self._manager.get_hookcallers(plugin) or []
        for caller in callers:
            if not caller.has_spec():
                known = [kind.hook for kind in KINDS.values()] + ["kpicore_resolve_adapter"]
                return f"implements {caller.name}, which is no hook; {suggest(caller.name, known)}"
            for implementation in caller.get_hookimpls():
                if implementation.plugin is plugin and (implementation.hookwrapper or implementation.wrapper):
                    return f"{caller.name} is a wrapper: plugins cannot wrap each other"
        return "" if callers else "implements no hook: mark functions with kpicore.plugin.hookimpl"

    def _forget(self, label: str) -> None:
        if self._manager.has_plugin(label):
            self._manager.unregister(name=label)


def _examine(record: object, kind: type[Record]) -> Record | list[str]:
    if not isinstance(record, kind):
        return [f"not a {kind.__name__}"]
    try:
        return find_faults(record) or record
    except Exception as error:
        return [f"cannot be examined: {type(error).__name__}: {error}"]


def _title(record: object) -> str:
    name = (
        getattr(record, "name", None)
        if not isinstance(record, Fact)
        else getattr(record.schema, "name", None)
    )
    return f"{type(record).__name__} {name!r}" if name is not None else repr(record)[:60]
