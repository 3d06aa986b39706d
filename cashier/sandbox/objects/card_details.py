"""What a charge tells about its card, typed, saved or read by a reader, or about what else it was paid with."""

from __future__ import annotations

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json
from cashier.sandbox.engine.ids import random_text
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.objects.bank_accounts import account_named, charged_part
from cashier.sandbox.objects.bank_redirects import REDIRECTS, redirect_charged
from cashier.sandbox.objects.cards import card_from_private
from cashier.sandbox.objects.vouchers import VOUCHERS, voucher_charged

_AUTHORIZED_SECONDS = 7 * 24 * 60 * 60
_AUTHORIZED_PRESENT_SECONDS = 2 * 24 * 60 * 60


def charged_details(account: Account, method: Json, amount_minor: int, captured: bool, authenticated: bool) -> Json:
    """Return ``payment_method_details`` of a charge: the part for this type of payment method, and the type."""
    bank_account = account_named(account.private(method["id"]))
    if bank_account is not None:
        kind = bank_account.kind
        return {kind: charged_part(bank_account, method[kind]), "type": kind}
    if method["type"] in REDIRECTS:
        return {method["type"]: redirect_charged(method["type"]), "type": method["type"]}
    if method["type"] in VOUCHERS:
        return {method["type"]: voucher_charged(account, method), "type": method["type"]}
    if method["type"] == "card_present":
        return {"card_present": _present_details(account, method, amount_minor, captured), "type": "card_present"}
    return {"card": _card_details(account, method, amount_minor, captured, authenticated), "type": "card"}


def _present_details(account: Account, method: Json, amount_minor: int, captured: bool) -> Json:
    public, private = method["card_present"], account.private(method["id"])
    shown = ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "read_method")
    return skeleton(
        "charge.Charge.PaymentMethodDetails.CardPresent",
        amount_authorized=amount_minor,
        capture_before=None if captured else account.now + _AUTHORIZED_PRESENT_SECONDS,
        incremental_authorization_supported=False,
        location=private["location"],
        network=public["brand"],
        network_transaction_id=f"{account.now}{random_text(5).upper()}",
        overcapture_supported=False,
        preferred_locales=["en"],
        reader=private["reader"],
        receipt=_printed_on_the_receipt(method),
        **{name: public[name] for name in shown},
    )


def _printed_on_the_receipt(method: Json) -> Json:
    """Return the facts of the chip that card schemes want on a receipt."""
    return {
        "account_type": method["card_present"]["funding"]
        if method["card_present"]["funding"] != "debit"
        else "checking",
        "application_cryptogram": random_text(16).upper(),
        "application_preferred_name": f"Stripe {str(method['card_present']['brand']).title()} Credit",
        "authorization_code": f"{int.from_bytes(method['id'][-3:].encode()) % 1_000_000:06d}",
        "authorization_response_code": "3030",
        "cardholder_verification_method": "approval",
        "dedicated_file_name": "A000000003101001",
        "terminal_verification_results": "0000000000",
        "transaction_status_information": "0000",
    }


def _card_details(account: Account, method: Json, amount_minor: int, captured: bool, authenticated: bool) -> Json:
    private = account.private(method["id"])
    card = card_from_private(private)
    test_card, public = card.test_card, method["card"]
    address = method["billing_details"]["address"]
    return skeleton(
        "charge.Charge.PaymentMethodDetails.Card",
        amount_authorized=amount_minor,
        authorization_code=f"{int.from_bytes(method['id'][-3:].encode()) % 1_000_000:06d}",
        brand=test_card.brand,
        capture_before=None if captured else account.now + _AUTHORIZED_SECONDS,
        checks={
            "address_line1_check": test_card.address_check if address["line1"] else None,
            "address_postal_code_check": test_card.postal_check if address["postal_code"] else None,
            "cvc_check": test_card.cvc_check if card.cvc_given else None,
        },
        country=public["country"],
        exp_month=public["exp_month"],
        exp_year=public["exp_year"],
        extended_authorization={"status": "disabled"},
        fingerprint=public["fingerprint"],
        funding=public["funding"],
        incremental_authorization={"status": "unavailable"},
        last4=public["last4"],
        moto=private.get("moto"),
        multicapture={"status": "unavailable"},
        network=test_card.brand,
        network_token={"used": False},
        network_transaction_id=f"{account.now}{random_text(5).upper()}",
        overcapture={"maximum_amount_capturable": amount_minor, "status": "unavailable"},
        regulated_status="unregulated",
        three_d_secure=_authentication_result() if authenticated else None,
    )


def _authentication_result() -> Json:
    return skeleton(
        "charge.Charge.PaymentMethodDetails.Card.ThreeDSecure",
        authentication_flow="challenge",
        electronic_commerce_indicator="05",
        result="authenticated",
        transaction_id=random_text(36).lower(),
        version="2.2.0",
    )
