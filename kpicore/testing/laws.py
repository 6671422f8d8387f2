"""What the law kit says when a plugin breaks a law."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from kpicore.errors import KpicoreError

__all__ = ["LawBroken", "law", "require"]

T = TypeVar("T")


class LawBroken(AssertionError):
    """A law that a plugin must keep does not hold; the message names plugin, law and finding."""


@contextmanager
def law(subject: str, statement: str) -> Iterator[None]:
    """Turns whatever goes wrong inside into the law's being broken."""
    try:
        yield
    except LawBroken:
        raise
    except (KpicoreError, Exception) as error:
        raise LawBroken(f"{subject}: {statement}: {type(error).__name__}: {error}") from error


def require(holds: bool, subject: str, statement: str, finding: str | Callable[[], str] = "") -> None:
    """Raises LawBroken unless ``holds``."""
    if not holds:
        text = finding if isinstance(finding, str) else finding()
        raise LawBroken(f"{subject}: {statement}" + (f": {text}" if text else ""))
