"""KPIs as families of parameterised definitions, and how they are asked for."""

from __future__ import annotations

from .request import Request, parse_request

__all__ = ["Request", "parse_request"]
