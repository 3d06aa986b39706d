"""Cards that are held to a reader or typed into it, and the copy that can be charged again later.

https://docs.stripe.com/terminal/features/saving-payment-details/overview
https://docs.stripe.com/terminal/features/mail-telephone-orders/overview
"""

from __future__ import annotations

from datetime import UTC, datetime

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, invalid
from cashier.sandbox.engine.ids import new_id
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.objects.cards import Card, card_from_private, fingerprint
from cashier.sandbox.objects.payment_methods import add_card, attach_to
from cashier.sandbox.objects.test_cards import TestCard, card_named, card_numbered

_USUAL_CARD = "visa"


def presented_card(params: Json, ordered: str | None) -> TestCard:
    """Return the test card that a test helper names by its number, or the one ordered before, or a good one."""
    kind = params.get("type") or "card_present"
    if kind == "interac_present":
        raise invalid("The sandbox's readers take card_present only.", param="type")
    number = (params.get(kind) or {}).get("number")
    card = card_numbered(number) if number else card_named(ordered or _USUAL_CARD)
    if card is None:
        raise invalid("This is not one of the test cards.", param=f"{kind}[number]")
    return card


def add_present_card(account: Account, test_card: TestCard, reader: Json) -> Json:
    """Add the payment method of a card that was held to ``reader``; it serves for this one payment."""
    today = datetime.fromtimestamp(account.now, UTC)
    card = Card(test_card=test_card, exp_month=today.month, exp_year=today.year + 1, cvc_given=False)
    address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    method = skeleton(
        "payment_method",
        id=new_id("pm"),
        allow_redisplay="unspecified",
        billing_details={"address": address, "email": None, "name": None, "phone": None, "tax_id": None},
        card_present=skeleton(
            "payment_method.PaymentMethod.CardPresent",
            brand=test_card.brand,
            country=test_card.country,
            exp_month=card.exp_month,
            exp_year=card.exp_year,
            fingerprint=fingerprint(account, test_card),
            funding=test_card.funding,
            last4=test_card.last4,
            networks={"available": [test_card.brand], "preferred": None},
            preferred_locales=["en"],
            read_method="contactless_emv",
        ),
        created=account.now,
        livemode=False,
        metadata={},
        type="card_present",
    )
    where = {"location": reader["location"], "reader": reader["id"], "spent": True}
    return account.add(method, card.private() | where)


def add_typed_card(account: Account, test_card: TestCard, reader: Json) -> Json:
    """Add the payment method of a card that was told by telephone or letter and typed into ``reader``."""
    today = datetime.fromtimestamp(account.now, UTC)
    card = Card(test_card=test_card, exp_month=today.month, exp_year=today.year + 1, cvc_given=True)
    method = add_card(account, card)
    return account.save(method, card.private() | {"moto": True, "reader": reader["id"], "spent": True})


def add_generated_card(
    account: Account,
    method: Json,
    customer_id: str,
    *,
    allow_redisplay: str,
    charge: str | None = None,
    setup_attempt: str | None = None,
) -> Json:
    """Save for the customer a card that was read by a reader, as one that can be charged without it."""
    private = account.private(method["id"])
    copy = add_card(account, card_from_private(private), allow_redisplay=allow_redisplay)
    copy["card"]["generated_from"] = {
        "charge": charge,
        "payment_method_details": {"type": "card_present"},
        "setup_attempt": setup_attempt,
    }
    # The cardholder was there with the chip, so the bank counts the card as set up.
    account.save(copy, account.private(copy["id"]) | {"set_up": True})
    return attach_to(account, copy, customer_id)
