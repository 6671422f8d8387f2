"""Importing plugins when they are needed, and what is known of each."""

from __future__ import annotations

import importlib

import kpicore
from kpicore.errors import PluginError

from .builtins import Builtin
from .catalogue import Shelf
from .collecting import Entry, HookDesk
from .discovery import Allowed, find_candidates, import_candidate
from .provenance import Failure, Provenance, failure_of

__all__ = ["Registry"]


class Registry:
    """Plugins imported so far, their records on shelves, and their failures.

    Built-in plugins (``ours``) are imported one by one, each when one of its kinds is asked for; third
    parties all at once. A failure of a built-in raises PluginError.
    """

    def __init__(
        self,
        *,
        third_party: bool,
        allow: tuple[Allowed, ...] | None,
        builtins: tuple[Builtin, ...],
        extra: tuple[object, ...],
    ) -> None:
        self.third_party, self.allow, self.builtins, self.extra = third_party, allow, builtins, extra
        self.present: dict[str, Provenance] = {}
        self.failures: list[Failure] = []
        self._own: dict[str, HookDesk] = {}
        self._foreign: HookDesk | None = None
        self._shelves: dict[tuple[str, bool], Shelf] = {}

    def shelf(self, kind: str, *, ours: bool) -> Shelf:
        """Returns the records of ``kind``: kpicore's own, or everybody else's."""
        if (kind, ours) not in self._shelves:
            shelf = Shelf()
            reserved = None if ours else self.shelf(kind, ours=True)
            for desk in self.desks(kind, ours=ours):
                for _, entries, failures in desk.collect(kind):
                    for failure in failures:
                        self.remember(failure)
                    for entry in entries:
                        if others := shelf.put(entry, reserved=reserved):
                            self.remember(_clash(kind, entry, others))
            self._shelves[kind, ours] = shelf
        return self._shelves[kind, ours]

    def desks(self, kind: str, *, ours: bool) -> list[HookDesk]:
        """Returns the desks whose plugins may provide ``kind``."""
        if ours:
            return [self._load_builtin(each) for each in self.builtins if kind in each.kinds]
        if self._foreign is None:
            self._foreign = self._load_third_parties()
        return [self._foreign]

    def _load_builtin(self, builtin: Builtin) -> HookDesk:
        if builtin.module not in self._own:
            provenance = _own_provenance(builtin.module)
            desk = HookDesk()
            try:
                module = importlib.import_module(builtin.module)
            except Exception as error:
                self.remember(failure_of(provenance, "import", f"importing {builtin.module}", error))
            else:
                if failure := desk.register(module, provenance):
                    self.remember(failure)
            self.present[str(provenance)] = provenance
            self._own[builtin.module] = desk
        return self._own[builtin.module]

    def _load_third_parties(self) -> HookDesk:
        desk = HookDesk()
        for plugin in self.extra:
            name = getattr(plugin, "__name__", type(plugin).__name__)
            provenance = Provenance(plugin=name, distribution="handed over", version="by the caller")
            self._admit(desk, plugin, provenance)
        for candidate in find_candidates() if self.third_party else ():
            self._admit(desk, import_candidate(candidate, self.allow), candidate.provenance)
        return desk

    def _admit(self, desk: HookDesk, plugin: object | Failure, provenance: Provenance) -> None:
        self.present[str(provenance)] = provenance
        failure = plugin if isinstance(plugin, Failure) else desk.register(plugin, provenance)
        if failure is not None:
            self.remember(failure)

    def remember(self, failure: Failure) -> None:
        """Keeps the failure of a third party; raises that of a built-in."""
        if failure.provenance.builtin:
            raise PluginError(str(failure), hint="please report this", problems=(failure.trace,))
        if failure not in self.failures:
            self.failures.append(failure)


def _clash(kind: str, entry: Entry, others: tuple[Provenance, ...]) -> Failure:
    holders = " and ".join(map(str, others))
    outcome = "which keeps it" if others[0].builtin else "so neither is used"
    message = f"the {kind} {entry.record.name!r} is also provided by {holders}, {outcome}"
    return Failure(provenance=entry.provenance, stage="clash", message=message)


def _own_provenance(module: str) -> Provenance:
    return Provenance(plugin=module, distribution="kpicore", version=kpicore.__version__, builtin=True)
