"""What may be paid with on Stripe's page beside cards, one row a method: for which currencies, and how long it takes.

None of them is left to what is switched on in Stripe's dashboard: a payment names the methods that it allows.
https://docs.stripe.com/payments/payment-methods/payment-method-support
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from cashier.language import NOTHING, Message, m, mc
from cashier.tenders.refund_way import RefundWay

CARD = "card"
"""What Stripe calls a card that is typed, saved or in a wallet; no setting takes it away."""


@dataclass(frozen=True, kw_only=True)
class MethodRow:
    """One method by its own ``name``; ``currencies`` None: any.

    ``kind`` is what a receipt calls it. The bank decides within about ``decided_within`` days; None: at once.
    Where the payer is given a voucher, ``place`` is where that is paid. ``way_back`` is how money of it is refunded:
    what Stripe cannot send back is sent by the hospital's bank. https://docs.stripe.com/refunds
    """

    name: str
    kind: Message
    currencies: frozenset[str] | None
    decided_within: timedelta | None = None
    place: Message = NOTHING
    way_back: RefundWay = RefundWay.CARD

    @property
    def is_debit(self) -> bool:
        """Tell whether a bank takes the money off an account, days later."""
        return self.kind == _DEBIT

    @property
    def is_voucher(self) -> bool:
        """Tell whether the payer is given a number, and pays by it later, or never."""
        return self.kind == _VOUCHER


_DEBIT = mc("way to pay", "Bank debit")
_REDIRECT = mc("way to pay", "Online banking")
_VOUCHER = mc("way to pay", "Voucher")


def _row(
    name: str,
    kind: Message,
    *currencies: str,
    days: int = 0,
    place: Message = NOTHING,
    way_back: RefundWay = RefundWay.CARD,
) -> MethodRow:
    within = timedelta(days=days) if days else None
    return MethodRow(
        name=name, kind=kind, currencies=frozenset(currencies), decided_within=within, place=place, way_back=way_back
    )


_AT_BANKS = m("At a bank, at a cash machine, or in the bank's app")


METHODS: Mapping[str, MethodRow] = {
    CARD: MethodRow(name="Card", kind=mc("way to pay", "Card"), currencies=None),
    "sepa_debit": _row("SEPA Direct Debit", _DEBIT, "EUR", days=14),
    "us_bank_account": _row("ACH Direct Debit", _DEBIT, "USD", days=5),
    "bacs_debit": _row("Bacs Direct Debit", _DEBIT, "GBP", days=6),
    "acss_debit": _row("Pre-authorized debit", _DEBIT, "CAD", "USD", days=5),
    "au_becs_debit": _row("BECS Direct Debit", _DEBIT, "AUD", days=5),
    "boleto": _row("Boleto", _VOUCHER, "BRL", days=5, place=_AT_BANKS, way_back=RefundWay.BANK_TRANSFER),
    "konbini": _row("Konbini", _VOUCHER, "JPY", days=4, place=m("In cash at a convenience store")),
    "multibanco": _row("Multibanco", _VOUCHER, "EUR", days=8, place=_AT_BANKS),
    "oxxo": _row(
        "OXXO", _VOUCHER, "MXN", days=5, place=m("In cash at any OXXO store"), way_back=RefundWay.BANK_TRANSFER
    ),
    "bancontact": _row("Bancontact", _REDIRECT, "EUR"),
    "eps": _row("EPS", _REDIRECT, "EUR"),
    "ideal": _row("iDEAL", _REDIRECT, "EUR"),
    "p24": _row("Przelewy24", _REDIRECT, "EUR", "PLN"),
}
"""By what Stripe calls each."""


def methods_for(currency: str, offered: Iterable[str]) -> tuple[str, ...]:
    """Return those of the ``offered`` methods that take ``currency``, cards first and always."""
    rows = {code: METHODS[code] for code in offered if code != CARD}
    return (CARD, *(code for code, row in rows.items() if row.currencies is None or currency in row.currencies))


def other_method(code: str | None) -> MethodRow | None:
    """Return the method that Stripe calls ``code``, where it is one and no card."""
    return METHODS.get(code or "") if code != CARD else None
