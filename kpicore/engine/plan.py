"""From metrics to work: which facts are derived from what, and which measures read them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from kpicore.errors import MissingDataError, ParameterError
from kpicore.plugin import TABLES, Derivation, Fact, Measure, Settings, TableSchema
from kpicore.plugin.measure import Options

from .evaluate import belongings_of, columns_of

__all__ = ["Frame", "Relation", "Sources", "frames_of", "resolve"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A table as the source delivers it, or one output of a derivation from other relations."""

    schema: TableSchema
    derivation: Derivation | None = None
    settings: Settings = field(default_factory=Settings)
    inputs: tuple[Relation, ...] = ()

    @property
    def name(self) -> str:
        """The table's or fact's name."""
        return self.schema.name

    @property
    def stage(self) -> tuple[Derivation | None, Settings, tuple[Relation, ...]]:
        """What relations share that are derived in one pass."""
        return self.derivation, self.settings, self.inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Measures that share rows, subjects and the way in which rows come into periods.

    ``cut_by`` are subjects at whose changes intervals are cut although results are not asked for by them.
    """

    relation: Relation
    attribution: str
    part: str | None
    overrides: tuple[tuple[str, str], ...]
    cut_by: tuple[str, ...]
    measures: tuple[Measure, ...]
    snapshot_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What there is to plan with: the columns of each delivered table, and the facts known."""

    schemas: Mapping[str, TableSchema]
    columns: Mapping[str, frozenset[str]]
    facts: Mapping[str, Fact]


def resolve(name: str, options: Mapping[str, object], sources: Sources) -> Relation:
    """Returns how to come by the table or fact ``name``; MissingDataError names what is missing."""
    used: set[str] = set()
    relation = _resolve(name, options, sources, used, ())
    unknown = set(options) - used
    if unknown and relation.derivation is not None:
        raise ParameterError(f"the fact {name} has no parameter {', '.join(sorted(unknown))}")
    return relation


def _resolve(
    name: str, options: Mapping[str, object], sources: Sources, used: set[str], above: tuple[str, ...]
) -> Relation:
    if name in sources.columns:
        return Relation(schema=sources.schemas[name])
    if name in above:
        raise MissingDataError(f"{name} is needed to derive itself", hint="this is a fault of the facts")
    fact = sources.facts.get(name)
    if fact is None or not fact.derivations:
        raise MissingDataError(f"there is no table {name}", hint=f"deliver {name}, or map a file to it")
    lacking = [f"there is no table {name}"] if above and name in TABLES else []
    for derivation in fact.derivations:
        try:
            return _derived(fact, derivation, options, sources, used, (*above, name))
        except MissingDataError as error:
            lacking += error.problems or (error.message,)
    problems = tuple(dict.fromkeys(lacking))
    raise MissingDataError(
        f"there is no table {name}, nor what it is derived from",
        problems=problems,
        hint=f"deliver {name}, or mend one of these",
    )


def _derived(
    fact: Fact,
    derivation: Derivation,
    options: Mapping[str, object],
    sources: Sources,
    used: set[str],
    above: tuple[str, ...],
) -> Relation:
    known = {parameter.name: parameter for parameter in derivation.parameters}
    values = {n: p.read(p.default) if p.default is not None else None for n, p in known.items()}
    values |= {n: v for n, v in options.items() if n in known}  # type: ignore[misc]
    settings = Settings(values)
    read = tuple(each for each in derivation.inputs if each.when is None or each.when(settings))
    if len(read) < len(derivation.inputs):
        derivation = replace(derivation, inputs=read)
    inputs = []
    for wanted in read:
        relation = _resolve(wanted.of, options, sources, used, above)
        if relation.derivation is None:
            lacking = set(wanted.columns) - set(wanted.optional) - sources.columns[wanted.of]
            if lacking:
                raise MissingDataError(f"{wanted.of} has no column {', '.join(sorted(lacking))}")
        inputs.append(relation)
    used.update(set(options) & set(known))
    return Relation(schema=fact.schema, derivation=derivation, settings=settings, inputs=tuple(inputs))


def frames_of(measures: Iterable[Measure], sources: Sources) -> tuple[Frame, ...]:
    """Returns the frames of all different ``measures``, each measure in exactly one."""
    groups: dict[Frame, list[Measure]] = {}
    relations: dict[tuple[str, Options], Relation] = {}
    for measure in dict.fromkeys(measures):
        origin = (measure.of, measure.options)
        if origin not in relations:
            relations[origin] = resolve(measure.of, dict(measure.options), sources)
        relation = relations[origin]
        check_columns(measure, relation, sources)
        empty = Frame(
            relation=relation,
            attribution=measure.attribution,
            part=measure.part,
            overrides=measure.by,
            cut_by=_cut_by(measure),
            measures=(),
            snapshot_at=measure.snapshot_at,
        )
        groups.setdefault(empty, []).append(measure)
    return tuple(replace(empty, measures=tuple(members)) for empty, members in groups.items())


def _cut_by(measure: Measure) -> tuple[str, ...]:
    if measure.attribution != "prorated":
        return ()
    asked = belongings_of(measure.value) | belongings_of(measure.where)
    return tuple(sorted({belongs.subject for belongs in asked}))


def check_columns(measure: Measure, relation: Relation, sources: Sources) -> None:
    """Raises MissingDataError where a delivered table lacks a column that ``measure`` reads."""
    schema = relation.schema
    needed = set(columns_of(measure.value) | columns_of(measure.where))
    needed |= {measure.part} if measure.part else set()
    if measure.attribution in ("prorated", "snapshot"):
        if schema.interval is None:
            raise ParameterError(f"{schema.name} has no interval", hint="choose another attribution")
        needed -= {"instant"} if measure.attribution == "snapshot" else set()
        needed |= set(schema.interval)
    elif measure.attribution in schema.times:
        needed.add(schema.times[measure.attribution])
    else:
        raise ParameterError(
            f"{schema.name} knows no attribution {measure.attribution!r}",
            hint=f"known: {', '.join(sorted(schema.times))}"
            + (", prorated, snapshot" if schema.interval else ""),
        )
    if relation.derivation is None:
        lacking = needed - sources.columns[schema.name]
        if lacking:
            raise MissingDataError(
                f"{schema.name} has no column {', '.join(sorted(lacking))}", hint="deliver it, or map it"
            )
