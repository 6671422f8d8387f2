"""Running stages: facts derived once, kept where another stage reads them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from kpicore import _core
from kpicore.errors import KpicoreError, PluginError
from kpicore.plugin import Derivation, Input, Settings
from kpicore.plugin.fact import WORKED

from .coding import Coded
from .frame import FrameRunner, FrameSetup
from .hours import RowHours
from .local import Stage, StageOutcome, run_scan, run_stage
from .plan import Frame, Relation
from .recode import coded_schema, decode_table, encode_table
from .worked import worked_times

__all__ = ["Deriver"]


class Deriver:
    """Coded tables by relation: delivered ones as they are, others derived when first needed.

    ``notes`` counts oddities met on the way, by derivation and reason. What is open at the end of the
    log is closed at ``until``. ``local`` gives the query's zone and start of the day to derivations that
    have parameters of these names without a value; one called ``last_at`` is given the last instant by
    which the first input is ordered.
    """

    def __init__(
        self,
        log: Mapping[str, pa.Table],
        coded: Coded,
        until: int,
        threads: int,
        batch_rows: int,
        local: Mapping[str, str | int] = MappingProxyType({}),
    ) -> None:
        self._log = log
        self._coded = coded
        self._until = until
        self._threads = threads
        self._batch_rows = batch_rows
        self._local = local
        self._tables: dict[Relation, pa.Table] = {}
        self._noted: set[object] = set()
        self._hours: Mapping[Relation, RowHours] = {}
        self.notes: dict[str, Counter[str]] = defaultdict(Counter)

    def table(self, relation: Relation) -> pa.Table:
        """Returns the rows of ``relation``, coded."""
        if relation.derivation is None:
            return self._coded.tables[relation.name]
        if relation not in self._tables:
            self._run(relation, {}, frozenset((relation,)))
        return self._tables[relation]

    def measure(
        self, setups: Mapping[Frame, FrameSetup], hours: Mapping[Relation, RowHours]
    ) -> dict[Frame, FrameRunner]:
        """Returns every frame measured, each stage run once.

        ``hours`` are the business hours of the first input of relations that need them.
        """
        self._hours = hours
        needed = {below for frame in setups for below in _below(frame.relation)}
        runners: dict[Frame, FrameRunner] = {}
        stages: dict[object, list[Frame]] = {}
        for frame in setups:
            derived = frame.relation.derivation is not None
            stages.setdefault(frame.relation.stage if derived else frame.relation.name, []).append(frame)
        for frames in sorted(stages.values(), key=lambda members: _depth(members[0].relation)):
            relation = frames[0].relation
            by_output: dict[str, tuple[FrameSetup, ...]] = {}
            for frame in frames:
                name = frame.relation.name
                by_output[name] = (*by_output.get(name, ()), setups[frame])
            if relation.derivation is None:
                outcome = run_scan(
                    self.table(relation), by_output[relation.name], self._threads, self._batch_rows
                )
                runners |= outcome.runners
            else:
                kept = frozenset(below for below in needed if below.stage == relation.stage)
                runners |= self._run(relation, by_output, kept).runners
        return runners

    def _run(
        self, relation: Relation, frames: Mapping[str, tuple[FrameSetup, ...]], kept: frozenset[Relation]
    ) -> StageOutcome:
        derivation = relation.derivation
        assert derivation is not None
        tables = [self.table(below) for below in relation.inputs]
        inputs = tuple(
            table.select([name for name in wanted.columns if name in table.column_names])
            for table, wanted in zip(tables, derivation.inputs, strict=True)
        )
        if derivation.function is not None:
            return self._call(relation, derivation, inputs, frames, kept)
        stage = Stage(
            derivation=derivation,
            settings=relation.settings,
            inputs=inputs,
            frames=frames,
            kept=frozenset(below.name for below in kept),
            until=self._until,
        )
        outcome = run_stage(stage, self._threads, self._batch_rows)
        if relation.stage not in self._noted:
            self._noted.add(relation.stage)
            self.notes[derivation.name].update(outcome.notes)
        for below in kept:
            batches = outcome.facts.get(below.name, [])
            self._tables[below] = (
                pa.Table.from_batches(batches) if batches else coded_schema(below.schema).empty_table()
            )
        return outcome

    def _call(
        self,
        relation: Relation,
        derivation: Derivation,
        inputs: tuple[pa.Table, ...],
        frames: Mapping[str, tuple[FrameSetup, ...]],
        kept: frozenset[Relation],
    ) -> StageOutcome:
        """Runs a derivation that is a plain function of whole tables, with decoded values."""
        assert derivation.function is not None
        domains = self._coded.domains
        times: list[pa.Array | None] = [None] * len(inputs)
        if derivation.worked is not None:
            rows = self.table(relation.inputs[0])
            times[0] = worked_times(relation, rows, domains, self._hours.get(relation))
        decoded = tuple(
            self._whole(below, table, derivation.key, wanted, worked)
            for table, below, wanted, worked in zip(
                inputs, relation.inputs, derivation.inputs, times, strict=True
            )
        )
        try:
            facts = derivation.function(self._settings(relation, inputs[0]), decoded)
        except KpicoreError:
            raise
        except Exception as error:
            message = f"the derivation {derivation.name} failed: {type(error).__name__}: {error}"
            raise PluginError(message) from error
        if not isinstance(facts, Mapping):
            raise PluginError(f"the derivation {derivation.name} gave {type(facts).__name__}, no tables")
        outcome = StageOutcome()
        schemas = {
            setup.frame.relation.name: setup.frame.relation.schema for s in frames.values() for setup in s
        }
        schemas |= {below.name: below.schema for below in kept}
        for name, schema in schemas.items():
            if name not in facts:
                raise PluginError(f"the derivation {derivation.name} gave no {name}")
            table = encode_table(facts[name], schema, domains)
            for below in kept:
                if below.name == name:
                    self._tables[below] = table
            outcome.runners |= run_scan(table, frames.get(name, ()), self._threads, self._batch_rows).runners
        return outcome

    def _settings(self, relation: Relation, rows: pa.Table) -> Settings:
        known = dict(self._local)
        if relation.settings.get("last_at", "") is None:
            assert relation.derivation is not None
            known["last_at"] = pc.max(rows.column(relation.derivation.inputs[0].order[0])).as_py() or 0
        unset = {name: word for name, word in known.items() if relation.settings.get(name, "") is None}
        return Settings({**relation.settings, **unset}) if unset else relation.settings

    def _whole(
        self, below: Relation, coded: pa.Table, key: str, wanted: Input, worked: pa.Array | None
    ) -> pa.Table:
        """Returns the input of a function: values, text and lists too, ordered by key and its order."""
        plain = [field.name for field in coded.schema if not pa.types.is_nested(field.type)]
        columns = [c for c in dict.fromkeys((key, *wanted.order, *wanted.columns)) if c in plain]
        if below.derivation is None:
            table = self._log[below.name]
            table = table.select([c for c in wanted.columns if c in table.column_names])
        else:
            table = decode_table(coded, below.schema, self._coded.domains)
        if worked is not None:
            table = table.append_column(WORKED, worked)
        if not len(table):
            return table
        batch = coded.combine_chunks().to_batches()[0]
        return table.take(pa.array(_core.sort_rows(batch, columns)))


def _below(relation: Relation) -> set[Relation]:
    found = {below for below in relation.inputs if below.derivation is not None}
    return found.union(*(_below(below) for below in relation.inputs))


def _depth(relation: Relation) -> int:
    return 1 + max((_depth(below) for below in relation.inputs), default=-1)
