"""What stands on a receipt: collected and frozen in the transaction that settles the payment."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec


class EarlierKind(StrEnum):
    """What had happened to an invoice before the receipt was issued; the first four are kinds of receipts."""

    PAYMENT = "payment"
    REFUND = "refund"
    REFUND_FAILED = "refund_failed"
    REVERSAL = "reversal"
    CREDIT = "credit"
    """Money of the patient's account was used for it; ``receipt`` is the one that it had come in with, if it was no
    credit."""
    OTHER = "other"
    """What no receipt tells."""


class EarlierShare(msgspec.Struct, frozen=True, kw_only=True):
    """What had counted towards an invoice before: less than nothing where it had gone back.

    ``on`` is the day as the hospital's calendar had it, empty where it is not known; ``tender`` is a code.
    """

    kind: str
    amount_minor: int
    on: str = ""
    receipt: str = ""
    tender: str = ""
    card_brand: str = ""
    card_last_four: str = ""


class ReceiptService(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an invoice; ``quantity_milli`` 1500 is 1.5."""

    description: str
    quantity_milli: int
    total_minor: int


class ReceiptInvoice(msgspec.Struct, frozen=True, kw_only=True):
    """One invoice on a receipt; amounts in the minor unit of the receipt's currency.

    Made with ``invoice_that_adds_up``. ``returned_minor`` was given back and is not owed again. On receipts of
    before, ``earlier`` is None: what had been paid before is not known. ``services`` are there where the hospital
    wants them on its receipts.
    """

    number: str
    department: str
    issued_on: str
    total_minor: int
    insurer_share_minor: int
    paid_now_minor: int
    balance_after_minor: int
    returned_minor: int = 0
    earlier: tuple[EarlierShare, ...] | None = None
    services: tuple[ReceiptService, ...] = ()

    @property
    def paid_before_minor(self) -> int:
        """What had counted towards it before."""
        return sum(share.amount_minor for share in self.earlier or ())

    @property
    def adds_up(self) -> bool:
        """Tell whether its amounts come to its balance, as far as all of them are known."""
        owed_minor = self.total_minor - self.insurer_share_minor - self.returned_minor
        left_minor = owed_minor - self.paid_before_minor - self.paid_now_minor
        return self.earlier is None or left_minor == self.balance_after_minor


def invoice_that_adds_up(
    *,
    number: str,
    department: str,
    issued_on: str,
    total_minor: int,
    insurer_share_minor: int,
    returned_minor: int,
    paid_now_minor: int,
    balance_after_minor: int,
    known: Sequence[EarlierShare],
    services: Sequence[ReceiptService] = (),
) -> ReceiptInvoice:
    """Describe an invoice so that whoever adds it up comes to its balance.

    Total less the insurer's share, less what is not owed any more, less what was paid before and now, is the balance.
    What the ``known`` shares leave open stands among them as something that no receipt tells, never nowhere.
    """
    before_minor = total_minor - insurer_share_minor - returned_minor - paid_now_minor - balance_after_minor
    open_minor = before_minor - sum(share.amount_minor for share in known)
    others = (EarlierShare(kind=EarlierKind.OTHER.value, amount_minor=open_minor),) if open_minor else ()
    return ReceiptInvoice(
        number=number,
        department=department,
        issued_on=issued_on,
        total_minor=total_minor,
        insurer_share_minor=insurer_share_minor,
        returned_minor=returned_minor,
        paid_now_minor=paid_now_minor,
        balance_after_minor=balance_after_minor,
        earlier=(*known, *others),
        services=tuple(services),
    )


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

    On the receipt of a refund ``kind`` is ``refund``, ``original_number`` names the receipt of the payment,
    ``original_on`` its day, and amounts are negative; ``refund_failed`` says that such money came back,
    ``reversal`` that a bank took it and it is owed again. ``reason`` is
    in the words of its day, for a ``reason_code`` that is not known. ``unallocated_minor`` is what no invoice took, a
    deposit included. ``patient_name`` and ``patient_born`` are empty unless the hospital wants them on its receipts.
    ``is_training`` where no money moved: it is marked for ever. ``credit_note`` is the number of the note whose
    credit goes back.
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
    original_on: str = ""
    credit_note: str = ""
    patient_name: str = ""
    patient_born: str = ""
    reason: str = ""
    reason_code: str = ""
    is_training: bool = False

    @property
    def total_minor(self) -> int:
        """The sum that was paid, in the minor unit of ``currency``; negative when it went back."""
        return sum(tender.amount_minor for tender in self.tenders)

    @property
    def balance_minor(self) -> int:
        """What stays to be paid of its invoices."""
        return sum(invoice.balance_after_minor for invoice in self.invoices)

    @property
    def adds_up(self) -> bool:
        """Tell whether what was paid is what stands at the invoices and on the account, and each invoice adds up."""
        taken_minor = sum(invoice.paid_now_minor for invoice in self.invoices)
        return taken_minor + self.unallocated_minor == self.total_minor and all(
            invoice.adds_up for invoice in self.invoices
        )


def freeze(facts: ReceiptFacts) -> str:
    """Write ``facts`` as the JSON that is stored."""
    return msgspec.json.encode(facts, order="sorted").decode()


def thaw(text: str) -> ReceiptFacts:
    """Read stored facts. Facts of older versions stay readable: new fields get defaults."""
    return msgspec.json.decode(text, type=ReceiptFacts)
