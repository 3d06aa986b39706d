"""What is made in training has numbers of its own, so that it can never be taken for something real.

A machine that moves no money (at the sandbox, or in Stripe's test mode) numbers its receipts in a series of their own
and its shifts downwards from -1: ``T-D1-000001``, ``T-D1-1``. The real ones begin at 1 without a gap when the same
database goes to work, and what was made in training stays marked wherever it is shown or printed later.
"""

from __future__ import annotations

MARK = "T-"
"""No desk's code begins so."""
CODE_LENGTH_MAX = 12
"""How long a desk's code may be."""
SERIES_LENGTH_MAX = CODE_LENGTH_MAX + len(MARK)


def series_of(desk_code: str, *, is_training: bool) -> str:
    """Name the series in which a desk numbers its receipts: ``D1``, in training ``T-D1``."""
    return f"{MARK}{desk_code}" if is_training else desk_code
