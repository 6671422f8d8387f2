"""For authors of plugins: laws that every plugin must keep, and a log to try them on."""

from __future__ import annotations

from .adapter_laws import check_adapter
from .contact_centre import generate_log
from .laws import LawBroken
from .metric_laws import check_metric
from .weighting_laws import check_weighting

__all__ = ["LawBroken", "check_adapter", "check_metric", "check_weighting", "generate_log"]
