"""Which runner measures a frame."""

from __future__ import annotations

from .collecting import CollectingRunner
from .frame import FrameRunner, FrameSetup
from .general import GeneralRunner
from .prorated import ProratedRunner, tasks_of

__all__ = ["start_runner"]


def start_runner(setup: FrameSetup) -> FrameRunner:
    """Returns a runner without rows: the fast one where the frame allows it and no rows are kept."""
    if setup.collect:
        return CollectingRunner(setup)
    tasks = tasks_of(setup)
    return GeneralRunner(setup) if tasks is None else ProratedRunner(setup, tasks)
