"""Refunds: what may go back, and what becomes of it later."""

from __future__ import annotations

import pytest

METHODS = {"automatic_payment_methods[enabled]": "true", "automatic_payment_methods[allow_redirects]": "never"}


async def _paid(wire, card="pm_card_visa", amount=2500, **more: str):
    form = {"amount": str(amount), "currency": "eur", "confirm": "true", "payment_method": card, **METHODS, **more}
    intent = (await wire.post("/v1/payment_intents", form)).body
    assert intent["status"] in ("succeeded", "requires_capture"), intent
    return intent


async def _refund(wire, intent, **form: str):
    return await wire.post("/v1/refunds", {"payment_intent": intent["id"], **form})


async def _charge(wire, intent):
    return (await wire.get(f"/v1/charges/{intent['latest_charge']}?expand[]=refunds")).body


async def _event_types(wire):
    return [event["type"] for event in (await wire.get("/v1/events?limit=100")).body["data"]]


async def test_a_full_refund_gives_everything_back(wire):
    intent = await _paid(wire)

    refund = (await _refund(wire, intent, reason="requested_by_customer", **{"metadata[case]": "7"})).body

    charge = await _charge(wire, intent)
    movement = (await wire.get(f"/v1/balance_transactions/{refund['balance_transaction']}")).body
    assert (refund["amount"], refund["status"], refund["currency"]) == (2500, "succeeded", "eur")
    assert (refund["reason"], refund["metadata"]) == ("requested_by_customer", {"case": "7"})
    assert (charge["amount_refunded"], charge["refunded"]) == (2500, True)
    assert [r["id"] for r in charge["refunds"]["data"]] == [refund["id"]]
    assert (movement["type"], movement["amount"], movement["net"]) == ("refund", -2500, -2500)
    assert movement["source"] == refund["id"]
    assert {"refund.created", "charge.refunded"} <= set(await _event_types(wire))


async def test_parts_can_be_refunded_up_to_the_remainder(wire):
    intent = await _paid(wire)

    first = await _refund(wire, intent, amount="1000")
    too_much = await _refund(wire, intent, amount="1501")
    rest = await _refund(wire, intent)
    again = await _refund(wire, intent)

    assert (first.status, rest.status, rest.body["amount"]) == (200, 200, 1500)
    assert (too_much.status, too_much.error["param"]) == (400, "amount")
    assert too_much.error["message"] == (
        "Refund amount (15.01 €) is greater than unrefunded amount on charge (15.00 €)"
    )
    assert (again.status, again.error["code"]) == (400, "charge_already_refunded")
    assert (await _charge(wire, intent))["refunded"] is True


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ({}, None),
        ({"charge": "ch_none"}, "charge"),
        ({"payment_intent": "pi_none"}, "payment_intent"),
        ({"charge": "ch_1", "payment_intent": "pi_1"}, None),
        ({"charge": "ch_none", "reason": "bored"}, None),
        ({"charge": "ch_none", "reverse_transfer": "true"}, "reverse_transfer"),
    ],
)
async def test_a_refund_of_nothing_is_refused(wire, form, param):
    answer = await wire.post("/v1/refunds", form)

    assert answer.status == 400
    assert param is None or answer.error["param"] == param


@pytest.mark.parametrize("amount", ["0", "-5", "ten"])
async def test_a_senseless_amount_is_refused(wire, amount):
    answer = await _refund(wire, await _paid(wire), amount=amount)

    assert (answer.status, answer.error["code"]) == (400, "parameter_invalid_integer")


async def test_an_intent_that_is_not_paid_cannot_be_refunded(wire):
    intent = (await wire.post("/v1/payment_intents", {"amount": "900", "currency": "usd"})).body

    answer = await _refund(wire, intent)

    assert answer.status == 400
    assert "does not have a successful charge to refund" in answer.error["message"]


async def test_an_uncaptured_intent_is_cancelled_not_refunded(wire):
    intent = await _paid(wire, capture_method="manual")

    by_intent = await _refund(wire, intent)
    by_charge = await wire.post("/v1/refunds", {"charge": intent["latest_charge"]})

    assert by_intent.status == by_charge.status == 400
    assert "Cancel it instead" in by_charge.error["message"]
    assert (await wire.get(f"/v1/payment_intents/{intent['id']}")).body["status"] == "requires_capture"


async def test_an_uncaptured_charge_is_released_in_full_only(wire):
    charge = (await wire.post("/v1/charges", {"amount": "700", "currency": "usd", "source": "tok_visa",
                                              "capture": "false"})).body  # fmt: skip

    part = await wire.post("/v1/refunds", {"charge": charge["id"], "amount": "300"})
    whole = await wire.post("/v1/refunds", {"charge": charge["id"]})

    assert part.status == 400
    assert (whole.status, whole.body["balance_transaction"]) == (200, None)


async def test_the_rest_of_a_partial_capture_cannot_be_refunded_twice(wire):
    intent = await _paid(wire, capture_method="manual")
    await wire.post(f"/v1/payment_intents/{intent['id']}/capture", {"amount_to_capture": "2000"})

    answer = await _refund(wire, intent, amount="2001")
    captured = await _refund(wire, intent, amount="2000")

    assert (answer.status, captured.status) == (400, 200)


async def test_a_refund_that_fails_later_can_be_made_again(wire):
    intent = await _paid(wire, "pm_card_refundFail")
    refund = (await _refund(wire, intent)).body
    assert refund["status"] == "succeeded"

    await wire.control("clock", {"advance_seconds": 60})

    failed = (await wire.get(f"/v1/refunds/{refund['id']}?expand[]=failure_balance_transaction")).body
    charge = await _charge(wire, intent)
    assert (failed["status"], failed["failure_reason"]) == ("failed", "expired_or_canceled_card")
    assert failed["failure_balance_transaction"]["amount"] == 2500
    assert failed["failure_balance_transaction"]["type"] == "refund_failure"
    assert (charge["amount_refunded"], charge["refunded"]) == (0, False)
    assert {"refund.failed", "charge.refund.updated"} <= set(await _event_types(wire))
    assert (await _refund(wire, intent)).status == 200


async def test_a_refund_that_is_told_to_fail_at_once_says_so_in_its_answer_and_leaves_the_charge_whole(wire):
    intent = await _paid(wire)
    await wire.control("outcomes", {"refunds": ["fails_at_once"]})

    failed = (await _refund(wire, intent)).body

    charge = await _charge(wire, intent)
    assert (failed["status"], failed["failure_reason"]) == ("failed", "declined")
    assert (charge["amount_refunded"], charge["refunded"]) == (0, False)
    assert "refund.failed" in await _event_types(wire)
    assert (await _refund(wire, intent)).body["status"] == "succeeded"


async def test_a_pending_refund_succeeds_later(wire):
    refund = (await _refund(wire, await _paid(wire, "pm_card_pendingRefund"))).body
    assert (refund["status"], refund["pending_reason"]) == ("pending", "processing")

    await wire.control("clock", {"advance_seconds": 60})

    assert (await wire.get(f"/v1/refunds/{refund['id']}")).body["status"] == "succeeded"
    assert "refund.updated" in await _event_types(wire)


async def test_the_bank_names_its_reference_days_later(wire):
    refund = (await _refund(wire, await _paid(wire))).body
    assert refund["destination_details"]["card"]["reference_status"] == "pending"

    await wire.control("clock", {"advance_seconds": 4 * 24 * 60 * 60})

    card = (await wire.get(f"/v1/refunds/{refund['id']}")).body["destination_details"]["card"]
    assert card["reference_status"] == "available"
    assert card["reference"].isdigit()


async def test_only_a_refund_that_waits_can_be_cancelled_or_expire(wire):
    intent = await _paid(wire)
    await wire.control("outcomes", {"refunds": ["requires_action", "requires_action"]})
    first = (await _refund(wire, intent, amount="100", instructions_email="a@example.com")).body
    second = (await _refund(wire, intent, amount="200")).body
    sent = (await _refund(wire, intent, amount="300")).body

    cancelled = await wire.post(f"/v1/refunds/{first['id']}/cancel")
    expired = await wire.post(f"/v1/test_helpers/refunds/{second['id']}/expire")
    refused = await wire.post(f"/v1/refunds/{sent['id']}/cancel")

    assert first["next_action"]["type"] == "display_details"
    assert (cancelled.body["status"], expired.body["status"]) == ("canceled", "failed")
    assert refused.status == 400
    assert (await _charge(wire, intent))["amount_refunded"] == 300


async def test_the_sdk_makes_lists_and_changes_refunds(client, wire):
    intent, other = await _paid(wire), await _paid(wire)
    refund = await client.v1.refunds.create_async({"payment_intent": intent["id"], "amount": 50})
    await client.v1.refunds.create_async({"charge": other["latest_charge"]})

    changed = await client.v1.refunds.update_async(refund.id, {"metadata": {"desk": "3"}})

    assert changed.metadata.to_dict() == {"desk": "3"}
    assert (await client.v1.refunds.retrieve_async(refund.id)).amount == 50
    listed = await client.v1.refunds.list_async({"payment_intent": intent["id"]})
    assert [r.id for r in listed.data] == [refund.id]
    assert len((await client.v1.refunds.list_async({"charge": other["latest_charge"]})).data) == 1


async def test_a_repeated_refund_with_its_key_is_one_refund(wire):
    intent = await _paid(wire)

    first = await wire.post("/v1/refunds", {"payment_intent": intent["id"], "amount": "100"}, Idempotency_Key="k1")
    again = await wire.post("/v1/refunds", {"payment_intent": intent["id"], "amount": "100"}, Idempotency_Key="k1")

    assert first.body == again.body
    assert (await _charge(wire, intent))["amount_refunded"] == 100
