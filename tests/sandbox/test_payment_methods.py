"""Customers and their cards."""

from __future__ import annotations

import pytest
import stripe


async def test_a_card_is_kept_without_its_number(wire, sandbox):
    form = {"type": "card", "card[number]": "5555555555554444", "card[exp_month]": "12", "card[exp_year]": "40"}

    method = (await wire.post("/v1/payment_methods", form)).body

    assert (method["card"]["brand"], method["card"]["last4"]) == ("mastercard", "4444")
    dump = "\n".join(sandbox.account.store.connection.iterdump())
    assert "5555555555554444" not in dump


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"card[number]": "4242424242424241"}, "incorrect_number"),
        ({"card[number]": "42"}, "incorrect_number"),
        ({"card[number]": "4111111111111111"}, "card_declined"),
        ({"card[exp_month]": "13"}, "invalid_expiry_month"),
        ({"card[exp_year]": "2020"}, "invalid_expiry_year"),
        ({"card[cvc]": "12"}, "invalid_cvc"),
    ],
)
async def test_a_wrongly_typed_card_is_a_card_error(wire, change, code):
    good = {"type": "card", "card[number]": "4242424242424242", "card[exp_month]": "12", "card[exp_year]": "40"}

    answer = await wire.post("/v1/payment_methods", good | change)

    assert answer.status == 402
    assert (answer.error["type"], answer.error["code"]) == ("card_error", code)


async def test_a_token_is_used_up(client):
    method = {"type": "card", "card": {"token": "tok_mastercard"}}
    first = await client.v1.payment_methods.create_async(method)
    assert first.card.brand == "mastercard"

    card = {"number": "4242424242424242", "exp_month": "1", "exp_year": "2045", "cvc": "123"}
    token = await client.v1.tokens.create_async({"card": card})
    await client.v1.payment_methods.create_async({"type": "card", "card": {"token": token.id}})
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await client.v1.payment_methods.create_async({"type": "card", "card": {"token": token.id}})

    assert refusal.value.code == "token_already_used"


async def test_cards_are_attached_listed_updated_and_detached(client):
    customer = await client.v1.customers.create_async({"email": "someone@example.com"})
    method = await client.v1.payment_methods.attach_async("pm_card_visa", {"customer": customer.id})
    await client.v1.payment_methods.update_async(method.id, {"allow_redisplay": "always"})

    shown = await client.v1.customers.payment_methods.list_async(customer.id, {"allow_redisplay": "always"})
    hidden = await client.v1.payment_methods.list_async({"customer": customer.id, "allow_redisplay": "limited"})
    detached = await client.v1.payment_methods.detach_async(method.id)

    assert [found.id for found in shown.data] == [method.id]
    assert hidden.data == []
    assert detached.customer is None
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        await client.v1.payment_methods.attach_async(method.id, {"customer": customer.id})


async def test_a_card_that_declines_cannot_be_saved_except_the_one_that_declines_later(client):
    customer = await client.v1.customers.create_async({})

    with pytest.raises(stripe.CardError):
        await client.v1.payment_methods.attach_async("pm_card_visa_chargeDeclined", {"customer": customer.id})
    saved = await client.v1.payment_methods.attach_async("pm_card_chargeCustomerFail", {"customer": customer.id})

    assert saved.customer == customer.id


async def test_the_default_card_has_to_be_the_customers_own(client):
    customer = await client.v1.customers.create_async({"payment_method": "pm_card_visa"})
    [own] = (await client.v1.customers.payment_methods.list_async(customer.id)).data
    other = await client.v1.payment_methods.create_async({"type": "card", "card": {"token": "tok_visa"}})

    changed = await client.v1.customers.update_async(
        customer.id, {"invoice_settings": {"default_payment_method": own.id}}
    )
    with pytest.raises(stripe.InvalidRequestError):
        await client.v1.customers.update_async(
            customer.id, {"invoice_settings": {"default_payment_method": other.id}}
        )

    assert changed.invoice_settings.default_payment_method == own.id


async def test_a_deleted_customer_leaves_a_stub_and_no_cards(client):
    customer = await client.v1.customers.create_async({"payment_method": "pm_card_visa"})

    await client.v1.customers.delete_async(customer.id)

    assert (await client.v1.customers.retrieve_async(customer.id)).deleted is True
    assert (await client.v1.customers.list_async()).data == []
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await client.v1.payment_intents.create_async({"amount": 500, "currency": "eur", "customer": customer.id})
    assert refusal.value.code == "resource_missing"


async def test_a_card_that_its_bank_replaces_is_updated_by_stripe_itself(client, wire):
    customer = await client.v1.customers.create_async({"payment_method": "pm_card_visa"})
    [saved] = (await client.v1.customers.payment_methods.list_async(customer.id)).data

    order = {"payment_method": saved.id, "exp_month": 5, "exp_year": 2031, "card": "visa_debit"}
    await wire.control("cards", order)

    [updated] = (await client.v1.customers.payment_methods.list_async(customer.id)).data
    assert (updated.id, updated.card.last4, updated.card.exp_month, updated.card.exp_year) == (
        saved.id, "5556", 5, 2031,
    )  # fmt: skip
    assert updated.card.fingerprint != saved.card.fingerprint
    [event] = (await client.v1.events.list_async({"type": "payment_method.automatically_updated"})).data
    assert event.data.to_dict()["previous_attributes"]["card"]["last4"] == "4242"


async def test_an_update_tells_what_was_there_before(client):
    customer = await client.v1.customers.create_async({"name": "Before", "metadata": {"a": "1"}})

    await client.v1.customers.update_async(customer.id, {"name": "After", "metadata": {"b": "2"}})

    [event] = (await client.v1.events.list_async({"type": "customer.updated"})).data
    assert event.data.to_dict()["previous_attributes"] == {"name": "Before", "metadata": {"b": None}}


async def test_a_wrong_email_address_is_refused(wire):
    answer = await wire.post("/v1/customers", {"email": "not an address"})

    assert answer.error["code"] == "email_invalid"
