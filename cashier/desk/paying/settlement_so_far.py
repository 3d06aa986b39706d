"""What this dialog has taken so far: each payment of a settlement stands by itself, whatever becomes of the next."""

from __future__ import annotations

import uuid

from cashier.desk.paying.payment_faces import Face
from cashier.identifiers import new_id
from cashier.language import Message, inside, joined, m
from cashier.money import Money
from cashier.payments.views import PaymentView

_TELLS_WHAT_STANDS = frozenset(
    {
        Face.CANCELLED, Face.CLOSING, Face.CONTRADICTION, Face.DECLINED, Face.DECLINED_AT_READER,
        Face.DECLINED_ON_PAGE, Face.DECLINED_ON_PHONE, Face.NOTHING_DUE, Face.NOT_CLOSED, Face.NOT_SAVED,
        Face.PAGE_UNSEEN, Face.PAID_UNWRITTEN, Face.PENDING, Face.PHONE_UNSEEN, Face.REFUSED, Face.STILL_OPEN,
        Face.TAKEN_OVER, Face.UNKNOWN, Face.UNWRITTEN,
    }
)  # fmt: skip
"""The situations in which a cashier could doubt what was taken before."""


class SettlementSoFar:
    """The payments of one settlement that are paid. ``id`` is what the database knows it by."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.id = new_id()
        self._taken: list[Message] = []
        self._payments: set[uuid.UUID] = set()

    def add(self, view: PaymentView) -> bool:
        """Add a paid payment, and tell whether that is news: it is there once, however often it is told."""
        if view.id in self._payments:
            return False
        self._payments.add(view.id)
        self._taken.append(
            m(
                "{amount} ({way}, receipt {number})",
                amount=view.amount,
                way=inside(view.tender.row.words),
                number=view.receipt_number,
            )
        )
        return True

    def add_from_account(self, amount: Money) -> None:
        """Add what was used of the patient's account."""
        self._taken.append(m("{amount} (from the account)", amount=amount))

    def beside(self, face: Face, detail: Message) -> Message:
        """Add to ``detail`` what stands, where ``face`` could make one doubt it."""
        if not self._taken or face not in _TELLS_WHAT_STANDS:
            return detail
        stands = m("Paid before, and settled: {payments}.", payments=joined("; ", self._taken))
        return joined("\n", [detail, stands])
