"""The plugins at hand: loaded by a function, handed on as a value, never a global.

>>> plugins = load_plugins(third_party=False)
>>> plugins.metric("service_levle")
Traceback (most recent call last):
    ...
kpicore.errors.UnknownNameError: no metric is called 'service_levle'
...
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, TypeVar

from kpicore.errors import PluginError, UnavailableNameError, UnknownNameError, UsageError, suggest

from .adapter import Adapter
from .builtins import BUILTINS, Builtin
from .catalogue import Catalogue
from .collecting import KINDS
from .dialect import Dialect, ScorecardFile
from .discovery import Allowed, parse_allow_list
from .fact import Fact
from .metric import Metric
from .provenance import Failure, PluginListing, Provenance, failure_of
from .registry import Registry
from .weighting import Weighting

__all__ = ["KindName", "Plugins", "load_plugins"]

R = TypeVar("R")

_LISTED = ("adapter", "metric", "scorecard")
"""Kinds that the command line lists."""

KindName = Literal["adapter", "dialect", "fact", "metric", "scorecard", "weighting"]


def load_plugins(
    *,
    third_party: bool = True,
    allow: Iterable[str] | None = None,
    extra: Iterable[object] = (),
    builtins: tuple[Builtin, ...] = BUILTINS,
) -> Plugins:
    """Returns the plugins of this environment; nothing is imported before a name is asked for.

    With ``third_party=False`` only kpicore's own; with ``allow`` only distributions listed there, as
    ``name``, ``name==version`` or ``name==version@sha256:...``. ``extra`` are plugins that are not
    installed: modules or objects with hook implementations. Raises UsageError for a list that cannot
    be read.
    """
    allowed = None if allow is None else parse_allow_list(allow)
    return Plugins(third_party=third_party, allow=allowed, builtins=builtins, extra=tuple(extra))


class Plugins:
    """What plugins provide, by kind and name.

    A third party's fault never raises here: it is remembered in ``failures`` and quoted when
    something is missed. A fault of a built-in plugin raises PluginError.
    """

    def __init__(
        self,
        *,
        third_party: bool,
        allow: tuple[Allowed, ...] | None,
        builtins: tuple[Builtin, ...],
        extra: tuple[object, ...] = (),
    ) -> None:
        self._registry = Registry(third_party=third_party, allow=allow, builtins=builtins, extra=extra)

    def __reduce__(self) -> tuple[object, ...]:
        own = self._registry
        return _rebuild, (own.third_party, own.allow, own.builtins, own.extra)

    @property
    def adapters(self) -> Mapping[str, Adapter]:
        """Readers of systems' logs."""
        return self._catalogue("adapter", Adapter)

    @property
    def dialects(self) -> Mapping[str, Dialect]:
        """Bundles of parameter values."""
        return self._catalogue("dialect", Dialect)

    @property
    def facts(self) -> Mapping[str, Fact]:
        """What can be derived from tables."""
        return self._catalogue("fact", Fact)

    @property
    def metrics(self) -> Mapping[str, Metric]:
        """Families of KPIs."""
        return self._catalogue("metric", Metric)

    @property
    def scorecards(self) -> Mapping[str, ScorecardFile]:
        """Ready scorecards."""
        return self._catalogue("scorecard", ScorecardFile)

    @property
    def weightings(self) -> Mapping[str, Weighting]:
        """Weighting schemes."""
        return self._catalogue("weighting", Weighting)

    def adapter(self, name: str) -> Adapter:
        """Returns the adapter called ``name``; raises UnknownNameError quoting what failed."""
        return self._find("adapter", Adapter, name)

    def dialect(self, name: str) -> Dialect:
        """Returns the dialect called ``name``; raises UnknownNameError quoting what failed."""
        return self._find("dialect", Dialect, name)

    def fact(self, name: str) -> Fact:
        """Returns the fact called ``name``; raises UnknownNameError quoting what failed."""
        return self._find("fact", Fact, name)

    def metric(self, name: str) -> Metric:
        """Returns the metric called ``name``; raises UnknownNameError quoting what failed."""
        return self._find("metric", Metric, name)

    def scorecard(self, name: str) -> ScorecardFile:
        """Returns the scorecard called ``name``; raises UnknownNameError quoting what failed."""
        return self._find("scorecard", ScorecardFile, name)

    def weighting(self, name: str) -> Weighting:
        """Returns the weighting scheme called ``name``; raises UnknownNameError quoting what failed."""
        return self._find("weighting", Weighting, name)

    def provenance(self, kind: KindName, name: str) -> Provenance:
        """Returns who provides the record of ``kind`` called ``name``; raises UnknownNameError."""
        self._find(kind, KINDS[kind].record, name)
        return self._catalogue(kind, KINDS[kind].record).entry(name).provenance

    def resolve_adapter(self, source: str | Path) -> Adapter | None:
        """Returns the adapter that takes ``source``, None if there is none.

        Built-in plugins are asked before others; in each round the hook's first answer counts, else
        the one adapter that recognises the path. Raises UsageError where several do.
        """
        for ours in (True, False):
            for desk in self._registry.desks("adapter", ours=ours):
                for provenance, answer in desk.resolve(str(source)):
                    if isinstance(answer, Failure):
                        self._registry.remember(answer)
                    elif answer in self.adapters:
                        return self.adapters[answer]
                    else:
                        message = f"kpicore_resolve_adapter names {answer!r}, which nobody provides"
                        self._registry.remember(
                            Failure(provenance=provenance, stage="record", message=message)
                        )
            if found := self._recognised(Path(source), ours=ours):
                return found
        return None

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What has failed so far; ``listing`` tries everything."""
        return tuple(self._registry.failures)

    def listing(self) -> tuple[PluginListing, ...]:
        """Returns every plugin with what it provides and what failed: built-in first, then by name."""
        provided: dict[Provenance, dict[str, list[str]]] = {}
        for kind in KINDS:
            for ours in (True, False):
                for name, entry in sorted(self._registry.shelf(kind, ours=ours).entries.items()):
                    provided.setdefault(entry.provenance, {}).setdefault(kind, []).append(name)
        everybody = {
            *self._registry.present.values(),
            *provided,
            *(each.provenance for each in self._registry.failures),
        }
        return tuple(
            PluginListing(
                provenance=each,
                provides={kind: tuple(names) for kind, names in provided.get(each, {}).items()},
                failures=tuple(failure for failure in self._registry.failures if failure.provenance == each),
            )
            for each in sorted(everybody, key=lambda each: (not each.builtin, str(each)))
        )

    def _find(self, kind: str, record: type[R], name: str) -> R:
        catalogue = self._catalogue(kind, record)
        if name in catalogue:
            return catalogue[name]
        if claimants := catalogue.contested(name):
            raise PluginError(
                f"the {kind} {name!r} is claimed by {' and '.join(map(str, claimants))}",
                hint="uninstall one of them, or leave one off the allow-list",
            )
        hint = suggest(name, list(catalogue))
        resembles = hint.startswith("did you mean")
        if kind in _LISTED:
            hint += f"; `kpicore {kind}s` lists them"
        if not self._registry.third_party:
            hint += "; third-party plugins are switched off"
        failures = tuple(map(str, self._registry.failures))
        error = UnavailableNameError if failures and not resembles else UnknownNameError
        raise error(f"no {kind} is called {name!r}", hint=hint, problems=failures)

    def _catalogue(self, kind: str, record: type[R]) -> Catalogue[R]:
        return Catalogue(
            record,
            lambda: self._registry.shelf(kind, ours=True),
            lambda: self._registry.shelf(kind, ours=False),
        )

    def _recognised(self, path: Path, *, ours: bool) -> Adapter | None:
        found: list[tuple[Adapter, Provenance]] = []
        for _, (record, provenance) in sorted(self._registry.shelf("adapter", ours=ours).entries.items()):
            assert isinstance(record, Adapter)
            try:
                if record.recognises(path):
                    found.append((record, provenance))
            except (Exception, SystemExit) as error:
                self._registry.remember(
                    failure_of(provenance, "call", f"adapter {record.name}: recognises", error)
                )
        if len(found) > 1:
            names = ", ".join(record.name for record, _ in found)
            raise UsageError(f"{path}: recognised by several adapters: {names}", hint="name one of them")
        return found[0][0] if found else None


def _rebuild(
    third_party: bool,
    allow: tuple[Allowed, ...] | None,
    builtins: tuple[Builtin, ...],
    extra: tuple[object, ...],
) -> Plugins:
    return Plugins(third_party=third_party, allow=allow, builtins=builtins, extra=extra)
