"""Replaying: a stored run made again from what it recorded, and its content compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from kpicore.plugin.manager import Plugins

from .content import content_hash
from .manifest import Manifest, versions
from .reopen import reopen
from .review import Review, judge
from .store import Run, judged
from .terms import terms_of
from .verification import verify

__all__ = ["Replay", "replay", "version_changes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A run, the content hash that it had and has now, and what differs: nothing where both are equal."""

    run: Run
    content_hash: str
    differences: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether the content is what it was, to the last byte."""
        return self.content_hash == self.run.manifest.content_hash


def replay(run: Run, plugins: Plugins, *, source: Sequence[Path] = (), threads: int | None = None) -> Replay:
    """Returns what becomes of ``run`` when it is made again from its recorded input.

    Raises VerificationError where the run or its input is not what it was, or where it was made from
    tables in memory.
    """
    run = verify(run.path)
    terms = terms_of(run)
    made = judge(reopen(run, plugins, source), terms, plugins, threads=threads)
    found = content_hash(judged(made.tables))
    same = found == run.manifest.content_hash
    return Replay(run=run, content_hash=found, differences=() if same else tuple(_differences(run, made)))


def _differences(run: Run, made: Review) -> Iterator[str]:
    then = {name: run.table(name) for name in run.tables}
    for name in sorted({*judged(then), *judged(made.tables)}):
        if name not in made.tables:
            yield f"the table {name} is not made any more"
        elif name not in then:
            yield f"the table {name} was not made then"
        elif told := _table_difference(then[name], made.tables[name]):
            yield f"{name}: {told}"
    yield from definition_changes(run.manifest, made)
    yield from version_changes(run.manifest.versions, versions())
    yield from version_changes(run.manifest.provenance.plugins, made.provenance.plugins)


def _table_difference(then: pa.Table, now: pa.Table) -> str:
    if then.column_names != now.column_names:
        return f"has the columns {', '.join(now.column_names)}, not {', '.join(then.column_names)}"
    before, after = (Counter(map(str, table.to_pylist())) for table in (then, now))
    gone, new = before - after, after - before
    if not gone and not new:
        return ""
    sample = next(iter(gone or new))
    return f"{gone.total()} rows are gone and {new.total()} are new, such as {sample}"


def definition_changes(manifest: Manifest, made: Review) -> Iterator[str]:
    """Yields the metrics whose definition is not what it was."""
    now = {d.request: d.fingerprint for d in made.provenance.definitions}
    for definition in manifest.provenance.definitions:
        if now.get(definition.request) != definition.fingerprint:
            yield f"the definition of {definition.request} is another one"


def version_changes(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """Yields what has another version."""
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            yield f"{name} is {after.get(name, 'gone')}, not {before.get(name, 'there')}"
