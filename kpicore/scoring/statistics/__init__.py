"""How sure a number is: intervals, reliability, shrinkage, funnel limits, rank sets, case mix, sensitivity,
gaming.

What is published is rounded to 12 significant digits, so that it is the same on every machine. Nothing here
changes points unless a card asks for it by name.
"""

from __future__ import annotations

from .annotate import annotate_rates
from .bootstrap import bca_interval, seed_of
from .casemix import MixChange, Standardised, Stratum, decompose_change, standardise
from .funnel import FunnelPoint, funnel, funnel_rates
from .intervals import mean_interval, quantile_interval, ratio_interval, wilson_interval
from .precision import as_fraction
from .ranks import RankSet, add_noise, rank_sets, total_interval
from .reliability import Shrunk, shrink_means, shrink_rates, signal_variance
from .sensitivity import Flip, grade_shares, smallest_flip

__all__ = [
    "Flip",
    "FunnelPoint",
    "MixChange",
    "RankSet",
    "Shrunk",
    "Standardised",
    "Stratum",
    "add_noise",
    "annotate_rates",
    "as_fraction",
    "bca_interval",
    "decompose_change",
    "funnel",
    "funnel_rates",
    "grade_shares",
    "mean_interval",
    "quantile_interval",
    "rank_sets",
    "ratio_interval",
    "seed_of",
    "shrink_means",
    "shrink_rates",
    "signal_variance",
    "smallest_flip",
    "standardise",
    "total_interval",
    "wilson_interval",
]
