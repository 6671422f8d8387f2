"""The rows of one file with a mapping's eyes: columns, defined values, conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.errors import SourceError
from kpicore.plugin import Kind
from kpicore.tables import ROW

from .mapping import Choice, Condition, Rule, Test
from .mapping_checks import kind_of
from .parsing import Parsed, parse_text

__all__ = ["Sheet", "Value", "as_text", "is_text"]

_STRING = pa.string()
_HALF_DAY, _DAY = 43_200_000_000, 86_400_000_000
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A column of values; ``failed`` (never null) where ``origin`` did not parse as ``wanted``."""

    array: pa.ChunkedArray
    failed: pa.ChunkedArray | None = None
    origin: pa.ChunkedArray | None = None
    wanted: str = ""


class Sheet:
    """The rows of one file; values are worked out once, when they are first asked for."""

    def __init__(self, table: pa.Table, define: Mapping[str, Rule], source: str) -> None:
        self.rows = table.num_rows
        self.source = source
        self._table = table
        self._define = define
        self._known: dict[str, Value] = {}
        self._texts: dict[str, pa.ChunkedArray] = {}

    def column(self, name: str) -> Value:
        """Returns a defined value, else a column of the file."""
        if name not in self._known:
            rule = self._define.get(name)
            plain = Value(array=self._table.column(name)) if rule is None else None
            self._known[name] = plain or self.value(self._define[name], kind_of(self._define[name]))
        return self._known[name]

    def text(self, name: str) -> pa.ChunkedArray:
        """Returns a column as text."""
        if name not in self._texts:
            self._texts[name] = as_text(self.column(name).array)
        return self._texts[name]

    def row_numbers(self) -> pa.ChunkedArray:
        """Returns the numbers of the rows in their source, from 1 where the rows do not say."""
        if ROW in self._table.column_names:
            return self._table.column(ROW)
        return pc.cumulative_sum(pa.chunked_array([pa.repeat(pa.scalar(1, pa.int64()), self.rows)]))

    def value(self, rule: Rule, kind: Kind) -> Value:
        """Returns the values of ``rule``, as ``kind``: for each row, of the first choice that applies."""
        first, *rest = rule.choices
        value = self._choice(first, kind)
        if not rest and first.when is None:
            return value
        taken, value = self._applied(first, _plain(value, kind))
        for choice in rest:
            applies, other = self._applied(choice, _plain(self._choice(choice, kind), kind))
            if other.array.type != value.array.type and value.array.type != pa.null():
                kinds = f"{other.array.type}, the choices before it {value.array.type}"
                raise SourceError(
                    f"{self.source}: {choice.key} gives {kinds}",
                    hint="choices of a value must be of one type; local times and times with offset are two",
                )
            value = _either(taken, value, other)
            taken = pc.or_(taken, applies)
        return value

    def _applied(self, choice: Choice, value: Value) -> tuple[pa.ChunkedArray, Value]:
        if choice.when is not None:
            applies = self.holds(choice.when)
        else:
            applies = pc.is_valid(value.array)
            applies = applies if value.failed is None else pc.or_(applies, value.failed)
        array = pc.if_else(applies, value.array, pa.scalar(None, value.array.type))
        failed = None if value.failed is None else pc.and_(applies, value.failed)
        return applies, Value(array=array, failed=failed, origin=value.origin, wanted=value.wanted)

    def _choice(self, choice: Choice, kind: Kind) -> Value:
        if choice.date:
            return self._moment(choice)
        base = self._base(choice)
        if choice.nulls:
            nothing = pc.is_in(as_text(base.array), pa.array(choice.nulls, _STRING))
            base = Value(
                array=pc.if_else(nothing, pa.scalar(None, base.array.type), base.array),
                failed=base.failed,
                origin=base.origin,
                wanted=base.wanted,
            )
        if choice.values or choice.otherwise is not None:
            base = Value(array=_translated(as_text(base.array), choice))
        if choice.format == "date" and pa.types.is_date(base.array.type):
            return Value(array=base.array.cast(pa.timestamp("us")))
        if not is_text(base.array.type):
            return base
        return self._parsed(base.array, kind, choice)

    def _base(self, choice: Choice) -> Value:
        if choice.constant is not None:
            return Value(array=pa.chunked_array([pa.repeat(pa.scalar(choice.constant, _STRING), self.rows)]))
        if len(choice.columns) == 1:
            return self.column(choice.columns[0])
        parts = [self.text(name) for name in choice.columns]
        return Value(array=pc.binary_join_element_wise(*parts, choice.separator))

    def _parsed(self, text: pa.ChunkedArray, kind: Kind, choice: Choice) -> Value:
        parsed: Parsed = parse_text(
            text.cast(_STRING), kind, format=choice.format, unit=choice.unit, split=choice.split
        )
        wanted = kind.value
        if kind is Kind.TIME:
            wanted = f"time of the format {choice.format!r}" if choice.format else "ISO 8601 time"
        elif kind is Kind.DURATION:
            wanted = f"duration in {choice.unit or 'us'!r}"
        return Value(array=parsed.array, failed=parsed.failed, origin=text, wanted=wanted)

    def _moment(self, choice: Choice) -> Value:
        time = self.text(choice.time)
        if choice.nulls:
            nothing = pc.is_in(time, pa.array(choice.nulls, _STRING))
            time = pc.if_else(nothing, pa.scalar(None, _STRING), time)
        value = self._parsed(
            pc.binary_join_element_wise(self.text(choice.date), time, " "), Kind.TIME, choice
        )
        if not choice.not_before:
            return value
        other = self.column(choice.not_before).array
        numbers = value.array.cast(pa.int64())
        earlier = pc.less(numbers, pc.subtract(other.cast(pa.int64()), _HALF_DAY))
        moved = pc.if_else(pc.fill_null(earlier, False), pc.add(numbers, _DAY), numbers)
        return Value(
            array=moved.cast(value.array.type), failed=value.failed, origin=value.origin, wanted=value.wanted
        )

    def holds(self, condition: Condition) -> pa.ChunkedArray:
        """Returns where ``condition`` holds; never null."""
        result: pa.ChunkedArray | None = None
        for tests in condition.alternatives:
            every: pa.ChunkedArray | None = None
            for test in tests:
                answer = self._test(test)
                every = answer if every is None else pc.and_(every, answer)
            result = every if result is None else pc.or_(result, every)
        assert result is not None
        return result

    def _test(self, test: Test) -> pa.ChunkedArray:
        if test.operator == "null":
            answer = pc.is_null(self.column(test.column).array)
        elif test.operator == "in" or (test.operator == "equals" and not test.other):
            answer = self._is_one_of(test)
        else:
            left, right = self._operands(test)
            answer = _COMPARE[test.operator](left, right)
        answer = pc.fill_null(answer, False)
        return pc.invert(answer) if test.negated else answer

    def _is_one_of(self, test: Test) -> pa.ChunkedArray:
        words = [value for value in test.values if isinstance(value, str)]
        words += [str(value).lower() for value in test.values if isinstance(value, bool)]
        numbers = [float(v) for v in test.values if isinstance(v, int | float) and not isinstance(v, bool)]
        answer = pc.is_in(self.text(test.column), pa.array(words, _STRING))
        if numbers:
            answer = pc.or_(answer, pc.is_in(self._number(test.column), pa.array(numbers, pa.float64())))
        return answer

    def _operands(self, test: Test) -> tuple[pa.ChunkedArray, pa.ChunkedArray | pa.Scalar]:
        left = self.column(test.column).array
        if not test.other:
            return self._number(test.column), pa.scalar(float(test.values[0]), pa.float64())
        right = self.column(test.other).array
        both = (pa.types.is_timestamp(left.type), pa.types.is_timestamp(right.type))
        if all(both) or (test.operator == "equals" and is_text(left.type) and is_text(right.type)):
            return left, right
        return self._number(test.column), self._number(test.other)

    def _number(self, name: str) -> pa.ChunkedArray:
        array = self.column(name).array
        if (
            pa.types.is_integer(array.type)
            or pa.types.is_floating(array.type)
            or pa.types.is_decimal(array.type)
        ):
            return array.cast(pa.float64(), safe=False)
        text = self.text(name)
        fits = pc.match_substring_regex(text, _NUMBER)
        return pc.if_else(fits, pc.replace_substring_regex(text, r"^\+", ""), pa.scalar(None, _STRING)).cast(
            pa.float64()
        )


_COMPARE = {
    "equals": pc.equal,
    "below": pc.less,
    "above": pc.greater,
    "at_least": pc.greater_equal,
    "at_most": pc.less_equal,
}


def _plain(value: Value, kind: Kind) -> Value:
    if kind not in (Kind.ID, Kind.KEY, Kind.ENUM, Kind.TEXT):
        return value
    return Value(array=as_text(value.array))


def is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def as_text(array: pa.ChunkedArray) -> pa.ChunkedArray:
    """Returns values of any plain type as text."""
    if pa.types.is_dictionary(array.type):
        chunks = [chunk.dictionary.cast(_STRING).take(chunk.indices) for chunk in array.chunks]
        return pa.chunked_array(chunks, type=_STRING)
    return array if array.type == _STRING else array.cast(_STRING)


def _translated(text: pa.ChunkedArray, choice: Choice) -> pa.ChunkedArray:
    words, targets = list(choice.values), list(choice.values.values())
    places = pc.index_in(text, value_set=pa.array(words, _STRING))
    found = (
        pa.array(targets, _STRING).take(places) if words else pc.if_else(True, pa.scalar(None, _STRING), text)
    )
    rest = text
    if choice.otherwise is not None:
        rest = pc.if_else(pc.is_valid(text), pa.scalar(choice.otherwise, _STRING), pa.scalar(None, _STRING))
    return pc.coalesce(found, rest)


def _either(taken: pa.ChunkedArray, value: Value, other: Value) -> Value:
    """Returns ``value`` where ``taken``, ``other`` elsewhere."""
    failed = value.failed if other.failed is None else other.failed
    if value.failed is not None and other.failed is not None:
        failed = pc.if_else(taken, value.failed, other.failed)
    elif other.failed is not None:
        failed = pc.and_not(other.failed, taken)
    origin = value.origin if other.origin is None else other.origin
    if value.origin is not None and other.origin is not None:
        origin = pc.if_else(taken, value.origin, other.origin)
    array = pc.if_else(taken, value.array, other.array)
    return Value(array=array, failed=failed, origin=origin, wanted=value.wanted or other.wanted)
