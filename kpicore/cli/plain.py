"""Text from data, made harmless; see ``kpicore.plain``."""

from __future__ import annotations

from kpicore.plain import clean, clean_lines, defuse

__all__ = ["clean", "clean_lines", "defuse"]
