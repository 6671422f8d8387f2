"""The compiled core. This module is its only door."""

from __future__ import annotations

from .accumulate import Accumulator
from .business import Business, IntervalFault
from .cells import Cells
from .contact_flow import ContactFlow, flow_words
from .dense import DenseIndex
from .engagement import Engagement
from .errors import OutOfOrder
from .interner import Interner
from .last_rows import LastRows
from .lookup import Lookup, remap
from .message_contacts import MessageContacts
from .pairs import PairIndex
from .prorated import Prorated
from .responses import Responses
from .segment_legs import SegmentLegs
from .snapshots import open_at
from .sorting import sort_rows
from .states import StateIntervals
from .validity import AsOf
from .workload import Workload

__all__ = [
    "Accumulator",
    "AsOf",
    "Business",
    "Cells",
    "ContactFlow",
    "DenseIndex",
    "Engagement",
    "Interner",
    "IntervalFault",
    "LastRows",
    "Lookup",
    "MessageContacts",
    "OutOfOrder",
    "PairIndex",
    "Prorated",
    "Responses",
    "SegmentLegs",
    "StateIntervals",
    "Workload",
    "flow_words",
    "open_at",
    "remap",
    "sort_rows",
]
