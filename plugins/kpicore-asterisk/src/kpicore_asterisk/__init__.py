"""Asterisk's queue log as a source of kpicore."""

from __future__ import annotations

from collections.abc import Iterable

from kpicore.plugin import Adapter, hookimpl

__all__ = ["KPICORE_API", "kpicore_adapters"]

KPICORE_API = 1


@hookimpl
def kpicore_adapters() -> Iterable[Adapter]:
    """Returns the adapter ``asterisk``."""
    from .adapter import ADAPTER

    return (ADAPTER,)
