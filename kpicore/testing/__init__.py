"""For authors of plugins: laws that every metric and adapter must keep, and a log to try them on."""

from __future__ import annotations

from .contact_centre import generate_log

__all__ = ["generate_log"]
