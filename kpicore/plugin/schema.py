"""How a table's contract is written down: columns with meaning, unit and nullability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

__all__ = ["Column", "Kind", "TableSchema"]


class Kind(Enum):
    """What a column holds, and so how it is normalised and coded.

    ==========  ========================================  ==============================
    kind        accepted Arrow types                      inside the engine
    ==========  ========================================  ==============================
    ID          string, dictionary of string, integer     int32 code of the column's domain
    KEY         as ID, many distinct values               int64 (the integer, or the code)
    ENUM        string, dictionary of string              int32 index into ``values``
    TIME        timestamp with zone                       int64 microseconds UTC
    DURATION    duration, integer microseconds            int64 microseconds
    INTEGER     any integer                               int64
    NUMBER      any number                                int64 of 1/1000000
    MONEY       decimal, integer                          int64 of 1/10000
    FLAG        boolean                                   bool
    TEXT        string                                    not used by the engine
    IDS         list of string                            list of different int32 codes
    ==========  ========================================  ==============================
    """

    ID = "id"
    KEY = "key"
    ENUM = "enum"
    TIME = "time"
    DURATION = "duration"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY = "money"
    FLAG = "flag"
    TEXT = "text"
    IDS = "ids"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its name, kind, meaning, and whether every row must have a value.

    ``values`` lists an enumeration in code order; ``domain`` names the dictionary that an id shares
    with the columns of other tables (``to_agent_id`` has the domain ``agent``).
    """

    name: str
    kind: Kind
    doc: str
    required: bool = False
    values: tuple[str, ...] = ()
    domain: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSchema:
    """The contract of a canonical table or of a fact.

    ``times`` maps the names of attributions (``start``, ``completion``, ``event``) to the column
    whose instant puts a row into a period. ``interval`` names the start and end columns where the
    row can be prorated over periods. ``open_ended`` tables keep further columns as dimensions.
    """

    name: str
    doc: str
    columns: tuple[Column, ...]
    times: Mapping[str, str] = field(default_factory=dict, hash=False)
    interval: tuple[str, str] | None = None
    open_ended: bool = False

    def column(self, name: str) -> Column:
        """Returns the column called ``name``; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def __contains__(self, name: str) -> bool:
        return any(column.name == name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that every source of this table must have."""
        return tuple(column.name for column in self.columns if column.required)
