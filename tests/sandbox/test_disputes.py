"""Disputes: money that a bank takes back."""

from __future__ import annotations

import pytest

METHODS = {"automatic_payment_methods[enabled]": "true", "automatic_payment_methods[allow_redirects]": "never"}


async def _disputed(wire, card="pm_card_createDispute"):
    form = {"amount": "5000", "currency": "usd", "confirm": "true", "payment_method": card, **METHODS}
    intent = (await wire.post("/v1/payment_intents", form)).body
    assert intent["status"] == "succeeded"
    [dispute] = (await wire.get(f"/v1/disputes?payment_intent={intent['id']}")).body["data"]
    return intent, dispute


async def _event_types(wire):
    return [event["type"] for event in (await wire.get("/v1/events?limit=100")).body["data"]]


async def _evidence(wire, dispute, text, **form: str):
    return await wire.post(f"/v1/disputes/{dispute['id']}", {"evidence[uncategorized_text]": text, **form})


@pytest.mark.parametrize(
    ("card", "reason"),
    [("pm_card_createDispute", "fraudulent"), ("pm_card_createDisputeProductNotReceived", "product_not_received")],
)
async def test_a_dispute_takes_the_money_and_a_fee(wire, card, reason):
    intent, dispute = await _disputed(wire, card)

    charge = (await wire.get(f"/v1/charges/{intent['latest_charge']}")).body
    [movement] = dispute["balance_transactions"]
    assert (dispute["status"], dispute["reason"], dispute["amount"]) == ("needs_response", reason, 5000)
    assert (movement["type"], movement["amount"], movement["fee"], movement["net"]) == (
        "adjustment",
        -5000,
        1500,
        -6500,
    )
    assert charge["disputed"] is True
    assert {"charge.dispute.created", "charge.dispute.funds_withdrawn"} <= set(await _event_types(wire))


async def test_a_disputed_charge_cannot_be_refunded(wire):
    intent, _ = await _disputed(wire)

    answer = await wire.post("/v1/refunds", {"payment_intent": intent["id"]})

    assert (answer.status, answer.error["code"]) == (400, "charge_disputed")


@pytest.mark.parametrize(
    ("word", "status", "movements"), [("winning_evidence", "won", 2), ("losing_evidence", "lost", 1)]
)
async def test_evidence_decides(wire, word, status, movements):
    _, dispute = await _disputed(wire)

    submitted = await _evidence(wire, dispute, word)
    await wire.control("clock", {"advance_seconds": 60})

    decided = (await wire.get(f"/v1/disputes/{dispute['id']}")).body
    total = sum(movement["net"] for movement in decided["balance_transactions"])
    assert submitted.body["status"] == "under_review"
    assert (decided["status"], len(decided["balance_transactions"])) == (status, movements)
    assert total == (0 if status == "won" else -6500)
    types = await _event_types(wire)
    assert "charge.dispute.closed" in types
    assert ("charge.dispute.funds_reinstated" in types) == (status == "won")


async def test_staged_evidence_waits_for_its_submission(wire):
    _, dispute = await _disputed(wire)

    staged = (await _evidence(wire, dispute, "a letter", submit="false")).body
    submitted = (await wire.post(f"/v1/disputes/{dispute['id']}", {"submit": "true"})).body
    late = await _evidence(wire, dispute, "another letter")

    assert (staged["status"], staged["evidence_details"]["has_evidence"]) == ("needs_response", True)
    assert (submitted["status"], submitted["evidence_details"]["submission_count"]) == ("under_review", 1)
    assert late.status == 400


async def test_a_dispute_that_is_accepted_or_not_answered_is_lost(wire):
    _, accepted = await _disputed(wire)
    _, forgotten = await _disputed(wire)

    closed = await wire.post(f"/v1/disputes/{accepted['id']}/close")
    again = await wire.post(f"/v1/disputes/{accepted['id']}/close")
    await wire.control("clock", {"advance_seconds": 10 * 24 * 60 * 60})

    assert (closed.body["status"], again.status) == ("lost", 400)
    lost = (await wire.get(f"/v1/disputes/{forgotten['id']}")).body
    assert (lost["status"], lost["evidence_details"]["past_due"]) == ("lost", True)


async def test_an_inquiry_takes_no_money_until_it_escalates(wire):
    intent, inquiry = await _disputed(wire, "pm_card_createDisputeInquiry")
    assert (inquiry["status"], inquiry["balance_transactions"]) == ("warning_needs_response", [])
    assert inquiry["is_charge_refundable"] is True

    await _evidence(wire, inquiry, "escalate_inquiry_evidence")
    await wire.control("clock", {"advance_seconds": 60})

    escalated = (await wire.get(f"/v1/disputes/{inquiry['id']}")).body
    assert (escalated["status"], len(escalated["balance_transactions"])) == ("needs_response", 1)
    refused = await wire.post("/v1/refunds", {"payment_intent": intent["id"]})
    assert refused.error["code"] == "charge_disputed"


async def test_an_inquiry_can_be_answered_by_a_refund(wire):
    intent, _ = await _disputed(wire, "pm_card_createDisputeInquiry")

    assert (await wire.post("/v1/refunds", {"payment_intent": intent["id"]})).status == 200


async def test_a_bank_may_warn_of_fraud(wire):
    form = {"amount": "5000", "currency": "usd", "confirm": "true",
            "payment_method": "pm_card_createIssuerFraudRecord", **METHODS}  # fmt: skip
    await wire.post("/v1/payment_intents", form)

    assert "radar.early_fraud_warning.created" in await _event_types(wire)


async def test_the_sdk_reads_and_answers_disputes(client, wire):
    intent, dispute = await _disputed(wire)

    await client.v1.disputes.update_async(dispute["id"], {"metadata": {"desk": "3"}})

    found = await client.v1.disputes.retrieve_async(dispute["id"], {"expand": ["charge"]})
    listed = await client.v1.disputes.list_async({"charge": intent["latest_charge"]})
    assert (found.metadata.to_dict(), found.charge.id) == ({"desk": "3"}, intent["latest_charge"])
    assert found.status == "needs_response"
    assert [d.id for d in listed.data] == [dispute["id"]]
