"""How many contacts had to wait too long."""

from __future__ import annotations

from kpicore.plugin import Direction, Duration, Metric, Ratio, Settings, Statistic, col, count

__all__ = ["LONG_WAIT_RATE"]


def _long_wait_rate(p: Settings) -> Statistic:
    known = col("wait").not_null()
    return Ratio(
        numerator=count("visits", where=known & (col("wait") > p.microseconds("over"))),
        denominator=count("visits", where=known),
        excluded={"wait_unknown": count("visits", where=col("wait").is_null())},
    )


LONG_WAIT_RATE = Metric(
    name="long_wait_rate",
    en="Long-wait rate",
    zh="长等待率",
    unit="ratio",
    direction=Direction.LOWER,
    definition="stays in a queue that lasted longer than `over` / stays whose wait is known",
    definition_zh="排队时间超过 over 的次数 / 已知等待时间的排队次数",
    needs=("visits",),
    parameters=(Duration(name="over", doc="a wait longer than this is long", default="2m"),),
    build=_long_wait_rate,
    source="an example",
)
