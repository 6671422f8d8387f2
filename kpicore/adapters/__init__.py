"""From the logs of a source to canonical tables."""

from __future__ import annotations

from .open import SourceLike, open_log

__all__ = ["SourceLike", "open_log"]
