"""Rows of a queue log, from its text file or from an export of its database table."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kpicore.plugin import SourceError, UsageError

__all__ = ["SECOND", "Reader", "Row", "looks_like_queue_log"]

SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIME = r"(\d{9,11}(\.\d+)?|\d{4}-\d\d-\d\d[ T]\d\d:\d\d[^|]*)"
_LINE = re.compile(_TIME + r"\|[^|]*\|[^|]*\|[^|]*\|[A-Z][A-Z_]+(\||\s*$)")
_NUMBER = re.compile(r"(\d{1,12})(?:\.(\d{1,9}))?")
_NAMES = {"queue": "queuename", "queue_name": "queuename", "qname": "queuename", "uniqueid": "callid"}
_NEEDED = ("time", "callid", "queuename", "agent", "event")
_SAMPLES = 5


class Row(NamedTuple):
    """One row: its number among the data rows, microseconds UTC, and its fields as text."""

    number: int
    time: int
    callid: str
    queue: str
    agent: str
    event: str
    data: tuple[str, ...]

    def text(self, position: int) -> str:
        """Returns ``data1`` for 1, and so on; empty where the row has none."""
        return self.data[position - 1].strip() if position <= len(self.data) else ""

    def seconds(self, position: int) -> int | None:
        """Returns a number of seconds as microseconds; None where there is none."""
        return _micros(self.text(position).partition("|")[0])


class Reader:
    """Reads files one after another; ``rejected`` and ``samples`` tell of rows that cannot be read."""

    def __init__(self, zone: str | None) -> None:
        self.rows_in = 0
        self.rejected: Counter[str] = Counter()
        self.samples: list[tuple[int, str, str, str]] = []
        self._name = zone
        self._zone = _find_zone(zone)

    def read(self, path: Path) -> Iterator[Row]:
        """Yields the rows of one file, in the file's order."""
        try:
            with _open(path) as file:
                header = _header(file.readline())
                file.seek(0)
                yield from self._read_table(path, file, header) if header else self._read_lines(path, file)
        except (gzip.BadGzipFile, EOFError, zlib.error, csv.Error) as error:
            raise SourceError(
                f"{path}, after row {self.rows_in}: {error}", hint="the file is damaged: fetch it again"
            ) from error

    def _read_lines(self, path: Path, file: TextIO) -> Iterator[Row]:
        for line in file:
            if not line.strip():
                continue
            fields = line.rstrip("\r\n").split("|")
            if len(fields) < 5:
                self.rows_in += 1
                self._reject("malformed", "event", line.strip())
                continue
            row = self._row(path, fields[0], fields[1:5], tuple(fields[5:]))
            if row is not None:
                yield row

    def _read_table(self, path: Path, file: TextIO, header: tuple[list[str], str]) -> Iterator[Row]:
        names, delimiter = header
        place = {name: position for position, name in enumerate(names)}
        data = [place[f"data{number}"] for number in range(1, 10) if f"data{number}" in place]
        next(file)
        for fields in csv.reader(file, delimiter=delimiter):
            if not fields:
                continue
            if len(fields) < len(names):
                self.rows_in += 1
                self._reject("malformed", "event", delimiter.join(fields))
                continue
            row = self._row(
                path,
                fields[place["time"]],
                [fields[place[name]] for name in _NEEDED[1:]],
                tuple(fields[position] for position in data),
            )
            if row is not None:
                yield row

    def _row(self, path: Path, time: str, keys: list[str], data: tuple[str, ...]) -> Row | None:
        self.rows_in += 1
        moment = self._moment(path, time.strip())
        event = keys[3].strip().upper()
        if moment is None or not event:
            column, value = ("event", keys[3]) if moment is not None else ("time", time)
            self._reject("malformed", column, value)
            return None
        return Row(self.rows_in, moment, keys[0].strip(), keys[1].strip(), keys[2].strip(), event, data)

    def _moment(self, path: Path, text: str) -> int | None:
        number = _micros(text)
        if number is not None:
            return number
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
        if moment.tzinfo is None:
            if self._zone is None:
                raise UsageError(
                    f"{path}, row {self.rows_in}: the time {text!r} names no zone",
                    hint="say which zone the clock of the exchange showed, such as --zone Europe/Paris",
                )
            moment = moment.replace(tzinfo=self._zone)
        return (moment - _EPOCH) // timedelta(microseconds=1)

    def _reject(self, reason: str, column: str, value: str) -> None:
        self.rejected[reason] += 1
        if self.rejected[reason] <= _SAMPLES:
            self.samples.append((self.rows_in, reason, column, value))


def looks_like_queue_log(path: Path) -> bool:
    """Whether the first line of the file is one of a queue log, or the header of its table."""
    if not path.is_file():
        return False
    try:
        with _open(path) as file:
            first = file.readline(2000)
    except (OSError, EOFError, zlib.error):
        return False
    return bool(_LINE.match(first)) or _header(first) is not None


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", errors="replace", newline="")
    return path.open(encoding="utf-8-sig", errors="replace", newline="")


def _header(line: str) -> tuple[list[str], str] | None:
    """Returns the column names and the delimiter of a table's first line, None for a log line."""
    for delimiter in (",", ";", "\t", "|"):
        words = [word.strip().strip('"').lower() for word in line.strip().split(delimiter)]
        names = [_NAMES.get(word, word) for word in words]
        if all(name in names for name in _NEEDED):
            return names, delimiter
    return None


def _micros(text: str) -> int | None:
    """Returns a number of seconds as microseconds; None for any other text."""
    if len(text) <= 12 and text.isdecimal() and text.isascii():
        return int(text) * SECOND
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    whole, part = match.groups()
    return int(whole) * SECOND + int((part or "").ljust(6, "0")[:6])


def _find_zone(name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UsageError(
            f"there is no time zone {name!r}", hint="use an IANA name, such as Asia/Shanghai"
        ) from error
