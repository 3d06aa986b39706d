"""What goes in and comes out, by the names that the hospital's system knows. Money: whole minor units and a currency.

A field's name and meaning never change within ``/api/v1``; fields may be added.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

_TEXT = r"^[^\x00-\x1f\x7f]+$"

InvoiceNumber = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=_TEXT,
        description="The invoice's number, to the letter.",
        examples=["INV-2026-000001"],
    ),
]
RecordNumber = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=_TEXT,
        description="The patient's record number, to the letter.",
        examples=["MRN-0000101"],
    ),
]
Amount = Annotated[
    int, Meta(ge=1, le=99_999_999_999, description="In minor units of the currency: 1500 is 15.00 EUR, 1500 JPY.")
]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$", description="ISO 4217, three capitals.")]
MethodId = Annotated[
    str, Meta(pattern=r"^pm_[A-Za-z0-9_]{1,120}$", description="A saved payment method, as Stripe calls it.")
]
IntentStatus = Literal[
    "requires_payment_method", "requires_confirmation", "requires_action", "processing", "succeeded", "canceled"
]


class InvoiceShare(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So much of one invoice; without an amount, what is due on it."""

    invoice_id: InvoiceNumber
    amount: Amount | None = None


class StripePaymentIntentCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be paid: one invoice (`invoice_id`), or several of one patient (`invoices`).

    Without an amount it is what is due. `currency` need not be sent; if it is, it has to be the invoice's. With
    `save_payment_method` the payer agreed that the card is kept; with `pay_again`, to pay the same amount once more.
    """

    invoice_id: InvoiceNumber | None = None
    amount: Amount | None = None
    invoices: Annotated[tuple[InvoiceShare, ...], Meta(min_length=1, max_length=20)] | None = None
    currency: Currency | None = None
    save_payment_method: bool = False
    pay_again: bool = False


class PaidInvoice(msgspec.Struct, frozen=True):
    """So much of this invoice is paid by it."""

    invoice_id: str
    amount: int


class StripePaymentIntentResponse(msgspec.Struct, frozen=True):
    """An intent. Stripe.js pays it with `client_secret` and `publishable_key`, until `expires_at`."""

    id: str
    client_secret: str | None
    amount: int
    currency: str
    status: IntentStatus
    publishable_key: str
    invoices: tuple[PaidInvoice, ...]
    payment_id: str
    expires_at: str


class StripePaymentConfirm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """With `payment_method_id`, a saved method of the same patient is charged; without, Stripe is only asked.

    `return_url` is where the bank's page comes back to; its origin has to be allowed in the settings.
    """

    payment_method_id: MethodId | None = None
    return_url: Annotated[str, Meta(max_length=500, pattern=r"^https?://[^\x00-\x20]+$")] | None = None


class LastPaymentError(msgspec.Struct, frozen=True):
    """Why the last try failed: Stripe's code, and words for the payer."""

    code: str
    message: str


class NextAction(msgspec.Struct, frozen=True):
    """What the payer has to do: open `redirect_to_url`, or let Stripe.js do it (`use_stripe_sdk`)."""

    type: Literal["redirect_to_url", "use_stripe_sdk"]
    redirect_to_url: str | None = None


class StripePaymentIntentStatus(msgspec.Struct, frozen=True):
    """How an intent stands. `client_secret` is there while it can be paid, for keys that may take payments."""

    id: str
    status: IntentStatus
    amount: int
    amount_received: int
    currency: str
    invoices: tuple[PaidInvoice, ...]
    payment_id: str
    client_secret: str | None = None
    last_payment_error: LastPaymentError | None = None
    next_action: NextAction | None = None
    receipt_number: str | None = None


RefundReason = Literal["duplicate", "fraudulent", "requested_by_customer"]


class StripeRefundCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to go back; without an amount, all that can. `note` is for whoever approves: nothing about health."""

    payment_intent_id: Annotated[str, Meta(pattern=r"^pi_[A-Za-z0-9_]{1,120}$")]
    note: Annotated[str, Meta(min_length=1, max_length=300, pattern=_TEXT)]
    amount: Amount | None = None
    reason: RefundReason = "requested_by_customer"


class StripeRefundResponse(msgspec.Struct, frozen=True):
    """A refund as it stands. `stripe_refund_id` is there as soon as Stripe has heard of it."""

    id: str
    payment_intent_id: str
    amount: int
    currency: str
    status: Literal["pending_approval", "approved", "pending", "succeeded", "failed", "rejected", "expired"]
    reason: RefundReason
    stripe_refund_id: str | None = None
    receipt_number: str | None = None


class StripePaymentMethodResponse(msgspec.Struct, frozen=True):
    """A saved card: never its number."""

    id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    is_default: bool


class StripePaymentMethodList(msgspec.Struct, frozen=True):
    """Saved cards, the default one first."""

    data: tuple[StripePaymentMethodResponse, ...]
    has_more: bool


class StripeCustomerResponse(msgspec.Struct, frozen=True):
    """A patient as Stripe's customer; `id` is null while Stripe does not know the patient."""

    id: str | None
    patient_id: str
    default_payment_method: StripePaymentMethodResponse | None


class StripeReceiptResponse(msgspec.Struct, frozen=True):
    """What stands on a receipt."""

    receipt_number: str
    issued_at: str
    payment_intent_id: str
    amount: int
    currency: str
    hospital: str
    invoices: tuple[PaidInvoice, ...]
    card_brand: str | None
    card_last4: str | None


class StripeWebhookEvent(msgspec.Struct, frozen=True):
    """An event as Stripe sends and signs it; everything else in it is Stripe's, and read from Stripe."""

    id: str
    type: str
    livemode: bool


class WebhookReceived(msgspec.Struct, frozen=True):
    """It is stored."""

    received: bool


class WebhookRefused(msgspec.Struct, frozen=True):
    """It is not stored; why is for whoever looks at Stripe's dashboard."""

    error: str


RULES: Mapping[str, Mapping[str, object]] = {
    "StripePaymentIntentCreate": {
        "oneOf": [
            {
                "required": ["invoice_id"],
                "properties": {"invoice_id": {"type": "string"}, "invoices": {"type": "null"}},
            },
            {
                "required": ["invoices"],
                "properties": {
                    "invoices": {"type": "array"},
                    "invoice_id": {"type": "null"},
                    "amount": {"type": "null"},
                },
            },
        ]
    },
    "TokenCreate": {
        "oneOf": [
            {
                "required": ["patient_id"],
                "properties": {"patient_id": {"type": "string"}, "invoice_id": {"type": "null"}},
            },
            {
                "required": ["invoice_id"],
                "properties": {"invoice_id": {"type": "string"}, "patient_id": {"type": "null"}},
            },
        ]
    },
}
"""What holds between the fields of a type, for its description; the handlers check it."""
