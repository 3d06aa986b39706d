"""Payment intents through the official SDK: every way a payment can go."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from cashier.sandbox.objects.authentication import answer_challenge, return_address

CARD_ONLY: dict[str, Any] = {"amount": 2500, "currency": "eur", "allowed_payment_method_types": ["card"]}
RETURN_URL = "https://cashier.invalid/back?desk=1"


async def _pay(client: stripe.StripeClient, method: str, **more: Any) -> Any:
    params: Any = {**CARD_ONLY, "confirm": True, "payment_method": method, **more}
    return await client.v1.payment_intents.create_async(params)


async def _types(client: stripe.StripeClient) -> list[str]:
    events = await client.v1.events.list_async({"limit": 100})
    return [event.type for event in reversed(events.data)]


def _error(failure: stripe.StripeError) -> Any:
    return failure.error


def _challenge_of(intent: Any) -> str:
    return str(intent.next_action.redirect_to_url.url.rsplit("/", 1)[-1])


async def test_a_good_card_pays(client):
    intent = await _pay(client, "pm_card_visa")

    assert (intent.status, intent.amount_received) == ("succeeded", 2500)
    charge = await client.v1.charges.retrieve_async(intent.latest_charge, {"expand": ["balance_transaction"]})
    assert (charge.paid, charge.captured, charge.payment_intent) == (True, True, intent.id)
    assert charge.balance_transaction.net == 2500 - charge.balance_transaction.fee
    assert await _types(client) == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


async def test_the_path_of_a_payment_in_steps(client):
    made = await client.v1.payment_intents.create_async(CARD_ONLY)
    ready = await client.v1.payment_intents.update_async(made.id, {"payment_method": "pm_card_visa"})
    paid = await client.v1.payment_intents.confirm_async(made.id)

    assert made.status == "requires_payment_method"
    assert ready.status == "requires_confirmation"
    assert paid.status == "succeeded"


async def test_a_repeated_confirmation_of_a_paid_intent_is_refused(client):
    intent = await _pay(client, "pm_card_visa")

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await client.v1.payment_intents.confirm_async(intent.id)

    assert refusal.value.code == "payment_intent_unexpected_state"
    assert _error(refusal.value).payment_intent.id == intent.id


@pytest.mark.parametrize(
    ("method", "code", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", None),
        ("pm_card_radarBlock", "card_declined", "fraudulent"),
        ("pm_card_chargeCustomerFail", "card_declined", "generic_decline"),
    ],
)
async def test_a_declined_card_leaves_a_failed_charge_and_an_open_intent(client, method, code, decline_code):
    with pytest.raises(stripe.CardError) as decline:
        await _pay(client, method)

    error = _error(decline.value)
    assert (error.code, getattr(error, "decline_code", None)) == (code, decline_code)
    intent = await client.v1.payment_intents.retrieve_async(error.payment_intent.id)
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error.code == code
    charge = await client.v1.charges.retrieve_async(intent.latest_charge)
    assert (charge.status, charge.failure_code, charge.balance_transaction) == ("failed", code, None)
    assert (await _types(client))[1:] == ["charge.failed", "payment_intent.payment_failed"]


async def test_after_a_decline_another_card_can_pay(client):
    with pytest.raises(stripe.CardError) as decline:
        await _pay(client, "pm_card_chargeDeclined")

    paid = await client.v1.payment_intents.confirm_async(
        _error(decline.value).payment_intent.id, {"payment_method": "pm_card_visa"}
    )

    assert paid.status == "succeeded"
    assert paid.last_payment_error is None


async def test_a_passed_challenge_pays(client, sandbox):
    waiting = await _pay(client, "pm_card_authenticationRequired", return_url=RETURN_URL)
    assert waiting.status == "requires_action"
    challenge = _challenge_of(waiting)

    with sandbox.account.transaction():
        answer_challenge(sandbox.account, challenge, passed=True)
        # A second press of the button changes nothing.
        answer_challenge(sandbox.account, challenge, passed=False)

    paid = await client.v1.payment_intents.retrieve_async(waiting.id, {"expand": ["latest_charge"]})
    assert paid.status == "succeeded"
    assert paid.latest_charge.payment_method_details.card.three_d_secure.result == "authenticated"
    address = return_address(sandbox.account, challenge)
    assert address.startswith(f"{RETURN_URL}&payment_intent={waiting.id}")
    assert address.endswith("redirect_status=succeeded")
    assert "payment_intent.requires_action" in await _types(client)


async def test_a_failed_challenge_charges_nothing(client, sandbox):
    waiting = await _pay(client, "pm_card_threeDSecure2Required", return_url=RETURN_URL)

    with sandbox.account.transaction():
        answer_challenge(sandbox.account, _challenge_of(waiting), passed=False)

    intent = await client.v1.payment_intents.retrieve_async(waiting.id)
    assert (intent.status, intent.latest_charge) == ("requires_payment_method", None)
    assert intent.last_payment_error.code == "payment_intent_authentication_failure"


async def test_a_card_may_be_declined_after_its_challenge(client, sandbox):
    method = "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds"
    waiting = await _pay(client, method, return_url=RETURN_URL)

    with sandbox.account.transaction():
        answer_challenge(sandbox.account, _challenge_of(waiting), passed=True)

    intent = await client.v1.payment_intents.retrieve_async(waiting.id)
    assert intent.last_payment_error.decline_code == "insufficient_funds"


async def test_a_challenge_of_a_cancelled_intent_does_not_pay(client, sandbox):
    waiting = await _pay(client, "pm_card_authenticationRequired", return_url=RETURN_URL)
    await client.v1.payment_intents.cancel_async(waiting.id)

    with sandbox.account.transaction():
        answer_challenge(sandbox.account, _challenge_of(waiting), passed=True)

    assert (await client.v1.payment_intents.retrieve_async(waiting.id)).status == "canceled"


async def test_without_the_customer_a_card_that_wants_authentication_is_declined(client):
    customer = await client.v1.customers.create_async({})
    method = await client.v1.payment_methods.attach_async("pm_card_authenticationRequired", {"customer": customer.id})

    with pytest.raises(stripe.CardError) as decline:
        await _pay(client, method.id, customer=customer.id, off_session=True)

    assert decline.value.code == "authentication_required"


async def test_a_card_set_up_with_authentication_pays_without_it_later(client, sandbox):
    customer = await client.v1.customers.create_async({})
    first = await _pay(
        client,
        "pm_card_authenticationRequiredOnSetup",
        customer=customer.id,
        setup_future_usage="off_session",
        return_url=RETURN_URL,
    )
    with sandbox.account.transaction():
        answer_challenge(sandbox.account, _challenge_of(first), passed=True)

    [saved] = (await client.v1.customers.payment_methods.list_async(customer.id)).data
    later = await _pay(client, saved.id, customer=customer.id, off_session=True)

    assert later.status == "succeeded"


async def test_manual_capture_takes_part_and_releases_the_rest(client):
    intent = await _pay(client, "pm_card_visa", capture_method="manual")
    assert (intent.status, intent.amount_capturable) == ("requires_capture", 2500)

    paid = await client.v1.payment_intents.capture_async(intent.id, {"amount_to_capture": 2000})

    assert (paid.status, paid.amount_received, paid.amount_capturable) == ("succeeded", 2000, 0)
    charge = await client.v1.charges.retrieve_async(paid.latest_charge)
    assert (charge.amount_captured, charge.amount_refunded, charge.refunded) == (2000, 500, False)


async def test_more_than_was_authorized_cannot_be_captured(client):
    intent = await _pay(client, "pm_card_visa", capture_method="manual")

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await client.v1.payment_intents.capture_async(intent.id, {"amount_to_capture": 2501})

    assert refusal.value.code == "amount_too_large"


async def test_an_authorization_can_be_raised_where_it_was_asked_for(client):
    options = {"card": {"request_incremental_authorization": "if_available"}}
    intent = await _pay(client, "pm_card_visa", capture_method="manual", payment_method_options=options)

    raised = await client.v1.payment_intents.increment_authorization_async(intent.id, {"amount": 3000})
    paid = await client.v1.payment_intents.capture_async(intent.id)

    assert raised.amount_capturable == 3000
    assert paid.amount_received == 3000


async def test_cancelling_gives_back_what_was_authorized(client):
    intent = await _pay(client, "pm_card_visa", capture_method="manual")

    cancelled = await client.v1.payment_intents.cancel_async(intent.id, {"cancellation_reason": "duplicate"})

    assert (cancelled.status, cancelled.cancellation_reason) == ("canceled", "duplicate")
    charge = await client.v1.charges.retrieve_async(cancelled.latest_charge)
    assert charge.refunded is True


async def test_a_paid_intent_cannot_be_cancelled(client):
    intent = await _pay(client, "pm_card_visa")

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await client.v1.payment_intents.cancel_async(intent.id)

    assert refusal.value.code == "payment_intent_unexpected_state"


async def test_where_a_redirect_is_possible_the_way_back_must_be_known(client):
    with pytest.raises(stripe.InvalidRequestError, match="return_url"):
        await client.v1.payment_intents.create_async(
            {"amount": 2500, "currency": "eur", "confirm": True, "payment_method": "pm_card_visa"}
        )


async def test_an_unsaved_card_can_be_used_once(client):
    method = await client.v1.payment_methods.create_async({"type": "card", "card": {"token": "tok_visa"}})
    await _pay(client, method.id)

    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        await _pay(client, method.id)


async def test_a_customers_card_is_for_that_customer_alone(client):
    customer = await client.v1.customers.create_async({})
    method = await client.v1.payment_methods.attach_async("pm_card_visa", {"customer": customer.id})

    with pytest.raises(stripe.InvalidRequestError, match="customer"):
        await _pay(client, method.id)


async def test_an_ordered_decline_comes_once(client, wire):
    await wire.control("outcomes", {"declines": ["insufficient_funds"]})

    with pytest.raises(stripe.CardError):
        await _pay(client, "pm_card_visa")
    assert (await _pay(client, "pm_card_visa")).status == "succeeded"


async def test_intents_are_listed_and_searched(client):
    intent = await _pay(client, "pm_card_visa", metadata={"payment": "p1"})
    await _pay(client, "pm_card_visa")

    found = await client.v1.payment_intents.search_async({"query": 'metadata["payment"]:"p1" AND amount>100'})
    listed = await client.v1.payment_intents.list_async({"limit": 1})

    assert [hit.id for hit in found.data] == [intent.id]
    assert listed.has_more is True
