"""Satisfaction and recommendation of two agents, counted by hand from fourteen surveys.

ann's CSAT: 5 and 4 of 5, 4, 2 are satisfied; the mean is 11/3; 3 of 4 invitations were answered.
bob's: 3 of 1..5 is not satisfied, 10 of 1..10 is, and counts 5 in the mean: (3 + 5)/2; 2 of 4 answered.
ann's NPS: promoters 10 and 9, passive 8, detractor 3: 100 x (2 - 1)/4. bob's: one detractor: -100.
Both together: CSAT 3/5, mean (11 + 8)/5, NPS 100 x (2 - 2)/5.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import kpicore

TEXTS = ("csat", "csat[statistic=mean]", "csat[statistic=response_rate]", "nps")
EXPECTED = {
    "ann": (2 / 3, 11 / 3, 3 / 4, 25.0),
    "bob": (1 / 2, 4.0, 2 / 4, -100.0),
    None: (3 / 5, 19 / 5, 5 / 8, 0.0),
}


@pytest.mark.parametrize("agent", EXPECTED)
def test_surveys(agent: str | None) -> None:
    log = kpicore.open(Path(__file__).parent / "voice" / "surveys.csv")
    rows = kpicore.measure(log, TEXTS, ["agent"] if agent else [], zone="UTC").rows()
    values = [row["value"] for row in rows if agent in (None, row.get("agent"))]
    assert values == pytest.approx(EXPECTED[agent], rel=1e-15)
