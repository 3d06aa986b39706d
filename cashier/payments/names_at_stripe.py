"""What unfinished payments are called at Stripe, as far as this process knows, for when the database is away.

It is no source of truth: it only says what to ask Stripe about. What Stripe answers is written down when the database
is back.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict
from dataclasses import dataclass

_KEPT_MAX = 1000


@dataclass(frozen=True, kw_only=True)
class NameAtStripe:
    """How Stripe knows a payment; at least one of the two is there."""

    session_id: str | None
    intent_id: str | None


class NamesAtStripe:
    """Remembers the newest payments that were seen here, until they are final."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._names: OrderedDict[uuid.UUID, NameAtStripe] = OrderedDict()

    def note(
        self, payment_id: uuid.UUID, *, session_id: str | None, intent_id: str | None, is_final: bool = False
    ) -> None:
        """Remember what a payment is called; a final one is forgotten. Safe to repeat."""
        known = self._names.pop(payment_id, None)
        if is_final:
            return
        if known is not None:
            session_id, intent_id = session_id or known.session_id, intent_id or known.intent_id
        if session_id or intent_id:
            self._names[payment_id] = NameAtStripe(session_id=session_id, intent_id=intent_id)
            if len(self._names) > _KEPT_MAX:
                self._names.popitem(last=False)

    def of(self, payment_id: uuid.UUID) -> NameAtStripe | None:
        """Return what the payment is called at Stripe; None where that is not known here."""
        return self._names.get(payment_id)
