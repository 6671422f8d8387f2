"""Pseudonyms: keyed hashes in place of whom a log names, so that results can be shared without names.

The same key gives the same pseudonym for the same person everywhere and always, and without the key nobody
can go from an id to its pseudonym. Ids of contacts stay: they lead back to the source.
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from kpicore.errors import SourceNotFoundError, StorageError, UsageError
from kpicore.plugin import Column, Kind, TableSchema
from kpicore.tables import Log

from .schemas import Schemas

__all__ = ["key_mark", "pseudonym", "pseudonymise", "read_key"]

PERSONS = ("agent", "customer", "account", "visitor")
"""The domains whose values are persons."""

_LEAST = 16
_LENGTH = 20


def read_key(path: str | Path) -> bytes:
    """Returns the key in a file, without white space around it; UsageError where it is too short."""
    try:
        key = Path(path).read_bytes().strip()
    except FileNotFoundError:
        raise SourceNotFoundError(f"there is no key file {str(path)!r}") from None
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}") from error
    if len(key) < _LEAST:
        raise UsageError(
            f"{path}: the key has {len(key)} bytes, at least {_LEAST} are needed",
            hint="make one with `openssl rand -hex 32`, and keep it safe",
        )
    return key


def pseudonym(key: bytes, domain: str, value: str) -> str:
    """Returns the pseudonym of ``value``: 20 hexadecimal digits of an HMAC-SHA-256.

    >>> pseudonym(b"an example of a key", "agent", "17") == pseudonym(b"an example of a key", "agent", "17")
    True
    """
    return hmac.digest(key, f"{domain}\0{value}".encode(), "sha256").hex()[:_LENGTH]


def key_mark(key: bytes) -> str:
    """Returns what tells keys apart and gives none away."""
    return pseudonym(key, "key", "mark")


def pseudonymise(log: Log, key: bytes, schemas: Schemas) -> Log:
    """Returns the log with pseudonyms for agents, customers, accounts and visitors, and without names."""
    tables = {name: _table(table, schemas.find(name), key) for name, table in log.tables.items()}
    return replace(log, tables=tables)


def _table(table: pa.Table, schema: TableSchema | None, key: bytes) -> pa.Table:
    for column in schema.columns if schema is not None else ():
        if column.name not in table.column_names:
            continue
        place = table.column_names.index(column.name)
        if column.kind in (Kind.ID, Kind.KEY) and column.domain in PERSONS:
            table = table.set_column(place, column.name, _replaced(table.column(place), column, key))
        elif column.kind is Kind.TEXT:
            table = table.remove_column(place)
    return table


def _replaced(values: pa.ChunkedArray, column: Column, key: bytes) -> pa.ChunkedArray:
    words = values.combine_chunks()
    if not pa.types.is_dictionary(words.type):
        words = words.cast(pa.string()).dictionary_encode()
    hidden = [
        None if word is None else pseudonym(key, column.domain, word)
        for word in words.dictionary.cast(pa.string()).to_pylist()
    ]
    coded = pa.DictionaryArray.from_arrays(words.indices.cast(pa.int32()), pa.array(hidden, pa.string()))
    return pa.chunked_array([coded])
