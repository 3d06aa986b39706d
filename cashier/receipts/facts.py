"""What stands on a receipt: collected and frozen in the transaction that settles the payment."""

from __future__ import annotations

import msgspec


class ReceiptInvoice(msgspec.Struct, frozen=True, kw_only=True):
    """One invoice on a receipt; amounts in the minor unit of the receipt's currency."""

    number: str
    department: str
    issued_on: str
    total_minor: int
    insurer_share_minor: int
    paid_now_minor: int
    balance_after_minor: int


class ReceiptTender(msgspec.Struct, frozen=True, kw_only=True):
    """How it was paid: the tender's name, and of a card only brand and last four digits.

    Of cash, ``tendered_minor`` was handed over and ``rounding_minor`` is what was taken more, or less, than
    ``amount_minor`` because there are no smaller coins; the rest was given back.
    """

    kind: str
    amount_minor: int
    card_brand: str = ""
    card_last_four: str = ""
    reference: str = ""
    tendered_minor: int | None = None
    rounding_minor: int = 0

    @property
    def change_minor(self) -> int:
        """What was given back of the cash."""
        return 0 if self.tendered_minor is None else self.tendered_minor - self.amount_minor - self.rounding_minor


class ReceiptFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on a receipt. ``issued_at`` is ISO 8601 with the hospital's own offset.

    On the receipt of a refund ``kind`` is ``refund``, ``original_number`` names the receipt of the payment, and
    amounts are negative; ``refund_failed`` says that such money came back. ``reason`` is in the words of its day, for
    a ``reason_code`` that is not known.
    """

    number: str
    issued_at: str
    hospital: str
    legal_name: str
    tax_id: str
    address: str
    phone: str
    footer: str
    desk: str
    cashier: str
    record_number: str
    currency: str
    invoices: tuple[ReceiptInvoice, ...]
    tenders: tuple[ReceiptTender, ...]
    unallocated_minor: int = 0
    deposit_minor: int = 0
    kind: str = "payment"
    original_number: str = ""
    reason: str = ""
    reason_code: str = ""

    @property
    def total_minor(self) -> int:
        """The sum that was paid, in the minor unit of ``currency``; negative when it went back."""
        return sum(tender.amount_minor for tender in self.tenders)


def freeze(facts: ReceiptFacts) -> str:
    """Write ``facts`` as the JSON that is stored."""
    return msgspec.json.encode(facts, order="sorted").decode()


def thaw(text: str) -> ReceiptFacts:
    """Read stored facts. Facts of older versions stay readable: new fields get defaults."""
    return msgspec.json.decode(text, type=ReceiptFacts)
