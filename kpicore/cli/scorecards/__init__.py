"""What can be done with a scorecard, one module per subcommand of ``kpicore scorecards``."""

from __future__ import annotations

__all__ = ["COMMANDS"]

COMMANDS = {
    "show": "Print a card as it is written, to be copied and changed.",
    "lint": "Say what is doubtful about a card although it can be used.",
    "backtest": "Say what a new card would have changed in past periods, and for whom.",
    "schema": "Print the JSON Schema of cards, for editors that complete them.",
    "weights": "Turn comparisons in pairs into fixed weights, and say how consistent they are.",
    "propose-targets": "Propose targets from what was in fact reached.",
}
"""Every subcommand with its summary."""
