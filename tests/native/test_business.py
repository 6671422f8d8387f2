"""The kernel of business time with the arrays that break kernels."""

from __future__ import annotations

import pyarrow as pa
import pytest

from kpicore._core import Business, IntervalFault

HOUR = 3_600_000_000


def ints(*values: int | None) -> pa.Array:
    return pa.array(values, pa.int64())


def business(
    *pieces: tuple[int, int, int], low: int = 0, high: int = 48 * HOUR, limit: int = 10**6
) -> Business:
    return Business([(low, high, *(ints(*(piece[k] for piece in pieces)) for k in range(3)))], limit)


def measure(core: Business, start: pa.Array, end: pa.Array, **rest: object) -> list[int | None]:
    return pa.array(core.between(start, end, **rest)).to_pylist()


NINE_TO_FIVE = business((9 * HOUR, 8 * HOUR, 0), (33 * HOUR, 8 * HOUR, 8 * HOUR))


def test_the_grid_is_as_coarse_as_the_calendar_allows() -> None:
    assert NINE_TO_FIVE.steps == [HOUR]
    assert business((HOUR // 2, HOUR // 4, 0)).steps == [HOUR]
    assert business((0, HOUR // 2, 0), (HOUR * 3 // 4, HOUR, HOUR // 2)).steps == [HOUR // 2]
    assert business((0, HOUR // 60, 0), (HOUR // 30, HOUR // 60, HOUR // 60)).steps == [HOUR // 60]
    # a jump must lie on an edge
    assert business((HOUR // 4, HOUR, HOUR)).steps == [HOUR // 4]
    assert business().steps == [HOUR]


def test_sliced_empty_and_null_arrays() -> None:
    start, end = ints(None, 8 * HOUR, 10 * HOUR, 17 * HOUR), ints(0, 10 * HOUR, None, 34 * HOUR)
    assert measure(NINE_TO_FIVE, start, end) == [None, HOUR, None, HOUR]
    assert measure(NINE_TO_FIVE, start[1:2], end[1:2]) == [HOUR]
    assert measure(NINE_TO_FIVE, start[3:], end[3:]) == [HOUR]
    assert measure(NINE_TO_FIVE, ints(), ints()) == []
    assert measure(NINE_TO_FIVE, ints(None, None), ints(None, None)) == [None, None]
    assert pa.array(NINE_TO_FIVE.worked(start[2:])).to_pylist() == [HOUR, 8 * HOUR]


def test_values_behind_nulls_are_never_looked_at() -> None:
    wild = pa.Array.from_buffers(
        pa.int64(), 2, [pa.py_buffer(b"\x02"), pa.array([2**62, 9 * HOUR], pa.int64()).buffers()[1]]
    )
    assert measure(NINE_TO_FIVE, wild, ints(10 * HOUR, 10 * HOUR)) == [None, HOUR]


@pytest.mark.parametrize("wild", [-1, 48 * HOUR + 1, -(2**63), 2**63 - 1])
@pytest.mark.parametrize("row", [0, 1023, 1024, 3000])
@pytest.mark.parametrize("nulls", [False, True])
def test_instants_outside_are_found_in_any_block(wild: int, row: int, nulls: bool) -> None:
    values: list[int | None] = [9 * HOUR] * 4000
    fine = ints(*values)
    values[row] = wild
    if nulls:
        values[3999] = None
    for start, end in ((ints(*values), fine), (fine, ints(*values))):
        with pytest.raises(IntervalFault) as caught:
            NINE_TO_FIVE.between(start, end, reversed="negative")
        assert (caught.value.reason, caught.value.row) == ("outside", row)


def test_reversed_rows_are_found_in_any_block() -> None:
    start, end = [9 * HOUR] * 3000, [9 * HOUR] * 3000
    start[2500] += 1
    with pytest.raises(IntervalFault) as caught:
        NINE_TO_FIVE.between(ints(*start), ints(*end))
    assert (caught.value.reason, caught.value.row) == ("reversed", 2500)


def test_calendars_are_checked_before_they_index() -> None:
    span = ints(9 * HOUR), ints(10 * HOUR)
    assert measure(NINE_TO_FIVE, *span, which=pa.array([0], pa.int32())) == [HOUR]
    assert measure(NINE_TO_FIVE, *span, which=pa.array([None], pa.int32())) == [None]
    for code in (-1, 1, 2**31 - 1):
        with pytest.raises(IntervalFault, match="calendar"):
            NINE_TO_FIVE.between(*span, which=pa.array([code], pa.int32()))


def test_what_is_no_array_of_instants_is_refused() -> None:
    with pytest.raises(TypeError):
        NINE_TO_FIVE.between(None, ints(1))
    with pytest.raises(TypeError, match="expected an Arrow array"):
        NINE_TO_FIVE.between([1], [2])
    with pytest.raises(TypeError, match="kernels take"):
        NINE_TO_FIVE.between(pa.array(["a"]), pa.array(["b"]))
    with pytest.raises(ValueError, match="2 starts and 1 ends"):
        NINE_TO_FIVE.between(ints(1, 2), ints(3))
    with pytest.raises(ValueError, match="2 calendars for 1 intervals"):
        NINE_TO_FIVE.between(ints(1), ints(3), which=pa.array([0, 0], pa.int32()))
    with pytest.raises(KeyError):
        NINE_TO_FIVE.between(ints(1), ints(3), reversed="maybe")
    with pytest.raises(IndexError):
        NINE_TO_FIVE.worked(ints(1), 1)


def test_a_calendar_out_of_order_is_refused() -> None:
    for pieces in (((5, 5, 0), (9, 1, 5)), ((-1, 1, 0),), ((5, -1, 0),)):
        with pytest.raises(ValueError, match="out of order"):
            business(*pieces)
    with pytest.raises(ValueError, match="not reversed"):
        business(low=1, high=0)
    with pytest.raises(ValueError, match="no calendar"):
        Business([], 10)
    with pytest.raises(OverflowError):
        business((0, 1, 0), limit=10)
    with pytest.raises(ValueError, match="null where a value is required"):
        Business([(0, 1, ints(None), ints(1), ints(0))], 10)
