"""``python -m kpicore`` is the command ``kpicore``."""

from __future__ import annotations

import sys

from kpicore.cli import main

if __name__ == "__main__":
    sys.exit(main())
