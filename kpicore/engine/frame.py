"""What the workers of a frame share, and what each of them does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.errors import UsageError
from kpicore.plugin import Kind, Measure
from kpicore.plugin.expression import Belongs

from .coding import Domain, code_count, column_of
from .directories import AgentDirectory, ContactDirectory, Sets
from .evaluate import Evaluator
from .groups import Members
from .plan import Frame
from .span import Span
from .subjects import Access

__all__ = ["Filter", "FrameRunner", "FrameSetup", "both"]

_WHOLE = re.compile(r"-?[0-9]{1,18}")


class Filter:
    """Keeps rows whose subject is one of ``values``; one that does not occur matches nothing.

    ``unless`` keeps the others instead, those included of which the subject is not known.
    The codes are looked up when the first rows come: a plugin's fact may bring values of its own.
    """

    def __init__(
        self, access: Access, values: tuple[str, ...], domains: Mapping[str, Domain], *, unless: bool = False
    ) -> None:
        self.access = access
        self.unless = unless
        self._values = values
        self._domains = domains
        if access.contract.kind is Kind.INTEGER:
            for value in values:
                if not _WHOLE.fullmatch(value):
                    raise UsageError(f"{access.subject}={value}: not a whole number")

    def keeps(self, codes: pa.Array) -> pa.Array:
        """Returns which of the codes are kept."""
        found = pc.is_in(codes, value_set=pa.array(self.codes, codes.type), skip_nulls=True)
        return pc.invert(found) if self.unless else found

    @cached_property
    def codes(self) -> tuple[int, ...]:
        """The codes of the values that occur."""
        contract = self.access.contract
        codes: list[int | None]
        if contract.kind is Kind.ENUM:
            codes = [contract.values.index(v) if v in contract.values else None for v in self._values]
        elif contract.kind is Kind.FLAG:
            codes = [int(v.lower() in ("true", "yes", "1")) for v in self._values]
        elif contract.kind is Kind.INTEGER:
            codes = [int(v) for v in self._values]
        else:
            codes = [self._domains[contract.domain].code(v) for v in self._values]
        return tuple(code for code in codes if code is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameSetup:
    """All that the workers of a frame share and only read; ``collect`` keeps the rows that are measured."""

    frame: Frame
    accesses: tuple[Access, ...]
    filters: tuple[Filter, ...]
    belongings: Mapping[Belongs, Filter]
    span: Span
    evaluator: Evaluator
    domains: Mapping[str, Domain]
    contacts: ContactDirectory | None
    agents: AgentDirectory | None
    collect: bool = False

    def sets(self, access: Access) -> Sets:
        """Returns the sets of a subject that has many values."""
        directory = self.contacts if access.via == "contact" else self.agents
        assert directory is not None
        return directory.sets(access)

    @property
    def conditions(self) -> tuple[Filter, ...]:
        """All that is asked of the subjects of rows."""
        return *self.filters, *self.belongings.values()

    @property
    def sizes(self) -> list[int | None]:
        """How many codes each key column can have: the subjects, then the part."""
        contracts = [access.contract for access in self.accesses]
        if self.frame.part is not None:
            contracts.append(column_of(self.frame.relation.schema, self.frame.part))
        return [code_count(contract, self.domains) for contract in contracts]

    @property
    def possible_groups(self) -> int:
        """How many groups there can be; 0 where that is not known."""
        known = [size for size in self.sizes if size is not None]
        return len(self.span) * prod(size + 1 for size in known) if len(known) == len(self.sizes) else 0


class FrameRunner(Protocol):
    """Measures the rows pushed to it; ``merge`` adds another worker's state."""

    def push(self, batch: pa.RecordBatch) -> None:
        """Adds the rows of a coded batch."""
        ...

    def sink(self, columns: Sequence[str]) -> object | None:
        """Returns what takes rows of a stream with ``columns`` in the core; None where it must be batches."""
        ...

    def merge(self, other: FrameRunner) -> None:
        """Adds the state of ``other``."""
        ...

    def members(self) -> Members:
        """Returns the groups that occurred."""
        ...

    def result(self, measure: Measure) -> pa.Array:
        """Returns a measure by member, int64; see ``MeasureKind``."""
        ...

    def quantile(self, measure: Measure, q: Fraction) -> tuple[pa.Array, pa.Array]:
        """Returns by member the quantile of a multiset times ``q.denominator``, and n."""
        ...

    def sorted_values(self, measure: Measure) -> tuple[pa.Array, pa.Array]:
        """Returns the values of a multiset and the member of each, sorted within."""
        ...


def both(left: pa.Array | None, right: pa.Array | None) -> pa.Array | None:
    """Returns where both conditions hold; None is no condition."""
    if left is None or right is None:
        return left if right is None else right
    return pc.and_(left, right)
