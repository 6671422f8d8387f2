"""What a check of a card found."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Finding"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One doubt about a card: the rule, the entry (or pair of entries) it is about, and what to do.

    ``message`` and ``hint`` are English, ``zh`` and ``hint_zh`` the same in Chinese.
    """

    rule: str
    where: str
    message: str
    hint: str
    zh: str
    hint_zh: str
