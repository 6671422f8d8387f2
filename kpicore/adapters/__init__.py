"""From the logs of a source to canonical tables."""

from __future__ import annotations

from .mapping_file import MappingText
from .open import SourceLike, open_log

__all__ = ["MappingText", "SourceLike", "open_log"]
