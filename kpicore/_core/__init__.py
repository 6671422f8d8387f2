"""The compiled core. This module is its only door."""

from __future__ import annotations

from .cells import Cells

__all__ = ["Cells"]
