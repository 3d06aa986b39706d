"""The notary: one customer at Stripe, with the journal's newest number and hash in its metadata.

Stripe tells of each change by an event, which nobody can take back, and keeps it for 30 days. So a journal that was
cut, put back or written anew is found up to the last minutes. https://docs.stripe.com/api/events
"""

from __future__ import annotations

import logging

from cashier.audit.anchors.head import entry_at, last_entry
from cashier.books.journal import anchor_of
from cashier.database import Database
from cashier.errors import Contradiction
from cashier.language import Message, m
from cashier.stripe_gateway.notary import NotaryAtStripe, NotaryGateway

log = logging.getLogger(__name__)

_MADE_ANEW_MAX = 5


class OtherJournal(Contradiction):
    """The journal is not the one that was noted at Stripe."""

    default = m("The journal is not the one that was noted at Stripe.")


class Notary:
    """Notes the journal's head at Stripe. One companion at a time does that: whoever leads."""

    def __init__(self, database: Database, gateway: NotaryGateway) -> None:
        """Note what ``database`` has."""
        self._database = database
        self._gateway = gateway
        self._customer_id: str | None = None
        self._noted = ""
        self.trouble: Message | None = None
        """What is wrong with the journal by what was noted before; None as far as is known."""

    async def run(self) -> bool:
        """Note the head, if it moved since the last time; return whether it was noted.

        Safe to repeat and to interrupt. Raises ``OtherJournal`` and notes nothing, so that what was noted stays, when
        the journal does not have that entry, or another one of that number. Raises ``Unreachable`` when Stripe does
        not answer.
        """
        last = await last_entry(self._database)
        if last is None or anchor_of(last) == self._noted:
            return False
        noted = await self._at_stripe()
        await self._check(noted)
        if noted.entry != anchor_of(last):
            await self._gateway.write(noted.customer_id, anchor_of(last))
        self._noted = anchor_of(last)
        return True

    async def _at_stripe(self) -> NotaryAtStripe:
        """Find the customer, or make it. One that somebody deleted is made anew, never twice by a lost answer."""
        known = self._customer_id or await self._gateway.find()
        for _ in range(_MADE_ANEW_MAX):
            found = await self._gateway.read(known) if known else None
            if found is not None:
                self._customer_id = found.customer_id
                return found
            first = await entry_at(self._database, 1)
            known = await self._gateway.make(after=known or (anchor_of(first) if first is not None else ""))
        raise Contradiction(m("The customer that notes the journal's head is deleted at Stripe again and again."))

    async def _check(self, noted: NotaryAtStripe) -> None:
        """Raise ``OtherJournal`` unless the journal has what was noted."""
        entry = await entry_at(self._database, noted.number) if noted.entry else None
        self.trouble = None
        if noted.entry and (entry is None or anchor_of(entry) != noted.entry):
            self.trouble = m(
                "The journal is not the one of which entry {number} was noted at Stripe ({customer}).",
                number=str(noted.number),
                customer=noted.customer_id,
            )
            log.error("other journal", extra={"noted": noted.entry, "customer": noted.customer_id})
            raise OtherJournal(self.trouble, advice=m("See docs/AUDITING.md, “The notary”."))
