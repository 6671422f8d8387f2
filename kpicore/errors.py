"""The one exception hierarchy.

Every error says what went wrong, where, what was found and what to do about it. The library raises;
only ``kpicore.cli`` turns an error into an exit code (the ``exit_code`` of its class).
"""

from __future__ import annotations

__all__ = [
    "CalendarError",
    "CardError",
    "DataError",
    "FormulaError",
    "KpicoreError",
    "MappingError",
    "MemoryLimitError",
    "MissingDataError",
    "ParameterError",
    "PluginError",
    "SchemaError",
    "SourceError",
    "SourceNotFoundError",
    "StorageError",
    "UnavailableNameError",
    "UnknownNameError",
    "UsageError",
    "VerificationError",
    "suggest",
]


class KpicoreError(Exception):
    """Base of all errors of kpicore.

    ``message`` states the fault and where it is; ``hint`` says what to do; ``problems`` lists every
    single fault where several were found at once.
    """

    exit_code = 70

    def __init__(self, message: str, *, hint: str = "", problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.problems = problems

    def __str__(self) -> str:
        lines = [self.message, *(f"  - {problem}" for problem in self.problems)]
        return "\n".join([*lines, f"hint: {self.hint}"] if self.hint else lines)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, self.hint, self.problems)


def _rebuild(kind: type[KpicoreError], message: str, hint: str, problems: tuple[str, ...]) -> KpicoreError:
    return kind(message, hint=hint, problems=problems)


class UsageError(KpicoreError, ValueError):
    """What the user wrote is wrong: a card, mapping, calendar, formula, parameter or name."""

    exit_code = 2


class CardError(UsageError):
    """A scorecard that cannot be used as written."""


class MappingError(UsageError):
    """A mapping file that cannot be used as written."""


class CalendarError(UsageError):
    """A calendar, zone, period or range that cannot be used as written."""


class FormulaError(UsageError):
    """A formula that cannot be used as written."""


class ParameterError(UsageError):
    """A metric's parameter that does not exist or is out of its range."""


class UnknownNameError(UsageError, LookupError):
    """A metric, dialect, adapter, card or weighting scheme that nobody provides."""


class UnavailableNameError(UnknownNameError):
    """A name that nobody provides and that resembles none, while plugins failed that may provide it."""

    exit_code = 4


class DataError(KpicoreError, ValueError):
    """The data break a contract."""

    exit_code = 3


class SchemaError(DataError):
    """A table whose columns or types break the contract of ``kpicore.plugin.tables``."""


class SourceError(DataError):
    """A file or stream whose content cannot be read."""


class MissingDataError(DataError):
    """A metric needs a table or column that the source does not have."""


class VerificationError(DataError):
    """A stored run is not what its manifest says."""


class PluginError(KpicoreError, RuntimeError):
    """A plugin failed or broke its contract; the message names it."""

    exit_code = 4


class StorageError(KpicoreError, OSError):
    """Reading or writing failed in the operating system."""

    exit_code = 5


class SourceNotFoundError(StorageError):
    """A source that is not there."""


class MemoryLimitError(KpicoreError, MemoryError):
    """The work does not fit into the memory it was allowed."""

    exit_code = 5


class StrangerWarning(UserWarning):
    """A condition or a group names a word that no row has: it matches nothing."""


def suggest(name: str, known: list[str]) -> str:
    """Returns a hint for a misspelt ``name``: the nearest of ``known``, else all of them if they are few."""
    from difflib import get_close_matches

    if near := get_close_matches(name, known, n=1, cutoff=0.6):
        return f"did you mean {near[0]!r}?"
    if len(known) > _FEW:
        return f"it is none of the {len(known)} that there are"
    return f"known: {', '.join(sorted(known)) or 'none'}"


_FEW = 15
