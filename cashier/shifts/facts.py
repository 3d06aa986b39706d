"""What stands on a shift's report: collected at any time for an X report, frozen at the closing for the Z report."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from cashier.books.training import series_of


class ReportKind(StrEnum):
    """X: how it stands, as often as wanted. Z: how it ended, once."""

    X = "x"
    Z = "z"


class TenderSum(msgspec.Struct, frozen=True, kw_only=True):
    """The payments of a shift by one tender in one currency.

    ``amount_minor`` is what counts towards invoices; of cash, ``rounding_minor`` came (or went) beside it for want of
    small coins. It is None where the drawer is still to be counted blind.
    """

    tender: str
    currency: str
    count: int
    amount_minor: int | None
    rounding_minor: int = 0


class RefundSum(msgspec.Struct, frozen=True, kw_only=True):
    """The refunds of a shift that went one way. Of cash, ``amount_minor`` is what left the drawer, None as above."""

    way: str
    currency: str
    count: int
    amount_minor: int | None


class MovementLine(msgspec.Struct, frozen=True, kw_only=True):
    """Money put into the drawer or taken out."""

    at: str
    kind: str
    amount_minor: int
    reason: str
    who: str


class CountLine(msgspec.Struct, frozen=True, kw_only=True):
    """So many pieces of one value were counted."""

    value_minor: int
    pieces: int


class PendingLine(msgspec.Struct, frozen=True, kw_only=True):
    """A payment that a bank had still to decide about. Days are those of the hospital's calendar.

    ``method`` is Stripe's code of what it is paid with, where that is known. Once it is decided, ``receipt`` is what
    it was receipted with; none: nothing was paid.
    """

    payment: str
    tender: str
    method: str
    last_four: str
    amount_minor: int
    currency: str
    since: str
    until: str = ""
    invoices: str = ""
    receipt: str = ""


class ShiftFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on a shift's report. Moments are ISO 8601 with the hospital's own offset.

    Below zero, ``number`` is that of a shift in training, which is marked for ever.

    ``expected_minor`` is None on an X report for who will count the drawer. ``counted_times`` is how often it was
    counted; ``pending`` is carried over at the desk, and ``decided`` what was carried over before and has ended:
    neither is in ``tenders``. ``journal_number`` and ``journal_hash`` are the journal's entry of the closing,
    ``former_number`` and ``former_hash`` that of the closing before it at this desk, where there was one.
    """

    kind: ReportKind
    number: int
    hospital: str
    legal_name: str
    tax_id: str
    address: str
    phone: str
    desk_code: str
    desk_name: str
    currency: str
    opened_at: str
    opened_by: str
    made_at: str
    made_by: str
    float_minor: int
    tenders: tuple[TenderSum, ...]
    refunds: tuple[RefundSum, ...]
    movements: tuple[MovementLine, ...]
    pending: tuple[PendingLine, ...] = ()
    decided: tuple[PendingLine, ...] = ()
    first_receipt: str = ""
    last_receipt: str = ""
    receipts: int = 0
    counts: tuple[CountLine, ...] = ()
    counted_times: int = 0
    expected_minor: int | None = None
    counted_minor: int | None = None
    reason: str = ""
    approved_by: str = ""
    journal_number: int | None = None
    journal_hash: str = ""
    former_number: int | None = None
    former_hash: str = ""

    @property
    def name(self) -> str:
        """Name the shift as people do: desk and number, ``D1-7``."""
        return name_of(self.desk_code, self.number)

    @property
    def is_training(self) -> bool:
        """Tell whether no money moved in this shift."""
        return self.number < 0

    @property
    def difference_minor(self) -> int | None:
        """What is over (positive) or short; None before the closing."""
        if self.expected_minor is None or self.counted_minor is None:
            return None
        return self.counted_minor - self.expected_minor


def name_of(desk_code: str, number: int) -> str:
    """Name a shift: ``D1-7``, one of training ``T-D1-7``."""
    return f"{series_of(desk_code, is_training=number < 0)}-{abs(number)}"


def freeze(facts: ShiftFacts) -> str:
    """Write ``facts`` as the JSON that is stored."""
    return msgspec.json.encode(facts, order="sorted").decode()


def thaw(text: str) -> ShiftFacts:
    """Read stored facts. Facts of older versions stay readable: new fields get defaults."""
    return msgspec.json.decode(text, type=ShiftFacts)
