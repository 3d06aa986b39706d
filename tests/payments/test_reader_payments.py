"""Payments on a card reader, against the sandbox: asked for, presented, declined, and what the reader reports."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from cashier.books.payment import InvoiceHold, PaymentState
from cashier.errors import Refused
from cashier.money import Money
from cashier.stripe_gateway.webhooks import notice_of
from cashier.tenders.tender import Tender
from tests.surroundings import sample_hospital
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.card_reader import charged, reader_order

pytestmark = pytest.mark.both_databases


def intent_of(sandbox, view):
    return sandbox.ask(f"/v1/payment_intents/{view.stripe_intent_id}?expand[]=latest_charge")


async def holds(services):
    async with services.database.reading() as session:
        return list((await session.execute(sa.select(InvoiceHold))).scalars())


async def test_the_reader_asks_for_the_card_as_soon_as_the_payment_is_begun(
    services, hospital, sandbox, reader, tender
):
    view = await services.payments.begin(reader_order(hospital, reader, tender=tender), hospital.cashier)

    assert (view.state, view.decline, view.reader_label) == (PaymentState.OPEN, None, "Counter")
    assert reader.asks_for == view.stripe_intent_id
    kind = {Tender.READER: "card_present", Tender.KEYED: "card"}[tender]
    assert intent_of(sandbox, view)["allowed_payment_method_types"] == [kind]


async def test_a_presented_card_pays_and_its_brand_is_kept(services, hospital, sandbox, reader, tender):
    begun = await services.payments.begin(reader_order(hospital, reader, tender=tender), hospital.cashier)
    reader.present()

    paid = await services.payments.refresh(begun.id)

    assert (paid.state, paid.card_brand, paid.card_last_four) == (PaymentState.PAID, "visa", "4242")
    assert paid.receipt_number == "T-D1-000001"
    details = intent_of(sandbox, paid)["latest_charge"]["payment_method_details"]
    assert (details["type"] == "card" and details["card"]["moto"]) == (tender is Tender.KEYED)
    assert await holds(services) == []
    assert await contradictions_in(services.database) == []


async def test_nothing_but_the_amount_and_neutral_words_leave_for_the_reader(services, hospital, sandbox, reader):
    await services.payments.begin(reader_order(hospital, reader), hospital.cashier)

    said = "".join(each["request_body"] for each in sandbox.exchanges() if each["path"].startswith("/v1/payment_"))

    assert "Hospital+services" in said
    for private in ("Ana", "N%C3%BA", "MRN", sample_hospital.DUE, "Radiology", "Ultrasound"):
        assert private not in said


async def test_the_same_order_again_asks_for_the_same_payment(services, hospital, sandbox, reader):
    order = reader_order(hospital, reader)

    first = await services.payments.begin(order, hospital.cashier)
    second = await services.payments.begin(order, hospital.cashier)

    assert first.stripe_intent_id == second.stripe_intent_id
    assert len(sandbox.ask("/v1/payment_intents")["data"]) == 1
    told = [each for each in sandbox.exchanges() if each["path"].endswith("/process_payment_intent")]
    assert len(told) == 1


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("visa_chargeDeclinedLostCard", "lost_card"),
        ("chargeDeclinedExpiredCard", "expired_card"),
        ("visa_chargeDeclined", "generic_decline"),
    ],
)
async def test_a_decline_has_the_banks_reason_and_another_card_may_be_tried(
    services, hospital, sandbox, reader, tender, card, code
):
    begun = await services.payments.begin(reader_order(hospital, reader, tender=tender), hospital.cashier)
    reader.present(card)

    declined = await services.payments.refresh(begun.id)
    again = await services.payments.ask_reader(begun.id, hospital.cashier)
    while_asking = await services.payments.refresh(begun.id)
    reader.present("mastercard")
    paid = await services.payments.refresh(begun.id)

    assert (declined.state, declined.decline.code) == (PaymentState.OPEN, code)
    assert (again.decline, while_asking.decline) == (None, None)
    assert (paid.state, paid.card_brand, paid.decline) == (PaymentState.PAID, "mastercard", None)
    assert charged(sandbox) == [12_000]


async def test_the_reader_says_declined_although_stripe_charged_and_the_payment_is_paid(
    services, hospital, sandbox, reader, tender
):
    begun = await services.payments.begin(reader_order(hospital, reader, tender=tender), hospital.cashier)
    reader.order(reports="card_declined")
    reader.present()
    assert reader.action["status"] == "failed"

    view = await services.payments.refresh(begun.id)

    assert (view.state, view.decline) == (PaymentState.PAID, None)
    assert charged(sandbox) == [12_000]


async def test_a_lost_connection_after_the_charge_is_paid_also_when_it_is_cancelled(
    services, hospital, sandbox, reader
):
    begun = await services.payments.begin(reader_order(hospital, reader), hospital.cashier)
    reader.order(reports="connection_error")
    reader.present()

    view = await services.payments.cancel(begun.id, hospital.cashier)

    assert view.state is PaymentState.PAID
    assert charged(sandbox) == [12_000]


async def test_the_patient_may_cancel_on_the_reader_and_be_asked_again(services, hospital, reader):
    begun = await services.payments.begin(reader_order(hospital, reader), hospital.cashier)
    reader.order(customer_cancels=True)

    cancelled = await services.payments.refresh(begun.id)
    await services.payments.ask_reader(begun.id, hospital.cashier)

    assert (cancelled.state, cancelled.decline.code) == (PaymentState.OPEN, "customer_canceled")
    assert reader.asks_for == begun.stripe_intent_id


async def test_a_reader_that_is_offline_says_so_and_can_be_asked_when_it_is_back(services, hospital, reader):
    reader.order(status="offline")

    offline = await services.payments.begin(reader_order(hospital, reader), hospital.cashier)
    still = await services.payments.refresh(offline.id)
    reader.order(status="online")
    back = await services.payments.refresh(offline.id)
    await services.payments.ask_reader(offline.id, hospital.cashier)

    assert (offline.state, offline.decline.code) == (PaymentState.OPEN, "terminal_reader_offline")
    assert (still.decline.code, back.decline.code) == ("terminal_reader_offline", "reader_not_asked")
    assert reader.asks_for == offline.stripe_intent_id


async def test_a_reader_that_goes_offline_while_it_asks_says_so(services, hospital, reader):
    begun = await services.payments.begin(reader_order(hospital, reader), hospital.cashier)
    reader.order(status="offline")

    view = await services.payments.refresh(begun.id)

    assert view.decline.code == "terminal_reader_offline"


@pytest.mark.parametrize(("course", "code"), [("received", None), ("lost", "reader_not_asked")])
async def test_a_command_that_timed_out_may_have_arrived_and_the_next_look_tells(
    services, hospital, reader, course, code
):
    reader.order(timeouts=[course])

    begun = await services.payments.begin(reader_order(hospital, reader), hospital.cashier)
    looked_at = await services.payments.refresh(begun.id)

    assert (begun.state, begun.decline.code) == (PaymentState.OPEN, "terminal_reader_timeout")
    assert (looked_at.decline and looked_at.decline.code) == code


async def test_a_reader_that_timed_out_can_be_asked_again(services, hospital, sandbox, reader):
    reader.order(timeouts=["lost", "received"])
    begun = await services.payments.begin(reader_order(hospital, reader), hospital.cashier)

    await services.payments.ask_reader(begun.id, hospital.cashier)
    reader.present()

    assert (await services.payments.refresh(begun.id)).state is PaymentState.PAID
    assert charged(sandbox) == [12_000]


async def test_a_reader_that_left_stripes_account_can_only_be_cancelled(services, hospital, sandbox, reader):
    begun = await services.payments.begin(reader_order(hospital, reader), hospital.cashier)
    await services.gateway.terminal.remove(reader.stripe_id)

    asked = await services.payments.ask_reader(begun.id, hospital.cashier)
    cancelled = await services.payments.cancel(begun.id, hospital.cashier)

    assert asked.decline.code == "terminal_reader_offline"
    assert cancelled.state is PaymentState.CANCELLED
    assert charged(sandbox) == []


async def test_a_removed_reader_takes_no_payment(services, hospital, sandbox, reader):
    await services.readers.remove(reader.id, hospital.administrator)

    with pytest.raises(Refused, match="does not belong to this desk"):
        await services.payments.begin(reader_order(hospital, reader), hospital.cashier)

    assert sandbox.ask("/v1/payment_intents")["data"] == []


async def test_another_desks_reader_is_refused(services, hospital, reader):
    with pytest.raises(Refused, match="does not belong to this desk"):
        await services.payments.begin(reader_order(hospital, reader), hospital.colleague)


async def test_a_shown_amount_makes_way_for_the_payment(services, hospital, reader, tender):
    await services.readers.show_amount(reader.id, Money(12_000, "EUR"))

    begun = await services.payments.begin(reader_order(hospital, reader, tender=tender), hospital.cashier)

    assert reader.asks_for == begun.stripe_intent_id


async def test_what_the_reader_reports_by_webhook_leads_to_its_payment(services, hospital, sandbox, reader):
    begun = await services.payments.begin(reader_order(hospital, reader), hospital.cashier)
    reader.present("visa_chargeDeclinedInsufficientFunds")
    events = sandbox.ask("/v1/events?type=terminal.reader.action_failed")["data"]

    await services.inbox.store([notice_of(event) for event in events])
    done = await services.inbox.process_waiting()

    view = await services.payments.view(begun.id)
    assert (len(events), done, view.decline.code) == (1, 1, "insufficient_funds")
