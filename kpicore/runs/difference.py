"""Differences between runs: which scores changed, and how much of it each cause did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from kpicore.errors import KpicoreError
from kpicore.plugin.manager import Plugins

from .manifest import versions
from .reopen import reopen
from .replay import version_changes
from .review import judge
from .store import Run
from .terms import Terms, terms_of
from .verification import verify

__all__ = ["Cause", "Change", "Difference", "diff"]

Totals = Mapping[str, Fraction | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Something that is not the same in two runs: ``kind`` is input, appeal, definition, engine or plugin."""

    kind: str
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How the total of a subject changed, and what each cause did to it.

    The parts of ``by`` add up to the change, exactly; a part is None where there is no total before or
    after it. A key joins kinds with ``+`` where they could not be told apart.
    """

    subject: str
    before: Fraction | None
    after: Fraction | None
    by: Mapping[str, Fraction | None]

    @property
    def by_all(self) -> Fraction | None:
        """The whole change; None where there is no total before or after."""
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What is not the same in two runs; ``note`` says why causes could not be told apart."""

    before: str
    after: str
    causes: tuple[Cause, ...]
    changes: tuple[Change, ...]
    note: str = ""


def diff(
    before: Run, after: Run, plugins: Plugins, *, source: Sequence[Path] = (), own: Sequence[Path] = ()
) -> Difference:
    """Returns what differs from the run ``before`` to the run ``after``, attributed to its causes.

    Where one thing alone differs, it is the cause. Where several do, the runs between are made: first the
    card of ``before`` on the input of ``after``, then its own. Changes of kpicore and of plugins are what
    remains. ``source`` says where the input of ``before`` lies now, ``own`` where that of ``after`` does.
    Inputs that are gone leave causes together, and a note says so. VerificationError for a damaged run.
    """
    before, after = verify(before.path), verify(after.path)
    causes = tuple(_causes(before, after))
    kinds = [cause.kind for cause in causes]
    first, last = _stored(before), _stored(after)
    steps: list[tuple[str, Totals]] = [("+".join(kinds), last)]
    note = ""
    if len(kinds) > 1:
        try:
            steps = _steps(before, after, kinds, plugins, source, own)
        except KpicoreError as error:
            note = f"{error.message}; only what differs is told, not how much each of it did"
    return Difference(
        before=before.id,
        after=after.id,
        causes=causes,
        changes=tuple(_changes(first, steps)) if kinds else (),
        note=note,
    )


def _causes(before: Run, after: Run) -> Iterator[Cause]:
    one, other = before.manifest.provenance, after.manifest.provenance
    here, there = terms_of(before), terms_of(after)
    inputs = tuple(_input_changes(before, after, here, there))
    if inputs:
        yield Cause(kind="input", what=inputs)
    if here.corrections != there.corrections:
        new = [c for c in there.corrections if c not in here.corrections]
        yield Cause(
            kind="appeal", what=tuple(f"{c.appeal}: contact {c.contact}" for c in new) or ("taken back",)
        )
    definitions = []
    if one.card_fingerprint != other.card_fingerprint:
        definitions.append(f"the card {one.arguments.get('card')} is another one")
    if here.zone != there.zone:
        definitions.append(f"the zone is {there.zone}, not {here.zone}")
    same_engine = before.manifest.versions == after.manifest.versions and one.plugins == other.plugins
    now = {d.request: d for d in other.definitions}
    for each in one.definitions:
        if same_engine and each.request in now and now[each.request].fingerprint != each.fingerprint:
            definitions.append(f"the definition of {each.request} is another one")
    if definitions:
        yield Cause(kind="definition", what=tuple(definitions))
    if engine := tuple(version_changes(before.manifest.versions, after.manifest.versions)):
        yield Cause(kind="engine", what=engine)
    if plugin := tuple(version_changes(one.plugins, other.plugins)):
        yield Cause(kind="plugin", what=plugin)


def _input_changes(before: Run, after: Run, here: Terms, there: Terms) -> Iterator[str]:
    one, other = (
        {f.name: f.sha256 for f in run.manifest.provenance.inputs if f.adapter != "mapping"}
        for run in (before, after)
    )
    if sorted(one.values()) != sorted(other.values()) or not all(one.values()):
        for name in sorted({*one, *other}):
            if name not in other:
                yield f"{name} is not read any more"
            elif name not in one:
                yield f"{name} is new"
            elif one[name] != other[name] or not one[name]:
                yield f"{name} holds other bytes" if one[name] else f"{name} was a table in memory"
    if here.period != there.period:
        yield f"the period is {there.period or 'all'}, not {here.period or 'all'}"
    for name in ("marks", "previous"):
        if getattr(here, name) != getattr(there, name):
            yield f"the {name} are others"


def _steps(
    before: Run,
    after: Run,
    kinds: Sequence[str],
    plugins: Plugins,
    source: Sequence[Path],
    own: Sequence[Path],
) -> list[tuple[str, Totals]]:
    """Returns the totals after each cause, in the order in which they are taken; the last are stored."""
    here, there = terms_of(before), terms_of(after)
    data = [kind for kind in kinds if kind in ("input", "appeal")]
    program = [kind for kind in kinds if kind in ("engine", "plugin")]
    steps: list[tuple[str, Totals]] = []
    _require_present(after)
    if program:
        steps.append(("+".join(program), _made(before, here, plugins, source)))
    if "input" in data and "appeal" in data:
        bare = replace(there, card=here.card, zone=here.zone, corrections=())
        steps.append(("input", _made(after, bare, plugins, own)))
    if data:
        moved = replace(there, card=here.card, zone=here.zone)
        steps.append((data[-1], _made(after, moved, plugins, own)))
    if "definition" in kinds:
        steps.append(("definition", _stored(after)))
    return [*steps[:-1], (steps[-1][0], _stored(after))]


def _require_present(after: Run) -> None:
    """Raises where the later run was not made by what runs now: the step to it cannot be made then."""
    changed = tuple(version_changes(after.manifest.versions, versions()))
    if changed:
        raise KpicoreError(f"{after.path} was made by other versions: {'; '.join(changed)}")


def _made(run: Run, terms: Terms, plugins: Plugins, source: Sequence[Path]) -> dict[str, Fraction | None]:
    made = judge(reopen(run, plugins, source), terms, plugins, whole=False)
    return {
        "/".join(part or "-" for part in score.subject): None
        if score.total is None
        else Fraction(score.total)
        for score in made.scores.scores
    }


def _stored(run: Run) -> dict[str, Fraction | None]:
    table = run.table("scores")
    keys = table.column(0).to_pylist()
    totals = table.column("total").to_pylist()
    return {key or "-": None if t is None else Fraction(t) for key, t in zip(keys, totals, strict=True)}


def _changes(first: Totals, steps: Sequence[tuple[str, Totals]]) -> Iterator[Change]:
    last = steps[-1][1]
    for subject in sorted({*first, *last}):
        before, after = first.get(subject), last.get(subject)
        by: dict[str, Fraction | None] = {}
        reached = before
        for kind, totals in steps:
            now = totals.get(subject)
            if now != reached:
                by[kind] = None if now is None or reached is None else now - reached
            reached = now
        if before != after or by:
            yield Change(subject=subject, before=before, after=after, by=by)
