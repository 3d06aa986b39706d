"""``python -m cashier_verify``."""

from __future__ import annotations

import sys

from cashier_verify.command import main

if __name__ == "__main__":
    sys.exit(main())
