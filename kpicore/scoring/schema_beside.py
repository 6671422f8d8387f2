"""What stands on a card beside its scoring: formulas of its own, and what reports may tell."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from kpicore.scoring.schema_values import Document, Label, Name, Text

__all__ = ["FormulaDocument", "ReportDocument"]


class FormulaDocument(Document):
    """A metric of the card's own, computed from others; entries and gates use it by its name."""

    name: Name
    expression: Annotated[str, Field(min_length=1, max_length=4000)]
    unit: Text | None = Field(default=None, description="what the expression must yield, such as ratio")
    direction: Literal["higher", "lower", "range", "neutral"] = "neutral"
    label: Label | None = None


class ReportDocument(Document):
    """What a report may tell."""

    others: bool = Field(
        default=False, description="the report for one person names the others, with their totals and ranks"
    )
    min_group: int = Field(
        default=5, ge=1, description="figures on fewer people together are suppressed: they would tell of one"
    )
