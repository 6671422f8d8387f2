"""What the values of a run mean: trends, comparisons, drivers, diagnosis. Nothing here changes points."""

from __future__ import annotations

from .advice import Advice, advice_for
from .anomalies import Anomaly, anomalies, anomaly_schema
from .breakdown import Breakdown, Figure, Line, breakdowns, team_breakdown
from .comparison import Comparison, LineChange, against_team, compare, judge_difference
from .definitions import DEFINITIONS, definitions_table
from .exemplars import exemplars_schema, exemplars_table
from .kept import kept_tables
from .peers import Peers, peers
from .signs import SIGN_NAMES, SIGNS, signs_table
from .small_groups import SMALL_GROUP, is_small
from .targets import (
    Attainment,
    Goal,
    OffTarget,
    Proposal,
    attainment,
    better,
    goal_of,
    off_target,
    propose_target,
)
from .trend import Stretch, choose_stretch, trend_schema, trend_table

__all__ = [
    "DEFINITIONS",
    "SIGNS",
    "SIGN_NAMES",
    "SMALL_GROUP",
    "Advice",
    "Anomaly",
    "Attainment",
    "Breakdown",
    "Comparison",
    "Figure",
    "Goal",
    "Line",
    "LineChange",
    "OffTarget",
    "Peers",
    "Proposal",
    "Stretch",
    "advice_for",
    "against_team",
    "anomalies",
    "anomaly_schema",
    "attainment",
    "better",
    "breakdowns",
    "choose_stretch",
    "compare",
    "definitions_table",
    "exemplars_schema",
    "exemplars_table",
    "goal_of",
    "is_small",
    "judge_difference",
    "kept_tables",
    "off_target",
    "peers",
    "propose_target",
    "signs_table",
    "team_breakdown",
    "trend_schema",
    "trend_table",
]
