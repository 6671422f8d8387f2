"""The compiled core. This module is its only door."""

from __future__ import annotations

from .cells import Cells
from .errors import OutOfOrder
from .states import StateIntervals

__all__ = ["Cells", "OutOfOrder", "StateIntervals"]
