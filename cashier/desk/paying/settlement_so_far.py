"""What this dialog has taken so far: each payment of a settlement stands by itself, whatever becomes of the next."""

from __future__ import annotations

from cashier.desk.paying.payment_faces import Face
from cashier.identifiers import new_id
from cashier.money import Money
from cashier.payments.views import PaymentView

_TELLS_WHAT_STANDS = frozenset(
    {
        Face.CANCELLED, Face.CLOSING, Face.CONTRADICTION, Face.DECLINED, Face.DECLINED_AT_READER,
        Face.DECLINED_ON_PAGE, Face.DECLINED_ON_PHONE, Face.NOT_SAVED, Face.REFUSED, Face.STILL_OPEN,
        Face.TAKEN_OVER, Face.UNKNOWN,
    }
)  # fmt: skip
"""The situations in which a cashier could doubt what was taken before."""


class SettlementSoFar:
    """The payments of one settlement that are paid. ``id`` is what the database knows it by."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.id = new_id()
        self._taken: list[str] = []

    def add(self, view: PaymentView) -> None:
        """Add a paid payment."""
        self._taken.append(f"{view.amount} ({str(view.tender.row.words).lower()}, receipt {view.receipt_number})")

    def add_from_account(self, amount: Money) -> None:
        """Add what was used of the patient's account."""
        self._taken.append(f"{amount} (from the account)")

    def beside(self, face: Face, detail: str) -> str:
        """Add to ``detail`` what stands, where ``face`` could make one doubt it."""
        if not self._taken or face not in _TELLS_WHAT_STANDS:
            return detail
        stands = f"Paid before, and settled: {'; '.join(self._taken)}."
        return f"{detail}\n{stands}" if detail else stands
