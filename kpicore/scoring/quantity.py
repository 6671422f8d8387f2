"""Numbers on a card: read exactly, with the unit that was written beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final, Literal, TypeAlias

from kpicore.errors import ParameterError
from kpicore.plugin.parameters import parse_duration

__all__ = ["Quantity", "Unit", "decimal_text", "exact", "parse_quantity", "parse_share"]

Unit: TypeAlias = Literal["number", "seconds", "share"]

_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?")
_DIGITS: Final = 30  # beyond this a number on a card is a slip, and 10**999999 would exhaust memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number of a card: ``value`` in the metric's unit (seconds, or a share of one), and how it was
    written.
    """

    value: Fraction
    unit: Unit
    written: str


def exact(raw: object) -> Fraction:
    """Returns the exact value of a TOML integer or decimal, or of a string that holds one.

    ValueError for a binary float, a truth value, a NaN, an infinity or a number of absurd length.
    """
    if isinstance(raw, Fraction):
        return raw
    if isinstance(raw, str):
        text = raw.strip()
        if not _NUMBER.fullmatch(text):
            raise ValueError(f"found {raw!r}; write a number such as 12 or 0.5")
        try:
            raw = Decimal(text)
        except InvalidOperation as error:  # pragma: no cover - the pattern admits only decimals
            raise ValueError(f"found {raw!r}; write a number such as 12 or 0.5") from error
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        raise ValueError(f"found {raw!r}; write a number such as 12 or 0.5")
    if isinstance(raw, Decimal) and not raw.is_finite():
        raise ValueError(f"found {raw}; write a finite number")
    size = Decimal(raw)
    if len(size.as_tuple().digits) > _DIGITS or (size and abs(size.adjusted()) > _DIGITS):
        raise ValueError(f"found a number of more than {_DIGITS} digits; write a shorter one")
    return Fraction(raw)


def parse_quantity(raw: object) -> Quantity:
    """Returns the quantity behind ``0.85``, ``"85%"``, ``"20s"`` or ``"1h30m"``.

    A bare number is taken in the metric's own unit; per cent become a share of one, durations become seconds.
    ValueError where it is none of these.
    """
    if isinstance(raw, Quantity):
        return raw
    if not isinstance(raw, str):
        return Quantity(value=exact(raw), unit="number", written=str(raw))
    text = raw.strip()
    if text.endswith(("%", "%")):
        return Quantity(value=exact(text[:-1]) / 100, unit="share", written=text)
    if _NUMBER.fullmatch(text):
        return Quantity(value=exact(text), unit="number", written=text)
    try:
        microseconds = parse_duration(text)
    except ParameterError as error:
        raise ValueError(
            f"found {raw!r}; write a number, per cent such as '85%' or a duration such as '20s'"
        ) from error
    return Quantity(value=Fraction(microseconds, 1_000_000), unit="seconds", written=text)


def parse_share(raw: object) -> Fraction:
    """Returns a share of one from ``0.7`` or ``"70%"``; ValueError outside 0..1."""
    value = parse_quantity(raw)
    if value.unit == "seconds" or not 0 <= value.value <= 1:
        raise ValueError(f"found {value.written}; write a share from 0 to 1, or per cent such as '70%'")
    return value.value


def decimal_text(value: Fraction, *, places: int = 12) -> str:
    """Returns ``value`` as a plain decimal; one that does not end is written as numerator/denominator."""
    if value.denominator == 1:
        return str(value.numerator)
    scaled, rest = divmod(abs(value.numerator) * 10**places, value.denominator)
    if rest:
        return f"{value.numerator}/{value.denominator}"
    sign, digits = ("-" if value < 0 else ""), str(scaled).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}".rstrip("0").rstrip(".") if places else digits
    return sign + text
