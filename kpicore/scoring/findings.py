"""What a check of a card found."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Finding"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One doubt about a card: the rule, the entry (or pair of entries) it is about, and what to do."""

    rule: str
    where: str
    message: str
    hint: str
