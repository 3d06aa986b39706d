"""What Stripe says about a payment, in our words: made by the gateway, taken in by ``Payment.learn``."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cashier.money import Money


class Standing(StrEnum):
    """Where a payment stands at Stripe."""

    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Tell whether Stripe will not change it any more."""
        return self in (Standing.PAID, Standing.CANCELLED)


@dataclass(frozen=True, kw_only=True)
class CardFacts:
    """What may be kept of a card: no number, ever. ``stripe_id`` is set where the patient had it saved.

    Of what is no card, ``brand`` is what Stripe calls the method, and ``last_four`` ends the account's number.
    """

    brand: str
    last_four: str
    expires_month: int = 0
    expires_year: int = 0
    stripe_id: str | None = None


class VoucherNumber(StrEnum):
    """What a number is called by which a voucher is paid."""

    ENTITY = "entity"
    REFERENCE = "reference"
    NUMBER = "number"


@dataclass(frozen=True, kw_only=True)
class VoucherFacts:
    """By which ``numbers`` a voucher is paid; ``address`` is the page that shows it. Never stored."""

    numbers: tuple[tuple[VoucherNumber, str], ...]
    address: str


@dataclass(frozen=True, kw_only=True)
class PaymentReport:
    """What Stripe says about one payment at one moment.

    ``received`` is what was charged (only when paid); ``decline_code`` belongs to the last attempt;
    ``pending_until`` is when the bank will have decided, as far as Stripe says it, or as such methods take;
    ``page_url`` is where the patient goes on; ``status`` is what Stripe calls the standing of an intent, and with its
    ``client_secret`` the payer's browser goes on. None of the three is ever stored, nor is the ``voucher`` by which
    the payer has to pay. ``reference`` is whose payment the intent says that it is: the id of one of ours.
    """

    standing: Standing
    session_id: str | None = None
    intent_id: str | None = None
    charge_id: str | None = None
    received: Money | None = None
    decline_code: str | None = None
    card: CardFacts | None = None
    pending_until: datetime | None = None
    page_url: str | None = None
    status: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    voucher: VoucherFacts | None = None
    reference: str | None = None
