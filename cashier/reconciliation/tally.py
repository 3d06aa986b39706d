"""What one comparison leaves out: other programs' sales, and single things that cannot be compared."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from cashier.errors import CashierError, Contradiction, Misconfigured, Party, Refused, Unreachable
from cashier.money import Money

log = logging.getLogger(__name__)

_ODD = (
    Refused,
    Contradiction,
    Unreachable,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    sa.exc.IntegrityError,
    sa.exc.DataError,
)

_UNANSWERED_MAX = 3
"""So many single things may stay without an answer; with the next one, Stripe itself counts as silent."""


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """How many charges and disputes of other programs were left out, and how many things were set aside."""

    charges: int
    disputes: int
    set_aside: int


class Tally:
    """Counts what one comparison leaves out, and tells it in one line of the log."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._sums: Counter[str] = Counter()
        self._charges = self._disputes = self._set_aside = self._unanswered = 0

    def leave_out_charge(self, amount: Money) -> None:
        """Count a charge of another program; sums of two currencies are never added up."""
        self._charges += 1
        self._sums[amount.currency] += amount.amount_minor

    def leave_out_dispute(self) -> None:
        """Count a dispute about a charge of another program."""
        self._disputes += 1

    @contextmanager
    def setting_aside(self, subject: str) -> Iterator[None]:
        """Compare one thing: an error about it alone is counted, with a line in the log, and its neighbours go on.

        Raises what is wrong with all of them: ``Misconfigured``, what the database failed to do, and ``Unreachable``
        when too many stay without an answer.
        """
        try:
            yield
        except _ODD as error:
            if isinstance(error, Misconfigured) or (isinstance(error, CashierError) and error.by is Party.DATABASE):
                raise
            if isinstance(error, Unreachable):
                self._unanswered += 1
                if self._unanswered > _UNANSWERED_MAX:
                    raise
            self._set_aside += 1
            log.warning("set aside, not compared", extra={"subject": subject, "error": type(error).__name__})

    @property
    def left_out(self) -> LeftOut:
        """How much it was."""
        return LeftOut(charges=self._charges, disputes=self._disputes, set_aside=self._set_aside)

    def tell(self) -> None:
        """Write the one line, where there is something to tell; ``sums_minor`` are of charges, for each currency."""
        if self._charges or self._disputes or self._set_aside:
            counts = {"charges": self._charges, "disputes": self._disputes, "sums_minor": dict(self._sums)}
            log.info("left out of the comparison", extra={**counts, "set_aside": self._set_aside})
