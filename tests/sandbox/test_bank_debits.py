"""Debits of bank accounts: processing for days, paid or refused by the bank, and taken back after that."""

from __future__ import annotations

import pytest

DAY = 86_400
PAYER = {"name": "Account Holder", "email": "holder@example.org"}


async def debited(wire, iban, *, currency="eur"):
    """Confirm an intent with an account; return it."""
    data = {f"payment_method_data[billing_details][{name}]": value for name, value in PAYER.items()}
    form = {
        "amount": "2500", "currency": currency, "confirm": "true", "allowed_payment_method_types[]": "sepa_debit",
        "payment_method_data[type]": "sepa_debit", "payment_method_data[sepa_debit][iban]": iban, **data,
    }  # fmt: skip
    return await wire.post("/v1/payment_intents", form)


async def look(wire, intent):
    return (await wire.get(f"/v1/payment_intents/{intent['id']}?expand[]=latest_charge")).body


@pytest.mark.parametrize(
    ("iban", "intent_status", "charge_status", "why"),
    [
        ("DE89370400440532013000", "succeeded", "succeeded", None),
        ("DE62370400440532013001", "requires_payment_method", "failed", "debit_not_authorized"),
        ("DE65370400440002222227", "requires_payment_method", "failed", "insufficient_funds"),
    ],
)
async def test_the_bank_decides_after_days(wire, iban, intent_status, charge_status, why):
    begun = (await debited(wire, iban)).body
    waiting = await look(wire, begun)
    await wire.control("clock", {"advance_seconds": 3 * DAY + 1})
    ended = await look(wire, begun)

    assert (waiting["status"], waiting["latest_charge"]["status"]) == ("processing", "pending")
    assert (ended["status"], ended["latest_charge"]["status"]) == (intent_status, charge_status)
    assert ended["latest_charge"]["failure_code"] == why
    assert (ended["last_payment_error"] or {}).get("code") == why
    assert ended["latest_charge"]["payment_method_details"]["sepa_debit"]["last4"] == iban[-4:]


async def test_a_debit_is_taken_back_after_it_was_paid(wire):
    begun = (await debited(wire, "DE35370400440532013002")).body
    await wire.control("clock", {"advance_seconds": 3 * DAY + 1})
    paid = await look(wire, begun)
    await wire.control("clock", {"advance_seconds": DAY + 1})
    (dispute,) = (await wire.get("/v1/disputes")).body["data"]

    assert paid["status"] == "succeeded"
    assert (dispute["status"], dispute["reason"]) == ("lost", "debit_not_authorized")
    assert (await look(wire, begun))["latest_charge"]["disputed"]


async def test_a_debit_has_its_currency_and_an_account_for_tests(wire):
    in_dollars = await debited(wire, "DE89370400440532013000", currency="usd")
    unknown = await debited(wire, "DE00370400440532013999")

    assert in_dollars.error["code"] == "payment_method_invalid_parameter"
    assert unknown.error["code"] == "invalid_bank_account_iban"
